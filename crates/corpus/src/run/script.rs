//! A run as job arrays of Slurm: one array a stage, each waiting for the whole one before.

use super::stages;
use crate::recipe::Recipe;
use kernel::{Error, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Most tasks of an array that are asked for; Slurm's own limit is often 1,001.
const TASKS: usize = 1_000;

/// A shell script that submits the run of `recipe` (`name` as it was given) with arrays of `tasks` tasks. The folders
/// must be shared by all nodes.
pub fn slurm(
    recipe: &Recipe,
    name: &str,
    input: &Path,
    output: &Path,
    program: &Path,
    tasks: usize,
) -> Result<String> {
    if !(1..=TASKS).contains(&tasks) {
        return Err(Error::invalid(
            "corpus_stage_invalid",
            format!("an array has 1 to {TASKS} tasks, not {tasks}"),
        ));
    }
    let name = match name.strip_prefix("builtin:") {
        Some(_) => name.to_owned(),
        None => quoted(&absolute(Path::new(name))?),
    };
    let (input, output, program) = (absolute(input)?, absolute(output)?, absolute(program)?);
    let mut script = String::from(
        "#!/bin/sh\n# Submits a corpus run to Slurm: arrays with a barrier after each. A failed run goes on when this is \
         run again.\nset -eu\nafter=\n",
    );
    for (stage, shared) in stages(recipe) {
        let array = if shared { format!(" --array=0-{}", tasks - 1) } else { String::new() };
        let (index, of) =
            if shared { ("$SLURM_ARRAY_TASK_ID".to_owned(), tasks) } else { ("0".to_owned(), 1) };
        let command = format!(
            "{} corpus task {name} {} {} --stage {stage} --index {index} --of {of} --workers 1",
            quoted(&program),
            quoted(&input),
            quoted(&output)
        );
        // Single quotes: the index is read by the job's shell, not by this one.
        let wrapped = command.replace('\'', "'\\''");
        script.push_str(&format!(
            "job=$(sbatch --parsable --job-name=corpus-{stage}{array} $after --wrap '{wrapped}')\necho \"{stage} $job\"\n\
             after=\"--dependency=afterok:$job --kill-on-invalid-dep=yes\"\n"
        ));
    }
    Ok(script)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    let found = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    found.map_err(|error| {
        Error::invalid("corpus_stage_invalid", format!("{} is no path: {error}", path.display()))
    })
}

/// A path for a shell, in double quotes.
fn quoted(path: &Path) -> String {
    let mut text = String::from("\"");
    for letter in path.display().to_string().chars() {
        if matches!(letter, '\\' | '"' | '$' | '`') {
            text.push('\\');
        }
        text.push(letter);
    }
    text.push('"');
    text
}
