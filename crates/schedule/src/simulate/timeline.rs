//! A picture of what ran when: devices in use over time, as SVG.

use super::Outcome;
use crate::world::Seconds;
use std::fmt::Write;

/// Width of the picture.
const WIDTH: f64 = 960.0;
/// Height of each panel.
const PANEL: f64 = 140.0;
/// Steps in time.
const STEPS: usize = 480;

/// An SVG with three panels over time: devices in use, devices asked for by jobs that wait, waiting jobs.
///
/// Colours come from the page: `currentColor` for lines, and class names `used`, `asked` and `jobs` for the
/// areas.
pub fn timeline(outcomes: &[Outcome], devices: i64) -> String {
    let last = outcomes.iter().filter_map(|outcome| outcome.ended).max().unwrap_or(1).max(1);
    let mut used = vec![0.0; STEPS + 1];
    let mut asked = vec![0.0; STEPS + 1];
    let mut jobs = vec![0.0; STEPS + 1];
    for outcome in outcomes {
        let wide = outcome.device_milli as f64 / 1000.0;
        let started = outcome.started.unwrap_or(last);
        add(&mut asked, outcome.submitted, started, last, wide);
        add(&mut jobs, outcome.submitted, started, last, 1.0);
        add(&mut used, started, outcome.ended.unwrap_or(last), last, wide);
    }
    let panels = [
        ("used", format!("devices in use, of {devices}"), used, Some(devices as f64)),
        ("asked", "devices that waiting jobs ask for".to_owned(), asked, None),
        ("jobs", "jobs that have not started".to_owned(), jobs, None),
    ];
    let height = PANEL * panels.len() as f64 + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\"><title>Devices and queue over time</title>"
    );
    for (at, (class, title, steps, most)) in panels.iter().enumerate() {
        let most = most.unwrap_or_else(|| steps.iter().copied().fold(1.0, f64::max));
        panel(&mut svg, class, title, steps, most, at as f64 * PANEL);
    }
    let days = last as f64 / 86_400.0;
    let _ = write!(
        svg,
        "<text x=\"0\" y=\"{y}\" fill=\"currentColor\">0</text>\
         <text x=\"{WIDTH}\" y=\"{y}\" text-anchor=\"end\" fill=\"currentColor\">{days:.1} days</text></svg>",
        y = height - 8.0
    );
    svg
}

/// Adds `value` to each step that lies between two moments, in part where it does in part.
fn add(steps: &mut [f64], from: Seconds, to: Seconds, last: Seconds, value: f64) {
    let step = last as f64 / STEPS as f64;
    let (from, to) = (from as f64 / step, to as f64 / step);
    let mut at = from;
    while at < to {
        let next = (at.floor() + 1.0).min(to);
        if let Some(cell) = steps.get_mut(at as usize) {
            *cell += value * (next - at);
        }
        at = next;
    }
}

fn panel(svg: &mut String, class: &str, title: &str, steps: &[f64], most: f64, top: f64) {
    let base = top + PANEL - 10.0;
    let mut path = format!("M0 {base:.1}");
    for (at, value) in steps.iter().take(STEPS).enumerate() {
        let y = base - (value / most).min(1.0) * (PANEL - 40.0);
        let _ = write!(path, "L{:.1} {y:.1}L{:.1} {y:.1}", edge(at), edge(at + 1));
    }
    let _ = write!(
        svg,
        "<path class=\"{class}\" d=\"{path}L{WIDTH} {base:.1}Z\" fill=\"currentColor\" fill-opacity=\"0.35\"/>\
         <text x=\"0\" y=\"{:.1}\" fill=\"currentColor\">{title} (top: {most:.0})</text>",
        top + 18.0
    );
}

fn edge(step: usize) -> f64 {
    step as f64 * WIDTH / STEPS as f64
}
