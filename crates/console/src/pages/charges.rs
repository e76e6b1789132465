//! One charge explained: what was used, who bore it, by which rule, and what it all came from.

use super::{
    flow::{self, Part},
    ledger::{by_id, transfers_table},
    lineage,
    names::{Names, charge_state, reference, word},
};
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Cell, Mark, Page, State as Standing, Step, Table},
    web::{Answer, Visit},
};
use axum::extract::{Path, State};
use commons::{
    billing::{self, Charge, ChargeState},
    ledger, provenance,
};
use finance::{DecisionRecord, rules::{Explained, Outcome}};
use kernel::{Result, money};

/// `GET /charges/{id}`
pub async fn get_charge(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let lang = visit.lang();
    let pool = console.commons.db.pool();
    let charge = billing::get(pool, id.parse()?).await?;
    billing::require_party(visit.caller()?, &charge)?;
    let names = Names::read(&console.commons).await?;
    let transfers = ledger::transfers_of_reference(pool, &id).await?;
    let accounts = ledger::list_accounts(pool, None).await?;
    let known = by_id(&accounts);
    let decisions: Vec<DecisionRecord> = serde_json::from_value(charge.plan.clone()).unwrap_or_default();

    let mut blocks = Vec::new();
    if transfers.is_empty() {
        let state = charge_state(lang, charge.state);
        let text = lang.ta("charge-no-transfer", &[("amount", show::cny(lang, charge.max_micros).into())]);
        blocks.push(Block::Notice { state, text });
    } else {
        let parts = shares(&console, &decisions).await?;
        let picture = flow::picture(lang, &names, &known, &transfers, &parts);
        blocks.push(Block::figure(lang.t("flow-question"), lang.t("flow-note"), &picture));
    }
    blocks.push(Block::Table(usage(lang, &charge)));
    for decision in &decisions {
        blocks.extend(explain(lang, decision));
    }
    let line = provenance::lineage(pool, &charge.resource).await?;
    if !line.nodes.is_empty() {
        let picture = lineage::picture(lang, &line, &charge.resource, &console.commons).await?;
        blocks.push(Block::figure(lang.t("lineage-question"), lang.t("lineage-note"), &picture));
    }
    if !transfers.is_empty() {
        blocks.push(Block::Table(transfers_table(&visit.shell, &names, &known, &transfers)));
    }
    let page = Page::new(&visit.shell, lang.t("charge-title"), sentence(lang, &names, &charge, &decisions), blocks)
        .under(lang.t("nav-ledger"), "/ledger")
        .state(charge_state(lang, charge.state))
        .command(format!("mosu trace {id}"));
    Ok(visit.show(&page))
}

/// Who paid whom how much for what, and how much of it public money bore.
fn sentence(lang: Lang, names: &Names, charge: &Charge, decisions: &[DecisionRecord]) -> String {
    let held = charge.state == ChargeState::Held;
    let amount = if held { charge.max_micros } else { charge.amount_micros };
    let borne: i64 = decisions.iter().filter(|d| d.dataset.is_none()).map(|d| d.borne_micros).sum();
    lang.ta(
        if held { "charge-lead-held" } else { "charge-lead" },
        &[
            ("payer", names.org(charge.org).into()),
            ("payee", names.org(charge.payee).into()),
            ("amount", show::cny(lang, amount).into()),
            ("service", word(lang, "service", charge.service.name()).into()),
            ("borne", show::cny(lang, borne).into()),
        ],
    )
}

/// What each contributor gets of the revenue shares among `decisions`: by the tokens that each gave.
async fn shares(console: &Console, decisions: &[DecisionRecord]) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for decision in decisions {
        let Some(dataset) = &decision.dataset else { continue };
        let given = provenance::contributions(console.commons.db.pool(), dataset).await?;
        let weights: Vec<u64> = given.iter().map(|one| one.tokens.max(0) as u64).collect();
        let amounts = money::split_by_weights(decision.borne_micros, &weights);
        parts.extend(given.into_iter().zip(amounts).map(|(one, micros)| Part { contributor: one.contributor, micros }));
    }
    Ok(parts)
}

fn usage(lang: Lang, charge: &Charge) -> Table {
    let row = |line: &billing::UsageLine| {
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
    let total = [reference(&charge.resource), Cell::number(""), Cell::number(""), Cell::number(show::cny(lang, charge.amount_micros))];
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
        Block::Heading { id: decision.policy.clone(), text: lang.ta("decision-of", &[("policy", decision.policy.as_str().into())]), note: article },
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
    Step { title: word(lang, "step", &step.key), state, lines: vec![lang.pick(&step.zh, &step.en).to_owned()], blocks: vec![] }
}
