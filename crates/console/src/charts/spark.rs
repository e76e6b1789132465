//! A line as small as a word.

use super::{Chart, Tone, line::smooth, scale::Scale, svg::Pen};

/// A sparkline; drawn at the width given and a height of 36 pixels.
pub struct Spark {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// Values at equal distances.
    pub values: Vec<f64>,
    /// Its colour.
    pub tone: Tone,
}

impl Chart for Spark {
    fn draw(&self, width: f64) -> String {
        const HEIGHT: f64 = 36.0;
        let points: Vec<_> = self.values.iter().enumerate().map(|(x, &y)| (x as f64, y)).collect();
        let (points, _) = smooth(&points, 90);
        let low = points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
        let x = Scale::new(0.0, points.last().map_or(1.0, |last| last.0), 3.0, width - 5.0);
        let y = Scale::new(low, high, HEIGHT - 5.0, 5.0);
        let points: Vec<_> = points.iter().map(|&(at, value)| (x.at(at), y.at(value))).collect();
        let mut pen = Pen::new(&self.title, "");
        pen.polyline(&points, false, &format!("line {}", self.tone.class()));
        if let Some(&(at, value)) = points.last() {
            pen.circle(at, value, 3.0, &format!("dot {}", self.tone.class()));
        }
        pen.finish(width, HEIGHT)
    }
}
