//! The life of an `evaluation.run` job: submitted, staged, run, published twice, read through the doors.

mod support;

use bytes::Bytes;
use commons::jobs::{self, Kinds, Resources, Submission, Task, TaskFile};
use evaluation::{Evaluation, jobs::run_task};
use hub::{CommitRequest, Content, Hub, RepoKind, Visibility};
use serde_json::{Value, json};
use support::{Server, lines_of, serve, texts, trained};

fn submission(spec: Value) -> Submission {
    let resources = Resources::new(1, 256, 60);
    let (kind, name) = ("evaluation.run".to_owned(), "evaluate twin".to_owned());
    Submission {
        kind,
        name,
        spec,
        inputs: vec![],
        priority: 50,
        resources,
        scheduling: Default::default(),
        idempotency: None,
    }
}

/// A private dataset of acme's with both splits; returns its reference.
async fn dataset(hub: &Hub, acme: &commons::identity::Caller) -> String {
    let split = |from, count| Content::Bytes(Bytes::from(lines_of(&texts(from, count))));
    let request = CommitRequest {
        kind: RepoKind::Dataset,
        org: acme.org,
        name: "notes".into(),
        visibility: Visibility::Private,
        message: "Add both splits".into(),
        author: "test".into(),
        files: vec![
            ("data/train-00000-of-00001.jsonl".into(), split(0, 30)),
            ("data/heldout-00000-of-00001.jsonl".into(), split(100, 12)),
        ],
        replace_all: true,
        idempotency: "first".into(),
    };
    hub.commit(request).await.unwrap().reference
}

testkit::each_db! {
    async fn a_job_is_run_recorded_once_and_shown(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let evaluation = Evaluation::open(&kit.commons, &hub).await.unwrap();
        let router = evaluation.routes(&kit.commons).into_router();
        let ((acme, token), (rival, rival_token)) = (kit.org("acme").await, kit.org("rival").await);
        let spec = json!({"model": "acme/twin", "dataset": dataset(&hub, &acme).await, "seed": 3,
                          "limits": {"documents": 6, "questions": 6, "resamples": 100}});
        let kinds = Kinds::default().with(evaluation.clone());
        let stolen = jobs::submit(&kit.commons, &kinds, &rival, submission(spec.clone())).await.unwrap_err();
        assert_eq!(stolen.code, "repo_not_found", "another organisation's dataset is not there for it");
        let job = jobs::submit(&kit.commons, &kinds, &acme, submission(spec.clone())).await.unwrap();
        assert_eq!(job.inputs, [spec["dataset"].as_str().unwrap()]);

        let kind = kinds.find("evaluation.run").unwrap();
        let folder = kit.folder.path().join("job");
        kind.stage(&kit.commons, &job, &folder.join("input")).await.unwrap();
        let model = trained(&texts(0, 30));
        let (url, _) = serve(Server { model, context_bytes: 1 << 20, failures: 0, requests: 0.into() }).await;
        let file = TaskFile {
            job: job.id.to_string(), kind: job.kind.clone(), spec, cpus: 1, memory_mib: 256, wall_seconds: 60,
        };
        let mut task = Task::open(&folder, &file).unwrap();
        task.endpoint = Some(url);
        let result = tokio::task::spawn_blocking(move || run_task(&task)).await.unwrap().unwrap();
        assert_eq!(result["tasks"][0]["significant"], false);

        let published = kind.publish(&kit.commons, &job, &folder.join("output"), &result).await.unwrap();
        kit.clock.advance_seconds(60);
        let again = kind.publish(&kit.commons, &job, &folder.join("output"), &result).await.unwrap();
        assert_eq!(published.outputs, again.outputs);
        assert_eq!(published.outputs, [format!("evaluation:{}", job.id)]);

        let all = kit.call(&router, "GET", "/api/v1/leaderboards", Some(&rival_token), None).await.json();
        assert_eq!(all["items"].as_array().unwrap().len(), 2, "one leaderboard per task: {all}");
        let path = "/api/v1/leaderboards/heldout_bits_per_byte";
        let board = kit.call(&router, "GET", path, Some(&token), None).await.json();
        let entries = board["boards"][0]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "the model and the baseline, once: {board}");
        assert_eq!(board["boards"][0]["items"], 6);

        let path = format!("/api/v1/evaluations/{}", job.id);
        let run = kit.call(&router, "GET", &path, Some(&token), None).await;
        assert_eq!(run.json()["outcome"]["tasks"][0]["samples"].as_array().unwrap().len(), 6);
        assert_eq!(kit.call(&router, "GET", &path, Some(&rival_token), None).await.status, 404);
        for (path, status) in [(path.as_str(), 401), ("/api/v1/leaderboards", 401)] {
            assert_eq!(kit.call(&router, "GET", path, None, None).await.status, status);
        }
        let missing = kit.call(&router, "GET", "/api/v1/leaderboards/none", Some(&token), None).await;
        assert_eq!((missing.status.as_u16(), missing.json()["code"].clone()), (404, "leaderboard_missing".into()));
    }

    async fn bad_specs_are_refused_before_they_are_queued(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let kinds = Kinds::default().with(Evaluation::open(&kit.commons, &hub).await.unwrap());
        let (acme, _) = kit.org("acme").await;
        let dataset = dataset(&hub, &acme).await;
        let model_reference = dataset.replace("dataset:", "model:");
        for (spec, code) in [
            (json!({"model": "m", "dataset": dataset, "sed": 1}), "evaluation_spec_invalid"),
            (json!({"model": "", "dataset": dataset}), "evaluation_spec_invalid"),
            (json!({"model": "m", "dataset": model_reference}), "evaluation_spec_invalid"),
            (json!({"model": "m", "dataset": "notes"}), "reference_invalid"),
            (json!({"model": "m", "dataset": dataset, "limits": {"documents": 0}}), "evaluation_limits_invalid"),
            (json!({"model": "m", "dataset": dataset, "limits": {"documents": 1e30}}), "evaluation_spec_invalid"),
        ] {
            let error = jobs::submit(&kit.commons, &kinds, &acme, submission(spec.clone())).await.unwrap_err();
            assert_eq!(error.code, code, "{spec}");
        }
    }
}
