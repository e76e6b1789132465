//! Where a block stands: heading, list item, cell, quote, code.

use crate::html::{
    tag::Tag,
    tree::{NONE, Tree},
};

/// Ancestors looked at, at most.
const STEPS: usize = 48;

/// What a block stands in; [`NONE`] where it stands in no such element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// 1 to 6, or 0.
    pub heading: u8,
    /// The nearest list item, its list, and how many lists are around it.
    pub item: u32,
    pub list: u32,
    pub ordered: bool,
    pub lists: u8,
    /// The nearest row and its table.
    pub row: u32,
    pub table: u32,
    pub quotes: u8,
    pub code: u32,
}

impl Frame {
    /// The frame of a block whose innermost element is `node`.
    pub fn of(tree: &Tree, node: u32) -> Self {
        let mut frame = Self {
            heading: 0,
            item: NONE,
            list: NONE,
            ordered: false,
            lists: 0,
            row: NONE,
            table: NONE,
            quotes: 0,
            code: NONE,
        };
        for index in tree.path(node).take(STEPS) {
            frame.see(tree.nodes[index as usize].tag, index);
        }
        frame
    }

    fn see(&mut self, tag: Tag, index: u32) {
        let outside_table = self.row == NONE;
        match tag {
            Tag::Li if self.item == NONE && outside_table => self.item = index,
            Tag::Ul | Tag::Ol if self.item != NONE => {
                if self.list == NONE {
                    (self.list, self.ordered) = (index, tag == Tag::Ol);
                }
                self.lists = self.lists.saturating_add(1);
            }
            Tag::Tr if self.row == NONE && self.item == NONE => self.row = index,
            Tag::Table if self.table == NONE && self.row != NONE => self.table = index,
            Tag::Blockquote => self.quotes = self.quotes.saturating_add(1),
            Tag::Pre => self.code = index,
            _ if tag.heading() > 0 && self.heading == 0 => self.heading = tag.heading(),
            _ => {}
        }
    }
}
