//! Exceptions that show only once a text is in tokens: `and/or` in `his-and/or-her`.

use super::{
    Token, Words,
    lexicon::{Lexicon, has},
};
use std::collections::BTreeSet;

/// Replaces all patterns. Longer ones go first, then those further left; one whose ends are taken is left
/// out, and yet keeps its tokens from shorter ones, as does one with a blank between its tokens, which is no
/// exception.
pub(super) fn replace(words: &mut Words, lexicon: &Lexicon) {
    let mut found = Vec::new();
    for &start in &words.starts {
        let rest = &words.list[start as usize..];
        for pattern in lexicon.patterns(rest[0].hash, rest[1].hash) {
            let follows = |(token, &hash): (&Token, &u64)| token.hash == hash && token.flags & has::GAP == 0;
            if rest.len() >= pattern.tokens.len() && rest.iter().zip(&pattern.tokens).skip(1).all(follows) {
                found.push((start as usize, pattern));
            }
        }
    }
    if !found.iter().any(|(_, pattern)| pattern.changes) {
        return;
    }
    found.sort_unstable_by_key(|(start, pattern)| (usize::MAX - pattern.tokens.len(), *start));
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (start, pattern) in found {
        let (end, is_free) = (start + pattern.tokens.len(), |at: usize| !seen.contains(&at));
        if is_free(start) && is_free(end - 1) && pattern.changes && is_together(&words.list[start..end]) {
            kept.push((start, end, pattern.rule));
        }
        seen.extend(start..end);
    }
    kept.sort_unstable();
    rewrite(words, lexicon, &kept);
}

fn is_together(tokens: &[Token]) -> bool {
    tokens.windows(2).all(|pair| pair[0].start + pair[0].bytes == pair[1].start)
}

fn rewrite(words: &mut Words, lexicon: &Lexicon, kept: &[(usize, usize, u32)]) {
    let Some(&(first, ..)) = kept.first() else { return };
    let old = words.list.split_off(first);
    let mut next = 0;
    for &(start, end, rule) in kept {
        words.list.extend_from_slice(&old[next..start - first]);
        let Token { start: mut at, flags, .. } = old[start - first];
        for (n, &token) in lexicon.tokens(rule).iter().enumerate() {
            let gap = if n == 0 { flags & has::GAP } else { 0 };
            words.list.push(Token { start: at, flags: token.flags | gap, ..token });
            at += token.bytes;
        }
        next = end - first;
    }
    words.list.extend_from_slice(&old[next..]);
}
