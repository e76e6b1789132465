//! Lines over a number: a loss curve with its band.

use super::{
    Chart, Tone,
    scale::{Scale, decimals, text_width, ticks},
    svg::{Anchor, Pen},
};

/// The most points drawn of one line; more are averaged in buckets before.
const MOST_POINTS: usize = 240;
/// The most lines in one chart.
const MOST_LINES: usize = 6;

/// One line and, where known, the band that it lies in.
pub struct Line {
    /// Drawn at the line's end.
    pub name: String,
    /// Its colour.
    pub tone: Tone,
    /// Points in order of x.
    pub points: Vec<(f64, f64)>,
    /// `(x, low, high)` in order of x; empty when there is no uncertainty to show.
    pub band: Vec<(f64, f64, f64)>,
}

/// A chart of lines.
pub struct LineChart {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// What x counts.
    pub x_name: String,
    /// What y measures, with its unit.
    pub y_name: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Chart for LineChart {
    fn draw(&self, width: f64) -> String {
        let lines = &self.lines[..self.lines.len().min(MOST_LINES)];
        let end_room = lines.iter().map(|line| text_width(&end_label(line))).fold(40.0, f64::max) + 14.0;
        let height = (width * 0.36).clamp(210.0, 330.0);
        let ((x_low, x_high), (y_low, y_high)) = bounds(lines);
        let marks = ticks(y_low, y_high, 5);
        let places = decimals(marks.get(1).map_or(1.0, |second| second - marks[0]));
        let left = marks.iter().map(|m| text_width(&format!("{m:.places$}"))).fold(20.0, f64::max) + 10.0;
        let x = Scale::new(x_low, x_high, left, width - end_room);
        let y = Scale::new(y_low, y_high, height - 30.0, 30.0);

        let mut pen = Pen::new(&self.title, &self.description);
        pen.text(0.0, 13.0, Anchor::Start, "t-note", &self.y_name);
        for mark in marks {
            pen.line((left, y.at(mark)), (width - end_room, y.at(mark)), "grid");
            pen.text(left - 8.0, y.at(mark) + 4.0, Anchor::End, "t-note", &format!("{mark:.places$}"));
        }
        for mark in ticks(x_low, x_high, if width > 500.0 { 7 } else { 3 }) {
            pen.text(x.at(mark), height - 10.0, Anchor::Middle, "t-note", &super::compact(mark));
        }
        pen.text(width, height - 10.0, Anchor::End, "t-note", &self.x_name);
        for line in lines {
            draw_line(&mut pen, line, x, y);
        }
        draw_labels(&mut pen, lines, x, y);
        pen.finish(width, height)
    }
}

fn end_label(line: &Line) -> String {
    match line.points.last() {
        Some((_, y)) => format!("{} {y:.2}", line.name),
        None => line.name.clone(),
    }
}

type Range = (f64, f64);

fn bounds(lines: &[Line]) -> (Range, Range) {
    let widen = |(low, high): Range, value: f64| {
        if value.is_finite() { (low.min(value), high.max(value)) } else { (low, high) }
    };
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut x, mut y) = (none, none);
    for line in lines {
        x = line.points.iter().fold(x, |range, point| widen(range, point.0));
        y = line.points.iter().fold(y, |range, point| widen(range, point.1));
        y = line.band.iter().fold(y, |range, part| widen(widen(range, part.1), part.2));
    }
    let whole = |range: Range| if range.0 <= range.1 { range } else { (0.0, 1.0) };
    let (x, y) = (whole(x), whole(y));
    let room = ((y.1 - y.0) * 0.05).max(1e-9);
    (x, (y.0 - room, y.1 + room))
}

fn draw_line(pen: &mut Pen, line: &Line, x: Scale, y: Scale) {
    let tone = line.tone.class();
    let step = line.band.len().div_ceil(MOST_POINTS).max(1);
    let band = || line.band.iter().step_by(step);
    if line.band.len() > 1 {
        let upper = band().map(|&(at, _, high)| (x.at(at), y.at(high)));
        let lower = band().rev().map(|&(at, low, _)| (x.at(at), y.at(low)));
        pen.polyline(&upper.chain(lower).collect::<Vec<_>>(), true, &format!("band {tone}"));
    }
    let points = smooth(&line.points, MOST_POINTS).0;
    let points: Vec<_> = points.iter().map(|&(at, value)| (x.at(at), y.at(value))).collect();
    pen.polyline(&points, false, &format!("line {tone}"));
    if let Some(&(at, value)) = points.last() {
        pen.circle(at, value, 3.5, &format!("dot {tone}"));
    }
}

/// Labels at the ends of the lines, pushed apart where they would overlap.
fn draw_labels(pen: &mut Pen, lines: &[Line], x: Scale, y: Scale) {
    let last = |line: &Line| line.points.last().copied();
    let mut ends: Vec<_> =
        lines.iter().filter_map(|l| last(l).map(|(at, v)| (y.at(v), x.at(at), l))).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut floor = f64::NEG_INFINITY;
    let at_x = ends.iter().map(|end| end.1).fold(x.from, f64::max);
    for (at_y, _, line) in ends {
        let at_y = at_y.max(floor + 16.0);
        floor = at_y;
        pen.text(
            at_x + 9.0,
            at_y + 4.0,
            Anchor::Start,
            &format!("t-mark {}", line.tone.class()),
            &end_label(line),
        );
    }
}

/// A band: `(x, low, high)` in order of x.
pub type Band = Vec<(f64, f64, f64)>;

/// At most `most` means of equal buckets of `points`, and the band between each bucket's least and greatest.
/// The last point stays itself, so that the end of a curve is its newest value.
pub fn smooth(points: &[(f64, f64)], most: usize) -> (Vec<(f64, f64)>, Band) {
    let points: Vec<_> = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let size = points.len().div_ceil(most.max(1)).max(1);
    let mean = |bucket: &[(f64, f64)], pick: fn(&(f64, f64)) -> f64| {
        bucket.iter().map(pick).sum::<f64>() / bucket.len() as f64
    };
    let (mut line, mut band) = (Vec::new(), Vec::new());
    for bucket in points.chunks(size) {
        let x = mean(bucket, |point| point.0);
        line.push((x, mean(bucket, |point| point.1)));
        let low = bucket.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
        let high = bucket.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
        band.push((x, low, high));
    }
    (line, band)
}
