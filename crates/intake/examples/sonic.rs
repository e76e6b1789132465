//! How fast sonic-rs parses JSONL, for comparison: `sonic FILE`.
//!
//! Prints one JSON object with the CPU seconds for parsing every line whole, into a tree of values, and for parsing
//! it into a struct that wants the fields that this crate wants; and how many bytes the texts have.

use serde::Deserialize;
use std::{borrow::Cow, hint::black_box};

/// What is wanted of a record.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    url: Option<Cow<'a, str>>,
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: sonic FILE");
    let bytes = std::fs::read(path).expect("the file can be read");
    let lines = || bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let began = cpu_seconds();
    let mut count = 0;
    for line in lines() {
        black_box(sonic_rs::from_slice::<sonic_rs::Value>(line).expect("every line is JSON"));
        count += 1;
    }
    let whole = cpu_seconds() - began;
    let (began, mut texts) = (cpu_seconds(), 0);
    for line in lines() {
        let record: Record<'_> = sonic_rs::from_slice(line).expect("every line is a record");
        texts += black_box(&record).text.len();
        black_box((&record.id, &record.url));
    }
    let fields = cpu_seconds() - began;
    println!(
        "{}",
        serde_json::json!({"records": count, "text_bytes": texts, "bytes": bytes.len(), "whole_cpu_seconds": whole,
            "fields_cpu_seconds": fields})
    );
}

/// Time that the processors spent on this program.
fn cpu_seconds() -> f64 {
    let usage = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    usage.tv_sec as f64 + usage.tv_nsec as f64 / 1e9
}
