//! A program of the user's own as a step: one JSON line in, one JSON line out.

use super::{Document, Reason, Worker};
use crate::recipe::Command;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

/// Longest answer that is read, in bytes.
const ANSWER_BYTES: u64 = 256 << 20;

/// What the program is told of a document.
#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    text: &'a str,
    url: &'a str,
}

/// What it answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    keep: bool,
    reason: Option<String>,
    text: Option<String>,
}

/// The program, running.
pub struct Process {
    name: String,
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    line: Vec<u8>,
}

/// Refuses a command without a program.
pub fn check(command: &Command) -> Result<()> {
    if command.run.first().is_none_or(String::is_empty) {
        return Err(Error::invalid(
            "corpus_recipe_invalid",
            "`run` names a program, such as [\"python3\", \"judge.py\"]",
        ));
    }
    Ok(())
}

impl Process {
    /// Starts the program.
    pub fn start(command: &Command) -> Result<Self> {
        check(command)?;
        let name = command.run.join(" ");
        let mut child = std::process::Command::new(&command.run[0])
            .args(&command.run[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&name, &format!("it does not start: {error}")))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let answers = BufReader::new(answers.ok_or_else(|| failed(&name, "it has no output"))?);
        Ok(Self { name, child, questions, answers, line: Vec::new() })
    }

    fn ask(&mut self, document: &Document<'_>) -> std::io::Result<()> {
        let question = Question { id: &document.id, text: &document.text, url: &document.url };
        self.line.clear();
        serde_json::to_writer(&mut self.line, &question)?;
        self.line.push(b'\n');
        let input = self.questions.as_mut().ok_or_else(|| std::io::Error::other("its input is closed"))?;
        input.write_all(&self.line)?;
        self.line.clear();
        self.answers.by_ref().take(ANSWER_BYTES).read_until(b'\n', &mut self.line).map(drop)
    }
}

impl Worker for Process {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        let asked = self.ask(document);
        if self.line.is_empty() || asked.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            return Err(failed(&self.name, &format!("it ended before it answered for {}", document.id)));
        }
        asked.map_err(|error| failed(&self.name, &format!("at {}: {error}", document.id)))?;
        let answer: Answer = serde_json::from_slice(&self.line).map_err(|error| {
            failed(&self.name, &format!("its answer for {} is not {{\"keep\": ..}}: {error}", document.id))
        })?;
        if let Some(text) = answer.text {
            document.text = text.into();
        }
        Ok((!answer.keep).then(|| answer.reason.unwrap_or_else(|| "command".into()).into()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Its input closes, so it ends by itself; a program that does not read is ended.
        self.questions = None;
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn failed(name: &str, why: &str) -> Error {
    Error::invalid("corpus_command_failed", format!("the step's program `{name}`: {why}"))
}
