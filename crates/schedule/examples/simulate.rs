//! Plays traces: `simulate --format itp --gpus 640 --policy default --estimate-noise 1 FILE...` prints one
//! JSON object for each policy and file. `--policy` may be given several times.

use schedule::{Format, Options, Policy, ReadOptions, Trace, simulate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut format, mut nodes, mut gpus, mut per_node) = (None, None, None, None);
    let (mut policies, mut files, mut options) = (Vec::<Policy>::new(), Vec::new(), Options::default());
    let (mut compare, mut outcomes, mut svg) = (false, false, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--format" => format = Some(value()?.parse::<Format>()?),
            "--nodes" => nodes = Some(std::fs::read(value()?)?),
            "--gpus" => gpus = Some(value()?.parse()?),
            "--gpus-per-node" => per_node = Some(value()?.parse()?),
            "--policy" => policies.push(Policy::named(&value()?)?),
            "--estimate-noise" => options.estimate_noise = Some(value()?.parse()?),
            "--no-estimates" => options.no_estimates = true,
            "--arrived-load" => options.arrived_load = Some(value()?.parse()?),
            "--seeds" => options.seeds = value()?.parse()?,
            "--tick" => options.tick_seconds = Some(value()?.parse()?),
            "--restart" => options.restart_seconds = Some(value()?.parse()?),
            "--nodes-percent" => options.nodes_percent = Some(value()?.parse()?),
            "--set" => {
                // Any field of the policies, as JSON: --set '{"overdue_factor": 2}'.
                let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&value()?)?;
                for policy in &mut policies {
                    let mut json = serde_json::to_value(&*policy)?;
                    fields.iter().for_each(|(name, value)| json[name] = value.clone());
                    *policy = serde_json::from_value(json)?;
                }
            }
            "--against-fifo" => compare = true,
            "--outcomes" => outcomes = true,
            "--svg" => svg = Some(value()?),
            "--json" => {}
            _ => files.push(argument),
        }
    }
    let format = format.ok_or("--format is needed")?;
    if policies.is_empty() {
        policies.push(Policy::default());
    }
    for file in &files {
        let read = ReadOptions { nodes: nodes.as_deref(), gpus, gpus_per_node: per_node };
        let trace = Trace::read(format, &std::fs::read(file)?, &read)?;
        let fifo = if compare { Some(simulate(&trace, &Policy::named("fifo")?, &options)?) } else { None };
        for policy in &policies {
            let simulation = simulate(&trace, policy, &options)?;
            println!("{}", serde_json::to_string(&simulation.summary)?);
            if outcomes {
                simulation
                    .outcomes
                    .iter()
                    .for_each(|outcome| eprintln!("{}", serde_json::to_string(outcome).unwrap()));
            }
            if let Some(path) = &svg {
                let devices = trace.world.nodes.iter().map(|node| i64::from(node.devices)).sum();
                std::fs::write(path, schedule::simulate::timeline(&simulation.outcomes, devices))?;
            }
            let Some(fifo) = &fifo else { continue };
            let pairs = simulation.outcomes.iter().zip(&fifo.outcomes);
            let beyond = pairs
                .filter_map(|(one, other)| Some(one.wait_seconds()? - 3 * other.wait_seconds()? - 86_400));
            eprintln!("most beyond three times the FIFO wait and a day: {:?} s", beyond.max());
        }
    }
    Ok(())
}
