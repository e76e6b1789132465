//! One evaluation from start to end: read the splits, train the baseline, ask the model, compare.

use crate::{
    client::Endpoint,
    documents,
    ngram::Ngram,
    rules::{best_choice, bits, bits_per_byte, bootstrap, wilson},
    tasks::{self, Passage, Question},
    types::{Better, ChoiceSample, Document, Estimate, Options, Outcome, Sample, TaskOutcome},
};
use kernel::{Error, Result};
use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Most text of a held-out split that is read, in bytes.
const HELDOUT_BYTES: usize = 64 << 20;
/// Items of each task that are kept for a reader.
const SAMPLES: usize = 12;

/// Scores the model at `endpoint` on tasks made from the held-out part of the data set in `folder`, beside an n-gram
/// baseline that learns from its train part. `progress` hears the share done (0 to 1) and what is being done.
pub fn score(
    endpoint: &Endpoint,
    folder: &Path,
    options: &Options,
    progress: &(dyn Fn(f64, &str) + Sync),
) -> Result<Outcome> {
    let limits = &options.limits;
    limits.check()?;
    let held = documents::read(folder, "heldout", HELDOUT_BYTES)?;
    let passages = tasks::passages(&held, options.seed, limits)?;
    let questions = tasks::questions(&held, options.seed, limits)?;
    progress(0.0, "training the n-gram baseline");
    let learned = documents::read(folder, "train", limits.train_bytes)?;
    let baseline = Ngram::train(learned.iter().map(|document| document.text.as_bytes()));
    let work = (passages.len() + questions.len()) as f64;
    let report = |done: usize| progress(0.1 + 0.9 * done as f64 / work, "asking the model");
    let costs = each(
        &passages,
        limits.concurrency,
        |passage| Ok((bits(endpoint.text_logprob(&passage.text)?), baseline_bits(&baseline, &passage.text))),
        &report,
    )?;
    let picks = each(
        &questions,
        limits.concurrency,
        |question| {
            let logprobs = endpoint.choice_logprobs(&question.passage, &question.choices)?;
            Ok((pick(question, &logprobs), pick(question, &baseline_logprobs(&baseline, question))))
        },
        &|done| report(passages.len() + done),
    )?;
    Ok(Outcome {
        model: endpoint.model().to_owned(),
        options: options.clone(),
        tasks: vec![compare_costs(&passages, &costs, options), compare_picks(&questions, &picks, options)],
        requests: endpoint.answered(),
        baseline_bytes: learned.iter().map(|document: &Document| document.text.len() as u64).sum(),
    })
}

/// `ask` for each item, several at a time, answers in order; the first failure ends it.
fn each<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    ask: impl Fn(&T) -> Result<R> + Sync,
    report: &(dyn Fn(usize) + Sync),
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Result<R>)>> = Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, items.get(n)?)))
        {
            let answer = ask(item);
            if answer.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            let mut answers = answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            answers.push((index, answer));
            report(answers.len());
        }
    };
    std::thread::scope(|scope| (0..threads.min(items.len())).for_each(|_| drop(scope.spawn(work))));
    let mut answers = answers.into_inner().map_err(|_| Error::internal("an evaluation thread panicked"))?;
    answers.sort_unstable_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn baseline_bits(baseline: &Ngram, text: &str) -> f64 {
    bits(baseline.logprob(text.as_bytes(), 0))
}

fn baseline_logprobs(baseline: &Ngram, question: &Question) -> Vec<f64> {
    let after = |choice: &String| {
        let whole = format!("{}{choice}", question.passage);
        baseline.logprob(whole.as_bytes(), question.passage.len())
    };
    question.choices.iter().map(after).collect()
}

fn pick(question: &Question, logprobs: &[f64]) -> usize {
    let bytes = question.choices.iter().map(|choice| choice.len() as u64);
    let scored: Vec<(f64, u64)> = logprobs.iter().copied().zip(bytes).collect();
    best_choice(&scored).unwrap_or(0)
}

/// Bits per byte over all passages together: long passages weigh more, as in a compressed archive.
fn compare_costs(passages: &[Passage], costs: &[(f64, f64)], options: &Options) -> TaskOutcome {
    let bytes: Vec<u64> = passages.iter().map(|passage| passage.text.len() as u64).collect();
    let rate = |drawn: &[usize], cost: fn(&(f64, f64)) -> f64| {
        let bits = drawn.iter().map(|&index| cost(&costs[index])).sum();
        bits_per_byte(bits, drawn.iter().map(|&index| bytes[index]).sum())
    };
    let interval = |statistic: &dyn Fn(&[usize]) -> f64| resampled(passages.len(), options, statistic);
    let sample = |(index, passage): (usize, &Passage)| Sample {
        document: passage.document.clone(),
        text: passage.text.clone(),
        model: bits_per_byte(costs[index].0, bytes[index]),
        baseline: bits_per_byte(costs[index].1, bytes[index]),
        choice: None,
    };
    TaskOutcome {
        task: tasks::BITS_PER_BYTE.to_owned(),
        metric: "bits_per_byte".to_owned(),
        better: Better::Lower,
        items: passages.len() as u64,
        model: interval(&|drawn| rate(drawn, |cost| cost.0)),
        baseline: interval(&|drawn| rate(drawn, |cost| cost.1)),
        difference: interval(&|drawn| rate(drawn, |cost| cost.0) - rate(drawn, |cost| cost.1)),
        samples: passages.iter().enumerate().take(SAMPLES).map(sample).collect(),
    }
}

fn compare_picks(questions: &[Question], picks: &[(usize, usize)], options: &Options) -> TaskOutcome {
    let right = |index: usize| {
        let (answer, (model, baseline)) = (questions[index].answer, picks[index]);
        (f64::from(u8::from(model == answer)), f64::from(u8::from(baseline == answer)))
    };
    let marks: Vec<(f64, f64)> = (0..questions.len()).map(right).collect();
    let total = |mark: fn(&(f64, f64)) -> f64| marks.iter().map(mark).sum::<f64>() as usize;
    let gain = |drawn: &[usize]| {
        drawn.iter().map(|&index| marks[index].0 - marks[index].1).sum::<f64>() / drawn.len().max(1) as f64
    };
    let sample = |(index, question): (usize, &Question)| Sample {
        document: question.document.clone(),
        text: question.passage.clone(),
        model: marks[index].0,
        baseline: marks[index].1,
        choice: Some(ChoiceSample {
            choices: question.choices.clone(),
            answer: question.answer,
            model: picks[index].0,
            baseline: picks[index].1,
        }),
    };
    TaskOutcome {
        task: tasks::CHOICE.to_owned(),
        metric: "accuracy_per_byte".to_owned(),
        better: Better::Higher,
        items: questions.len() as u64,
        model: wilson(total(|mark| mark.0), questions.len()),
        baseline: wilson(total(|mark| mark.1), questions.len()),
        difference: resampled(questions.len(), options, &gain),
        samples: questions.iter().enumerate().take(SAMPLES).map(sample).collect(),
    }
}

fn resampled(items: usize, options: &Options, statistic: &dyn Fn(&[usize]) -> f64) -> Estimate {
    bootstrap(items, options.limits.resamples, options.seed, statistic)
}
