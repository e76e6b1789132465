//! Compute: who waits, why, and until when; what the clusters hold, and what was used.

mod clusters;
mod queue;
#[cfg(test)]
mod tests;
mod usage;

use super::names::Names;
use crate::{
    Console,
    lang::Lang,
    show,
    views::{Block, Mark, Number, Page, Shell, State as Standing},
    web::{self, Answer, Visit},
};
use axum::extract::State;
use commons::{ids::Org, jobs::Member};
use compute::Overview;
use kernel::Id;

/// Days of use that are shown.
const DAYS: i64 = 7;
/// How often the changing parts are asked for again, in milliseconds.
const EVERY_MS: u32 = 5000;

/// What the parts of the page are drawn from.
struct View<'a> {
    shell: &'a Shell,
    names: &'a Names,
    overview: &'a Overview,
}

impl View<'_> {
    fn lang(&self) -> Lang {
        self.shell.lang
    }

    /// What a job is called for this reader; strangers' jobs have no name.
    /// A job's name and its indexes where it is part of an array; its owner's too for the operator.
    fn label(&self, org: Id<Org>, name: &str, members: &[&Member]) -> String {
        let indexes = match members {
            [] => String::new(),
            [one] => format!(" [{}]", one.index),
            [first, .., last] => format!(" [{}–{}]", first.index, last.index),
        };
        match (name.is_empty(), self.shell.operator) {
            (true, _) => self.lang().t("compute-other"),
            (false, true) => format!("{}/{name}{indexes}", self.names.org(org)),
            (false, false) => format!("{name}{indexes}"),
        }
    }
}

/// `GET /compute`
pub async fn show_compute(State(console): State<Console>, visit: Visit) -> Answer {
    let lang = visit.lang();
    let overview = console.compute.overview(visit.caller()?).await?;
    let history = console.compute.usage(visit.caller()?, DAYS).await?;
    let names = Names::read(&console.commons).await?;
    let view = View { shell: &visit.shell, names: &names, overview: &overview };
    let parts = Block::Live { url: "/compute/live".into(), every_ms: EVERY_MS, blocks: live_parts(&view) };
    let mut blocks = vec![parts];
    blocks.extend(usage::blocks(&view, &history));
    blocks.extend(commands(&view));
    let page = Page::new(&visit.shell, lang.t("nav-compute"), lead(&view), blocks);
    Ok(visit.show(&page.command("mosu job top")))
}

/// `GET /compute/live`
pub async fn follow_compute(State(console): State<Console>, visit: Visit) -> Answer {
    let overview = console.compute.overview(visit.caller()?).await?;
    let names = Names::read(&console.commons).await?;
    let view = View { shell: &visit.shell, names: &names, overview: &overview };
    Ok(web::live(&live_parts(&view), false))
}

fn live_parts(view: &View<'_>) -> Vec<Block> {
    let mut blocks = vec![numbers(view)];
    blocks.extend(queue::blocks(view));
    blocks.extend(clusters::blocks(view));
    blocks
}

/// How many wait, and when the first of them probably starts.
fn lead(view: &View<'_>) -> String {
    let (lang, overview) = (view.lang(), view.overview);
    let counts = [("waiting", overview.queued.into()), ("running", overview.active.into())];
    let next = overview.waiting.iter().filter_map(|place| place.waiting.starts_by).min();
    match next.filter(|_| overview.queued > 0) {
        Some(at) => {
            let when = show::ago(lang, view.shell.now, at.max(view.shell.now));
            format!("{}{}", lang.ta("jobs-lead", &counts), lang.ta("compute-next", &[("when", when.into())]))
        }
        None if overview.queued + overview.active == 0 => lang.t("jobs-quiet"),
        None => lang.ta("jobs-lead", &counts),
    }
}

fn numbers(view: &View<'_>) -> Block {
    let (lang, overview) = (view.lang(), view.overview);
    let (used, all) = (overview.used, overview.capacity);
    let in_use = |key: &str, text: fn(i64) -> String, used: i64, all: i64| Number {
        value: text(used),
        unit: lang.ta("compute-of", &[("all", text(all).into())]),
        label: lang.t(key),
        note: show::percent(used as f64, all as f64),
        href: String::new(),
    };
    let mut numbers = vec![in_use("compute-cores", |count| count.to_string(), used.cpus, all.cpus)];
    if all.device_milli > 0 {
        numbers.insert(0, in_use("compute-devices", milli, used.device_milli, all.device_milli));
        numbers.push(Number {
            value: format!("{:.1}", overview.fragmentation_percent),
            unit: "%".into(),
            label: lang.t("compute-fragmentation"),
            note: lang.t("compute-fragmentation-note"),
            href: String::new(),
        });
    }
    numbers.push(forecast(view));
    Block::Numbers(numbers)
}

/// How good estimates of starts have been.
fn forecast(view: &View<'_>) -> Number {
    let (lang, forecast) = (view.lang(), &view.overview.forecast);
    let error = show::duration(lang, forecast.mean_error_seconds);
    let (value, unit, note) = match forecast.starts {
        0 => ("–".into(), String::new(), lang.t("compute-forecast-none")),
        starts => (
            forecast.kept.to_string(),
            lang.ta("compute-of", &[("all", starts.into())]),
            lang.ta("compute-forecast-note", &[("error", error.into())]),
        ),
    };
    Number { value, unit, label: lang.t("compute-forecast"), note, href: String::new() }
}

/// Thousandths as a number: `2`, `0.5`.
pub(super) fn milli(milli: i64) -> String {
    let text = format!("{:.2}", milli as f64 / 1000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether tenants' own commands run here, and why.
fn commands(view: &View<'_>) -> Option<Block> {
    let commands = &view.overview.commands;
    let text = view.lang().pick(&commands.zh, &commands.en).to_owned();
    let (mark, key) = match commands.allowed {
        true => (Mark::Good, "compute-commands-on"),
        false => (Mark::Off, "compute-commands-off"),
    };
    let state = Standing { mark, word: view.lang().t(key) };
    (!text.is_empty()).then_some(Block::Notice { state, text })
}
