//! Tokens by their bytes: all tokens that a text begins with, in one walk.

use foldhash::HashMap;

const NONE: u32 = u32::MAX;

/// A trie whose edges lie in one open-addressed table; the first byte has a table of its own.
#[derive(Debug)]
pub(crate) struct Trie {
    building: HashMap<(u32, u8), u32>,
    /// The token that ends at each node, or `NONE`.
    token: Vec<u32>,
    /// Edges: node and byte to node.
    edges: Vec<(u64, u32)>,
    shift: u32,
}

impl Default for Trie {
    fn default() -> Self {
        Self { building: HashMap::default(), token: vec![NONE], edges: Vec::new(), shift: 0 }
    }
}

impl Trie {
    /// Adds a token; of equal ones the last counts.
    pub fn insert(&mut self, token: &[u8], id: u32) {
        let mut node = 0;
        for byte in token {
            let fresh = self.token.len() as u32;
            node = *self.building.entry((node, *byte)).or_insert(fresh);
            if node == fresh {
                self.token.push(NONE);
            }
        }
        self.token[node as usize] = id;
    }

    /// Makes it ready to be read.
    pub fn seal(&mut self) {
        let slots = (self.building.len() * 2).next_power_of_two().max(64);
        self.shift = 64 - slots.trailing_zeros();
        self.edges = vec![(u64::MAX, NONE); slots];
        for ((node, byte), to) in std::mem::take(&mut self.building) {
            let key = u64::from(node) << 8 | u64::from(byte);
            let mut slot = self.slot(key);
            while self.edges[slot].0 != u64::MAX {
                slot = (slot + 1) & (slots - 1);
            }
            self.edges[slot] = (key, to);
        }
    }

    #[inline(always)]
    fn slot(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline(always)]
    fn step(&self, node: u32, byte: u8) -> u32 {
        let key = u64::from(node) << 8 | u64::from(byte);
        let mask = self.edges.len() - 1;
        let mut slot = self.slot(key);
        loop {
            let (found, to) = self.edges[slot & mask];
            if found == key {
                return to;
            }
            if found == u64::MAX {
                return NONE;
            }
            slot += 1;
        }
    }

    /// Calls `each` with length and id of every token that `text` begins with, shortest first.
    #[inline]
    pub fn prefixes(&self, text: &[u8], mut each: impl FnMut(usize, u32)) {
        let mut node = 0;
        for (length, byte) in text.iter().enumerate() {
            node = self.step(node, *byte);
            if node == NONE {
                return;
            }
            let token = self.token[node as usize];
            if token != NONE {
                each(length + 1, token);
            }
        }
    }

    /// The id of a token.
    pub fn find(&self, token: &[u8]) -> Option<u32> {
        let mut node = 0;
        for byte in token {
            node = self.step(node, *byte);
            if node == NONE {
                return None;
            }
        }
        Some(self.token[node as usize]).filter(|id| *id != NONE)
    }
}
