//! One charge explained: what was used, who bore it, by which rule, and what it all came from.

use super::{
    flow::{self, Given, Moved, Place, Shared},
    ledger::commodity_word,
    lineage,
    names::{account_name, charge_state, reference, word},
};
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Mark, Page, State as Standing, Step, Table},
    web::{Answer, Visit},
};
use axum::extract::{Path, State};
use commons::billing::{ChargeState, UsageLine};
use finance::{
    DecisionRecord, Trace,
    rules::{Outcome, PolicyKind, explain::Explained},
};
use kernel::money;

/// `GET /charges/{id}`
pub async fn get_charge(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let lang = visit.lang();
    let trace = console.finance.trace(visit.caller()?, id.parse()?).await?;
    let moved = transfers_of(lang, &trace);
    let shared = shared(&trace);
    let mut blocks =
        vec![money_picture(lang, &trace, &moved, shared.as_ref()), Block::Table(usage(lang, &trace))];
    for decision in &trace.decisions {
        blocks.extend(explain(lang, decision));
    }
    if let Some(shared) = &shared {
        blocks.push(Block::Table(shares(lang, shared)));
    }
    if !trace.lineage.nodes.is_empty() {
        let picture =
            lineage::picture(lang, &trace.lineage, &trace.charge.resource, &console.commons).await?;
        blocks.push(Block::figure(lang.t("lineage-question"), lang.t("lineage-note"), &picture));
    }
    if !moved.is_empty() {
        blocks.push(Block::Table(transfers(lang, &moved)));
    }
    let page = Page::new(&visit.shell, lang.t("charge-title"), sentence(lang, &trace), blocks)
        .under(lang.t("nav-ledger"), "/ledger")
        .state(charge_state(lang, trace.charge.state))
        .command(format!("mosu trace {id}"));
    Ok(visit.show(&page))
}

/// The transfers of a charge with their accounts by name.
fn transfers_of(lang: Lang, trace: &Trace) -> Vec<Moved> {
    let place = |id, owner: Option<&str>, code: &str| {
        let name = account_name(lang, owner, code);
        Place { id, code: code.to_owned(), name }
    };
    let moved = trace.transfers.iter().map(|transfer| Moved {
        seq: transfer.seq,
        kind: transfer.kind.clone(),
        from: place(transfer.from.id, transfer.from.owner.as_deref(), &transfer.from.code),
        to: place(transfer.to.id, transfer.to.owner.as_deref(), &transfer.to.code),
        amount_micros: transfer.amount_micros,
        commodity: transfer.commodity.clone(),
    });
    moved.collect()
}

/// How the trace says that the share for contributors divides.
fn shared(trace: &Trace) -> Option<Shared> {
    let dataset = trace.dataset.as_ref()?;
    let shares = dataset.shares.iter().map(|share| Given {
        contributor: share.contributor.clone(),
        source: share.source.clone(),
        licence: share.licence.clone(),
        tokens: share.tokens,
        amount_micros: share.amount_micros,
    });
    Some(Shared {
        contributors: dataset.contributors,
        amount_micros: dataset.amount_micros,
        shares: shares.collect(),
    })
}

fn money_picture(lang: Lang, trace: &Trace, moved: &[Moved], shared: Option<&Shared>) -> Block {
    if moved.is_empty() {
        let state = charge_state(lang, trace.charge.state);
        let text =
            lang.ta("charge-no-transfer", &[("amount", show::cny(lang, trace.charge.max_micros).into())]);
        return Block::Notice { state, text };
    }
    let picture = flow::picture(lang, moved, shared);
    Block::figure(lang.t("flow-question"), lang.t("flow-note"), &picture)
}

/// Who paid whom how much for what, and how much of it public money bore.
fn sentence(lang: Lang, trace: &Trace) -> String {
    let charge = &trace.charge;
    let held = charge.state == ChargeState::Held;
    let amount = if held { charge.max_micros } else { charge.amount_micros };
    let vouchers = trace.decisions.iter().filter(|record| record.kind == PolicyKind::Voucher);
    let borne: i64 = vouchers.map(|record| record.borne_micros).sum();
    let values = [
        ("payer", trace.payer.slug.as_str().into()),
        ("payee", trace.payee.slug.as_str().into()),
        ("amount", show::cny(lang, amount).into()),
        ("service", word(lang, "service", charge.service.name()).into()),
        ("borne", show::cny(lang, borne).into()),
    ];
    if held { lang.ta("charge-lead-held", &values) } else { lang.ta("charge-lead", &values) }
}

fn shares(lang: Lang, shared: &Shared) -> Table {
    let row = |share: &Given| {
        vec![
            Cell::text(&share.contributor).note(&share.source),
            Cell::text(&share.licence),
            Cell::number(show::thousands(share.tokens)),
            Cell::number(show::cny(lang, share.amount_micros)),
        ]
    };
    let heads = ["contributor", "licence", "tokens", "amount"].map(|key| lang.t(key)).into();
    let caption = lang.ta("shares-caption", &[("count", shared.contributors.into())]);
    Table::new(caption, heads, shared.shares.iter().take(20).map(row).collect())
}

fn transfers(lang: Lang, transfers: &[Moved]) -> Table {
    let account = |place: &Place| Cell::text(&place.name).link(format!("/ledger/{}", place.id));
    let row = |transfer: &Moved| {
        let amount = show::amount(lang, transfer.amount_micros, &commodity_word(lang, &transfer.commodity));
        vec![
            Cell::text(word(lang, "transfer", &transfer.kind)).note(format!("№ {}", transfer.seq)),
            account(&transfer.from),
            account(&transfer.to),
            Cell::number(amount),
        ]
    };
    let heads = ["transfer", "from", "to", "amount"].map(|key| lang.t(key)).into();
    Table::new(lang.t("transfers"), heads, transfers.iter().map(row).collect())
}

fn usage(lang: Lang, trace: &Trace) -> Table {
    let charge = &trace.charge;
    let row = |line: &UsageLine| {
        let amount = money::mul_div_half_even(line.quantity, line.price_micros, line.per).unwrap_or_default();
        let price = format!("{} / {} ", show::cny(lang, line.price_micros), show::thousands(line.per));
        vec![
            Cell::text(word(lang, "unit", &line.unit)).hint(&line.unit),
            Cell::number(show::thousands(line.quantity)),
            Cell::number(price),
            Cell::number(show::cny(lang, amount)),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = charge.lines.iter().map(row).collect();
    let total = [
        reference(&charge.resource),
        Cell::number(""),
        Cell::number(""),
        Cell::number(show::cny(lang, charge.amount_micros)),
    ];
    rows.push(total.into());
    let heads = ["used", "quantity", "price", "amount"].map(|key| lang.t(key)).into();
    Table::new(lang.t("charge-usage"), heads, rows)
}

/// A decision with its rule, its article and its steps.
pub fn explain(lang: Lang, record: &DecisionRecord) -> Vec<Block> {
    let decision = &record.decision;
    let outcome = match decision.outcome {
        Outcome::Eligible => Standing { mark: Mark::Good, word: lang.t("outcome-eligible") },
        Outcome::Ineligible => Standing { mark: Mark::Off, word: lang.t("outcome-ineligible") },
        Outcome::NeedsEvidence => Standing { mark: Mark::Wait, word: lang.t("outcome-evidence") },
    };
    let article = lang.pick(&decision.article.zh, &decision.article.en).to_owned();
    let amount = |micros| show::cny(lang, micros);
    vec![
        Block::Heading {
            id: decision.policy.clone(),
            text: lang.ta("decision-of", &[("policy", decision.policy.as_str().into())]),
            note: article,
        },
        Block::Facts(vec![
            (lang.t("outcome"), Cell::state(outcome)),
            (lang.t("borne"), Cell::text(amount(record.borne_micros))),
            (lang.t("rule"), Cell::text(&decision.policy).link(format!("/policies/{}", decision.policy))),
            (lang.t("version"), Cell::code(&decision.version)),
        ]),
        Block::Steps(decision.steps.iter().map(|step| explained(lang, step)).collect()),
    ]
}

fn explained(lang: Lang, step: &Explained) -> Step {
    let (mark, key) = match step.holds.as_deref() {
        Some("no") => (Mark::Bad, "holds-no"),
        Some("unknown") => (Mark::Wait, "holds-unknown"),
        _ => (Mark::Good, "holds-yes"),
    };
    let amount = step.amount_micros.map(|micros| show::cny(lang, micros));
    let state = Standing { mark, word: amount.unwrap_or_else(|| lang.t(key)) };
    Step {
        title: word(lang, "step", &step.key),
        state,
        lines: vec![lang.pick(&step.zh, &step.en).to_owned()],
        blocks: vec![],
    }
}
