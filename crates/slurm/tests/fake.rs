//! The client against stand-ins: commands that fail in ways that a real Slurm seldom does, and an HTTP service that
//! breaks off.

use kernel::Kind;
use slurm::{Access, Commands, Request, Rest, Slurm, Submission, Token};
use std::{
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

/// A folder of commands; `scontrol` says that the controller is up.
fn tools(programs: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "scontrol", "echo 'Slurmctld(primary) at here is UP'");
    for (name, script) in programs {
        put(folder.path(), name, script);
    }
    folder
}

fn put(folder: &Path, name: &str, script: &str) {
    let file = folder.join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("it may run");
}

async fn connect(folder: &Path) -> Slurm {
    let access = Commands { folder: Some(folder.to_owned()), conf: None };
    Slurm::connect(Access::Commands(access)).await.expect("it is up")
}

fn request() -> Request {
    Request {
        name: "mosu-job_1-1".into(),
        script: "#!/bin/sh\ntrue\n".into(),
        nodes: vec!["n1".into()],
        tasks_per_node: 1,
        cpus_per_task: 1,
        memory_mib: 1,
        gres: Vec::new(),
        wall: Duration::from_secs(1),
        folder: "/tmp".into(),
        output: "/tmp/log".into(),
        comment: "--nice=0; rm -rf \"$HOME\"".into(),
        environment: vec![("WORD".into(), "a b".into())],
        partition: None,
        account: None,
        qos: None,
    }
}

#[tokio::test]
async fn what_is_submitted_reaches_sbatch_unchanged_and_nothing_else_does() {
    let script =
        "d=$(dirname \"$0\"); for a; do echo \"$a\"; done >$d/args; cat >$d/script; env >$d/env; echo 42";
    let folder = tools(&[("sbatch", script)]);
    assert_eq!(connect(folder.path()).await.submit(&request()).await.id(), Some(42));
    let told = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("what was told");
    assert!(
        told("args").lines().any(|line| line == "--comment=--nice=0; rm -rf \"$HOME\""),
        "{}",
        told("args")
    );
    assert!(told("args").lines().any(|line| line == "--no-requeue"));
    assert_eq!(told("script"), "#!/bin/sh\ntrue\n");
    let env = told("env");
    assert!(
        env.contains("WORD=a b") && !env.contains("CARGO") && !env.contains("SLURM_TIME_FORMAT"),
        "{env}"
    );
}

#[tokio::test]
async fn the_ends_of_sbatch_are_told_apart() {
    let fails =
        |words: &str| format!("echo 'sbatch: error: Batch job submission failed: {words}' >&2; exit 1");
    let timed_out = fails("Socket timed out on send/recv operation");
    let away = fails("Unable to contact slurm controller (connect failure)");
    let policy = fails("Job violates accounting/QOS policy (job submit limit, user size and/or time limits)");
    let stranger = fails("Protocol authentication error");
    for (script, end) in [
        (timed_out.as_str(), "unsure"),
        ("kill -9 $$", "unsure"),
        ("exit 1", "unsure"),
        ("echo hello", "unsure"),
        (&away, "unavailable"),
        (&stranger, "unavailable"),
        (&policy, "refused"),
    ] {
        let folder = tools(&[("sbatch", script)]);
        let found = match connect(folder.path()).await.submit(&request()).await {
            Submission::Taken(_) => "taken",
            Submission::Refused(_) => "refused",
            Submission::Unavailable(_) => "unavailable",
            Submission::Unsure(_) => "unsure",
        };
        assert_eq!(found, end, "{script}");
    }
}

#[tokio::test]
async fn a_bad_request_is_refused_before_slurm_hears_of_it() {
    let folder = tools(&[("sbatch", "touch $(dirname \"$0\")/heard; echo 1")]);
    let slurm = connect(folder.path()).await;
    let spoil: [fn(&mut Request); 12] = [
        |request| request.name = "a b".into(),
        |request| request.name = "-x".into(),
        |request| request.script = "true".into(),
        |request| request.nodes.clear(),
        |request| request.nodes = vec!["n[1-9]".into()],
        |request| request.cpus_per_task = 0,
        |request| request.wall = Duration::ZERO,
        |request| request.folder = "relative".into(),
        |request| request.output = "/tmp/%j".into(),
        |request| request.environment = vec![("LD_PRELOAD".into(), "x".into())],
        |request| request.environment = vec![("SLURM_CONF".into(), "x".into())],
        |request| request.partition = Some("a,b".into()),
    ];
    for (at, spoil) in spoil.iter().enumerate() {
        let mut request = request();
        spoil(&mut request);
        let end = slurm.submit(&request).await;
        assert!(matches!(&end, Submission::Refused(error) if error.kind == Kind::Invalid), "{at}: {end:?}");
    }
    assert!(!folder.path().join("heard").exists());
}

#[tokio::test]
async fn questions_that_fail_are_errors_and_never_empty_answers() {
    let folder = tools(&[
        ("squeue", "echo 'slurm_load_jobs error: Socket timed out on send/recv operation' >&2; exit 1"),
        ("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1"),
        (
            "scancel",
            "echo 'scancel: error: Kill job error on job id 7: Invalid job id specified' >&2; exit 1",
        ),
    ]);
    let slurm = connect(folder.path()).await;
    let error = slurm.find(&["a".into()]).await.expect_err("no answer");
    assert_eq!((error.kind, error.code), (Kind::Unavailable, "slurm_unavailable"));
    assert_eq!(slurm.accounting(&["a".into()], 0).await.expect("an answer"), None);
    slurm.cancel(&[7]).await.expect("a job that is gone is cancelled");
    let endless = tools(&[("squeue", "exec cat /dev/zero")]);
    let error = connect(endless.path()).await.jobs("a").await.expect_err("too much");
    assert_eq!(error.code, "slurm_answer_invalid");
    let none = tempfile::tempdir().expect("a folder");
    let access = Access::Commands(Commands { folder: Some(none.path().to_owned()), conf: None });
    assert_eq!(Slurm::connect(access).await.expect_err("no commands").kind, Kind::Unavailable);
}

/// An HTTP service that gives one answer after the other, each on its own connection, then goes away.
fn service(answers: Vec<Option<String>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut seen = [0; 65_536];
            let _ = stream.read(&mut seen);
            if let Some(body) = answer {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        }
    });
    url
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_is_unsure_and_one_that_never_came_is_unavailable() {
    let paths = r#"{"paths":{"/slurm/v0.0.40/ping/":{}}}"#.to_owned();
    let up = r#"{"pings":[{"pinged":"UP"}],"errors":[]}"#.to_owned();
    let url = service(vec![Some(paths), Some(up), None, Some("{\"jobs\":".into())]);
    let rest = Rest { url, user: "mosu".into(), token: Token::Text("secret".into()), versions: Vec::new() };
    assert!(!format!("{rest:?}").contains("secret"));
    let slurm = Slurm::connect(Access::Rest(rest)).await.expect("it is up");
    assert_eq!(slurm.version().as_deref(), Some("v0.0.40"));
    let end = slurm.submit(&request()).await;
    assert!(matches!(end, Submission::Unsure(_)), "{end:?}");
    let cut = slurm.find(&["a".into()]).await.expect_err("half an answer");
    assert_eq!(cut.code, "slurm_answer_invalid");
    assert_eq!(slurm.accounting(&["a".into()], 0).await.expect("an answer"), None, "no /slurmdb");
    let end = slurm.submit(&request()).await;
    assert!(matches!(end, Submission::Unavailable(_)), "{end:?}");
}

#[tokio::test]
async fn an_address_that_can_not_be_right_is_refused() {
    for url in ["localhost:6820", "unix:relative", "ftp://x", ""] {
        let rest = Rest { url: url.into(), user: "mosu".into(), token: Token::None, versions: Vec::new() };
        let error = Slurm::connect(Access::Rest(rest)).await.expect_err("an odd address");
        assert_eq!(error.code, "slurm_access_invalid", "{url}");
    }
}
