//! Measures training speed: `speed LAYERS WIDTH HEADS CONTEXT BATCH VOCABULARY SECONDS THREADS` on random
//! tokens; prints one line of JSON.

use std::{sync::Arc, time::Duration};

use engine::{Config, Model, Tokenizer, TrainOptions, Trainer};

fn main() -> kernel::Result<()> {
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let [layers, width, heads, context, batch, vocabulary, seconds, threads] = given[..] else {
        eprintln!("usage: speed LAYERS WIDTH HEADS CONTEXT BATCH VOCABULARY SECONDS THREADS");
        std::process::exit(1);
    };
    let config = Config::new(vocabulary, layers, width, heads, context)?;
    let parameters = config.parameters();
    let model = Model::new(config, Arc::new(Tokenizer::bytes()), 1)?;
    let tokens = (0..200_000u64).map(|i| (i.wrapping_mul(i) % 251) as u32 % vocabulary as u32).collect();
    let budget = Duration::from_secs(seconds as u64);
    let options =
        TrainOptions { batch, sequence: context, time_budget: Some(budget), threads, ..Default::default() };
    let mut trainer = Trainer::new(model, tokens, options)?;
    trainer.step();
    let (start, warm) = (cpu_seconds(), trainer.tokens());
    while trainer.progress() < 1.0 {
        trainer.step();
    }
    let per_core = (trainer.tokens() - warm) as f64 / (cpu_seconds() - start);
    println!("{{\"engine\":\"mosu\",\"parameters\":{parameters},\"tokens_per_core_second\":{per_core:.0}}}");
    Ok(())
}

/// Processor time of this process, all threads, from Linux's `/proc`; ticks are hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
