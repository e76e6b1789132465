//! Every form of the options, what becomes of them, and that no text makes reading panic.

mod forms;
mod shapes;

use super::*;
use commons::jobs::{Preemptible, Resources};
use proptest::prelude::*;

/// Noon in Shanghai.
pub(super) fn now() -> Timestamp {
    "2026-11-22T12:00:00+08:00".parse().unwrap()
}

/// The script with these directives.
pub(super) fn script(directives: &[&str]) -> Result<Script> {
    let lines: String = directives.iter().map(|line| format!("#SBATCH {line}\n")).collect();
    read(&format!("#!/bin/bash\n{lines}\nhostname\n"), "job.sh", &[], &[], now())
}

pub(super) fn told(script: &Script) -> String {
    script.remarks.iter().map(|remark| format!("{remark}\n")).collect()
}

#[test]
fn a_plain_script_gets_small_defaults_that_are_told() {
    let read = script(&[]).unwrap();
    let Submission { kind, name, spec, resources, .. } = &read.submission;
    assert_eq!((kind.as_str(), name.as_str()), ("command.run", "job.sh"));
    assert_eq!(spec["script"], "#!/bin/bash\n\nhostname\n");
    assert_eq!(*resources, Resources::new(1, 1024, 3600));
    assert!(told(&read).contains("1 hour") && told(&read).contains("1024 MiB"), "{}", told(&read));
}

#[test]
fn directives_stop_at_the_first_command() {
    let text = "#!/bin/sh\n\n# about\n  \n#SBATCH -c 2\n##SBATCH -c 3\n#SBATCHES\necho\n#SBATCH -c 4\n";
    assert_eq!(read(text, "x", &[], &[], now()).unwrap().submission.resources.cpus, 2);
}

#[test]
fn the_command_line_goes_before_the_script() {
    let flags = [Given::flag("time", "5"), Given::flag("gpus", "2"), Given::flag("job-name", "mine")];
    let text = "#!/bin/sh\n#SBATCH -t 60 --gres=gpu:a100:4 -J theirs\nx\n";
    let read = read(text, "x", &["a b".into()], &flags, now()).unwrap().submission;
    assert_eq!((read.resources.wall_seconds, read.resources.devices), (300, 2));
    assert_eq!((read.name.as_str(), &read.spec["arguments"]), ("mine", &json!(["a b"])));
    assert_eq!(read.scheduling.device_models, ["a100"]);
}

#[test]
fn other_schedulers_are_named_and_odd_scripts_refused() {
    let other = read("#!/bin/sh\n#PBS -l nodes=2\nx\n", "x", &[], &[], now()).unwrap();
    assert!(told(&other).contains("line 2: #PBS"), "{}", told(&other));
    for text in ["", "echo", "#!/bin/sh\r\necho\r\n"] {
        assert_eq!(read(text, "x", &[], &[], now()).unwrap_err().code, "script_invalid", "{text:?}");
    }
}

#[test]
fn a_command_is_submitted_as_it_is() {
    let words = ["/usr/bin/python".to_owned(), "train.py".to_owned()];
    let read = command(&words, &[Given::flag("gpu-share", "500")], now()).unwrap().submission;
    assert_eq!((read.name.as_str(), &read.spec), ("python", &json!({"command": words})));
    assert_eq!((read.resources.devices, read.resources.device_milli), (1, 500));
}

#[test]
fn what_cant_be_honoured_is_named_with_its_line() {
    let read = script(&[
        "--mail-type=END -o logs/%j.out",
        "-w node7 --exclusive --qos=high -A proj",
        "--begin=tomorrow # a comment",
        "--frobnicate=3 stray",
    ]);
    let told = told(&read.unwrap());
    for part in [
        "line 2: --mail-type=END: no mail is sent",
        "line 2: --output=logs/%j.out: both outputs",
        "line 3: --nodelist=node7",
        "line 3: --exclusive: jobs share nodes",
        "line 3: --qos=high",
        "line 3: --account=proj: the token says who pays",
        "line 4: --begin=tomorrow",
        "line 5: --frobnicate: isn't known",
        "line 5: stray: isn't an option",
    ] {
        assert!(told.contains(part), "“{part}” isn't told: {told}");
    }
    assert!(!told.contains("comment"), "{told}");
    assert_eq!(
        script(&["-o slurm-%j.out --export=NONE"]).unwrap().remarks.len(),
        2,
        "usual ones say nothing"
    );
}

#[test]
fn what_would_change_the_result_is_refused() {
    for line in [
        "-d singleton",
        "-d afterok:123",
        "-d after:job_00000000000000000000000000+5",
        "-d afterok:job_00000000000000000000000000?afterany:job_00000000000000000000000000",
        "-a 5-1",
        "-n 0",
        "-n many",
        "-t soon",
        "--mem=0",
        "--mem=1.5G",
        "--gpus=x",
        "--gres=gpu:a:b:c",
        "--signal=KILL@9",
        "--deadline=teatime",
        "hetjob",
        "--ntasks-per=2",
        "-J",
    ] {
        let error = script(&[line]).map(|read| read.submission).unwrap_err();
        assert!(error.code == "script_invalid" && error.to_string().contains("line 2"), "{line}: {error}");
    }
}

#[test]
fn when_and_how_it_may_run() {
    let id = "job_00000000000000000000000000";
    let dependency = format!("--dependency=afterok:{id}:{id},afternotok:{id}");
    let read = script(&[&dependency, "--requeue --signal=B:SIGUSR1@120", "-p big -a 0-9%2 --nice"]).unwrap();
    let scheduling = &read.submission.scheduling;
    assert_eq!(scheduling.after.len(), 3);
    assert_eq!(scheduling.preemptible, Preemptible::Restart);
    assert_eq!(scheduling.cluster.as_deref(), Some("big"));
    assert_eq!((read.array.as_deref(), read.submission.priority), (Some("0-9%2"), 25));
    assert_eq!(read.submission.spec["warn_signal"], "USR1@120");
    assert!(told(&read).contains("--partition=big: taken for the name of one of this platform's clusters"));
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,200}") {
        let _ = script(&[&text]);
        let _ = read(&format!("#!{text}"), &text, &[], &[], now());
    }

    #[test]
    fn no_value_makes_reading_panic(
        name in "(ntasks|nodes|mem|mem-per-cpu|time|gpus|gres|gpus-per-node|constraint|array|dependency|\
            signal|deadline|nice|priority|partition|cpus-per-task|ntasks-per-node|gpus-per-task|mem-per-gpu)",
        value in "[0-9a-z:,@|%+?=KGT.-]{0,24}",
        other in "[0-9]{1,18}",
    ) {
        if let Ok(read) = script(&[&format!("--{name}={value}"), &format!("-n {other} -N 3 -c 999999999999")]) {
            let Resources { cpus, memory_mib, wall_seconds, tasks, devices, .. } = read.submission.resources;
            prop_assert!(cpus > 0 && memory_mib > 0 && wall_seconds > 0 && tasks > 0 && devices >= 0);
        }
        let _ = script(&[&format!("--{name}={value}")]);
    }

    #[test]
    fn every_duration_is_read_back(days in 0_i64..40, hours in 0_i64..24, minutes in 0_i64..60, seconds in 1_i64..60) {
        let text = format!("{days}-{hours}:{minutes}:{seconds}");
        let wanted = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
        prop_assert_eq!(values::limit(&text), Some(values::Limit::Seconds(wanted)));
    }
}
