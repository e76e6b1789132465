use super::*;

const TEXTS: [&str; 3] =
    ["今天天气很好\n明天天气不好", "今天我们去公园\n明天我们去学校", "天气很好我们去公园"];

fn options(unit: Unit, order: usize) -> Options {
    Options { unit, order, min_count: 1, ..Default::default() }
}

#[test]
fn known_text_surprises_less_than_shuffled_text() {
    for (unit, order) in [(Unit::Character, 3), (Unit::Character, 1), (Unit::Word, 2)] {
        let model = Model::train(TEXTS, &options(unit, order)).unwrap();
        let (known, shuffled) =
            (model.perplexity("今天天气很好").unwrap(), model.perplexity("气很天今天好园龘").unwrap());
        assert!(known > 1.0 && known < shuffled, "{unit:?} {order}: {known} {shuffled}");
    }
    assert_eq!(Model::train(TEXTS, &options(Unit::Character, 3)).unwrap().perplexity(" \n"), None);
}

#[test]
fn probabilities_of_all_units_sum_to_one() {
    let model = Model::train(TEXTS, &options(Unit::Character, 3)).unwrap();
    let ids: Vec<u32> = [UNKNOWN, END].into_iter().chain(model.vocabulary.values().copied()).collect();
    for context in [[BEGIN, BEGIN], [ids[3], ids[4]], [BEGIN, ids[2]], [UNKNOWN, UNKNOWN]] {
        let sum: f64 = ids.iter().map(|&id| model.probability(&[context[0], context[1], id])).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{context:?}: {sum}");
    }
}

#[test]
fn a_saved_model_comes_back_the_same_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let model = Model::train(TEXTS, &options(Unit::Character, 2)).unwrap();
    model.save(&path).unwrap();
    assert_eq!(Model::load(&path).unwrap(), model);
    let bytes = std::fs::read(&path).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        std::fs::write(&path, &bytes[..end]).unwrap();
        assert_eq!(Model::load(&path).err().map(|e| e.code), Some("ngram_model_invalid"), "{end}");
    }
    assert_eq!(Model::load(&folder.path().join("none")).err().map(|e| e.code), Some("ngram_model_missing"));
}

#[test]
fn limits_drop_with_their_reason_and_bad_options_are_refused() {
    let model = Model::train(TEXTS, &options(Unit::Character, 3)).unwrap();
    let limits = Limits { min: 0.0, max: 1.0 };
    assert_eq!(
        limits.judge(&model, 4, "今天"),
        Outcome::Drop(Drop { rule: 4, reason: "perplexity_too_high" })
    );
    assert_eq!(Limits::default().judge(&model, 0, "今天"), Outcome::Keep);
    let code = |options: &Options, texts: &[&str]| {
        Model::train(texts.iter().copied(), options).err().map(|e| e.code)
    };
    assert_eq!(code(&options(Unit::Word, 9), &TEXTS), Some("ngram_options_invalid"));
    assert_eq!(
        code(&Options { max_runs: 3, ..options(Unit::Character, 2) }, &TEXTS),
        Some("ngram_too_large")
    );
    assert_eq!(code(&options(Unit::Word, 2), &["", " "]), Some("ngram_no_text"));
}
