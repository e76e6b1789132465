//! The client against an API server of our own that keeps the documented contract.

mod server;

use kernel::Kind;
use kubernetes::{Access, JobState, Kubernetes, NodeState, Request, Submission, Token};
use serde_json::json;
use server::Server;
use std::{collections::BTreeMap, time::Duration};

fn access(server: &Server) -> Access {
    Access {
        url: server.url.clone(),
        namespace: "acme".into(),
        token: Token::Text("secret".into()),
        authority: None,
        owner: "mosu".into(),
    }
}

async fn connect(server: &Server) -> Kubernetes {
    Kubernetes::connect(access(server)).await.expect("it answers")
}

fn request(name: &str) -> Request {
    Request {
        name: name.into(),
        image: "registry.example/task:1".into(),
        command: vec!["/bin/task".into()],
        pods: 1,
        nodes: Vec::new(),
        selector: BTreeMap::new(),
        cpus: 1,
        memory_mib: 64,
        devices: BTreeMap::new(),
        wall: Duration::from_secs(60),
        environment: Vec::new(),
        folder: None,
        queue: Some("acme".into()),
    }
}

fn id(submission: Submission) -> String {
    match submission {
        Submission::Taken(id) => id,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_job_lives_from_its_queue_to_its_end() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    let name = "mosu-job_1-1".to_owned();
    let id = id(kubernetes.submit(&request(&name)).await);
    let job = &kubernetes.find(std::slice::from_ref(&name)).await.expect("it is there")[0];
    assert_eq!((&job.id, &job.name, job.state, job.started), (&id, &name, JobState::Pending, None));

    // Kueue admits it by its spec; a controller tells the rest by its status.
    server.change("mosu-job-1-1", |job| job["spec"]["suspend"] = json!(false));
    server.status("mosu-job-1-1", json!({"active": 1, "ready": 1, "startTime": "2026-01-01T00:00:00Z"}));
    let job = &kubernetes.jobs("mosu-job").await.expect("it is there")[0];
    assert_eq!((job.state, job.started), (JobState::Running, Some(1_767_225_600)));

    let failed = json!({"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
        "lastTransitionTime": "2026-01-01T00:00:07Z"});
    server.status(
        "mosu-job-1-1",
        json!({"failed": 1, "startTime": "2026-01-01T00:00:00Z", "conditions": [failed]}),
    );
    let job = &kubernetes.find(&[name]).await.expect("it is there")[0];
    assert_eq!((job.state, job.ended), (JobState::Failed, Some(1_767_225_607)));
    assert_eq!(job.reason, "BackoffLimitExceeded");
}

#[tokio::test]
async fn the_same_name_twice_is_the_same_job() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    let first = id(kubernetes.submit(&request("a_1")).await);
    assert_eq!(id(kubernetes.submit(&request("a_1")).await), first);
    // Another name of ours that would be the same object, and a stranger's object.
    assert!(matches!(kubernetes.submit(&request("a-1")).await, Submission::Refused(_)));
    server.change("a-1", |job| job["metadata"]["labels"]["mosu/owner"] = json!("somebody"));
    assert!(matches!(kubernetes.submit(&request("a_1")).await, Submission::Refused(_)));
    assert!(kubernetes.find(&["a_1".into()]).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn an_answer_that_got_lost_is_unsure_and_asking_again_gives_the_one_job() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    server.lose_next_answer();
    assert!(matches!(kubernetes.submit(&request("lost-1")).await, Submission::Unsure(_)));
    id(kubernetes.submit(&request("lost-1")).await);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_list_whose_next_page_expired_is_begun_again_and_complete() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    for n in 0..5 {
        id(kubernetes.submit(&request(&format!("page-{n}"))).await);
    }
    server.pages_of(2);
    assert_eq!(kubernetes.jobs("page-").await.expect("all").len(), 5);
    server.expire_next_pages(1);
    assert_eq!(kubernetes.jobs("page-").await.expect("all, at the second try").len(), 5);
    server.expire_next_pages(100);
    let error = kubernetes.jobs("page-").await.expect_err("never half of it");
    assert_eq!(error.kind, Kind::Unavailable);
}

#[tokio::test]
async fn a_cancelled_job_completes_and_goes() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    id(kubernetes.submit(&request("gone-1")).await);
    let names = ["gone-1".to_owned(), "never-was".to_owned()];
    kubernetes.cancel(&names).await.expect("it is deleted");
    assert_eq!(kubernetes.find(&names).await.expect("an answer")[0].state, JobState::Completing);
    server.finish_deletions();
    assert!(kubernetes.find(&names).await.expect("an answer").is_empty());
    kubernetes.cancel(&names).await.expect("again");
}

#[tokio::test]
async fn what_is_refused_denied_or_over_quota_is_told_apart() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    let stranger = Access { token: Token::Text("other".into()), ..access(&server) };
    assert_eq!(Kubernetes::connect(stranger).await.expect_err("a wrong token").kind, Kind::Denied);
    server.answer_next(422, "Invalid", "Job is invalid: spec.template: Required value");
    let Submission::Refused(error) = kubernetes.submit(&request("b-1")).await else { panic!("refused") };
    assert!(error.text.contains("Required value"), "{error}");
    server.answer_next(403, "Forbidden", "jobs is forbidden: exceeded quota: batch");
    assert!(matches!(kubernetes.submit(&request("b-1")).await, Submission::Unavailable(_)));
    server.answer_next(500, "InternalError", "etcdserver: request timed out");
    assert!(matches!(kubernetes.submit(&request("b-1")).await, Submission::Unsure(_)));
    server.answer_next(503, "ServiceUnavailable", "not now");
    assert_eq!(kubernetes.jobs("").await.expect_err("no answer").kind, Kind::Unavailable);
    for spoil in
        [|r: &mut Request| r.name = "Big".into(), |r: &mut Request| r.pods = 0, |r: &mut Request| r.cpus = 0]
    {
        let mut request = request("c-1");
        spoil(&mut request);
        assert!(matches!(kubernetes.submit(&request).await, Submission::Refused(_)));
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn nodes_are_told_and_a_server_that_is_away_is_unavailable() {
    let server = Server::start();
    let kubernetes = connect(&server).await;
    let nodes = kubernetes.nodes().await.expect("the nodes");
    let [node] = &nodes[..] else { panic!("{nodes:?}") };
    assert_eq!(
        (node.name.as_str(), node.state, node.cpus, node.memory_mib),
        ("gpu-1", NodeState::Up, 64, 262_144)
    );
    assert_eq!(node.devices["nvidia.com/gpu"], 8);
    server.stop();
    for error in [kubernetes.nodes().await.err(), kubernetes.find(&["a".into()]).await.err()] {
        assert_eq!(error.expect("no answer").kind, Kind::Unavailable);
    }
    assert!(matches!(kubernetes.submit(&request("d-1")).await, Submission::Unavailable(_)));
}
