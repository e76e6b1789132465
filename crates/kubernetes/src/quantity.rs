//! Amounts as Kubernetes writes them: `64`, `63500m`, `257Gi`, `1e3`.

/// An amount in thousandths of its unit; `None` for what is no amount, is negative, or too large to count so.
pub fn thousandths(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, suffix) = text.split_at(split);
    let thousandths = decimal(digits)?;
    let amount = match suffix {
        "n" => thousandths / 1_000_000_000,
        "u" => thousandths / 1_000_000,
        "m" => thousandths / 1000,
        _ => thousandths.checked_mul(factor(suffix)?)?,
    };
    u64::try_from(amount).ok()
}

/// An amount of memory in MiB, rounded down.
pub fn mebibytes(text: &str) -> Option<u64> {
    thousandths(text).map(|amount| (amount / 1000) >> 20)
}

/// What a suffix multiplies by.
fn factor(suffix: &str) -> Option<u128> {
    const DECIMAL: [&str; 7] = ["", "k", "M", "G", "T", "P", "E"];
    const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(power) = DECIMAL.iter().position(|known| *known == suffix) {
        return Some(1000_u128.pow(power as u32));
    }
    if let Some(power) = BINARY.iter().position(|known| *known == suffix) {
        return Some(1 << (10 * power));
    }
    let power: u32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    (power <= 18).then(|| 10_u128.pow(power))
}

/// The thousandths of `12.345`; further digits are cut.
fn decimal(digits: &str) -> Option<u128> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) {
        return None;
    }
    let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u128>().ok() };
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    number(whole)?.checked_mul(1000)?.checked_add(number(&part)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_kubernetes_writes_them() {
        assert_eq!(thousandths("64"), Some(64_000));
        assert_eq!(thousandths("63500m"), Some(63_500 * 1000 / 1000));
        assert_eq!(thousandths("0.5"), Some(500));
        assert_eq!(thousandths("1e3"), Some(1_000_000));
        assert_eq!(mebibytes("263856000Ki"), Some(257_671));
        assert_eq!(mebibytes("257Gi"), Some(263_168));
        assert_eq!(mebibytes("1048576"), Some(1));
        for odd in ["", "Gi", "-1", "1.2.3", "1x", "1e99", "99999999999999999999999"] {
            assert_eq!(thousandths(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}") {
            let _ = mebibytes(&text);
        }

        #[test]
        fn no_amount_makes_it_panic(text in "[0-9.]{0,25}(m|u|n|k|Ki|Ei|E|e[0-9]{1,3})?") {
            let _ = thousandths(&text);
        }
    }
}
