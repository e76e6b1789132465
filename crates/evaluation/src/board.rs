//! Nouns of the leaderboard, and the pure decision of who stands where.

use crate::types::{Better, Estimate, Outcome, is_significant};
use commons::ids::{Job, Org};
use kernel::{Id, Timestamp};
use serde::Serialize;
use std::collections::BTreeSet;

/// A recorded run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The job that made it.
    pub job: Id<Job>,
    /// Whose it is.
    pub org: Id<Org>,
    /// Name under which the model was served.
    pub model: String,
    /// The hub's version of that name at submission, as `model:org/name@commit`, if it has one.
    pub model_reference: Option<String>,
    /// The dataset, as `dataset:org/name@commit`.
    pub dataset: String,
    /// All that it found.
    pub outcome: Outcome,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// One score of a run as it is stored for leaderboards.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The job that measured it.
    pub job: Id<Job>,
    /// Name of the task.
    pub task: String,
    /// Name of the metric.
    pub metric: String,
    /// Which way the metric gets better.
    pub better: Better,
    /// Name under which the model was served.
    pub model: String,
    /// The model's version, if the hub has one.
    pub model_reference: Option<String>,
    /// The dataset's version.
    pub dataset: String,
    /// Seed and limits: only scores with equal ones can be compared.
    pub setting: String,
    /// Documents or questions scored.
    pub items: i64,
    /// The model's score.
    pub score: Estimate,
    /// The baseline's score.
    pub baseline: Estimate,
    /// Model minus baseline, paired.
    pub difference: Estimate,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// One line of a board.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The model's name, or the baseline's.
    pub name: String,
    /// Whether this is the baseline.
    pub baseline: bool,
    /// The model's version, if the hub has one.
    pub model_reference: Option<String>,
    /// The job that measured it.
    pub job: Id<Job>,
    /// The score with its interval.
    pub score: Estimate,
    /// Model minus baseline on the same items; none for the baseline.
    pub difference: Option<Estimate>,
    /// Whether that difference's interval leaves out zero.
    pub significant: bool,
    /// When it was measured.
    pub recorded_at: Timestamp,
}

/// Scores that can be compared with each other: same dataset version, seed and limits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Board {
    /// The dataset's version.
    pub dataset: String,
    /// Documents or questions scored.
    pub items: i64,
    /// Best first, the baseline among them.
    pub entries: Vec<Entry>,
}

/// All boards of one task, the one with the latest score first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leaderboard {
    /// Name of the task.
    pub task: String,
    /// Name of the metric.
    pub metric: String,
    /// Which way the metric gets better.
    pub better: Better,
    /// The boards.
    pub boards: Vec<Board>,
}

/// Name of the baseline's line.
pub const BASELINE: &str = "6-gram baseline";

/// Puts scores, latest first, on boards: of each model the latest version's latest score counts.
pub fn rank(scores: Vec<Score>) -> Vec<Leaderboard> {
    let mut leaderboards: Vec<(Leaderboard, Vec<String>)> = Vec::new();
    let mut seen = BTreeSet::new();
    for score in scores {
        if !seen.insert((
            score.task.clone(),
            score.dataset.clone(),
            score.setting.clone(),
            score.model.clone(),
        )) {
            continue;
        }
        let place =
            place_of(&mut leaderboards, |(known, _)| known.task == score.task, || empty_leaderboard(&score));
        let (leaderboard, keys) = &mut leaderboards[place];
        let key = format!("{} {}", score.dataset, score.setting);
        let place = place_of(keys, |known| *known == key, || key.clone());
        if place == leaderboard.boards.len() {
            let (dataset, items) = (score.dataset.clone(), score.items);
            leaderboard.boards.push(Board { dataset, items, entries: vec![baseline_entry(&score)] });
        }
        leaderboard.boards[place].entries.push(model_entry(score));
    }
    let mut ranked: Vec<Leaderboard> = leaderboards.into_iter().map(|(leaderboard, _)| leaderboard).collect();
    ranked.iter_mut().for_each(sort_entries);
    ranked.sort_by(|a, b| a.task.cmp(&b.task));
    ranked
}

/// Index of the first item that is wanted, which is made at the end when there is none.
fn place_of<T>(items: &mut Vec<T>, wanted: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> usize {
    items.iter().position(wanted).unwrap_or_else(|| {
        items.push(make());
        items.len() - 1
    })
}

fn empty_leaderboard(score: &Score) -> (Leaderboard, Vec<String>) {
    let (task, metric) = (score.task.clone(), score.metric.clone());
    (Leaderboard { task, metric, better: score.better, boards: Vec::new() }, Vec::new())
}

fn model_entry(score: Score) -> Entry {
    Entry {
        name: score.model,
        baseline: false,
        model_reference: score.model_reference,
        job: score.job,
        score: score.score,
        difference: Some(score.difference),
        significant: is_significant(&score.difference),
        recorded_at: score.recorded_at,
    }
}

fn baseline_entry(score: &Score) -> Entry {
    Entry {
        name: BASELINE.to_owned(),
        baseline: true,
        model_reference: None,
        job: score.job,
        score: score.baseline,
        difference: None,
        significant: false,
        recorded_at: score.recorded_at,
    }
}

fn sort_entries(leaderboard: &mut Leaderboard) {
    let sign = if leaderboard.better == Better::Lower { 1.0 } else { -1.0 };
    for board in &mut leaderboard.boards {
        board.entries.sort_by(|a, b| (sign * a.score.value).total_cmp(&(sign * b.score.value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(model: &str, dataset: &str, better: Better, value: f64, at: i64) -> Score {
        let estimate = |value| Estimate { value, low: value - 0.1, high: value + 0.1 };
        Score {
            job: Id::generate(),
            task: format!("{better:?}"),
            metric: "m".into(),
            better,
            model: model.into(),
            model_reference: None,
            dataset: dataset.into(),
            setting: "seed 1".into(),
            items: 10,
            score: estimate(value),
            baseline: estimate(2.0),
            difference: estimate(value - 2.0),
            recorded_at: Timestamp(at),
        }
    }

    fn names(board: &Board) -> Vec<&str> {
        board.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn ranks_by_what_is_better_with_the_baseline_among_the_models() {
        for (better, expected) in
            [(Better::Lower, ["good", BASELINE, "bad"]), (Better::Higher, ["bad", BASELINE, "good"])]
        {
            let ranked = rank(vec![score("bad", "d", better, 3.0, 2), score("good", "d", better, 1.0, 1)]);
            assert_eq!(names(&ranked[0].boards[0]), expected);
            assert!(ranked[0].boards[0].entries.iter().all(|entry| entry.significant != entry.baseline));
        }
    }

    #[test]
    fn the_latest_score_of_a_model_counts_and_datasets_do_not_mix() {
        let scores = vec![
            score("m", "d", Better::Lower, 2.05, 3),
            score("m", "d", Better::Lower, 1.0, 2),
            score("m", "other", Better::Lower, 1.5, 1),
        ];
        let ranked = rank(scores);
        assert_eq!(ranked[0].boards.len(), 2);
        assert_eq!(names(&ranked[0].boards[0]), [BASELINE, "m"]);
        let entry = &ranked[0].boards[0].entries[1];
        assert!(!entry.significant, "0.05 ± 0.1 is no difference: {entry:?}");
    }
}
