//! The shape of `mosu corpus`.

use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `mosu corpus`.
#[derive(Debug, Subcommand)]
pub enum Corpus {
    /// Run a recipe over an input, here and now, without a server; a killed run goes on when it is started again
    Run {
        /// What it is about.
        #[command(flatten)]
        run: CorpusRun,
        /// Threads; one per core when left out
        #[arg(long, default_value_t = 0)]
        workers: usize,
        /// Write the ids of kept documents here, one a line, sorted
        #[arg(long, value_hint = ValueHint::FilePath)]
        kept_ids: Option<PathBuf>,
        /// Show what the first N documents would become, and write nothing
        #[arg(long, value_name = "N")]
        dry_run: Option<usize>,
    },
    /// Say what each step of a recipe will do, and where it comes from
    Explain {
        /// A TOML file or builtin:NAME
        recipe: String,
    },
    /// Print a recipe that comes with the program, to copy and change
    Recipe {
        /// Its name; all names when left out
        name: Option<String>,
    },
    /// Do one task of a run, as a job array does it
    Task {
        /// What it is about.
        #[command(flatten)]
        run: CorpusRun,
        /// map-0, barrier-0, .., write or finish
        #[arg(long)]
        stage: String,
        /// Which task, from 0
        #[arg(long, default_value_t = 0)]
        index: usize,
        /// How many tasks share the stage
        #[arg(long, default_value_t = 1)]
        of: usize,
        /// Threads; one per core when left out
        #[arg(long, default_value_t = 0)]
        workers: usize,
    },
    /// Print a shell script that runs a recipe on Slurm, as job arrays with barriers between them
    Slurm {
        /// What it is about.
        #[command(flatten)]
        run: CorpusRun,
        /// Tasks of each array
        #[arg(long, default_value_t = 8)]
        tasks: usize,
    },
    /// Clean a folder or archive of text into a dataset folder: the recipe builtin:default under a title of yours
    Clean {
        /// Text: a folder, an archive or a file
        #[arg(value_hint = ValueHint::AnyPath)]
        input: PathBuf,
        /// The dataset's folder, made by this
        #[arg(value_hint = ValueHint::DirPath)]
        output: PathBuf,
        /// Threads; one per core when left out
        #[arg(long, default_value_t = 0)]
        workers: usize,
        /// The dataset's title
        #[arg(long, default_value = "Corpus")]
        title: String,
    },
    /// Train a byte-level BPE tokenizer on text; writes a tokenizer.json
    TrainTokenizer {
        /// What is read: a folder, a file or an archive
        #[arg(value_hint = ValueHint::AnyPath)]
        input: PathBuf,
        /// The tokenizer.json that is made
        #[arg(value_hint = ValueHint::FilePath)]
        output: PathBuf,
        /// Ids of the vocabulary
        #[arg(long, default_value_t = 32_000)]
        vocabulary: usize,
    },
    /// Write the tokens of text as an indexed dataset of Megatron-LM: PREFIX.bin and PREFIX.idx
    Pack {
        /// A tokenizer.json
        #[arg(value_hint = ValueHint::FilePath)]
        tokenizer: PathBuf,
        /// What is read: a folder, a file or an archive
        #[arg(value_hint = ValueHint::AnyPath)]
        input: PathBuf,
        /// Where the two files go, without their endings
        prefix: PathBuf,
        /// A token to end each document with, such as <|endoftext|>
        #[arg(long)]
        end: Option<String>,
    },
    /// Upload text and build a dataset of it on the platform, as a job
    Build {
        /// Text: a folder or zip of .txt .md .html .jsonl
        #[arg(value_hint = ValueHint::AnyPath)]
        input: PathBuf,
        /// The dataset to publish, as organisation/name
        repo: String,
        /// The dataset's title
        #[arg(long, default_value = "Corpus")]
        title: String,
        /// A TOML file or builtin:NAME
        #[arg(long, default_value = "builtin:default")]
        recipe: String,
        /// Wait for its end
        #[arg(long)]
        wait: bool,
    },
    /// List datasets
    List,
    /// Show a dataset: what each step kept, who contributed
    Show {
        /// The dataset, as organisation/name
        repo: String,
    },
}

/// What a corpus run is about.
#[derive(Debug, Args)]
pub struct CorpusRun {
    /// A TOML file or builtin:NAME (`mosu corpus recipe` lists them)
    pub recipe: String,
    /// What is read: a folder, a file or an archive
    #[arg(value_hint = ValueHint::AnyPath)]
    pub input: PathBuf,
    /// The folder that is made
    #[arg(value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
}
