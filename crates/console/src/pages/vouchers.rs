//! Vouchers, and the rules behind them with their source.

use super::{
    burn,
    names::{Names, href_of, word},
};
use crate::{
    Console,
    charts::{Bar, Bars, Part, Tone},
    lang::Lang,
    show,
    views::{Block, Cell, Mark, Page, Shell, State as Standing, Step, Table},
    web::{Answer, Visit},
};
use axum::extract::{Path, Query, State};
use finance::{
    Programme, VoucherRecord,
    rules::{
        Entry, Policy, PolicyKind,
        policy::{Condition, Grade},
        value::{Cap, End},
    },
};
use kernel::PageRequest;
use serde::Deserialize;

/// Where to go on in the list.
#[derive(Deserialize)]
pub struct VouchersQuery {
    cursor: Option<String>,
}

/// `GET /vouchers`
pub async fn list_vouchers(
    State(console): State<Console>,
    visit: Visit,
    Query(query): Query<VouchersQuery>,
) -> Answer {
    let lang = visit.lang();
    let request = PageRequest { limit: Some(50), cursor: query.cursor };
    let vouchers = console.finance.list_vouchers(visit.sees()?, &request).await?;
    let names = Names::read(&console.commons).await?;
    let mut blocks = Vec::new();
    if vouchers.items.is_empty() {
        blocks.push(Block::Empty {
            text: lang.t("vouchers-empty"),
            command: "mosu service apply compute-voucher form.json".into(),
        });
    } else {
        blocks.push(Block::figure(
            lang.t("vouchers-question"),
            lang.t("vouchers-note"),
            &left(lang, &names, &vouchers.items),
        ));
        blocks.extend(burn::blocks(&console, lang, &names, &vouchers.items).await?);
        let mut table = vouchers_table(&visit.shell, &names, &vouchers.items);
        table.next =
            vouchers.next_cursor.map(|cursor| format!("/vouchers?cursor={cursor}")).unwrap_or_default();
        blocks.push(Block::Table(table));
    }
    if visit.sees()?.is_none() {
        let programmes = console.finance.programmes().await?;
        blocks.push(Block::figure(
            lang.t("programmes-question"),
            lang.t("programmes-note"),
            &pots(lang, &programmes),
        ));
    }
    blocks.push(Block::Table(policies_table(lang, console.finance.policies())));
    let page = Page::new(&visit.shell, lang.t("nav-vouchers"), lang.t("vouchers-lead"), blocks);
    Ok(visit.show(&page.command("mosu policy vouchers")))
}

fn bar(lang: Lang, label: String, href: String, parts: [(i64, Tone, &str); 2]) -> Bar {
    let part = |(micros, tone, key): &(i64, Tone, &str)| Part {
        value: *micros as f64,
        tone: *tone,
        name: format!("{} {}", lang.t(key), show::cny(lang, *micros)),
    };
    let text = show::cny(lang, parts[0].0);
    Bar { label, href: Some(href), parts: parts.iter().map(part).collect(), text }
}

/// What each voucher still holds of its face value.
fn left(lang: Lang, names: &Names, vouchers: &[VoucherRecord]) -> Bars {
    let row = |voucher: &VoucherRecord| {
        let label = format!("{} · {}", names.org(voucher.org), voucher.policy);
        let used = voucher.face_micros.saturating_sub(voucher.left_micros);
        bar(
            lang,
            label,
            format!("/policies/{}", voucher.policy),
            [(voucher.left_micros, Tone::Accent, "left"), (used, Tone::Pale, "redeemed")],
        )
    };
    Bars {
        title: lang.t("vouchers-question"),
        description: String::new(),
        rows: vouchers.iter().take(12).map(row).collect(),
    }
}

/// What each programme's pot still holds of what the budget gave.
fn pots(lang: Lang, programmes: &[Programme]) -> Bars {
    let row = |one: &Programme| {
        let spent = one.funded_micros.saturating_sub(one.pot_micros);
        bar(
            lang,
            one.policy.clone(),
            format!("/policies/{}", one.policy),
            [(one.pot_micros, Tone::Accent, "in-pot"), (spent, Tone::Pale, "spent")],
        )
    };
    Bars {
        title: lang.t("programmes-question"),
        description: String::new(),
        rows: programmes.iter().map(row).collect(),
    }
}

fn vouchers_table(shell: &Shell, names: &Names, vouchers: &[VoucherRecord]) -> Table {
    let lang = shell.lang;
    let row = |voucher: &VoucherRecord| {
        let state = match (voucher.closed_at, voucher.expires_at <= shell.now, voucher.left_micros) {
            (Some(_), ..) | (_, true, _) => Standing { mark: Mark::Off, word: lang.t("voucher-expired") },
            (.., 0) => Standing { mark: Mark::Off, word: lang.t("voucher-empty") },
            _ => Standing { mark: Mark::Good, word: lang.t("voucher-valid") },
        };
        let granted_in = href_of(&voucher.reference).unwrap_or_default();
        vec![
            Cell::text(&voucher.policy)
                .link(format!("/policies/{}", voucher.policy))
                .note(voucher.id.to_string()),
            Cell::text(names.org(voucher.org)),
            Cell::state(state),
            Cell::code(show::short(&voucher.reference)).hint(&voucher.reference).link(granted_in),
            Cell::time(lang, shell.now, voucher.expires_at),
            Cell::number(show::cny(lang, voucher.face_micros)),
            Cell::number(show::cny(lang, voucher.left_micros)),
        ]
    };
    let heads = ["rule", "organisation", "state", "granted-in", "expires", "face-value", "left"]
        .map(|key| lang.t(key))
        .into();
    Table::new(lang.t("vouchers"), heads, vouchers.iter().map(row).collect())
}

fn policies_table(lang: Lang, entries: &[Entry]) -> Table {
    let row = |entry: &Entry| {
        let policy = &entry.policy;
        vec![
            Cell::text(lang.pick(&policy.title.zh, &policy.title.en))
                .link(format!("/policies/{}", policy.id))
                .note(&policy.id),
            Cell::text(kind(lang, policy.kind)),
            Cell::text(lang.pick(&policy.source.document.zh, &policy.source.document.en))
                .note(lang.pick(&policy.source.article.zh, &policy.source.article.en)),
            Cell::text(format!("{} – {}", policy.period.starts, end(lang, &policy.period.ends))),
            Cell::number(policy.rate.to_string()),
        ]
    };
    let heads = ["rule", "kind", "source", "period", "rate"].map(|key| lang.t(key)).into();
    Table::new(lang.t("rules"), heads, entries.iter().map(row).collect())
}

fn kind(lang: Lang, kind: PolicyKind) -> String {
    match kind {
        PolicyKind::Voucher => lang.t("policy-voucher"),
        PolicyKind::RevenueShare => lang.t("policy-share"),
    }
}

fn end(lang: Lang, end: &End) -> String {
    match end {
        End::On(day) => day.to_string(),
        End::NonePublished => lang.t("end-none"),
        End::NotSeen => lang.t("not-seen"),
    }
}

fn cap(lang: Lang, cap: Cap) -> String {
    match cap {
        Cap::Amount(micros) => show::cny(lang, micros),
        Cap::NonePublished => lang.t("cap-none"),
        Cap::NotSeen => lang.t("not-seen"),
    }
}

/// `GET /policies/{id}`
pub async fn get_policy(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let lang = visit.lang();
    let view = console.finance.policy(&id).await?;
    let policy = &view.entry.policy;
    let mut blocks = vec![facts(lang, &view.entry), source(lang, policy)];
    if let Some(programme) = &view.programme {
        let chart = pots(lang, std::slice::from_ref(programme));
        blocks.push(Block::figure(lang.t("programmes-question"), lang.t("programmes-note"), &chart));
    }
    if !policy.eligibility.is_empty() {
        blocks.push(Block::heading(lang.t("conditions")));
        blocks.push(Block::Steps(policy.eligibility.iter().map(|one| condition(lang, one)).collect()));
    }
    if let Some(reading) = &policy.reading {
        blocks.push(Block::Prose {
            heading: lang.t("reading"),
            paragraphs: vec![lang.pick(&reading.zh, &reading.en).into()],
        });
    }
    blocks.push(Block::Code {
        label: format!("{} · {}", view.entry.path, view.entry.version),
        text: view.entry.text.clone(),
        log: false,
    });
    let versions = view
        .versions
        .iter()
        .map(|one| vec![Cell::code(&one.version), Cell::time(lang, visit.shell.now, one.loaded_at)]);
    let heads = vec![lang.t("version"), lang.t("loaded")];
    blocks.push(Block::Table(Table::new(lang.t("versions"), heads, versions.collect())));
    let title = lang.pick(&policy.title.zh, &policy.title.en).to_owned();
    let page =
        Page::new(&visit.shell, title, lang.pick(&policy.summary.zh, &policy.summary.en).to_owned(), blocks)
            .under(lang.t("nav-vouchers"), "/vouchers")
            .command(format!("mosu policy show {id}"));
    Ok(visit.show(&page))
}

fn facts(lang: Lang, entry: &Entry) -> Block {
    let policy = &entry.policy;
    let mut facts = vec![
        (lang.t("kind"), Cell::text(kind(lang, policy.kind))),
        (lang.t("rate"), Cell::text(policy.rate.to_string())),
        (lang.t("base"), Cell::text(lang.pick(&policy.base.counts.zh, &policy.base.counts.en))),
        (
            lang.t("period"),
            Cell::text(format!("{} – {}", policy.period.starts, end(lang, &policy.period.ends))),
        ),
    ];
    if let Some(caps) = &policy.caps {
        facts.extend([
            (lang.t("cap-claim"), Cell::text(cap(lang, caps.per_claim))),
            (lang.t("cap-year"), Cell::text(cap(lang, caps.per_organisation_per_year))),
            (lang.t("cap-pot"), Cell::text(cap(lang, caps.pot))),
        ]);
    }
    facts.push((lang.t("version"), Cell::code(&entry.version)));
    Block::Facts(facts)
}

/// Where the rule is written, and how near our copy is to the issuer's own text.
fn source(lang: Lang, policy: &Policy) -> Block {
    let source = &policy.source;
    let number = source.number.clone().unwrap_or_default();
    let grade = match source.grade {
        Grade::A => lang.t("grade-a"),
        Grade::B => lang.t("grade-b"),
        Grade::C => lang.t("grade-c"),
        Grade::Own => lang.t("grade-own"),
    };
    let mut paragraphs = vec![
        format!(
            "{} · {} {number} · {}",
            lang.pick(&source.issuer.zh, &source.issuer.en),
            lang.pick(&source.document.zh, &source.document.en),
            source.date
        ),
        lang.pick(&source.article.zh, &source.article.en).to_owned(),
        grade,
    ];
    paragraphs.extend(source.url.clone());
    Block::Prose { heading: lang.t("source"), paragraphs }
}

fn condition(lang: Lang, condition: &Condition) -> Step {
    let state = Standing { mark: Mark::Off, word: word(lang, "step", &condition.key) };
    let evidence =
        lang.ta("evidence", &[("text", lang.pick(&condition.evidence.zh, &condition.evidence.en).into())]);
    Step {
        title: lang.pick(&condition.statement.zh, &condition.statement.en).to_owned(),
        state,
        lines: vec![evidence],
        blocks: vec![],
    }
}
