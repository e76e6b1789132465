//! The data card: `README.md` of the output, readable by people, by the hub and by `datasets.load_dataset`.

use super::{Report, Share, Step};
use std::fmt::Write;

/// Rows of a table of the card; the rest is in `report.json` and `contributions.jsonl`.
const ROWS: usize = 25;

/// The card of a report.
pub fn card(report: &Report) -> String {
    let mut card = front_matter(report);
    let (documents, bytes, tokens) = report.total();
    let _ = write!(
        card,
        "\n# {}\n\n{} documents, {} bytes, {} words, made by the Mosu corpus toolchain {}.\n\n\
         A *word* (`tokens` in the files) is a run of letters and digits; a Han character or a kana is one word. \
         Words are counted before any tokenizer exists, so that shares of revenue do not depend on one.\n",
        report.title,
        thousands(documents),
        thousands(bytes),
        thousands(tokens),
        report.toolchain
    );
    splits(report, &mut card);
    waterfall(report, &mut card);
    lengths(report, &mut card);
    clusters(report, &mut card);
    shares(
        "Licences",
        "As each source states them; `unknown` where it states none.",
        &report.licences,
        &mut card,
    );
    shares("Sources", "Who wrote the documents is in `contributions.jsonl`.", &report.sources, &mut card);
    card.push_str(
        "\n## Fields\n\n`id` (the giver's own, else path and position) · `text` · `source` · `author` · `contributor` · `licence` · `url` · \
         `path` (in the input) · `tokens` (words). Empty text means that the input states nothing.\n\n\
         ## Limits\n\n",
    );
    card.push_str(personal(report));
    card.push_str(
        " Quality rules are heuristics and also drop good documents; `report.json` names examples for every reason, \
         `skipped.jsonl` every file that was not read.\n",
    );
    card
}

fn personal(report: &Report) -> &'static str {
    let cleans = report.recipe.steps.iter().any(|step| matches!(step, crate::recipe::Step::Pii(_)));
    if cleans {
        "Personal information was looked for by patterns and check digits; what has no pattern, such as names, stays."
    } else {
        "Personal information is neither marked nor removed."
    }
}

/// Text lengths as bars: the shape of a corpus at a glance.
fn lengths(report: &Report, card: &mut String) {
    let most = report.lengths.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    card.push_str("\n## Lengths\n\n| characters | documents | |\n|---:|---:|---|\n");
    for (power, count) in report.lengths.iter().enumerate().filter(|(_, count)| **count > 0) {
        let bar = "█".repeat(((count * 40).div_ceil(most)) as usize);
        let _ = writeln!(card, "| from {} | {} | {bar} |", thousands(1 << power), thousands(*count));
    }
}

fn front_matter(report: &Report) -> String {
    let (documents, ..) = report.total();
    let size = match documents {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "10M<n<100M",
    };
    // A YAML double-quoted string is written like a JSON one.
    let title = serde_json::Value::from(report.title.as_str());
    let mut text = format!(
        "---\npretty_name: {title}\nlicense: other\nlicense_name: per-document\nlicense_link: README.md\n\
         size_categories:\n- {size}\ntask_categories:\n- text-generation\nconfigs:\n- config_name: default\n  data_files:\n"
    );
    for split in &report.splits {
        let _ = writeln!(text, "  - split: {}\n    path: data/{}-*", split.name, split.name);
    }
    text.push_str("---\n");
    text
}

fn splits(report: &Report, card: &mut String) {
    card.push_str("\n## Parts\n\n| part | documents | bytes | words |\n|---|---:|---:|---:|\n");
    for split in &report.splits {
        let _ = writeln!(
            card,
            "| {} | {} | {} | {} |",
            split.name,
            thousands(split.documents),
            thousands(split.bytes),
            thousands(split.tokens)
        );
    }
    card.push_str("\nThe held-out part was chosen by a hash of the id after duplicates were removed.\n");
}

fn waterfall(report: &Report, card: &mut String) {
    card.push_str(
        "\n## Waterfall\n\n| step | documents in | documents out | bytes in | bytes out | dropped |\n\
         |---|---:|---:|---:|---:|---|\n",
    );
    for step in &report.steps {
        let Step { name, documents_in, documents_out, bytes_in, bytes_out, drops, .. } = step;
        let dropped: Vec<_> =
            drops.iter().map(|drop| format!("{} {}", drop.reason, thousands(drop.documents))).collect();
        let _ = writeln!(
            card,
            "| {name} | {} | {} | {} | {} | {} |",
            thousands(*documents_in),
            thousands(*documents_out),
            thousands(*bytes_in),
            thousands(*bytes_out),
            dropped.join(", ")
        );
    }
}

fn clusters(report: &Report, card: &mut String) {
    if report.clusters.is_empty() {
        return;
    }
    card.push_str(
        "\n## Largest groups of near duplicates\n\n| kept | dropped for it | such as |\n|---|---:|---|\n",
    );
    for cluster in report.clusters.iter().take(10) {
        let example = cluster.examples.first().map_or("", |example| &example.path);
        let _ = writeln!(card, "| {} | {} | {} |", cell(&cluster.kept.path), cluster.dropped, cell(example));
    }
}

fn shares(title: &str, about: &str, shares: &[Share], card: &mut String) {
    let _ = write!(
        card,
        "\n## {title}\n\n{about}\n\n| name | documents | bytes | words |\n|---|---:|---:|---:|\n"
    );
    for share in shares.iter().take(ROWS) {
        let _ = writeln!(
            card,
            "| {} | {} | {} | {} |",
            cell(&share.name),
            thousands(share.documents),
            thousands(share.bytes),
            thousands(share.tokens)
        );
    }
    if shares.len() > ROWS {
        let _ = writeln!(card, "\nand {} more", shares.len() - ROWS);
    }
}

/// Text from outside inside a table: no markup of its own, no line ends, of bounded length.
fn cell(text: &str) -> String {
    let mut cell: String = text.chars().take(120).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cell.len() < text.len() {
        cell.push('…');
    }
    ["\\", "|", "<", ">", "[", "]", "`", "*", "_"]
        .iter()
        .fold(cell, |cell, mark| cell.replace(mark, &format!("\\{mark}")))
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_no_markup_and_numbers_have_separators() {
        assert_eq!(cell("a|b\n<c>"), "a\\|b \\<c\\>");
        assert_eq!((thousands(7), thousands(1234567)), ("7".into(), "1,234,567".into()));
    }
}
