//! Values as `sbatch` reads them: counts, durations, sizes, devices, signals.

/// A whole number that is at least `least`; `k` after it means thousands of 1024.
pub(super) fn count(text: &str, least: i64) -> Option<i64> {
    let text = text.trim();
    let (digits, times) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1024),
        None => (text, 1),
    };
    let number: i64 = plain(digits)?;
    number.checked_mul(times).filter(|number| *number >= least && *number <= 1 << 40)
}

/// Digits and nothing else.
pub(super) fn plain(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// A time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// So many seconds.
    Seconds(i64),
    /// As long as it takes.
    Endless,
}

/// A time limit: `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes`,
/// `days-hours:minutes:seconds`; 0 and words such as `UNLIMITED` mean none.
pub(super) fn limit(text: &str) -> Option<Limit> {
    let text = text.trim();
    if ["unlimited", "infinite", "-1"].contains(&text.to_ascii_lowercase().as_str()) {
        return Some(Limit::Endless);
    }
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(plain(days)?), rest),
        None => (None, text),
    };
    let parts: Vec<i64> = rest.split(':').map(plain).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match (days.is_some(), &parts[..]) {
        (true, &[hours]) => (hours, 0, 0),
        (true, &[hours, minutes]) => (hours, minutes, 0),
        (false, &[minutes]) => (0, minutes, 0),
        (false, &[minutes, seconds]) => (0, minutes, seconds),
        (_, &[hours, minutes, seconds]) => (hours, minutes, seconds),
        _ => return None,
    };
    let scaled = |value: i64, unit: i64| value.checked_mul(unit);
    let sum = [scaled(days.unwrap_or(0), 86_400)?, scaled(hours, 3600)?, scaled(minutes, 60)?, seconds];
    match sum.into_iter().try_fold(0_i64, i64::checked_add)? {
        0 => Some(Limit::Endless),
        seconds => Some(Limit::Seconds(seconds)),
    }
}

/// A size of memory in MiB, rounded up: a number and `K`, `M` (also without), `G` or `T`.
pub(super) fn mebibytes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix("ib").or(text.strip_suffix('b')).unwrap_or(&text);
    let (digits, unit) = match text.char_indices().last() {
        Some((at, unit @ ('k' | 'm' | 'g' | 't'))) => (&text[..at], unit),
        _ => (text, 'm'),
    };
    let number = plain(digits)?;
    match unit {
        'k' => Some(number / 1024 + i64::from(number % 1024 > 0)),
        'g' => number.checked_mul(1 << 10),
        't' => number.checked_mul(1 << 20),
        _ => Some(number),
    }
}

/// Devices: how many, and of which models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Devices {
    pub count: i64,
    pub models: Vec<String>,
}

/// `2`, `a100:2` or several of these.
pub(super) fn devices(text: &str) -> Option<Devices> {
    let mut all = Devices::default();
    for part in text.split(',') {
        let (model, number) = part.rsplit_once(':').map_or((None, part), |(model, n)| (Some(model), n));
        let number = plain(number.trim()).filter(|number| *number <= 1 << 20)?;
        let model = model.map(str::trim);
        if model.is_some_and(|model| model.is_empty() || model.contains(':')) {
            return None;
        }
        all.count += number;
        all.models.extend(model.map(str::to_owned));
    }
    Some(all)
}

/// A part of `--gres`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gres {
    Gpus(Devices),
    Other(String),
    None,
}

/// The parts of `--gres`: `gpu`, `gpu:2`, `gpu:a100:2`, `gres/gpu=2`, others by name.
pub(super) fn gres(text: &str) -> Option<Vec<Gres>> {
    text.split(',').map(str::trim).map(gres_part).collect()
}

fn gres_part(part: &str) -> Option<Gres> {
    let part = part.strip_prefix("gres/").or(part.strip_prefix("gres:")).unwrap_or(part).replace('=', ":");
    let (name, rest) = part.split_once(':').map_or((part.as_str(), None), |(name, rest)| (name, Some(rest)));
    match (name, rest) {
        ("none", None) => Some(Gres::None),
        ("gpu", None) => Some(Gres::Gpus(Devices { count: 1, models: Vec::new() })),
        ("gpu", Some(rest)) => {
            // `gpu:a100` is one of that model
            let model = || (!rest.is_empty() && !rest.contains(':')).then(|| rest.to_owned());
            let one = || model().map(|model| Devices { count: 1, models: vec![model] });
            devices(rest).or_else(one).map(Gres::Gpus)
        }
        ("", _) => None,
        (name, _) => Some(Gres::Other(name.to_owned())),
    }
}

/// Models that will do, of `a100|h100`; `None` for other forms.
pub(super) fn models(text: &str) -> Option<Vec<String>> {
    let text = text.trim().trim_matches(['(', ')']);
    let name = |name: &str| {
        let name = name.trim();
        let plain = |c: char| c.is_alphanumeric() || "-_.+ ".contains(c);
        (!name.is_empty() && name.chars().all(plain)).then(|| name.to_owned())
    };
    text.split('|').map(name).collect()
}

/// A signal before the end: `[B:]USR1[@60]` as `USR1@60`.
pub(super) fn signal(text: &str) -> Option<String> {
    let text = text.rsplit_once(':').map_or(text, |(_, rest)| rest);
    let (signal, seconds) = match text.split_once('@') {
        Some((signal, seconds)) => (signal, plain(seconds).filter(|seconds| *seconds <= 86_400)?),
        None => (text, 60),
    };
    let upper = signal.trim().to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let numbers = [("HUP", 1), ("INT", 2), ("USR1", 10), ("USR2", 12), ("TERM", 15)];
    let known = numbers.iter().find(|(word, number)| *word == name || name == number.to_string())?;
    Some(format!("{}@{}", known.0, seconds.max(1)))
}
