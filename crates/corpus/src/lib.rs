//! Floor 3: the corpus toolchain (语料): read, clean, deduplicate, split, document.
//!
//! [`pipeline::clean`] needs no server: it turns a folder or a zip of text into a data set with a card, a
//! waterfall of what each step kept and dropped, and a list of who gave what. The job `corpus.build` runs the
//! same function and publishes its result to the hub.
//!
//! Invariants:
//! - the same input and options give the same bytes, whatever the number of threads;
//! - nothing of the input is trusted: sizes, names, encodings, archives and records are bounded and checked, and
//!   what is refused is listed with its reason;
//! - an output is complete or absent: it is written beside its place and renamed;
//! - memory grows with the number of documents, not with their size;
//! - the held-out part is chosen after duplicates are removed, so nothing of it was trained on.
//!
//! Map: [`read`] folders, zips, JSONL, provenance · [`extract`] Markdown and HTML to text · [`text`] clean text and
//! words · [`filter`] quality and repetition rules · [`dedup`] exact and near duplicates · [`split`] held-out
//! choice · [`report`] waterfall, contributions, card · [`pipeline`] all of it together, told by [`options`] ·
//! [`packages`] and [`bundle`] make input bundles · [`jobs`] the kind `corpus.build` · [`types`], [`ops`] and
//! [`http`] show what was published.

pub mod bundle;
pub mod dedup;
pub mod extract;
pub mod filter;
pub mod http;
pub mod jobs;
pub mod ops;
pub mod options;
pub mod packages;
pub mod pipeline;
pub mod read;
pub mod report;
pub mod split;
pub mod text;
pub mod types;

pub use ops::Corpus;
pub use options::Options;
pub use pipeline::{Progress, clean};
pub use report::{Drop, Report, Share, Step};
