//! The options of `srun` that a step may use. Pure.

use kernel::{Error, Result};

/// What becomes of an option.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Handed on with its number.
    Number,
    /// Handed on; it has no value.
    Flag,
    /// Left out with its value: the job's own resources say it.
    LeftOut,
    /// Left out; it has no value.
    LeftOutFlag,
}

/// Those that are known. What names files or other jobs is not among them: the real `srun` isn't in the cell.
const KNOWN: [(&str, &str, Fate); 22] = [
    ("n", "ntasks", Fate::Number),
    ("N", "nodes", Fate::Number),
    ("c", "cpus-per-task", Fate::Number),
    ("", "ntasks-per-node", Fate::Number),
    ("l", "label", Fate::Flag),
    ("u", "unbuffered", Fate::Flag),
    ("", "overlap", Fate::Flag),
    ("K", "kill-on-bad-exit", Fate::LeftOutFlag),
    ("", "exact", Fate::LeftOutFlag),
    ("", "exclusive", Fate::LeftOutFlag),
    ("v", "verbose", Fate::LeftOutFlag),
    ("G", "gpus", Fate::LeftOut),
    ("", "gpus-per-node", Fate::LeftOut),
    ("", "gpus-per-task", Fate::LeftOut),
    ("", "gres", Fate::LeftOut),
    ("", "mem", Fate::LeftOut),
    ("", "mem-per-cpu", Fate::LeftOut),
    ("", "mpi", Fate::LeftOut),
    ("", "cpu-bind", Fate::LeftOut),
    ("", "gpu-bind", Fate::LeftOut),
    ("t", "time", Fate::LeftOut),
    ("J", "job-name", Fate::LeftOut),
];

/// What a step asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Tasks, where it says so.
    pub tasks: Option<u32>,
    /// Options for the real `srun`.
    pub handed_on: Vec<String>,
    /// Names of options that are left out.
    pub left_out: Vec<&'static str>,
    /// Program and arguments.
    pub command: Vec<String>,
}

fn wrong(text: String) -> Error {
    Error::invalid("srun_option", text)
}

/// Reads the arguments of `srun`. Fails with `srun_option`, naming the one that can't be used.
pub fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        if word == "--" || !word.starts_with('-') || word == "-" {
            options.command =
                Some(word).filter(|word| *word != "--").into_iter().chain(rest).cloned().collect();
            break;
        }
        let (name, value) = split(word);
        let known = KNOWN.iter().find(|(short, long, _)| [*short, *long].contains(&name));
        let Some((_, long, fate)) = known.filter(|_| !name.is_empty()) else {
            return Err(wrong(format!(
                "srun: “{word}” can't be used inside a job here; it knows -n, -N, -c, --ntasks-per-node, -l, -u and \
                 --overlap; redirect output with the shell"
            )));
        };
        let valued = matches!(fate, Fate::Number | Fate::LeftOut);
        let value = match value {
            None if valued => rest.next().map(String::as_str),
            given => given.filter(|_| valued),
        };
        match fate {
            Fate::Number => {
                let number = value.and_then(|value| value.parse::<u32>().ok()).filter(|number| *number > 0);
                let number =
                    number.ok_or_else(|| wrong(format!("srun: --{long} needs a whole number above zero")))?;
                options.handed_on.push(format!("--{long}={number}"));
                if *long == "ntasks" {
                    options.tasks = Some(number);
                }
            }
            Fate::Flag => options.handed_on.push(format!("--{long}")),
            Fate::LeftOut | Fate::LeftOutFlag => options.left_out.push(long),
        }
    }
    if options.command.is_empty() {
        return Err(wrong("srun: there is no command to start".into()));
    }
    Ok(options)
}

/// Name and value of a word: `--ntasks=4`, `-n4`.
fn split(word: &str) -> (&str, Option<&str>) {
    if let Some(long) = word.strip_prefix("--") {
        return long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
    }
    let short = word.trim_start_matches('-');
    let end = short.char_indices().nth(1).map_or(short.len(), |(at, _)| at);
    (&short[..end], Some(&short[end..]).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Options> {
        parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn reads_the_forms_that_people_write() {
        for line in [
            "-n 4 -l --mpi=none python train.py -n 9",
            "--ntasks=4 --label --mpi none -- python train.py -n 9",
        ] {
            let options = of(line).unwrap();
            assert_eq!((options.tasks, options.left_out), (Some(4), vec!["mpi"]), "{line}");
            assert_eq!(options.handed_on, ["--ntasks=4", "--label"]);
            assert_eq!(options.command, ["python", "train.py", "-n", "9"]);
        }
        assert_eq!(of("-n2 true").unwrap().tasks, Some(2));
        assert_eq!(of("-K hostname").unwrap().command, ["hostname"]);
    }

    #[test]
    fn names_what_it_cannot_use() {
        for line in [
            "-o /etc/passwd true",
            "--jobid=7 true",
            "--export=ALL true",
            "-n x true",
            "-n 0 true",
            "-l",
            "-n",
        ] {
            assert_eq!(of(line).unwrap_err().code, "srun_option", "{line}");
        }
    }
}
