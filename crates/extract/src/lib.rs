//! Floor 1: the main text of a web page, fast, with its structure when asked.
//!
//! ```
//! let mut extractor = extract::Extractor::new(&extract::Options::default());
//! let sentence = "A city lends machines to its young companies, and writes down what each of them did with it. ";
//! let html = format!("<title>Open data</title><a href=/>Home</a><p>{}</p>", sentence.repeat(3));
//! let page = extractor.extract(&html, None).unwrap();
//! assert_eq!((page.title.as_str(), page.text.as_str()), ("Open data", sentence.repeat(3).trim()));
//! ```
//!
//! Invariants:
//! - never fails or panics, whatever the page; time grows with its length, memory too and up to a bound; no recursion;
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
