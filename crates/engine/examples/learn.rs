//! Trains a model on the `.md` and `.txt` files under a folder and writes it:
//! `learn TEXT_FOLDER MODEL_FOLDER VOCABULARY LAYERS WIDTH HEADS CONTEXT BATCH SECONDS THREADS LEARNING_RATE`.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{
    Config, Generator, Model, Sampler, Sampling, Tokenizer, TrainOptions, Trainer, tokenizer::Encoder,
};

fn main() -> kernel::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<f64> = arguments.iter().skip(2).filter_map(|arg| arg.parse().ok()).collect();
    let [vocabulary, layers, width, heads, context, batch, seconds, threads, rate] = numbers[..] else {
        eprintln!(
            "usage: learn TEXT_FOLDER MODEL_FOLDER VOCABULARY LAYERS WIDTH HEADS CONTEXT BATCH SECONDS THREADS LEARNING_RATE"
        );
        std::process::exit(1);
    };
    let mut texts = Vec::new();
    read(Path::new(&arguments[0]), &mut texts);
    texts.sort_unstable();
    texts.dedup();
    let start = Instant::now();
    let (held_out, texts) = texts.split_at(texts.len() / 20);
    let tokenizer = Arc::new(Tokenizer::train(texts.iter().map(String::as_str), vocabulary as usize)?);
    let encode = |texts: &[String]| {
        let mut encoder = Encoder::new(&tokenizer);
        let mut tokens = Vec::new();
        for text in texts {
            tokens.push(tokenizer.end_of_text());
            encoder.encode_into(text, &mut tokens);
        }
        tokens
    };
    let tokens = encode(texts);
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} texts, {bytes} bytes, {} tokens, {:.1?}", texts.len(), tokens.len(), start.elapsed());
    let config =
        Config::new(tokenizer.len(), layers as usize, width as usize, heads as usize, context as usize)?;
    println!("{} parameters", config.parameters());
    let model = Model::new(config, Arc::clone(&tokenizer), 1)?;
    let options = TrainOptions {
        batch: batch as usize,
        sequence: context as usize,
        time_budget: Some(Duration::from_secs_f64(seconds)),
        learning_rate: rate as f32,
        threads: threads as usize,
        ..Default::default()
    };
    let mut trainer = Trainer::new(model, tokens, options)?;
    let mut shown = 0;
    while trainer.progress() < 1.0 {
        let report = trainer.step();
        if (report.progress * 20.0) as u32 > shown {
            shown = (report.progress * 20.0) as u32;
            println!(
                "{:>6} {:.3} {} lr {:.5}",
                report.step, report.loss, report.tokens, report.learning_rate
            );
        }
    }
    let model = Arc::new(trainer.into_model());
    let held_tokens = encode(&held_out[..held_out.len().min(60)]);
    let held_bytes: usize = held_out.iter().take(60).map(String::len).sum();
    let start = Instant::now();
    let nats: f64 = model.score(&held_tokens, 0)?.iter().map(|score| -f64::from(score.logprob)).sum();
    println!(
        "held out: {:.4} bits per byte, {:.1?}",
        nats / std::f64::consts::LN_2 / held_bytes as f64,
        start.elapsed()
    );
    model.save(&PathBuf::from(&arguments[1]))?;
    for (seed, prompt) in ["", "# ", "This crate provides", "Permission is hereby granted"].iter().enumerate()
    {
        let mut generator = Generator::new(Arc::clone(&model), &tokenizer.encode(prompt))?;
        let mut sampler =
            Sampler::new(Sampling { temperature: 0.7, top_p: 0.9, seed: seed as u64, ..Default::default() });
        let mut ids = Vec::new();
        let start = Instant::now();
        while generator.room() > 0 && ids.len() < 100 && ids.last() != Some(&tokenizer.end_of_text()) {
            ids.push(generator.next(&mut sampler)?);
        }
        println!(
            "--- {:.0} tokens/s\n{prompt}{}",
            ids.len() as f64 / start.elapsed().as_secs_f64(),
            tokenizer.decode(&ids)
        );
    }
    Ok(())
}

fn read(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, texts);
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if name.ends_with(".md") || name.ends_with(".txt") || name.starts_with("license") {
                texts.extend(
                    fs::read_to_string(&path).ok().filter(|text| text.len() > 200 && text.len() < 60_000),
                );
            }
        }
    }
}
