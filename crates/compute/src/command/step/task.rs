//! One task of a step: a command in a cell like that of the job's script.

use super::{options, request};
use crate::{
    command::work,
    local::{Folder, TaskFile, folder::read_record},
    task::surroundings,
};
use cell::{End, Order};
use kernel::{Error, Result};
use std::{io, process::ExitCode};

/// Runs the task; what it says goes to this process' standard error.
pub fn run(folder: &Folder, step: &str) -> ExitCode {
    match order(folder, step).and_then(|order| cell::run(&order)) {
        Ok(End::Code(code)) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Ok(End::Signal(signal)) => ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

fn order(folder: &Folder, step: &str) -> Result<Order> {
    let unusable = |error: io::Error| Error::unavailable("srun_failed", format!("srun: {error}"));
    let file: Option<TaskFile> = read_record(&folder.task()).map_err(unusable)?;
    let file = file.ok_or_else(|| unusable(io::ErrorKind::NotFound.into()))?;
    let steps = request::open(&super::steps(folder)).map_err(unusable)?;
    let asked = request::Request::read(&steps, step).map_err(unusable)?;
    let mut environment = asked.environment;
    // Which task this is, whoever started it says.
    environment.extend(surroundings::told());
    Ok(Order {
        cell: work::cell(folder, &file, &environment),
        command: options::parse(&asked.arguments)?.command,
        environment,
        folder: asked.folder,
        files: Vec::new(),
    })
}
