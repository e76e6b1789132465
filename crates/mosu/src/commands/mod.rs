//! The commands, a file each where they are more than a few lines.

pub mod corpus;
pub mod evaluate;
pub mod job;
mod ledger;
mod policy;
mod service;
mod simulate;
mod small;
mod status;
pub mod train;

use crate::{
    cli::{Cli, Command, Shared},
    client::{Client, UserError, read_endpoint, read_key},
    config::{self, Flag, Loaded},
    demo,
    output::Output,
    platforms, server,
};
use anyhow::{Error, Result, anyhow};
use clap::CommandFactory;
use kernel::Kind;
use std::process::ExitCode;

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<ExitCode> {
    let shared = &cli.shared;
    let out = Output { json: shared.json };
    match cli.command {
        Command::Up(up) => {
            let flags = [("listen", up.listen), ("database", up.database)];
            server::up(&settings(shared, &flags)?.config)?;
        }
        Command::Demo(args) => {
            let flags = [("listen", args.listen.clone())];
            demo::run(&settings(shared, &flags)?.config, &args)?;
        }
        Command::Task { folder } => return Ok(compute::task::main(&folder, &platforms::tasks())),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "mosu", &mut std::io::stdout());
        }
        Command::Config(crate::cli::Config::Check) => small::check_config(&settings(shared, &[])?, out)?,
        Command::Ledger(command) => return ledger::run(command, shared, out),
        Command::Corpus(command) => corpus::run(command, shared, out)?,
        Command::Bench(crate::cli::Bench::Schedule(args)) => simulate::bench(&args, out)?,
        Command::Simulate(args) => simulate::run(&args, out)?,
        Command::Evaluate(args) => evaluate::run(&args, shared, out)?,
        Command::Policy(command) => policy::run(command, shared, out)?,
        Command::Job(command) => return job::run(command, &client(shared)?, out),
        Command::Train(args) => train::run(&args, &client(shared)?, out)?,
        Command::Service(command) => service::run(command, &client(shared)?, out)?,
        Command::Status => status::run(&client(shared)?, out)?,
        Command::Model(command) => small::model(command, &client(shared)?, out)?,
        Command::Token(command) => small::token(command, &client(shared)?, out)?,
        Command::Trace { charge } => small::trace(&charge, &client(shared)?, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings, with the flags of the `[server]` section that a command takes.
fn settings(shared: &Shared, flags: &[(&'static str, Option<String>)]) -> Result<Loaded> {
    let data = shared.data.as_ref().map(|path| path.display().to_string());
    let given = flags.iter().cloned().chain([("data", data)]);
    let flags: Vec<Flag> = given.filter_map(|(key, value)| Some(("server", key, value?))).collect();
    config::load(shared.config.as_deref(), &flags).map_err(|error| anyhow!(UserError(format!("{error:#}"))))
}

/// A client of the server that the flags, the environment or the data folder name.
fn client(shared: &Shared) -> Result<Client> {
    let config = settings(shared, &[])?.config;
    let data = &config.server.data;
    let endpoint = shared.endpoint.clone().or_else(|| read_endpoint(data));
    let endpoint = endpoint.unwrap_or_else(|| format!("http://{}", config.server.listen));
    let token = shared.token.clone().or_else(|| read_key(data, &shared.speaker));
    Ok(Client::new(&endpoint, token.as_deref()))
}

/// The text of a failure with its causes.
pub fn explain(error: &Error) -> String {
    match error.downcast_ref::<kernel::Error>() {
        Some(ours) => ours.chain(),
        None => format!("{error:#}"),
    }
}

/// Whether a failure is the user's to mend.
pub fn is_users(error: &Error) -> bool {
    match error.downcast_ref::<kernel::Error>() {
        Some(ours) => !matches!(ours.kind, Kind::Internal | Kind::Unavailable),
        None => error.downcast_ref::<UserError>().is_some(),
    }
}
