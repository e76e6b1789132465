//! Real commands in real cells: what they reach, and what they don't.

use cell::{Cell, End, Order, OwnFile, Tree, adopt, process, user_of};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

/// A server's data folder with one job in it.
struct Place {
    base: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        let place = Self { base };
        for folder in [
            "data/jobs/a/1/input",
            "data/jobs/a/1/output",
            "data/jobs/a/1/tmp",
            "data/jobs/a/work",
            "data/jobs/b/1",
        ] {
            fs::create_dir_all(place.at(folder)).unwrap();
        }
        for file in [
            "data/mosu.sqlite",
            "data/jobs/b/1/secret",
            "data/jobs/a/1/exit.json",
            "data/jobs/a/1/input/text",
        ] {
            fs::write(place.at(file), "kept by the server").unwrap();
        }
        // Modes that keep nobody out: it is the cell that must.
        for file in ["data/mosu.sqlite", "data/jobs/b/1/secret", "data/jobs/a/1/exit.json", "data/jobs/a/1"] {
            fs::set_permissions(place.at(file), fs::Permissions::from_mode(0o777)).unwrap();
        }
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.base.path().canonicalize().unwrap().join(path)
    }

    /// Runs a script of the shell; says how it ended.
    fn run(&self, script: &str) -> End {
        cell::run(&self.order(script, |_| ())).unwrap()
    }

    fn order(&self, script: &str, change: impl Fn(&mut Order)) -> Order {
        let job = self.at("data/jobs/a");
        let mut order = Order {
            cell: Cell {
                read: vec![job.join("1/input")],
                write: vec![job.join("1/output"), job.join("1/tmp"), job.join("work")],
                hide: vec![self.at("data")],
                devices: Vec::new(),
                temporary: Some(job.join("1/tmp")),
                user: user_of("job_a"),
                processes: 64,
                shared_memory: 16 << 20,
            },
            command: vec!["/bin/bash".into(), job.join("1/tmp/script").display().to_string()],
            environment: BTreeMap::from([
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("DATA".into(), self.at("data").display().to_string()),
            ]),
            folder: job.join("work"),
            files: vec![OwnFile { path: job.join("1/tmp/script"), text: script.into() }],
        };
        change(&mut order);
        order
    }
}

fn a_command_reads_its_input_and_writes_its_own_folders() {
    let place = Place::new();
    let script = "set -e; cat $DATA/jobs/a/1/input/text > $DATA/jobs/a/1/output/copy; echo x > here; echo x > /tmp/there\n\
                  python3 -c 'import ssl, json, os; print(len(os.listdir(\"/proc\")))'; exit 7";
    assert_eq!(place.run(script), End::Code(7));
    assert_eq!(fs::read_to_string(place.at("data/jobs/a/1/output/copy")).unwrap(), "kept by the server");
    assert!(place.at("data/jobs/a/work/here").exists() && place.at("data/jobs/a/1/tmp/there").exists());
}

fn a_command_reaches_nothing_of_the_server_and_of_others() {
    let place = Place::new();
    for refused in [
        "cat $DATA/mosu.sqlite",
        "cat $DATA/jobs/b/1/secret",
        "cat $DATA/jobs/a/1/exit.json",
        "echo x >> $DATA/jobs/a/1/input/text",
        "ls -A $DATA/jobs/b/1 | grep .",
        "ls -A /root | grep .",
        "ls -A /home | grep .",
        "cat /etc/shadow",
        "ln $DATA/mosu.sqlite taken && cat taken",
        "ln -s $DATA/mosu.sqlite taken && cat taken",
        "touch /etc/new || touch /usr/new || touch /dev/new",
        "chmod 700 /etc/hosts",
        "mount -t tmpfs none /tmp",
        "unshare --user --map-root-user cat $DATA/mosu.sqlite",
        "cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern",
    ] {
        assert_ne!(place.run(&format!("({refused}) 2> /dev/null")), End::Code(0), "{refused}");
    }
    // What lies below /tmp may look writable, since a job has a /tmp of its own: the server's files stay as they are.
    let tries = "cd $DATA; for file in mosu.sqlite jobs/b/1/secret jobs/a/1/exit.json jobs/a/1/claim; do \
                 truncate -s 0 $file; echo x > $file; chmod 0 $file; rm -f $file; done; \
                 mv jobs/a/1/output jobs/a/1/gone; rm -rf jobs/b";
    place.run(&format!("({tries}) 2> /dev/null"));
    for file in ["data/mosu.sqlite", "data/jobs/b/1/secret", "data/jobs/a/1/exit.json"] {
        assert_eq!(fs::read_to_string(place.at(file)).unwrap(), "kept by the server");
        assert_eq!(fs::metadata(place.at(file)).unwrap().permissions().mode() & 0o777, 0o777);
    }
    assert!(!place.at("data/jobs/a/1/claim").exists() && place.at("data/jobs/a/1/output").exists());
}

fn a_command_neither_sees_nor_signals_processes_outside() {
    let place = Place::new();
    let (own, mut victim) = (std::process::id(), Command::new("/bin/sleep").arg("60").spawn().unwrap());
    for pid in [own, victim.id(), 1] {
        for refused in
            ["kill -9 PID", "cat /proc/PID/environ", "head -c 1 /proc/PID/mem", "ls -l /proc/PID/exe"]
        {
            // Inside, number 1 is the stage itself, which the command may not touch either.
            let script = refused.replace("PID", &pid.to_string());
            let ended = place.run(&format!("({script}) > said 2>&1 && test -s said"));
            assert_ne!(ended, End::Code(0), "{script}");
        }
    }
    assert!(!process::is_zombie(victim.id()) && victim.try_wait().unwrap().is_none());
    victim.kill().unwrap();
    victim.wait().unwrap();
    assert_eq!(
        place.run("test $(id -u) != 0 && grep -q 'CapEff:.0000000000000000' /proc/self/status"),
        End::Code(0)
    );
    assert_eq!(place.run("grep -q 'NoNewPrivs:.1' /proc/self/status"), End::Code(0));
    assert_eq!(place.run("kill -TERM $$; sleep 5"), End::Signal(15));
}

fn what_a_command_leaves_running_ends_with_it() {
    let place = Place::new();
    let mark = format!("{}", 7_000_000 + std::process::id());
    place.run(&format!("setsid nohup sleep {mark} & (setsid sleep {mark} &) ; sleep 0.2"));
    let found = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .any(|entry| fs::read_to_string(entry.path().join("cmdline")).is_ok_and(|line| line.contains(&mark)));
    assert!(!found, "something is left");
}

fn a_fork_bomb_meets_its_bound() {
    let place = Place::new();
    let script = "n=0; while sleep 20 & do n=$((n+1)); test $n -gt 200 && exit 0; done; exit 3";
    let order = place.order(&format!("({script}) 2> /dev/null"), |order| order.cell.processes = 20);
    assert_ne!(cell::run(&order).unwrap(), End::Code(0));
}

fn a_tree_is_measured_and_ended_wherever_it_moved() {
    adopt().unwrap();
    let script = "(setsid sh -c 'setsid sh -c \"while :; do :; done\" &' &); sleep 0.1; exec sleep 60";
    let mut child = Command::new("/bin/sh").args(["-c", script]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let tree = Tree::default();
    let sample = tree.sample(i64::MAX);
    assert!(sample.cpu_micros >= 200_000 && sample.processes >= 2 && sample.memory_bytes > 0, "{sample:?}");
    assert!(tree.end(child.id(), Duration::from_secs(5)));
    child.wait().unwrap();
    assert_eq!(tree.sample(i64::MAX).processes, 0);
}

fn a_command_that_is_not_there_is_told() {
    let place = Place::new();
    let order = place.order("", |order| order.command = vec!["/usr/bin/no-such-thing".into()]);
    let error = cell::run(&order).unwrap_err();
    assert!(error.code == "cell_failed" && error.text.contains("no-such-thing"), "{error}");
}

fn a_control_group_measures_and_ends_all_in_it() {
    // Only in hierarchies where this process sits at the top: those below belong to somebody else.
    let parent = format!("mosu-test-{}", std::process::id());
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let top = |name: &str| own.lines().any(|line| line.ends_with(&format!(":{name}:/")));
    let mut made = Vec::new();
    for name in ["cpuacct", "pids", "freezer"].into_iter().filter(|name| top(name)) {
        let folder = Path::new("/sys/fs/cgroup").join(name).join(&parent);
        made.extend(fs::create_dir(&folder).is_ok().then_some(folder));
    }
    if made.len() == 3 {
        let limits = cell::Limits { memory_bytes: 64 << 20, processes: 10 };
        let group = cell::Group::make(&parent, "job", limits).unwrap();
        let mut child = Command::new("/bin/sh")
            .args(["-c", "sleep 0.2; setsid sh -c 'while :; do :; done' & sleep 60"])
            .spawn()
            .unwrap();
        group.join(child.id()).unwrap();
        std::thread::sleep(Duration::from_millis(800));
        assert!(group.cpu_micros().unwrap() > 200_000);
        assert!(group.end());
        child.wait().unwrap();
    } else {
        println!("no control groups to try here");
    }
    for folder in &made {
        let mut tries = 0;
        while fs::remove_dir(folder).is_err() && tries < 100 {
            tries += 1;
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn main() -> ExitCode {
    if let Some(code) = cell::stage() {
        return code;
    }
    let offered = cell::probe(Command::new(std::env::current_exe().unwrap()));
    println!("{offered:?}: {}", offered.words().en);
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let tests: [(&str, fn()); 8] = [
        (
            "a_command_reads_its_input_and_writes_its_own_folders",
            a_command_reads_its_input_and_writes_its_own_folders,
        ),
        (
            "a_command_reaches_nothing_of_the_server_and_of_others",
            a_command_reaches_nothing_of_the_server_and_of_others,
        ),
        (
            "a_command_neither_sees_nor_signals_processes_outside",
            a_command_neither_sees_nor_signals_processes_outside,
        ),
        ("what_a_command_leaves_running_ends_with_it", what_a_command_leaves_running_ends_with_it),
        ("a_fork_bomb_meets_its_bound", a_fork_bomb_meets_its_bound),
        ("a_command_that_is_not_there_is_told", a_command_that_is_not_there_is_told),
        ("a_control_group_measures_and_ends_all_in_it", a_control_group_measures_and_ends_all_in_it),
        ("a_tree_is_measured_and_ended_wherever_it_moved", a_tree_is_measured_and_ended_wherever_it_moved),
    ];
    for (name, test) in tests.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        if !offered.holds() && !name.contains("tree") && !name.contains("group") {
            println!("{name}: left out, {}", offered.words().en);
            continue;
        }
        test();
        println!("{name}: ok");
    }
    ExitCode::SUCCESS
}
