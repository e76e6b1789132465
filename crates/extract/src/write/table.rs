//! Rows of tables, if they are tables of data: many old pages use them to place things.

use crate::html::{
    tag::Tag,
    tree::{NONE, Tree},
};
use std::ops::Range;

/// Elements of a row that are looked at, at most.
const NODES: usize = 2000;
/// A cell of data has no more bytes, nor blocks.
const CELL: (u32, u32) = (600, 6);

/// The blocks of each cell of a row; nothing if the row only places things.
pub fn cells(tree: &Tree, row: u32) -> Option<Vec<Range<u32>>> {
    if row == NONE {
        return None;
    }
    let node = &tree.nodes[row as usize];
    let inside = row as usize + 1..node.end as usize;
    if inside.len() > NODES || tree.nodes[inside.clone()].iter().any(|node| node.tag == Tag::Table) {
        return None;
    }
    let mut cells = Vec::new();
    let mut child = inside.start;
    while child < inside.end {
        let node = &tree.nodes[child];
        if matches!(node.tag, Tag::Td | Tag::Th) {
            let blocks = &tree.blocks[node.blocks.start as usize..node.blocks.end as usize];
            let bytes = blocks.iter().map(|block| block.text.len() as u32).sum::<u32>();
            if bytes > CELL.0 || blocks.len() as u32 > CELL.1 {
                return None;
            }
            cells.push(node.blocks.clone());
        }
        child = (node.end as usize).max(child + 1);
    }
    (cells.len() > 1).then_some(cells)
}
