//! Reads mutants of a valid file for a while: `fuzz FORMAT SECONDS [SEED]`, FORMAT one of `jsonl`, `warc.gz`, ...
//!
//! A panic or an abort ends it; the file that it was on is then left at the path that was printed at the start.

#[path = "../tests/kit/mod.rs"]
mod kit;

use kit::mutate::{Chance, FORMATS, mutate, sample};
use std::time::{Duration, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map(|format| format!("x.{format}"));
    let Some(name) = name.filter(|name| FORMATS.contains(&name.as_str())) else {
        let formats: Vec<_> = FORMATS.iter().map(|name| &name[2..]).collect();
        eprintln!("usage: fuzz FORMAT SECONDS [SEED]; FORMAT is one of {}", formats.join(", "));
        std::process::exit(1);
    };
    let number =
        |index: usize, other| arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(other);
    let (time, seed) = (Duration::from_secs(number(1, 10)), number(2, 1));
    // Kept when the process dies, so that what it died of can be seen.
    let folder = std::env::temp_dir().join(format!("intake-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let path = folder.join(&name);
    println!("{}", path.display());
    let (began, mut runs, mut records, mut broken) = (Instant::now(), 0_u64, 0, 0);
    let mut slowest = Duration::ZERO;
    let mut chance = Chance(seed);
    let mut bytes = sample(&name);
    while began.elapsed() < time {
        // Mutants of mutants, up to a point.
        if runs % 20 == 0 || bytes.len() > 1 << 20 {
            bytes = sample(&name);
        }
        mutate(&mut bytes, &mut chance);
        std::fs::write(&path, &bytes).expect("a temporary file");
        let clock = Instant::now();
        let (found, refused) = kit::read(&path, &intake::Options::default());
        slowest = slowest.max(clock.elapsed());
        assert!(clock.elapsed() < Duration::from_secs(20), "too slow");
        (runs, records, broken) = (runs + 1, records + found.len(), broken + refused.len());
    }
    println!("{name}: {runs} mutants, {records} records, {broken} broken, slowest {slowest:?}");
    std::fs::remove_dir_all(&folder).expect("a temporary folder");
}
