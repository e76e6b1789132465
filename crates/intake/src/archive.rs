//! Archives: many files in one. Their names are not trusted, nor are their sizes.

mod header;
mod tar;
mod zip;

pub(crate) use tar::Tar;
pub(crate) use zip::Zip;

use crate::{
    kind::{Kind, READABLE},
    place::Place,
    plan::is_hidden,
    provenance::Origin,
    read,
    stop::{Done, Fault, Out},
};
use std::io::Read;

/// A name as a path: with `/` between plain parts. None when it is absolute, climbs, or holds control characters.
fn safe(name: &str) -> Option<String> {
    let path = name.replace('\\', "/");
    let path = path.trim_start_matches("./").to_owned();
    let plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(char::is_control);
    let drive = path.as_bytes().get(1) == Some(&b':');
    (!drive && path.split('/').all(plain)).then_some(path)
}

/// A name that can't be a path, as it is shown.
fn shown(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// An entry with its name already made safe.
struct Entry<'a> {
    /// Path in the input.
    path: &'a str,
    /// Path in the archive.
    inner: &'a str,
    /// Its bytes as packed in the archive, or as they are.
    bytes: u64,
    origin: &'a Origin,
}

impl Entry<'_> {
    /// Reads the entry. What is broken in it is reported here.
    fn read(&self, reader: impl Read, level: u32, out: &mut Out<'_>) -> Done {
        let done = self.content(reader, level, out);
        out.absorb(self.path, done)
    }

    fn content(&self, reader: impl Read, level: u32, out: &mut Out<'_>) -> Done {
        if is_hidden(self.inner) {
            return Err(Fault::new("hidden", "hidden files are not read").into());
        }
        let kind = Kind::of(self.inner).ok_or_else(|| {
            Fault::new("kind_unknown", format!("files of this kind are not read; {READABLE}"))
                .sized(self.bytes as usize)
        })?;
        let place = Place { path: self.path, origin: self.origin };
        read::content(kind, reader, self.bytes, &place, &format!("{}/", self.path), level + 1, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["/etc/passwd", "../a", "a/../b", "a//b", "c:\\x", "a\nb", "", "a/"] {
            assert_eq!(safe(name), None, "{name}");
        }
        assert_eq!(safe("./a\\b.txt").as_deref(), Some("a/b.txt"));
    }
}
