//! Floor 5: the binary: configuration, wiring, command line.
//!
//! Invariants:
//! - this is the only crate that knows every platform, and it decides nothing: it wires and prints;
//! - data goes to stdout, everything else to stderr; exit status 0 is done, 1 the user's to mend, 2 ours.
//!
//! Map: [`cli`] the command line's shape · [`config`] settings · [`platforms`] what is wired to what ·
//! [`server`] `mosu up` · [`demo`] `mosu demo` · [`commands`] the others · [`client`] our API over HTTP ·
//! [`output`] tables and JSON · [`metrics`] for monitoring systems.

pub mod cli;
pub mod client;
pub mod commands;
pub mod config;
pub mod demo;
pub mod metrics;
pub mod output;
pub mod platforms;
pub mod server;

use clap::Parser;
use std::process::ExitCode;

/// Does what the process' arguments say.
pub fn run() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Help and version are no failure; anything else is the user's to mend.
            return if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mosu: {}", commands::explain(&error));
            ExitCode::from(if commands::is_users(&error) { 1 } else { 2 })
        }
    }
}
