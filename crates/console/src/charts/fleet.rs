//! A cluster's nodes and what is free of each: accelerators as cells that fill, cores as bars.

use super::{
    Chart,
    svg::{Anchor, Pen},
};

/// The most nodes in one picture.
const MOST_NODES: usize = 64;
/// The most accelerators of a node that are drawn.
const MOST_CELLS: usize = 16;
/// Side of an accelerator's cell, and what lies between two.
const CELL: (f64, f64) = (13.0, 3.0);
/// Width of a node's place and its height.
const NODE: (f64, f64) = (166.0, 56.0);

/// A node.
pub struct FleetNode {
    /// Its name.
    pub name: String,
    /// How it stands, in few words: `3 of 8 free`, `down`.
    pub text: String,
    /// All of it, shown on hover.
    pub hint: String,
    /// Whether jobs may run there.
    pub up: bool,
    /// Used thousandths of each accelerator; empty for nodes without.
    pub used_milli: Vec<u16>,
    /// Used part of its cores, 0 to 1.
    pub used_cores: f64,
}

/// Nodes of one kind.
pub struct FleetGroup {
    /// What they have: model, maker, whether it is domestic, price.
    pub title: String,
    /// They.
    pub nodes: Vec<FleetNode>,
}

/// A cluster.
pub struct Fleet {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// Its nodes by kind.
    pub groups: Vec<FleetGroup>,
    /// Said in place of nodes that aren't drawn, `{}` being how many.
    pub more: String,
}

impl Chart for Fleet {
    fn draw(&self, width: f64) -> String {
        let columns = ((width / NODE.0).floor() as usize).max(1);
        let pitch = width / columns as f64;
        let mut pen = Pen::new(&self.title, &self.description);
        let (mut y, mut room) = (0.0, MOST_NODES);
        for group in &self.groups {
            let shown = group.nodes.len().min(room);
            room -= shown;
            pen.fitted((0.0, y + 14.0), width, "t-text", &group.title);
            y += 26.0;
            for (index, node) in group.nodes[..shown].iter().enumerate() {
                let (column, row) = (index % columns, index / columns);
                draw_node(&mut pen, node, (column as f64 * pitch, y + row as f64 * NODE.1), pitch - 14.0);
            }
            y += shown.div_ceil(columns) as f64 * NODE.1;
            let left_out = group.nodes.len() - shown;
            if left_out > 0 {
                pen.text(
                    0.0,
                    y + 12.0,
                    Anchor::Start,
                    "t-note",
                    &self.more.replace("{}", &left_out.to_string()),
                );
                y += 24.0;
            }
            y += 8.0;
        }
        pen.finish(width, y.max(1.0))
    }
}

fn draw_node(pen: &mut Pen, node: &FleetNode, (x, y): (f64, f64), width: f64) {
    pen.hinted(&node.hint, |pen| {
        pen.fitted((x, y + 12.0), width, "t-text", &node.name);
        pen.fitted((x, y + 45.0), width, "t-note", &node.text);
        match (node.up, node.used_milli.is_empty()) {
            (true, true) => draw_bar(pen, node.used_cores, (x, y + 20.0), width),
            (false, true) => {
                pen.rect(x, y + 18.0, width.min(120.0), 12.0, "cell");
                pen.line((x, y + 30.0), (x + width.min(120.0), y + 18.0), "cross");
            }
            (up, false) => draw_cells(pen, &node.used_milli, up, (x, y + 18.0)),
        }
    });
}

/// Cells fill from below; those of a node that is down are crossed out.
fn draw_cells(pen: &mut Pen, used: &[u16], up: bool, (x, y): (f64, f64)) {
    let (side, gap) = CELL;
    let used = &used[..used.len().min(MOST_CELLS)];
    // more than eight stand in two rows of half the height
    let (across, height) = if used.len() > 8 { (8, side / 2.0 - 1.0) } else { (8, side) };
    let corner = |index: usize| {
        (x + (index % across) as f64 * (side + gap), y + (index / across) as f64 * (height + 2.0))
    };
    let cells: Vec<_> =
        (0..used.len()).map(|index| (corner(index).0, corner(index).1, side, height)).collect();
    pen.rects(&cells, "cell");
    if !up {
        let crosses = cells.iter().map(|&(x, y, wide, high)| [(x, y), (x + wide, y + high)]);
        crosses.for_each(|[from, to]| pen.line(from, to, "cross"));
        return;
    }
    let filled =
        cells.iter().zip(used).filter(|(_, milli)| **milli > 0).map(|(&(x, y, wide, high), milli)| {
            let part = high * f64::from((*milli).min(1000)) / 1000.0;
            (x, y + high - part, wide, part)
        });
    pen.rects(&filled.collect::<Vec<_>>(), "fill c-accent");
}

fn draw_bar(pen: &mut Pen, used: f64, (x, y): (f64, f64), width: f64) {
    let width = width.min(120.0);
    let part = if used.is_finite() { used.clamp(0.0, 1.0) } else { 0.0 };
    pen.rect(x, y, width, 9.0, "cell");
    pen.rect(x, y, width * part, 9.0, "fill c-accent");
}
