//! Floor 1: duplicates among many texts: exact, near (MinHash), substrings, benchmark overlap; bounded memory.
//!
//! Map: nothing here yet but the crate's place in the house.
