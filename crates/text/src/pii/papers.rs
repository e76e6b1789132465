//! Numbers with letters in them: credit codes, passports, plates. Each is found from a run of digits inside
//! of it.

use super::{Find, Kind, around::Around, codes};

/// The run of ASCII letters and digits around a place.
fn token(bytes: &[u8], at: usize, least: usize) -> (usize, usize) {
    let start =
        bytes[least..at].iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(least, |p| least + p + 1);
    let end = bytes[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(bytes.len(), |p| at + p);
    (start, end)
}

/// What the letters and digits around a run of digits are.
pub(super) fn find(text: &str, at: usize, least: usize) -> Option<Find> {
    let bytes = text.as_bytes();
    // The longest of them has 18 characters; longer runs are walked over no further.
    let least = least.max(at.saturating_sub(20));
    let (start, end) = token(&bytes[..bytes.len().min(at + 24)], at, least);
    let code = &bytes[start..end];
    let around = Around::new(text);
    match code.len() {
        18 if codes::is_credit_code(code) && !is_id(code) => {
            let found = around.is_alone(start, end) && !around.is_other_number(start);
            found.then_some(Find { kind: Kind::CreditCode, start, end })
        }
        4..=8 => plate(text, start, end, least).or_else(|| passport(&around, code, start, end)),
        9 => passport(&around, code, start, end),
        _ => None,
    }
}

/// Whether it could be an identity number, its check digit aside: then it is no credit code.
fn is_id(code: &[u8]) -> bool {
    code[..17].iter().all(u8::is_ascii_digit) && codes::is_id_shape(code)
}

/// A letter or two and seven or eight digits, or nine digits, after the word for it.
fn passport(around: &Around<'_>, code: &[u8], start: usize, end: usize) -> Option<Find> {
    const WORDS: [&str; 8] =
        ["护照", "通行证", "台胞证", "回乡证", "旅行证", "passport", "Passport", "PASSPORT"];
    let letters = code.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let digits = code[letters..].iter().all(u8::is_ascii_digit);
    let shape = matches!((letters, code.len()), (1, 9) | (2, 9) | (1, 8) | (0, 9) | (0, 8)) && digits;
    if !shape || !around.is_alone(start, end) || around.byte(end) == Some(b'-') {
        return None;
    }
    let before = around.before(start, 48);
    let word = WORDS.iter().filter_map(|word| before.rfind(word).map(|at| at + word.len())).max()?;
    let between = &before[word..];
    let near = between.chars().count() <= 12 && !between.contains(['。', '；', '！', '？']);
    let other = ["订单", "单号", "编号", "电话", "手机"].iter().any(|word| between.contains(word));
    let strict = letters > 0 || between.chars().count() <= 6;
    (near && !other && strict).then_some(Find { kind: Kind::Passport, start, end })
}

/// 沪A12345, 粤B·D12345 and the like. `start` and `end` are of a run of letters and digits.
fn plate(text: &str, start: usize, end: usize, least: usize) -> Option<Find> {
    const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    let before = &text[..start];
    let code = &text[start..end];
    let (letter, number, at) = match before.strip_suffix(['·', '•', ' ', '-', '.', '・']) {
        Some(before) => {
            let letter = before.chars().next_back().filter(char::is_ascii_uppercase)?;
            (letter, code, before.len() - 1)
        }
        None => (code.chars().next()?, code.get(1..)?, start),
    };
    let province = text[..at].chars().next_back()?;
    let begin = at - province.len_utf8();
    if !PROVINCES.contains(province) || !letter.is_ascii_uppercase() || matches!(letter, 'I') || begin < least
    {
        return None;
    }
    let number = number.as_bytes();
    let plain =
        number.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() && !matches!(b, b'I' | b'O'));
    let letters = number.iter().filter(|b| b.is_ascii_uppercase()).count();
    let rest = &text[end..];
    let last = rest.chars().next().filter(|c| "挂学警港澳领".contains(*c));
    let (good, end) = match number.len() {
        4 => (last.is_some() && letters <= 2, end + last.map_or(0, char::len_utf8)),
        5 => (letters <= 3, end),
        6 => {
            let new = |b: u8| matches!(b, b'A'..=b'H' | b'J' | b'K');
            let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
            let small = new(number[0]) && (number[1].is_ascii_alphanumeric()) && digits(&number[2..]);
            (small || new(number[5]) && digits(&number[..5]), end)
        }
        _ => (false, end),
    };
    let digits = number.iter().any(u8::is_ascii_digit);
    (good && plain && digits && Around::new(text).ends_alone(end)).then_some(Find {
        kind: Kind::Plate,
        start: begin,
        end,
    })
}
