//! Progress and metrics of a job, read from its events in bounds and thinned out for a picture.

use super::read::absent;
use commons::jobs::Event;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// The most bytes of events that are looked at.
const EVENTS_BYTES: u64 = 32 << 20;
/// The most series that a job may draw.
const MAX_SERIES: usize = 32;
/// The most points that are kept of each series.
pub const MAX_POINTS: usize = 500;
/// The longest name or text that is kept, in characters.
const MAX_TEXT: usize = 200;

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    /// What it does now.
    pub text: String,
}

/// What a job measured and how far it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Series {
    /// The newest progress.
    pub progress: Option<Progress>,
    /// For each metric its points `(step, value)`, in order, at most [`MAX_POINTS`].
    pub metrics: BTreeMap<String, Vec<(u64, f64)>>,
}

/// Reads the series of the events at `path`; lines that are no events are passed over.
pub fn read(path: &Path) -> io::Result<Series> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if absent(&error) => return Ok(Series::default()),
        Err(error) => return Err(error),
    };
    let mut series = Series::default();
    for line in BufReader::new(file.take(EVENTS_BYTES)).split(b'\n') {
        match serde_json::from_slice(&line?) {
            Ok(Event::Progress { progress, text }) => {
                series.progress = Some(Progress { fraction: progress.clamp(0.0, 1.0), text: short(&text) });
            }
            Ok(Event::Metric { metric, step, value }) if value.is_finite() => {
                add(&mut series, &metric, (step, value))
            }
            _ => {}
        }
    }
    series.metrics.values_mut().for_each(thin);
    Ok(series)
}

fn add(series: &mut Series, metric: &str, point: (u64, f64)) {
    let name = short(metric);
    if series.metrics.len() < MAX_SERIES || series.metrics.contains_key(&name) {
        series.metrics.entry(name).or_default().push(point);
    }
}

fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// Keeps the first, the last and evenly spread points between: a metric's level shows, its noise thins out.
fn thin(points: &mut Vec<(u64, f64)>) {
    let count = points.len();
    if count > MAX_POINTS {
        *points = (0..MAX_POINTS).map(|index| points[index * (count - 1) / (MAX_POINTS - 1)]).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn keeps_ends_and_bounds_and_passes_over_rubbish() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        assert_eq!(read(&path).unwrap(), Series::default());
        let mut text = String::from(
            "rubbish\n{\"progress\":7.0,\"text\":\"练\"}\n{\"metric\":\"loss\",\"step\":0,\"value\":null}\n",
        );
        for step in 0..5000 {
            writeln!(text, "{{\"metric\":\"loss\",\"step\":{step},\"value\":{}}}", 5000 - step).unwrap();
        }
        for name in 0..100 {
            writeln!(text, "{{\"metric\":\"m{name}\",\"step\":1,\"value\":1}}").unwrap();
        }
        std::fs::write(&path, text).unwrap();
        let series = read(&path).unwrap();
        let loss = &series.metrics["loss"];
        assert_eq!((loss.len(), loss[0], loss[MAX_POINTS - 1]), (MAX_POINTS, (0, 5000.0), (4999, 1.0)));
        assert_eq!(series.metrics.len(), MAX_SERIES);
        assert_eq!(series.progress, Some(Progress { fraction: 1.0, text: "练".into() }));
    }
}
