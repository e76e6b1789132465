//! The picture of where one charge's money went.

use super::names::word;
use crate::{
    charts::{Flow, FlowLink, FlowNode, Tone},
    lang::Lang,
    show,
};
use commons::{ids::Account, ledger::CNY};
use kernel::Id;
use std::collections::HashMap;

/// The most contributors that are drawn one by one; the rest are one place.
const DRAWN: usize = 7;

/// An account that money moved from or to.
pub struct Place {
    /// Its identity.
    pub id: Id<Account>,
    /// What it is for.
    pub code: String,
    /// What it is called.
    pub name: String,
}

/// A transfer with its accounts.
pub struct Moved {
    /// Position in the ledger's chain.
    pub seq: i64,
    /// What for.
    pub kind: String,
    /// The account that gave.
    pub from: Place,
    /// The account that got.
    pub to: Place,
    /// How much, in micros of the commodity.
    pub amount_micros: i64,
    /// Of what.
    pub commodity: String,
}

/// How a charge's share for contributors divides.
pub struct Shared {
    /// Contributors in all.
    pub contributors: usize,
    /// What goes to all of them, in micros of CNY.
    pub amount_micros: i64,
    /// The largest shares.
    pub shares: Vec<Given>,
}

/// One contributor's share.
pub struct Given {
    /// Who.
    pub contributor: String,
    /// From where the text came.
    pub source: String,
    /// Under which licence.
    pub licence: String,
    /// Words given.
    pub tokens: i64,
    /// The share in micros of CNY.
    pub amount_micros: i64,
}

/// The picture of a charge's transfers of money, and of how its share for contributors divides.
pub fn picture(lang: Lang, transfers: &[Moved], dataset: Option<&Shared>) -> Flow {
    let mut places = Places { index: HashMap::new(), nodes: Vec::new() };
    let mut links = Vec::new();
    let money: Vec<&Moved> = transfers.iter().filter(|transfer| transfer.commodity == CNY).collect();
    for transfer in &money {
        let [from, to] = [&transfer.from, &transfer.to].map(|place| places.get(place));
        let text =
            format!("{} {}", word(lang, "transfer", &transfer.kind), show::cny(lang, transfer.amount_micros));
        links.push(FlowLink { from, to, value: transfer.amount_micros, text });
    }
    let mut nodes = places.nodes;
    let pool = money.iter().find(|transfer| transfer.kind == "revenue_share");
    let pool = pool.and_then(|transfer| places.index.get(&transfer.to.id));
    if let (Some(&pool), Some(dataset)) = (pool, dataset) {
        add_contributors(lang, &mut nodes, &mut links, pool, dataset);
    }
    place(&mut nodes, &links);
    for (index, node) in nodes.iter_mut().enumerate() {
        let total = |pick: fn(&FlowLink) -> usize| {
            links.iter().filter(|l| pick(l) == index).map(|l| l.value).sum::<i64>()
        };
        node.text = show::cny(lang, total(|link| link.from).max(total(|link| link.to)));
    }
    let description = links
        .iter()
        .take(20)
        .map(|link| format!("{} → {}: {}", nodes[link.from].label, nodes[link.to].label, link.text));
    let description = description.collect::<Vec<_>>().join("; ");
    Flow { title: lang.t("flow-question"), description, nodes, links }
}

struct Places {
    index: HashMap<Id<Account>, usize>,
    nodes: Vec<FlowNode>,
}

impl Places {
    fn get(&mut self, place: &Place) -> usize {
        *self.index.entry(place.id).or_insert_with(|| {
            let tone = match place.code.split(':').next().unwrap_or_default() {
                "pot" | "pool" => Tone::Accent,
                "balance" => Tone::Neutral,
                _ => Tone::Soft,
            };
            let href = Some(format!("/ledger/{}", place.id));
            let label = place.name.clone();
            self.nodes.push(FlowNode { label, text: String::new(), column: 0, tone, href });
            self.nodes.len() - 1
        })
    }
}

/// The largest shares each for itself, the rest together; exact, so that the ribbons sum to the pool's.
fn add_contributors(
    lang: Lang,
    nodes: &mut Vec<FlowNode>,
    links: &mut Vec<FlowLink>,
    pool: usize,
    dataset: &Shared,
) {
    let mut add = |label: String, micros: i64| {
        nodes.push(FlowNode { label, text: String::new(), column: 0, tone: Tone::Accent, href: None });
        links.push(FlowLink {
            from: pool,
            to: nodes.len() - 1,
            value: micros,
            text: show::cny(lang, micros),
        });
    };
    let drawn: Vec<_> = dataset.shares.iter().filter(|share| share.amount_micros > 0).take(DRAWN).collect();
    for share in &drawn {
        add(share.contributor.clone(), share.amount_micros);
    }
    let rest = dataset.amount_micros - drawn.iter().map(|share| share.amount_micros).sum::<i64>();
    if rest > 0 {
        let others = dataset.contributors.saturating_sub(drawn.len());
        add(lang.ta("flow-others", &[("count", others.into())]), rest);
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
