//! `mosu simulate`: public cluster traces through the scheduler of the service.

use crate::{
    cli::{BenchSchedule, Simulate},
    client::UserError,
    output::{Output, table},
};
use anyhow::{Context, Result, anyhow};
use schedule::{
    Format, Options, Policy, ReadOptions, Simulation, Summary, Trace, replay, replay::Difference, simulate,
    simulate::timeline,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
};

/// What is compared when no policy is named.
const COMPARED: [&str; 4] = ["default", "fifo", "easy", "srtf"];

/// Plays every file under every policy.
pub fn run(args: &Simulate, out: Output) -> Result<()> {
    if let Some(path) = &args.replay {
        return replay_recording(path, out);
    }
    let format: Format = args.format.as_deref().unwrap_or_default().parse()?;
    let names: Vec<&str> = match &args.policy[..] {
        [] if out.json => vec!["default"],
        [] => COMPARED.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    };
    let policies = names.into_iter().map(Policy::named).collect::<kernel::Result<Vec<_>>>()?;
    let nodes = args.nodes.as_deref().map(read).transpose()?;
    let options = Options {
        estimate_noise: args.estimate_noise,
        arrived_load: args.arrived_load,
        seeds: args.seeds,
        tick_seconds: args.tick,
        restart_seconds: args.restart,
        nodes_percent: args.what_if.nodes_percent,
        balance_micros: args.what_if.balance.as_deref().map(kernel::money::parse_micros).transpose()?,
        ..Options::default()
    };
    for file in &args.files {
        let reading =
            ReadOptions { nodes: nodes.as_deref(), gpus: args.gpus, gpus_per_node: args.gpus_per_node };
        let trace =
            Trace::read(format, &read(file)?, &reading).with_context(|| file.display().to_string())?;
        let mut rows = Vec::new();
        for policy in &policies {
            let simulation = simulate(&trace, policy, &options)?;
            if let Some(path) = &args.svg {
                picture(path, &trace, &simulation)?;
            }
            if out.json {
                writeln!(std::io::stdout(), "{}", serde_json::to_string(&simulation.summary)?)?;
            }
            rows.push(row(&simulation.summary));
        }
        if !out.json {
            println!("{}\n{}", file.display(), table(&HEADINGS.map(str::to_owned), rows));
        }
    }
    Ok(())
}

/// Plays a live scheduler's recording again. That it decides otherwise now is a failure of the command.
fn replay_recording(path: &Path, out: Output) -> Result<()> {
    let unreadable = |error| anyhow!(UserError(format!("{} can't be read: {error}", path.display())));
    let file = BufReader::new(fs::File::open(path).map_err(unreadable)?);
    let mut failed = None;
    // Bytes that aren't text are a line that isn't a record; an error of the disk ends the file.
    let lines = file.split(b'\n').map_while(|line| line.map_err(|error| failed = Some(error)).ok());
    let replayed = replay(lines.map(|line| String::from_utf8_lossy(&line).into_owned()));
    if let Some(error) = failed {
        return Err(unreadable(error));
    }
    let replayed = replayed.with_context(|| path.display().to_string())?;
    out.print(&serde_json::to_value(&replayed)?, |_| {
        format!(
            "{} jobs, {} events, {} rounds; the scheduler began {} times, {} lines were cut off\n\
             {} starts, {} stops; wait {:.0} s on average, {} s at most\n\
             {}",
            replayed.jobs,
            replayed.events,
            replayed.rounds,
            replayed.begins,
            replayed.cut_lines,
            replayed.starts,
            replayed.stops,
            replayed.average_wait_seconds,
            replayed.longest_wait_seconds,
            if replayed.difference.is_none() { "all decisions are the same" } else { "decisions differ" }
        )
    })?;
    match replayed.difference {
        None => Ok(()),
        Some(Difference { line, at, what }) => {
            Err(anyhow!(UserError(format!("decisions differ from line {line} on, at {at}: {what}"))))
        }
    }
}

const HEADINGS: [&str; 10] =
    ["policy", "jobs", "wait", "wait p99", "jct", "jct p99", "allocated %", "fragmented %", "jain", "cost"];

fn row(summary: &Summary) -> Vec<String> {
    let seconds = |value: f64| format!("{value:.0} s");
    vec![
        summary.policy.clone(),
        summary.jobs.to_string(),
        seconds(summary.average_wait_seconds),
        seconds(summary.p99_wait_seconds),
        seconds(summary.average_jct_seconds),
        seconds(summary.p99_jct_seconds),
        format!("{:.2}", summary.allocation_percent),
        format!("{:.2}", summary.fragmentation_percent),
        format!("{:.3}", summary.jain),
        format!("{:.0}", summary.cost),
    ]
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| anyhow!(UserError(format!("{} can't be read: {error}", path.display()))))
}

/// Writes the timeline, as a whole or not at all.
fn picture(path: &Path, trace: &Trace, simulation: &Simulation) -> Result<()> {
    let devices = trace.world.nodes.iter().map(|node| i64::from(node.devices)).sum();
    let partial = path.with_extension("partial");
    fs::write(&partial, timeline(&simulation.outcomes, devices))
        .and_then(|()| fs::rename(&partial, path))
        .with_context(|| format!("writing {}", path.display()))
}

/// Plays the scheduler's steady state and says how fast it decides.
pub fn bench(args: &BenchSchedule, out: Output) -> Result<()> {
    let options = schedule::bench::BenchOptions {
        nodes: args.nodes,
        jobs: args.jobs,
        tenants: args.tenants,
        ..schedule::bench::BenchOptions::default()
    };
    let report = schedule::bench::bench(&options)?;
    out.print(&serde_json::to_value(report)?, |_| {
        format!(
            "{:.0} decisions a second, {} decisions ({} started, {} preempted)\n{:.0} starts a second with their \
             submission and end, in memory\n{} waiting, {} running, {:.1} % of devices in use",
            report.decisions_per_second,
            report.decisions,
            report.placements,
            report.preemptions,
            report.starts_per_second,
            report.waiting,
            report.running,
            report.allocation_percent
        )
    })
}
