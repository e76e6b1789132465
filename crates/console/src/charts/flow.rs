//! Where money went: columns of places, and ribbons between them as thick as what moved.

use super::{
    Chart, Tone,
    scale::text_width,
    svg::{Anchor, Pen},
};

/// The most places and the most ribbons in one picture.
const MOST: usize = 40;
/// Pixels that the largest column's values share.
const BODY: f64 = 150.0;
/// Pixels of height that a place's two lines of label need.
const LABEL: f64 = 38.0;
/// Below this the picture is not squeezed: its box scrolls.
const LEAST_WIDTH: f64 = 620.0;

/// A place that money comes from or goes to.
pub struct FlowNode {
    /// Its name.
    pub label: String,
    /// The amount with its unit.
    pub text: String,
    /// Which column it stands in, from 0.
    pub column: usize,
    /// Its colour.
    pub tone: Tone,
    /// Where its label leads.
    pub href: Option<String>,
}

/// A movement between two places, by their index.
pub struct FlowLink {
    /// Where from.
    pub from: usize,
    /// Where to.
    pub to: usize,
    /// How much, in micros.
    pub value: i64,
    /// Shown on hover.
    pub text: String,
}

/// A picture of money that moved.
pub struct Flow {
    /// What it shows, for those who can't see it.
    pub title: String,
    /// What is to be read from it.
    pub description: String,
    /// The places.
    pub nodes: Vec<FlowNode>,
    /// The movements.
    pub links: Vec<FlowLink>,
}

struct Place {
    x: f64,
    y: f64,
    height: f64,
}

impl Flow {
    fn sums(&self, nodes: usize) -> Vec<f64> {
        let mut sums = vec![(0i64, 0i64); nodes];
        for link in self.usable(nodes) {
            sums[link.from].1 = sums[link.from].1.saturating_add(link.value);
            sums[link.to].0 = sums[link.to].0.saturating_add(link.value);
        }
        sums.into_iter().map(|(into, out)| into.max(out) as f64).collect()
    }

    fn usable(&self, nodes: usize) -> impl Iterator<Item = &FlowLink> {
        self.links
            .iter()
            .take(MOST)
            .filter(move |link| link.from < nodes && link.to < nodes && link.value > 0)
    }

    fn places(&self, sums: &[f64], width: f64, right: f64) -> (Vec<Place>, f64) {
        let nodes = &self.nodes[..sums.len()];
        let columns = nodes.iter().map(|node| node.column + 1).max().unwrap_or(1).min(8);
        let total =
            |column| nodes.iter().zip(sums).filter(move |(n, _)| n.column == column).map(|(_, &s)| s).sum();
        let most = (0..columns).map(total).fold(1.0, f64::max);
        let mut tops = vec![4.0; columns];
        let pitch = (width - right - 10.0) / (columns.max(2) - 1) as f64;
        let places: Vec<Place> = nodes
            .iter()
            .zip(sums)
            .map(|(node, sum)| {
                let column = node.column.min(columns - 1);
                let height = (sum / most * BODY).max(3.0);
                let y = tops[column];
                tops[column] += height.max(LABEL) + 10.0;
                Place { x: column as f64 * pitch, y, height }
            })
            .collect();
        let height = tops.iter().copied().fold(60.0, f64::max);
        (places, height)
    }
}

impl Chart for Flow {
    fn draw(&self, width: f64) -> String {
        let width = width.max(LEAST_WIDTH);
        let nodes = &self.nodes[..self.nodes.len().min(MOST)];
        let sums = self.sums(nodes.len());
        let last = nodes.iter().map(|node| node.column).max().unwrap_or(0);
        let room = |node: &FlowNode| text_width(&node.label).max(text_width(&node.text));
        let right = nodes.iter().filter(|node| node.column == last).map(room).fold(60.0, f64::max);
        let right = (right + 12.0).min(width * 0.3);
        let (places, height) = self.places(&sums, width, right);
        let scale =
            places.iter().zip(&sums).map(|(p, s)| p.height / s.max(1.0)).fold(f64::INFINITY, f64::min);

        let mut pen = Pen::new(&self.title, &self.description);
        let mut used = vec![(0.0, 0.0); nodes.len()];
        for link in self.usable(nodes.len()) {
            let (from, to) = (&places[link.from], &places[link.to]);
            let thick = (link.value as f64 * scale).max(1.0);
            let start = (from.x + 10.0, from.y + used[link.from].1 + thick / 2.0);
            let end = (to.x, to.y + used[link.to].0 + thick / 2.0);
            used[link.from].1 += thick;
            used[link.to].0 += thick;
            let tone = nodes[link.from].tone.class();
            pen.hinted(&link.text, |pen| pen.ribbon(start, end, thick, &format!("ribbon {tone}")));
        }
        for (node, place) in nodes.iter().zip(&places) {
            draw_node(&mut pen, node, place, if node.column == last { right } else { 220.0 });
        }
        pen.finish(width, height)
    }
}

fn draw_node(pen: &mut Pen, node: &FlowNode, place: &Place, room: f64) {
    pen.rect(place.x, place.y, 10.0, place.height, &format!("fill {}", node.tone.class()));
    let top = place.y + (place.height / 2.0 - 4.0).max(12.0);
    pen.linked(node.href.as_deref(), |pen| {
        pen.fitted((place.x + 18.0, top), room - 12.0, "t-text halo", &node.label);
    });
    pen.text(place.x + 18.0, top + 17.0, Anchor::Start, "t-mark halo", &node.text);
}
