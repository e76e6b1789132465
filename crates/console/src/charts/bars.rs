//! Horizontal bars from zero, each of one or several parts.

use super::{
    Chart, Tone,
    scale::{Scale, text_width},
    svg::{Anchor, Pen},
};

/// The most bars in one chart.
const MOST_ROWS: usize = 40;
/// Below this width labels stand above their bars instead of beside them.
const STACKED_BELOW: f64 = 460.0;

/// A part of a bar.
pub struct Part {
    /// How long; negative and broken values count as zero.
    pub value: f64,
    /// Its colour.
    pub tone: Tone,
    /// Written inside when there is room, and shown on hover.
    pub name: String,
}

/// One bar.
pub struct Bar {
    /// What it is.
    pub label: String,
    /// Where its label leads.
    pub href: Option<String>,
    /// Its parts, from zero on.
    pub parts: Vec<Part>,
    /// The figure written at its end.
    pub text: String,
}

/// A chart of bars.
pub struct Bars {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// The bars, top down.
    pub rows: Vec<Bar>,
}

fn length(bar: &Bar) -> f64 {
    bar.parts
        .iter()
        .map(|part| part.value)
        .filter(|value| value.is_finite())
        .map(|value| value.max(0.0))
        .sum()
}

impl Chart for Bars {
    fn draw(&self, width: f64) -> String {
        let rows = &self.rows[..self.rows.len().min(MOST_ROWS)];
        let stacked = width < STACKED_BELOW;
        let widest =
            |pick: fn(&Bar) -> &str| rows.iter().map(|row| text_width(pick(row))).fold(0.0, f64::max);
        let left = if stacked { 0.0 } else { (widest(|row| &row.label) + 14.0).min(width * 0.34) };
        let right = widest(|row| &row.text) + 10.0;
        let most = rows.iter().map(length).fold(0.0, f64::max);
        let (pitch, drop) = if stacked { (48.0, 22.0) } else { (28.0, 4.0) };
        let scale = Scale::new(0.0, most, left, (width - right).max(left + 40.0));

        let mut pen = Pen::new(&self.title, &self.description);
        for (index, row) in rows.iter().enumerate() {
            let top = index as f64 * pitch;
            pen.linked(row.href.as_deref(), |pen| {
                let room = if stacked { width } else { left - 12.0 };
                pen.fitted((0.0, top + if stacked { 14.0 } else { 18.0 }), room, "t-text", &row.label);
            });
            let end = draw_parts(&mut pen, row, scale, top + drop);
            pen.text(end + 8.0, top + drop + 14.0, Anchor::Start, "t-mark", &row.text);
        }
        let height = rows.len() as f64 * pitch;
        pen.line((left, 0.0), (left, height - if stacked { 4.0 } else { 0.0 }), "axis");
        pen.finish(width, height.max(1.0))
    }
}

/// Draws the parts of one bar and tells where it ends.
fn draw_parts(pen: &mut Pen, row: &Bar, scale: Scale, top: f64) -> f64 {
    let (mut sum, mut end) = (0.0, scale.from);
    for part in row.parts.iter().filter(|part| part.value > 0.0 && part.value.is_finite()) {
        sum += part.value;
        let next = scale.at(sum).max(end + 1.5);
        pen.hinted(&part.name, |pen| {
            pen.rect(end, top, next - end - 0.5, 20.0, &format!("fill {}", part.tone.class()));
            if row.parts.len() > 1 && text_width(&part.name) + 14.0 < next - end {
                pen.text(
                    end + 7.0,
                    top + 14.5,
                    Anchor::Start,
                    &format!("t-in {}", part.tone.class()),
                    &part.name,
                );
            }
        });
        end = next;
    }
    end
}
