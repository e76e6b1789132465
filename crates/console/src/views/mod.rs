//! What a page is made of: a few kinds of block, each drawn by one template.
//!
//! A page is a function from data to blocks, so that every page has the same manners: stacked rows on a
//! telephone, labels for those who listen, one look for states, times and amounts.

mod cell;
mod form;
mod page;

pub use cell::{Cell, Mark, State, Table};
pub use form::{Choice, Field, Form, Input};
pub use page::{Page, Shell};

use crate::charts::{self, Chart};
use askama::Template;

/// A piece of a page.
#[derive(Template)]
#[template(path = "block.html", escape = "html")]
pub enum Block {
    /// A picture with a heading and a note.
    Figure(Figure),
    /// Rows.
    Table(Table),
    /// Names and what they are.
    Facts(Vec<(String, Cell)>),
    /// A few large figures: value, name, note.
    Numbers(Vec<Number>),
    /// Lines for a terminal, under a label.
    Command {
        /// What they are.
        label: String,
        /// The lines.
        lines: String,
    },
    /// Text as it is, in a box that scrolls.
    Code {
        /// What they are.
        label: String,
        /// What it says.
        text: String,
        /// Whether it grows and is read from its end.
        log: bool,
    },
    /// Running text: a heading and its paragraphs.
    Prose {
        /// The heading; empty for none.
        heading: String,
        /// The paragraphs.
        paragraphs: Vec<String>,
    },
    /// A form.
    Form(Form),
    /// Nothing here yet, and the one command that changes that.
    Empty {
        /// What it says.
        text: String,
        /// The command; empty for none.
        command: String,
    },
    /// Something to know before reading on.
    Notice {
        /// How serious it is.
        state: State,
        /// What it says.
        text: String,
    },
    /// Steps in order, each with its state and lines.
    Steps(Vec<Step>),
    /// A heading for what follows.
    Heading {
        /// Where links to it lead; empty for none.
        id: String,
        /// What it says.
        text: String,
        /// What stands under it.
        note: String,
    },
    /// Side by side where there is room.
    Columns(Vec<Vec<Block>>),
    /// A part that `live.js` asks for again.
    Live {
        /// Where the part is asked for.
        url: String,
        /// How often, in milliseconds.
        every_ms: u32,
        /// What it holds now.
        blocks: Vec<Block>,
    },
    /// How far something is, 0 to 1, and what it does.
    Progress {
        /// From 0 to 1.
        share: f64,
        /// What it says.
        text: String,
    },
    /// Texts that open under their names.
    Samples(Vec<(String, String)>),
}

/// A picture in two widths; the style sheet shows the one that fits.
pub struct Figure {
    /// Its heading.
    pub title: String,
    /// What to read from it, or where its figures come from.
    pub note: String,
    /// The picture for a wide page.
    pub wide: String,
    /// The picture for a telephone.
    pub narrow: String,
}

/// A large figure.
pub struct Number {
    /// The figure.
    pub value: String,
    /// Its unit, smaller.
    pub unit: String,
    /// What it counts.
    pub label: String,
    /// A line under it.
    pub note: String,
    /// Where it leads.
    pub href: String,
}

/// A step of a case or of a decision.
pub struct Step {
    /// Its name.
    pub title: String,
    /// How it stands.
    pub state: State,
    /// What happened or is to happen, a line each.
    pub lines: Vec<String>,
    /// What can be done.
    pub blocks: Vec<Block>,
}

impl Block {
    /// A picture that has the page's width for itself.
    pub fn figure(title: String, note: String, chart: &dyn Chart) -> Self {
        Self::figure_in(title, note, chart, charts::WIDE)
    }

    /// A picture that shares the page's width with another.
    pub fn half_figure(title: String, note: String, chart: &dyn Chart) -> Self {
        Self::figure_in(title, note, chart, charts::HALF)
    }

    fn figure_in(title: String, note: String, chart: &dyn Chart, width: f64) -> Self {
        Self::Figure(Figure { title, note, wide: chart.draw(width), narrow: chart.draw(charts::NARROW) })
    }

    /// A heading without a note.
    pub fn heading(text: String) -> Self {
        Self::Heading { id: String::new(), text, note: String::new() }
    }

    /// Two columns.
    pub fn pair(left: Vec<Block>, right: Vec<Block>) -> Self {
        Self::Columns(vec![left, right])
    }
}

/// Blocks in order, as the answer to a live request.
pub fn fragment(blocks: &[Block]) -> String {
    blocks.iter().map(ToString::to_string).collect()
}
