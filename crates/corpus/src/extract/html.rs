//! Web pages to text: a forgiving tokenizer, blocks, and the choice of the blocks that are the page's own text.

mod blocks;
mod tokens;

pub use blocks::{main_text, plain};
