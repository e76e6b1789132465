//! Judges a JSONL file by the built-in Chinese rules: what is kept and dropped by group of ids, and at what
//! speed.
//!
//! usage: chinese FILE.jsonl [--why GROUP]    a group is an id up to its second `/` when it begins with
//! `junk/`
//!        chinese FILE.jsonl --clean OUT.jsonl    masks personal information only

use std::collections::BTreeMap;

use text::{Outcome, native};

fn main() {
    let path = std::env::args().nth(1).expect("a JSONL file");
    let why = std::env::args().nth(3);
    let lines = std::fs::read_to_string(path).expect("readable");
    if std::env::args().nth(2).as_deref() == Some("--clean") {
        return clean(&lines, &std::env::args().nth(3).expect("an output file"));
    }
    let rules = [
        native::Rule::Quality(Default::default()),
        native::Rule::Fluency(Default::default()),
        native::Rule::Repetition(Default::default()),
        native::Rule::Menu(Default::default()),
        native::Rule::Advertising(Default::default()),
    ];
    let mut filter = native::Filter::new(&rules).expect("valid rules");
    filter.judge("预热");
    let documents: Vec<(String, String)> = lines
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            (value["id"].as_str().unwrap_or("").to_owned(), value["text"].as_str().unwrap_or("").to_owned())
        })
        .collect();
    let mut groups: BTreeMap<(String, &str), u64> = BTreeMap::new();
    let start = cpu_seconds();
    let outcomes: Vec<Outcome> = documents.iter().map(|(_, text)| filter.judge(text)).collect();
    let seconds = cpu_seconds() - start;
    for ((id, text), outcome) in documents.iter().zip(outcomes) {
        let group = if id.starts_with("junk/") {
            id.split('/').take(2).collect::<Vec<_>>().join("/")
        } else {
            "good".into()
        };
        let reason = match outcome {
            Outcome::Drop(drop) => drop.reason,
            _ => "kept",
        };
        if why.as_deref() == Some(group.as_str()) && (reason == "kept") == group.starts_with("junk") {
            let (passages, lines) = native::repeated_shares(text);
            println!(
                "{id} {reason} ad {:.2} repeated {passages:.2} {lines:.2}",
                native::advertising_score(text)
            );
            println!(
                "   {:?}\n   {}",
                native::Measures::of(text),
                text.chars().take(150).collect::<String>().replace('\n', "⏎")
            );
        }
        *groups.entry((group, reason)).or_default() += 1;
    }
    groups.iter().for_each(|((group, reason), count)| println!("{group:16} {reason:32} {count}"));
    let bytes: usize = documents.iter().map(|(_, text)| text.len()).sum();
    println!("{:.1} MB, {:.1} MB a CPU second", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
}

/// Processor seconds of this process so far, by the kernel's hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.split_whitespace().skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / 100.0
}

fn clean(lines: &str, output: &str) {
    let mut cleaner = text::pii::Cleaner::new(&text::pii::Options::default()).expect("valid options");
    let mut values: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let texts: Vec<String> =
        values.iter().map(|value| value["text"].as_str().unwrap_or("").to_owned()).collect();
    let start = cpu_seconds();
    let cleaned: Vec<_> = texts.iter().map(|text| cleaner.clean(text)).collect();
    let seconds = cpu_seconds() - start;
    let (mut out, mut counts) = (String::new(), BTreeMap::<_, u64>::new());
    for (value, cleaned) in values.iter_mut().zip(cleaned) {
        cleaned.counts.iter().for_each(|(kind, count)| *counts.entry(kind.name()).or_default() += count);
        if let Some(text) = cleaned.text {
            value["text"] = text.into();
        }
        out.push_str(&format!("{value}\n"));
    }
    std::fs::write(output, out).expect("writable");
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{counts:?}\n{:.1} MB, {:.0} MB a CPU second", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
}
