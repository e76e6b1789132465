//! Scores with their confidence intervals, beside a baseline: is this better, and are we sure?

use super::{
    Chart, Tone,
    scale::{Scale, decimals, text_width, ticks},
    svg::{Anchor, Pen},
};

/// The most rows in one chart.
const MOST_ROWS: usize = 40;

/// One scored thing.
pub struct Interval {
    /// What was scored.
    pub label: String,
    /// Where its label leads.
    pub href: Option<String>,
    /// Lower end of the interval.
    pub low: f64,
    /// The estimate.
    pub value: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The figure written at its end.
    pub text: String,
    /// Whether the others are compared with it.
    pub baseline: bool,
}

/// A chart of intervals.
pub struct Intervals {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// What is measured, its unit, and which way is better: drawn over the axis.
    pub measure: String,
    /// The rows, top down.
    pub rows: Vec<Interval>,
}

impl Chart for Intervals {
    fn draw(&self, width: f64) -> String {
        let rows = &self.rows[..self.rows.len().min(MOST_ROWS)];
        let stacked = width < 460.0;
        let widest =
            |pick: fn(&Interval) -> &str| rows.iter().map(|row| text_width(pick(row))).fold(0.0, f64::max);
        let left = if stacked { 8.0 } else { (widest(|row| &row.label) + 24.0).min(width * 0.34) };
        let right = widest(|row| &row.text) + 18.0;
        let low = rows.iter().map(|row| row.low).fold(f64::INFINITY, f64::min);
        let high = rows.iter().map(|row| row.high).fold(f64::NEG_INFINITY, f64::max);
        let room = ((high - low) * 0.08).max(1e-9);
        let scale = Scale::new(low - room, high + room, left, width - right);
        let pitch = if stacked { 48.0 } else { 34.0 };
        let bottom = 26.0 + rows.len() as f64 * pitch;

        let mut pen = Pen::new(&self.title, &self.description);
        pen.text(if stacked { 0.0 } else { left }, 13.0, Anchor::Start, "t-note", &self.measure);
        draw_axis(&mut pen, scale, bottom, if stacked { 4 } else { 7 });
        if let Some(base) = rows.iter().find(|row| row.baseline) {
            pen.line((scale.at(base.value), 22.0), (scale.at(base.value), bottom), "baseline");
        }
        for (index, row) in rows.iter().enumerate() {
            let top = 26.0 + index as f64 * pitch;
            let middle = top + if stacked { 32.0 } else { pitch / 2.0 };
            pen.linked(row.href.as_deref(), |pen| {
                let (at, room) = if stacked { (top + 15.0, width) } else { (middle + 4.0, left - 20.0) };
                pen.fitted((0.0, at), room, "t-text", &row.label);
            });
            draw_row(&mut pen, row, scale, middle);
            pen.text(width, middle + 4.0, Anchor::End, "t-mark", &row.text);
        }
        pen.finish(width, bottom + 22.0)
    }
}

fn draw_axis(pen: &mut Pen, scale: Scale, bottom: f64, count: usize) {
    let marks = ticks(scale.low, scale.high, count);
    let places = decimals(marks.get(1).map_or(1.0, |second| second - marks[0]));
    for mark in marks {
        pen.line((scale.at(mark), 26.0), (scale.at(mark), bottom), "grid");
        pen.text(scale.at(mark), bottom + 16.0, Anchor::Middle, "t-note", &format!("{mark:.places$}"));
    }
}

fn draw_row(pen: &mut Pen, row: &Interval, scale: Scale, y: f64) {
    let tone = if row.baseline { Tone::Neutral } else { Tone::Accent }.class();
    pen.hinted(&row.text, |pen| {
        pen.line((scale.at(row.low), y), (scale.at(row.high), y), &format!("range {tone}"));
        for end in [row.low, row.high] {
            pen.line((scale.at(end), y - 5.0), (scale.at(end), y + 5.0), &format!("tip {tone}"));
        }
        pen.circle(scale.at(row.value), y, 5.0, &format!("dot {tone}"));
    });
}
