//! Progress bars: one per step on a terminal, one line per step elsewhere.

use crate::output::is_watched;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Steps on the terminal.
pub struct Bars {
    watched: bool,
}

/// The bar of one step.
pub struct Bar(ProgressBar);

impl Bar {
    /// How far the step is, from 0 to 1, and what it does.
    pub fn tell(&self, fraction: f64, text: &str) {
        self.0.set_position((fraction.clamp(0.0, 1.0) * 1000.0) as u64);
        self.0.set_message(text.to_owned());
    }
}

impl Bars {
    /// Bars on stderr when a person looks at it.
    pub fn new() -> Self {
        Self { watched: is_watched() }
    }

    /// Does a step with its bar; says how long it took.
    pub fn step<T>(&self, name: &str, text: &str, work: impl FnOnce(&Bar) -> Result<T>) -> Result<T> {
        let bar = if self.watched { ProgressBar::new(1000) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{prefix:<12} {bar:24.cyan} {elapsed:>4} {wide_msg}")?;
        bar.set_style(style);
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        let (bar, started) = (Bar(bar), Instant::now());
        bar.tell(0.0, text);
        let outcome = work(&bar);
        bar.0.finish_and_clear();
        let mark = if outcome.is_ok() { "done" } else { "failed" };
        eprintln!("{name:<12} {mark} in {:.1} s", started.elapsed().as_secs_f64());
        outcome
    }
}
