//! Disjoint sets in which the smallest member stands for its set.

/// Disjoint sets over `0..n`.
#[derive(Debug)]
pub struct Union {
    parent: Vec<u32>,
}

impl Union {
    /// `n` sets of one.
    pub fn new(n: u32) -> Self {
        Self { parent: (0..n).collect() }
    }

    /// The smallest member of the set of `member`; shortens the way there.
    pub fn root(&mut self, mut member: u32) -> u32 {
        while self.parent[member as usize] != member {
            let above = self.parent[self.parent[member as usize] as usize];
            self.parent[member as usize] = above;
            member = above;
        }
        member
    }

    /// Joins the sets of `a` and `b`.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// For each member the smallest of its set.
    pub fn into_roots(mut self) -> Vec<u32> {
        // Parents are never greater than their children, so one pass in order is enough.
        for member in 0..self.parent.len() {
            self.parent[member] = self.parent[self.parent[member] as usize];
        }
        self.parent
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
        assert_eq!(union.into_roots(), [0, 1, 0, 1, 1, 1]);
    }
}
