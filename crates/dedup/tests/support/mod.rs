//! Texts made from numbers, with near duplicates of known similarity.

use dedup::{Resources, Unit, minhash};
use std::path::Path;

/// Random numbers that are the same on every machine (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn words(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| format!("w{}", self.below(5000))).collect()
    }
}

/// Families of a source and copies, in which a growing share of the words is replaced.
#[allow(dead_code)] // Each test file is a crate of its own and uses its part.
pub fn families(count: usize, copies: usize, words: usize, seed: u64) -> Vec<String> {
    let mut random = Random(seed);
    let mut texts = Vec::new();
    for _ in 0..count {
        let source = random.words(words);
        texts.push(source.join(" "));
        for copy in 1..=copies {
            let mut words = source.clone();
            for _ in 0..copy * source.len() / 60 {
                let at = random.below(words.len() as u64) as usize;
                words[at] = format!("x{}", random.below(100_000));
            }
            texts.push(words.join(" "));
        }
    }
    texts
}

/// A permutation of `0..count`.
#[allow(dead_code)]
pub fn shuffled(count: usize, seed: u64) -> Vec<u32> {
    let mut random = Random(seed);
    let mut order: Vec<u32> = (0..count as u32).collect();
    for at in (1..count).rev() {
        order.swap(at, random.below(at as u64 + 1) as usize);
    }
    order
}

/// Clusters texts that `workers` have signed in turn.
#[allow(dead_code)]
pub fn near(
    folder: &Path,
    texts: &[String],
    ranks: &[u32],
    options: &minhash::Options,
    workers: usize,
    resources: Resources,
) -> Vec<u32> {
    for worker in 0..workers {
        let mut signer = minhash::Signer::new(options).unwrap();
        let mut bands = minhash::Bands::create(folder, worker, options.bands).unwrap();
        let mut keys = vec![0; options.bands];
        for (document, text) in texts.iter().enumerate().skip(worker).step_by(workers) {
            if signer.sign(text, &mut keys) {
                bands.add(document as u32, &keys).unwrap();
            }
        }
        bands.finish().unwrap();
    }
    let load = |document: u32| Ok(set(&texts[document as usize], options.unit));
    let verify = options.similarity.map(|similarity| (similarity, &load as &minhash::Load<'_>));
    minhash::cluster(folder, ranks, resources, verify).unwrap()
}

#[allow(dead_code)]
pub fn set(text: &str, unit: Unit) -> dedup::Shingles {
    dedup::Shingler::new(unit, 5).set(text)
}
