//! What a recipe will do, in words, with the source of each step.

use super::{By, Form, Format, Recipe, Step, segments};
use std::fmt::Write;

/// The recipe in words, for people: what each step does, with which options, and where it comes from.
pub fn explain(recipe: &Recipe) -> String {
    let mut text = format!("{}\n{}\n", recipe.title, recipe.about.trim());
    let _ = writeln!(text, "\nread\n  {}", READ);
    for (number, segment) in segments(&recipe.steps).iter().enumerate() {
        for index in &segment.stream {
            step(&recipe.steps[*index], &mut text);
        }
        for index in &segment.barriers {
            step(&recipe.steps[*index], &mut text);
            text.push_str("  Waits for all documents");
            text.push_str(if number == 0 { ".\n" } else { " of the step before.\n" });
        }
    }
    let _ = writeln!(text, "\nwrite\n  {}", output(recipe));
    text
}

const READ: &str = "WARC, JSONL, Parquet, CSV, HTML, Markdown, plain text, EPUB and PDF, in folders, zip and tar, packed \
with gzip or zstd; what can't be read goes to skipped.jsonl with its reason.";

fn step(step: &Step, text: &mut String) {
    let _ = writeln!(text, "\n{}\n  {}", step.name(), about(step));
    let options = toml::to_string(step).unwrap_or_default();
    for line in options.lines().filter(|line| !line.starts_with("use = ")) {
        let _ = writeln!(text, "    {line}");
    }
}

/// What a step does and where it comes from.
fn about(step: &Step) -> &'static str {
    match step {
        Step::Extract(_) => {
            "The main text of web pages, found by a classifier over blocks of the page; Markdown to plain text. Pages \
             without any are dropped."
        }
        Step::Normalise => "One form for line ends, odd spaces, control characters and blank lines.",
        Step::Compat(_) => {
            "Rules as published, with spaCy's English tokenisation as datatrove uses it: Gopher (Rae et al. 2021, \
             arXiv 2112.11446), C4 (Raffel et al. 2020), FineWeb (Penedo et al. 2024, arXiv 2406.17557)."
        }
        Step::Native(_) => {
            "Rules for any language, Chinese among them, with thresholds derived from real text."
        }
        Step::Language(_) => "Keeps languages, by a fastText model (Joulin et al. 2016) or the built-in one.",
        Step::Urls(_) => "Drops documents whose address has a host of the list, or lies below one.",
        Step::Words(_) => "Drops documents that hold entries of the list.",
        Step::Perplexity(_) => "Drops what an n-gram model finds too surprising (CCNet, Wenzek et al. 2020).",
        Step::Pii(_) => {
            "Personal information of Chinese and English forms, with check digits: GB 11643 with ISO 7064, GB 32100, \
             Luhn."
        }
        Step::Licence(_) => {
            "Keeps documents whose licence (SPDX expression or record) allows what is wanted; of alternatives the best \
             counts."
        }
        Step::Command(_) => "A program of your own: JSON lines in, JSON lines out.",
        Step::Exact(exact) => match exact.by {
            By::Text => "Of documents with the same text the one with the smallest id stays.",
            By::Url => "Of documents with the same address the one with the smallest id stays.",
        },
        Step::Near(_) => {
            "MinHash (Broder 1997) with locality-sensitive hashing. Of near duplicates the one with the smallest id \
             stays."
        }
        Step::Decontaminate(_) => {
            "Drops what shares long runs of words with benchmarks (GPT-3, Brown et al. 2020)."
        }
    }
}

fn output(recipe: &Recipe) -> String {
    match (recipe.output.form, recipe.output.format) {
        (Form::Records, _) => "Kept records as JSONL, kept-ids.txt, skipped.jsonl and report.json.".into(),
        (Form::Dataset, format) => format!(
            "A data set: {} files, a held-out part ({} documents of a million, at least {}), card, Croissant description, \
             contributions, kept-ids.txt, skipped.jsonl and report.json.",
            if format == Format::Parquet { "Parquet" } else { "JSONL" },
            recipe.output.heldout.share_ppm,
            recipe.output.heldout.documents
        ),
    }
}
