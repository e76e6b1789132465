//! The supervisor with real processes: limits, logs, cancel, exactly one run.

mod process;

use compute::local::{Claim, Exit, claim, folder::read_record, read::chunk};
use process::{Attempt, Spec};
use std::{fs, time::Duration};

#[test]
fn task_entry() {
    process::entry();
}

#[test]
fn a_quick_job_leaves_its_result_and_its_measure() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    let exit = attempt.run();
    assert!(exit.succeeded(), "{exit:?}\n{}", attempt.log());
    assert_eq!(
        attempt.result(),
        serde_json::json!({"cpus": 1, "cores": 1, "home": false, "token": "secret"})
    );
    assert!(exit.usage.wall_micros > 0 && exit.usage.cpu_micros >= 100_000, "{:?}", exit.usage);
    assert!(exit.usage.cpu_micros <= exit.usage.wall_micros + 50_000, "{:?}", exit.usage);
    assert!(exit.usage.peak_memory_bytes > 0);
    assert_eq!(attempt.starts(), 1);
    assert!(attempt.log().contains("working") && attempt.log().ends_with('\n'));
}

#[test]
fn a_failure_says_why() {
    let attempt = Attempt::new(Spec::kind("test.fail"));
    let exit = attempt.run();
    assert_eq!(exit.reason.unwrap().code, "sums_wrong");
    assert!(attempt.log().contains("the sums are wrong"));
    let panicked = Attempt::new(Spec::kind("test.panic")).run();
    assert_eq!((panicked.code, panicked.reason.unwrap().code.as_str()), (101, "task_panicked"));
    let unknown = Attempt::new(Spec::kind("test.nothing")).run();
    assert!(unknown.reason.unwrap().text.contains("test.nothing"));
}

#[test]
fn a_job_ends_at_its_wall_limit_even_if_it_ignores_sigterm() {
    for deaf in [false, true] {
        let attempt = Attempt::new(Spec { wall_seconds: 1, deaf, ..Spec::kind("test.sleep") });
        let exit = attempt.run();
        assert_eq!(exit.reason.unwrap().code, "timed_out");
        let wall = exit.usage.wall_micros;
        let (least, most) = if deaf { (1_300_000, 3_500_000) } else { (1_000_000, 3_000_000) };
        assert!((least..most).contains(&wall), "deaf {deaf}: {wall}");
    }
}

#[test]
fn a_job_that_eats_memory_is_stopped_with_its_figures() {
    for kind in ["test.eat", "test.gulp"] {
        let attempt = Attempt::new(Spec { memory_mib: 200, ..Spec::kind(kind) });
        let exit = attempt.run();
        let reason = exit.reason.unwrap();
        assert_eq!(reason.code, "out_of_memory", "{kind}: {} {}", reason.text, attempt.log());
        assert!(reason.text.contains("200 MiB"));
    }
}

#[test]
fn a_huge_log_is_cut_and_the_job_goes_on() {
    let attempt = Attempt::new(Spec { log_bytes: 100_000, ..Spec::kind("test.shout") });
    assert!(attempt.run().succeeded());
    let log = attempt.log();
    assert!(log.len() < 100_200 && log.contains("the log is full"), "{}", log.len());
    assert!(chunk(&attempt.folder().log(), -100).unwrap().text.contains("the log is full"));
}

#[test]
fn a_file_beyond_the_bound_ends_the_job() {
    let attempt = Attempt::new(Spec { file_bytes: 1 << 20, ..Spec::kind("test.write") });
    assert_eq!(attempt.run().reason.unwrap().code, "task_file_too_large");
}

#[test]
fn cancel_ends_the_job_and_all_that_it_started() {
    let attempt = Attempt::new(Spec::kind("test.sleep"));
    let mut child = attempt.spawn();
    attempt.wait_for(|folder| folder.starts().exists());
    std::thread::sleep(Duration::from_millis(200));
    fs::write(attempt.folder().cancel(), "").unwrap();
    assert!(child.wait().unwrap().success());
    let exit: Exit = read_record(&attempt.folder().exit()).unwrap().unwrap();
    assert_eq!(exit.reason.unwrap().code, "cancelled");
}

#[test]
fn what_a_task_left_in_another_session_is_measured_and_ends_with_it() {
    let attempt = Attempt::new(Spec::kind("test.daemon"));
    let exit = attempt.run();
    assert!(exit.succeeded(), "{exit:?}");
    assert!(exit.usage.cpu_micros >= 200_000, "{:?}", exit.usage);
    let left = attempt.result()["pid"].as_u64().unwrap();
    assert!(!process::lives(u32::try_from(left).unwrap()));
}

#[test]
fn a_child_that_eats_memory_counts_as_the_job() {
    let attempt = Attempt::new(Spec { memory_mib: 200, ..Spec::kind("test.feed") });
    assert_eq!(attempt.run().reason.unwrap().code, "out_of_memory");
}

#[test]
fn a_secret_is_handed_over_and_leaves_no_file() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    assert!(attempt.folder().token().exists());
    attempt.run();
    assert!(!attempt.folder().token().exists());
    assert_eq!(attempt.result()["token"], "secret");
}

#[test]
fn of_many_supervisors_one_runs() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    let mut children: Vec<_> = (0..6).map(|_| attempt.spawn()).collect();
    let ran = children.iter_mut().map(|child| child.wait().unwrap().success());
    assert_eq!(ran.filter(|success| *success).count(), 1);
    assert_eq!(attempt.starts(), 1);
}

#[test]
fn a_barred_run_never_starts() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    let at = kernel::Timestamp(0);
    let bar = Claim { pid: 0, started_ticks: 0, boot: String::new(), at, barred: true };
    assert!(claim::take(&attempt.folder(), &bar).unwrap());
    assert!(!attempt.spawn().wait().unwrap().success());
    assert_eq!(attempt.starts(), 0);
    assert_eq!(claim::holder(&attempt.folder()).unwrap(), claim::Holder::Barred);
}

#[test]
fn when_the_supervisor_is_killed_the_task_dies_with_it_and_that_is_seen() {
    let attempt = Attempt::new(Spec::kind("test.sleep"));
    let mut child = attempt.spawn();
    attempt.wait_for(|_| attempt.log().contains("pid ") && attempt.log().ends_with('\n'));
    let alive = claim::holder(&attempt.folder()).unwrap();
    assert!(matches!(alive, claim::Holder::Alive(claim) if claim.pid == child.id()));
    let task = attempt.said_pid();
    child.kill().unwrap();
    child.wait().unwrap();
    attempt.wait_for(|_| !process::lives(task));
    assert_eq!(claim::holder(&attempt.folder()).unwrap(), claim::Holder::Gone);
    assert!(!attempt.folder().exit().exists());
}

#[test]
fn a_folder_that_cannot_be_used_is_told_by_the_exit_code() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    fs::create_dir(attempt.folder().lock()).unwrap(); // a folder where the lock should be
    assert_eq!(attempt.spawn().wait().unwrap().code(), Some(23));
    assert_eq!(attempt.starts(), 0);
}

#[test]
fn a_full_disk_stops_a_run_before_it_starts() {
    let attempt = Attempt::new(Spec::kind("test.work"));
    process::fill(&attempt.folder().exit().with_extension("part"));
    assert_eq!(attempt.spawn().wait().unwrap().code(), Some(21));
    assert_eq!(attempt.starts(), 0);
}

#[test]
fn a_job_that_fills_the_disk_says_so_and_one_whose_log_is_lost_goes_on() {
    let attempt = Attempt::new(Spec::kind("test.write"));
    fs::create_dir(attempt.folder().output()).unwrap();
    process::fill(&attempt.folder().output().join("large"));
    assert_eq!(attempt.run().reason.unwrap().code, "disk_full");
    let silent = Attempt::new(Spec::kind("test.work"));
    process::fill(&silent.folder().log());
    assert!(silent.run().succeeded());
}

#[test]
fn a_supervisor_whose_folder_is_gone_ends_too() {
    let attempt = Attempt::new(Spec { wall_seconds: 1, ..Spec::kind("test.sleep") });
    let mut child = attempt.spawn();
    attempt.wait_for(|_| attempt.log().contains("pid ")); // whatever it makes in the folder is there
    fs::remove_dir_all(attempt.folder().path()).unwrap();
    process::wait_until(|| !process::lives(child.id()));
    child.wait().unwrap();
}
