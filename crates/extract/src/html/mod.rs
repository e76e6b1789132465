//! HTML: tokens, names, the flat tree.

pub mod build;
pub mod hash;
pub mod marks;
pub mod space;
pub mod tag;
pub mod tokens;
pub mod tree;
