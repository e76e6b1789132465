//! Reads an input and says what came out and how fast: `read INPUT [--digest] [--raw-gunzip]`.
//!
//! Prints one JSON object: records, broken, bytes of text, CPU seconds, and with `--digest` a hash over all payloads
//! that doesn't depend on their order. With `--raw-gunzip` the members of a packed WARC are only unpacked, by
//! libdeflate, from memory: the speed that nothing can beat.

use std::{collections::BTreeMap, io::Read, path::Path, time::Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(input) = arguments.first().map(Path::new) else {
        eprintln!("usage: read INPUT [--digest] [--raw-gunzip]");
        std::process::exit(1);
    };
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--raw-gunzip") { raw_gunzip(input) } else { records(input, has("--digest")) }
}

fn records(input: &Path, digest: bool) {
    let options = intake::Options { raw: digest, ..Default::default() };
    let began = cpu_seconds();
    let clock = Instant::now();
    let plan = intake::plan(input, &options).unwrap_or_else(|error| fail(&error));
    let (mut count, mut texts, mut units, mut sum) = (0_u64, 0, 0, 0_u128);
    let mut broken: BTreeMap<String, u64> = BTreeMap::new();
    for found in &plan.broken {
        *broken.entry(found.code.clone()).or_default() += 1;
    }
    for shard in &plan.shards {
        let mut sink = |record: intake::Record<'_>| {
            (count, texts, units) = (count + 1, texts + record.text.len() as u64, units + record.bytes);
            sum = sum.wrapping_add(record.raw.map_or(0, sha));
            Ok(())
        };
        let mut refuse = |found: intake::Broken| {
            *broken.entry(found.code).or_default() += 1;
            Ok(())
        };
        intake::read(input, shard, &options, &mut sink, &mut refuse).unwrap_or_else(|error| fail(&error));
    }
    let report = serde_json::json!({
        "records": count, "broken": broken, "text_bytes": texts, "record_bytes": units, "disk_bytes": plan.bytes,
        "shards": plan.shards.len(), "cpu_seconds": cpu_seconds() - began,
        "wall_seconds": clock.elapsed().as_secs_f64(), "digest": format!("{sum:032x}"),
    });
    println!("{report}");
}

/// The first 128 bits of SHA-256.
fn sha(bytes: &[u8]) -> u128 {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().take(16).fold(0, |hash, byte| hash << 8 | u128::from(*byte))
}

fn raw_gunzip(input: &Path) {
    let packed = std::fs::read(input).unwrap_or_else(|error| fail(&error));
    // Where members end, and their sizes, are found out beforehand.
    let (mut members, mut rest) = (Vec::new(), &packed[..]);
    while !rest.is_empty() {
        let mut decoder = flate2::bufread::GzDecoder::new(rest);
        let size =
            std::io::copy(&mut decoder.by_ref(), &mut std::io::sink()).unwrap_or_else(|error| fail(&error));
        let left = decoder.into_inner();
        members.push((&rest[..rest.len() - left.len()], size as usize));
        rest = left;
    }
    let mut room = vec![0; members.iter().map(|(_, size)| *size).max().unwrap_or(0)];
    let mut inflater = libdeflater::Decompressor::new();
    let (began, clock, mut bytes) = (cpu_seconds(), Instant::now(), 0);
    for (member, size) in &members {
        bytes += inflater.gzip_decompress(member, &mut room[..*size]).unwrap_or_else(|error| fail(&error));
    }
    let report = serde_json::json!({
        "members": members.len(), "record_bytes": bytes, "cpu_seconds": cpu_seconds() - began,
        "wall_seconds": clock.elapsed().as_secs_f64(),
    });
    println!("{report}");
}

/// Time that the processors spent on this program.
fn cpu_seconds() -> f64 {
    let usage = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    usage.tv_sec as f64 + usage.tv_nsec as f64 / 1e9
}

fn fail(error: &dyn std::fmt::Display) -> ! {
    eprintln!("{error}");
    std::process::exit(1);
}
