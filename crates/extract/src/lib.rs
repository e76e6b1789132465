//! Floor 1: the main text of a web page, fast, with its structure when asked.
//!
//! ```
//! let mut extractor = extract::Extractor::new(&extract::Options::default());
//! let page = extractor.extract("<title>Open data</title><p>A city lends machines.</p>", None);
//! assert_eq!(page.unwrap().title, "Open data");
//! ```
//!
//! Invariants:
//! - never fails or panics, whatever the bytes; time and memory grow with the page's length, and no recursion;
//! - the same page gives the same text, on every machine and whatever came before it.
//!
//! Map: [`Extractor`] is the door. `html` reads a page into a flat tree of elements and blocks, `meta` and `ld` what the
//! page says of itself. `features` counts, `model` judges each block (`forest`, and tables of words), `select` chooses,
//! `write` writes text or Markdown. [`markdown`] is for pages that are Markdown already. `training` holds the script that
//! makes `weights.bin`.

mod extractor;
mod features;
mod forest;
mod html;
mod ld;
mod markdown;
mod meta;
mod model;
mod select;
#[doc(hidden)]
pub mod training;
mod write;

pub use extractor::{Extractor, Format, Options, Page, Scope};
pub use markdown::{markdown, markdown_with};
