//! What a corpus-safety profile asks of a source: how large a sample must be, and what its counts prove.
//!
//! The thresholds of TC260-003 and GB/T 45654-2025 (a source with over 5 % bad content is refused; a manual
//! sample of at least 4,000 passes at 96 %; a technical sample of at least a tenth passes at 98 %) are data
//! of the pack and come in as [`Profile`]. Everything here is pure arithmetic.

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// The thresholds of a profile. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// A source with a larger share of bad content is refused.
    pub max_bad_share: f64,
    /// Fewest documents that people judge.
    pub manual_sample: u64,
    /// The share of them that must pass.
    pub manual_pass_share: f64,
    /// The share of all documents that keywords and classifiers judge.
    pub technical_sample_share: f64,
    /// The share of them that must pass.
    pub technical_pass_share: f64,
    /// How sure the bounds are, such as 0.95.
    pub confidence: f64,
}

/// Counts of a judged sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Documents judged.
    pub judged: u64,
    /// Documents that passed.
    pub passed: u64,
}

/// A share with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The share in the sample.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// What the counts of a source say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every sample is large enough and passes.
    Passes,
    /// More than the allowed share is bad: don't use the source.
    SourceRefused,
    /// People judged too few documents.
    ManualSampleTooSmall,
    /// Too few of those that people judged pass.
    ManualShareTooLow,
    /// Keywords and classifiers judged too few documents.
    TechnicalSampleTooSmall,
    /// Too few of those that they judged pass.
    TechnicalShareTooLow,
}

impl Profile {
    /// # Errors
    /// `safety_profile_invalid` when a share isn't between 0 and 1 or the confidence not inside of them.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("max_bad_share", self.max_bad_share),
            ("manual_pass_share", self.manual_pass_share),
            ("technical_sample_share", self.technical_sample_share),
            ("technical_pass_share", self.technical_pass_share),
            ("confidence", self.confidence),
        ];
        let wrong = |&(name, value): &(&str, f64)| {
            !(0.0..=1.0).contains(&value) || name == "confidence" && (value <= 0.0 || value >= 1.0)
        };
        match shares.iter().find(|share| wrong(share)) {
            Some((name, value)) => {
                let text = format!("{name} is {value}; give a share between 0 and 1 (5 % is 0.05).");
                Err(Error::invalid("safety_profile_invalid", text))
            }
            None => Ok(()),
        }
    }

    /// How many documents people must judge of a source of this size: the sample, or all where there are
    /// fewer.
    pub fn manual_sample_of(&self, documents: u64) -> u64 {
        self.manual_sample.min(documents)
    }

    /// How many documents keywords and classifiers must judge of a source of this size, rounded up.
    pub fn technical_sample_of(&self, documents: u64) -> u64 {
        ((documents as f64 * self.technical_sample_share - 1e-9).ceil() as u64).min(documents)
    }

    /// The verdict on a source of `documents` from both samples. The first that applies, in this order:
    /// refused, too small, too low. A source is refused when the share that people found bad is over the
    /// limit; with too few judged, only when even the lower bound is.
    pub fn verdict(&self, documents: u64, manual: Counts, technical: Counts) -> Verdict {
        let enough = manual.judged >= self.manual_sample_of(documents);
        let bad = Counts { judged: manual.judged, passed: manual.judged - manual.passed.min(manual.judged) };
        let bad_share = if enough { share_of(bad) } else { wilson(bad, self.confidence).low };
        if manual.judged > 0 && bad_share > self.max_bad_share {
            Verdict::SourceRefused
        } else if !enough {
            Verdict::ManualSampleTooSmall
        } else if manual.judged > 0 && share_of(manual) < self.manual_pass_share {
            Verdict::ManualShareTooLow
        } else if technical.judged < self.technical_sample_of(documents) {
            Verdict::TechnicalSampleTooSmall
        } else if technical.judged > 0 && share_of(technical) < self.technical_pass_share {
            Verdict::TechnicalShareTooLow
        } else {
            Verdict::Passes
        }
    }
}

fn share_of(counts: Counts) -> f64 {
    counts.passed.min(counts.judged) as f64 / counts.judged.max(1) as f64
}

/// How many documents must be judged so that a share near `share` is known to within `margin` either way, in
/// a set of `documents` (Cochran's formula with its correction for small sets).
pub fn sample_size(documents: u64, share: f64, margin: f64, confidence: f64) -> u64 {
    let z = z_score(confidence);
    let infinite = z * z * share * (1.0 - share) / (margin * margin).max(f64::MIN_POSITIVE);
    let size = infinite / (1.0 + (infinite - 1.0).max(0.0) / documents.max(1) as f64);
    (size.ceil() as u64).clamp(documents.min(1), documents)
}

/// The share with Wilson's score interval: good for any share and sample.
pub fn wilson(counts: Counts, confidence: f64) -> Share {
    if counts.judged == 0 {
        return Share { value: 0.0, low: 0.0, high: 1.0 };
    }
    let (n, p, z) = (counts.judged as f64, share_of(counts), z_score(confidence));
    let (z2, scale) = (z * z / n, 1.0 + z * z / n);
    let (centre, half) = ((p + z2 / 2.0) / scale, z * (p * (1.0 - p) / n + z2 / (4.0 * n)).sqrt() / scale);
    Share { value: p, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

/// The share with the interval of Clopper and Pearson: never less sure than asked, so wider.
pub fn clopper_pearson(counts: Counts, confidence: f64) -> Share {
    let (n, k) = (counts.judged, counts.passed.min(counts.judged));
    if n == 0 {
        return Share { value: 0.0, low: 0.0, high: 1.0 };
    }
    let alpha = (1.0 - confidence) / 2.0;
    let (kf, nf) = (k as f64, n as f64);
    // The lower bound is where P(X >= k) = alpha, the upper one where P(X <= k) = alpha.
    let low = if k == 0 { 0.0 } else { bisect(|p| incomplete_beta(p, kf, nf - kf + 1.0) - alpha) };
    let high = if k == n { 1.0 } else { bisect(|p| incomplete_beta(p, kf + 1.0, nf - kf) - (1.0 - alpha)) };
    Share { value: kf / nf, low, high }
}

/// Where a rising function is zero, between 0 and 1.
fn bisect(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The two-sided quantile of the normal distribution, by bisection on its distribution function.
fn z_score(confidence: f64) -> f64 {
    let target = 0.5 + confidence.clamp(0.0, 1.0 - 1e-12) / 2.0;
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle: f64 = (low + high) / 2.0;
        if normal(middle) < target { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The normal distribution function for z >= 0, by Simpson's rule over the density.
fn normal(z: f64) -> f64 {
    const STEPS: usize = 200;
    let h = z / STEPS as f64;
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let sum: f64 = (0..=STEPS)
        .map(|i| density(i as f64 * h) * if i == 0 || i == STEPS { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 })
        .sum();
    0.5 + sum * h / 3.0
}

/// The regularised incomplete beta function, by its continued fraction (Lentz).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_small(1.0 - x, b, a);
    }
    incomplete_beta_small(x, a, b)
}

fn incomplete_beta_small(x: f64, a: f64, b: f64) -> f64 {
    let front = (a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let tiny = 1e-300;
    let safe = |value: f64| if value.abs() < tiny { tiny } else { value };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for step in 1..2000 {
        let m = f64::from(step);
        for numerator in [
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / safe(1.0 + numerator * d);
            c = safe(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-14 {
            break;
        }
    }
    front * fraction
}

/// The logarithm of the gamma function for x > 0, by Stirling's series after shifting x up.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 12.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let (i, i2) = (1.0 / x, 1.0 / (x * x));
    let series = i * (1.0 / 12.0 - i2 * (1.0 / 360.0 - i2 * (1.0 / 1260.0 - i2 / 1680.0)));
    shift + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            max_bad_share: 0.05,
            manual_sample: 4000,
            manual_pass_share: 0.96,
            technical_sample_share: 0.1,
            technical_pass_share: 0.98,
            confidence: 0.95,
        }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-5
    }

    #[test]
    fn bounds_agree_with_the_textbook() {
        let ten = Counts { judged: 10, passed: 2 };
        // R: binom.test(2, 10) gives 0.02521073 and 0.5560955; prop.test without correction 0.0566822 and
        // 0.5098375.
        let (exact, score) = (clopper_pearson(ten, 0.95), wilson(ten, 0.95));
        assert!(near(exact.low, 0.02521073) && near(exact.high, 0.5560955), "{exact:?}");
        assert!(near(score.low, 0.0566822) && near(score.high, 0.5098375), "{score:?}");
        assert_eq!(clopper_pearson(Counts { judged: 30, passed: 30 }, 0.95).high, 1.0);
        assert!(near(clopper_pearson(Counts { judged: 30, passed: 0 }, 0.95).high, 0.1157033));
        assert!(near(z_score(0.95), 1.959964));
    }

    #[test]
    fn samples_are_as_large_as_the_profile_says() {
        assert_eq!((profile().manual_sample_of(100_000), profile().manual_sample_of(300)), (4000, 300));
        assert_eq!((profile().technical_sample_of(100_000), profile().technical_sample_of(11)), (10_000, 2));
        assert_eq!(sample_size(1_000_000, 0.5, 0.05, 0.95), 384);
        assert_eq!(sample_size(1000, 0.5, 0.05, 0.95), 278);
        assert_eq!(sample_size(0, 0.5, 0.05, 0.95), 0);
    }

    #[test]
    fn verdicts_in_their_order() {
        let verdict = |manual: (u64, u64), technical: (u64, u64)| {
            let counts = |(judged, passed)| Counts { judged, passed };
            profile().verdict(50_000, counts(manual), counts(technical))
        };
        assert_eq!(verdict((4000, 3900), (5000, 4950)), Verdict::Passes);
        assert_eq!(verdict((4000, 3799), (5000, 4950)), Verdict::SourceRefused);
        assert_eq!(verdict((100, 50), (0, 0)), Verdict::SourceRefused);
        assert_eq!(verdict((100, 94), (5000, 5000)), Verdict::ManualSampleTooSmall);
        assert_eq!(verdict((4000, 3820), (5000, 5000)), Verdict::ManualShareTooLow);
        assert_eq!(verdict((4000, 3900), (4999, 4999)), Verdict::TechnicalSampleTooSmall);
        assert_eq!(verdict((4000, 3900), (5000, 4899)), Verdict::TechnicalShareTooLow);
        let wrong = Profile { max_bad_share: 5.0, ..profile() };
        assert_eq!(wrong.check().err().map(|e| e.code), Some("safety_profile_invalid"));
    }

    proptest::proptest! {
        #[test]
        fn bounds_hold_the_share(judged in 1u64..5000, part in 0.0f64..=1.0) {
            let counts = Counts { judged, passed: (judged as f64 * part) as u64 };
            let (wide, narrow) = (clopper_pearson(counts, 0.95), wilson(counts, 0.95));
            for share in [wide, narrow] {
                proptest::prop_assert!(share.low <= share.value + 1e-9 && share.value <= share.high + 1e-9);
                proptest::prop_assert!(share.low >= 0.0 && share.high <= 1.0);
            }
        }
    }
}
