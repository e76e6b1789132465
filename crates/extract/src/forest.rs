//! Boosted trees whose levels each ask one question, so that a block's leaf is a number of bits and many blocks are
//! judged in step.

use crate::features::matrix::{LANES, Matrix};

/// Questions of one tree, at most.
const DEPTH: usize = 8;

/// A sum of trees.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    bias: f32,
    scale: f32,
    trees: Vec<Tree>,
}

#[derive(Debug, Clone)]
struct Tree {
    questions: Vec<(u16, f32)>,
    leaves: Vec<i16>,
}

impl Forest {
    /// Reads a forest: bias, scale, number of trees; each tree as depth, features and thresholds, leaves.
    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (bias, scale, count) = (f32_of(bytes)?, f32_of(bytes)?, u16_of(bytes)?);
        let mut trees = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let depth = usize::from(take::<1>(bytes)?[0]);
            if depth > DEPTH {
                return None;
            }
            let questions =
                (0..depth).map(|_| Some((u16_of(bytes)?, f32_of(bytes)?))).collect::<Option<_>>()?;
            let leaves =
                (0..1 << depth).map(|_| take::<2>(bytes).map(i16::from_le_bytes)).collect::<Option<_>>()?;
            trees.push(Tree { questions, leaves });
        }
        Some(Self { bias, scale, trees })
    }

    /// Whether it judges nothing.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// The probability of each row.
    pub fn judge(&self, matrix: &Matrix, out: &mut Vec<f32>) {
        let mut sums = vec![0i32; matrix.stride()];
        for tree in &self.trees {
            wide::add(tree, matrix, &mut sums);
        }
        out.clear();
        let logits = sums[..matrix.rows()].iter().map(|sum| *sum as f32 * self.scale + self.bias);
        out.extend(logits.map(|logit| 1.0 / (1.0 + (-logit).exp())));
    }
}

/// The same additions with wider registers, where the processor has them.
#[allow(unsafe_code)]
mod wide {
    use super::{Matrix, Tree};

    pub fn add(tree: &Tree, matrix: &Matrix, sums: &mut [i32]) {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, as was just asked; the function is safe but for that.
            return unsafe { add_avx2(tree, matrix, sums) };
        }
        tree.add(matrix, sums);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn add_avx2(tree: &Tree, matrix: &Matrix, sums: &mut [i32]) {
        tree.add(matrix, sums);
    }
}

impl Tree {
    #[inline(always)]
    fn add(&self, matrix: &Matrix, sums: &mut [i32]) {
        let mut leaf = [0i32; 1 << DEPTH];
        for (wide, narrow) in leaf.iter_mut().zip(&self.leaves) {
            *wide = i32::from(*narrow);
        }
        for (chunk, sums) in sums.chunks_exact_mut(LANES).enumerate() {
            let mut bits = [0u32; LANES];
            for (level, (feature, threshold)) in self.questions.iter().enumerate() {
                let column = &matrix.column(usize::from(*feature))[chunk * LANES..][..LANES];
                for (bits, value) in bits.iter_mut().zip(column) {
                    *bits |= u32::from(value > threshold) << level;
                }
            }
            for (sum, bits) in sums.iter_mut().zip(bits) {
                *sum += leaf[bits as usize & ((1 << DEPTH) - 1)];
            }
        }
    }
}

/// The next bytes.
pub fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

fn u16_of(bytes: &mut &[u8]) -> Option<u16> {
    take(bytes).map(u16::from_le_bytes)
}

/// The next number.
pub fn f32_of(bytes: &mut &[u8]) -> Option<f32> {
    take(bytes).map(f32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_found_by_their_bits() {
        let tree = Tree { questions: vec![(0, 0.5), (1, 2.0)], leaves: vec![0, 1, 2, 3] };
        let forest = Forest { bias: 0.0, scale: 100.0, trees: vec![tree] };
        let mut matrix = Matrix::default();
        matrix.start(3);
        for (row, values) in [[1.0, 0.0], [0.0, 3.0], [0.0, 0.0]].into_iter().enumerate() {
            matrix.row(row, 0);
            values.into_iter().for_each(|value| matrix.push(value));
        }
        let mut out = Vec::new();
        forest.judge(&matrix, &mut out);
        assert_eq!(out, [1.0, 1.0, 0.5]);
    }

    #[test]
    fn cut_bytes_are_refused() {
        assert!(Forest::read(&mut &[0u8; 9][..]).is_none());
    }
}
