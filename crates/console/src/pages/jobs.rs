//! Jobs: what waits and why, and one job as it runs.

use super::{
    names::{self, Names, job_state, word},
    runs,
};
use crate::{
    Console,
    charts::{Line, LineChart, Span, Timeline, Tone, smooth},
    lang::Lang,
    show,
    views::{Block, Cell, Choice, Form, Mark, Page, Shell, State as Standing, Table},
    web::{self, Answer, Visit},
};
use axum::extract::{Path, Query, State};
use commons::{
    identity::Scope,
    jobs::{Job, JobState},
};
use compute::{JobDetail, local::series::Series};
use kernel::{PageRequest, Result};

/// The most bytes of a log that a page shows; the rest is one command away.
const LOG_BYTES: i64 = 16 * 1024;
/// The most jobs in the picture of the queue.
const PICTURED: usize = 24;

/// `GET /jobs`
pub async fn list_jobs(
    State(console): State<Console>,
    visit: Visit,
    Query(page): Query<JobsQuery>,
) -> Answer {
    let lang = visit.lang();
    let request = PageRequest { limit: Some(50), cursor: page.cursor };
    let listed = console.compute.jobs(visit.caller()?, &request).await?;
    let names = Names::read(&console.commons).await?;
    let mut blocks = Vec::new();
    if listed.items.is_empty() {
        blocks.push(Block::Empty {
            text: lang.t("jobs-empty"),
            command: format!("mosu corpus build notes.zip {} --wait", visit.own("notes")),
        });
    } else {
        blocks.push(timeline(&console, &visit.shell, &names, &listed.items));
        let mut table = jobs_table(&console, &visit.shell, &names, &listed.items);
        table.next = listed.next_cursor.map(|cursor| format!("/jobs?cursor={cursor}")).unwrap_or_default();
        blocks.push(Block::Table(table));
    }
    let page = Page::new(&visit.shell, lang.t("nav-jobs"), queue_sentence(lang, &listed.items), blocks);
    Ok(visit.show(&page.command("mosu job list")))
}

/// Where to go on in the list.
#[derive(serde::Deserialize)]
pub struct JobsQuery {
    cursor: Option<String>,
}

/// How many jobs wait and run, in a sentence.
pub fn queue_sentence(lang: Lang, jobs: &[Job]) -> String {
    let waiting = jobs.iter().filter(|job| job.state == JobState::Queued).count();
    let running = jobs.iter().filter(|job| !job.state.is_final()).count() - waiting;
    if waiting + running == 0 {
        return lang.t("jobs-quiet");
    }
    lang.ta("jobs-lead", &[("waiting", waiting.into()), ("running", running.into())])
}

/// The queue as it went, newest jobs last.
pub fn timeline(console: &Console, shell: &Shell, names: &Names, jobs: &[Job]) -> Block {
    let lang = shell.lang;
    let span = |job: &Job| Span {
        label: format!("{}/{}", names.org(job.org), job.name),
        href: Some(format!("/jobs/{}", job.id)),
        submitted: job.submitted_at,
        started: job.started_at,
        ended: job.ended_at,
        tone: job_state(lang, job.state).mark.tone(),
        text: span_text(console, shell, job),
    };
    let mut shown: Vec<&Job> = jobs.iter().take(PICTURED).collect();
    shown.reverse();
    let chart = Timeline {
        title: lang.t("jobs-picture"),
        description: queue_sentence(lang, jobs),
        now: shell.now,
        spans: shown.into_iter().map(span).collect(),
    };
    Block::figure(lang.t("jobs-question"), lang.t("jobs-note"), &chart)
}

fn span_text(console: &Console, shell: &Shell, job: &Job) -> String {
    let state = job_state(shell.lang, job.state).word;
    match (job.state, reason(console, shell.lang, job), names::run_seconds(job, shell.now)) {
        (JobState::Queued | JobState::Failed, Some(reason), _) => format!("{state} · {}", clip(&reason)),
        (_, _, Some(seconds)) => format!("{state} · {}", show::duration(shell.lang, seconds)),
        _ => state,
    }
}

fn clip(text: &str) -> String {
    let short: String = text.chars().take(36).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

/// Why a job waits or ended, in the reader's language where that is known.
fn reason(console: &Console, lang: Lang, job: &Job) -> Option<String> {
    if let Some(waiting) = console.compute.why_waiting(job.id).filter(|_| job.state == JobState::Queued) {
        return Some(lang.pick(&waiting.zh, &waiting.en).to_owned());
    }
    let reason = job.reason.as_ref()?;
    let key = format!("reason-{}", reason.code.replace('_', "-"));
    Some(lang.try_t(&key).unwrap_or_else(|| reason.text.clone()))
}

/// Jobs as rows.
pub fn jobs_table(console: &Console, shell: &Shell, names: &Names, jobs: &[Job]) -> Table {
    let lang = shell.lang;
    let row = |job: &Job| {
        let run = names::run_seconds(job, shell.now).map(|seconds| show::duration(lang, seconds));
        let reason = reason(console, lang, job);
        vec![
            Cell::text(&job.name).link(format!("/jobs/{}", job.id)).note(word(lang, "kind", &job.kind)),
            Cell::text(names.org(job.org)),
            Cell { note: reason.unwrap_or_default(), ..Cell::state(job_state(lang, job.state)) },
            Cell::time(lang, shell.now, job.submitted_at),
            Cell::number(run.unwrap_or_else(|| "–".into())),
            Cell::number(job.resources.cpus.to_string()),
        ]
    };
    let heads = ["jobs-name", "organisation", "state", "submitted", "run-time", "cores"];
    Table::new(String::new(), heads.map(|key| lang.t(key)).into(), jobs.iter().map(row).collect())
}

/// `GET /jobs/{id}`
pub async fn get_job(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let lang = visit.lang();
    let detail = console.compute.detail(visit.caller()?, id.parse()?).await?;
    let job = &detail.job;
    let names = Names::read(&console.commons).await?;
    let mut blocks = live_blocks(&console, &visit, &detail).await?;
    let may_cancel = !job.state.is_final() && visit.caller()?.may(Scope::Write);
    if may_cancel && !job.cancel_requested {
        blocks.push(Block::Form(Form {
            action: format!("/jobs/{id}/cancel"),
            note: lang.t("job-cancel-note"),
            buttons: vec![Choice::button("", "", lang.t("job-cancel")).danger()],
            ..Form::default()
        }));
    }
    blocks.push(Block::heading(lang.t("job-asked")));
    blocks.push(facts(&visit.shell, &names, job));
    blocks.extend(runs::table(&visit.shell, &console.compute.runs(visit.caller()?, job.id).await?));
    for (key, references) in [("job-inputs", &job.inputs), ("job-outputs", &job.outputs)] {
        if !references.is_empty() {
            let rows = references.iter().map(|text| vec![names::reference(text)]).collect();
            blocks.push(Block::Table(Table::new(String::new(), vec![lang.t(key)], rows)));
        }
    }
    blocks.extend(specification(lang, &job.spec));
    if !job.result.is_null() {
        blocks.push(Block::Code { label: lang.t("job-result"), text: pretty(&job.result), log: false });
    }
    let lead = match reason(&console, lang, job) {
        Some(reason) => reason,
        None => lang.ta(
            "job-lead",
            &[("kind", word(lang, "kind", &job.kind).into()), ("org", names.org(job.org).into())],
        ),
    };
    let page = Page::new(&visit.shell, job.name.clone(), lead, blocks)
        .under(lang.t("nav-jobs"), "/jobs")
        .state(job_state(lang, job.state))
        .command(format!("mosu job show {id}"));
    Ok(visit.show(&page))
}

/// What it was told to do; a script stands on its own, as it was written.
fn specification(lang: Lang, spec: &serde_json::Value) -> Vec<Block> {
    let code = |key, text: String| Block::Code { label: lang.t(key), text, log: false };
    let Some(script) = spec["script"].as_str() else { return vec![code("job-spec", pretty(spec))] };
    let mut blocks = vec![code("job-script", script.chars().take(20_000).collect())];
    let mut rest = spec.clone();
    let fields = rest.as_object_mut().map(|fields| {
        fields.remove("script");
        fields.len()
    });
    if fields.is_some_and(|count| count > 0) {
        blocks.push(code("job-spec", pretty(&rest)));
    }
    blocks
}

fn pretty(value: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.chars().take(20_000).collect()
}

/// `GET /jobs/{id}/live`
pub async fn follow_job(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = console.compute.detail(visit.caller()?, id.parse()?).await?;
    Ok(web::live(&live_parts(&console, &visit, &detail).await?, detail.job.state.is_final()))
}

/// `POST /jobs/{id}/cancel`
pub async fn cancel_job(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let job = console.compute.cancel(visit.caller()?, id.parse()?, false).await?;
    Ok(web::go(&format!("/jobs/{}", job.id)))
}

/// What changes while it is read, to be asked for again as long as the job goes on.
async fn live_blocks(console: &Console, visit: &Visit, detail: &JobDetail) -> Result<Vec<Block>> {
    let blocks = live_parts(console, visit, detail).await?;
    if detail.job.state.is_final() {
        return Ok(blocks);
    }
    Ok(vec![Block::Live { url: format!("/jobs/{}/live", detail.job.id), every_ms: 1000, blocks }])
}

async fn live_parts(console: &Console, visit: &Visit, detail: &JobDetail) -> Result<Vec<Block>> {
    let lang = visit.lang();
    let (job, series) = (&detail.job, &detail.series);
    let log = console.compute.log(visit.caller()?, job.id, -LOG_BYTES).await?.text;
    let mut blocks = Vec::new();
    if !job.state.is_final() {
        blocks.push(progress(&visit.shell, job, series));
    }
    if job.cancel_requested && !job.state.is_final() {
        let state = Standing { mark: Mark::Off, word: lang.t("job-cancelling") };
        blocks.push(Block::Notice { state, text: lang.t("job-cancelling-note") });
    }
    blocks.extend(runs::near_limit(lang, visit.shell.now, job));
    if let Some(curve) = loss_curve(lang, series) {
        blocks.push(Block::figure(lang.t("loss-question"), lang.t("loss-note"), &curve));
    }
    if !log.is_empty() {
        blocks.push(Block::Code { label: lang.t("job-log"), text: log, log: true });
    }
    Ok(blocks)
}

fn progress(shell: &Shell, job: &Job, series: &Series) -> Block {
    let lang = shell.lang;
    let state = job_state(lang, job.state).word;
    let run =
        names::run_seconds(job, shell.now).map(|seconds| show::duration(lang, seconds)).unwrap_or_default();
    match &series.progress {
        Some(progress) => {
            let share = format!("{:.0} %", progress.fraction * 100.0);
            Block::Progress {
                share: progress.fraction,
                text: format!("{state} · {share} · {} · {run}", progress.text),
            }
        }
        None => Block::Progress { share: 0.0, text: format!("{state} {run}") },
    }
}

/// The picture of whatever metrics of `series` are losses.
pub fn loss_curve(lang: Lang, series: &Series) -> Option<LineChart> {
    let line = |(name, points): (&String, &Vec<(u64, f64)>)| {
        let points: Vec<(f64, f64)> = points.iter().map(|&(step, value)| (step as f64, value)).collect();
        let main = name == "loss";
        let (points, band) = if main { smooth(&points, 120) } else { (points, Vec::new()) };
        let tone = if main { Tone::Accent } else { Tone::Neutral };
        Line { name: word(lang, "metric", name), tone, points, band }
    };
    let lines: Vec<Line> =
        series.metrics.iter().filter(|(name, _)| name.contains("loss")).map(line).collect();
    let ends: Vec<String> = lines
        .iter()
        .filter_map(|line| line.points.last().map(|(x, y)| format!("{} {y:.3} @ {x:.0}", line.name)))
        .collect();
    (!lines.is_empty()).then(|| LineChart {
        title: lang.t("loss-question"),
        description: ends.join(", "),
        x_name: lang.t("step"),
        y_name: lang.t("loss-unit"),
        lines,
    })
}

fn facts(shell: &Shell, names: &Names, job: &Job) -> Block {
    let lang = shell.lang;
    let resources = job.resources;
    let mut facts = vec![
        (lang.t("job-kind"), Cell::text(word(lang, "kind", &job.kind)).hint(&job.kind)),
        (lang.t("organisation"), Cell::text(names.org(job.org))),
        (lang.t("submitted"), Cell::time(lang, shell.now, job.submitted_at)),
        (lang.t("cores"), Cell::text(resources.cpus.to_string())),
        (lang.t("memory"), Cell::text(show::bytes(resources.memory_mib.saturating_mul(1 << 20)))),
        (lang.t("time-limit"), Cell::text(show::duration(lang, resources.wall_seconds as f64))),
        (lang.t("priority"), Cell::text(job.priority.to_string())),
    ];
    facts.extend(runs::asked(lang, job));
    if let Some(usage) = job.usage {
        facts.extend([
            (lang.t("run-time"), Cell::text(show::duration(lang, usage.wall_micros as f64 / 1e6))),
            (lang.t("cpu-time"), Cell::text(show::duration(lang, usage.cpu_micros as f64 / 1e6))),
            (lang.t("peak-memory"), Cell::text(show::bytes(usage.peak_memory_bytes))),
        ]);
    }
    if let Some(charge) = job.charge {
        facts.push((lang.t("cost"), Cell::text(lang.t("charge-see")).link(format!("/charges/{charge}"))));
    }
    facts.push((lang.t("id"), Cell::code(job.id.to_string())));
    Block::Facts(facts)
}
