//! What is known of each block: counts, places, columns of numbers for the trees.

pub mod context;
pub mod facts;
pub mod lexicon;
pub mod matrix;
pub mod page;
pub mod rows;
