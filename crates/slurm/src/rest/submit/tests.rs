//! Submissions in both shapes, and the answers to them.

use super::*;
use crate::{Gres, Submission};
use kernel::Kind;
use std::time::Duration;

fn request() -> Request {
    Request {
        name: "mosu-job_1-1".into(),
        script: "#!/bin/sh\ntrue\n".into(),
        nodes: vec!["n2".into(), "n4".into()],
        tasks_per_node: 1,
        cpus_per_task: 4,
        memory_mib: 1000,
        gres: vec![Gres { name: "gpu".into(), model: Some("a100".into()), count: 2 }],
        wall: Duration::from_secs(61),
        folder: "/shared/job".into(),
        output: "/shared/job/log".into(),
        comment: "for acme".into(),
        environment: vec![("A".into(), "b, c\nd".into())],
        partition: Some("main".into()),
        account: None,
        qos: None,
    }
}

fn sent(version: &str) -> Value {
    let version = super::super::version::allowed(&[version.to_owned()]).unwrap()[0];
    serde_json::from_slice(&body(&request(), version)).unwrap()
}

#[test]
fn the_older_shape_names_nodes_and_forbids_requeueing_as_sbatch_does() {
    let body = sent("v0.0.38");
    assert_eq!(body["script"], "#!/bin/sh\ntrue\n");
    let job = &body["job"];
    assert_eq!((&job["nodelist"], &job["nodes"]), (&json!("n2,n4"), &json!([2, 2])));
    assert_eq!((&job["no_requeue"], job.get("requeue")), (&json!(true), None));
    assert_eq!((&job["time_limit"], &job["memory_per_node"]), (&json!(2), &json!(1000)));
    assert_eq!((&job["gres"], &job["environment"]["A"]), (&json!("gpu:a100:2"), &json!("b, c\nd")));
    assert_eq!((&job["tasks"], job.get("account")), (&json!(2), None));
}

#[test]
fn the_newer_shape_has_lists_and_numbers_that_may_be_unset() {
    let body = sent("v0.0.40");
    let job = &body["job"];
    assert_eq!((body.get("script"), &job["script"]), (None, &json!("#!/bin/sh\ntrue\n")));
    assert_eq!(job["required_nodes"], json!(["n2", "n4"]));
    assert_eq!((&job["minimum_nodes"], &job["maximum_nodes"]), (&json!(2), &json!(2)));
    assert_eq!(job["requeue"], json!(false));
    assert_eq!(job["time_limit"], json!({"set": true, "infinite": false, "number": 2}));
    assert_eq!(job["environment"], json!(["A=b, c\nd"]));
    assert_eq!(job["tres_per_node"], "gres/gpu:a100:2");
    let older = sent("v0.0.39");
    assert_eq!(
        (&older["script"], &older["job"]["tres_per_node"]),
        (&json!("#!/bin/sh\ntrue\n"), &json!("gres:gpu:a100:2"))
    );
}

fn answered(status: u16, body: &str) -> Submission {
    match number(&Reply { status, body: body.as_bytes().to_vec() }) {
        Ok(id) => Submission::Taken(id),
        Err(failure) => failure.into(),
    }
}

#[test]
fn an_answer_with_a_number_is_a_job_whatever_it_warns_of() {
    let warned = r#"{"errors":[{"error_code":2068,"error":"Required node not available"}],"job_id":6}"#;
    assert_eq!(answered(200, warned).id(), Some(6));
    let newer = r#"{"job_id":9,"step_id":"batch","errors":[],"warnings":[]}"#;
    assert_eq!(answered(200, newer).id(), Some(9));
}

#[test]
fn the_four_ends_of_a_submission_are_told_apart() {
    let refused = r#"{"errors":[{"error_code":2000,"error":"Invalid partition name specified"}]}"#;
    let Submission::Refused(error) = answered(500, refused) else { panic!("refused") };
    assert!(error.kind == Kind::Invalid && error.text.contains("Invalid partition name"), "{error}");
    let parsing = r#"{"errors":[{"description":"Unknown key \"foo\"","source":"hsearch_r"},
        {"error_code":9001,"error":"Failure during parsing"}]}"#;
    let Submission::Refused(error) = answered(400, parsing) else { panic!("refused") };
    assert!(error.text.contains("Unknown key"), "{error}");
    let stranger = r#"{"errors":[{"error_code":5005,"error":"Zero Bytes were transmitted or received"}]}"#;
    assert!(matches!(answered(500, stranger), Submission::Unsure(_)));
    let away = r#"{"errors":[{"error_code":1800,"error":"Unable to contact slurm controller"}]}"#;
    assert!(matches!(answered(500, away), Submission::Unavailable(_)));
    let lost =
        r#"{"errors":[{"error_number":5004,"error":"Socket timed out on send/recv operation"}],"job_id":0}"#;
    assert!(matches!(answered(500, lost), Submission::Unsure(_)));
    assert!(matches!(answered(504, "<html>gateway timeout</html>"), Submission::Unsure(_)));
    assert!(matches!(answered(503, "<html>no</html>"), Submission::Unavailable(_)));
    assert!(
        matches!(answered(401, "Authentication failure"), Submission::Unavailable(error) if error.kind == Kind::Denied)
    );
    assert!(matches!(answered(200, "{}"), Submission::Unsure(_)));
}
