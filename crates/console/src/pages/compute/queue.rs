//! The queue as it will probably go, and who holds accelerators without using them.

use super::{View, milli};
use crate::{
    charts::{QueueChart, QueueRow, Tone},
    show,
    views::{Block, Cell, Mark, State as Standing, Table},
};
use compute::types::{QueuePlace, Running};

/// The most running and waiting jobs in the picture.
const PICTURED: (usize, usize) = (12, 24);
/// Seconds after which an idle accelerator is named.
const IDLE_SECONDS: i64 = 600;

pub(super) fn blocks(view: &View<'_>) -> Vec<Block> {
    let mut blocks = vec![picture(view)];
    blocks.extend(idle(view));
    blocks
}

fn picture(view: &View<'_>) -> Block {
    let (lang, overview) = (view.lang(), view.overview);
    if overview.running.is_empty() && overview.waiting.is_empty() {
        let state = Standing { mark: Mark::Good, word: lang.t("compute-free") };
        return Block::Notice { state, text: lang.t("compute-free-note") };
    }
    let mut running: Vec<&Running> = overview.running.iter().collect();
    running.sort_by_key(|job| job.ends_by);
    running.truncate(PICTURED.0);
    let waiting: Vec<_> = overview.waiting.chunk_by(of_one_array).take(PICTURED.1).collect();
    let pictured = running.len() + waiting.iter().map(|places| places.len()).sum::<usize>();
    let running = running.into_iter().map(|job| running_row(view, job));
    let rows: Vec<_> = running.chain(waiting.into_iter().map(|places| waiting_row(view, places))).collect();
    let left_out = (overview.active + overview.queued).saturating_sub(pictured);
    let mut note = lang.t("compute-queue-note");
    if left_out > 0 {
        note += &lang.ta("compute-queue-more", &[("count", left_out.into())]);
    }
    let chart = QueueChart {
        title: lang.t("compute-queue-question"),
        description: super::lead(view),
        now_word: lang.t("compute-now"),
        now: view.shell.now,
        rows,
    };
    Block::figure(lang.t("compute-queue-question"), note, &chart)
}

fn running_row(view: &View<'_>, job: &Running) -> QueueRow {
    let lang = view.lang();
    let mut parts = vec![place(job)];
    parts.extend(held(job));
    parts.extend(busy(view, job));
    let limit = show::ago(lang, view.shell.now, job.ends_by.max(view.shell.now));
    parts.push(lang.ta("compute-limit", &[("when", limit.into())]));
    QueueRow {
        label: label(view, job),
        href: (!job.name.is_empty()).then(|| format!("/jobs/{}", job.job)),
        note: parts.join(" · "),
        tone: if job.device_milli > 0 && job.idle_seconds > IDLE_SECONDS { Tone::Wait } else { Tone::Accent },
        begins: Some(job.started_at.unwrap_or(view.shell.now)),
        ends: Some(job.ends_by),
    }
}

fn label(view: &View<'_>, job: &Running) -> String {
    view.label(job.org, &job.name, job.member.as_ref().as_slice())
}

/// Cluster and nodes.
fn place(job: &Running) -> String {
    let nodes = job.nodes.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
    let more = if job.nodes.len() > 2 { format!(" +{}", job.nodes.len() - 2) } else { String::new() };
    if nodes.is_empty() { job.cluster.clone() } else { format!("{}: {nodes}{more}", job.cluster) }
}

/// Cores that it keeps busy, of those that it holds.
fn busy(view: &View<'_>, job: &Running) -> Option<String> {
    let busy = milli(job.usage?.busy_milli / 100 * 100);
    Some(view.lang().ta("compute-busy", &[("busy", busy.into()), ("all", job.cpus.into())]))
}

/// Accelerators that it holds.
fn held(job: &Running) -> Option<String> {
    let device = job.device.as_deref().unwrap_or_default();
    (job.device_milli > 0).then(|| format!("{} × {device}", milli(job.device_milli)).trim_end().to_owned())
}

/// Whether these stand in one row when they wait one after the other.
fn of_one_array(one: &QueuePlace, next: &QueuePlace) -> bool {
    let array = |place: &QueuePlace| place.member.as_ref().map(|member| member.array);
    array(one).is_some() && array(one) == array(next)
}

/// One job, or some of an array: from when the first starts until the limit of the last.
fn waiting_row(view: &View<'_>, places: &[QueuePlace]) -> QueueRow {
    let (lang, now, place) = (view.lang(), view.shell.now, &places[0]);
    let starts = |place: &QueuePlace| place.waiting.starts_by.map(|at| at.max(now));
    let (begins, last_begins) = (starts(place), places.iter().filter_map(starts).max());
    let members: Vec<_> = places.iter().filter_map(|place| place.member.as_ref()).collect();
    let reason = lang.pick(&place.waiting.zh, &place.waiting.en);
    let note = match begins {
        Some(at) => {
            let when = show::ago(lang, now, at);
            format!("{} · {reason}", lang.ta("compute-starts", &[("when", when.into())]))
        }
        None => reason.to_owned(),
    };
    QueueRow {
        label: view.label(place.org, &place.name, &members),
        href: (!place.name.is_empty()).then(|| format!("/jobs/{}", place.job)),
        note,
        tone: Tone::Soft,
        begins,
        ends: begins.and(last_begins).map(|at| at.plus_seconds(place.need.wall_seconds)),
    }
}

/// Running jobs that hold accelerators and have used no processor for a while.
fn idle(view: &View<'_>) -> Option<Block> {
    let lang = view.lang();
    let idles = |job: &&Running| job.device_milli > 0 && job.idle_seconds > IDLE_SECONDS;
    let mut found: Vec<&Running> = view.overview.running.iter().filter(idles).collect();
    found.sort_by_key(|job| std::cmp::Reverse(job.idle_seconds));
    let row = |job: &&Running| {
        let name = Cell::text(label(view, job));
        let named = !job.name.is_empty();
        vec![
            if named { name.link(format!("/jobs/{}", job.job)) } else { name },
            Cell::state(Standing { mark: Mark::Wait, word: lang.t("compute-idle") }),
            Cell::text(place(job)),
            Cell::number(held(job).unwrap_or_default()),
            Cell::number(show::duration(lang, job.idle_seconds as f64)),
        ]
    };
    let heads = ["jobs-name", "state", "compute-where", "compute-held", "compute-idle-for"];
    let rows: Vec<_> = found.iter().take(20).map(row).collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table::new(lang.t("compute-idle-caption"), heads.map(|key| lang.t(key)).into(), rows))
    })
}
