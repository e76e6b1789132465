//! Datasets: what is there, and for one what was kept of what, from whom, and what it says.

use super::{
    lineage,
    names::word,
    repos::{self, At},
};
use crate::{
    Console,
    charts::{Bar, Bars, Part, Tone},
    lang::Lang,
    show,
    views::{Block, Cell, Number, Page, Table},
    web::{Answer, Visit},
};
use axum::extract::{Path, Query, State};
use corpus::{Report, report::Contribution, types::Sample};
use hub::{RepoKind, Viewer};

/// The most documents shown as samples, and the most characters of each.
const SAMPLES: usize = 5;
const SAMPLE_CHARACTERS: usize = 700;

/// `GET /datasets`
pub async fn list_datasets(
    State(console): State<Console>,
    visit: Visit,
    Query(query): Query<repos::ReposQuery>,
) -> Answer {
    let lang = visit.lang();
    let empty = Block::Empty {
        text: lang.t("datasets-empty"),
        command: format!("mosu corpus build notes.zip {} --wait", visit.own("notes")),
    };
    let blocks = repos::listing(&console, &visit, RepoKind::Dataset, query, empty).await?;
    let page = Page::new(&visit.shell, lang.t("nav-datasets"), lang.t("datasets-lead"), blocks);
    Ok(visit.show(&page.command("mosu corpus list")))
}

/// `GET /datasets/{org}/{name}`
pub async fn get_dataset(
    State(console): State<Console>,
    visit: Visit,
    Path((org, name)): Path<(String, String)>,
    Query(at): Query<At>,
) -> Answer {
    let lang = visit.lang();
    let name = format!("{org}/{name}");
    let revision = repos::resolve(&console, &visit, RepoKind::Dataset, &name, &at).await?;
    let reference = revision.commit.reference.clone();
    let viewer = Viewer::of(visit.caller.as_ref());
    let detail = console.corpus.detail(viewer, &name, &revision.oid).await?;
    let (report, given) = (detail.report, detail.contributions);
    let mut blocks = Vec::new();
    if let Some(report) = &report {
        blocks.push(numbers(lang, report, &given));
        blocks.push(Block::figure(
            lang.t("waterfall-question"),
            lang.t("waterfall-note"),
            &waterfall(lang, report),
        ));
        blocks.push(drops(lang, report));
    }
    if !given.is_empty() {
        let names = lang.t("contributors-question");
        blocks.push(Block::pair(
            vec![Block::half_figure(names, lang.t("contributors-note"), &contributors(lang, &given))],
            vec![Block::half_figure(
                lang.t("licences-question"),
                lang.t("licences-note"),
                &licences(lang, &given),
            )],
        ));
    }
    if !detail.samples.is_empty() {
        blocks.push(Block::heading(lang.t("samples")));
        blocks.push(Block::Samples(detail.samples.iter().take(SAMPLES).map(sample).collect()));
    }
    if !detail.lineage.edges.is_empty() {
        let picture = lineage::picture(lang, &detail.lineage, &reference, &console.commons).await?;
        blocks.push(Block::figure(lang.t("lineage-question"), lang.t("lineage-note"), &picture));
    }
    blocks.push(repos::facts(&visit.shell, &revision));
    if let Some(card) = repos::card(&console, &visit, &revision).await? {
        blocks.push(Block::Code { label: lang.t("data-card"), text: card, log: false });
    }
    blocks.push(Block::Table(repos::files(lang, &revision)));
    let use_it =
        format!("from datasets import load_dataset\ndata = load_dataset(\"{name}\", split=\"train\")");
    blocks.push(Block::Code { label: lang.t("dataset-use"), text: use_it, log: false });
    let lead = match &report {
        Some(report) => {
            let (documents, bytes, tokens) = report.total();
            let values = [
                ("documents", show::thousands(documents as i64).into()),
                ("size", show::bytes(bytes as i64).into()),
                ("tokens", show::thousands(tokens as i64).into()),
            ];
            lang.ta("dataset-lead", &values)
        }
        None => lang.t("dataset-lead-plain"),
    };
    let page = Page::new(&visit.shell, name.clone(), lead, blocks)
        .under(lang.t("nav-datasets"), "/datasets")
        .command(format!("mosu corpus show {name}"));
    Ok(visit.show(&page))
}

fn numbers(lang: Lang, report: &Report, given: &[Contribution]) -> Block {
    let (documents, bytes, tokens) = report.total();
    let read = report.steps.first().map_or(0, |step| step.documents_in);
    let number = |label: String, value: String, note: String| Number {
        value,
        unit: String::new(),
        label,
        note,
        href: String::new(),
    };
    let share = show::percent(documents as f64, read as f64);
    let people: std::collections::BTreeSet<&str> = given.iter().map(|one| one.contributor.as_str()).collect();
    Block::Numbers(vec![
        number(
            lang.t("documents"),
            show::thousands(documents as i64),
            lang.ta("kept-of", &[("share", share.into()), ("count", show::thousands(read as i64).into())]),
        ),
        number(lang.t("tokens"), show::thousands(tokens as i64), lang.t("tokens-note")),
        number(lang.t("size"), show::bytes(bytes as i64), String::new()),
        number(
            lang.t("contributors"),
            show::thousands(people.len() as i64),
            lang.ta("sources-note", &[("count", show::thousands(report.sources_total as i64).into())]),
        ),
    ])
}

/// What each step kept and dropped, in documents.
pub fn waterfall(lang: Lang, report: &Report) -> Bars {
    let row = |step: &corpus::Step| {
        let dropped = step.documents_in.saturating_sub(step.documents_out);
        let part = |value: u64, tone, key: &str| Part {
            value: value as f64,
            tone,
            name: format!("{} {}", lang.t(key), show::thousands(value as i64)),
        };
        Bar {
            label: word(lang, "corpus", &step.name),
            href: None,
            parts: vec![part(step.documents_out, Tone::Accent, "kept"), part(dropped, Tone::Pale, "dropped")],
            text: show::thousands(step.documents_out as i64),
        }
    };
    let kept = report.steps.last().map_or(0, |step| step.documents_out);
    let description = lang.ta("waterfall-description", &[("kept", show::thousands(kept as i64).into())]);
    Bars { title: lang.t("waterfall-question"), description, rows: report.steps.iter().map(row).collect() }
}

/// Why documents were dropped, most first, with an example of each reason.
fn drops(lang: Lang, report: &Report) -> Block {
    let all = report.steps.iter().flat_map(|step| step.drops.iter().map(move |drop| (step, drop)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(_, drop)| std::cmp::Reverse(drop.documents));
    let row = |(step, drop): &(&corpus::Step, &corpus::Drop)| {
        let example = drop.examples.first().map(|example| example.path.clone()).unwrap_or_default();
        vec![
            Cell::text(word(lang, "drop", &drop.reason)),
            Cell::text(word(lang, "corpus", &step.name)),
            Cell::code(example),
            Cell::number(show::thousands(drop.documents as i64)),
            Cell::number(show::bytes(drop.bytes as i64)),
        ]
    };
    let heads = ["drop-reason", "drop-step", "example", "documents", "size"].map(|key| lang.t(key)).into();
    Block::Table(Table::new(lang.t("drops"), heads, all.iter().take(20).map(row).collect()))
}

fn bars(title: String, sums: std::collections::BTreeMap<&str, i64>, rest: impl Fn(usize) -> String) -> Bars {
    let mut sums: Vec<(&str, i64)> = sums.into_iter().collect();
    sums.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    let bar = |label: String, tokens: i64| Bar {
        label,
        href: None,
        parts: vec![Part { value: tokens as f64, tone: Tone::Accent, name: show::thousands(tokens) }],
        text: show::thousands(tokens),
    };
    let mut rows: Vec<Bar> =
        sums.iter().take(10).map(|(name, tokens)| bar((*name).to_owned(), *tokens)).collect();
    if sums.len() > 10 {
        rows.push(bar(rest(sums.len() - 10), sums[10..].iter().map(|(_, tokens)| tokens).sum()));
    }
    Bars { title, description: String::new(), rows }
}

fn contributors(lang: Lang, given: &[Contribution]) -> Bars {
    let mut sums = std::collections::BTreeMap::new();
    for one in given {
        *sums.entry(one.contributor.as_str()).or_default() += one.tokens;
    }
    bars(lang.t("contributors-question"), sums, |count| lang.ta("flow-others", &[("count", count.into())]))
}

fn licences(lang: Lang, given: &[Contribution]) -> Bars {
    let mut sums = std::collections::BTreeMap::new();
    for one in given {
        *sums.entry(one.licence.as_str()).or_default() += one.tokens;
    }
    bars(lang.t("licences-question"), sums, |count| lang.ta("others", &[("count", count.into())]))
}

/// A document under where it comes from.
fn sample(sample: &Sample) -> (String, String) {
    let name = if sample.source.is_empty() { &sample.id } else { &sample.source };
    let whose = [name.as_str(), &sample.path, &sample.licence].into_iter().filter(|part| !part.is_empty());
    (whose.collect::<Vec<_>>().join(" · "), sample.text.chars().take(SAMPLE_CHARACTERS).collect())
}
