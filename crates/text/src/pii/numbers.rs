//! What a run of digits can be: identity number, telephone, bank card. Groups may be parted by a space or a
//! hyphen.

use super::{Find, Kind, around::Around, codes};

/// Most digits and groups that are read: enough for a card of 19 digits after a country code.
const DIGITS: usize = 24;
const GROUPS: usize = 8;

/// The digits from a place on, in groups.
struct Number {
    digits: [u8; DIGITS],
    /// How many digits there are up to the end of each group, and where it ends in the text.
    groups: [(usize, usize); GROUPS],
    count: usize,
}

impl Number {
    /// Reads groups parted by one space or hyphen. `start` is the first digit.
    fn read(bytes: &[u8], start: usize) -> Self {
        let mut number = Self { digits: [0; DIGITS], groups: [(0, 0); GROUPS], count: 0 };
        let (mut at, mut length) = (start, 0);
        loop {
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                if length < DIGITS {
                    number.digits[length] = bytes[at];
                }
                length += 1;
                at += 1;
            }
            number.groups[number.count] = (length.min(DIGITS + 1), at);
            number.count += 1;
            let parted =
                at + 1 < bytes.len() && matches!(bytes[at], b' ' | b'-') && bytes[at + 1].is_ascii_digit();
            if !parted || length > DIGITS || number.count == GROUPS {
                return number;
            }
            at += 1;
        }
    }

    /// The lengths of the first `count` groups.
    fn has_groups(&self, lengths: &[usize]) -> bool {
        let mut sum = 0;
        self.count >= lengths.len()
            && lengths.iter().enumerate().all(|(place, length)| {
                sum += length;
                self.groups[place].0 == sum
            })
    }

    /// The digits and the end in the text of the first `count` groups.
    fn first(&self, count: usize) -> (&[u8], usize) {
        let (length, end) = self.groups[count - 1];
        (&self.digits[..length.min(DIGITS)], end)
    }
}

/// What begins with the run of digits at `start`, if it is a number of one of the kinds. `least` is where the
/// find before this one ended.
pub(super) fn find(text: &str, start: usize, least: usize) -> Option<Find> {
    let around = Around::new(text);
    let bytes = text.as_bytes();
    let first = &bytes[start..];
    // The cheapest question first: nearly all digits of a clean text are dates and sums.
    let number = Number::read(bytes, start);
    if number.groups[number.count - 1].0 < 7 {
        return None;
    }
    if start > least && bytes[start - 1] == b'+' {
        return abroad(&around, &number, start - 1).or_else(|| domestic(&around, &number, start - 1, true));
    }
    identity(&around, first, &number, start)
        .or_else(|| domestic(&around, &number, start, false))
        .or_else(|| landline(&around, &number, start, least))
        .or_else(|| card(&around, &number, start))
        .or_else(|| america(&around, &number, start, least))
}

fn identity(around: &Around<'_>, first: &[u8], number: &Number, start: usize) -> Option<Find> {
    let parted = number.has_groups(&[6, 8, 4]) || number.has_groups(&[6, 8, 3]);
    let groups = if parted { 3 } else { 1 };
    let (digits, mut end) = number.first(groups);
    let mut id = [0u8; 18];
    match digits.len() {
        18 => id.copy_from_slice(digits),
        17 if matches!(around.byte(end), Some(b'X' | b'x')) => {
            id[..17].copy_from_slice(digits);
            id[17] = b'X';
            end += 1;
        }
        15 if !parted && first.len() >= 15 => {
            let alone = around.is_alone(start, end)
                && !around.is_other_number(start)
                && !around.follows_card_word(start);
            return (alone && codes::is_old_id(digits)).then_some(Find { kind: Kind::IdCard, start, end });
        }
        _ => return None,
    }
    let found = codes::is_id_shape(&id) && codes::has_id_check(&id) && around.is_alone(start, end);
    found.then_some(Find { kind: Kind::IdCard, start, end })
}

/// A mobile number, perhaps behind the country code 86 or 0086; with a plus sign before it, only behind 86.
fn domestic(around: &Around<'_>, number: &Number, start: usize, plus: bool) -> Option<Find> {
    const SHAPES: [&[usize]; 5] = [&[11], &[3, 4, 4], &[3, 8], &[4, 3, 4], &[7, 4]];
    let mut groups = [0usize; 4];
    for prefix in [&b""[..], b"86", b"0086"] {
        if plus && prefix != b"86" {
            continue;
        }
        // The code is a group of its own, or the beginning of the first one.
        for apart in [true, false] {
            if prefix.is_empty() && apart {
                continue;
            }
            for shape in SHAPES {
                let length = shape.len() + usize::from(apart);
                if apart {
                    groups[0] = prefix.len();
                    groups[1..length].copy_from_slice(shape);
                } else {
                    groups[..length].copy_from_slice(shape);
                    groups[0] += prefix.len();
                }
                if !number.has_groups(&groups[..length]) {
                    continue;
                }
                let (digits, end) = number.first(length);
                let rest = &digits[prefix.len()..];
                let mobile = digits.starts_with(prefix) && rest[0] == b'1' && rest[1] >= b'3';
                let alone =
                    around.is_alone(start, end) && !around.is_other_number(start) && !around.is_amount(end);
                if mobile && alone {
                    return Some(Find { kind: Kind::Mobile, start, end });
                }
            }
        }
    }
    None
}

/// Whether three or four digits are an area code: 010, 02x, 03xx to 09xx.
fn is_area(code: &[u8]) -> bool {
    match code {
        [b'0', b'1', b'0'] => true,
        [b'0', b'2', d] => *d != b'6',
        [b'0', b'3'..=b'9', b'1'..=b'9', _] => true,
        _ => false,
    }
}

/// A fixed line: area code and seven or eight digits, the code perhaps in brackets; or those alone after 电话.
fn landline(around: &Around<'_>, number: &Number, start: usize, least: usize) -> Option<Find> {
    let find = |start, end| Some(Find { kind: Kind::Landline, start, end });
    if number.count > 1 && around.follows_digits(start) {
        return None;
    }
    let subscriber = |rest: &[u8]| matches!(rest.len(), 7 | 8) && matches!(rest[0], b'2'..=b'8');
    for groups in 1..=number.count.min(3) {
        let (digits, end) = number.first(groups);
        for area in [3, 4] {
            let parted = groups == 1 || number.groups[0].0 == area;
            let shape =
                digits.len() > area && parted && (groups < 3 || matches!(number.groups[1].0 - area, 3 | 4));
            if shape && is_area(&digits[..area]) && subscriber(&digits[area..]) {
                let end = around.extension(end);
                if around.is_alone(start, end)
                    && !around.is_other_number(start)
                    && !around.is_decimal_word(start)
                {
                    return find(start, end);
                }
            }
        }
    }
    // 021 in brackets: the number at hand is the subscriber's.
    for groups in 1..=number.count.min(2) {
        let (digits, end) = number.first(groups);
        let plain = groups == 1
            || matches!(number.groups[0].0, 3 | 4) && number.groups[1].0 - number.groups[0].0 == 4;
        if plain && subscriber(digits) && around.ends_alone(end) {
            let end = around.extension(end);
            if let Some(open) = around.area_in_brackets(start, is_area).filter(|open| *open >= least) {
                return find(open, end);
            }
            if around.is_alone(start, end) && around.follows_telephone_word(start) {
                return find(start, end);
            }
        }
    }
    None
}

/// A bank card in one piece or in groups of four (American Express: 4, 6, 5).
fn card(around: &Around<'_>, number: &Number, start: usize) -> Option<Find> {
    const SHAPES: [&[usize]; 7] =
        [&[4, 4, 4, 4, 3], &[4, 4, 4, 4, 2], &[4, 4, 4, 4, 1], &[4, 4, 4, 4], &[6, 13], &[6, 10], &[4, 6, 5]];
    let shape = SHAPES.into_iter().find(|shape| number.has_groups(shape)).map_or(1, <[usize]>::len);
    let (digits, end) = number.first(shape);
    if !(13..=19).contains(&digits.len()) || number.groups[shape - 1].0 > 19 {
        return None;
    }
    let card = codes::is_issued(digits) && codes::has_luhn(digits) && around.is_alone(start, end);
    // An identity number with one digit wrong is no card.
    let id = digits.len() == 18 && codes::is_id_shape(digits);
    let found = card && !id && !around.is_other_number(start);
    found.then_some(Find { kind: Kind::BankCard, start, end })
}

/// A number with a plus sign: a country code and eight to fifteen digits in all.
fn abroad(around: &Around<'_>, number: &Number, start: usize) -> Option<Find> {
    let digits = &number.digits;
    if digits.starts_with(b"86") || digits[0] == b'0' {
        return china(around, number, start);
    }
    (1..=number.count).rev().find_map(|groups| {
        let (digits, end) = number.first(groups);
        let found = (8..=15).contains(&number.groups[groups - 1].0)
            && digits.len() >= 8
            && around.is_alone(start, end);
        found.then_some(Find { kind: Kind::Phone, start, end })
    })
}

/// A fixed line behind +86: the area code without its zero.
fn china(around: &Around<'_>, number: &Number, start: usize) -> Option<Find> {
    for groups in 1..=number.count.min(4) {
        let (digits, end) = number.first(groups);
        let Some(rest) = digits.strip_prefix(b"86") else { continue };
        for area in [2, 3] {
            let Some((code, local)) = rest.split_at_checked(area) else { continue };
            let code = [b"0", code].concat();
            let shape = matches!(local.len(), 7 | 8) && matches!(local[0], b'2'..=b'8');
            if shape && is_area(&code) && around.is_alone(start, end) {
                return Some(Find { kind: Kind::Landline, start, end: around.extension(end) });
            }
        }
    }
    None
}

/// A number of the North American plan: 415-555-2671, or with the first three in brackets.
fn america(around: &Around<'_>, number: &Number, start: usize, least: usize) -> Option<Find> {
    let good = |digits: &[u8]| matches!(digits[0], b'2'..=b'9') && matches!(digits[3], b'2'..=b'9');
    if number.has_groups(&[3, 3, 4]) && good(&number.digits) {
        let end = number.first(3).1;
        let found = around.is_alone(start, end) && !around.is_other_number(start);
        return found.then_some(Find { kind: Kind::Phone, start, end });
    }
    if number.has_groups(&[3, 4]) && matches!(number.digits[0], b'2'..=b'9') {
        let open =
            around.area_in_brackets(start, |code| code.len() == 3 && matches!(code[0], b'2'..=b'9'))?;
        let end = number.first(2).1;
        return (open >= least && around.ends_alone(end)).then_some(Find {
            kind: Kind::Phone,
            start: open,
            end,
        });
    }
    None
}
