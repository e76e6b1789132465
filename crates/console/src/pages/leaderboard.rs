//! The leaderboard: is this model better, and are we sure?

use super::names::{href_of, reference, word};
use crate::{
    Console,
    charts::{Interval, Intervals},
    lang::Lang,
    views::{Block, Cell, Mark, Page, Shell, State as Standing, Table},
    web::{Answer, Visit},
};
use axum::extract::State;
use evaluation::{Board, Entry, Estimate, Leaderboard, types::Better};
use kernel::Result;

/// `GET /leaderboard`
pub async fn show_leaderboard(State(console): State<Console>, visit: Visit) -> Answer {
    let lang = visit.lang();
    let boards = console.evaluation.leaderboards().await?;
    let mut blocks = Vec::new();
    for leaderboard in &boards {
        for board in leaderboard.boards.iter().take(5) {
            blocks.extend(draw(&visit.shell, leaderboard, board));
        }
    }
    if blocks.is_empty() {
        blocks.push(Block::Empty {
            text: lang.t("leaderboard-empty"),
            command: format!("mosu evaluate {} {} --wait", visit.own("tiny"), visit.own("notes")),
        });
    }
    let lead = verdict(lang, &boards).unwrap_or_else(|| lang.t("leaderboard-lead"));
    let page = Page::new(&visit.shell, lang.t("nav-leaderboard"), lead, blocks);
    Ok(visit.show(
        &page.command("curl -H \"Authorization: Bearer $MOSU_TOKEN\" \"$MOSU_ENDPOINT/api/v1/leaderboards\""),
    ))
}

/// The best model of the first board against the baseline, in a sentence.
fn verdict(lang: Lang, boards: &[Leaderboard]) -> Option<String> {
    let leaderboard = boards.first()?;
    let best = leaderboard.boards.first()?.entries.iter().find(|entry| !entry.baseline)?;
    let difference = best.difference?;
    let better = is_better(leaderboard.better, &difference);
    let values =
        [("model", best.name.as_str().into()), ("task", word(lang, "task", &leaderboard.task).into())];
    Some(match (best.significant, better) {
        (true, true) => lang.ta("verdict-better", &values),
        (true, false) => lang.ta("verdict-worse", &values),
        (false, _) => lang.ta("verdict-unsure", &values),
    })
}

fn is_better(better: Better, difference: &Estimate) -> bool {
    match better {
        Better::Lower => difference.value < 0.0,
        Better::Higher => difference.value > 0.0,
    }
}

fn interval_text(estimate: &Estimate) -> String {
    format!("{:.3} [{:.3}, {:.3}]", estimate.value, estimate.low, estimate.high)
}

fn draw(shell: &Shell, leaderboard: &Leaderboard, board: &Board) -> Vec<Block> {
    let lang = shell.lang;
    let metric = word(lang, "metric", &leaderboard.metric);
    let measure = match leaderboard.better {
        Better::Lower => lang.ta("lower-better", &[("metric", metric.into())]),
        Better::Higher => lang.ta("higher-better", &[("metric", metric.into())]),
    };
    let row = |entry: &Entry| Interval {
        label: name(lang, entry),
        href: entry.model_reference.as_deref().and_then(href_of).or(Some(format!("/jobs/{}", entry.job))),
        low: entry.score.low,
        value: entry.score.value,
        high: entry.score.high,
        text: interval_text(&entry.score),
        baseline: entry.baseline,
    };
    let title = word(lang, "task", &leaderboard.task);
    let description: Vec<String> = board
        .entries
        .iter()
        .take(20)
        .map(|entry| format!("{} {}", entry.name, interval_text(&entry.score)))
        .collect();
    let chart = Intervals {
        title: title.clone(),
        description: description.join("; "),
        measure,
        rows: board.entries.iter().map(row).collect(),
    };
    let note = lang.ta(
        "board-note",
        &[("items", board.items.into()), ("dataset", reference(&board.dataset).text.into())],
    );
    vec![Block::figure(title, note, &chart), Block::Table(table(shell, leaderboard.better, board))]
}

fn name(lang: Lang, entry: &Entry) -> String {
    if entry.baseline { format!("{} ({})", entry.name, lang.t("baseline")) } else { entry.name.clone() }
}

fn table(shell: &Shell, better: Better, board: &Board) -> Table {
    let lang = shell.lang;
    let row = |entry: &Entry| {
        let ahead = entry.difference.as_ref().is_some_and(|difference| is_better(better, difference));
        let (mark, word) = match (entry.baseline, entry.significant, ahead) {
            (true, _, _) => (Mark::Off, "baseline"),
            (false, true, true) => (Mark::Good, "surely-better"),
            (false, true, false) => (Mark::Bad, "surely-worse"),
            (false, false, _) => (Mark::Wait, "unsure"),
        };
        let sure = Standing { mark, word: lang.t(word) };
        let difference = entry.difference.as_ref().map(interval_text).unwrap_or_else(|| "–".into());
        vec![
            entry.model_reference.as_deref().map_or(Cell::text(name(lang, entry)), reference),
            Cell::state(sure),
            Cell::text(lang.t("job-one")).link(format!("/jobs/{}", entry.job)),
            Cell::time(lang, shell.now, entry.recorded_at),
            Cell::number(interval_text(&entry.score)),
            Cell::number(difference),
        ]
    };
    let heads = ["model", "against-baseline", "measured-by", "when", "score", "difference"]
        .map(|key| lang.t(key))
        .into();
    Table::new(String::new(), heads, board.entries.iter().map(row).collect())
}

/// The boards that a model stands on.
pub async fn of_model(console: &Console, shell: &Shell, name: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for leaderboard in console.evaluation.leaderboards().await? {
        let found =
            leaderboard.boards.iter().find(|board| board.entries.iter().any(|entry| entry.name == name));
        if let Some(board) = found {
            blocks.push(draw(shell, &leaderboard, board).swap_remove(0));
        }
    }
    Ok(blocks)
}
