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
    // What the command may open, those who placed the job say; its own words count for nothing.
    let cell = work::cell(folder, &file, &surroundings::placed(&file));
    let mut environment = asked.environment;
    // Which task this is, whoever started it says.
    environment.extend(surroundings::told());
    Ok(Order {
        cell,
        command: options::parse(&asked.arguments)?.command,
        environment,
        folder: asked.folder,
        files: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    #[test]
    fn a_step_opens_the_devices_of_its_job_whatever_its_environment_says() {
        let room = tempfile::tempdir().unwrap();
        let folder = Folder::at(room.path());
        let step = super::super::steps(&folder).join("step.a");
        fs::create_dir_all(&step).unwrap();
        fs::write(step.join("arguments"), "true\0").unwrap();
        fs::write(step.join("environment"), "ASCEND_RT_VISIBLE_DEVICES=0,1,2,3\0MINE=1\0").unwrap();
        fs::write(step.join("folder"), "/").unwrap();
        let mut file = json!({"job": "job_a", "kind": "command.run", "spec": {}, "cpus": 1, "memory_mib": 64,
            "wall_seconds": 9, "cores": [], "bounds": crate::local::records::Bounds::default()});
        let devices = |file: &serde_json::Value| {
            fs::write(folder.task(), file.to_string()).unwrap();
            let order = order(&folder, "step.a").unwrap();
            assert_eq!(order.environment["MINE"], "1");
            let opened = order.cell.devices.iter().map(|path| path.display().to_string());
            opened.filter(|path| path.starts_with("/dev/davinci") && !path.contains('_')).collect::<Vec<_>>()
        };
        assert!(devices(&file).is_empty());
        file["environment"] = json!({"ASCEND_RT_VISIBLE_DEVICES": "1"});
        assert_eq!(devices(&file), ["/dev/davinci1"]);
    }
}
