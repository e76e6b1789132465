//! The picture of where one charge's money went.

use super::names::{Names, word};
use crate::{
    charts::{Flow, FlowLink, FlowNode, Tone},
    lang::Lang,
    show,
};
use commons::{
    ids::Account,
    ledger::{AccountRecord, CNY, TransferRecord},
};
use kernel::Id;
use std::collections::HashMap;

/// The most contributors that are drawn one by one; the rest are one place.
const DRAWN: usize = 7;

/// What one contributor gets of a charge, in micros.
pub struct Part {
    /// Who.
    pub contributor: String,
    /// How much, in micros.
    pub micros: i64,
}

/// The picture of a charge's transfers of money, and of how its share for contributors divides.
pub fn picture(
    lang: Lang,
    names: &Names,
    accounts: &HashMap<Id<Account>, &AccountRecord>,
    transfers: &[TransferRecord],
    parts: &[Part],
) -> Flow {
    let mut places = Places { index: HashMap::new(), nodes: Vec::new() };
    let mut links = Vec::new();
    let money: Vec<&TransferRecord> = transfers.iter().filter(|transfer| transfer.commodity == CNY).collect();
    for transfer in &money {
        let [from, to] = [transfer.debit, transfer.credit].map(|id| {
            let label = accounts.get(&id).map(|account| names.account(lang, account));
            let code = accounts.get(&id).map(|account| account.code.as_str()).unwrap_or_default();
            places.get(id, label.unwrap_or_else(|| show::short(&id.to_string())), code)
        });
        let text = format!("{} {}", word(lang, "transfer", &transfer.kind), show::cny(lang, transfer.amount_micros));
        links.push(FlowLink { from, to, value: transfer.amount_micros, text });
    }
    let mut nodes = places.nodes;
    add_contributors(lang, &mut nodes, &mut links, &money, &places.index, parts);
    place(&mut nodes, &links);
    for (index, node) in nodes.iter_mut().enumerate() {
        let total = |pick: fn(&FlowLink) -> usize| links.iter().filter(|l| pick(l) == index).map(|l| l.value).sum::<i64>();
        node.text = show::cny(lang, total(|link| link.from).max(total(|link| link.to)));
    }
    let description = links.iter().take(20).map(|link| format!("{} → {}: {}", nodes[link.from].label, nodes[link.to].label, link.text));
    let description = description.collect::<Vec<_>>().join("; ");
    Flow { title: lang.t("flow-question"), description, nodes, links }
}

struct Places {
    index: HashMap<Id<Account>, usize>,
    nodes: Vec<FlowNode>,
}

impl Places {
    fn get(&mut self, id: Id<Account>, label: String, code: &str) -> usize {
        *self.index.entry(id).or_insert_with(|| {
            let tone = match code.split(':').next().unwrap_or_default() {
                "pot" | "pool" => Tone::Accent,
                "balance" => Tone::Neutral,
                _ => Tone::Soft,
            };
            self.nodes.push(FlowNode { label, text: String::new(), column: 0, tone, href: Some(format!("/ledger/{id}")) });
            self.nodes.len() - 1
        })
    }
}

fn add_contributors(
    lang: Lang,
    nodes: &mut Vec<FlowNode>,
    links: &mut Vec<FlowLink>,
    money: &[&TransferRecord],
    index: &HashMap<Id<Account>, usize>,
    parts: &[Part],
) {
    let pool = money.iter().find(|transfer| transfer.kind == "revenue_share").and_then(|t| index.get(&t.credit));
    let Some(&pool) = pool else { return };
    let mut add = |label: String, micros: i64| {
        nodes.push(FlowNode { label, text: String::new(), column: 0, tone: Tone::Accent, href: None });
        links.push(FlowLink { from: pool, to: nodes.len() - 1, value: micros, text: show::cny(lang, micros) });
    };
    let mut sorted: Vec<&Part> = parts.iter().filter(|part| part.micros > 0).collect();
    sorted.sort_by_key(|part| std::cmp::Reverse(part.micros));
    let drawn = if sorted.len() > DRAWN + 1 { DRAWN } else { sorted.len() };
    for part in &sorted[..drawn] {
        add(part.contributor.clone(), part.micros);
    }
    if drawn < sorted.len() {
        let rest = &sorted[drawn..];
        add(lang.ta("flow-others", &[("count", rest.len().into())]), rest.iter().map(|part| part.micros).sum());
    }
}

/// Puts each place one column after the last that it gets from. The number of rounds is bounded, so that a
/// circle, which a settlement can't make, would not loop.
fn place(nodes: &mut [FlowNode], links: &[FlowLink]) {
    for _ in 0..nodes.len() {
        for link in links {
            let after = (nodes[link.from].column + 1).min(6);
            nodes[link.to].column = nodes[link.to].column.max(after);
        }
    }
}
