//! The queue as it went: when each job waited, ran and ended.

use super::{
    Chart, Tone,
    scale::{Scale, text_width},
    svg::{Anchor, Pen},
};
use kernel::Timestamp;

/// The most jobs in one picture.
const MOST_ROWS: usize = 40;
/// Steps that time ticks may take, in seconds.
const STEPS: [i64; 14] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 21_600, 86_400];

/// One job in time.
pub struct Span {
    /// Its name.
    pub label: String,
    /// Its own page.
    pub href: Option<String>,
    /// When it began to wait.
    pub submitted: Timestamp,
    /// When it began to run, if it did.
    pub started: Option<Timestamp>,
    /// When it ended, if it did.
    pub ended: Option<Timestamp>,
    /// The colour of its state.
    pub tone: Tone,
    /// State and duration in words, written after it.
    pub text: String,
}

/// A picture of the queue.
pub struct Timeline {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// The present, where unended spans end.
    pub now: Timestamp,
    /// The jobs, top down.
    pub spans: Vec<Span>,
}

impl Chart for Timeline {
    fn draw(&self, width: f64) -> String {
        let spans = &self.spans[..self.spans.len().min(MOST_ROWS)];
        let stacked = width < 460.0;
        let widest =
            |pick: fn(&Span) -> &str| spans.iter().map(|span| text_width(pick(span))).fold(0.0, f64::max);
        let left = if stacked { 0.0 } else { (widest(|span| &span.label) + 14.0).min(width * 0.3) };
        let right = if stacked { 8.0 } else { widest(|span| &span.text) + 14.0 };
        let first = spans.iter().map(|span| span.submitted.0).min().unwrap_or(self.now.0);
        let end = |span: &Span| span.ended.unwrap_or(self.now).0;
        let last = spans.iter().map(end).max().unwrap_or(self.now.0).max(first.saturating_add(1_000_000));
        let scale = Scale::new(0.0, last.saturating_sub(first) as f64, left, width - right);
        let pitch = if stacked { 40.0 } else { 27.0 };
        let bottom = 22.0 + spans.len() as f64 * pitch;

        let mut pen = Pen::new(&self.title, &self.description);
        for (at, text) in time_marks(first, last, if stacked { 3 } else { 6 }) {
            pen.line((scale.at(at), 18.0), (scale.at(at), bottom), "grid");
            pen.text(scale.at(at), 12.0, Anchor::Middle, "t-note", &text);
        }
        for (index, span) in spans.iter().enumerate() {
            let top = 22.0 + index as f64 * pitch;
            let middle = top + if stacked { 28.0 } else { pitch / 2.0 };
            let room = if stacked { width - text_width(&span.text) - 10.0 } else { left - 12.0 };
            pen.linked(span.href.as_deref(), |pen| {
                pen.fitted(
                    (0.0, if stacked { top + 15.0 } else { middle + 4.0 }),
                    room,
                    "t-text",
                    &span.label,
                );
            });
            draw_span(&mut pen, span, self.now, first, scale, middle);
            let (x, y, anchor) = match stacked {
                true => (width, top + 15.0, Anchor::End),
                false => {
                    (scale.at(end(span).saturating_sub(first) as f64) + 8.0, middle + 4.0, Anchor::Start)
                }
            };
            pen.text(x, y, anchor, "t-note", &span.text);
        }
        pen.finish(width, bottom + 4.0)
    }
}

fn draw_span(pen: &mut Pen, span: &Span, now: Timestamp, first: i64, scale: Scale, y: f64) {
    let at = |time: Timestamp| scale.at(time.0.saturating_sub(first) as f64);
    let end = span.ended.unwrap_or(now);
    let run = span.started.unwrap_or(end);
    pen.hinted(&format!("{} {}", span.label, span.text), |pen| {
        pen.line((at(span.submitted), y), (at(run), y), "waiting");
        pen.circle(at(span.submitted), y, 2.5, "dot c-neutral");
        if span.started.is_some() {
            let width = (at(end) - at(run)).max(3.0);
            pen.rect(at(run), y - 7.0, width, 14.0, &format!("fill {}", span.tone.class()));
        }
    });
}

/// Round times between two instants, as offsets in microseconds with their text in Shanghai.
pub(super) fn time_marks(first: i64, last: i64, count: i64) -> Vec<(f64, String)> {
    let span = last.saturating_sub(first) / 1_000_000;
    let step =
        STEPS.into_iter().find(|step| span / step <= count).unwrap_or(86_400 * (span / 86_400 / count + 1));
    let micros = step.saturating_mul(1_000_000);
    let start = (first / micros).saturating_add(1).saturating_mul(micros);
    let text = |at: i64| {
        let whole = Timestamp(at).shanghai_text();
        let range = if step >= 86_400 {
            5..10
        } else if step >= 60 {
            11..16
        } else {
            11..19
        };
        whole.get(range).unwrap_or_default().to_owned()
    };
    let marks = (0..count + 2).map(|i| start.saturating_add(i.saturating_mul(micros)));
    marks.take_while(|&at| at <= last).map(|at| (at.saturating_sub(first) as f64, text(at))).collect()
}
