//! Suffix arrays by induced sorting, in linear time: Nong, Zhang and Chan, "Linear suffix array construction
//! by almost pure induced-sorting", 2009. The reduced problem has at most half the size, so calls nest some
//! 30 deep at most.

const EMPTY: u32 = u32::MAX;

/// A letter of a text: a small number.
trait Letter: Copy + Ord + Into<u32> {}
impl Letter for u8 {}
impl Letter for u32 {}

/// The starts of all suffixes of `text`, in the order of the suffixes. A text has fewer than 2^31 bytes.
pub fn suffix_array(text: &[u8]) -> Vec<u32> {
    sort(text, 256)
}

fn sort<T: Letter>(text: &[T], letters: usize) -> Vec<u32> {
    let mut array = vec![EMPTY; text.len()];
    if text.is_empty() {
        return array;
    }
    let sorter = Sorter::new(text, letters);
    let leftmost: Vec<u32> = (1..text.len() as u32).filter(|at| sorter.is_leftmost(*at)).collect();
    sorter.induce(&leftmost, &mut array);
    let sorted: Vec<u32> = array.iter().copied().filter(|at| sorter.is_leftmost(*at)).collect();
    let (reduced, names) = sorter.names(&leftmost, &sorted, &mut array);
    let order = if names == reduced.len() { invert(&reduced) } else { sort(&reduced, names) };
    let sorted: Vec<u32> = order.into_iter().map(|index| leftmost[index as usize]).collect();
    sorter.induce(&sorted, &mut array);
    array
}

fn invert(permutation: &[u32]) -> Vec<u32> {
    let mut inverse = vec![0; permutation.len()];
    for (index, place) in permutation.iter().enumerate() {
        inverse[*place as usize] = index as u32;
    }
    inverse
}

/// A text with what sorting its suffixes needs to know.
struct Sorter<'a, T> {
    text: &'a [T],
    /// Whether the suffix is smaller than the one that starts one later; a bit each.
    smaller: Vec<u64>,
    /// Where the suffixes of each letter start in the array, and the end of all.
    starts: Vec<u32>,
}

impl<'a, T: Letter> Sorter<'a, T> {
    fn new(text: &'a [T], letters: usize) -> Self {
        let mut starts = vec![0; letters + 1];
        for letter in text {
            starts[(*letter).into() as usize + 1] += 1;
        }
        for letter in 0..letters {
            starts[letter + 1] += starts[letter];
        }
        let mut smaller = vec![0; text.len().div_ceil(64)];
        let mut next = false;
        for at in (0..text.len() - 1).rev() {
            next = text[at] < text[at + 1] || (text[at] == text[at + 1] && next);
            smaller[at / 64] |= u64::from(next) << (at % 64);
        }
        Self { text, smaller, starts }
    }

    #[inline]
    fn is_smaller(&self, at: u32) -> bool {
        self.smaller[at as usize / 64] >> (at % 64) & 1 == 1
    }

    /// Whether a run of smaller suffixes starts here.
    #[inline]
    fn is_leftmost(&self, at: u32) -> bool {
        at > 0 && self.is_smaller(at) && !self.is_smaller(at - 1)
    }

    #[inline]
    fn letter(&self, at: u32) -> usize {
        self.text[at as usize].into() as usize
    }

    /// Fills the array from the leftmost ones in their order: larger suffixes from the left, smaller from the
    /// right.
    fn induce(&self, leftmost: &[u32], array: &mut [u32]) {
        array.fill(EMPTY);
        let mut ends = self.starts[1..].to_vec();
        for at in leftmost.iter().rev() {
            let end = &mut ends[self.letter(*at)];
            *end -= 1;
            array[*end as usize] = *at;
        }
        let mut heads = self.starts.clone();
        let mut put = |array: &mut [u32], at: u32| {
            let head = &mut heads[self.letter(at)];
            array[*head as usize] = at;
            *head += 1;
        };
        // The end of the text is less than any letter, so the last suffix is induced first.
        put(array, self.text.len() as u32 - 1);
        for index in 0..array.len() {
            let at = array[index];
            if at != EMPTY && at > 0 && !self.is_smaller(at - 1) {
                put(array, at - 1);
            }
        }
        ends.copy_from_slice(&self.starts[1..]);
        for index in (0..array.len()).rev() {
            let at = array[index];
            if at != EMPTY && at > 0 && self.is_smaller(at - 1) {
                let end = &mut ends[self.letter(at - 1)];
                *end -= 1;
                array[*end as usize] = at - 1;
            }
        }
    }

    /// Replaces each stretch between leftmost ones by its number in sorted order, equal ones by the same; and
    /// how many numbers there are. `scratch` is overwritten.
    fn names(&self, leftmost: &[u32], sorted: &[u32], scratch: &mut [u32]) -> (Vec<u32>, usize) {
        // Two leftmost ones are never neighbours, so half their place is a place of their own.
        for (index, at) in leftmost.iter().enumerate() {
            scratch[*at as usize / 2] = index as u32;
        }
        let length = |index: usize| {
            let end = leftmost.get(index + 1).map_or(self.text.len(), |next| *next as usize + 1);
            end - leftmost[index] as usize
        };
        let mut reduced = vec![0; leftmost.len()];
        let (mut names, mut before): (u32, Option<usize>) = (0, None);
        for at in sorted {
            let index = scratch[*at as usize / 2] as usize;
            let same = before.is_some_and(|before| {
                let (a, b) = (leftmost[before] as usize, *at as usize);
                // The last stretch ends with the text and is like no other.
                let last = leftmost.len() - 1;
                before != last
                    && index != last
                    && length(before) == length(index)
                    && self.text[a..a + length(before)] == self.text[b..b + length(index)]
            });
            names += u32::from(!same && before.is_some());
            reduced[index] = names;
            before = Some(index);
        }
        (reduced, if leftmost.is_empty() { 0 } else { names as usize + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reference(text: &[u8]) -> Vec<u32> {
        let mut array: Vec<u32> = (0..text.len() as u32).collect();
        array.sort_by_key(|at| &text[*at as usize..]);
        array
    }

    #[test]
    fn known_texts() {
        for text in ["", "a", "banana", "mississippi", "aaaaaaaa", "abababab", "cabbage", "immissiissippi"] {
            assert_eq!(suffix_array(text.as_bytes()), reference(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn suffixes_come_in_order(text in prop::collection::vec(0_u8..4, 0..200), wide in any::<Vec<u8>>()) {
            prop_assert_eq!(suffix_array(&text), reference(&text));
            prop_assert_eq!(suffix_array(&wide), reference(&wide));
        }
    }
}
