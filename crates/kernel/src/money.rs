//! Amounts of money: integer micros of a currency. No floating point comes near.

use crate::{Error, Result};
use std::{fmt, str::FromStr};

/// Micros in one unit of a currency (1 CNY = 1,000,000 micros; 1 fen = 10,000).
pub const MICROS: i64 = 1_000_000;
/// Parts per million in a whole; rates are given in them (30 % = 300,000 ppm).
pub const PPM: i64 = 1_000_000;

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Renminbi.
    pub const CNY: Self = Self(*b"CNY");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(Error::invalid("currency_invalid", "a currency is three capital letters, such as CNY")),
        }
    }
}

/// An amount: `micros` millionths of one unit of `currency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Millionths of a unit; may be negative.
    pub micros: i64,
    /// What the units are.
    pub currency: Currency,
}

impl Money {
    /// An amount in renminbi.
    pub const fn cny_micros(micros: i64) -> Self {
        Self { micros, currency: Currency::CNY }
    }

    /// The sum; fails on different currencies and on overflow.
    pub fn checked_add(self, other: Self) -> Result<Self> {
        self.combine(other, i64::checked_add)
    }

    /// The difference; fails on different currencies and on overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(self, other: Self, operation: impl Fn(i64, i64) -> Option<i64>) -> Result<Self> {
        if self.currency != other.currency {
            return Err(Error::invalid(
                "currency_mismatch",
                "amounts of different currencies can't be combined",
            ));
        }
        let micros = operation(self.micros, other.micros).ok_or_else(overflow)?;
        Ok(Self { micros, currency: self.currency })
    }
}

fn overflow() -> Error {
    Error::invalid("amount_overflow", "the amount is too large to be counted in micros")
}

/// `amount × numerator ÷ denominator` in 128-bit arithmetic, rounded half to even, once.
///
/// Fails when `denominator` is not positive or the result does not fit.
pub fn mul_div_half_even(amount: i64, numerator: i64, denominator: i64) -> Result<i64> {
    if denominator <= 0 {
        return Err(Error::invalid("amount_overflow", "a rate's denominator must be positive"));
    }
    let product = i128::from(amount) * i128::from(numerator);
    let denominator = i128::from(denominator);
    let (floor, rest) = (product.div_euclid(denominator), product.rem_euclid(denominator));
    let up = match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Equal => floor & 1,
    };
    i64::try_from(floor + up).map_err(|_| overflow())
}

/// `amount` at `rate_ppm` parts per million, rounded half to even.
pub fn apply_ppm(amount: i64, rate_ppm: i64) -> Result<i64> {
    mul_div_half_even(amount, rate_ppm, PPM)
}

/// Splits `amount` (not negative) by integer `weights` so that the parts sum to it exactly: each gets its
/// floor, and what is left goes one micro each to the largest remainders, ties to the lower index.
///
/// All-zero or empty weights give all-zero parts: the caller keeps the amount.
pub fn split_by_weights(amount: i64, weights: &[u64]) -> Vec<i64> {
    let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    if total == 0 || amount <= 0 {
        return vec![0; weights.len()];
    }
    let whole = amount.unsigned_abs();
    let share = |weight: u64| {
        // amount < 2^63 and weight < 2^64, so the product fits 127 bits.
        let product = u128::from(whole) * u128::from(weight);
        (product / total, product % total)
    };
    let mut parts: Vec<i64> = weights.iter().map(|&weight| share(weight).0 as i64).collect();
    let left = (amount - parts.iter().sum::<i64>()) as usize;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(share(weights[index]).1), index));
    for &index in order.iter().take(left) {
        parts[index] += 1;
    }
    parts
}

impl fmt::Display for Money {
    /// `CNY 1,234.56`: at least two decimals, more only where they are not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.code(), format_micros(self.micros))
    }
}

/// Decimal text of an amount in micros with thousands separators: `1,234.56`, `-0.000001`.
pub fn format_micros(micros: i64) -> String {
    let whole = (micros.unsigned_abs() / MICROS as u64).to_string();
    let mut text = String::from(if micros < 0 { "-" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let mut decimals = format!("{:06}", micros.unsigned_abs() % MICROS as u64);
    while decimals.len() > 2 && decimals.ends_with('0') {
        decimals.pop();
    }
    text.push('.');
    text.push_str(&decimals);
    text
}

/// Micros of a decimal text such as `5000000`, `12.5` or `1,234.56`; at most six decimals.
pub fn parse_micros(text: &str) -> Result<i64> {
    let wrong = || {
        Error::invalid(
            "amount_invalid",
            "an amount is a decimal number with at most six decimals, such as 12.50",
        )
    };
    let cleaned: String = text.trim().chars().filter(|&c| c != ',' && c != '_').collect();
    let (sign, digits) = match cleaned.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, cleaned.as_str()),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 6 || !numeric(whole) || !numeric(decimals) {
        return Err(wrong());
    }
    let units: i64 = whole.parse().map_err(|_| overflow())?;
    let micros: i64 = format!("{decimals:0<6}").parse().map_err(|_| wrong())?;
    units
        .checked_mul(MICROS)
        .and_then(|value| value.checked_add(micros))
        .map(|value| sign * value)
        .ok_or_else(overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_and_no_part_strays_a_micro(
            amount in 0..i64::MAX, weights in proptest::collection::vec(0u64..1 << 40, 1..50)
        ) {
            let parts = split_by_weights(amount, &weights);
            let total: u128 = weights.iter().map(|&w| u128::from(w)).sum();
            prop_assume!(total > 0);
            prop_assert_eq!(parts.iter().map(|&p| i128::from(p)).sum::<i128>(), i128::from(amount));
            for (part, &weight) in parts.iter().zip(&weights) {
                let exact = amount as u128 * u128::from(weight) / total;
                prop_assert!((*part as u128).abs_diff(exact) <= 1);
            }
        }

        #[test]
        fn decimal_text_parses_back(micros in -1_000_000_000_000_000i64..1_000_000_000_000_000) {
            prop_assert_eq!(parse_micros(&format_micros(micros)).unwrap(), micros);
        }
    }

    #[test]
    fn rounds_half_to_even_and_refuses_overflow() {
        assert_eq!(mul_div_half_even(5, 1, 2).unwrap(), 2);
        assert_eq!(mul_div_half_even(7, 1, 2).unwrap(), 4);
        assert_eq!(mul_div_half_even(-5, 1, 2).unwrap(), -2);
        assert_eq!(apply_ppm(1_000_000, 300_000).unwrap(), 300_000);
        assert!(mul_div_half_even(i64::MAX, 3, 2).is_err());
    }

    #[test]
    fn shows_thousands_and_needed_decimals() {
        assert_eq!(Money::cny_micros(5_000_000_000_000).to_string(), "CNY 5,000,000.00");
        assert_eq!(format_micros(-1_234_567_890), "-1,234.56789");
        assert!(parse_micros("1.2345678").is_err());
        assert!(parse_micros("1e9").is_err());
    }
}
