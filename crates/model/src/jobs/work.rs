//! The work of `model.train`, in its own process.

use super::{Spec, card};
use commons::jobs::Task;
use engine::{Model, StepReport, Tokenizer, TrainOptions, Trainer, tokenizer::Encoder};
use kernel::{Error, Result};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Tokens of one step, about.
const STEP_TOKENS: usize = 1024;
/// Points of the loss curve, at most.
const POINTS: f64 = 1000.0;
/// Most bytes of text that are read; a longer dataset is cut there, and `training.json` says so.
const MAX_TEXT_BYTES: usize = 1 << 30;

/// What a training did.
pub(super) struct Facts {
    pub(super) documents: usize,
    pub(super) text_bytes: usize,
    pub(super) text_tokens: usize,
    pub(super) truncated: bool,
    pub(super) parameters: usize,
    pub(super) first_loss: f64,
    pub(super) last: StepReport,
    pub(super) last_loss: f64,
    pub(super) seconds: f64,
}

/// Learns a tokenizer and a model from what was staged and leaves the repository's files.
///
/// # Errors
/// `train_dataset_unsuitable` when there is nothing to learn from; those of the engine.
pub fn run_task(task: &Task) -> Result<Value> {
    let spec = Spec::of(&task.spec)?;
    task.progress(0.0, "reading documents");
    let (texts, truncated) = read(&task.input())?;
    let text_bytes = texts.iter().map(String::len).sum();
    task.log(&format!("{} documents, {text_bytes} bytes", texts.len()));
    task.progress(0.01, "learning the tokenizer");
    let tokenizer = Arc::new(Tokenizer::train(texts.iter().map(String::as_str), spec.vocabulary)?);
    let tokens = encode(&tokenizer, &texts);
    task.log(&format!("{} token ids, {} tokens", tokenizer.len(), tokens.len()));
    let (documents, text_tokens) = (texts.len(), tokens.len());
    drop(texts);
    let model = Model::new(spec.config(tokenizer.len())?, tokenizer, spec.seed)?;
    let parameters = model.config().parameters();
    let (model, mut facts) = train(task, &spec, model, tokens)?;
    facts = Facts { documents, text_bytes, text_tokens, truncated, parameters, ..facts };
    task.progress(0.99, "saving the model");
    model.save(&task.output())?;
    let training = card::training(task, &spec, model.config(), &facts);
    let pretty = serde_json::to_string_pretty(&training).map_err(Error::internal)?;
    write(&task.output().join("training.json"), &pretty)?;
    write(&task.output().join("README.md"), &card::readme(&spec, model.config(), &training))?;
    task.progress(1.0, "done");
    Ok(training)
}

fn train(task: &Task, spec: &Spec, model: Model, tokens: Vec<u32>) -> Result<(Model, Facts)> {
    let options = TrainOptions {
        batch: (STEP_TOKENS / spec.context).max(1),
        sequence: spec.context,
        token_budget: spec.tokens,
        time_budget: spec.seconds.map(Duration::from_secs),
        seed: spec.seed,
        threads: task.cpus,
        ..TrainOptions::default()
    };
    let mut trainer = Trainer::new(model, tokens, options)?;
    let started = Instant::now();
    let mut curve =
        Curve { task, started, shown: -1.0, losses: 0.0, steps: 0.0, tokens: 0, first: None, latest: 0.0 };
    let last = loop {
        let report = trainer.step();
        curve.add(&report);
        if report.progress >= 1.0 {
            break report;
        }
    };
    let facts = Facts {
        documents: 0,
        text_bytes: 0,
        text_tokens: 0,
        truncated: false,
        parameters: 0,
        first_loss: curve.first.unwrap_or(last.loss),
        last,
        last_loss: curve.latest,
        seconds: started.elapsed().as_secs_f64(),
    };
    Ok((trainer.into_model(), facts))
}

/// Tells the loss in points, each the mean since the last.
struct Curve<'t> {
    task: &'t Task,
    started: Instant,
    shown: f64,
    losses: f64,
    steps: f64,
    tokens: u64,
    first: Option<f64>,
    latest: f64,
}

impl Curve<'_> {
    fn add(&mut self, report: &StepReport) {
        self.first.get_or_insert(report.loss);
        self.losses += report.loss;
        self.steps += 1.0;
        if report.progress < 1.0 && report.progress - self.shown < 1.0 / POINTS {
            return;
        }
        self.latest = self.losses / self.steps;
        let speed = (report.tokens - self.tokens) as f64 / self.started.elapsed().as_secs_f64().max(1e-6);
        self.task.metric("loss", report.step, self.latest);
        self.task.metric("tokens_per_second", report.step, speed.round());
        let text = format!("step {}, loss {:.3}", report.step, self.latest);
        self.task.progress(0.02 + 0.96 * report.progress, &text);
        (self.shown, self.losses, self.steps) = (report.progress, 0.0, 0.0);
        (self.started, self.tokens) = (Instant::now(), report.tokens);
    }
}

fn encode(tokenizer: &Tokenizer, texts: &[String]) -> Vec<u32> {
    let mut encoder = Encoder::new(tokenizer);
    let mut tokens = Vec::new();
    for text in texts {
        tokens.push(tokenizer.end_of_text());
        encoder.encode_into(text, &mut tokens);
    }
    tokens.push(tokenizer.end_of_text());
    tokens
}

/// The documents of the train part, in order, and whether there were more than are read.
fn read(folder: &Path) -> Result<(Vec<String>, bool)> {
    let (mut texts, mut bytes, mut cut) = (Vec::new(), 0, false);
    intake::read_split(folder, "train", &mut |record| {
        cut = bytes + record.text.len() > MAX_TEXT_BYTES;
        if !cut {
            bytes += record.text.len();
            texts.push(record.text.into_owned());
        }
        Ok(!cut)
    })?;
    if bytes == 0 {
        let text = "the dataset holds no text to learn from";
        return Err(Error::invalid("train_dataset_unsuitable", text));
    }
    Ok((texts, cut))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path)).map_err(|error| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Error::unavailable(
            "model_files_unwritable",
            format!("{name} can't be written: {error}; free some space"),
        )
    })
}
