//! The columns of each format.

use super::{
    Format, Line, Raw,
    cluster::Plan,
    table::{Row, Table},
};
use kernel::Result;
use std::collections::HashMap;

/// `pai_task_table.csv` comes without a header.
const PAI: [&str; 10] = [
    "job_name",
    "task_name",
    "inst_num",
    "status",
    "start_time",
    "end_time",
    "plan_cpu",
    "plan_mem",
    "plan_gpu",
    "gpu_type",
];

pub(super) fn read(format: Format, text: &str, plan: &Plan) -> Result<Raw> {
    let (first, otherwise): (&str, &'static [&'static str]) = match format {
        Format::Openb => ("num_gpu", &[]),
        Format::Itp => ("num_gpu", &[]),
        Format::Philly => ("num_gpus", &[]),
        Format::Muri => ("iterations", &[]),
        Format::Helios | Format::Acme => ("gpu_num", &[]),
        Format::Pai => ("plan_gpu", &PAI),
        Format::Swf => ("", &[]),
    };
    let table = Table::read(text, first, otherwise)?;
    let mut raw = Raw::default();
    let mut tenants = HashMap::new();
    for row in table.rows() {
        let line = match format {
            Format::Openb => openb(&row, plan)?,
            Format::Muri => muri(&row)?,
            Format::Pai => pai(&row, plan)?,
            _ => plain(&row)?,
        };
        let Some(mut line) = line else {
            raw.skipped += 1;
            continue;
        };
        line.number = row.number as u64;
        if let Some(name) = row.text(&["vc", "cluster", "queue_name", "user"]) {
            line.tenant = *tenants.entry(name).or_insert_with(|| {
                raw.tenants.push(name.to_owned());
                raw.tenants.len() as u32 - 1
            });
        }
        raw.jobs.push(line);
    }
    Ok(raw)
}

/// ITP, Philly, Helios and Acme say the same in other words.
fn plain(row: &Row) -> Result<Option<Line>> {
    let devices = row.number(&["num_gpu", "num_gpus", "gpu_num"])?.unwrap_or(0.0);
    let submitted = row.moment(&["submission_time", "timestamp", "submit_time", "start_time"])?;
    let run = row.number(&["duration"])?.unwrap_or(0.0);
    let Some(submitted) = submitted.filter(|_| devices >= 1.0 && run > 0.0) else { return Ok(None) };
    Ok(Some(Line {
        submitted,
        run: (run as i64).max(1),
        devices: devices.min(1e5) as u32,
        milli: 1000,
        likeness: row.text(&["jobname", "job_name"]).map_or(0, likeness),
        ..Line::default()
    }))
}

fn muri(row: &Row) -> Result<Option<Line>> {
    let devices = row.number(&["num_gpu"])?.unwrap_or(0.0);
    let (submitted, run) = (row.number(&["submit_time"])?, row.number(&["duration"])?.unwrap_or(0.0));
    let Some(submitted) = submitted.filter(|_| devices >= 1.0 && run > 0.0) else { return Ok(None) };
    Ok(Some(Line {
        submitted: (submitted / 1000.0) as i64,
        run: ((run / 1000.0) as i64).max(1),
        devices: devices.min(1e5) as u32,
        milli: 1000,
        likeness: row.text(&["model_name"]).map_or(0, likeness),
        checkpoint: true,
        ..Line::default()
    }))
}

fn openb(row: &Row, plan: &Plan) -> Result<Option<Line>> {
    let devices = row.number(&["num_gpu"])?.unwrap_or(0.0).clamp(0.0, 1e5) as u32;
    let created = row.number(&["creation_time"])?.unwrap_or(row.number as f64) as i64;
    let deleted = row.number(&["deletion_time"])?.map_or(created + 3600, |moment| moment as i64);
    let milli = row.number(&["gpu_milli"])?.unwrap_or(1000.0).clamp(0.0, 1000.0) as u16;
    Ok(Some(Line {
        submitted: created,
        run: (deleted - created).max(1),
        devices,
        milli: if devices == 0 { 0 } else { milli.max(1) },
        cpu_milli: row.number(&["cpu_milli"])?.unwrap_or(0.0).max(0.0) as i64,
        memory_mib: row.number(&["memory_mib"])?.unwrap_or(0.0).max(0.0) as i64,
        models: plan.models(row.text(&["gpu_spec"]).unwrap_or("")),
        ..Line::default()
    }))
}

fn pai(row: &Row, plan: &Plan) -> Result<Option<Line>> {
    let percent = row.number(&["plan_gpu"])?.unwrap_or(0.0);
    let (start, end) = (row.number(&["start_time"])?, row.number(&["end_time"])?);
    let (Some(start), Some(end)) = (start, end) else { return Ok(None) };
    if percent <= 0.0 || end <= start {
        return Ok(None);
    }
    let instances = row.number(&["inst_num"])?.unwrap_or(1.0).clamp(1.0, 4096.0) as u32;
    let whole = percent >= 100.0;
    let devices = if whole { (percent / 100.0).min(1e4) as u32 } else { 1 };
    Ok(Some(Line {
        submitted: start as i64,
        run: ((end - start) as i64).max(1),
        devices,
        milli: if whole { 1000 } else { (percent * 10.0).max(1.0) as u16 },
        cpu_milli: (row.number(&["plan_cpu"])?.unwrap_or(0.0) * 10.0).max(0.0) as i64,
        memory_mib: (row.number(&["plan_mem"])?.unwrap_or(0.0) * 1024.0).max(0.0) as i64,
        models: plan.models(row.text(&["gpu_type"]).unwrap_or("")),
        tasks: instances,
        likeness: row.text(&["task_name"]).map_or(0, likeness),
        ..Line::default()
    }))
}

/// A name as a number that isn't 0 (FNV-1a).
fn likeness(name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    hash.max(1)
}
