//! Floor 1: calls to somebody else's HTTP service: bounded, in threads of their own, and with a known answer to "may
//! it have arrived?".
//!
//! What a service means by its answers is for whoever speaks its language; here a status is a number.
//!
//! Invariants:
//! - every answer has a largest size and a latest moment;
//! - "nothing was sent" is said only where that is sure ([`Cause`]);
//! - no token is ever shown, and one in a file is read anew for each call.
//!
//! Map: [`client`] the calls · [`fault`] why one has no answer · [`token`] what proves who asks.

pub mod client;
pub mod fault;
pub mod token;

pub use client::{Client, Reply, Sign, config};
pub use fault::{Cause, Fault};
pub use token::{Token, file};
