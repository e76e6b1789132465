//! Floor 1: subword tokenizers: train, encode, decode, and write packed token files.
//!
//! Map: nothing here yet but the crate's place in the house.
