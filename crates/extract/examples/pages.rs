//! Extracts all pages of a folder: `pages FOLDER [markdown|whole]`; prints a line of JSON a page, and on stderr the
//! seconds of processor time.
//!
//! Pages are `.html` files; reading them from the disk isn't counted.

use extract::{Extractor, Format, Options, Scope};
use std::{collections::BTreeMap, error::Error, fs, io::Write};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: pages FOLDER [markdown|whole]")?;
    let mode = arguments.next().unwrap_or_default();
    let mut options = Options::default();
    match mode.as_str() {
        "markdown" => (options.format, options.links) = (Format::Markdown, true),
        "whole" => options.scope = Scope::Whole,
        _ => {}
    }
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        pages.insert(name, fs::read(path)?);
    }
    let mut extractor = Extractor::new(&options);
    let started = std::time::Instant::now();
    let texts: Vec<_> =
        pages.values().map(|page| extractor.extract(&String::from_utf8_lossy(page), None)).collect();
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{} pages, {seconds:.3} s, {:.0} pages/s", pages.len(), pages.len() as f64 / seconds);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (name, page) in pages.keys().zip(texts) {
        let page = page.unwrap_or_default();
        let (text, title) = (serde_json::to_string(&page.text)?, serde_json::to_string(&page.title)?);
        writeln!(out, "{{\"page\":\"{name}\",\"title\":{title},\"text\":{text}}}")?;
    }
    Ok(())
}
