//! Disjoint sets in which the smallest member stands for its set.

/// Disjoint sets over `0..n`.
#[derive(Debug, Clone)]
pub struct Union {
    parent: Vec<u32>,
}

impl Union {
    /// `n` sets of one.
    pub fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    /// The smallest member of the set of `member`.
    pub fn root(&self, mut member: u32) -> u32 {
        while self.parent[member as usize] != member {
            member = self.parent[member as usize];
        }
        member
    }

    /// Joins the sets of `a` and `b`.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// Points every member at its root, so that later look-ups take one step.
    pub fn flatten(&mut self) {
        // Parents are never greater than their children, so one pass in order is enough.
        for member in 0..self.parent.len() {
            self.parent[member] = self.parent[self.parent[member] as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_stands_for_all() {
        let mut union = Union::new(6);
        for (a, b) in [(5, 4), (3, 4), (1, 5), (0, 2)] {
            union.join(a, b);
        }
        union.flatten();
        assert_eq!((0..6).map(|member| union.root(member)).collect::<Vec<_>>(), [0, 1, 0, 1, 1, 1]);
    }
}
