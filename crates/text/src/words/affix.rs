//! What spaCy splits off a chunk: prefixes, suffixes and infixes of its English rules.

use super::class::{any, is};

/// Units that are split off a number.
const UNITS: &str = "km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h \
    kmh mph hPa Pa mbar mb MB kb KB gb GB tb TB T G M K % км км² км³ м м² м³ дм дм² дм³ см см² см³ мм мм² мм³ нм кг г мг \
    м/с км/ч кПа Па мбар Кб КБ кб Мб МБ мб Гб ГБ гб Тб ТБ тбكم كم² كم³ م م² م³ سم سم² سم³ مم مم² مم³ كم غرام جرام جم كغ \
    ملغ كوب اكواب";
/// Currencies that are split off a number's end.
const CURRENCIES: &str =
    "$ £ € ¥ ฿ US$ C$ A$ ₽ ﷼ ₴ ₠ ₡ ₢ ₣ ₤ ₥ ₦ ₧ ₨ ₩ ₪ ₫ ₭ ₮ ₯ ₰ ₱ ₲ ₳ ₵ ₶ ₷ ₸ ₹ ₺ ₻ ₼ ₾ ₿";
/// The most characters that a unit or a currency has.
const LONGEST_UNIT: usize = 5;

fn dots_before(text: &str) -> usize {
    text.bytes().rev().take_while(|&b| b == b'.').count()
}

fn dots_after(text: &str) -> usize {
    text.bytes().take_while(|&b| b == b'.').count()
}

/// How many bytes are split off the front.
pub(super) fn prefix(text: &str) -> usize {
    let Some(c) = text.chars().next() else { return 0 };
    if any(c, is::PREFIX) {
        return c.len_utf8();
    }
    match c {
        '+' => usize::from(!text[1..].starts_with(|c: char| c.is_ascii_digit())),
        '.' => Some(dots_after(text)).filter(|&dots| dots > 1).unwrap_or(0),
        'U' if text.starts_with("US$") => 3,
        'C' | 'A' if text[1..].starts_with('$') => 2,
        _ => 0,
    }
}

/// How many bytes are split off the end: of all rules that reach the end, the one that begins first.
pub(super) fn suffix(text: &str) -> usize {
    let mut back = text.chars().rev();
    let Some(last) = back.next() else { return 0 };
    let before = back.next();
    let one = match last {
        '.' => match dots_before(text) {
            1 => usize::from(stop_ends(before, back.next())),
            dots => dots,
        },
        's' | 'S' if matches!(before, Some('\'' | '’')) => 1 + before.map_or(0, char::len_utf8),
        '…' if before == Some('…') => 6,
        '+' => usize::from(before.is_some_and(|c| c.is_ascii_digit())),
        _ if any(last, is::SUFFIX) => last.len_utf8(),
        _ => 0,
    };
    one.max(unit(text))
}

/// Whether one full stop at the end is split off, by the two characters before it.
fn stop_ends(before: Option<char>, earlier: Option<char>) -> bool {
    let Some(c) = before else { return false };
    any(c, is::BEFORE_STOP)
        || earlier.is_some_and(|e| {
            any(c, is::UPPER) && any(e, is::UPPER) || e == '°' && matches!(c, 'F' | 'C' | 'K')
        })
}

/// The unit or currency right after the last digit.
fn unit(text: &str) -> usize {
    let mut tail = text.char_indices().rev().take(LONGEST_UNIT + 1);
    let Some((digit, _)) = tail.find(|(_, c)| c.is_ascii_digit()) else { return 0 };
    let unit = &text[digit + 1..];
    if unit.starts_with(|c: char| c.is_ascii_punctuation() && c != '%' && c != '$') {
        return 0;
    }
    let known = |list: &str| list.split_ascii_whitespace().any(|known| known == unit);
    if !unit.is_empty() && (known(UNITS) || known(CURRENCIES)) { unit.len() } else { 0 }
}

/// Calls `found` with the bytes of each infix, from left to right.
pub(super) fn infixes(text: &str, mut found: impl FnMut(usize, usize)) {
    let (mut at, mut before) = (0, '\0');
    while let Some(c) = text[at..].chars().next() {
        match infix(&text[at..], c, before) {
            0 => {
                before = c;
                at += c.len_utf8();
            }
            len => {
                found(at, at + len);
                before = text[at..at + len].chars().next_back().unwrap_or(c);
                at += len;
            }
        }
    }
}

/// How many bytes of the infix at the front, given the character before it (`\0` for none).
fn infix(rest: &str, c: char, before: char) -> usize {
    let next = |skip: usize, classes: u16| rest[skip..].chars().next().is_some_and(|c| any(c, classes));
    let after_alpha_or_digit = || before.is_ascii_digit() || any(before, is::ALPHA);
    let hyphens = |most: usize| {
        let count = rest.chars().take(most + 1).take_while(|&other| other == c).count();
        let bytes = count * c.len_utf8();
        if count <= most && after_alpha_or_digit() && next(bytes, is::ALPHA) { bytes } else { 0 }
    };
    let between_digits =
        || before.is_ascii_digit() && rest[1..].starts_with(|c: char| c.is_ascii_digit() || c == '-');
    match c {
        '.' => match dots_after(rest) {
            1 => usize::from(any(before, is::LOWER | is::QUOTE) && next(1, is::UPPER | is::QUOTE)),
            dots => dots,
        },
        '…' => c.len_utf8(),
        '+' | '*' | '^' => usize::from(between_digits()),
        '-' if between_digits() => 1,
        '-' => hyphens(3),
        '—' => hyphens(2),
        '–' | '~' => hyphens(1),
        ',' => usize::from(any(before, is::ALPHA) && next(1, is::ALPHA)),
        ':' | '<' | '>' | '=' | '/' => usize::from(after_alpha_or_digit() && next(1, is::ALPHA)),
        _ if any(c, is::ICON) => c.len_utf8(),
        _ => 0,
    }
}
