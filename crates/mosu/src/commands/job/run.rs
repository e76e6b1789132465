//! `mosu job run`.

use super::{
    follow::{INTERVAL, Log, ending},
    signal::Presses,
    submit, words,
};
use crate::{
    cli::Run,
    client::Client,
    output::{cell, is_watched},
};
use anyhow::Result;
use compute::script;
use serde_json::{Value, json};
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

/// What the shell's own commands answer when Ctrl-C ended them.
const INTERRUPTED: u8 = 130;

/// Submits the command, follows its log, and answers as it ended.
pub fn run(args: &Run, client: &Client) -> Result<ExitCode> {
    let flags = submit::flags(&args.asks, true)?;
    let read = script::command(&args.command, &flags, words::now())?;
    // a command for trying out needs no lecture about defaults
    submit::tell(read.remarks.iter().filter(|remark| !remark.asked.is_empty()));
    submit::hint_at_files(&args.command, &args.asks.files);
    let mut body = json!(read.submission);
    submit::attach(&mut body, &args.asks)?;
    let presses = Presses::count()?;
    let id = cell(&client.post("/api/v1/jobs", &body)?, "/id");
    if is_watched() {
        eprintln!("{id} is submitted");
    }
    follow(client, &id, &presses)
}

fn follow(client: &Client, id: &str, presses: &Presses) -> Result<ExitCode> {
    let (mut log, mut waited, mut interrupted) = (Log::of(id), String::new(), false);
    loop {
        let job = client.get(&format!("/api/v1/jobs/{id}"))?;
        tell_waiting(&job, &mut waited);
        let read = log.print(client)?;
        match job["state"].as_str() {
            Some("succeeded") => return Ok(ExitCode::SUCCESS),
            Some("failed" | "cancelled") => {
                eprintln!("{}", ending(&job));
                return Ok(ExitCode::from(if interrupted { INTERRUPTED } else { 1 }));
            }
            _ if !read => return Ok(ExitCode::SUCCESS),
            _ => {}
        }
        if presses.any() {
            match if interrupted { Wish::Leave } else { ask(id) } {
                Wish::End => {
                    client.post(&format!("/api/v1/jobs/{id}/cancel"), &Value::Null)?;
                    eprintln!("{id} is being ended; Ctrl-C again leaves at once");
                    interrupted = true;
                }
                Wish::Leave => {
                    eprintln!("{id} goes on; “mosu job logs -f {id}” follows it");
                    return Ok(ExitCode::from(INTERRUPTED));
                }
                Wish::Stay => {}
            }
            presses.reset();
        }
        std::thread::sleep(INTERVAL);
    }
}

/// Says why the job waits, once for each reason.
fn tell_waiting(job: &Value, told: &mut String) {
    let reason = cell(job, "/reason/text");
    if job["state"] == "queued" && !reason.is_empty() && reason != *told && is_watched() {
        eprintln!("waiting: {reason}");
        *told = reason;
    }
}

/// What somebody who pressed Ctrl-C wants.
enum Wish {
    End,
    Leave,
    Stay,
}

/// Asks at a terminal; elsewhere the job is ended.
fn ask(id: &str) -> Wish {
    if !io::stdin().is_terminal() {
        return Wish::End;
    }
    eprint!("\nEnd {id}? [y] end it, [n] let it run and leave, [Enter] go on watching: ");
    let mut line = String::new();
    match io::stdin().read_line(&mut line).map(|_| line.trim().to_ascii_lowercase()).as_deref() {
        Ok("y" | "yes") => Wish::End,
        Ok("n" | "no") => Wish::Leave,
        _ => Wish::Stay,
    }
}
