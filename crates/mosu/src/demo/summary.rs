//! What the demo shows at its end, and the path behind a charge in words.

use super::steps::{DATASET, MODEL, Tour};
use crate::{
    commands::{corpus::waterfall, evaluate::scores},
    output::cell,
};
use anyhow::Result;
use kernel::money::format_micros;
use serde_json::Value;

/// Contributors that are named at the end of a path.
const NAMED: usize = 5;

/// Prints what each step really brought.
pub fn print(tour: &Tour<'_>, url: &str) -> Result<()> {
    let read = tour.packages.map(|count| format!(" from {count} packages")).unwrap_or_default();
    println!("\n3 · Corpus {DATASET}{read}\n{}", waterfall(&tour.dataset["report"]));
    println!("4 · Model {MODEL}, trained by {}", cell(&tour.training, "/id"));
    println!("    {}", facts(&tour.training["result"]));
    println!("\n5 · The model goes on with a text");
    for (prompt, text) in &tour.samples {
        println!("    {prompt} ▸{}", text.replace('\n', "⏎"));
    }
    for paid in tour.distribution["items"].as_array().into_iter().flatten() {
        let contributors = paid["shares"].as_array().map_or(0, Vec::len);
        println!(
            "\n6 · CNY {} paid to {contributors} contributors by their tokens",
            cell(paid, "/amount_micros")
        );
    }
    println!("\n7 · On held-out documents\n{}", scores(outcome(&tour.evaluation)));
    println!("8 · The path behind {}\n{}", tour.charge, trace_text(&tour.trace));
    println!(
        "    the ledger holds: {} transfers, {} audit entries, every commodity sums to zero",
        cell(&tour.verification, "/transfers/seq"),
        cell(&tour.verification, "/audit/seq")
    );
    println!("\nLook at it: {url} · mosu trace {} · mosu ledger verify", tour.charge);
    Ok(())
}

fn outcome(evaluation: &Value) -> &Value {
    evaluation.get("outcome").unwrap_or(evaluation)
}

/// The plain fields of an object on one line.
fn facts(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    let plain = fields.filter(|(_, value)| value.is_number() || value.is_string());
    plain
        .map(|(name, _)| format!("{} {}", name.replace('_', " "), cell(value, &format!("/{name}"))))
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The path behind a charge: document → corpus → job → model → call → charge → voucher → rule → share.
pub fn trace_text(trace: &Value) -> String {
    let mut lines = Vec::new();
    let share = trace.pointer("/dataset/shares/0");
    if let Some(share) = share {
        lines.push(format!(
            "document   {} of {} ({})",
            cell(share, "/example"),
            cell(share, "/source"),
            cell(share, "/licence")
        ));
    }
    for node in trace["lineage"]["nodes"].as_array().into_iter().flatten().rev() {
        let job = node["job"].as_str().map(|job| format!(" ← {job}")).unwrap_or_default();
        lines.push(format!("{:<10} {}{job}", cell(node, "/kind"), cell(node, "/reference")));
    }
    let used = trace["charge"]["lines"].as_array().into_iter().flatten();
    let used: Vec<_> =
        used.map(|line| format!("{} {}", cell(line, "/quantity"), cell(line, "/unit"))).collect();
    lines.push(format!("call       {}", used.join(", ")));
    lines.push(format!(
        "charge     {}: CNY {} from {} to {}",
        cell(trace, "/charge/id"),
        cell(trace, "/charge/amount_micros"),
        cell(trace, "/payer/slug"),
        cell(trace, "/payee/slug")
    ));
    for transfer in trace["transfers"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  transfer {}: {} {} {} → {} ({})",
            cell(transfer, "/seq"),
            cell(transfer, "/commodity"),
            cell(transfer, "/amount_micros"),
            cell(transfer, "/from/code"),
            cell(transfer, "/to/code"),
            cell(transfer, "/kind")
        ));
    }
    for decision in trace["decisions"].as_array().into_iter().flatten() {
        let decision = &decision["decision"];
        lines.push(format!(
            "rule       {} version {}",
            cell(decision, "/policy"),
            cell(decision, "/version")
        ));
        lines.push(format!("           {} {}", cell(decision, "/article/zh"), cell(decision, "/article/en")));
        for step in decision["steps"].as_array().into_iter().flatten() {
            lines.push(format!("           {} {}", cell(step, "/zh"), cell(step, "/en")));
        }
    }
    shares(trace, &mut lines);
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

fn shares(trace: &Value, lines: &mut Vec<String>) {
    let Some(dataset) = trace.get("dataset").filter(|dataset| dataset.is_object()) else { return };
    lines.push(format!(
        "shares     CNY {} to {} contributors by their tokens",
        cell(dataset, "/amount_micros"),
        cell(dataset, "/contributors")
    ));
    for share in dataset["shares"].as_array().into_iter().flatten().take(NAMED) {
        let amount = share["amount_micros"].as_i64().map(format_micros).unwrap_or_default();
        lines.push(format!(
            "           CNY {amount} to {} ({} tokens)",
            cell(share, "/contributor"),
            cell(share, "/tokens")
        ));
    }
}
