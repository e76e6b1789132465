//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Map: [`outcome`] what a rule says about a text.

pub mod outcome;

pub use outcome::{Drop, Outcome};
