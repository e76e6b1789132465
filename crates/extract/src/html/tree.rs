//! A page as flat lists: elements in document order with their ancestors' indices, and blocks of text.
//!
//! An element's descendants are the elements up to its `end`, its blocks the range `blocks`; so every sum over a
//! subtree is a difference of two prefix sums, and nothing recurses.

use super::tag::Tag;
use std::ops::Range;

/// What an element or one of its ancestors is; inherited by all inside.
#[allow(missing_docs)]
pub mod inside {
    pub const NAV: u32 = 1;
    pub const HEADER: u32 = 1 << 1;
    pub const FOOTER: u32 = 1 << 2;
    pub const ASIDE: u32 = 1 << 3;
    pub const MAIN: u32 = 1 << 4;
    pub const ARTICLE: u32 = 1 << 5;
    pub const FORM: u32 = 1 << 6;
    pub const TABLE: u32 = 1 << 7;
    pub const LIST: u32 = 1 << 8;
    pub const HIDDEN: u32 = 1 << 9;
    pub const NOSCRIPT: u32 = 1 << 10;
    pub const BUTTON: u32 = 1 << 11;
    pub const PRE: u32 = 1 << 12;
    pub const QUOTE: u32 = 1 << 13;
    pub const FIGURE: u32 = 1 << 14;
    pub const DIALOG: u32 = 1 << 15;
    pub const SECTION: u32 = 1 << 16;
    pub const PARAGRAPH: u32 = 1 << 17;
    pub const LINK: u32 = 1 << 18;
    pub const OPTION: u32 = 1 << 19;
    pub const COMMENTS: u32 = 1 << 20;
    pub const DETAILS: u32 = 1 << 21;
    pub const ARIA_HIDDEN: u32 = 1 << 22;
    pub const STRONG: u32 = 1 << 23;
    /// Number of these flags.
    pub const COUNT: usize = 24;
}

/// No element.
pub const NONE: u32 = u32::MAX;

/// An element.
#[derive(Debug, Clone)]
pub struct Node {
    pub tag: Tag,
    /// Steps from the root.
    pub depth: u16,
    /// Hash of the name, to match end tags of unknown elements.
    pub name: u32,
    pub parent: u32,
    /// Index after its last descendant; [`NONE`] while it is open.
    pub end: u32,
    /// See [`inside`].
    pub flags: u32,
    /// Its hashed class words and other marks, in [`Tree::marks`].
    pub marks: Range<u32>,
    /// Its blocks, in [`Tree::blocks`].
    pub blocks: Range<u32>,
    /// A link's address, in the page's source.
    pub href: Range<u32>,
}

/// A run of text without a block's border in it.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// The innermost element that holds all of it.
    pub node: u32,
    /// In [`Tree::text`].
    pub text: Range<u32>,
    /// Bytes of it that are inside links, and the number of links.
    pub linked: u32,
    pub links: u32,
    /// Flags of the innermost elements that its text stands in, all or-ed.
    pub flags: u32,
}

/// Inline markup that Markdown keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Strong,
    Emphasis,
    Code,
    Link,
}

/// Where inline markup begins or ends.
#[derive(Debug, Clone)]
pub struct Span {
    /// In [`Tree::text`].
    pub text: Range<u32>,
    pub style: Style,
    pub node: u32,
}

/// A page, ready to be judged. Its buffers are used again for the next page.
#[derive(Debug, Default)]
pub struct Tree {
    pub nodes: Vec<Node>,
    pub blocks: Vec<Block>,
    pub text: String,
    pub marks: Vec<u32>,
    pub spans: Vec<Span>,
}

impl Tree {
    /// Forgets the page, keeps the memory.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.blocks.clear();
        self.text.clear();
        self.marks.clear();
        self.spans.clear();
    }

    /// The text of a block.
    pub fn text_of(&self, block: &Block) -> &str {
        &self.text[block.text.start as usize..block.text.end as usize]
    }

    /// An element and its ancestors, innermost first.
    pub fn path(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let known = |node: u32| (node != NONE).then_some(node);
        std::iter::successors(known(node), move |node| known(self.nodes[*node as usize].parent))
    }
}
