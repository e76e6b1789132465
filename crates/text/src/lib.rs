//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Map: [`outcome`] what a rule says about a text · [`words`] English words as spaCy cuts them; [`compat`] the field's
//! published filters, with the same answers · [`native`] quality rules right for Chinese · [`normalise`] one spelling
//! for what means the same · [`language`] which language a text is in · [`pii`] personal information · [`lists`] of
//! hosts and words · [`ngram`] how surprising a text is · [`safety`] samples and their bounds · [`segment`] Chinese
//! words · `dictionary` the built-in word list.

pub mod compat;
mod dictionary;
pub mod language;
pub mod lists;
pub mod native;
pub mod ngram;
pub mod normalise;
pub mod outcome;
pub mod pii;
pub mod safety;
pub mod segment;
pub mod words;

pub use outcome::{Drop, Outcome};
