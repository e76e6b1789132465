//! Check digits and the other rules that a number must obey.

/// Provinces by the first two digits of a GB/T 2260 code; 83 is used for residents from Taiwan.
fn is_province(code: u32) -> bool {
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91)
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, d| sum * 10 + u32::from(d - b'0'))
}

/// Whether a day exists.
pub(super) fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Whether 17 digits and a last character have the shape of GB 11643: a province and a date of birth. The
/// check digit is asked by [`has_id_check`].
pub(super) fn is_id_shape(id: &[u8]) -> bool {
    let year = number(&id[6..10]);
    is_province(number(&id[..2]))
        && (1850..=2100).contains(&year)
        && is_date(year, number(&id[10..12]), number(&id[12..14]))
}

/// The check digit of GB 11643: ISO 7064 MOD 11-2.
pub(super) fn has_id_check(id: &[u8]) -> bool {
    let sum = id[..17].iter().fold(0, |sum, d| (sum + u32::from(d - b'0')) * 2 % 11);
    let check = (12 - sum) % 11;
    let last = if id[17].eq_ignore_ascii_case(&b'X') { 10 } else { u32::from(id[17].wrapping_sub(b'0')) };
    check == last
}

/// The old form of 15 digits: a province and a date of birth in the twentieth century.
pub(super) fn is_old_id(id: &[u8]) -> bool {
    is_province(number(&id[..2]))
        && is_date(1900 + number(&id[6..8]), number(&id[8..10]), number(&id[10..12]))
}

/// The Luhn digit of ISO/IEC 7812.
pub(super) fn has_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, d)| match (place % 2, u32::from(d - b'0')) {
            (1, d) if d > 4 => d * 2 - 9,
            (1, d) => d * 2,
            (_, d) => d,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&d| d != digits[0])
}

/// Whether an issuer gives out numbers with this beginning and length.
pub(super) fn is_issued(digits: &[u8]) -> bool {
    let (two, four) = (number(&digits[..2]), number(&digits[..4]));
    match digits.len() {
        // UnionPay and the Chinese banks' older ranges.
        16..=19 if two == 62 => true,
        19 if matches!(four, 9558 | 6013 | 6014 | 6858 | 9111)
            || matches!(number(&digits[..3]), 603 | 690) =>
        {
            true
        }
        // Visa, Mastercard, American Express, Diners, Discover, JCB.
        13 | 16 | 19 if digits[0] == b'4' => true,
        16 if matches!(two, 51..=55) || matches!(four, 2221..=2720) => true,
        15 if matches!(two, 34 | 37) => true,
        14 if matches!(two, 36 | 38) => true,
        16..=19 if four == 6011 || two == 65 || matches!(number(&digits[..3]), 644..=649) => true,
        16 if matches!(four, 3528..=3589) => true,
        _ => false,
    }
}

/// 统一社会信用代码: 18 characters of its alphabet, a known kind of register, a province, the check of the
/// organisation's code (GB 11714) and the check of the whole (GB 32100, modulo 31).
pub(super) fn is_credit_code(code: &[u8]) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    if code.len() != 18 || !code[2..8].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let mut values = [0u32; 18];
    for (value, c) in values.iter_mut().zip(code) {
        match ALPHABET.iter().position(|a| a == c) {
            Some(place) => *value = place as u32,
            None => return false,
        }
    }
    let register = matches!(
        (code[0], code[1]),
        (b'1' | b'5' | b'N', b'1' | b'2' | b'3' | b'9')
            | (b'2' | b'4' | b'8' | b'A', b'1' | b'9')
            | (b'3', b'1'..=b'5' | b'9')
            | (b'6' | b'7', b'1' | b'2' | b'9')
            | (b'9', b'1' | b'2' | b'3')
            | (b'Y', b'1')
    );
    let region = is_province(number(&code[2..4])) || &code[2..4] == b"10";
    // Powers of three modulo 31.
    let sum: u32 = values[..17]
        .iter()
        .zip(std::iter::successors(Some(1), |w| Some(w * 3 % 31)))
        .map(|(v, w)| v * w)
        .sum();
    register && region && (31 - sum % 31) % 31 == values[17]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_by_their_check_digit() {
        // The two examples of GB 11643 itself.
        assert!(has_id_check(b"11010519491231002X") && is_id_shape(b"11010519491231002X"));
        assert!(has_id_check(b"440524188001010014") && is_id_shape(b"440524188001010014"));
        assert!(!has_id_check(b"110105194912310021") && !is_id_shape(b"11010519490231002X"));
        assert!(is_old_id(b"110105491231002") && !is_old_id(b"110105491331002"));
    }

    #[test]
    fn cards_by_luhn_and_issuer() {
        assert!(has_luhn(b"6222021234567890128") == (0..10).any(|_| has_luhn(b"6222021234567890128")));
        assert!(has_luhn(b"4111111111111111") && is_issued(b"4111111111111111"));
        assert!(!has_luhn(b"4111111111111112") && !has_luhn(b"0000000000000000"));
        assert!(!is_issued(b"1234567890123456"));
    }

    #[test]
    fn credit_codes_by_their_check_character() {
        assert!(is_credit_code(b"91350100M000100Y43"));
        assert!(!is_credit_code(b"91350100M000100Y44") && !is_credit_code(b"91350100I000100Y43"));
    }
}
