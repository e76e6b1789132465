//! The command line's shape.

mod corpus;
mod job;
mod schedule;

pub use corpus::{Corpus, CorpusRun};
pub use job::{Asks, Job, Run, Submit};
pub use schedule::{Bench, BenchSchedule, Simulate, WhatIf};

use clap::{Args, Parser, Subcommand, ValueHint};
use std::path::PathBuf;

/// Mosu (模速): compute, corpora, models, evaluation, money and services of a city's AI community, in one binary.
///
/// “mosu up” starts the platform. The other commands talk to it (see --endpoint and --token), or work alone on
/// this machine's files: “corpus run”, “simulate”, “evaluate”, “ledger verify --data”, “policy check”.
///
/// Exit status: 0 done, 1 something for you to mend, 2 a failure of ours.
#[derive(Debug, Parser)]
#[command(name = "mosu", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Settings shared by all commands.
    #[command(flatten)]
    pub shared: Shared,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings shared by all commands.
#[derive(Debug, Args)]
pub struct Shared {
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    pub json: bool,
    /// Configuration file; mosu.toml of the working folder when left out
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// The data folder
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Address of the server that commands talk to
    #[arg(long, global = true, env = "MOSU_ENDPOINT", value_name = "URL")]
    pub endpoint: Option<String>,
    /// Token to talk with; else the one in the data folder of the organisation named by --as
    #[arg(long, global = true, env = "MOSU_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Which organisation's key of the data folder to use
    #[arg(
        long = "as",
        global = true,
        env = "MOSU_AS",
        value_name = "ORGANISATION",
        default_value = "operator"
    )]
    pub speaker: String,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the platform on this machine
    Up(Up),
    /// Run the whole line on this machine: from text to a model that is served, paid for and traceable
    Demo(Demo),
    /// Show what the platform does now: capacity, queue, and why jobs wait
    Status,
    /// Submit, run, watch and cancel jobs
    #[command(subcommand)]
    Job(Job),
    /// Clean text into a corpus: here without a server, or as a job
    #[command(subcommand)]
    Corpus(Corpus),
    /// Play public cluster traces under scheduling policies
    Simulate(Simulate),
    /// Measure this machine
    #[command(subcommand)]
    Bench(Bench),
    /// Train a model from scratch on a dataset, as a job
    Train(Train),
    /// List the models that are served, and ask them
    #[command(subcommand)]
    Model(Model),
    /// Score a model beside a baseline: against any OpenAI-compatible server, or as a job
    Evaluate(Evaluate),
    /// Follow a charge from the document to the contributor's share
    Trace {
        /// The charge, such as chg_01k…
        charge: String,
    },
    /// Look into the ledger and prove it
    #[command(subcommand)]
    Ledger(Ledger),
    /// Read the rules, try them, and check a pack
    #[command(subcommand)]
    Policy(Policy),
    /// Apply for services and decide cases
    #[command(subcommand)]
    Service(Service),
    /// Make, list and revoke tokens
    #[command(subcommand)]
    Token(Token),
    /// Show and check the configuration
    #[command(subcommand)]
    Config(Config),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Run a job in its folder; started by the server
    #[command(hide = true)]
    Task {
        /// The job's folder
        folder: PathBuf,
    },
}

/// `mosu up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// A postgres:// URL; SQLite in the data folder when left out
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `mosu demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// A folder or zip of your own text (.txt .md .html .jsonl) instead of this program's packages' documentation
    #[arg(long, value_name = "DIR", value_hint = ValueHint::AnyPath)]
    pub text: Option<PathBuf>,
    /// Seconds of training
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub train_seconds: u64,
    /// Stop the server at the end instead of leaving the console open
    #[arg(long)]
    pub exit: bool,
}

/// `mosu train`.
#[derive(Debug, Args)]
pub struct Train {
    /// The dataset, as organisation/name or dataset:organisation/name@commit
    pub dataset: String,
    /// The model to publish, as organisation/name
    pub repo: String,
    /// Seconds of training
    #[arg(long, default_value_t = 100)]
    pub seconds: u64,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Price of a million input tokens, in CNY
    #[arg(long, default_value = "1.00")]
    pub price_input: String,
    /// Price of a million output tokens, in CNY
    #[arg(long, default_value = "4.00")]
    pub price_output: String,
    /// Wait for its end
    #[arg(long)]
    pub wait: bool,
}

/// `mosu model`.
#[derive(Debug, Subcommand)]
pub enum Model {
    /// List the models that are served
    List,
    /// Show one model: prices, lineage
    Show {
        /// The model, as organisation/name
        name: String,
    },
    /// Let a model go on with a text
    Ask {
        /// The model
        name: String,
        /// The beginning of the text
        prompt: String,
        /// Tokens to write at the most
        #[arg(long, default_value_t = 64)]
        max_tokens: u32,
    },
}

/// `mosu evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The model's name at the server
    pub model: String,
    /// The dataset, as organisation/name (a job), or a dataset folder on this machine (here and now)
    pub dataset: String,
    /// Seed of the task and of the intervals
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Wait for the job's end
    #[arg(long)]
    pub wait: bool,
}

/// `mosu ledger`.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Derive every balance again, sum every commodity, walk both hash chains
    ///
    /// Reads the database of the data folder (or of the configuration) directly, beside a running server or
    /// without one. Exit status 1 when something does not hold.
    Verify {
        /// The transfers' last hash as noted earlier: it must still be in the chain
        #[arg(long, value_name = "HASH")]
        contains: Option<String>,
        /// A postgres:// URL; the configuration's database when left out
        #[arg(long, value_name = "URL")]
        database: Option<String>,
    },
    /// List accounts and what they hold
    Accounts,
    /// List the transfers of an account
    Transfers {
        /// The account
        account: String,
    },
    /// List charges, newest first
    Charges,
}

/// `mosu policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// List the rules in force
    List,
    /// Show one rule with its source
    Show {
        /// The rule
        id: String,
    },
    /// Ask what a rule would grant, without granting it
    Decide {
        /// The rule
        id: String,
        /// The facts, as JSON (see “policy show”)
        facts: String,
    },
    /// Put money from the budget into a rule's pot
    Fund {
        /// The rule
        id: String,
        /// How much, in CNY
        amount: String,
    },
    /// List vouchers
    Vouchers,
    /// Check a pack's files without a server
    Check {
        /// The pack's folder; the one that ships with the program when left out
        #[arg(value_hint = ValueHint::DirPath)]
        folder: Option<PathBuf>,
    },
}

/// `mosu service`.
#[derive(Debug, Subcommand)]
pub enum Service {
    /// List the services
    List,
    /// Open a case: apply for a service
    Apply {
        /// The service
        id: String,
        /// The form, as JSON
        form: String,
    },
    /// List cases
    Cases,
    /// Show one case
    Show {
        /// The case
        id: String,
    },
    /// Decide a case's step
    Decide {
        /// The case
        id: String,
        /// approve or reject
        verdict: String,
        /// Why; needed to reject
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Get the token of an approved residency, once, with the case's claim code
    Claim {
        /// The case
        id: String,
        /// The code that was shown when the case was opened
        code: String,
    },
}

/// `mosu token`.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Say whose the token in use is
    Whoami,
    /// List the organisation's tokens
    List,
    /// Make a token; its secret is shown once
    Create {
        /// What you call it
        name: String,
        /// What it allows: read, write, call, operate, audit, watch
        #[arg(long, default_value = "read write call")]
        scopes: String,
        /// Days that it lasts
        #[arg(long, default_value_t = 90)]
        days: i64,
    },
    /// End a token
    Revoke {
        /// The token
        id: String,
    },
}

/// `mosu config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print every setting, its value and where it came from; secrets are hidden
    Check,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
