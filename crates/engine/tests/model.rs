//! A tiny model through the public door: it learns, repeats itself, survives its files, refuses bad ones.

use std::sync::Arc;

use engine::{Config, Generator, Model, Sampler, Sampling, Tokenizer, TrainOptions, Trainer};

const TEXT: &str =
    "The crate reads a file and writes a file. The file holds a table of names and numbers.\n\n";

fn train(threads: usize) -> (Model, Vec<f64>) {
    let tokenizer = Arc::new(Tokenizer::train([TEXT].into_iter(), 280).unwrap());
    let config = Config::new(280, 2, 32, 2, 32).unwrap();
    let mut tokens = Vec::new();
    for _ in 0..40 {
        tokens.push(tokenizer.end_of_text());
        tokens.extend(tokenizer.encode(TEXT));
    }
    let model = Model::new(config, tokenizer, 7).unwrap();
    let options = TrainOptions {
        batch: 8,
        sequence: 32,
        token_budget: Some(8 * 32 * 120),
        learning_rate: 1e-2,
        threads,
        ..TrainOptions::default()
    };
    let mut trainer = Trainer::new(model, tokens, options).unwrap();
    let mut losses = Vec::new();
    while trainer.progress() < 1.0 {
        losses.push(trainer.step().loss);
    }
    (trainer.into_model(), losses)
}

#[test]
fn a_model_learns_its_text_and_the_same_seed_gives_the_same_bits() {
    let (model, losses) = train(2);
    assert_eq!(losses.len(), 120);
    assert!((losses[0] - 280f64.ln()).abs() < 0.3, "starts at chance: {}", losses[0]);
    assert!(losses[119] < 0.2, "learns its text by heart: {}", losses[119]);
    let (again, _) = train(2);
    assert_eq!(model.to_safetensors().unwrap(), again.to_safetensors().unwrap());
    let prompt = model.tokenizer().encode("The crate reads");
    let mut generator = Generator::new(Arc::new(model.clone()), &prompt).unwrap();
    let mut greedy = Sampler::new(Sampling { temperature: 0.0, ..Sampling::default() });
    let ids: Vec<u32> = (0..12).map(|_| generator.next(&mut greedy).unwrap()).collect();
    let text = model.tokenizer().decode(&ids);
    assert!(TEXT["The crate reads".len()..].starts_with(&text[..10]), "{text:?}");
}

#[test]
fn one_token_at_a_time_gives_the_scores_of_one_pass() {
    let (model, _) = train(1);
    let ids = model.tokenizer().encode(TEXT);
    let ids = &ids[..20];
    let all = model.logits(ids).unwrap();
    let mut forced = model.clone();
    forced = Model::from_safetensors(
        &forced.to_safetensors().unwrap(),
        forced.config().clone(),
        forced.tokenizer().clone(),
    )
    .unwrap();
    let mut generator = Generator::new(Arc::new(forced), &ids[..5]).unwrap();
    for place in 5..20 {
        let row = &all[(place - 1) * 280..place * 280];
        let worst =
            generator.logits().unwrap().iter().zip(row).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "place {place}: {worst}");
        generator.push(ids[place]).unwrap();
    }
    assert_eq!(generator.room(), 12);
}

#[test]
fn long_texts_are_scored_in_windows() {
    let (model, _) = train(1);
    let ids = model.tokenizer().encode(&TEXT.repeat(3));
    assert!(ids.len() > 64);
    let scores = model.score(&ids, 3).unwrap();
    assert_eq!(scores.len(), ids.len() - 1);
    let whole = model.score(&ids[..32], 3).unwrap();
    assert_eq!(scores[..31], whole[..]);
    // The second window starts after half a context and scores what the first could not.
    let second = model.score(&ids[16..48], 3).unwrap();
    assert_eq!(scores[31..47], second[15..]);
    for score in &scores {
        assert!(score.top.windows(2).all(|pair| pair[0].1 >= pair[1].1) && score.top[0].1 >= score.logprob);
    }
    assert!(model.score(&[], 0).unwrap().is_empty() && model.score(&[5], 0).unwrap().is_empty());
}

#[test]
fn a_saved_model_is_the_same_when_loaded() {
    let (model, _) = train(1);
    let folder = tempfile::tempdir().unwrap();
    model.save(folder.path()).unwrap();
    let loaded = Model::load(folder.path()).unwrap();
    assert_eq!(loaded.config(), model.config());
    assert_eq!(loaded.to_safetensors().unwrap(), model.to_safetensors().unwrap());
    let ids = loaded.tokenizer().encode(TEXT);
    assert_eq!(loaded.logits(&ids[..9]).unwrap(), model.logits(&ids[..9]).unwrap());
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_unstable();
    let expected = [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    assert_eq!(names, expected);
}

#[test]
fn damaged_files_give_clear_errors() {
    let (model, _) = train(1);
    let (config, tokenizer) = (model.config().clone(), model.tokenizer().clone());
    let bytes = model.to_safetensors().unwrap();
    let load = |bytes: &[u8]| Model::from_safetensors(bytes, config.clone(), tokenizer.clone()).map(|_| ());
    assert!(load(&bytes).is_ok());
    for length in [0, 7, 8, 100, bytes.len() - 1] {
        assert_eq!(load(&bytes[..length]).unwrap_err().code, "weights_invalid");
    }
    let mut nan = bytes.clone();
    let last = nan.len() - 4;
    nan[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(load(&nan).unwrap_err().text.contains("finite"));
    let other = Config::new(281, 2, 32, 2, 32).unwrap();
    let error = Model::from_safetensors(&bytes, other, tokenizer.clone()).map(|_| ()).unwrap_err();
    assert!(error.text.contains("model.embed_tokens.weight"), "{error}");
    let fewer = Config::new(280, 1, 32, 2, 32).unwrap();
    let error = Model::from_safetensors(&bytes, fewer, tokenizer.clone()).map(|_| ()).unwrap_err();
    assert!(error.text.contains("layers.1"), "{error}");
    let small = Config::new(257, 2, 32, 2, 32).unwrap();
    assert_eq!(Model::new(small, tokenizer.clone(), 1).map(|_| ()).unwrap_err().code, "model_shape_invalid");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Model::load(folder.path()).map(|_| ()).unwrap_err().code, "model_files_unreadable");
}

#[test]
fn requests_outside_the_model_are_refused() {
    let (model, _) = train(1);
    assert_eq!(model.logits(&[280]).unwrap_err().code, "token_unknown");
    assert_eq!(model.logits(&[1; 33]).unwrap_err().code, "context_length_exceeded");
    let model = Arc::new(model);
    assert_eq!(Generator::new(model.clone(), &[1; 33]).err().unwrap().code, "context_length_exceeded");
    let mut generator = Generator::new(model.clone(), &[1; 31]).unwrap();
    let mut sampler = Sampler::new(Sampling::default());
    assert!(generator.next(&mut sampler).is_ok());
    assert_eq!(generator.room(), 0);
    // The prompt of 31 and the first token fill the context; what follows them may still be asked for.
    assert!(generator.next(&mut sampler).is_ok());
    assert_eq!(generator.next(&mut sampler).unwrap_err().code, "context_length_exceeded");
    let short = TrainOptions { token_budget: Some(1), sequence: 32, ..TrainOptions::default() };
    let trainer = Trainer::new((*model).clone(), vec![1; 10], short.clone());
    assert_eq!(trainer.err().unwrap().code, "training_options_invalid");
    let endless = TrainOptions { token_budget: None, ..short };
    assert!(Trainer::new((*model).clone(), vec![1; 100], endless).is_err());
}
