//! Pure decisions: names and paths, trees and their ids, byte ranges.

pub mod git;
pub mod names;
pub mod range;
pub mod tree;
