//! Identifies the language of each text of a JSONL file: one line of code and confidence each; the speed to
//! stderr.
//!
//! usage: language FILE.jsonl [MODEL]    without a model: the built-in one

use text::language::Identifier;

fn main() {
    let path = std::env::args().nth(1).expect("a JSONL file");
    let identifier = match std::env::args().nth(2) {
        Some(model) => Identifier::load(model.as_ref()).expect("a fastText model"),
        None => Identifier::builtin(),
    };
    let lines = std::fs::read_to_string(path).expect("readable");
    let texts: Vec<String> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["text"]
                .as_str()
                .unwrap_or("")
                .to_owned()
        })
        .collect();
    let start = cpu_seconds();
    let found: Vec<_> = texts.iter().map(|text| identifier.identify(text)).collect();
    let seconds = cpu_seconds() - start;
    found.iter().for_each(|(code, sure)| println!("{code}\t{sure:.6}"));
    let bytes: usize = texts.iter().map(String::len).sum();
    eprintln!("{:.1} MB, {:.1} MB a CPU second", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
}

/// Processor seconds of this process so far, by the kernel's hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / 100.0
}
