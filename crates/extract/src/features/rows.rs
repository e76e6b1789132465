//! The features of each block, first stage: its own text, its path, its neighbours, its page.

use super::{
    matrix::Matrix,
    page::{Page, Sum},
};
use crate::{
    html::{
        tag::Tag,
        tree::{NONE, Tree, inside},
    },
    meta::{Meta, claims},
};

/// Ancestors looked at from one block, at most.
const STEPS: usize = 40;
/// Levels of ancestors that hold more than the level below, which are features.
const LEVELS: usize = 5;

/// Fills `matrix` with one column a feature, one row a block.
pub fn fill(tree: &Tree, meta: &Meta, page: &Page, matrix: &mut Matrix) {
    matrix.start(tree.blocks.len());
    let shared = shared(tree, meta, page);
    for block in 0..tree.blocks.len() {
        matrix.row(block, 0);
        own(tree, meta, page, block, matrix);
        path(tree, page, block, matrix);
        near(page, block, matrix);
        shared.iter().for_each(|value| matrix.push(*value));
    }
}

fn log(value: f32) -> f32 {
    (value + 1.0).ln()
}

fn flag(value: bool) -> f32 {
    f32::from(u8::from(value))
}

fn own(tree: &Tree, meta: &Meta, page: &Page, at: usize, out: &mut Matrix) {
    let (facts, place, block) = (&page.facts[at], &page.places[at], &tree.blocks[at]);
    let words = facts.words.max(0.5);
    out.push(facts.words);
    out.push(facts.bytes as f32 / words);
    out.push(place.link_density);
    out.push(block.links as f32);
    out.push(facts.commas as f32 / words);
    out.push(facts.stops as f32);
    out.push(facts.stops as f32 / words);
    out.push(facts.digits as f32 / facts.bytes.max(1) as f32);
    out.push(facts.upper as f32 / words);
    out.push(facts.capitals as f32 / words);
    out.push(facts.small as f32 / words);
    out.push(f32::from(facts.first));
    out.push(f32::from(facts.last));
    out.push(facts.lines as f32);
    out.push(facts.separators as f32 / words);
    out.push(flag(facts.currency > 0));
    out.push(facts.cjk as f32 / words);
    out.push(place.words_score);
    out.push(place.copies as f32);
    out.push(place.earlier as f32);
    out.push(page.overlap(at, 0));
    out.push(page.overlap(at, 1));
    out.push(if meta.body.len() > 200 { page.overlap(at, 2) } else { -1.0 });
    out.push(f32::from(place.heading));
    out.push(rank(place.tag));
    out.push(rank(tree.nodes[block.node as usize].tag as u8));
    let flags = block.flags | tree.nodes[block.node as usize].flags;
    for bit in 0..inside::COUNT {
        out.push(flag(flags & (1 << bit) != 0));
    }
}

/// Names in an order that a threshold can use: from frame to prose.
fn rank(tag: u8) -> f32 {
    const ORDER: [Tag; 24] = [
        Tag::Option,
        Tag::Select,
        Tag::Button,
        Tag::Label,
        Tag::Legend,
        Tag::Summary,
        Tag::A,
        Tag::Time,
        Tag::Small,
        Tag::Li,
        Tag::Ul,
        Tag::Span,
        Tag::Div,
        Tag::Section,
        Tag::Th,
        Tag::Td,
        Tag::Dt,
        Tag::Dd,
        Tag::Figcaption,
        Tag::Strong,
        Tag::P,
        Tag::Blockquote,
        Tag::Code,
        Tag::Pre,
    ];
    ORDER.iter().position(|other| *other as u8 == tag).map_or(-1.0, |at| at as f32)
}

fn path(tree: &Tree, page: &Page, at: usize, out: &mut Matrix) {
    let block = &tree.blocks[at];
    let node = block.node as usize;
    let all = page.all();
    out.push(f32::from(tree.nodes[node].depth));
    out.push(page.paths.of(tree, block.node));
    out.push(page.paths.sum[node]);
    out.push(page.paths.low[node]);
    out.push(page.paths.high[node]);
    let mut level = 0;
    let mut held = 1.0;
    let (mut alike, mut alike_level, mut group_words) = (1, 0, 0.0);
    let (mut same, mut items) = (page.alike[node], Sum::default());
    let (mut best, mut deep, mut title) = (-1.0, -1.0, -1.0);
    for (step, index) in tree.path(block.node).take(STEPS).enumerate() {
        let node = &tree.nodes[index as usize];
        let sum = page.of(node);
        if best < 0.0 && holds(tree, index, page.best) {
            best = step as f32;
        }
        if deep < 0.0 && holds(tree, index, page.deep) {
            deep = step as f32;
        }
        let headline = page.headline;
        if title < 0.0 && headline != NONE && node.blocks.contains(&headline) {
            title = step as f32;
        }
        if sum.blocks > held && level < LEVELS {
            describe(&items, same, held, &all, out, level > 0);
            held = sum.blocks;
            level += 1;
            same = 1;
        }
        items = sum;
        same = same.max(page.alike[index as usize]);
        if page.alike[index as usize] > alike && sum.words < all.words * 0.5 {
            (alike, alike_level, group_words) = (page.alike[index as usize], step, sum.words);
        }
    }
    for more in level..LEVELS {
        describe(&items, same, held, &all, out, more > 0);
    }
    for value in [alike as f32, alike_level as f32, log(group_words), best, deep, title] {
        out.push(value);
    }
    let inside = |node: u32| node != NONE && tree.nodes[node as usize].blocks.contains(&(at as u32));
    out.push(flag(inside(page.best)));
    out.push(flag(inside(page.deep)));
}

/// Whether `node` is or holds `other`.
fn holds(tree: &Tree, node: u32, other: u32) -> bool {
    other != NONE && node <= other && other < tree.nodes[node as usize].end
}

/// One level: the largest element that holds nothing more than the level below it does.
fn describe(sum: &Sum, same: u32, blocks: f32, all: &Sum, out: &mut Matrix, more: bool) {
    out.push(same as f32);
    if more {
        out.push(log(sum.words));
        out.push(sum.link_density());
        out.push(sum.prose / sum.words.max(1.0));
        out.push(log(blocks));
        out.push(sum.words / blocks.max(1.0));
        out.push(sum.prose / all.prose.max(1.0));
    }
}

fn near(page: &Page, at: usize, out: &mut Matrix) {
    let count = page.facts.len();
    for step in [-3i64, -2, -1, 1, 2, 3] {
        let other = usize::try_from(at as i64 + step).ok().filter(|other| *other < count);
        let (words, density, stops, tag, score) = other.map_or((-1.0, -1.0, -1.0, -2.0, 0.0), |other| {
            let (facts, place) = (&page.facts[other], &page.places[other]);
            (facts.words, place.link_density, facts.stops as f32, rank(place.tag), place.words_score)
        });
        out.push(words);
        out.push(density);
        if step.abs() < 3 {
            out.push(stops);
            out.push(tag);
            out.push(score);
        }
    }
    for reach in [5, 15] {
        let sum = page.sum(at.saturating_sub(reach), (at + reach + 1).min(count));
        out.push(sum.words / sum.blocks);
        out.push(sum.link_density());
        out.push(sum.prose / sum.words.max(1.0));
    }
    let all = page.all();
    let before = page.sum(0, at);
    out.push(at as f32);
    out.push(at as f32 / count as f32);
    out.push(before.words / all.words.max(1.0));
    out.push(before.prose / all.prose.max(1.0));
    out.push((count - at) as f32);
    let headline = if page.headline == NONE { 0.0 } else { at as f32 - page.headline as f32 };
    out.push(headline.clamp(-50.0, 200.0));
    let under = page.places[at].under;
    if under == NONE {
        [-1.0, 0.0, 0.0, 0.0, 0.0].into_iter().for_each(|value| out.push(value));
    } else {
        let (from, heading) = (under as usize, &page.places[under as usize]);
        out.push(f32::from(heading.heading));
        out.push((at - from) as f32);
        out.push(heading.words_score);
        out.push(page.sum(from, at).words);
        out.push(heading.link_density);
    }
}

fn shared(tree: &Tree, meta: &Meta, page: &Page) -> Vec<f32> {
    let all = page.all();
    let share = |node: u32| {
        if node == NONE { 0.0 } else { page.of(&tree.nodes[node as usize]).prose / all.prose.max(1.0) }
    };
    let words = |wanted: fn(u32) -> bool| {
        let of = tree.blocks.iter().zip(&page.facts).filter(|(block, _)| wanted(block.flags));
        of.map(|(_, facts)| facts.words).sum::<f32>() / all.words.max(1.0)
    };
    let slashes = meta.url.trim_end_matches('/').matches('/').count().saturating_sub(2);
    let mut shared = vec![
        log(all.words),
        log(all.blocks),
        all.link_density(),
        all.prose / all.words.max(1.0),
        all.words / all.blocks.max(1.0),
        share(page.best),
        share(page.deep),
        log(page.headings as f32),
        page.articles as f32,
        words(|flags| flags & inside::LIST != 0),
        words(|flags| flags & inside::TABLE != 0),
        words(|flags| flags & inside::MAIN != 0),
        words(|flags| flags & inside::ARTICLE != 0),
        words(|flags| flags & inside::COMMENTS != 0),
        words(|flags| flags & inside::PARAGRAPH != 0),
        log(meta.body.len() as f32),
        if meta.url.is_empty() { -1.0 } else { slashes as f32 },
        meta.url.len() as f32,
        if page.headline == NONE { -1.0 } else { page.headline as f32 / all.blocks.max(1.0) },
    ];
    shared.extend((0..claims::COUNT).map(|bit| flag(meta.claims & (1 << bit) != 0)));
    shared
}
