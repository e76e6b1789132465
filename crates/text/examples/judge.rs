//! Judges a file of JSON lines, one `{"id", "text"}` each, and prints `[id, rule and reason or nothing,
//! text]` for each.
//!
//! `judge fineweb FILE` and `judge gopher FILE` run the published chains, `judge @RULES FILE` those of a JSON
//! file; `judge words FILE` prints words, `judge sentences FILE` where sentences end, in bytes; `judge
//! time-fineweb FILE` only says how long judging takes. `benches/filters`, and whoever changes a rule,
//! compares this with the peers.

use serde::Deserialize;
use std::{borrow::Cow, fs, io::Write, time::Instant};
use text::{
    Outcome,
    compat::{C4Quality, Filter, Rule},
    words::Tokenizer,
};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

fn chain(name: &str) -> Vec<Rule> {
    if let Some(file) = name.strip_prefix('@') {
        let rules = fs::read_to_string(file).expect("a file of rules");
        return serde_json::from_str(&rules).expect("a list of rules");
    }
    let mut rules = vec![Rule::GopherRepetition(Default::default()), Rule::GopherQuality(Default::default())];
    if name == "fineweb" {
        rules.push(Rule::C4Quality(C4Quality { filter_no_terminal_punct: false, ..Default::default() }));
        rules.push(Rule::FinewebQuality(Default::default()));
    }
    rules
}

/// Seconds that this thread has spent on a processor; of the clock, where the system doesn't say.
fn seconds(since: Instant) -> f64 {
    let on_cpu = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = on_cpu.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.map_or_else(|| since.elapsed().as_secs_f64(), |count| count / 1e9)
}

/// Judges all texts five times and says how long each time took.
fn time(rules: &[Rule], input: &str) {
    let lines: Vec<Line> =
        input.lines().map(|line| serde_json::from_str(line).expect("an id and a text")).collect();
    let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
    let clock = Instant::now();
    for _ in 0..5 {
        let (start, mut filter) = (seconds(clock), Filter::new(rules).expect("the defaults are valid"));
        let kept = lines.iter().filter(|line| !matches!(filter.judge(&line.text), Outcome::Drop(_))).count();
        let spent = seconds(clock) - start;
        println!("{kept} kept, {spent:.3} CPU-seconds, {:.1} MB each", bytes as f64 / 1e6 / spent);
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(what), Some(file)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: judge fineweb|gopher|@RULES|words|sentences FILE");
        std::process::exit(1);
    };
    let input = fs::read_to_string(file).expect("a file of JSON lines");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut filter = Filter::new(&chain(&what)).expect("the defaults are valid");
    let mut tokenizer = Tokenizer::new();
    if let Some(name) = what.strip_prefix("time-") {
        return time(&chain(name), &input);
    }
    for line in input.lines() {
        let line: Line = serde_json::from_str(line).expect("an id and a text");
        let answer = match what.as_str() {
            "words" => {
                let words: Vec<&str> = tokenizer.spans(&line.text).map(|span| &line.text[span]).collect();
                serde_json::to_value(words)
            }
            "sentences" => serde_json::to_value(tokenizer.sentence_ends(&line.text)),
            _ => match filter.judge(&line.text) {
                Outcome::Keep => serde_json::to_value((&line.id, (), &line.text)),
                Outcome::Change(text) => serde_json::to_value((&line.id, (), text)),
                Outcome::Drop(drop) => serde_json::to_value((&line.id, (drop.rule, drop.reason), ())),
            },
        };
        writeln!(out, "{}", answer.expect("it is JSON")).expect("standard output takes it");
    }
}
