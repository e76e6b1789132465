//! Where spaCy's sentencizer begins sentences.

use super::{Words, lexicon::has};

/// Calls `found` with where each sentence but the last ends. A new one begins at each token, of whitespace
/// too, that comes after an end of one and is itself no punctuation.
pub(super) fn ends(words: &Words, mut found: impl FnMut(usize)) {
    let (mut ended, mut end) = (false, 0);
    for word in &words.list {
        let flags = word.flags;
        if ended && (flags & has::GAP != 0 || flags & (has::PUNCT | has::SENTENCE_END) == 0) {
            found(end);
            ended = false;
        }
        ended |= flags & has::SENTENCE_END != 0;
        end = (word.start + word.bytes) as usize;
    }
    if ended && words.ends_in_gap {
        found(end);
    }
}
