//! Compressed streams, and how much may come out of them.

use crate::{
    kind::Packing,
    options::Limits,
    stop::{Bomb, Fault},
};
use std::io::{self, BufReader, Read};

/// Reads at most so many bytes; more is a bomb.
pub(crate) struct Bounded<R> {
    reader: R,
    limit: u64,
    left: u64,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(reader: R, limit: u64) -> Self {
        Self { reader, limit, left: limit }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // One byte more than allowed is asked for, so that what ends at the limit is no bomb.
        let most = usize::try_from(self.left.saturating_add(1)).unwrap_or(usize::MAX).min(into.len());
        let read = self.reader.read(&mut into[..most])?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other(Bomb(self.limit)))?;
        Ok(read)
    }
}

/// The unpacked bytes of `reader`, which holds about `packed` bytes.
pub(crate) fn stream<'a>(
    reader: impl Read + 'a,
    packing: Packing,
    packed: u64,
    limits: &Limits,
) -> io::Result<Box<dyn Read + 'a>> {
    let limit = limits.ceiling(packed);
    let reader = || BufReader::with_capacity(256 << 10, reader);
    Ok(match packing {
        Packing::Plain => Box::new(reader()),
        Packing::Gzip => Box::new(Bounded::new(flate2::bufread::MultiGzDecoder::new(reader()), limit)),
        Packing::Zstd => Box::new(Bounded::new(zstd::Decoder::with_buffer(reader())?, limit)),
    })
}

/// All of `reader`, or why not; never more than `limit` bytes.
pub(crate) fn whole(mut reader: impl Read, limit: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    reader.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let text = format!("over the limit of {limit} bytes for one document; split it, or pass it as JSONL");
        return Err(Fault::new("too_large", text).sized(bytes.len()));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_unpacks_to_more_than_allowed_is_a_bomb() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![0; 20 << 20]).unwrap();
        let packed = packer.finish().unwrap();
        let limits = Limits::default();
        let unpacked = stream(&packed[..], Packing::Gzip, packed.len() as u64, &limits).unwrap();
        assert_eq!(whole(unpacked, 64 << 20).unwrap_err().code, "bomb");
        let unpacked = stream(&packed[..], Packing::Gzip, packed.len() as u64, &limits).unwrap();
        assert_eq!(whole(unpacked, 1 << 20).unwrap_err().code, "too_large");
    }

    #[test]
    fn what_ends_at_the_limit_is_none() {
        assert_eq!(whole(Bounded::new(&b"abc"[..], 3), 10).unwrap(), b"abc");
        assert_eq!(whole(Bounded::new(&b"abcd"[..], 3), 10).unwrap_err().code, "bomb");
    }
}
