//! Floor 5: the binary: configuration, wiring, command line.
//!
//! Map: [`cli`] the command line's shape · [`config`] settings · [`platforms`] what is wired to what ·
//! [`server`] `mosu up` · [`demo`] `mosu demo` · [`commands`] the others · [`client`] our API over HTTP ·
//! [`output`] tables and JSON.

mod cli;
mod client;
mod commands;
mod config;
mod demo;
mod output;
mod platforms;
mod server;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
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
