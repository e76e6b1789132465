//! Charts as SVG, drawn on the server by pure functions from data to text.
//!
//! Invariants: all text is escaped; colours are classes whose values are CSS variables, so that both themes
//! work; the number of points, rows, boxes and characters is bounded; every chart carries a title and a
//! description for those who can't see it. Charts label lines directly and start bars at zero.

mod bars;
mod fleet;
mod flow;
mod hours;
mod interval;
mod line;
mod lineage;
mod queue;
mod scale;
mod spark;
mod svg;
mod timeline;

pub use bars::{Bar, Bars, Part};
pub use fleet::{Fleet, FleetGroup, FleetNode};
pub use flow::{Flow, FlowLink, FlowNode};
pub use hours::{Hours, HoursLine, Stroke};
pub use interval::{Interval, Intervals};
pub use line::{Line, LineChart, smooth};
pub use lineage::{Edge, LineageChart, Node};
pub use queue::{QueueChart, QueueRow};
pub use scale::{compact, text_width};
pub use spark::Spark;
pub use svg::escape;
pub use timeline::{Span, Timeline};

/// Width in pixels of a chart that has a wide page for itself.
pub const WIDE: f64 = 1080.0;
/// Width in pixels of a chart that shares a wide page with another.
pub const HALF: f64 = 520.0;
/// Width in pixels of a chart on a telephone.
pub const NARROW: f64 = 350.0;

/// Something that can be drawn at a width. The height follows from the data.
pub trait Chart: Send {
    /// The whole `<svg>` element, `width` pixels wide.
    fn draw(&self, width: f64) -> String;
}

/// Which colour of the design system a mark takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The one accent.
    Accent,
    /// A lighter accent: the second thing of a pair.
    Soft,
    /// A pale accent: what was set aside.
    Pale,
    /// The neutral scale's middle: what is compared with.
    Neutral,
    /// It went well.
    Good,
    /// It waits.
    Wait,
    /// It failed.
    Bad,
}

impl Tone {
    /// The class that gives the tone; `fill` and `stroke` are chosen by the mark's own class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Accent => "c-accent",
            Self::Soft => "c-soft",
            Self::Pale => "c-pale",
            Self::Neutral => "c-neutral",
            Self::Good => "c-good",
            Self::Wait => "c-wait",
            Self::Bad => "c-bad",
        }
    }
}
