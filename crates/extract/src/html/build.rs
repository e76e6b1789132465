//! Builds the tree from tokens, with the end tags that HTML implies.

use super::{
    hash::hash,
    marks::{self, Seen},
    space::append,
    tag::{Kind, TAGS, Tag},
    tokens::{Token, Tokens},
    tree::{Block, NONE, Node, Span, Style, Tree, inside},
};
use crate::meta::Meta;
use memchr::memchr;

/// Open elements, at most; deeper ones are seen through, as browsers do.
const DEPTH: usize = 512;
/// Elements and blocks of a page, at most; what comes after is left out.
const NODES: usize = 1 << 19;
const BLOCKS: usize = 1 << 16;
/// Open elements that an end tag is looked for among, at most.
const REACH: usize = 128;

/// Reads `html` into `tree` and `meta`, both empty before.
pub fn build(html: &str, tree: &mut Tree, meta: &mut Meta) {
    let mut builder =
        Builder { html, tree, meta, open: Vec::new(), counts: [0; TAGS], block: None, dead: Vec::new() };
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => builder.text(text),
            Token::Close(name) => builder.close(name),
            Token::Open(name, attributes) => builder.open(name, attributes, &mut tokens),
        }
    }
    builder.finish();
}

struct Builder<'a> {
    html: &'a str,
    tree: &'a mut Tree,
    meta: &'a mut Meta,
    /// Indices of open elements, outermost first.
    open: Vec<u32>,
    /// Open elements of each tag.
    counts: [u32; TAGS],
    block: Option<Block>,
    /// Open links whose end tag came inside a deeper element.
    dead: Vec<u32>,
}

fn lower<'b>(name: &str, buffer: &'b mut [u8; 16]) -> &'b [u8] {
    let length = name.len().min(buffer.len());
    buffer[..length].copy_from_slice(&name.as_bytes()[..length]);
    buffer[..length].make_ascii_lowercase();
    &buffer[..length]
}

impl<'a> Builder<'a> {
    fn tag(&self, index: u32) -> Tag {
        self.tree.nodes[index as usize].tag
    }

    fn open(&mut self, name: &'a str, attributes: &'a str, tokens: &mut Tokens<'a>) {
        let mut buffer = [0; 16];
        let low = lower(name, &mut buffer);
        let tag = Tag::of(low);
        match tag.kind() {
            Kind::Raw => {
                let empty = matches!(tag, Tag::Svg | Tag::Iframe) && attributes.ends_with('/');
                let content = if empty { "" } else { tokens.raw(tag, low) };
                self.raw(tag, attributes, content);
            }
            Kind::Void => self.void(tag, attributes),
            _ => {
                let first = self.tree.marks.len() as u32;
                let seen = marks::read(tag, attributes, &mut self.tree.marks);
                if tag == Tag::Html {
                    self.meta.language(seen.lang);
                }
                self.imply(tag);
                if tag.kind() == Kind::Block {
                    self.end_block();
                }
                self.push(tag, name, first, &seen);
                if matches!(tag, Tag::Math | Tag::Other) && attributes.ends_with('/') {
                    self.pop();
                }
            }
        }
    }

    fn raw(&mut self, tag: Tag, attributes: &'a str, content: &'a str) {
        match tag {
            Tag::Title => self.meta.title(content),
            Tag::Script => self.meta.script(attributes, content),
            _ => {}
        }
    }

    fn void(&mut self, tag: Tag, attributes: &'a str) {
        match tag {
            Tag::Br => self.line(),
            Tag::Hr => self.end_block(),
            Tag::Meta | Tag::Link => {
                let first = self.tree.marks.len();
                let seen = marks::read(tag, attributes, &mut self.tree.marks);
                self.tree.marks.truncate(first);
                self.meta.tag(&seen);
            }
            _ => {}
        }
    }

    /// Two line breaks end a block; one ends a line.
    fn line(&mut self) {
        let Some(block) = &self.block else { return };
        let start = block.text.start as usize;
        let trimmed = self.tree.text.trim_end_matches(' ').len().max(start);
        self.tree.text.truncate(trimmed);
        if self.tree.text[start..].ends_with('\n') {
            self.end_block();
        } else {
            self.tree.text.push('\n');
        }
    }

    /// Closes what a start tag of `tag` ends without saying so.
    fn imply(&mut self, tag: Tag) {
        if tag == Tag::A && self.counts[Tag::A as usize] > 0 {
            self.close_tag(Tag::A, 0);
        }
        if tag.kind() == Kind::Inline {
            return;
        }
        loop {
            let mut found = None;
            for (back, &index) in self.open.iter().rev().take(REACH).enumerate() {
                let other = self.tag(index);
                if tag.closes(other) {
                    found = Some(back);
                    break;
                }
                if tag.stops_at(other) {
                    break;
                }
            }
            match found {
                Some(back) => (0..=back).for_each(|_| self.pop()),
                // A list item, cell or the like also ends an open paragraph.
                None => return,
            }
        }
    }

    fn push(&mut self, tag: Tag, name: &str, first: u32, seen: &Seen<'a>) {
        if self.open.len() >= DEPTH || self.tree.nodes.len() >= NODES {
            self.tree.marks.truncate(first as usize);
            return;
        }
        let parent = self.open.last().copied().unwrap_or(NONE);
        let inherited = self.tree.nodes.get(parent as usize).map_or(0, |node| node.flags);
        let name = if tag == Tag::Other { hash(name.as_bytes()) } else { 0 };
        let href = match tag {
            Tag::A if !seen.href.is_empty() => {
                let start = seen.href.as_ptr() as usize - self.html.as_ptr() as usize;
                start as u32..(start + seen.href.len()) as u32
            }
            _ => 0..0,
        };
        let blocks = self.tree.blocks.len() as u32;
        self.open.push(self.tree.nodes.len() as u32);
        self.counts[tag as usize] += 1;
        if tag == Tag::A
            && let Some(block) = &mut self.block
        {
            block.links += 1;
        }
        let text = self.tree.text.len() as u32;
        self.tree.nodes.push(Node {
            tag,
            depth: self.open.len() as u16,
            name,
            parent,
            end: NONE,
            flags: inherited | seen.flags,
            marks: first..self.tree.marks.len() as u32,
            blocks: blocks..blocks,
            href,
        });
        if let Some(style) = style_of(tag) {
            let node = self.tree.nodes.len() as u32 - 1;
            self.tree.spans.push(Span { text: text..NONE, style, node });
        }
    }

    fn pop(&mut self) {
        let Some(index) = self.open.pop() else { return };
        let tag = self.tag(index);
        if tag.kind() == Kind::Block {
            self.end_block();
        }
        if self.dead.last() == Some(&index) {
            self.dead.pop();
        } else {
            self.counts[tag as usize] -= 1;
        }
        // A block still being read belongs to its parents only once it ends, see `end_block`.
        let blocks = self.tree.blocks.len() as u32 + u32::from(self.block.is_some());
        let end = self.tree.nodes.len() as u32;
        let node = &mut self.tree.nodes[index as usize];
        node.end = end;
        node.blocks.end = blocks;
        if style_of(tag).is_some() {
            self.end_span(index);
        }
    }

    fn end_span(&mut self, node: u32) {
        let end = self.tree.text.len() as u32;
        let open = self.tree.spans.iter_mut().rev().take(REACH).find(|span| span.node == node);
        if let Some(span) = open
            && span.text.end == NONE
        {
            span.text.end = end.max(span.text.start);
        }
    }

    fn close(&mut self, name: &str) {
        let mut buffer = [0; 16];
        let tag = Tag::of(lower(name, &mut buffer));
        match tag {
            Tag::Br => self.line(),
            Tag::P if self.counts[Tag::P as usize] == 0 => self.end_block(),
            Tag::Html | Tag::Body => {}
            _ => self.close_tag(tag, if tag == Tag::Other { hash(name.as_bytes()) } else { 0 }),
        }
    }

    /// Closes the nearest open element of that name, unless a border stands between.
    fn close_tag(&mut self, tag: Tag, name: u32) {
        if self.counts[tag as usize] == 0 {
            return;
        }
        let mut found = None;
        for (back, &index) in self.open.iter().rev().take(REACH).enumerate() {
            let node = &self.tree.nodes[index as usize];
            let heading = tag.heading() > 0 && node.tag.heading() > 0;
            if (node.tag == tag && node.name == name || heading) && self.dead.last() != Some(&index) {
                found = Some((back, index));
                break;
            }
            let fenced = if tag.of_table() { node.tag == Tag::Table } else { node.tag.fences() };
            let special = tag.kind() == Kind::Inline && node.tag.kind() == Kind::Block;
            if fenced || (special && tag != Tag::A) {
                break;
            }
        }
        let Some((back, index)) = found else { return };
        let crosses = self.open.iter().rev().take(back).any(|index| self.tag(*index).kind() == Kind::Block);
        if tag == Tag::A && crosses {
            self.counts[tag as usize] -= 1;
            self.dead.push(index);
            self.end_span(index);
            // What is open inside the link is no longer linked.
            for &inner in self.open.iter().rev().take(back + 1) {
                self.tree.nodes[inner as usize].flags &= !inside::LINK;
            }
            return;
        }
        (0..=back).for_each(|_| self.pop());
    }

    fn text(&mut self, text: &str) {
        let Some(&node) = self.open.last() else {
            if !text.trim().is_empty() {
                let body = Seen::default();
                self.push(Tag::Body, "body", self.tree.marks.len() as u32, &body);
                self.text(text);
            }
            return;
        };
        if self.tree.blocks.len() >= BLOCKS {
            return;
        }
        let flags = self.tree.nodes[node as usize].flags;
        let blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
        if self.block.is_none() {
            if blank {
                return;
            }
            let at = self.tree.text.len() as u32;
            let links = u32::from(flags & inside::LINK != 0);
            self.block = Some(Block { node, text: at..at, links, ..Block::default() });
        }
        self.cover(node, blank);
        let before = self.tree.text.len();
        let start = self.block.as_ref().map_or(before, |block| block.text.start as usize);
        let keep = flags & inside::PRE != 0;
        if memchr(b'&', text.as_bytes()).is_some() {
            append(&mut self.tree.text, &html_escape::decode_html_entities(text), start, keep);
        } else {
            append(&mut self.tree.text, text, start, keep);
        }
        let added = (self.tree.text.len() - before) as u32;
        if let Some(block) = &mut self.block
            && !blank
        {
            block.flags |= flags;
            block.linked += if flags & inside::LINK != 0 { added } else { 0 };
        }
    }

    /// Moves the open block up to the innermost element that holds all of it, now that text of `node` joins.
    fn cover(&mut self, node: u32, blank: bool) {
        let Some(block) = &mut self.block else { return };
        if blank {
            return;
        }
        let nodes = &self.tree.nodes;
        while nodes[block.node as usize].end != NONE && nodes[block.node as usize].parent != NONE {
            block.node = nodes[block.node as usize].parent;
        }
        // All that is open lies on one path: what is deeper than `node` can't be.
        block.node = block.node.min(node);
    }

    fn end_block(&mut self) {
        let Some(mut block) = self.block.take() else { return };
        let start = block.text.start as usize;
        let text = &self.tree.text[start..];
        let length = text.trim_end().len();
        self.tree.text.truncate(start + length);
        block.text.end = (start + length) as u32;
        block.linked = block.linked.min(length as u32);
        if length > 0 {
            self.tree.text.push('\n');
            self.tree.blocks.push(block);
        }
    }

    fn finish(&mut self) {
        self.end_block();
        while !self.open.is_empty() {
            self.pop();
        }
        let blocks = self.tree.blocks.len() as u32;
        for node in &mut self.tree.nodes {
            node.blocks.end = node.blocks.end.min(blocks);
        }
        self.meta.finish();
    }
}

fn style_of(tag: Tag) -> Option<Style> {
    match tag {
        Tag::A => Some(Style::Link),
        Tag::Strong | Tag::B => Some(Style::Strong),
        Tag::Em | Tag::I => Some(Style::Emphasis),
        Tag::Code | Tag::Kbd | Tag::Samp | Tag::Tt => Some(Style::Code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(html: &str) -> Tree {
        let mut tree = Tree::default();
        build(html, &mut tree, &mut Meta::default());
        tree
    }

    /// Each block as its text and the names on its path.
    fn blocks(html: &str) -> Vec<(String, Vec<Tag>)> {
        let tree = tree(html);
        let path = |block: &Block| tree.path(block.node).map(|node| tree.nodes[node as usize].tag).collect();
        tree.blocks.iter().map(|block| (tree.text_of(block).to_owned(), path(block))).collect()
    }

    #[test]
    fn end_tags_are_implied() {
        use Tag::{Div, Li, P, Table, Td, Tr, Ul};
        let found =
            blocks("<div><p>a<p>b<ul><li>c<p>d<li>e</ul><table><tr><td>f<td>g<tr><td>h</table>i</div>j");
        let expected = [
            ("a", vec![P, Div]),
            ("b", vec![P, Div]),
            ("c", vec![Li, Ul, Div]),
            ("d", vec![P, Li, Ul, Div]),
            ("e", vec![Li, Ul, Div]),
            ("f", vec![Td, Tr, Table, Div]),
            ("g", vec![Td, Tr, Table, Div]),
            ("h", vec![Td, Tr, Table, Div]),
            ("i", vec![Div]),
            ("j", vec![Tag::Body]),
        ];
        assert_eq!(found, expected.map(|(text, path)| (text.to_owned(), path)));
    }

    #[test]
    fn stray_end_tags_close_nothing_beyond_their_borders() {
        use Tag::{B, Div, P, Table, Td, Tr};
        let found = blocks("<div><table><tr><td>a</div>b</span></table><p><b>c</i>d</p>e");
        let paths: Vec<_> = found.into_iter().map(|(_, path)| path).collect();
        assert_eq!(paths, [vec![Td, Tr, Table, Div], vec![B, P, Div], vec![Div]]);
    }

    #[test]
    fn links_are_counted() {
        let tree = tree("<div>one <a href=/x>two</a> <a href=/y>three<div>four</a> five</div></div>");
        let linked: Vec<_> =
            tree.blocks.iter().map(|block| (tree.text_of(block), block.linked, block.links)).collect();
        assert_eq!(linked, [("one two three", 8, 2), ("four five", 4, 1)]);
    }

    #[test]
    fn blanks_are_one_and_breaks_are_kept() {
        let texts: Vec<_> = blocks("<p> a&nbsp;\n b <br> c<br><br>d &lt;</p><pre>\n x\n  y</pre>")
            .into_iter()
            .map(|(text, _)| text)
            .collect();
        assert_eq!(texts, ["a b\nc", "d <", " x\n  y"]);
    }

    #[test]
    fn depth_is_bounded() {
        let tree = tree(&"<div>x".repeat(5000));
        assert!(tree.nodes.iter().all(|node| usize::from(node.depth) <= DEPTH));
        assert!(
            tree.nodes.iter().all(|node| node.end != NONE && node.blocks.end <= tree.blocks.len() as u32)
        );
    }
}
