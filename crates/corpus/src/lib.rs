//! Floor 3: the corpus toolchain (语料): recipes, and runs that turn any input into clean records or a data set.
//!
//! [`run::run`] needs no server: it takes a recipe, an input and an output folder. The job `corpus.build` runs the same
//! and publishes the result to the hub. What happens to one document, one page, one set of duplicates is decided in
//! the crates `intake`, `extract`, `text` and `dedup` below; here is what connects them.
//!
//! Invariants:
//! - the same input and recipe give the same data files, whatever the number of workers, and after any kill;
//! - nothing of the input is trusted: what can't be read is listed with its reason, and the run goes on;
//! - an output is complete or absent: it is made beside its place and renamed;
//! - memory grows by some bytes a document, not by their size: documents wait in files;
//! - the held-out part is chosen after duplicates are removed, so nothing of it was trained on.
//!
//! Map: [`recipe`] what to do · [`step`] one document at a time · [`run`] shards, barriers, parts, tasks · [`licence`] what licences
//! allow · [`report`] waterfall, contributions, card · [`words`] counting · [`tokens`] tokenizers · [`packages`] and [`bundle`] make input
//! bundles · [`jobs`] the kind `corpus.build` · [`types`], [`ops`] and [`http`] show what was published.

pub mod bundle;
pub mod http;
pub mod jobs;
pub mod licence;
pub mod ops;
pub mod packages;
pub mod recipe;
pub mod report;
pub mod run;
pub mod step;
pub mod tokens;
pub mod types;
pub mod words;

pub use ops::Corpus;
pub use recipe::Recipe;
pub use report::{Drop, Report, Share, Step};
