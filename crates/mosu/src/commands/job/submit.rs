//! `mosu job submit`: scripts and JSON.

use super::{
    follow::{self, INTERVAL},
    mend,
    words::{self, is_final, items},
};
use crate::{
    cli::{Asks, Submit},
    client::Client,
    output::{Output, cell},
};
use anyhow::Result;
use compute::script::{self, Given, Remark};
use serde_json::{Value, json};
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The most bytes of a script or of a JSON file.
const MOST_BYTES: u64 = 1 << 20;

/// Does what the command says.
pub fn run(args: &Submit, client: &Client, out: Output) -> Result<ExitCode> {
    let text = read(&args.file)?;
    let mut body = if text.starts_with("#!") { from_script(args, &text)? } else { from_json(args, &text)? };
    attach(&mut body, &args.asks)?;
    let Some(array) = body["array"].as_str().map(str::to_owned) else {
        follow::report(client, client.post("/api/v1/jobs", &body)?, args.wait, out)?;
        return Ok(ExitCode::SUCCESS);
    };
    let made = client.post("/api/v1/job-arrays", &body)?;
    if args.wait {
        return wait_for_all(client, &made, out);
    }
    out.print(&made, |made| format!("{} ({array})", cell(made, "/array")))?;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map_err(|error| mend(format!("{} can't be read: {error}", file.display())))?;
    Ok(text)
}

fn from_script(args: &Submit, text: &str) -> Result<Value> {
    let mut flags = flags(&args.asks, false)?;
    flags.extend(args.array.as_ref().map(|array| Given::flag("array", array)));
    let name = args.file.file_name().and_then(|name| name.to_str()).filter(|name| *name != "-");
    let read = script::read(text, name.unwrap_or("script"), &args.arguments, &flags, words::now())?;
    tell(read.remarks.iter());
    let mut body = json!(read.submission);
    if let Some(array) = read.array {
        body["array"] = array.into();
    }
    Ok(body)
}

/// A job as JSON says everything itself.
fn from_json(args: &Submit, text: &str) -> Result<Value> {
    if !flags(&args.asks, false)?.is_empty() || !args.arguments.is_empty() {
        let text = "options and arguments are for scripts; a JSON file says everything itself (--wait and \
                    --array may be given, before the file)";
        return Err(mend(text.into()));
    }
    let mut body: Value = serde_json::from_str(text).map_err(|error| {
        mend(format!("{} is neither a script (#! at its beginning) nor JSON: {error}", args.file.display()))
    })?;
    if !body.is_object() || !matches!(body["spec"], Value::Null | Value::Object(_)) {
        return Err(mend(format!("{} is no job: it and its spec are JSON objects", args.file.display())));
    }
    if let Some(array) = &args.array {
        body["array"] = array.as_str().into();
    }
    Ok(body)
}

/// The options as the script's reader knows them. With `implied`, a model alone asks for one device.
pub fn flags(asks: &Asks, implied: bool) -> Result<Vec<Given>> {
    let plain = [
        ("job-name", &asks.job_name),
        ("time", &asks.time),
        ("cpus-per-task", &asks.cpus_per_task),
        ("mem", &asks.mem),
        ("gpu-type", &asks.gpu_type),
        ("ntasks", &asks.ntasks),
        ("nodes", &asks.nodes),
        ("cluster", &asks.cluster),
        ("dependency", &asks.dependency),
        ("deadline", &asks.deadline),
        ("priority", &asks.priority),
    ];
    let given = plain.iter().filter_map(|(name, value)| Some(Given::flag(name, value.as_ref()?)));
    let mut flags: Vec<_> = given.collect();
    match &asks.gpus {
        Some(gpus) if gpus.contains('.') => flags.push(Given::flag("gpu-share", share(gpus)?)),
        Some(gpus) => flags.push(Given::flag("gpus", gpus)),
        None if implied && asks.gpu_type.is_some() => flags.push(Given::flag("gpus", "1")),
        None => {}
    }
    if asks.requeue {
        flags.push(Given::flag("requeue", ""));
    }
    Ok(flags)
}

/// `0.5` as thousandths.
fn share(text: &str) -> Result<String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.001..1.0).contains(share));
    let wrong = || mend(format!("--gpus {text}: a share of an accelerator lies between 0.001 and 0.999"));
    Ok(format!("{:.0}", share.ok_or_else(wrong)? * 1000.0))
}

/// Says on stderr what its owner should know.
pub fn tell<'a>(remarks: impl Iterator<Item = &'a Remark>) {
    remarks.for_each(|remark| eprintln!("mosu: {remark}"));
}

/// Puts into the submission what isn't an option of `sbatch`: files, inputs, where the output goes.
pub fn attach(body: &mut Value, asks: &Asks) -> Result<()> {
    if !asks.inputs.is_empty() {
        body["inputs"] = json!(asks.inputs);
    }
    if let Some(publish) = &asks.publish {
        body["spec"]["publish"] = publish.as_str().into();
    }
    for path in &asks.files {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| mend(format!("{} has no name", path.display())))?;
        body["spec"]["files"][name] = read(path)?.into();
    }
    Ok(())
}

/// Says when a command names files that lie here only.
pub fn hint_at_files(command: &[String], files: &[PathBuf]) {
    let attached = |word: &str| files.iter().any(|path| path.file_name() == Path::new(word).file_name());
    let plain =
        |word: &&String| !word.starts_with(['-', '/']) && Path::new(word).is_file() && !attached(word);
    for word in command.iter().skip(1).filter(plain) {
        eprintln!("mosu: {word} lies here, not where the job runs; --file {word} takes it along");
    }
}

/// Waits for all members of an array.
fn wait_for_all(client: &Client, made: &Value, out: Output) -> Result<ExitCode> {
    let mut ended = Vec::new();
    for member in items(made) {
        let id = cell(&member, "/id");
        let job = loop {
            let job = client.get(&format!("/api/v1/jobs/{id}"))?;
            if is_final(&job["state"]) {
                break job;
            }
            std::thread::sleep(INTERVAL);
        };
        eprintln!("{} (index {})", follow::ending(&job), cell(&job, "/member/index"));
        ended.push(job);
    }
    let failed = ended.iter().filter(|job| job["state"] != "succeeded").count();
    out.print(&json!({"array": made["array"], "jobs": ended}), |all| {
        let count = items(all).len();
        format!("{}: {} of {count} succeeded", cell(all, "/array"), count - failed)
    })?;
    Ok(if failed > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_models_become_options() {
        let names = |asks: Asks, implied| {
            flags(&asks, implied)
                .map(|all| all.iter().map(|g| format!("{}={}", g.name, g.value)).collect::<Vec<_>>())
        };
        let gpus = |text: &str| Asks { gpus: Some(text.into()), ..Asks::default() };
        assert_eq!(names(gpus("0.25"), false).unwrap(), ["gpu-share=250"]);
        assert_eq!(names(gpus("a100:2"), false).unwrap(), ["gpus=a100:2"]);
        assert!(names(gpus("1.5"), false).is_err() && names(gpus("0.0"), false).is_err());
        let model = || Asks { gpu_type: Some("a100".into()), ..Asks::default() };
        assert_eq!(names(model(), true).unwrap(), ["gpu-type=a100", "gpus=1"]);
        assert_eq!(names(model(), false).unwrap(), ["gpu-type=a100"]);
    }
}
