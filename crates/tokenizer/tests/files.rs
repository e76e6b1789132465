//! Token files, packing and mixtures.

use std::{collections::BTreeMap, fs};

use proptest::prelude::*;
use tokenizer::{
    megatron::{Width, Writer},
    mixture::{Phase, Source, plan},
    pack::{Fit, PackOptions, Packed, Packer},
};

#[test]
fn an_indexed_dataset_has_megatrons_layout() {
    let folder = tempfile::tempdir().expect("a folder");
    let prefix = folder.path().join("set");
    let mut writer = Writer::create(&prefix, Width::of_vocabulary(32_000)).expect("it is writable");
    writer.push_document(&[1, 2, 3]).expect("small ids");
    writer.push_sequence(&[7]).expect("small ids");
    writer.push_sequence(&[]).expect("small ids");
    writer.end_document().expect("a document");
    assert!(!folder.path().join("set.bin").exists(), "nothing under its name before the end");
    let written = writer.finish().expect("a disk");
    assert_eq!((written.sequences, written.documents, written.tokens), (3, 2, 4));
    assert_eq!(fs::read(folder.path().join("set.bin")).expect("written"), [1, 0, 2, 0, 3, 0, 7, 0]);
    let mut index = b"MMIDIDX\0\0".to_vec();
    index.extend(1u64.to_le_bytes());
    index.push(8);
    [3u64, 3].iter().for_each(|n| index.extend(n.to_le_bytes()));
    [3i32, 1, 0].iter().for_each(|n| index.extend(n.to_le_bytes()));
    [0i64, 6, 8, 0, 1, 3].iter().for_each(|n| index.extend(n.to_le_bytes()));
    assert_eq!(fs::read(folder.path().join("set.idx")).expect("written"), index);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2, "no partial files are left");
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing_and_large_ids_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = Writer::create(&folder.path().join("set"), Width::U16).expect("it is writable");
    assert_eq!(writer.push_document(&[70_000]).expect_err("17 bits").code, "token_too_large");
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    assert_eq!(
        Writer::create(&folder.path().join("no/set"), Width::I32).expect_err("no folder").code,
        "tokens_unwritable"
    );
}

fn packed(options: PackOptions, documents: &[Vec<u32>]) -> Vec<Packed> {
    let mut all = Vec::new();
    let mut each = |sequence| {
        all.push(sequence);
        Ok(())
    };
    let mut packer = Packer::new(options).expect("a length");
    documents.iter().for_each(|ids| packer.push(ids, &mut each).expect("nothing fails"));
    packer.finish(&mut each).expect("nothing fails");
    all
}

#[test]
fn joined_documents_end_with_the_end_token_and_know_where_they_begin() {
    let options = PackOptions { length: 4, end: Some(0), fit: Fit::Join, pad: None };
    let all = packed(options, &[vec![5, 6], vec![7], vec![8, 9]]);
    let ids: Vec<_> = all.iter().map(|sequence| sequence.ids.clone()).collect();
    assert_eq!(ids, [vec![5, 6, 0, 7], vec![0, 8, 9, 0]]);
    assert_eq!(all[1].starts, [0, 1]);
    assert_eq!(all[1].positions().collect::<Vec<_>>(), [0, 0, 1, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn packing_loses_nothing(lengths in proptest::collection::vec(0usize..40, 0..60), fit in 0..2) {
        let fit = if fit == 0 { Fit::Join } else { Fit::Best };
        let documents: Vec<Vec<u32>> =
            lengths.iter().zip(1u32..).map(|(length, document)| vec![document; *length]).collect();
        let all = packed(PackOptions { length: 16, end: None, fit, pad: Some(0) }, &documents);
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for sequence in &all {
            prop_assert_eq!(sequence.ids.len(), 16);
            sequence.ids.iter().for_each(|id| *counts.entry(*id).or_default() += 1);
        }
        counts.remove(&0);
        let wanted: BTreeMap<u32, usize> =
            (1u32..).zip(lengths).filter(|(_, length)| *length > 0).collect();
        prop_assert_eq!(counts, wanted);
    }
}

fn source(name: &str, documents: u64, weight: f64, max_epochs: f64) -> Source {
    Source { name: name.into(), documents, tokens: documents * 100, weight, max_epochs }
}

#[test]
fn a_source_at_its_bound_leaves_its_part_to_the_others() {
    let sources =
        [source("books", 1_000, 1.0, 1.0), source("law", 10, 1.0, 4.0), source("web", 5_000, 2.0, 1.0)];
    let made = plan(&sources, &[], 200_000, 7).expect("a mixture");
    let shares: Vec<u64> = made.shares().iter().map(|share| share.documents).collect();
    assert_eq!(shares, [653, 40, 1_307]);
    assert_eq!(made.tokens(), 200_000);
    let order: Vec<_> = made.order().collect();
    assert_eq!(order.len(), 2_000);
    assert_eq!(order, plan(&sources, &[], 200_000, 7).expect("again").order().collect::<Vec<_>>());
    let mut law: Vec<_> =
        order.iter().filter(|draw| draw.source == 1).map(|draw| (draw.epoch, draw.document)).collect();
    law.sort_unstable();
    assert!(law.into_iter().eq((0..4).flat_map(|epoch| (0..10).map(move |document| (epoch, document)))));
}

#[test]
fn a_curriculum_goes_from_one_source_to_the_other() {
    let sources = [source("easy", 100, 1.0, 1.0), source("hard", 100, 1.0, 1.0)];
    let phases = [Phase { part: 1.0, weights: vec![1.0, 0.0] }, Phase { part: 1.0, weights: vec![1.0, 3.0] }];
    let order: Vec<usize> =
        plan(&sources, &phases, 8_000, 1).expect("a mixture").order().map(|d| d.source).collect();
    assert!(order[..40].iter().all(|source| *source == 0));
    assert_eq!(order[40..].iter().filter(|source| **source == 1).count(), 30);
}

#[test]
fn impossible_mixtures_are_refused() {
    let refused =
        |sources: &[Source], phases: &[Phase]| plan(sources, phases, 1, 1).expect_err("no mixture").code;
    assert_eq!(refused(&[], &[]), "mixture_invalid");
    assert_eq!(refused(&[source("a", 1, f64::NAN, 1.0)], &[]), "mixture_invalid");
    assert_eq!(
        refused(&[source("a", 1, 1.0, 1.0)], &[Phase { part: 1.0, weights: vec![] }]),
        "mixture_invalid"
    );
}
