//! What was made from what: boxes in layers from left to right, or one under another on a telephone.

use super::{Chart, Tone, svg::Pen};

/// The most boxes and the most arrows in one picture.
const MOST: usize = 60;
const BOX_HEIGHT: f64 = 58.0;

/// A thing that was made, or the job that made it.
pub struct Node {
    /// What kind of thing: drawn small above its name.
    pub kind: String,
    /// Its name.
    pub label: String,
    /// A figure or version under the name.
    pub note: String,
    /// Its own page.
    pub href: Option<String>,
    /// Whether it is what the page is about.
    pub here: bool,
}

/// From one node to another, by their index.
pub struct Edge {
    /// What was read.
    pub from: usize,
    /// What was made of it.
    pub to: usize,
}

/// A picture of lineage.
pub struct LineageChart {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The arrows.
    pub edges: Vec<Edge>,
}

impl LineageChart {
    fn edges(&self) -> impl Iterator<Item = &Edge> + Clone {
        let count = self.nodes.len().min(MOST);
        self.edges.iter().take(MOST * 2).filter(move |e| e.from < count && e.to < count && e.from != e.to)
    }

    /// The layer of each node: one more than the deepest that it comes from. A cycle, which lineage can't
    /// have, ends at the bound instead of looping.
    fn layers(&self) -> Vec<usize> {
        let count = self.nodes.len().min(MOST);
        let mut layers = vec![0usize; count];
        for _ in 0..count {
            let before = layers.clone();
            for edge in self.edges() {
                layers[edge.to] = layers[edge.to].max(layers[edge.from] + 1).min(count);
            }
            if before == layers {
                break;
            }
        }
        layers
    }

    fn draw_across(&self, width: f64, layers: &[usize]) -> String {
        let depth = layers.iter().max().map_or(1, |deepest| deepest + 1) as f64;
        let gap = 44.0;
        let box_width = ((width - gap * (depth - 1.0)) / depth).clamp(128.0, 230.0);
        let width = width.min(depth * (box_width + gap) - gap).max(depth * (box_width + gap) - gap);
        let mut filled = std::collections::HashMap::<usize, usize>::new();
        for &layer in layers {
            *filled.entry(layer).or_default() += 1;
        }
        let tallest = filled.values().max().copied().unwrap_or(1) as f64;
        let pitch = BOX_HEIGHT + 16.0;
        let height = tallest * pitch - 16.0;
        let mut seen = std::collections::HashMap::<usize, usize>::new();
        let places: Vec<(f64, f64)> = layers
            .iter()
            .map(|layer| {
                let row = seen.entry(*layer).or_default();
                let spare = (tallest - filled[layer] as f64) * pitch / 2.0;
                let place = (*layer as f64 * (box_width + gap), spare + *row as f64 * pitch);
                *row += 1;
                place
            })
            .collect();
        let mut pen = Pen::new(&self.title, &self.description);
        for edge in self.edges() {
            let (from, to) = (places[edge.from], places[edge.to]);
            let start = (from.0 + box_width, from.1 + BOX_HEIGHT / 2.0);
            let end = (to.0, to.1 + BOX_HEIGHT / 2.0);
            pen.ribbon(start, (end.0 - 5.0, end.1), 1.5, "edge");
            pen.polyline(
                &[(end.0 - 7.0, end.1 - 4.0), (end.0 - 1.0, end.1), (end.0 - 7.0, end.1 + 4.0)],
                true,
                "tip-fill",
            );
        }
        for (node, place) in self.nodes.iter().zip(&places) {
            draw_box(&mut pen, node, *place, box_width);
        }
        pen.finish(width, height + 2.0)
    }

    fn draw_down(&self, width: f64, layers: &[usize]) -> String {
        let mut order: Vec<usize> = (0..layers.len()).collect();
        order.sort_by_key(|&index| layers[index]);
        let mut row = vec![0usize; layers.len()];
        for (position, &index) in order.iter().enumerate() {
            row[index] = position;
        }
        let (gutter, pitch) = (44.0, BOX_HEIGHT + 12.0);
        let middle = |index: usize| row[index] as f64 * pitch + BOX_HEIGHT / 2.0;
        let mut pen = Pen::new(&self.title, &self.description);
        for edge in self.edges() {
            let span = (row[edge.to] as f64 - row[edge.from] as f64).abs();
            let (start, end) = ((gutter, middle(edge.from) + 6.0), (gutter, middle(edge.to) - 6.0));
            pen.arc(start, end, (12.0 + 14.0 * span).min(56.0), "edge");
            pen.polyline(
                &[(end.0 - 7.0, end.1 - 4.0), (end.0 - 1.0, end.1), (end.0 - 7.0, end.1 + 4.0)],
                true,
                "tip-fill",
            );
        }
        for &index in &order {
            draw_box(&mut pen, &self.nodes[index], (gutter, row[index] as f64 * pitch), width - gutter - 2.0);
        }
        pen.finish(width, (layers.len() as f64 * pitch - 10.0).max(1.0))
    }
}

impl Chart for LineageChart {
    fn draw(&self, width: f64) -> String {
        let layers = self.layers();
        if width < 460.0 { self.draw_down(width, &layers) } else { self.draw_across(width, &layers) }
    }
}

fn draw_box(pen: &mut Pen, node: &Node, (x, y): (f64, f64), width: f64) {
    pen.linked(node.href.as_deref(), |pen| {
        let class =
            if node.here { format!("box box-here {}", Tone::Accent.class()) } else { "box".to_owned() };
        pen.rect(x + 0.5, y + 1.0, width - 1.0, BOX_HEIGHT - 1.0, &class);
        pen.fitted((x + 10.0, y + 17.0), width - 20.0, "t-note", &node.kind);
        pen.fitted((x + 10.0, y + 34.0), width - 20.0, "t-mark", &node.label);
        pen.fitted((x + 10.0, y + 50.0), width - 20.0, "t-note", &node.note);
    });
}
