//! FineWeb's limits on lines.

use super::{FinewebQuality, Text, python, seen::Seen};
use crate::words::class::{any, is, is_space};

/// Why a text is a list, or repeats its lines.
pub(super) fn judge(options: &FinewebQuality, text: &mut Text<'_>, seen: &mut Seen) -> Option<&'static str> {
    let source = text.text;
    let lines = source.split('\n').filter(|line| !line.chars().all(is_space));
    let ends_well = |line: &str| match &options.stop_chars {
        Some(stops) => stops.iter().any(|stop| line.ends_with(stop.as_str())),
        None => line.ends_with(|c| any(c, is::TERMINAL)),
    };
    let (mut count, mut well, mut short) = (0, 0, 0);
    for line in lines.clone() {
        count += 1;
        well += usize::from(ends_well(line));
        // Only a line of few bytes can have few characters, and one of very few must.
        let is_short = line.len() as u64 <= options.short_line_length
            || line.len() as u64 <= options.short_line_length.saturating_mul(4)
                && python::len(line) as u64 <= options.short_line_length;
        short += usize::from(is_short);
    }
    if count == 0 {
        return Some("empty");
    }
    let ratio = well as f64 / f64::from(count);
    if ratio < options.line_punct_thr && !(well == 0 && options.line_punct_exclude_zero) {
        return Some("line_punct_ratio");
    }
    if short as f64 / f64::from(count) > options.short_line_thr {
        return Some("short_line_ratio");
    }
    let breaks = memchr::memchr_iter(b'\n', source.as_bytes()).count();
    if seen.count(lines).chars as f64 / (text.len() - breaks) as f64 > options.char_duplicates_ratio {
        return Some("char_dup_ratio");
    }
    let over = |words: usize| breaks as f64 / words as f64 > options.new_line_ratio;
    // A word begins at least where a visible character of ASCII follows a blank, and at the first; most texts
    // have enough of these soon.
    let begins = source.as_bytes().windows(2).filter(|w| w[0] == b' ' && w[1] > b' ' && w[1] < 0x7F);
    let enough = breaks as f64 / options.new_line_ratio;
    let fewest = 1 + begins.take(if enough < 1e9 { enough as usize + 1 } else { usize::MAX }).count();
    (over(fewest) && over(text.words().len())).then_some("list_ratio")
}
