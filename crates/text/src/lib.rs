//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Map: [`outcome`] what a rule says about a text; [`words`] English words as spaCy cuts them; [`compat`] the
//! field's published filters, with the same answers.

pub mod compat;
pub mod outcome;
pub mod words;

pub use outcome::{Drop, Outcome};
