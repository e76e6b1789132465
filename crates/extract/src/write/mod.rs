//! Writes the chosen blocks as plain text or Markdown.

mod frame;
mod inline;
mod table;

use crate::{
    extractor::{Format, Options},
    html::tree::{Block, NONE, Tree},
};
use frame::Frame;
use std::collections::BTreeMap;

/// Writes the kept blocks.
pub fn write(tree: &Tree, html: &str, keep: &[bool], options: &Options) -> String {
    let kept =
        keep.iter().zip(&tree.blocks).filter(|(keep, _)| **keep).map(|(_, block)| block.text.len() + 4);
    let out = String::with_capacity(kept.sum());
    let mut writer =
        Writer { tree, html, keep, options, out, before: None, numbers: BTreeMap::new(), columns: (NONE, 0) };
    let mut at = 0;
    while at < keep.len() {
        at = if keep[at] { writer.block(at) } else { at + 1 };
    }
    if let Some(Frame { code, .. }) = writer.before
        && code != NONE
    {
        writer.fence("\n");
    }
    writer.out
}

/// The text of the first `h1`.
pub fn first_heading(tree: &Tree) -> String {
    let is = |block: &&Block| {
        tree.path(block.node).take(4).any(|node| tree.nodes[node as usize].tag.heading() == 1)
    };
    tree.blocks.iter().find(is).map(|block| tree.text_of(block).replace('\n', " ")).unwrap_or_default()
}

struct Writer<'a> {
    tree: &'a Tree,
    html: &'a str,
    keep: &'a [bool],
    options: &'a Options,
    out: String,
    before: Option<Frame>,
    /// Items written of each list.
    numbers: BTreeMap<u32, u32>,
    /// The table being written and the columns of its head.
    columns: (u32, usize),
}

impl Writer<'_> {
    fn rich(&self) -> bool {
        self.options.format == Format::Markdown
    }

    fn fence(&mut self, before: &str) {
        if self.rich() {
            self.out.push_str(before);
            self.out.push_str("```");
        }
    }

    /// Writes one block, or the row that it begins; returns the block to go on with.
    fn block(&mut self, at: usize) -> usize {
        let block = &self.tree.blocks[at];
        let frame = Frame::of(self.tree, block.node);
        let cells = table::cells(self.tree, frame.row);
        let end = cells
            .as_ref()
            .and_then(|cells| cells.last())
            .map_or(at + 1, |cell| (cell.end as usize).max(at + 1));
        if cells.is_some() && !self.options.tables {
            return end;
        }
        self.part(&frame);
        match &cells {
            Some(cells) => self.row(&frame, cells),
            None => self.text(block, &frame),
        }
        self.before = Some(frame);
        end
    }

    /// Lines between this block and the one before.
    fn part(&mut self, frame: &Frame) {
        let Some(before) = self.before else {
            if frame.code != NONE {
                self.fence("");
                self.out.push_str(if self.rich() { "\n" } else { "" });
            }
            return;
        };
        let same = |left: u32, right: u32| left != NONE && left == right;
        if before.code != NONE && before.code != frame.code {
            self.fence("\n");
        }
        let tight = same(before.table, frame.table)
            || same(before.code, frame.code)
            || (before.item != NONE && frame.item != NONE && before.item != frame.item)
            || (same(before.item, frame.item) && !self.rich());
        self.out.push_str(if tight { "\n" } else { "\n\n" });
        if frame.code != NONE && before.code != frame.code {
            self.fence("");
            self.out.push_str(if self.rich() { "\n" } else { "" });
        }
    }

    fn text(&mut self, block: &Block, frame: &Frame) {
        let mut text = String::new();
        if self.rich() && frame.code == NONE && frame.heading == 0 {
            inline::inline(self.tree, self.html, block, self.options.links, &mut text);
        } else {
            text.push_str(self.tree.text_of(block));
        }
        if frame.code != NONE {
            return self.out.push_str(&text);
        }
        let quote = if self.rich() { "> ".repeat(usize::from(frame.quotes).min(3)) } else { String::new() };
        self.out.push_str(&quote);
        let mut indent = quote;
        if frame.item != NONE {
            indent.push_str(&self.item(frame));
        }
        if self.rich() && frame.heading > 0 && frame.item == NONE {
            self.out.push_str(&"#".repeat(usize::from(frame.heading)));
            self.out.push(' ');
            return self.out.push_str(&text.replace('\n', " "));
        }
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                // Two blanks before a line's end keep the break in Markdown.
                self.out.push_str(if self.rich() { "  \n" } else { "\n" });
                self.out.push_str(&indent);
            }
            self.out.push_str(line);
        }
    }

    /// A list item's mark, or blanks where it goes on; returns the indent of further lines.
    fn item(&mut self, frame: &Frame) -> String {
        let depth = "  ".repeat(usize::from(frame.lists.max(1) - 1).min(8));
        let goes_on = self.before.is_some_and(|before| before.item == frame.item);
        let mark = if goes_on {
            "  ".to_owned()
        } else if frame.ordered {
            let number = self.numbers.entry(frame.list).or_default();
            *number += 1;
            format!("{number}. ")
        } else {
            "- ".to_owned()
        };
        self.out.push_str(&depth);
        self.out.push_str(&mark);
        depth + &" ".repeat(mark.len())
    }

    fn row(&mut self, frame: &Frame, cells: &[std::ops::Range<u32>]) {
        let texts: Vec<String> = cells.iter().map(|cell| self.cell(cell)).collect();
        if !self.rich() {
            let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            return self.out.push_str(&texts.join("\t"));
        }
        let head = self.columns.0 != frame.table;
        if head {
            self.columns = (frame.table, texts.len());
        }
        self.out.push_str(&format!("| {} |", texts.join(" | ")));
        if head {
            self.out.push_str("\n|");
            self.out.push_str(&" --- |".repeat(texts.len()));
        }
    }

    fn cell(&self, blocks: &std::ops::Range<u32>) -> String {
        let mut text = String::new();
        for at in blocks.clone().filter(|at| self.keep[*at as usize]) {
            let block = &self.tree.blocks[at as usize];
            if !text.is_empty() {
                text.push(' ');
            }
            if self.rich() {
                inline::inline(self.tree, self.html, block, self.options.links, &mut text);
            } else {
                text.push_str(self.tree.text_of(block));
            }
        }
        let text = text.replace('\n', " ");
        if self.rich() { text.replace('|', "\\|") } else { text }
    }
}
