//! One form for what looks the same: line ends, control characters, odd spaces, blank lines.

/// Appends the clean form of `raw` to `into`: `\n` line ends; no control or zero-width characters; no-break and
/// other odd spaces as a space; no space at the end of a line; at most one blank line in a row; none at the ends.
/// Letters are left as they are (no Unicode composition), so that nothing is lost.
pub fn tidy(raw: &str, into: &mut String) {
    into.clear();
    into.reserve(raw.len());
    let mut blank = false;
    for line in raw.split('\n') {
        if line.bytes().all(|byte| (b' '..0x7f).contains(&byte) || byte == b'\t') {
            end_line(into, &mut blank, |into| into.push_str(line));
        } else {
            let line = line.strip_suffix('\r').unwrap_or(line);
            for part in line.split(['\r', '\u{2028}', '\u{2029}']) {
                end_line(into, &mut blank, |into| part.chars().for_each(|letter| push(letter, into)));
            }
        }
    }
    into.truncate(into.trim_end().len());
}

/// Writes one line without the space at its end, or remembers that it was blank.
fn end_line(into: &mut String, blank: &mut bool, write: impl FnOnce(&mut String)) {
    let before = into.len();
    if *blank && before > 0 {
        into.push('\n');
    }
    let start = into.len();
    write(into);
    into.truncate(start + into[start..].trim_end().len());
    if into.len() == start {
        into.truncate(before);
        *blank = true;
    } else {
        into.push('\n');
        *blank = false;
    }
}

fn push(letter: char, into: &mut String) {
    match letter {
        '\t' => into.push('\t'),
        '\u{00a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => into.push(' '),
        '\u{00ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}' => {}
        '\u{fffd}' => {}
        letter if letter.is_control() => {}
        letter => into.push(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(raw: &str) -> String {
        let mut text = String::new();
        tidy(raw, &mut text);
        text
    }

    #[test]
    fn one_form_for_what_looks_the_same() {
        assert_eq!(clean("\n\n a\u{a0}b \r\n\r\n\r\n\u{1b}c\u{200b}d\t\n"), " a b\n\ncd");
        assert_eq!(clean("a\rb"), "a\nb");
        assert_eq!(clean(" \n\t\n"), "");
        assert_eq!(clean("中文　字"), "中文　字");
    }

    proptest::proptest! {
        #[test]
        fn a_second_pass_changes_nothing(raw in "\\PC{0,40}[\\r\\n \\t\u{a0}\u{200b}]{0,6}\\PC{0,40}") {
            let once = clean(&raw);
            proptest::prop_assert_eq!(&clean(&once), &once);
        }
    }
}
