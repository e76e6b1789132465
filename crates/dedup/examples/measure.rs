//! Deduplicates a JSONL file (`id`, `text`) on one thread and says what each step took:
//! `measure parse|exact|near|repeats|overlap FILE [KEY=VALUE...] [kept=FILE]`.
//! Keys are those of the MinHash options. `parse` only reads and parses: the limit that `exact` is held against.
//! `repeats` cuts out substrings of 200 bytes; `overlap` takes the first 200 documents for a benchmark and looks
//! all others up in it.

use dedup::{Resources, Unit, decontaminate, exact, minhash};
use kernel::Result;
use serde::Deserialize;
use std::{borrow::Cow, collections::BTreeMap, path::Path, time::Instant};

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, file, settings @ ..] = &arguments[..] else {
        eprintln!(
            "measure parse|exact|near|repeats|overlap FILE [unit=words ngram=5 bands=25 rows=5 similarity=0.7] [kept=FILE]"
        );
        std::process::exit(2);
    };
    let settings: BTreeMap<_, _> = settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    let start = Instant::now();
    let bytes = std::fs::read(file).map_err(kernel::Error::internal)?;
    let read = start.elapsed();
    let work = std::env::temp_dir().join(format!("dedup-measure-{}", std::process::id()));
    let (ids, way) = match what.as_str() {
        "near" => near(&bytes, &settings, &work)?,
        "exact" => exact_texts(&bytes, &work)?,
        "repeats" => repeats(&bytes)?,
        "overlap" => overlap(&bytes)?,
        _ => {
            let characters: usize =
                documents(&bytes).map(|document| document.id.len() + document.text.len()).sum();
            println!("{characters} bytes of ids and texts");
            (Vec::new(), Vec::new())
        }
    };
    let took = start.elapsed();
    let kept: Vec<_> = ids.iter().zip(&way).zip(0_u32..).filter(|((_, way), at)| *way == at).collect();
    println!(
        "{} documents, {} kept, {:.1} MB in {:.3} s (reading {:.3}): {:.0} MB/s",
        ids.len(),
        kept.len(),
        bytes.len() as f64 / 1e6,
        took.as_secs_f64(),
        read.as_secs_f64(),
        bytes.len() as f64 / 1e6 / took.as_secs_f64()
    );
    if let Some(file) = settings.get("kept") {
        let mut lines: Vec<_> = kept.iter().map(|((id, _), _)| format!("{id}\n")).collect();
        lines.sort();
        std::fs::write(file, lines.concat()).map_err(kernel::Error::internal)?;
    }
    let _ = std::fs::remove_dir_all(work);
    Ok(())
}

fn documents(bytes: &[u8]) -> impl Iterator<Item = Document<'_>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| sonic_rs::from_slice(line).expect("a line is an object with `id` and `text`"))
}

type Resolved = (Vec<String>, Vec<u32>);

fn exact_texts(bytes: &[u8], work: &Path) -> Result<Resolved> {
    let mut ids = Vec::new();
    let mut writer = exact::Writer::create(work, 0)?;
    for document in documents(bytes) {
        writer.add(ids.len() as u32, exact::key(document.text.as_bytes()))?;
        ids.push(document.id.into_owned());
    }
    writer.finish()?;
    let way = exact::resolve(work, &ranks(&ids), Resources::default())?;
    Ok((ids, way))
}

fn near(bytes: &[u8], settings: &BTreeMap<&str, &str>, work: &Path) -> Result<Resolved> {
    let options = options(settings);
    let mut signer = minhash::Signer::new(&options)?;
    let mut keys = vec![0; options.bands];
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    let mut bands = minhash::Bands::create(work, 0, options.bands)?;
    let start = Instant::now();
    for document in documents(bytes) {
        if signer.sign(&document.text, &mut keys) {
            bands.add(ids.len() as u32, &keys)?;
        }
        ids.push(document.id.into_owned());
        texts.push(document.text);
    }
    bands.finish()?;
    let signed = start.elapsed();
    let load = |document: u32| {
        let text = texts.get(document as usize).map_or("", |text| text);
        Ok(dedup::Shingler::new(options.unit, options.ngram).set(text))
    };
    let verify = options.similarity.map(|similarity| (similarity, &load as &minhash::Load<'_>));
    let way = minhash::cluster(work, &ranks(&ids), Resources::default(), verify)?;
    println!(
        "parsed and signed in {:.3} s, all in {:.3} s",
        signed.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    Ok((ids, way))
}

fn repeats(bytes: &[u8]) -> Result<Resolved> {
    let texts: Vec<_> = documents(bytes).map(|document| document.text).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let start = Instant::now();
    let places = dedup::substring::repeats(&texts, dedup::substring::Options::default())?;
    let removed: usize = places.iter().flatten().map(|place| place.len()).sum();
    let hit = places.iter().filter(|places| !places.is_empty()).count();
    println!("{removed} bytes repeat in {hit} documents; found in {:.3} s", start.elapsed().as_secs_f64());
    Ok((Vec::new(), Vec::new()))
}

fn overlap(bytes: &[u8]) -> Result<Resolved> {
    let texts: Vec<_> = documents(bytes).map(|document| document.text).collect();
    let (items, texts) = texts.split_at(texts.len().min(200));
    let items = items.iter().map(|item| item.to_string()).collect();
    let benchmark = decontaminate::Benchmark { name: "first".into(), items };
    let index = decontaminate::Index::build(&[benchmark], decontaminate::Options::default())?;
    let mut finder = decontaminate::Finder::new(&index);
    let start = Instant::now();
    let hit = texts.iter().filter(|text| !finder.hits(text).is_empty()).count();
    println!("{hit} documents hit; found in {:.3} s", start.elapsed().as_secs_f64());
    Ok((Vec::new(), Vec::new()))
}

fn options(settings: &BTreeMap<&str, &str>) -> minhash::Options {
    let number = |key: &str, default: usize| {
        settings.get(key).map_or(default, |value| value.parse().expect("a setting is a number"))
    };
    let default = minhash::Options::default();
    minhash::Options {
        unit: if settings.get("unit") == Some(&"characters") { Unit::Characters } else { Unit::Words },
        ngram: number("ngram", default.ngram),
        bands: number("bands", default.bands),
        rows: number("rows", default.rows),
        seed: number("seed", default.seed as usize) as u64,
        similarity: match settings.get("similarity") {
            Some(&"none") => None,
            Some(value) => Some(value.parse().expect("a similarity is a number or `none`")),
            None => default.similarity,
        },
    }
}

/// The smallest id survives.
fn ranks(ids: &[String]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..ids.len() as u32).collect();
    order.sort_unstable_by_key(|document| &ids[*document as usize]);
    let mut ranks = vec![0; ids.len()];
    order.iter().zip(0..).for_each(|(document, rank)| ranks[*document as usize] = rank);
    ranks
}
