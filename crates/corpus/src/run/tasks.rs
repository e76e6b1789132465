//! A run in separate processes: each stage as tasks that can run anywhere the folder is shared, such as the tasks of a
//! job array, with a barrier between stages.

use super::{Run, Share, Watch, barrier, fingerprint, finish, map, parts, pool::Pool};
use crate::{recipe::Recipe, report::Report};
use kernel::{Error, Result};
use std::{path::Path, str::FromStr, time::Instant};

/// A stage of a run. A stage may begin when all tasks of the one before have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Shards through a segment's stream; any number of tasks.
    Map(usize),
    /// A segment's barriers; one task.
    Barrier(usize),
    /// Data files; any number of tasks.
    Write,
    /// Report and card; one task, which publishes the output.
    Finish,
}

/// The part of a stage that one process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Which stage.
    pub stage: Stage,
    /// Which of the tasks, from 0.
    pub index: usize,
    /// How many tasks the stage has.
    pub count: usize,
}

/// The stages of a recipe in order, each with whether several tasks can share it.
pub fn stages(recipe: &Recipe) -> Vec<(Stage, bool)> {
    let mut stages = Vec::new();
    for (number, segment) in crate::recipe::segments(&recipe.steps).iter().enumerate() {
        stages.push((Stage::Map(number), true));
        if !segment.barriers.is_empty() {
            stages.push((Stage::Barrier(number), false));
        }
    }
    stages.extend([(Stage::Write, true), (Stage::Finish, false)]);
    stages
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Map(segment) => write!(f, "map-{segment}"),
            Self::Barrier(segment) => write!(f, "barrier-{segment}"),
            Self::Write => f.write_str("write"),
            Self::Finish => f.write_str("finish"),
        }
    }
}

impl FromStr for Stage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.parse().ok();
        let stage = match text {
            "write" => Some(Self::Write),
            "finish" => Some(Self::Finish),
            _ => match text.split_once('-') {
                Some(("map", segment)) => number(segment).map(Self::Map),
                Some(("barrier", segment)) => number(segment).map(Self::Barrier),
                _ => None,
            },
        };
        stage.ok_or_else(|| {
            let why = format!("{text:?} is no stage; stages are map-0, barrier-0, .., write and finish");
            Error::invalid("corpus_stage_invalid", why)
        })
    }
}

/// Does one task of a run with `workers` threads; the last stage returns the report.
pub fn task(
    recipe: &Recipe,
    input: &Path,
    output: &Path,
    task: Task,
    workers: usize,
    watch: &Watch<'_>,
) -> Result<Option<Report>> {
    let began = Instant::now();
    let plan = intake::plan(input, &recipe.read)?;
    let fingerprint = fingerprint(recipe, &plan, input)?;
    if let Some(report) = finish::finished(output, &fingerprint)? {
        return Ok(Some(report));
    }
    if !stages(recipe).iter().any(|(stage, _)| *stage == task.stage) || task.index >= task.count {
        let text =
            format!("this recipe has no stage {} with a task {} of {}", task.stage, task.index, task.count);
        return Err(Error::invalid("corpus_stage_invalid", text));
    }
    let run = Run::open(recipe, input, plan, output, &fingerprint, Share::Together)?;
    let pool = Pool::new(workers);
    // Neighbours go to different tasks, so that large files spread.
    let mine = |all: usize| (task.index..all).step_by(task.count).collect::<Vec<_>>();
    let mut told = |fraction| watch(super::Progress { step: "work", fraction });
    match task.stage {
        Stage::Map(segment) => {
            let mine = mine(run.plan.shards.len());
            pool.each(mine.len(), |at| map::map(&run, segment, mine[at]), &mut told)?;
        }
        Stage::Barrier(segment) => {
            for at in 0..run.segments[segment].barriers.len() {
                barrier::barrier(&run, segment, at, pool.workers)?;
            }
        }
        Stage::Write => {
            let parts = parts::plan(&run)?;
            let mine = mine(parts.len());
            pool.each(mine.len(), |at| parts::write(&run, &parts, mine[at]), &mut told)?;
        }
        Stage::Finish => {
            let parts = parts::plan(&run)?;
            return finish::finish(&run, &parts, &fingerprint, began).map(Some);
        }
    }
    Ok(None)
}
