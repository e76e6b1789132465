//! Long repeats across texts, wherever they start: Lee et al., "Deduplicating training data makes language
//! models better", 2022. The first occurrence stays, later ones can be cut out.
//!
//! First a rolling hash finds the stretches that may repeat at all; only these go into a suffix array. All
//! texts of a call lie in memory, with some 15 bytes for each byte that may repeat, and a fifth of a byte for
//! each other. A corpus beyond that is cut into parts of neighbouring documents: repeats within a part are
//! found, those between two parts are missed. So remove whole and near duplicates first: what is left repeats
//! mostly within a site.

mod anchors;
mod sais;

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Bytes that may repeat, of a call, at most.
const MOST: usize = (1 << 31) - 1;

/// What the length of a repeat is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Bytes of UTF-8.
    #[default]
    Bytes,
    /// Characters.
    Characters,
}

/// Settings of substring removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What `minimum` is counted in.
    pub measure: Measure,
    /// Repeats of at least this length are found; 8 to 16,000.
    pub minimum: usize,
}

impl Default for Options {
    /// 200 bytes: some 50 tokens, as in the paper.
    fn default() -> Self {
        Self { measure: Measure::Bytes, minimum: 200 }
    }
}

impl Options {
    /// Bytes of the shortest and of the longest stretch that is as long as asked and no longer.
    fn bounds(self) -> (usize, usize) {
        match self.measure {
            Measure::Bytes => (self.minimum, self.minimum + 3),
            Measure::Characters => (self.minimum, 4 * self.minimum),
        }
    }
}

/// For each text the places, ascending and apart, that repeat what stood before in it or in a text before it.
///
/// # Errors
/// `dedup_options_invalid` for a minimum out of bounds, `dedup_texts_too_large` when more than 2 GiB may
/// repeat.
pub fn repeats(texts: &[&str], options: Options) -> Result<Vec<Vec<Range<usize>>>> {
    if !(8..=16_000).contains(&options.minimum) {
        let text = format!("substring: minimum is {}; give a number from 8 to 16,000.", options.minimum);
        return Err(Error::invalid("dedup_options_invalid", text));
    }
    let suspect = anchors::suspect(texts, options);
    let pieces: Vec<(usize, Range<usize>, &str)> = suspect
        .into_iter()
        .enumerate()
        .flat_map(|(index, places)| places.into_iter().map(move |place| (index, place)))
        .map(|(index, place)| (index, place.clone(), &texts[index][place]))
        .collect();
    let total: usize = pieces.iter().map(|(.., piece)| piece.len()).sum();
    if total > MOST {
        let text =
            format!("{total} bytes of one part of substring removal may repeat; at most {MOST} go together.");
        return Err(Error::limited("dedup_texts_too_large", text));
    }
    let joined: String = pieces.iter().map(|(.., piece)| *piece).collect();
    let windows: Vec<u16> = pieces.iter().flat_map(|(.., piece)| windows(piece, options)).collect();
    let repeated = later_occurrences(joined.as_bytes(), &windows);
    let mut places = vec![Vec::new(); texts.len()];
    let mut base = 0;
    for (index, place, piece) in pieces {
        let found = merge(base..base + piece.len(), &windows, &repeated);
        places[index].extend(found.into_iter().map(|gone| place.start + gone.start..place.start + gone.end));
        base += piece.len();
    }
    Ok(places)
}

/// `text` without the places `gone`, which are ascending and apart.
pub fn without(text: &str, gone: &[Range<usize>]) -> String {
    let starts = std::iter::once(0).chain(gone.iter().map(|place| place.end));
    let ends = gone.iter().map(|place| place.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end]).collect()
}

/// For each byte of a text the length in bytes of the shortest stretch of whole characters from it on that is
/// as long as asked; 0 within a character and where the text ends before.
fn windows(text: &str, options: Options) -> Vec<u16> {
    let mut windows = vec![0; text.len()];
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    let mut ends = ends.enumerate().peekable();
    for (index, (start, _)) in text.char_indices().enumerate() {
        let reached = |(last, end): (usize, usize)| match options.measure {
            Measure::Bytes => end - start >= options.minimum,
            Measure::Characters => last + 1 - index >= options.minimum,
        };
        while ends.next_if(|end| !reached(*end)).is_some() {}
        let Some((_, end)) = ends.peek() else { break };
        windows[start] = (end - start) as u16;
    }
    windows
}

/// A bit for each byte whose window is a copy of an earlier one that it doesn't overlap.
fn later_occurrences(text: &[u8], windows: &[u16]) -> Vec<u64> {
    let array = sais::suffix_array(text);
    let common = common_prefixes(text, &array);
    let mut repeated = vec![0_u64; text.len().div_ceil(64)];
    let mut group: Vec<u32> = Vec::new();
    let mut close = |group: &mut Vec<u32>| {
        let first = group.iter().min().copied().unwrap_or_default();
        for at in group.drain(..) {
            if at >= first + u32::from(windows[at as usize]) {
                repeated[at as usize / 64] |= 1 << (at % 64);
            }
        }
    };
    // Length that the suffix before the last one of the group on has in common with the present one.
    let mut shared = 0;
    for at in &array {
        shared = shared.min(common[*at as usize]);
        let window = u32::from(windows[*at as usize]);
        if window == 0 {
            continue;
        }
        if shared < window {
            close(&mut group);
        }
        group.push(*at);
        shared = u32::MAX;
    }
    close(&mut group);
    repeated
}

/// For each suffix, by its start, how long a prefix it shares with the one before it in the array:
/// Kärkkäinen, Manzini and Puglisi, "Permuted longest-common-prefix array", 2009.
fn common_prefixes(text: &[u8], array: &[u32]) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let mut before = vec![NONE; text.len()];
    for pair in array.windows(2) {
        before[pair[1] as usize] = pair[0];
    }
    let mut length = 0;
    for at in 0..text.len() {
        if before[at] == NONE {
            length = 0;
            before[at] = 0;
            continue;
        }
        let other = before[at] as usize;
        let (a, b) = (&text[at + length..], &text[other + length..]);
        length += a.iter().zip(b).take_while(|(a, b)| a == b).count();
        before[at] = length as u32;
        length = length.saturating_sub(1);
    }
    before
}

/// The repeated windows of a text at `range`, joined where they touch, counted from its start.
fn merge(range: Range<usize>, windows: &[u16], repeated: &[u64]) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for at in range.clone().filter(|at| repeated[at / 64] >> (at % 64) & 1 == 1) {
        let (start, end) = (at - range.start, at - range.start + windows[at] as usize);
        match places.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => places.push(start..end),
        }
    }
    places
}

#[cfg(test)]
mod tests;
