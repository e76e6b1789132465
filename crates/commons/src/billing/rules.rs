//! Pure arithmetic of charges.

use super::UsageLine;
use kernel::{Error, Result, money::mul_div_half_even};

/// What the lines come to in micros: each rounded half to even once, then summed.
pub fn total_micros(lines: &[UsageLine]) -> Result<i64> {
    lines.iter().try_fold(0i64, |total, line| {
        if line.quantity < 0 || line.price_micros < 0 {
            return Err(Error::invalid("usage_negative", "usage and prices are not negative"));
        }
        let amount = mul_div_half_even(line.quantity, line.price_micros, line.per)?;
        total.checked_add(amount).ok_or_else(|| {
            Error::invalid("amount_overflow", "the amount is too large to be counted in micros")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_each_line_once() {
        let line =
            |quantity, price_micros| UsageLine { unit: "t".into(), quantity, price_micros, per: 1_000_000 };
        assert_eq!(total_micros(&[line(1_500_000, 3), line(500_000, 1)]).unwrap(), 4); // 4.5 -> 4, 0.5 -> 0
        assert!(total_micros(&[line(-1, 1)]).is_err());
        assert!(total_micros(&[UsageLine { per: 0, ..line(1, 1) }]).is_err());
    }
}
