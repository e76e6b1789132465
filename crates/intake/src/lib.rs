//! Floor 1: reading: containers, compression, encodings and formats from WARC to PDF, none of it trusted.
//!
//! Map: nothing here yet but the crate's place in the house.
