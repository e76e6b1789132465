//! Floor 1: the main text of a web page, fast, with its structure when asked.
//!
//! Map: nothing here yet but the crate's place in the house.
