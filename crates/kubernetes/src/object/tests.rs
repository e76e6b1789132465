//! The object of a request, field by field.

use super::*;
use std::{collections::BTreeMap, time::Duration};

fn request() -> Request {
    Request {
        name: "mosu-job_01k-2".into(),
        image: "registry.example/task:1".into(),
        command: vec!["/bin/task".into(), "$HOME".into()],
        pods: 2,
        nodes: vec!["gpu-1".into(), "gpu-2".into()],
        selector: BTreeMap::from([("pool".into(), "a100".into())]),
        cpus: 8,
        memory_mib: 1024,
        devices: BTreeMap::from([("nvidia.com/gpu".into(), 4)]),
        wall: Duration::from_millis(1500),
        environment: vec![("A".into(), "$(B)".into())],
        folder: None,
        queue: Some("acme".into()),
    }
}

#[test]
fn a_pod_sees_its_folder_and_nothing_else_of_the_volume() {
    let folder = Folder { claim: "data".into(), inside: "jobs/a/1".into(), path: "/srv/jobs/a/1".into() };
    let with = |folder| Request { folder: Some(folder), ..request() };
    assert!(with(folder.clone()).check().is_ok());
    let job = job(&with(folder.clone()), "here");
    let pod = &job["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "data");
    let mount = json!([{"name": "folder", "mountPath": "/srv/jobs/a/1", "subPath": "jobs/a/1"}]);
    assert_eq!(pod["containers"][0]["volumeMounts"], mount);
    for inside in ["", "/jobs", "jobs/../..", "jobs//a"] {
        assert!(with(Folder { inside: inside.into(), ..folder.clone() }).check().is_err(), "{inside}");
    }
}

#[test]
fn a_gang_waits_for_its_queue_and_is_never_started_twice() {
    let job = job(&request(), "here");
    let spec = &job["spec"];
    assert_eq!(job["metadata"]["name"], "mosu-job-01k-2");
    assert_eq!(job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"], "acme");
    assert_eq!(job["metadata"]["labels"][NAME], "mosu-job_01k-2");
    assert_eq!((&spec["suspend"], &spec["backoffLimit"]), (&json!(true), &json!(0)));
    assert_eq!((&spec["completions"], &spec["parallelism"]), (&json!(2), &json!(2)));
    assert_eq!((&spec["completionMode"], &spec["activeDeadlineSeconds"]), (&json!("Indexed"), &json!(2)));
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
}

#[test]
fn pods_get_what_they_asked_for_on_nodes_of_their_own() {
    let job = job(&request(), "here");
    let pod = &job["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(
        container["resources"]["limits"],
        json!({"cpu": "8", "memory": "1024Mi", "nvidia.com/gpu": "4"})
    );
    assert_eq!(container["resources"]["limits"], container["resources"]["requests"]);
    assert_eq!(
        (&container["command"][1], &container["env"][0]["value"]),
        (&json!("$$HOME"), &json!("$$(B)"))
    );
    assert_eq!(pod["nodeSelector"]["pool"], "a100");
    let terms = &pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    assert_eq!(terms["nodeSelectorTerms"][0]["matchExpressions"][0]["values"], json!(["gpu-1", "gpu-2"]));
    let apart = &pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0];
    assert_eq!(apart["labelSelector"]["matchLabels"][NAME], "mosu-job_01k-2");
}

#[test]
fn without_a_queue_nobody_holds_the_job_back() {
    let job = job(&Request { queue: None, nodes: Vec::new(), ..request() }, "here");
    assert_eq!(job["spec"]["suspend"], false);
    assert!(job["metadata"]["labels"].get("kueue.x-k8s.io/queue-name").is_none());
    assert!(job["spec"]["template"]["spec"].get("affinity").is_none());
}
