//! What a trained model tells of itself: `training.json` for programs, `README.md` for people.

use super::{Spec, work::Facts};
use commons::jobs::Task;
use engine::Config;
use serde_json::{Value, json};

/// The facts of a training: enough to run it again.
pub(super) fn training(task: &Task, spec: &Spec, config: &Config, facts: &Facts) -> Value {
    json!({
        "dataset": spec.dataset,
        "job": task.job,
        "code": {"version": env!("CARGO_PKG_VERSION"), "commit": option_env!("MOSU_GIT_COMMIT")},
        "seed": spec.seed,
        "threads": task.cpus,
        "budget": {"seconds": spec.seconds, "tokens": spec.tokens},
        "shape": {
            "vocabulary": config.vocabulary, "layers": config.layers, "width": config.width,
            "heads": config.heads, "hidden": config.hidden, "context": config.context
        },
        "parameters": facts.parameters,
        "documents": facts.documents,
        "text_bytes": facts.text_bytes,
        "text_tokens": facts.text_tokens,
        "text_truncated": facts.truncated,
        "steps": facts.last.step,
        "tokens": facts.last.tokens,
        "seconds": (facts.seconds * 10.0).round() / 10.0,
        "first_loss": facts.first_loss,
        "last_loss": facts.last_loss,
    })
}

/// The model's card.
pub(super) fn readme(spec: &Spec, config: &Config, training: &Value) -> String {
    let name = &spec.repo;
    let dataset = spec.dataset.trim_start_matches("dataset:").split('@').next().unwrap_or_default();
    let repeat = match spec.tokens {
        Some(_) => {
            "The budget was a number of tokens: the same seed and threads give the same weights again."
        }
        None => "The budget was a time: another run sees another number of tokens.",
    };
    format!(
        "---\nlibrary_name: transformers\npipeline_tag: text-generation\ndatasets:\n- {dataset}\n---\n\n# {name}\n\n\
         A small language model of {parameters} weights, trained from scratch on {source}.\n\
         It is a base model: it goes on with a text and has learned no dialogue.\n\n\
         | | |\n|---|---|\n| shape | {layers} blocks, width {width}, {heads} heads, context {context} |\n\
         | vocabulary | {vocabulary} ids, byte-level BPE |\n| documents | {documents} |\n\
         | tokens seen | {tokens} in {steps} steps |\n| loss | {first:.3} → {last:.3} nats per token |\n\
         | seed | {seed} |\n| job | `{job}` |\n\n{repeat}\nAll facts are in `training.json`.\n",
        parameters = training["parameters"],
        source = spec.dataset,
        layers = config.layers,
        width = config.width,
        heads = config.heads,
        context = config.context,
        vocabulary = config.vocabulary,
        documents = training["documents"],
        tokens = training["tokens"],
        steps = training["steps"],
        first = training["first_loss"].as_f64().unwrap_or_default(),
        last = training["last_loss"].as_f64().unwrap_or_default(),
        seed = spec.seed,
        job = training["job"].as_str().unwrap_or_default(),
    )
}
