//! Floor 1: what is judged in one text: words, filters, languages, personal information; knows no files.
//!
//! Map: nothing here yet but the crate's place in the house.
