//! Tables, their cells, and states.

use crate::{charts::Tone, lang::Lang, show};
use askama::Template;
use kernel::Timestamp;

/// The shape that a state has beside its word and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It waits: a hollow ring.
    Wait,
    /// It goes on: a ring that is half full.
    Run,
    /// It went well: a tick.
    Good,
    /// It failed: a cross.
    Bad,
    /// It ended without success or failure: a dash.
    Off,
}

impl Mark {
    /// The class of its colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Wait => "state wait",
            Self::Run => "state run",
            Self::Good => "state good",
            Self::Bad => "state bad",
            Self::Off => "state off",
        }
    }

    /// Its shape, 12 pixels square.
    pub fn shape(self) -> &'static str {
        match self {
            Self::Wait => r#"<circle cx="6" cy="6" r="4.5"/>"#,
            Self::Run => {
                r#"<circle cx="6" cy="6" r="4.5"/><path class="solid" d="M6 1.5a4.5 4.5 0 0 1 0 9z"/>"#
            }
            Self::Good => r#"<path d="M2 6.5 5 9.5 10.5 2.5"/>"#,
            Self::Bad => r#"<path d="M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5"/>"#,
            Self::Off => r#"<path d="M2 6h8"/>"#,
        }
    }

    /// Its colour in a chart.
    pub fn tone(self) -> Tone {
        match self {
            Self::Wait => Tone::Wait,
            Self::Run => Tone::Accent,
            Self::Good => Tone::Good,
            Self::Bad => Tone::Bad,
            Self::Off => Tone::Neutral,
        }
    }
}

/// How something stands: a shape and a word.
#[derive(Debug, Clone, Template)]
#[template(path = "state.html")]
pub struct State {
    /// The shape.
    pub mark: Mark,
    /// The word.
    pub word: String,
}

/// A cell of a table or the value of a fact.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "cell.html")]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// A smaller line under it.
    pub note: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
    /// Shown on hover: the exact time, the whole id.
    pub hint: String,
    /// Whether it is a figure: to the right, tabular.
    pub number: bool,
    /// Whether it is an id, a path or a digest.
    pub code: bool,
    /// A state, drawn with its shape.
    pub state: Option<State>,
    /// A small picture instead of text.
    pub picture: String,
}

impl Cell {
    /// Plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A figure.
    pub fn number(text: impl Into<String>) -> Self {
        Self { number: true, ..Self::text(text) }
    }

    /// An id, a path or a digest.
    pub fn code(text: impl Into<String>) -> Self {
        Self { code: true, ..Self::text(text) }
    }

    /// A state.
    pub fn state(state: State) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    /// A time relative to `now`, the exact one on hover.
    pub fn time(lang: Lang, now: Timestamp, at: Timestamp) -> Self {
        Self { hint: at.shanghai_text(), ..Self::text(show::ago(lang, now, at)) }
    }

    /// A small picture.
    pub fn picture(svg: String) -> Self {
        Self { picture: svg, ..Self::default() }
    }

    /// The same, leading to `href`.
    #[must_use]
    pub fn link(self, href: impl Into<String>) -> Self {
        Self { href: href.into(), ..self }
    }

    /// The same with a smaller line under it.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The same with more on hover.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// Rows under headings.
pub struct Table {
    /// Its caption.
    pub caption: String,
    /// The headings.
    pub heads: Vec<Head>,
    /// The rows, each as long as the headings.
    pub rows: Vec<Vec<Cell>>,
    /// The address of the next page of rows; empty on the last.
    pub next: String,
}

/// The heading of a column.
pub struct Head {
    /// What it says.
    pub text: String,
    /// Whether figures stand under it.
    pub number: bool,
}

impl Table {
    /// A table whose headings are `heads`; whether a column holds figures is read off its first row.
    pub fn new(caption: String, heads: Vec<String>, rows: Vec<Vec<Cell>>) -> Self {
        let number =
            |column: usize| rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.number);
        let heads = heads
            .into_iter()
            .enumerate()
            .map(|(column, text)| Head { text, number: number(column) })
            .collect();
        Self { caption, heads, rows, next: String::new() }
    }

    /// The cells of a row beside their headings.
    pub fn cells<'a>(&'a self, row: &'a [Cell]) -> impl Iterator<Item = (&'a Head, &'a Cell)> {
        self.heads.iter().zip(row)
    }
}
