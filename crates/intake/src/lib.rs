//! Floor 1: reading: containers, compression, encodings and formats from WARC to PDF, none of it trusted.
//!
//! [`plan`] looks an input over and cuts it into shards; [`read()`] turns a shard into [`Record`]s, on any thread.
//!
//! - **Whatever can't be read is one [`Broken`] and the run goes on.** Only an input that can't be opened at all, or
//!   a provenance file that can't be believed, is an error.
//! - **Time and memory are bounded** by [`Limits`], whatever the input says of itself. No function recurses by what
//!   it reads; names never lead out of the input; links are not followed.
//! - **The same input and options give the same shards, records and ids,** with any number of threads.
//!
//! Map: [`plan()`] listing and cutting · [`read()`] from a shard to its format · formats: `jsonl` over `json` and
//! `lines`, `warc`, `table` for CSV and TSV, `parquet`, `epub`, `pdf` · containers: `archive` for zip and tar,
//! `unpack` for gzip and zstd · `charset` bytes to text · [`Provenance`] who gave what · `fields` which column means
//! what · [`read_split`] parts of a data set · `stop` what ends a file and what the run.

mod archive;
mod charset;
mod epub;
mod fields;
mod json;
mod jsonl;
mod kind;
mod lines;
mod options;
mod parquet;
mod pdf;
mod place;
mod plan;
mod provenance;
mod read;
mod record;
mod split;
mod stop;
mod table;
mod unpack;
mod warc;

pub use jsonl::read_line;
pub use kind::{Format, Kind, Packing};
pub use options::{Fields, Limits, Options};
pub use plan::{Listed, Listing, Part, Piece, Plan, Shard, list, open, plan};
pub use provenance::{Line as ProvenanceLine, Origin, PROVENANCE_FILE, Provenance};
pub use read::read;
pub use record::{Broken, Form, Position, Record};
pub use split::{is_of_split, read_split};
