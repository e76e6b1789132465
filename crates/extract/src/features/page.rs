//! Facts of a page as a whole: counts of all blocks, sums over elements, the places where the text may be.

use super::{
    facts::{Facts, count},
    lexicon::{Lexicon, Paths},
};
use crate::{
    html::{
        hash::mix,
        tag::{Kind, Tag},
        tree::{NONE, Node, Tree},
    },
    meta::Meta,
};

/// Sums over a run of blocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    pub words: f32,
    pub linked: f32,
    pub prose: f32,
    pub blocks: f32,
}

impl Sum {
    /// Words in links per word.
    pub fn link_density(&self) -> f32 {
        self.linked / self.words.max(1.0)
    }
}

/// What is known of each block besides its counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    /// Nearest element that is no inline one.
    pub container: u32,
    pub tag: u8,
    pub heading: u8,
    pub link_density: f32,
    pub prose: bool,
    pub words_score: f32,
    /// Index of the heading that it stands under, or [`NONE`].
    pub under: u32,
    /// Equal texts on the page, and how many of them came before.
    pub copies: u32,
    pub earlier: u32,
}

/// A page's facts; buffers are used again.
#[derive(Debug, Default)]
pub struct Page {
    pub facts: Vec<Facts>,
    pub places: Vec<Place>,
    hashes: Vec<u32>,
    starts: Vec<u32>,
    sums: Vec<Sum>,
    pub paths: Paths,
    /// Siblings that look the same as each element.
    pub alike: Vec<u32>,
    table: Vec<u32>,
    scores: Vec<f32>,
    sorted: Vec<(u32, u32)>,
    /// Hashes of words in title, description, body; sorted.
    pub stated: [Vec<u32>; 3],
    /// The element with the most sentences under its children, and the deepest with 60 % of them.
    pub best: u32,
    pub deep: u32,
    /// The block that is the headline, or [`NONE`].
    pub headline: u32,
    pub headings: u32,
    pub articles: u32,
}

impl Page {
    /// Reads a page.
    pub fn read(&mut self, tree: &Tree, meta: &Meta, lexicon: &Lexicon) {
        self.state(meta);
        self.count(tree, lexicon);
        self.find_copies();
        self.paths.score(tree, lexicon);
        self.find_alike(tree);
        self.find_best(tree);
        self.find_headline();
    }

    /// Hashes of the first words of a block.
    pub fn words(&self, block: usize) -> &[u32] {
        &self.hashes[self.starts[block] as usize..self.starts[block + 1] as usize]
    }

    /// Sum over blocks `from..to`.
    pub fn sum(&self, from: usize, to: usize) -> Sum {
        let (from, to) = (&self.sums[from], &self.sums[to]);
        Sum {
            words: to.words - from.words,
            linked: to.linked - from.linked,
            prose: to.prose - from.prose,
            blocks: to.blocks - from.blocks,
        }
    }

    /// Sum over an element.
    pub fn of(&self, node: &Node) -> Sum {
        self.sum(node.blocks.start as usize, node.blocks.end as usize)
    }

    /// Sum over the page.
    pub fn all(&self) -> Sum {
        self.sum(0, self.facts.len())
    }

    /// The part of a block's words that a statement of the page has too.
    pub fn overlap(&self, block: usize, statement: usize) -> f32 {
        let stated = &self.stated[statement];
        let words = self.words(block);
        if stated.is_empty() || words.is_empty() {
            return 0.0;
        }
        let words = &words[..words.len().min(60)];
        words.iter().filter(|word| stated.binary_search(word).is_ok()).count() as f32 / words.len() as f32
    }

    fn state(&mut self, meta: &Meta) {
        let title = if meta.headline.is_empty() { &meta.title } else { &meta.headline };
        for (stated, text) in self.stated.iter_mut().zip([title, &meta.description, &meta.body]) {
            stated.clear();
            for part in text.as_bytes().chunks(2000) {
                // Cut words at borders of parts don't matter.
                count(&String::from_utf8_lossy(part), stated);
            }
            stated.sort_unstable();
            stated.dedup();
        }
    }

    fn count(&mut self, tree: &Tree, lexicon: &Lexicon) {
        let Self { facts, places, hashes, starts, sums, .. } = self;
        facts.clear();
        places.clear();
        hashes.clear();
        starts.clear();
        sums.clear();
        let mut sum = Sum::default();
        starts.push(0);
        sums.push(sum);
        let mut under = NONE;
        for (index, block) in tree.blocks.iter().enumerate() {
            let start = hashes.len();
            let own = count(tree.text_of(block), hashes);
            let link_density = block.linked as f32 / own.bytes.max(1) as f32;
            let container =
                tree.path(block.node).find(|node| tree.nodes[*node as usize].tag.kind() == Kind::Block);
            let container = container.unwrap_or(block.node);
            let near = tree.path(block.node).take(4);
            let heading = near.map(|node| tree.nodes[node as usize].tag.heading()).max().unwrap_or(0);
            let prose = own.prose(link_density);
            sum.words += own.words;
            sum.linked += own.words * link_density;
            sum.prose += if prose { own.words } else { 0.0 };
            sum.blocks += 1.0;
            places.push(Place {
                container,
                tag: tree.nodes[container as usize].tag as u8,
                heading,
                link_density,
                prose,
                words_score: lexicon.words(&hashes[start..]),
                under,
                ..Place::default()
            });
            if heading > 0 {
                under = index as u32;
            }
            facts.push(own);
            starts.push(hashes.len() as u32);
            sums.push(sum);
        }
    }

    fn find_copies(&mut self) {
        self.sorted.clear();
        self.sorted.extend(self.facts.iter().enumerate().map(|(index, facts)| (facts.hash, index as u32)));
        self.sorted.sort_unstable();
        for group in self.sorted.chunk_by(|left, right| left.0 == right.0) {
            for (earlier, (_, index)) in group.iter().enumerate() {
                let place = &mut self.places[*index as usize];
                (place.copies, place.earlier) = (group.len() as u32, earlier as u32);
            }
        }
    }

    /// Counts equal siblings by a hash of parent, name and marks; a rare collision counts two groups as one.
    fn find_alike(&mut self, tree: &Tree) {
        let size = (tree.nodes.len() * 2).next_power_of_two().max(64);
        self.table.clear();
        self.table.resize(size, 0);
        self.alike.clear();
        self.articles = 0;
        for node in &tree.nodes {
            let marks = &tree.marks[node.marks.start as usize..node.marks.end as usize];
            let look = marks.iter().take(6).fold(node.tag as u32, |look, mark| mix(look, *mark));
            let slot = mix(node.parent, look) as usize & (size - 1);
            self.table[slot] += 1;
            self.alike.push(slot as u32);
            self.articles += u32::from(node.tag == Tag::Article);
        }
        for alike in &mut self.alike {
            *alike = self.table[*alike as usize];
        }
    }

    fn find_best(&mut self, tree: &Tree) {
        self.scores.clear();
        self.scores.resize(tree.nodes.len(), 0.0);
        for (facts, place) in self.facts.iter().zip(&self.places) {
            if place.prose {
                let score = 1.0 + facts.commas as f32 + (facts.words / 20.0).min(3.0);
                for (node, part) in tree.path(place.container).skip(1).zip([1.0, 0.5, 0.25]) {
                    self.scores[node as usize] += score * part;
                }
            }
        }
        let rated = |node: usize| self.scores[node] * (1.0 - self.of(&tree.nodes[node]).link_density());
        let mut best = (NONE, 0.0);
        let mut deep = (NONE, 0);
        let enough = self.all().prose * 0.6;
        for (index, node) in tree.nodes.iter().enumerate() {
            let rate = rated(index);
            if rate > best.1 {
                best = (index as u32, rate);
            }
            if enough > 0.0 && node.depth > deep.1 && self.of(node).prose >= enough {
                deep = (index as u32, node.depth);
            }
        }
        (self.best, self.deep) = (best.0, deep.0);
    }

    fn find_headline(&mut self) {
        (self.headline, self.headings) = (NONE, 0);
        let mut best = 0.0;
        for block in 0..self.places.len() {
            let heading = self.places[block].heading;
            self.headings += u32::from(heading > 0);
            if heading == 0 || heading > 3 {
                continue;
            }
            let rate = 0.3 * (4.0 - f32::from(heading)) + 2.0 * self.overlap(block, 0);
            if rate > best {
                (best, self.headline) = (rate, block as u32);
            }
        }
    }
}
