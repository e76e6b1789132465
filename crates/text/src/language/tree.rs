//! Hierarchical softmax: labels as leaves of a Huffman tree.

use super::fasttext::{Matrix, log};

/// A node's children; a leaf has none.
#[derive(Clone, Copy)]
struct Node {
    children: Option<(usize, usize)>,
    count: i64,
}

/// The tree of labels, built from their counts as fastText builds it.
pub(super) struct Tree {
    nodes: Vec<Node>,
    labels: usize,
}

impl Tree {
    /// `counts` of the labels, in their order (the most frequent first).
    pub(super) fn new(counts: &[i64]) -> Self {
        const OPEN: i64 = 1_000_000_000_000_000;
        let labels = counts.len();
        let mut nodes = vec![Node { children: None, count: OPEN }; 2 * labels - 1];
        nodes.iter_mut().zip(counts).for_each(|(node, count)| node.count = (*count).clamp(0, OPEN - 1));
        // Leaves are taken from the rarest on, inner nodes in the order in which they were made.
        let (mut leaves, mut inner) = (labels, labels);
        for at in labels..nodes.len() {
            let mut pick = || {
                let leaf =
                    leaves > 0 && nodes.get(inner).is_none_or(|node| nodes[leaves - 1].count < node.count);
                if leaf || inner >= at {
                    leaves -= 1;
                    leaves
                } else {
                    inner += 1;
                    inner - 1
                }
            };
            let (left, right) = (pick(), pick());
            let count = nodes[left].count.saturating_add(nodes[right].count);
            nodes[at] = Node { children: Some((left, right)), count };
        }
        Self { nodes, labels }
    }

    /// The likeliest label and the logarithm of its probability, by going down the likelier branch first.
    pub(super) fn best(&self, output: &Matrix, hidden: &[f32]) -> (usize, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        let mut waiting = vec![(self.nodes.len() - 1, 0.0f32)];
        while let Some((node, score)) = waiting.pop() {
            if score <= best.1 {
                continue;
            }
            let Some((left, right)) = self.nodes[node].children else {
                best = (node, score);
                continue;
            };
            let right_share = 1.0 / f64::from(1.0 + (-output.dot(node - self.labels, hidden)).exp());
            let right_share = right_share as f32;
            let down = (left, score + log(f64::from(1.0 - right_share)));
            let up = (right, score + log(f64::from(right_share)));
            // The last one pushed is looked at first.
            if down.1 > up.1 { waiting.extend([up, down]) } else { waiting.extend([down, up]) }
        }
        best
    }
}
