//! What was used hour by hour, and how much of it on domestic accelerators.

use super::View;
use crate::{
    charts::{Hours, HoursLine, Stroke, Tone},
    show,
    views::Block,
};
use compute::types::{UsageHistory, UsageHour};

/// A figure of an hour.
type Measure<'a> = &'a dyn Fn(&UsageHour) -> f64;

/// Milliseconds in an hour.
const HOUR: f64 = 3_600_000.0;

pub(super) fn blocks(view: &View<'_>, history: &UsageHistory) -> Vec<Block> {
    let domestic = domestic(view, history);
    match (used(view, history, domestic.is_some()), domestic) {
        (Some(used), Some(domestic)) => vec![Block::pair(vec![used], vec![domestic])],
        (used, domestic) => used.into_iter().chain(domestic).collect(),
    }
}

/// Accelerators in use on average in an hour.
fn devices(hour: &UsageHour) -> f64 {
    hour.devices.iter().map(|device| device.milliseconds).sum::<i64>() as f64 / HOUR
}

/// What was in use beside what there is: accelerators where there are any, cores elsewhere. None before any
/// node is known.
fn used(view: &View<'_>, history: &UsageHistory, half: bool) -> Option<Block> {
    let (lang, hours) = (view.lang(), &history.hours);
    let accelerated = hours.iter().any(|hour| hour.device_capacity_milli > 0);
    let line = |key: &str, tone, stroke, value: Measure<'_>| HoursLine {
        name: lang.t(key),
        tone,
        stroke,
        points: hours.iter().map(|hour| (hour.at, value(hour))).collect(),
    };
    let cores = view.overview.capacity.cpus as f64;
    let (value, capacity): (Measure<'_>, Measure<'_>) = match accelerated {
        true => (&devices, &|hour| hour.device_capacity_milli as f64 / 1000.0),
        false => (&|hour| hour.cpu_milliseconds as f64 / HOUR, &|_| cores),
    };
    let sum = |value: Measure<'_>| hours.iter().map(value).sum::<f64>();
    if sum(capacity) <= 0.0 {
        return None; // no node has told what it has
    }
    let share = show::percent(sum(value), sum(capacity));
    let whose = lang.t(if view.shell.operator { "compute-used-all" } else { "compute-used-own" });
    let chart = Hours {
        title: lang.t("compute-used-question"),
        description: lang.ta("compute-used-share", &[("share", share.into())]),
        y_name: lang.t(if accelerated { "compute-devices-unit" } else { "compute-cores-unit" }),
        most: 1.0,
        lines: vec![
            line("compute-there", Tone::Neutral, Stroke::Dashed, capacity),
            line("compute-used", Tone::Accent, Stroke::Area, value),
        ],
    };
    let note = format!("{} {whose}", chart.description);
    let title = chart.title.clone();
    Some(if half { Block::half_figure(title, note, &chart) } else { Block::figure(title, note, &chart) })
}

/// Part of accelerator time on domestic models, in the hours in which there was any.
fn domestic(view: &View<'_>, history: &UsageHistory) -> Option<Block> {
    let lang = view.lang();
    let sums = |hour: &UsageHour| {
        let all: i64 = hour.devices.iter().map(|device| device.milliseconds).sum();
        let home = hour.devices.iter().filter(|device| device.domestic).map(|device| device.milliseconds);
        (home.sum::<i64>() as f64, all as f64)
    };
    let hours: Vec<_> = history.hours.iter().map(|hour| (hour.at, sums(hour))).collect();
    let (home, all) = hours.iter().fold((0.0, 0.0), |sum, (_, part)| (sum.0 + part.0, sum.1 + part.1));
    if all <= 0.0 {
        return None;
    }
    let used = hours.iter().filter(|(_, (_, all))| *all > 0.0);
    let points: Vec<_> = used.map(|&(at, (home, all))| (at, 100.0 * home / all)).collect();
    let share = show::percent(home, all);
    let chart = Hours {
        title: lang.t("compute-domestic-question"),
        description: lang.ta("compute-domestic-share", &[("share", share.clone().into())]),
        y_name: lang.t("compute-domestic-unit"),
        most: 100.0,
        lines: vec![HoursLine { name: share, tone: Tone::Accent, stroke: Stroke::Line, points }],
    };
    Some(Block::half_figure(chart.title.clone(), chart.description.clone(), &chart))
}
