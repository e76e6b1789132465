//! Lines and areas over time, from zero: what was used of what there is, what is left and for how long.

use super::{
    Chart, Tone,
    scale::{Scale, decimals, text_width, ticks},
    smooth,
    svg::{Anchor, Pen, fit},
    timeline::time_marks,
};
use kernel::Timestamp;

/// The most points drawn of one line.
const MOST_POINTS: usize = 180;
/// The most lines in one chart.
const MOST_LINES: usize = 6;
/// The widest label at a line's end.
const MOST_LABEL: f64 = 190.0;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A line.
    Line,
    /// A line with the area below it filled.
    Area,
    /// A dashed line: what is expected, or a bound.
    Dashed,
}

/// One line.
pub struct HoursLine {
    /// Drawn at its end.
    pub name: String,
    /// Its colour.
    pub tone: Tone,
    /// How it is drawn.
    pub stroke: Stroke,
    /// Points in order of time.
    pub points: Vec<(Timestamp, f64)>,
}

/// A chart over time.
pub struct Hours {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// What is measured, with its unit.
    pub y_name: String,
    /// The axis reaches at least here.
    pub most: f64,
    /// The lines.
    pub lines: Vec<HoursLine>,
}

impl Chart for Hours {
    fn draw(&self, width: f64) -> String {
        let lines = &self.lines[..self.lines.len().min(MOST_LINES)];
        let widest = lines.iter().map(|line| text_width(&line.name)).fold(20.0, f64::max);
        let end_room = widest.min(MOST_LABEL).min(width * 0.34) + 16.0;
        let height = (width * 0.3).clamp(190.0, 280.0);
        let (first, last) = span(lines);
        let all = lines.iter().flat_map(|line| &line.points).map(|point| point.1);
        let high = all.filter(|value| value.is_finite()).fold(self.most.max(0.0), f64::max);
        let marks = ticks(0.0, if high > 0.0 { high } else { 1.0 }, 4);
        let places = decimals(marks.get(1).map_or(1.0, |second| second - marks[0]));
        let label = |mark: f64| if places == 0 { super::compact(mark) } else { format!("{mark:.places$}") };
        let left = marks.iter().map(|mark| text_width(&label(*mark))).fold(20.0, f64::max) + 10.0;
        let x = Scale::new(0.0, last.saturating_sub(first) as f64, left, width - end_room);
        let y = Scale::new(0.0, high * 1.04, height - 26.0, 28.0);

        let mut pen = Pen::new(&self.title, &self.description);
        pen.text(0.0, 13.0, Anchor::Start, "t-note", &self.y_name);
        for mark in marks {
            pen.line((left, y.at(mark)), (width - end_room, y.at(mark)), "grid");
            pen.text(left - 8.0, y.at(mark) + 4.0, Anchor::End, "t-note", &label(mark));
        }
        for (at, text) in time_marks(first, last, if width > 500.0 { 6 } else { 3 }) {
            pen.text(x.at(at), height - 8.0, Anchor::Middle, "t-note", &text);
        }
        for line in lines {
            draw_line(&mut pen, line, first, x, y);
        }
        draw_labels(&mut pen, lines, (x, y), end_room - 14.0);
        pen.finish(width, height)
    }
}

fn span(lines: &[HoursLine]) -> (i64, i64) {
    let times = || lines.iter().flat_map(|line| &line.points).map(|point| point.0.0);
    let first = times().min().unwrap_or(0);
    (first, times().max().unwrap_or(0).max(first.saturating_add(1)))
}

fn draw_line(pen: &mut Pen, line: &HoursLine, first: i64, x: Scale, y: Scale) {
    let tone = line.tone.class();
    let offsets = line.points.iter().map(|(at, value)| (at.0.saturating_sub(first) as f64, *value));
    let points = smooth(&offsets.collect::<Vec<_>>(), MOST_POINTS).0;
    let points: Vec<_> = points.into_iter().map(|(at, value)| (x.at(at), y.at(value))).collect();
    if let (Stroke::Area, Some(from), Some(to)) = (line.stroke, points.first(), points.last()) {
        let floor = [(to.0, y.from), (from.0, y.from)];
        pen.polyline(&[&points[..], &floor].concat(), true, &format!("band {tone}"));
    }
    let dashed = if line.stroke == Stroke::Dashed { " dashed" } else { "" };
    pen.polyline(&points, false, &format!("line{dashed} {tone}"));
    if let (Stroke::Line, Some(&(at, value))) = (line.stroke, points.last()) {
        pen.circle(at, value, 3.5, &format!("dot {tone}")); // also what a single point is seen by
    }
}

/// Names at the ends of the lines, pushed apart where they would overlap.
fn draw_labels(pen: &mut Pen, lines: &[HoursLine], (x, y): (Scale, Scale), room: f64) {
    let named = lines.iter().filter(|line| !line.name.is_empty());
    let mut ends: Vec<_> =
        named.filter_map(|line| line.points.last().map(|point| (y.at(point.1), line))).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = f64::NEG_INFINITY;
    for (at, line) in ends {
        above = at.max(above + 16.0);
        let class = format!("t-mark {}", line.tone.class());
        pen.text(x.to + 8.0, above + 4.0, Anchor::Start, &class, &fit(&line.name, room));
    }
}
