//! Web archives: WARC with pages as they came, WET with their texts.
//!
//! A packed WARC has a gzip member for each record. Members are unpacked whole, by libdeflate, and records are read
//! where they lie in memory; what doesn't fit, or is damaged, goes the slow way, as a stream.

mod http;
mod inflate;
mod member;
mod record;
mod stream;
mod window;

pub(crate) use member::members;
pub(crate) use stream::stream;
