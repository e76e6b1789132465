//! In which order steps can run: streams of documents, with a barrier after each stream that needs one.

use super::Step;

/// Steps of one document at a time, then steps over all that they left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Indices of the steps that each document goes through.
    pub stream: Vec<usize>,
    /// Indices of the steps that wait for the last document.
    pub barriers: Vec<usize>,
}

/// The segments of a recipe; at least one.
pub fn segments(steps: &[Step]) -> Vec<Segment> {
    let mut segments = vec![Segment::default()];
    for (index, step) in steps.iter().enumerate() {
        if !step.is_barrier() && segments.last().is_some_and(|segment| !segment.barriers.is_empty()) {
            segments.push(Segment::default());
        }
        if let Some(segment) = segments.last_mut() {
            if step.is_barrier() { segment.barriers.push(index) } else { segment.stream.push(index) }
        }
    }
    segments
}
