//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Map: [`outcome`] what a rule says about a text · [`native`] quality rules right for Chinese · [`normalise`] one
//! spelling for what means the same · [`pii`] personal information · [`segment`] Chinese words · `dictionary` the built-in word list.

mod dictionary;
pub mod native;
pub mod normalise;
pub mod outcome;
pub mod pii;
pub mod segment;

pub use outcome::{Drop, Outcome};
