//! The task's side of `command.run`: builds the cell, waits for the command, says how it ended.

use super::{devices, spec::Spec, step};
use crate::{
    local::{Folder, TaskFile, folder::read_record},
    task::surroundings,
};
use cell::{Cell, End, Order, OwnFile, user_of};
use commons::jobs::Task;
use kernel::{Error, Result};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The work of `command.run`: runs the command in its cell.
///
/// Fails with `exit_code` or `exit_signal` when the command did, and with `cell_failed` when it couldn't be held
/// and so hasn't run.
pub fn run_task(task: &Task) -> Result<Value> {
    let spec = Spec::of(&task.spec)?;
    let unusable = |error: io::Error| {
        Error::unavailable("job_folder", format!("the job's folder can't be used: {error}"))
            .with_source(error)
    };
    let folder = Folder::at(task.input().parent().unwrap_or(Path::new("/")));
    let file: Option<TaskFile> = read_record(&folder.task()).map_err(unusable)?;
    let file = file.ok_or_else(|| unusable(io::ErrorKind::NotFound.into()))?;
    [folder.work(), folder.scratch(), folder.output()]
        .iter()
        .try_for_each(fs::create_dir_all)
        .map_err(unusable)?;
    let order = order(&spec, &folder, &file, task.token.clone())?;
    cell::hand_over(&folder.input(), order.cell.user).map_err(unusable)?;
    step::keep(&folder, order.cell.user).map_err(unusable)?;
    match cell::run(&order)? {
        End::Code(0) => Ok(json!({"exit_code": 0})),
        End::Code(code) => {
            Err(Error::invalid("exit_code", format!("the command ended with code {code}{}", hint(code))))
        }
        End::Signal(signal) => Err(Error::invalid(
            "exit_signal",
            format!("signal {signal} ended the command; its log may say why"),
        )),
    }
}

/// What a shell means by a code.
fn hint(code: i32) -> String {
    match code {
        126 => ": it was found and can't be run".into(),
        127 => ": a program that it names isn't there".into(),
        129..=192 => format!(": signal {} ended a program that it had started", code - 128),
        _ => "; its log says more".into(),
    }
}

fn order(spec: &Spec, folder: &Folder, file: &TaskFile, token: Option<String>) -> Result<Order> {
    let (work, scratch) = (folder.work(), folder.scratch());
    let environment = environment(folder, file, token);
    let script = scratch.join("job-script");
    let own = |path: PathBuf, text: &str| OwnFile { path, text: text.to_owned() };
    let files = spec.files.iter().map(|(name, text)| own(work.join(name), text));
    let srun = own(step::programs(folder).join("srun"), &step::program(folder));
    Ok(Order {
        cell: cell(folder, file, &environment),
        command: spec.line(&script)?,
        environment,
        folder: work.clone(),
        files: files
            .chain([srun])
            .chain(spec.script.as_deref().map(|text| own(script.clone(), text)))
            .collect(),
    })
}

/// What holds each command of a job.
pub(super) fn cell(folder: &Folder, file: &TaskFile, environment: &BTreeMap<String, String>) -> Cell {
    let scratch = folder.scratch();
    let present = fs::read_dir("/dev").into_iter().flatten().flatten();
    let present: Vec<_> = present.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    Cell {
        read: std::iter::once(folder.input()).chain(file.software.iter().cloned()).collect(),
        write: vec![folder.output(), scratch.clone(), folder.work()],
        hide: vec![data(folder)],
        devices: devices::of(environment, &present),
        temporary: Some(scratch),
        user: user_of(&file.task.job),
        processes: file.bounds.processes,
        // Half, as systems do: without a control group, what lies there unmapped isn't seen as the job's memory.
        shared_memory: u64::try_from(file.task.memory_mib).unwrap_or_default() << 19,
    }
}

/// The folder that holds all jobs and what else the server keeps.
fn data(folder: &Folder) -> PathBuf {
    let jobs = folder.path().ancestors().nth(2).unwrap_or(Path::new("/"));
    let above = jobs.parent().filter(|_| jobs.file_name().is_some_and(|name| name == "jobs"));
    above.unwrap_or(jobs).to_owned()
}

/// What the command finds in its environment: the task's own, its folders, and names that scripts for Slurm read,
/// where whoever placed the job didn't set them.
fn environment(folder: &Folder, file: &TaskFile, token: Option<String>) -> BTreeMap<String, String> {
    let task = &file.task;
    let shown = |path: PathBuf| path.display().to_string();
    let slurm = [
        ("SLURM_JOB_ID", task.job.clone()),
        ("SLURM_JOBID", task.job.clone()),
        ("SLURM_CPUS_PER_TASK", task.cpus.to_string()),
        ("SLURM_CPUS_ON_NODE", task.cpus.to_string()),
        ("SLURM_NTASKS", "1".into()),
        ("SLURM_JOB_NUM_NODES", "1".into()),
        ("SLURM_NODEID", "0".into()),
        ("SLURM_PROCID", "0".into()),
        ("SLURM_LOCALID", "0".into()),
        ("SLURM_MEM_PER_NODE", task.memory_mib.to_string()),
        ("SLURM_SUBMIT_DIR", shown(folder.work())),
    ];
    let mut all: BTreeMap<String, String> = slurm.map(|(name, value)| (name.to_owned(), value)).into();
    all.extend(surroundings::of(folder, file, token));
    let mut path = vec![shown(step::programs(folder))];
    path.extend(file.software.iter().map(|folder| shown(folder.join("bin"))));
    path.push(surroundings::PATH.into());
    let ours = [
        ("PATH", path.join(":")),
        ("HOME", shown(folder.work())),
        ("USER", "mosu".into()),
        ("LOGNAME", "mosu".into()),
        ("SHELL", "/bin/sh".into()),
        // Indices then mean the same devices as the files that the cell opens.
        ("CUDA_DEVICE_ORDER", "PCI_BUS_ID".into()),
        ("MOSU_JOB_ID", task.job.clone()),
        ("MOSU_INPUT", shown(folder.input())),
        ("MOSU_OUTPUT", shown(folder.output())),
    ];
    all.extend(ours.map(|(name, value)| (name.to_owned(), value)));
    all
}
