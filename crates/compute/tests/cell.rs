//! Tenants' commands through the supervisor, with real processes: what they get, what they don't, how they end.

mod process;

use compute::{
    Program,
    command::{Commands, Isolation, KIND},
    local::{Exit, folder::read_record},
    task::machine,
};
use process::{Attempt, Spec};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::ExitCode};

fn script(text: &str) -> Spec {
    Spec { spec: json!({"script": format!("#!/bin/bash\n{text}")}), ..Spec::kind(KIND) }
}

fn code(exit: &Exit) -> &str {
    exit.reason.as_ref().map_or("", |reason| reason.code.as_str())
}

fn a_script_gets_its_folders_files_and_environment() {
    let text = "set -e; test \"$1\" = 'one two'; test $HOME = $PWD; test $LANG = C.UTF-8; test $MOSU_TOKEN = secret\n\
                test $SLURM_JOB_ID = job_test; test $SLURM_CPUS_PER_TASK = 1; test $SLURM_ARRAY_TASK_ID = 7\n\
                test -z \"$MOSU_TASK_PARENT$MOSU_CELL_STAGE\"; cat lib/part.txt; cat $MOSU_INPUT/given > $MOSU_OUTPUT/taken\n\
                python3 -c 'import os, tempfile; tempfile.TemporaryFile(); print(\"python\", os.cpu_count())'; echo kept > checkpoint";
    let spec = json!({"script": format!("#!/bin/bash\n{text}"), "arguments": ["one two"], "files": {"lib/part.txt": "a part\n"}});
    let environment = [("SLURM_ARRAY_TASK_ID".to_owned(), "7".to_owned())].into();
    let attempt = Attempt::new(Spec { spec, environment, ..Spec::kind(KIND) });
    fs::create_dir_all(attempt.folder().input()).unwrap();
    fs::write(attempt.folder().input().join("given"), "read me").unwrap();
    fs::set_permissions(attempt.folder().input().join("given"), fs::Permissions::from_mode(0o600)).unwrap();
    let exit = attempt.run();
    assert!(exit.succeeded(), "{exit:?}\n{}", attempt.log());
    assert_eq!(attempt.result(), json!({"exit_code": 0}));
    assert!(attempt.log().contains("a part") && attempt.log().contains("python"), "{}", attempt.log());
    assert_eq!(fs::read_to_string(attempt.folder().output().join("taken")).unwrap(), "read me");
    assert_eq!(fs::read_to_string(attempt.folder().work().join("checkpoint")).unwrap(), "kept\n");
    assert!(
        exit.usage.cpu_micros > 0 && exit.usage.peak_memory_bytes > 0 && exit.usage.idle_seconds == Some(0)
    );
}

fn srun_starts_a_command_once_for_each_task_in_cells_of_their_own() {
    let text = "set -e; test -z \"$SECRET\"; cd lib; export MINE='1 2'\n\
                srun -l sh -c 'test $PWD = $HOME/lib; echo \"rank $SLURM_PROCID of $SLURM_NTASKS, $MINE\"; id -u' > said\n\
                sort -u said; grep -c rank said; srun -n 1 sh -c 'exit 7' || echo code $?\n\
                srun -o /tmp/x true || echo no file; srun -n 9 true || echo too many; srun --mpi=none sh -c 'kill -9 $$' || echo code $?\n\
                srun cat /etc/shadow && echo LEAK; srun sleep 60 & exit 0";
    let environment = [("SLURM_NTASKS".to_owned(), "3".to_owned())].into();
    let spec = json!({"script": format!("#!/bin/bash\n{text}"), "files": {"lib/part.txt": ""}});
    let attempt = Attempt::new(Spec { spec, environment, ..Spec::kind(KIND) });
    let exit = attempt.run();
    let log = attempt.log();
    assert!(exit.succeeded(), "{exit:?}\n{log}");
    for line in ["rank 0 of 3, 1 2", "rank 2 of 3, 1 2", "3", "code 7", "no file", "too many", "code 137"] {
        assert!(log.lines().any(|known| known == line), "{line}\n{log}");
    }
    assert!(
        log.contains("“-o” can't be used") && log.contains("the job has 3") && !log.contains("LEAK"),
        "{log}"
    );
    assert!(log.contains("--mpi is left out"), "{log}");
}

fn a_command_reaches_nothing_of_server_and_supervisor() {
    let tries = "try() { if \"$@\" 2> /dev/null | grep -q .; then echo \"LEAK $*\"; fi; }\n\
         for file in $DATA/mosu.sqlite $DATA/jobs/job_other/1/output/secret $JOB/exit.part $JOB/claim $JOB/task.json \
           $JOB/log.txt $JOB/lock /etc/shadow /proc/$SUPERVISOR/environ /proc/1/environ; do try cat $file; done\n\
         try ls -A /root; try ls -A $DATA/jobs/job_other\n\
         for file in exit.json claim token outcome.json usage.json cancel log.txt events.jsonl; do \
           rm -f $JOB/$file; echo forged > $JOB/$file; done 2> /dev/null\n\
         rm -rf $DATA/mosu.sqlite $DATA/jobs/job_other; kill -9 $SUPERVISOR $PPID 1 2> /dev/null\n\
         test -e $MOSU_OUTPUT || echo LEAK; exit 5";
    let attempt = Attempt::new(script("sleep 0.3; . $MOSU_INPUT/tries"));
    let (folder, data) = (attempt.folder(), attempt.data());
    fs::write(data.join("mosu.sqlite"), "rows").unwrap();
    fs::create_dir_all(data.join("jobs/job_other/1/output")).unwrap();
    fs::write(data.join("jobs/job_other/1/output/secret"), "weights").unwrap();
    fs::create_dir_all(folder.input()).unwrap();
    let mut child = attempt.spawn();
    let head = format!("DATA={} JOB={} SUPERVISOR={}\n", data.display(), folder.path().display(), child.id());
    fs::write(folder.input().join("tries"), format!("{head}{tries}")).unwrap();
    fs::set_permissions(folder.input().join("tries"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(child.wait().unwrap().success());
    let exit: Exit = read_record(&folder.exit()).unwrap().unwrap();
    assert_eq!(
        (code(&exit), attempt.log().contains("LEAK")),
        ("exit_code", false),
        "{exit:?}\n{}",
        attempt.log()
    );
    assert!(exit.reason.unwrap().text.contains("code 5"));
    assert!(!folder.token().exists() && !folder.cancel().exists());
    assert!(!attempt.log().contains("forged"));
    assert_eq!(fs::read_to_string(data.join("mosu.sqlite")).unwrap(), "rows");
    assert_eq!(fs::read_to_string(data.join("jobs/job_other/1/output/secret")).unwrap(), "weights");
}

fn how_a_command_ended_is_told_in_words() {
    for (text, wanted, word) in [
        ("exit 3", "exit_code", "code 3"),
        ("no-such-program", "exit_code", "isn't there"),
        ("kill -SEGV $$", "exit_signal", "signal 11"),
        ("bash -c 'kill -KILL $$'", "exit_code", "signal 9"),
    ] {
        let exit = Attempt::new(script(text)).run();
        let reason = exit.reason.unwrap();
        assert_eq!(reason.code, wanted, "{text}: {}", reason.text);
        assert!(reason.text.contains(word), "{text}: {}", reason.text);
    }
    let missing = Spec { spec: json!({"command": ["/usr/bin/no-such-thing"]}), ..Spec::kind(KIND) };
    assert_eq!(code(&Attempt::new(missing).run()), "cell_failed");
}

fn a_command_that_leaves_its_session_is_metered_and_ends() {
    let text = "(setsid bash -c 'setsid bash -c \"while :; do :; done\" & echo $! > busy' &)\n\
                until [ -s busy ] && [ $(cut -d ' ' -f 14 /proc/$(cat busy)/stat) -ge 40 ]; do sleep 0.1; done";
    let attempt = Attempt::new(script(text));
    let exit = attempt.run();
    assert!(exit.succeeded(), "{exit:?}");
    assert!(exit.usage.cpu_micros >= 300_000, "{:?} {}", exit.usage, attempt.log());
    let busy = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        fs::read_to_string(entry.path().join("cmdline"))
            .is_ok_and(|line| line.contains("while :; do :; done"))
    });
    assert_eq!(busy.count(), 0);
}

fn memory_of_all_its_processes_counts() {
    let text =
        "for n in 1 2 3; do python3 -c 'b = bytearray(90 << 20); import time; time.sleep(20)' & done; wait";
    let exit = Attempt::new(Spec { memory_mib: 200, ..script(text) }).run();
    assert_eq!(code(&exit), "out_of_memory", "{exit:?}");
    let shared = "python3 -c 'import os, time; b = bytearray(90 << 20)\nfor n in range(3): os.fork()\ntime.sleep(1.5)'";
    let exit = Attempt::new(Spec { memory_mib: 250, ..script(shared) }).run();
    assert!(exit.succeeded(), "pages that forked processes share count once: {exit:?}");
}

fn a_fork_bomb_is_bounded_and_ends_at_the_wall_limit() {
    let attempt =
        Attempt::new(Spec { wall_seconds: 2, ..script("bomb() { bomb | bomb & }; bomb; sleep 60") });
    let exit = attempt.run();
    assert!(["timed_out", "exit_code"].contains(&code(&exit)), "{exit:?}");
    assert!(exit.usage.wall_micros < 20_000_000, "{:?}", exit.usage);
}

fn a_command_may_clean_up_before_it_is_stopped() {
    let attempt =
        Attempt::new(script("trap 'echo saved > saved; exit 0' TERM; touch ready; sleep 30 & wait"));
    let mut child = attempt.spawn();
    attempt.wait_for(|folder| folder.work().join("ready").exists());
    fs::write(attempt.folder().cancel(), "").unwrap();
    assert!(child.wait().unwrap().success());
    let exit: Exit = read_record(&attempt.folder().exit()).unwrap().unwrap();
    assert_eq!(code(&exit), "cancelled");
    assert!(attempt.folder().work().join("saved").exists(), "{}", attempt.log());
}

fn a_command_is_told_before_its_time_is_up() {
    let text = "#!/bin/bash\ntrap 'echo saved > saved; exit 0' USR1; sleep 30 & wait";
    let spec = json!({"script": text, "warn_signal": "USR1@2"});
    let attempt = Attempt::new(Spec { spec, wall_seconds: 4, ..Spec::kind(KIND) });
    let exit = attempt.run();
    assert!(exit.succeeded() && exit.usage.wall_micros < 3_900_000, "{exit:?}\n{}", attempt.log());
    assert!(attempt.folder().work().join("saved").exists());
    let events = fs::read_to_string(attempt.folder().events()).unwrap();
    assert!(events.contains("time_nearly_up") && attempt.log().contains("2 s are left"), "{events}");
}

fn nothing_of_a_command_outlives_a_supervisor_that_is_killed() {
    let mark = format!("sleep {}", 8_000_000 + std::process::id());
    let attempt = Attempt::new(script(&format!("(setsid {mark} &); touch ready; {mark}")));
    let mut child = attempt.spawn();
    attempt.wait_for(|folder| folder.work().join("ready").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    let lives = || {
        let lines =
            fs::read_dir("/proc").unwrap().flatten().map(|entry| fs::read(entry.path().join("cmdline")));
        let wanted = mark.replace(' ', "\0");
        lines.flatten().any(|line| String::from_utf8_lossy(&line).contains(&wanted))
    };
    process::wait_until(|| !lives());
}

fn accelerators_that_tell_their_power_are_metered() {
    // The tool that reads power is looked for on the supervisor's own path; this one stands in for it.
    let tools = tempfile::tempdir().unwrap();
    let tool = tools.path().join("nvidia-smi");
    fs::write(&tool, "#!/bin/sh\nwhile :; do sleep 0.6; echo 100.0; done\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let environment = [("CUDA_VISIBLE_DEVICES".to_owned(), "0".to_owned())].into();
    let attempt = Attempt::new(Spec { environment, ..script("sleep 2") });
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    assert!(attempt.command().env("PATH", path).spawn().unwrap().wait().unwrap().success());
    let exit: Exit = read_record(&attempt.folder().exit()).unwrap().unwrap();
    assert!(exit.usage.energy_joules.is_some_and(|joules| (60..400).contains(&joules)), "{exit:?}");
    assert_eq!(Attempt::new(script("true")).run().usage.energy_joules, None);
}

fn a_control_group_counts_what_nobody_waited_for() {
    // Only in hierarchies where this process sits at the top: groups below belong to somebody else.
    let parent = format!("mosu-test-{}", std::process::id());
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let top = |name: &&str| own.lines().any(|line| line.ends_with(&format!(":{name}:/")));
    let folder = |name: &str| Path::new("/sys/fs/cgroup").join(name).join(&parent);
    let names: Vec<_> = ["cpuacct", "pids", "freezer"].into_iter().filter(top).collect();
    if names.len() < 3 || names.iter().any(|name| fs::create_dir(folder(name)).is_err()) {
        return println!("no control groups to try here");
    }
    // Children whose parent doesn't wait for them are missing in what /proc adds up.
    let text = "python3 -c 'import signal, subprocess\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n\
                burn = \"import time\\nwhile time.process_time() < 0.1: pass\"\n\
                for n in range(8): subprocess.Popen([\"python3\", \"-c\", burn]).wait()'";
    let attempt = Attempt::new(Spec { cgroup: Some(parent.clone()), ..script(text) });
    let exit = attempt.run();
    let left = names.iter().filter(|name| fs::remove_dir(folder(name)).is_err()).count();
    assert_eq!((left, exit.succeeded()), (0, true), "{exit:?} {}", attempt.log());
    assert!(exit.usage.cpu_micros >= 700_000, "{exit:?}");
    let without = Attempt::new(script(text)).run();
    assert!(without.usage.cpu_micros >= 400_000, "seen, if not counted: {without:?}");
}

fn main() -> ExitCode {
    process::entry();
    let program = Program { path: std::env::current_exe().unwrap(), arguments: Vec::new() };
    let isolation = Isolation::check(Commands::Auto, &program);
    println!("{} ({} cores)", isolation.standing().text.en, machine::present_cores().len());
    if !isolation.allows() {
        println!("nothing to try here");
        return ExitCode::SUCCESS;
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    macro_rules! tests {
        ($($name:ident),*) => { [$((stringify!($name), $name as fn())),*] };
    }
    let tests = tests![
        a_script_gets_its_folders_files_and_environment,
        srun_starts_a_command_once_for_each_task_in_cells_of_their_own,
        a_command_reaches_nothing_of_server_and_supervisor,
        how_a_command_ended_is_told_in_words,
        a_command_that_leaves_its_session_is_metered_and_ends,
        memory_of_all_its_processes_counts,
        a_fork_bomb_is_bounded_and_ends_at_the_wall_limit,
        a_command_may_clean_up_before_it_is_stopped,
        a_command_is_told_before_its_time_is_up,
        nothing_of_a_command_outlives_a_supervisor_that_is_killed,
        accelerators_that_tell_their_power_are_metered,
        a_control_group_counts_what_nobody_waited_for
    ];
    for (name, test) in tests.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        test();
        println!("{name}: ok");
    }
    ExitCode::SUCCESS
}
