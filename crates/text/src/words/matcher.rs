//! Exceptions that show only once a text is in tokens: `and/or` in `his-and/or-her`.

use super::{
    Words,
    lexicon::{Lexicon, has},
};
use std::collections::BTreeSet;

/// Replaces all patterns. Longer ones go first, then those further left; one whose ends are taken is left out, and yet
/// keeps its tokens from shorter ones, as does one with a blank between its tokens, which is no exception.
pub(super) fn replace(words: &mut Words, lexicon: &Lexicon) {
    let mut found = Vec::new();
    for &start in &words.starts {
        let rest = &words.list[start as usize..];
        for pattern in lexicon.patterns(rest[0].token.hash, rest[1].token.hash) {
            let fits = rest.len() >= pattern.tokens.len()
                && rest
                    .iter()
                    .zip(&pattern.tokens)
                    .skip(1)
                    .all(|(word, &hash)| word.token.hash == hash && word.token.flags & has::GAP == 0);
            if fits {
                found.push((pattern.tokens.len(), start as usize, pattern.rule));
            }
        }
    }
    found.sort_unstable_by_key(|&(len, start, _)| (usize::MAX - len, start));
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (len, start, rule) in found {
        if !seen.contains(&start)
            && !seen.contains(&(start + len - 1))
            && is_together(&words.list[start..start + len])
        {
            kept.push((start, len, rule));
        }
        seen.extend(start..start + len);
    }
    kept.sort_unstable();
    if !kept.is_empty() {
        rewrite(words, lexicon, &kept);
    }
}

fn is_together(words: &[super::Word]) -> bool {
    words.windows(2).all(|pair| pair[0].start + pair[0].token.bytes == pair[1].start)
}

fn rewrite(words: &mut Words, lexicon: &Lexicon, kept: &[(usize, usize, u32)]) {
    let old = std::mem::take(&mut words.list);
    let mut next = 0;
    for &(start, len, rule) in kept {
        words.list.extend_from_slice(&old[next..start]);
        let (mut at, mut gap) = (old[start].start, old[start].token.flags & has::GAP);
        for &token in lexicon.tokens(rule) {
            words.list.push(super::Word { start: at, token });
            if let Some(word) = words.list.last_mut() {
                word.token.flags |= gap;
            }
            (at, gap) = (at + token.bytes, 0);
        }
        next = start + len;
    }
    words.list.extend_from_slice(&old[next..]);
}
