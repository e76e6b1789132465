//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Invariants: the same text and options always get the same answer, on any number of threads; no text, list
//! or model makes anything here panic or recurse.
//!
//! Map: [`outcome`] what a rule says about a text · [`native`] quality rules right for Chinese · [`pii`]
//! personal information · [`language`] which language · [`ngram`] how surprising a text is · [`lists`]
//! blocked domains and words · [`safety`] samples, bounds and verdicts of a safety profile · [`normalise`]
//! one spelling for what means the same · [`segment`] Chinese words · `dictionary` the built-in word list.

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

pub use outcome::{Drop, Outcome};
