//! Where a job ran, attempt by attempt, and how near it is to its limit.

use super::{compute::milli, names::word};
use crate::{
    lang::Lang,
    show,
    views::{Block, Cell, Mark, Shell, State as Standing, Table},
};
use commons::jobs::{Job, JobState};
use compute::types::Run;
use kernel::Timestamp;

/// Part of its time below which a job counts as near its limit, and the least seconds of that.
const NEAR: (f64, f64) = (0.1, 60.0);

/// The attempts of a job.
pub fn table(shell: &Shell, runs: &[Run]) -> Option<Block> {
    let lang = shell.lang;
    let rows: Vec<_> = runs.iter().take(50).map(|run| row(shell, run)).collect();
    let heads =
        ["run-attempt", "compute-where", "state", "run-started", "run-time", "compute-held", "run-charged"];
    (!rows.is_empty())
        .then(|| Block::Table(Table::new(lang.t("runs"), heads.map(|key| lang.t(key)).into(), rows)))
}

fn row(shell: &Shell, run: &Run) -> Vec<Cell> {
    let lang = shell.lang;
    let mut nodes: Vec<&str> = run.places.iter().map(|place| place.node.as_str()).collect();
    nodes.dedup();
    let cluster = match &run.engine_id {
        Some(id) => format!("{} · {id}", run.cluster),
        None => run.cluster.clone(),
    };
    let shown = nodes.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let ran = run.started_at.map(|at| run.ended_at.unwrap_or(shell.now).seconds_since(at));
    let dash = || "–".to_owned();
    let held = match run.device_milli {
        0 => lang.ta("run-cores", &[("count", run.cpus.into())]),
        held => format!("{} × {}", milli(held), run.device),
    };
    vec![
        Cell::text(run.attempt.to_string()),
        Cell::text(cluster).note(shown).hint(nodes.join(", ")),
        Cell::state(state(lang, run)),
        run.started_at.map_or(Cell::text("–"), |at| Cell::time(lang, shell.now, at)),
        Cell::number(ran.map_or_else(dash, |seconds| show::duration(lang, seconds))),
        Cell::number(held),
        Cell::text(lang.t(if run.charged { "run-charged-yes" } else { "run-charged-no" })),
    ]
}

fn state(lang: Lang, run: &Run) -> Standing {
    let name = run.outcome.as_deref();
    let mark = match name {
        Some("done") => Mark::Good,
        Some("lost") => Mark::Bad,
        Some(_) => Mark::Off,
        None => Mark::Run,
    };
    Standing { mark, word: word(lang, "run", name.unwrap_or("under-way")) }
}

/// What a job asked for beyond cores, memory and time.
pub fn asked(lang: Lang, job: &Job) -> Vec<(String, Cell)> {
    let (need, scheduling) = (&job.resources, &job.scheduling);
    let mut facts = Vec::new();
    if need.tasks > 1 {
        facts.push((lang.t("asked-tasks"), Cell::text(need.tasks.to_string())));
    }
    if need.devices > 0 {
        let each = milli(need.devices.saturating_mul(need.device_milli));
        let text = format!("{each} {}", scheduling.device_models.join(" | "));
        facts.push((lang.t("asked-devices"), Cell::text(text.trim_end())));
    }
    if let Some(cluster) = &scheduling.cluster {
        facts.push((lang.t("asked-cluster"), Cell::text(cluster)));
    }
    if let Some(member) = &job.member {
        let first = Cell::text(format!("#{}", member.index)).link(format!("/jobs/{}", member.array));
        facts.push((lang.t("asked-array"), first));
    }
    for after in scheduling.after.iter().take(8) {
        let id = after.job.to_string();
        facts.push((
            lang.t("asked-after"),
            Cell::code(show::short(&id)).hint(&id).link(format!("/jobs/{id}")),
        ));
    }
    facts
}

/// A warning when a running job will soon be ended by its limit.
pub fn near_limit(lang: Lang, now: Timestamp, job: &Job) -> Option<Block> {
    let started = job.started_at.filter(|_| job.state == JobState::Running)?;
    let left = near(job.resources.wall_seconds, now.seconds_since(started))?;
    let state = Standing { mark: Mark::Wait, word: lang.t("run-near-limit") };
    let text = lang.ta("run-near-limit-note", &[("left", show::duration(lang, left).into())]);
    Some(Block::Notice { state, text })
}

/// Seconds that are left of `wall`, when they are few.
fn near(wall: i64, ran: f64) -> Option<f64> {
    let left = wall as f64 - ran;
    (left < (wall as f64 * NEAR.0).max(NEAR.1)).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compute::types::Place;
    use kernel::Id;

    #[test]
    fn few_seconds_are_a_tenth_or_a_minute() {
        assert_eq!((near(36_000, 30_000.0), near(36_000, 33_000.0)), (None, Some(3000.0)));
        assert_eq!((near(120, 50.0), near(120, 70.0)), (None, Some(50.0)));
    }

    #[test]
    fn attempts_say_where_how_long_and_whether_they_are_charged() {
        let now = Timestamp(1_795_292_000_000_000);
        let shell = Shell::new(Lang::En, "auto", "/jobs".into(), Some("acme".into()), now);
        let run = Run {
            job: Id::generate(),
            org: Id::generate(),
            attempt: 2,
            cluster: "campus".into(),
            places: ["n1", "n1", "n2"]
                .map(|node| Place { node: node.into(), devices: 1, milli: 1000 })
                .into(),
            device: "Ascend 910B".into(),
            device_milli: 3000,
            cpus: 4,
            hour_micros: 0,
            engine_id: Some("4711".into()),
            placed_at: now,
            started_at: Some(now.plus_seconds(-7200)),
            ended_at: Some(now.plus_seconds(-3600)),
            stopping: None,
            outcome: Some("preempted".into()),
            device_milliseconds: 0,
            charged: false,
        };
        let text = table(&shell, &[run]).unwrap().to_string();
        for part in [
            "campus · 4711",
            "n1, n2",
            "stopped for another",
            "2 hours ago",
            "1 h",
            "3 × Ascend 910B",
            ">no<",
        ] {
            assert!(text.contains(part), "“{part}” isn't said: {text}");
        }
        assert!(table(&shell, &[]).is_none());
    }
}
