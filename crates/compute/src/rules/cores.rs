//! Which processor cores a job runs on.

/// The `count` lowest of `present` that aren't in `taken`, or nothing when there aren't as many: then the
/// operating system shares the cores out.
pub fn choose(present: &[usize], taken: &[usize], count: usize) -> Vec<usize> {
    let free: Vec<_> = present.iter().copied().filter(|core| !taken.contains(core)).take(count).collect();
    if free.len() == count { free } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_free_cores_or_none() {
        assert_eq!(choose(&[0, 1, 2, 3], &[1], 2), vec![0, 2]);
        assert_eq!(choose(&[0, 1], &[1], 2), Vec::<usize>::new());
    }
}
