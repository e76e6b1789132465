//! The first symbols of a piece, before anything is merged.

use foldhash::HashMap;

/// No symbol.
const NONE: u32 = u32::MAX;

/// From text to first symbols.
#[derive(Debug)]
pub(crate) enum Alphabet {
    /// One symbol for each byte; bytes without one become `unknown`, or nothing.
    Bytes { ids: Box<[u32; 256]>, unknown: Unknown },
    /// One for each character; others become their bytes' symbols, `unknown`, or nothing.
    Characters { low: Vec<u32>, high: HashMap<char, u32>, bytes: Option<Box<[u32; 256]>>, unknown: Unknown },
}

/// What stands for a character that has no symbol.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unknown {
    /// Its symbol; without one such characters vanish.
    pub id: Option<u32>,
    /// Neighbours share one symbol.
    pub is_fused: bool,
}

impl Alphabet {
    /// Symbols of single bytes.
    pub fn bytes(found: impl IntoIterator<Item = (u8, u32)>, unknown: Unknown) -> Self {
        Self::Bytes { ids: by_byte(found), unknown }
    }

    /// Symbols of characters, and of bytes as a fallback.
    pub fn characters(
        found: impl IntoIterator<Item = (char, u32)>,
        bytes: Option<Vec<(u8, u32)>>,
        unknown: Unknown,
    ) -> Self {
        let (mut low, mut high) = (vec![NONE; 0x1_0000], HashMap::default());
        for (c, id) in found {
            match low.get_mut(c as usize) {
                Some(place) => *place = id,
                None => drop(high.insert(c, id)),
            }
        }
        Self::Characters { low, high, bytes: bytes.map(by_byte), unknown }
    }

    /// Whether a character has symbols of its own, so that it is never unknown.
    #[inline]
    pub fn knows(&self, c: char) -> bool {
        match self {
            Self::Bytes { ids, .. } => {
                c.encode_utf8(&mut [0; 4]).bytes().all(|byte| ids[usize::from(byte)] != NONE)
            }
            Self::Characters { low, high, bytes, .. } => {
                let id = low.get(c as usize).copied();
                let has_bytes = || match bytes {
                    Some(ids) => {
                        c.encode_utf8(&mut [0; 4]).bytes().all(|byte| ids[usize::from(byte)] != NONE)
                    }
                    None => false,
                };
                id.map_or_else(|| high.contains_key(&c), |id| id != NONE) || has_bytes()
            }
        }
    }

    /// Appends the symbols of `piece`.
    pub fn symbols(&self, piece: &str, symbols: &mut Vec<u32>) {
        let mut gap = Gap::default();
        match self {
            Self::Bytes { ids, unknown } => {
                let all = piece.bytes().map(|byte| ids[usize::from(byte)]);
                if unknown.id.is_none() {
                    symbols.extend(all.filter(|id| *id != NONE));
                    return;
                }
                all.for_each(|id| gap.step(id, *unknown, symbols));
            }
            Self::Characters { low, high, bytes, unknown } => {
                for c in piece.chars() {
                    let id = low.get(c as usize).copied();
                    let id = id.unwrap_or_else(|| high.get(&c).copied().unwrap_or(NONE));
                    if let Some(bytes) = bytes.as_ref().filter(|_| id == NONE) {
                        let mut buffer = [0; 4];
                        let ids = c.encode_utf8(&mut buffer).bytes().map(|byte| bytes[usize::from(byte)]);
                        if ids.clone().all(|id| id != NONE) {
                            symbols.extend(ids);
                            continue;
                        }
                    }
                    gap.step(id, *unknown, symbols);
                }
            }
        }
        symbols.extend(gap.pending);
    }
}

/// An unknown symbol that waits for the next, which it may be one with.
#[derive(Default)]
struct Gap {
    pending: Option<u32>,
}

impl Gap {
    #[inline]
    fn step(&mut self, id: u32, unknown: Unknown, symbols: &mut Vec<u32>) {
        if id != NONE {
            symbols.extend(self.pending.take());
            symbols.push(id);
        } else if !unknown.is_fused {
            symbols.extend(std::mem::replace(&mut self.pending, unknown.id));
        } else {
            self.pending = unknown.id;
        }
    }
}

fn by_byte(found: impl IntoIterator<Item = (u8, u32)>) -> Box<[u32; 256]> {
    let mut ids = Box::new([NONE; 256]);
    for (byte, id) in found {
        ids[usize::from(byte)] = id;
    }
    ids
}
