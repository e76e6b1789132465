//! Scales, ticks, and the widths of texts.

/// A linear map from a domain to pixels.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub from: f64,
    pub to: f64,
}

impl Scale {
    /// A scale over `low..high`; an empty or broken domain becomes one of width 1.
    pub fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let usable = low.is_finite() && high.is_finite() && high > low;
        let low = if low.is_finite() { low } else { 0.0 };
        Self { low, high: if usable { high } else { low + 1.0 }, from, to }
    }

    /// The pixel of `value`, held inside the range.
    pub fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + if share.is_finite() { share } else { 0.0 } * (self.to - self.from)
    }
}

/// About `count` round numbers that cover `low..high`, at most 20.
pub(super) fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 || count == 0 {
        return vec![low];
    }
    let rough = span / count as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|&s| s >= rough).unwrap_or(power);
    let first = (low / step).ceil();
    (0..20).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= high + step * 1e-9).collect()
}

/// Decimals that tell ticks `step` apart.
pub(super) fn decimals(step: f64) -> usize {
    if step > 0.0 && step < 1.0 { (-step.log10()).ceil().clamp(0.0, 6.0) as usize } else { 0 }
}

/// A count in few characters: `1,234`, `12.3 k`, `4.56 M`.
pub fn compact(value: f64) -> String {
    let size = value.abs();
    let (scaled, unit) = match size {
        s if s >= 1e9 => (value / 1e9, " G"),
        s if s >= 1e6 => (value / 1e6, " M"),
        s if s >= 1e4 => (value / 1e3, " k"),
        _ => return crate::show::thousands(value.round() as i64),
    };
    format!("{scaled:.*}{unit}", if scaled.abs() >= 100.0 { 0 } else { 1 })
}

/// Width in pixels of `text` in the small size (13 px), near enough for layout: wide characters of
/// Chinese take a whole em, others a bit more than half.
pub fn text_width(text: &str) -> f64 {
    text.chars()
        .map(|character| match character {
            '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{20000}'..='\u{3fffd}' => 13.0,
            'i' | 'l' | 'j' | '.' | ',' | ':' | '|' | '\'' | ' ' | 't' | 'f' | 'r' => 4.6,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 11.2,
            'A'..='Z' => 8.8,
            _ => 7.4,
        })
        .sum()
}
