//! What fastText sees in a text: words, pieces of words, and runs of words, each as the number of a row.

use std::collections::HashMap;

use kernel::{Error, Result};

use super::fasttext::Reader;

/// What a sentence ends with: a word of its own.
const END: &[u8] = b"</s>";
const LABEL: &[u8] = b"__label__";
/// Largest length of a piece and of a run: longer settings are no real model's.
const MOST_LENGTH: i32 = 64;

/// The words and labels of a model.
pub(super) struct Dictionary {
    words: HashMap<Vec<u8>, usize>,
    labels: Vec<(String, i64)>,
    /// The rows that pruning left to buckets, by bucket; none when nothing was pruned.
    kept: Option<Kept>,
}

/// A map from bucket to row with open places: looked up for every piece of every word.
struct Kept {
    slots: Vec<(u32, u32)>,
}

impl Kept {
    fn new(pairs: &[(u32, u32)]) -> Self {
        let mut slots = vec![(u32::MAX, 0); (pairs.len() * 2 + 1).next_power_of_two()];
        for &(bucket, row) in pairs {
            let mut at = Self::place(bucket, slots.len());
            while slots[at].0 != u32::MAX && slots[at].0 != bucket {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = (bucket, row);
        }
        Self { slots }
    }

    fn place(bucket: u32, slots: usize) -> usize {
        (bucket.wrapping_mul(0x9E37_79B1) >> 7) as usize & (slots - 1)
    }

    fn get(&self, bucket: u32) -> Option<u32> {
        let mut at = Self::place(bucket, self.slots.len());
        loop {
            match self.slots[at] {
                (found, row) if found == bucket => return Some(row),
                (u32::MAX, _) => return None,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }
}

impl Dictionary {
    pub(super) fn read(reader: &mut Reader<'_>, broken: &impl Fn(&str) -> Error) -> Result<Self> {
        let size = reader.count(false, 10, "number of entries")?;
        let words_count = reader.count(false, 0, "number of words")?;
        let labels_count = reader.count(false, 0, "number of labels")?;
        reader.long()?;
        let pruned = reader.long()?;
        let (mut words, mut labels) = (HashMap::new(), Vec::new());
        for place in 0..size {
            let word = reader.word()?;
            let count = reader.long()?;
            match reader.bytes(1)?[0] {
                0 if place < words_count => {
                    words.insert(word.to_vec(), place);
                }
                1 => {
                    let name = word.strip_prefix(LABEL).unwrap_or(word);
                    labels.push((String::from_utf8_lossy(name).into_owned(), count));
                }
                _ => return Err(broken("its dictionary is out of order")),
            }
        }
        if words_count.checked_add(labels_count) != Some(size) || labels.len() != labels_count {
            return Err(broken("its dictionary is out of order"));
        }
        let kept = match usize::try_from(pruned) {
            Err(_) => None,
            Ok(count) => {
                let bytes =
                    reader.bytes(count.checked_mul(8).ok_or_else(|| broken("too much was pruned"))?)?;
                let int = |b: &[u8]| u32::from_le_bytes(b.try_into().expect("four bytes"));
                let pairs: Vec<_> =
                    bytes.chunks_exact(8).map(|pair| (int(&pair[..4]), int(&pair[4..]))).collect();
                if pairs.iter().any(|pair| pair.0 == u32::MAX) {
                    return Err(broken("it names a bucket that can't be"));
                }
                Some(Kept::new(&pairs))
            }
        };
        Ok(Self { words, labels, kept })
    }

    pub(super) fn is_pruned(&self) -> bool {
        self.kept.is_some()
    }
}

/// Turns a text into rows.
pub(super) struct Features {
    dictionary: Dictionary,
    words: usize,
    rows: usize,
    least: usize,
    most: usize,
    run: usize,
    buckets: u32,
}

impl Features {
    /// `settings`: shortest and longest piece, longest run of words, number of buckets.
    pub(super) fn new(
        dictionary: Dictionary,
        settings: [i32; 4],
        broken: &impl Fn(&str) -> Error,
    ) -> Result<Self> {
        let [least, most, run, buckets] = settings;
        let sane = |x: i32| (0..=MOST_LENGTH).contains(&x);
        let hashes = most > 0 || run > 1;
        if !sane(least) || !sane(most) || !sane(run) || buckets < 0 || hashes && buckets == 0 {
            return Err(broken("its pieces have lengths that can't be"));
        }
        let words = dictionary.words.len();
        let buckets_kept = match &dictionary.kept {
            Some(kept) => {
                kept.slots.iter().filter(|s| s.0 != u32::MAX).map(|s| s.1 as usize + 1).max().unwrap_or(0)
            }
            None if hashes => buckets as usize,
            None => 0,
        };
        let rows = words + buckets_kept;
        let (least, most, run, buckets) = (least as usize, most as usize, run as usize, buckets as u32);
        Ok(Self { dictionary, words, rows, least, most, run, buckets })
    }

    pub(super) fn labels(&self) -> Vec<String> {
        self.dictionary.labels.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn label_counts(&self) -> Vec<i64> {
        self.dictionary.labels.iter().map(|(_, count)| *count).collect()
    }

    /// How many rows can be named.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Calls `each` with the row of every feature of the text, read as one line.
    pub(super) fn each(&self, text: &str, each: &mut impl FnMut(usize)) {
        let space = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | 0x0B | 0x0C | 0);
        let mut hashes: Vec<u32> = Vec::new();
        let mut framed = Vec::new();
        for word in text.as_bytes().split(space).filter(|word| !word.is_empty()).chain([END]) {
            let known = self.dictionary.words.get(word);
            if known.is_none() && word.starts_with(LABEL) {
                continue;
            }
            if let Some(&row) = known {
                each(row);
            }
            if word != END && self.most > 0 {
                framed.clear();
                framed.push(b'<');
                framed.extend_from_slice(word);
                framed.push(b'>');
                self.pieces(&framed, each);
            }
            if self.run > 1 {
                hashes.push(word.iter().fold(OFFSET, |hash, &b| step(hash, b)));
            }
            if word == END {
                // The end of the line: fastText reads no further.
                break;
            }
        }
        for start in 0..hashes.len() {
            let sign = |hash: u32| hash as i32 as i64 as u64;
            let mut hash = sign(hashes[start]);
            for &next in hashes[start + 1..].iter().take(self.run - 1) {
                hash = hash.wrapping_mul(116_049_371).wrapping_add(sign(next));
                self.bucket((hash % u64::from(self.buckets)) as u32, each);
            }
        }
    }

    /// All pieces of a framed word, from `least` to `most` characters; the frame alone is none.
    fn pieces(&self, word: &[u8], each: &mut impl FnMut(usize)) {
        let inside = |b: u8| b & 0xC0 == 0x80;
        for start in (0..word.len()).filter(|&at| !inside(word[at])) {
            let (mut at, mut hash) = (start, OFFSET);
            for length in 1..=self.most {
                if at == word.len() {
                    break;
                }
                hash = step(hash, word[at]);
                at += 1;
                while at < word.len() && inside(word[at]) {
                    hash = step(hash, word[at]);
                    at += 1;
                }
                if length >= self.least && !(length == 1 && (start == 0 || at == word.len())) {
                    self.bucket(hash % self.buckets, each);
                }
            }
        }
    }

    fn bucket(&self, bucket: u32, each: &mut impl FnMut(usize)) {
        match &self.dictionary.kept {
            None => each(self.words + bucket as usize),
            Some(kept) => {
                if let Some(row) = kept.get(bucket) {
                    each(self.words + row as usize);
                }
            }
        }
    }
}

const OFFSET: u32 = 2_166_136_261;

/// FNV-1a over signed bytes, as fastText has it.
fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as i8 as u32).wrapping_mul(16_777_619)
}
