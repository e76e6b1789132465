//! Places in a piece that no merge reaches across: what stands on both sides can be merged, and remembered,
//! alone, and gives the same tokens.
//!
//! A merge that reaches across the place between two characters makes a token in which both, or parts of
//! both, are neighbours. So all neighbours in all such tokens are noted; a place between two characters that
//! were not is a seam. Noting too much (the sets below are approximate) costs speed and never a token.

/// Which characters are neighbours in some token.
#[derive(Debug)]
pub(crate) struct Seams {
    /// A set of pairs of characters, by one hash each.
    whole: Vec<u64>,
    shift: u32,
    /// Where one of the two is in the token with some of its bytes only: last byte and first byte.
    partial: Box<[[u64; 4]; 256]>,
}

impl Seams {
    /// Seams between what `tokens`, all that merges make, hold together.
    pub fn new<'t>(tokens: impl Iterator<Item = &'t [u8]> + Clone) -> Self {
        let neighbours: usize = tokens.clone().map(|token| token.len().saturating_sub(1)).sum();
        let bits = (neighbours * 16).next_power_of_two().clamp(1 << 12, 1 << 23);
        let shift = 64 - bits.trailing_zeros();
        let mut seams = Self { whole: vec![0; bits / 64], shift, partial: Box::new([[0; 4]; 256]) };
        for token in tokens {
            (1..token.len()).filter(|at| !is_inside(token[*at])).for_each(|at| seams.note(token, at));
        }
        seams
    }

    fn note(&mut self, token: &[u8], at: usize) {
        let begin = (0..at).rev().find(|begin| !is_inside(token[*begin]));
        let left = begin.and_then(|begin| whole_char(&token[begin..at]));
        let right = token.get(at..at + width(token[at])).and_then(whole_char);
        match (left, right) {
            (Some(left), Some(right)) => {
                let bit = self.bit(left, right);
                self.whole[bit / 64] |= 1 << (bit % 64);
            }
            _ => {
                self.partial[usize::from(token[at - 1])][usize::from(token[at] >> 6)] |= 1 << (token[at] & 63)
            }
        }
    }

    #[inline(always)]
    fn bit(&self, left: char, right: char) -> usize {
        let key = u64::from(u32::from(left)) << 32 | u64::from(u32::from(right));
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// Calls `each` with start and end of all parts of `piece` between seams; places beside characters that
    /// are not `known` are none, for such characters may vanish or become one with the next.
    #[inline]
    pub fn each(&self, piece: &str, known: impl Fn(char) -> bool, mut each: impl FnMut(usize, usize)) {
        let bytes = piece.as_bytes();
        let (mut begin, mut left) = (0, None);
        for (at, right) in piece.char_indices() {
            if let Some(left) = left {
                let bit = self.bit(left, right);
                let first = bytes[at];
                let partial =
                    self.partial[usize::from(bytes[at - 1])][usize::from(first >> 6)] >> (first & 63);
                let joins = self.whole[bit / 64] >> (bit % 64) | partial;
                if joins & 1 == 0 && known(left) && known(right) {
                    each(begin, at);
                    begin = at;
                }
            }
            left = Some(right);
        }
        if begin < piece.len() {
            each(begin, piece.len());
        }
    }
}

/// Whether a byte stands inside a character.
fn is_inside(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

fn width(lead: u8) -> usize {
    match lead {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    }
}

fn whole_char(bytes: &[u8]) -> Option<char> {
    let mut chars = std::str::from_utf8(bytes).ok()?.chars();
    chars.next().filter(|_| chars.as_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seams_are_where_no_token_reaches() {
        let tokens = ["the", "中国", "cat"].map(str::as_bytes);
        let broken: &[u8] = &[0x9b, 0xbd, b'x'];
        let seams = Seams::new(tokens.into_iter().chain([broken]));
        let mut parts = Vec::new();
        let text = "thecat中国中国国x中?";
        seams.each(text, |c| c != '?', |start, end| parts.push(&text[start..end]));
        assert_eq!(parts, ["the", "cat", "中国", "中国", "国x", "中?"]);
    }
}
