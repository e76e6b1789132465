//! Trains a byte-level BPE and says how long it took, for `benches/tokenizer/compare.py`.
//!
//! usage: bpe_train STYLE VOCABULARY DOCUMENTS TOKENIZER.json
//!
//! STYLE is `gpt2`, `llama3`, `qwen2` or `o200k`; DOCUMENTS as for the example `bpe_encode`. Prints a line of JSON
//! with CPU seconds of this thread.

use std::{error::Error, fs};

use tokenizer::train::{BpeOptions, BpeTrainer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [style, size, documents, output] = arguments.as_slice() else {
        return Err("usage: bpe_train STYLE VOCABULARY DOCUMENTS TOKENIZER.json".into());
    };
    let style = serde_json::from_value(serde_json::Value::from(style.as_str()))?;
    let data = fs::read(documents)?;
    let began = cpu_seconds()?;
    let mut trainer =
        BpeTrainer::new(BpeOptions { vocab_size: size.parse()?, style, ..BpeOptions::default() })?;
    let (mut rest, mut bytes) = (data.as_slice(), 0);
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        trainer.feed(std::str::from_utf8(behind.get(..length).ok_or("the last document is cut off")?)?)?;
        bytes += length;
        rest = &behind[length..];
    }
    let counted = cpu_seconds()?;
    let file = trainer.train()?;
    let learned = cpu_seconds()?;
    fs::write(output, serde_json::to_vec(&file)?)?;
    let (count, learn) = (counted - began, learned - counted);
    println!(
        "{{\"bytes\": {bytes}, \"cpu_seconds\": {:.3}, \"count\": {count:.3}, \"learn\": {learn:.3}}}",
        learned - began
    );
    Ok(())
}

/// Time that this thread has spent on a processor.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let times = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = times.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
