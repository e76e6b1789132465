//! The options of `sbatch`: how they are written and what each is about.

use super::{Given, Remark, lines::Found};
use kernel::{Error, Result};

/// Whether an option takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Never,
    Maybe,
    Always,
}
use Value::{Always, Maybe, Never};

/// An option: long name, short one, whether a value follows.
type Known = (&'static str, Option<char>, Value);

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    ("account", Some('A'), Always), ("array", Some('a'), Always), ("batch", None, Always), ("bb", None, Always),
    ("bbf", None, Always), ("begin", Some('b'), Always), ("chdir", Some('D'), Always),
    ("cluster-constraint", None, Always), ("clusters", Some('M'), Always), ("comment", None, Always),
    ("constraint", Some('C'), Always), ("container", None, Always), ("container-id", None, Always),
    ("contiguous", None, Never), ("core-spec", Some('S'), Always), ("cores-per-socket", None, Always),
    ("cpu-freq", None, Always), ("cpus-per-gpu", None, Always), ("cpus-per-task", Some('c'), Always),
    ("deadline", None, Always), ("delay-boot", None, Always), ("dependency", Some('d'), Always),
    ("distribution", Some('m'), Always), ("error", Some('e'), Always), ("exclude", Some('x'), Always),
    ("exclusive", None, Maybe), ("export", None, Always), ("export-file", None, Always),
    ("extra-node-info", Some('B'), Always), ("get-user-env", None, Maybe), ("gid", None, Always),
    ("gpu-bind", None, Always), ("gpu-freq", None, Always), ("gpus", Some('G'), Always),
    ("gpus-per-node", None, Always), ("gpus-per-socket", None, Always), ("gpus-per-task", None, Always),
    ("gres", None, Always), ("gres-flags", None, Always), ("hint", None, Always), ("hold", Some('H'), Never),
    ("ignore-pbs", None, Never), ("input", Some('i'), Always), ("job-name", Some('J'), Always),
    ("kill-on-invalid-dep", None, Always), ("licenses", Some('L'), Always), ("mail-type", None, Always),
    ("mail-user", None, Always), ("mcs-label", None, Always), ("mem", None, Always),
    ("mem-bind", None, Always), ("mem-per-cpu", None, Always), ("mem-per-gpu", None, Always),
    ("mincpus", None, Always), ("network", None, Always), ("nice", None, Maybe), ("no-kill", Some('k'), Maybe),
    ("no-requeue", None, Never), ("nodefile", Some('F'), Always), ("nodelist", Some('w'), Always),
    ("nodes", Some('N'), Always), ("ntasks", Some('n'), Always), ("ntasks-per-core", None, Always),
    ("ntasks-per-gpu", None, Always), ("ntasks-per-node", None, Always), ("ntasks-per-socket", None, Always),
    ("open-mode", None, Always), ("output", Some('o'), Always), ("overcommit", Some('O'), Never),
    ("oversubscribe", Some('s'), Never), ("parsable", None, Never), ("partition", Some('p'), Always),
    ("power", None, Always), ("prefer", None, Always), ("priority", None, Always), ("profile", None, Always),
    ("propagate", None, Maybe), ("qos", Some('q'), Always), ("quiet", Some('Q'), Never),
    ("reboot", None, Never), ("requeue", None, Never), ("reservation", None, Always),
    ("signal", None, Always), ("sockets-per-node", None, Always), ("spread-job", None, Never),
    ("switches", None, Always), ("test-only", None, Never), ("thread-spec", None, Always),
    ("threads-per-core", None, Always), ("time", Some('t'), Always), ("time-min", None, Always),
    ("tmp", None, Always), ("tres-bind", None, Always), ("tres-per-task", None, Always), ("uid", None, Always),
    ("use-min-nodes", None, Never), ("verbose", Some('v'), Never), ("wait", Some('W'), Never),
    ("wait-all-nodes", None, Always), ("wckey", None, Always), ("wrap", None, Always),
];

/// Reads the words of one directive.
pub(super) fn read(words: &[String], line: usize, found: &mut Found) -> Result<()> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut next = || words.next().cloned();
        if let Some(long) = word.strip_prefix("--") {
            read_long(long, line, &mut next, found)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            read_short(letters, line, &mut next, found)?;
        } else if matches!(word.as_str(), "hetjob" | "packjob") {
            let text = "a job of unlike parts can't be run; write a script for each part";
            return Err(invalid(line, word, text));
        } else {
            found.remarks.push(remark(line, word, "isn't an option, so it is left out"));
        }
    }
    Ok(())
}

fn read_long(
    word: &str,
    line: usize,
    next: &mut impl FnMut() -> Option<String>,
    found: &mut Found,
) -> Result<()> {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let shown = format!("--{}", name.chars().take(60).collect::<String>());
    let (name, takes) = match complete(name) {
        Name::One(name, takes) => (name, takes),
        Name::Unknown => {
            found.remarks.push(remark(line, &shown, "isn't known here, so it is left out"));
            return Ok(());
        }
        Name::Several(names) => return Err(invalid(line, &shown, &format!("can mean {names}"))),
    };
    let value = match (takes, value) {
        (_, Some(value)) => value.to_owned(),
        (Always, None) => next().ok_or_else(|| invalid(line, &shown, "needs a value"))?,
        (Maybe | Never, None) => String::new(),
    };
    found.options.push(Given { line: Some(line), name: name.to_owned(), value });
    Ok(())
}

/// `-n4`, `-n 4`, and letters without values together as in `-kQ`.
fn read_short(
    letters: &str,
    line: usize,
    next: &mut impl FnMut() -> Option<String>,
    found: &mut Found,
) -> Result<()> {
    let mut rest = letters.chars();
    while let Some(letter) = rest.next() {
        let shown = format!("-{letter}");
        let Some((name, _, takes)) = KNOWN.iter().find(|known| known.1 == Some(letter)) else {
            found.remarks.push(remark(line, &format!("-{letters}"), "isn't known here, so it is left out"));
            return Ok(());
        };
        let value = match takes {
            Never | Maybe => String::new(),
            Always if rest.as_str().is_empty() => {
                next().ok_or_else(|| invalid(line, &shown, "needs a value"))?
            }
            Always => std::mem::replace(&mut rest, "".chars()).collect(),
        };
        found.options.push(Given { line: Some(line), name: (*name).to_owned(), value });
    }
    Ok(())
}

enum Name {
    One(&'static str, Value),
    Several(String),
    Unknown,
}

/// The option of this name, or the only one that begins so.
fn complete(name: &str) -> Name {
    if let Some((name, _, takes)) = KNOWN.iter().find(|known| known.0 == name) {
        return Name::One(name, *takes);
    }
    let like: Vec<&Known> =
        KNOWN.iter().filter(|known| !name.is_empty() && known.0.starts_with(name)).collect();
    match like[..] {
        [] => Name::Unknown,
        [(name, _, takes)] => Name::One(name, *takes),
        _ => Name::Several(like.iter().map(|known| format!("--{}", known.0)).collect::<Vec<_>>().join(", ")),
    }
}

fn remark(line: usize, asked: &str, text: &str) -> Remark {
    let asked = asked.chars().take(60).collect();
    Remark { line: Some(line), asked, text: text.to_owned() }
}

fn invalid(line: usize, asked: &str, text: &str) -> Error {
    Error::invalid("script_invalid", format!("line {line}: {asked}: {text}"))
}
