//! What the platform did today, in pictures.

use super::{
    datasets, jobs as job_pages,
    names::{Names, word},
};
use crate::{
    Console,
    charts::{Bar, Bars, Part, Tone},
    lang::Lang,
    show,
    views::{Block, Cell, Number, Page},
    web::{Answer, Visit},
};
use axum::extract::State;
use commons::{
    billing::{self, Charge, ChargeState, Service},
    jobs::{self, Job, JobState},
};
use finance::{DecisionRecord, rules::PolicyKind};
use hub::{Listing, RepoKind, Viewer};
use kernel::{PageRequest, Result, Timestamp};

/// The most pages of a hundred charges that a day's picture is made from.
const MOST_PAGES: usize = 20;

/// `GET /`
pub async fn show_home(State(console): State<Console>, visit: Visit) -> Answer {
    let lang = visit.lang();
    let since = midnight(visit.shell.now);
    let today = jobs::recent(console.commons.db.pool(), visit.sees()?, since).await?;
    let day = Day::of(&charges_since(&console, &visit, since).await?);
    let names = Names::read(&console.commons).await?;
    let waiting = console.compute.overview(visit.caller()?).await?;
    let mut blocks = vec![numbers(lang, &day, &today)];
    let timeline = match today.is_empty() {
        true => Block::Empty {
            text: lang.t("home-jobs-empty"),
            command: format!("mosu corpus build notes.zip {} --wait", visit.own("notes")),
        },
        false => job_pages::timeline(&console, &visit.shell, &names, &today),
    };
    blocks.push(timeline);
    // Jobs of others have no name here.
    if let Some(first) = waiting.waiting.iter().find(|place| !place.name.is_empty()) {
        let text = lang.pick(&first.waiting.zh, &first.waiting.en).to_owned();
        let state = super::names::job_state(lang, JobState::Queued);
        blocks.push(Block::Notice { state, text });
    }
    if day.paid() > 0 {
        blocks.push(Block::figure(
            lang.t("sources-question"),
            lang.t("sources-day-note"),
            &sources(lang, &day),
        ));
    }
    let columns = [latest_training(&console, &visit, &today).await?, latest_dataset(&console, &visit).await?];
    let columns: Vec<_> = columns.into_iter().filter(|column| !column.is_empty()).collect();
    if !columns.is_empty() {
        blocks.push(Block::Columns(columns));
    }
    let lead = lang.ta(
        "home-lead",
        &[
            ("tokens", show::thousands(day.tokens).into()),
            ("jobs", today.len().into()),
            ("amount", show::cny(lang, day.paid()).into()),
        ],
    );
    let page = Page::new(&visit.shell, lang.t("home-title"), lead, blocks).command("mosu status");
    Ok(visit.show(&page))
}

/// The last midnight in Shanghai.
fn midnight(now: Timestamp) -> Timestamp {
    format!("{}T00:00:00+08:00", now.shanghai_date()).parse().unwrap_or(now)
}

async fn charges_since(console: &Console, visit: &Visit, since: Timestamp) -> Result<Vec<Charge>> {
    let mut charges = Vec::new();
    let mut request = PageRequest { limit: Some(100), cursor: None };
    for _ in 0..MOST_PAGES {
        let page = billing::list(console.commons.db.pool(), visit.sees()?, &request).await?;
        let older = page.items.iter().any(|charge| charge.opened_at < since);
        charges.extend(page.items.into_iter().filter(|charge| charge.opened_at >= since));
        request.cursor = page.next_cursor;
        if older || request.cursor.is_none() {
            break;
        }
    }
    Ok(charges)
}

/// A day's sums, in micros of CNY where they are money.
#[derive(Default)]
struct Day {
    tokens: i64,
    calls: usize,
    vouchers: i64,
    balance: i64,
    shares: i64,
}

impl Day {
    fn of(charges: &[Charge]) -> Self {
        let mut day = Self::default();
        for charge in charges.iter().filter(|charge| charge.state == ChargeState::Settled) {
            let decisions: Vec<DecisionRecord> =
                serde_json::from_value(charge.plan.clone()).unwrap_or_default();
            let sum = |kind| decisions.iter().filter(|d| d.kind == kind).map(|d| d.borne_micros).sum::<i64>();
            let vouchers = sum(PolicyKind::Voucher);
            day.vouchers += vouchers;
            day.balance += charge.amount_micros.saturating_sub(vouchers);
            day.shares += sum(PolicyKind::RevenueShare);
            if charge.service == Service::Model {
                day.calls += 1;
                let tokens = charge.lines.iter().filter(|line| line.unit.ends_with("tokens"));
                day.tokens += tokens.map(|line| line.quantity).sum::<i64>();
            }
        }
        day
    }

    fn paid(&self) -> i64 {
        self.vouchers + self.balance
    }
}

fn numbers(lang: Lang, day: &Day, today: &[Job]) -> Block {
    let number = |key: &str, value: String, note: String, href: &str| Number {
        value,
        unit: String::new(),
        label: lang.t(key),
        note,
        href: href.to_owned(),
    };
    let waiting = today.iter().filter(|job| job.state == JobState::Queued).count();
    let failed = today.iter().filter(|job| job.state == JobState::Failed).count();
    Block::Numbers(vec![
        number(
            "tokens-served",
            show::thousands(day.tokens),
            lang.ta("calls-note", &[("count", day.calls.into())]),
            "/models",
        ),
        number(
            "paid-today",
            show::cny(lang, day.paid()),
            lang.ta(
                "vouchers-share",
                &[("share", show::percent(day.vouchers as f64, day.paid() as f64).into())],
            ),
            "/ledger",
        ),
        number("shared-today", show::cny(lang, day.shares), lang.t("shared-note"), "/ledger"),
        number(
            "jobs-today",
            today.len().to_string(),
            lang.ta("jobs-today-note", &[("waiting", waiting.into()), ("failed", failed.into())]),
            "/jobs",
        ),
    ])
}

/// Who bore what was paid today, and what of it went on to contributors.
fn sources(lang: Lang, day: &Day) -> Bars {
    let row = |key: &str, micros: i64, tone| Bar {
        label: lang.t(key),
        href: None,
        parts: vec![Part { value: micros as f64, tone, name: show::cny(lang, micros) }],
        text: format!("{} · {}", show::cny(lang, micros), show::percent(micros as f64, day.paid() as f64)),
    };
    Bars {
        title: lang.t("sources-question"),
        description: String::new(),
        rows: vec![
            row("from-vouchers", day.vouchers, Tone::Accent),
            row("from-balance", day.balance, Tone::Neutral),
            row("to-contributors", day.shares, Tone::Soft),
        ],
    }
}

/// The newest training's loss.
async fn latest_training(console: &Console, visit: &Visit, today: &[Job]) -> Result<Vec<Block>> {
    let lang = visit.lang();
    let Some(job) = today.iter().find(|job| job.kind == "model.train") else { return Ok(Vec::new()) };
    let detail = console.compute.detail(visit.caller()?, job.id).await?;
    let Some(curve) = job_pages::loss_curve(lang, &detail.series) else { return Ok(Vec::new()) };
    let name = Cell::text(&job.name).link(format!("/jobs/{}", job.id));
    Ok(vec![
        Block::half_figure(lang.t("loss-question"), lang.t("loss-note"), &curve),
        Block::Facts(vec![(word(lang, "kind", &job.kind), name)]),
    ])
}

/// The newest dataset's waterfall.
async fn latest_dataset(console: &Console, visit: &Visit) -> Result<Vec<Block>> {
    let lang = visit.lang();
    let viewer = Viewer::of(visit.caller.as_ref());
    let request = PageRequest { limit: Some(1), cursor: None };
    let page = console.hub.list(viewer, &Listing::of(RepoKind::Dataset), &request).await?;
    let Some(repo) = page.items.first() else { return Ok(Vec::new()) };
    let Some(report) = console.corpus.detail(viewer, &repo.name, "main").await?.report else {
        return Ok(Vec::new());
    };
    let name = Cell::text(&repo.name).link(format!("/datasets/{}", repo.name));
    Ok(vec![
        Block::half_figure(
            lang.t("waterfall-question"),
            lang.t("waterfall-note"),
            &datasets::waterfall(lang, &report),
        ),
        Block::Facts(vec![(lang.t("dataset"), name)]),
    ])
}
