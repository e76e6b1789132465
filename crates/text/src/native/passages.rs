//! How much of a text repeats: by lines, and by passages wherever they begin.
//!
//! A passage is a window of 36 bytes (12 Han characters). A rolling hash slides over the text; of a long text
//! only a sample of the windows counts, chosen by the hash itself, so that equal passages are chosen
//! together. Where that gives far fewer or far more than it should, the text has few different passages, and
//! its beginning is counted in full.

/// Bytes of a window.
const WINDOW: usize = 36;
/// About how many windows are looked at.
const SAMPLES: usize = 1 << 12;
const BASE: u64 = 0x9E37_79B9_7F4A_7C15;

/// Working memory for counting repeats: a table of fingerprints.
#[derive(Default)]
pub(super) struct Passages {
    table: Vec<u64>,
}

impl Passages {
    /// The share of the windows that occurred before in the text.
    pub(super) fn repeated(&mut self, text: &str) -> f64 {
        let bytes = text.as_bytes();
        if bytes.len() <= WINDOW {
            return 0.0;
        }
        let windows = bytes.len() - WINDOW;
        let skip = (windows / SAMPLES).next_power_of_two();
        let (mut seen, mut repeated) = self.sample(bytes, skip as u64);
        let expected = windows / skip;
        if skip > 1 && (seen * 3 < expected || seen > expected * 3) {
            (seen, repeated) = self.sample(&bytes[..bytes.len().min(4 * SAMPLES)], 1);
        }
        repeated as f64 / seen.max(1) as f64
    }

    /// Of every `skip`th window or so: how many there are, and how many of them occurred before.
    fn sample(&mut self, bytes: &[u8], skip: u64) -> (usize, usize) {
        self.clear(((bytes.len() - WINDOW) / skip as usize).min(4 * SAMPLES) * 3 / 2);
        let leaving = (0..WINDOW).fold(1u64, |power, _| power.wrapping_mul(BASE));
        let mut hash = 0u64;
        bytes[..WINDOW].iter().for_each(|&b| hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(b) + 1));
        let (mut seen, mut repeated) = (0, 0);
        for (old, new) in bytes.iter().zip(&bytes[WINDOW..]) {
            // The high bits are the well-mixed ones.
            if (hash >> 40) & (skip - 1) == 0 {
                seen += 1;
                repeated += usize::from(self.insert(hash));
            }
            let (old, new) = (u64::from(*old) + 1, u64::from(*new) + 1);
            hash = hash.wrapping_mul(BASE).wrapping_add(new).wrapping_sub(leaving.wrapping_mul(old));
        }
        (seen, repeated)
    }

    /// The share of the bytes that stand in lines which occurred before, spaces around them aside.
    pub(super) fn repeated_lines(&mut self, text: &str) -> f64 {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        self.clear(lines().take(4 * SAMPLES).count());
        let (mut all, mut repeated) = (0, 0);
        for line in lines().take(4 * SAMPLES) {
            all += line.len();
            let hash =
                line.bytes().fold(7u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(BASE).rotate_left(29));
            repeated += if self.insert(hash) { line.len() } else { 0 };
        }
        repeated as f64 / all.max(1) as f64
    }

    /// Empties the table and makes room for so many fingerprints.
    fn clear(&mut self, count: usize) {
        self.table.clear();
        self.table.resize((count * 2).next_power_of_two().max(16), 0);
    }

    /// Whether it is in the table already; it is afterwards. A table that fills up says yes no more.
    fn insert(&mut self, hash: u64) -> bool {
        let (mask, hash) = (self.table.len() - 1, hash.max(1));
        let mut at = (hash >> 20) as usize & mask;
        for _ in 0..64 {
            match self.table[at] {
                0 => {
                    self.table[at] = hash;
                    return false;
                }
                found if found == hash => return true,
                _ => at = (at + 1) & mask,
            }
        }
        false
    }
}
