//! The queue as it will probably go: what runs and until when, what waits and from when.

use super::{
    Chart, Tone,
    scale::Scale,
    svg::{Anchor, Pen, two_lines},
    timeline::time_marks,
};
use kernel::Timestamp;

/// The most jobs in one picture.
const MOST_ROWS: usize = 40;
/// The least and the most seconds from now that are drawn.
const REACH: (i64, i64) = (600, 14 * 86_400);
/// Part of the drawn time that lies before now.
const PAST: f64 = 0.1;
/// Below this width names stand above their bars instead of beside them.
const STACKED_BELOW: f64 = 460.0;

/// One job.
pub struct QueueRow {
    /// Its name.
    pub label: String,
    /// Its own page.
    pub href: Option<String>,
    /// Why it waits, or where it runs, in words.
    pub note: String,
    /// The colour of its bar.
    pub tone: Tone,
    /// When it began, or will probably begin; none when nobody can tell.
    pub begins: Option<Timestamp>,
    /// When its time limit is reached.
    pub ends: Option<Timestamp>,
}

/// A picture of the queue from now on.
pub struct QueueChart {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// The word for the present.
    pub now_word: String,
    /// The present.
    pub now: Timestamp,
    /// The jobs, top down.
    pub rows: Vec<QueueRow>,
}

/// Where a row's parts stand.
struct Place {
    scale: Scale,
    first: i64,
    y: f64,
    now: Timestamp,
}

impl Place {
    fn at(&self, time: Timestamp) -> f64 {
        self.scale.at(time.0.saturating_sub(self.first) as f64)
    }
}

impl Chart for QueueChart {
    fn draw(&self, width: f64) -> String {
        let rows = &self.rows[..self.rows.len().min(MOST_ROWS)];
        let stacked = width < STACKED_BELOW;
        let (left, pitch) = if stacked { (0.0, 82.0) } else { (width * 0.46, 58.0) };
        let reach = reach(rows, self.now);
        let first = self.now.0.saturating_sub((reach as f64 * PAST) as i64);
        let last = self.now.0.saturating_add(reach);
        let scale = Scale::new(0.0, last.saturating_sub(first) as f64, left, width - 14.0);
        let bottom = 26.0 + rows.len() as f64 * pitch;

        let mut pen = Pen::new(&self.title, &self.description);
        for (at, text) in time_marks(first, last, if stacked { 3 } else { 5 }) {
            pen.line((scale.at(at), 20.0), (scale.at(at), bottom), "grid");
            pen.text(scale.at(at), 12.0, Anchor::Middle, "t-note", &text);
        }
        let now = scale.at(self.now.0.saturating_sub(first) as f64);
        if !stacked {
            pen.line((now, 26.0), (now, bottom), "axis");
        }
        for (index, row) in rows.iter().enumerate() {
            let top = 26.0 + index as f64 * pitch;
            let room = if stacked { width } else { left - 18.0 };
            pen.linked(row.href.as_deref(), |pen| pen.fitted((0.0, top + 14.0), room, "t-text", &row.label));
            let lines = two_lines(&row.note, room);
            for (line, text) in lines.iter().enumerate() {
                pen.text(0.0, top + 31.0 + line as f64 * 15.0, Anchor::Start, "t-note", text);
            }
            let y = if stacked { top + 30.0 + lines.len() as f64 * 15.0 } else { top + 20.0 };
            if stacked {
                // beside its bars only, where names stand above them
                pen.line((now, y - 12.0), (now, y + 12.0), "axis");
            }
            draw_row(&mut pen, row, &Place { scale, first, y, now: self.now });
        }
        pen.text(now, bottom + 14.0, Anchor::Middle, "t-mark", &self.now_word);
        pen.finish(width, bottom + 20.0)
    }
}

fn draw_row(pen: &mut Pen, row: &QueueRow, place: &Place) {
    let y = place.y;
    let hint = if row.note.is_empty() { row.label.clone() } else { format!("{}: {}", row.label, row.note) };
    pen.hinted(&hint, |pen| {
        let Some(begins) = row.begins else {
            pen.line((place.at(place.now), y), (place.scale.to, y), "waiting");
            pen.text(place.scale.to + 8.0, y + 5.0, Anchor::Middle, "t-mark", "?");
            return;
        };
        if begins > place.now {
            pen.circle(place.at(place.now), y, 2.5, "dot c-neutral");
            pen.line((place.at(place.now), y), (place.at(begins), y), "waiting");
        }
        let from = place.at(begins);
        let ends = row.ends.unwrap_or(begins);
        pen.rect(
            from,
            y - 8.0,
            (place.at(ends) - from).max(3.0),
            16.0,
            &format!("fill {}", row.tone.class()),
        );
        if ends.0.saturating_sub(place.first) as f64 > place.scale.high {
            pen.text(place.scale.to + 7.0, y + 5.0, Anchor::Middle, "t-mark", "›");
        }
    });
}

/// How much time from now is drawn, in microseconds: all starts with some room, and ends of the near future. A
/// limit of weeks doesn't press the rest together.
fn reach(rows: &[QueueRow], now: Timestamp) -> i64 {
    let ahead = |at: Option<Timestamp>| at.map_or(0, |at| at.0.saturating_sub(now.0).max(0));
    let starts = rows.iter().map(|row| ahead(row.begins)).max().unwrap_or(0);
    let ends = rows.iter().map(|row| ahead(row.ends)).max().unwrap_or(0);
    let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
    let wanted = (starts.saturating_add(starts / 4)).max(ends.min(micros(86_400)));
    wanted.clamp(micros(REACH.0), micros(REACH.1))
}
