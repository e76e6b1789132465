//! The job kind and the routes, as the platform uses them.

mod support;

use commons::{
    jobs::{self, JobKind, Kinds, Resources, Submission, Task, TaskFile},
    provenance, uploads,
};
use corpus::{Corpus, jobs::KIND};
use hub::{Hub, Viewer};
use serde_json::{Value, json};
use std::fs;
use support::{prose, zip};

fn bundle() -> Vec<u8> {
    let texts: Vec<_> = (0..30).map(|n| (format!("{n}.md"), prose(n, 120))).collect();
    let lines = (0..30).map(|n| {
        format!("{{\"path\":\"{n}.md\",\"source\":\"s{}\",\"author\":\"Ann\",\"licence\":\"MIT\"}}\n", n % 2)
    });
    let provenance: String = lines.collect();
    let mut files: Vec<(&str, &[u8])> =
        texts.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    files.push(("provenance.jsonl", provenance.as_bytes()));
    zip(&files)
}

fn submission(spec: Value) -> Submission {
    let resources = Resources::new(1, 512, 60);
    Submission {
        kind: KIND.into(),
        name: "build".into(),
        spec,
        inputs: vec![],
        priority: 50,
        resources,
        scheduling: Default::default(),
        idempotency: None,
    }
}

testkit::each_db! {
    async fn a_bundle_becomes_a_data_set_that_only_its_organisation_sees(kit: Kit) {
        let (acme, acme_token) = kit.org("acme").await;
        let (other, other_token) = kit.org("other").await;
        let commons = &kit.commons;
        let hub = Hub::open(commons).await.unwrap();
        let corpus = Corpus::open(commons, &hub);
        let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from(bundle()))]);
        let upload = uploads::receive(commons, &acme, body).await.unwrap().reference();
        let spec = json!({"upload": upload, "repo": "acme/notes", "title": "Notes"});

        // Whose upload and whose repository is checked before anything is queued.
        let refused = corpus.inputs(commons, &other, &submission(spec.clone())).await.unwrap_err();
        assert_eq!(refused.code, "corpus_repo_foreign");
        let foreign = submission(json!({"upload": upload, "repo": "other/notes", "title": "Notes"}));
        assert_eq!(corpus.inputs(commons, &other, &foreign).await.unwrap_err().code, "upload_missing");

        let kinds = Kinds::default().with(corpus.clone());
        let job = jobs::submit(commons, &kinds, &acme, submission(spec.clone())).await.unwrap();
        assert_eq!(job.inputs, std::slice::from_ref(&upload));
        let folder = kit.folder.path().join("job");
        let (file_spec, id) = (spec.clone(), job.id.to_string());
        let file = TaskFile { job: id, kind: KIND.into(), spec: file_spec, cpus: 2, memory_mib: 512, wall_seconds: 60 };
        let task = Task::open(&folder, &file).unwrap();
        corpus.stage(commons, &job, &task.input()).await.unwrap();
        let output = task.output();
        let result = tokio::task::spawn_blocking(move || corpus::jobs::run_task(&task)).await.unwrap().unwrap();
        assert_eq!(result["documents"], 30);
        let published = corpus.publish(commons, &job, &output, &result).await.unwrap();
        let again = corpus.publish(commons, &job, &output, &result).await.unwrap();
        assert_eq!(published.outputs, again.outputs, "publishing again changes nothing");
        assert!(fs::read_to_string(folder.join("events.jsonl")).unwrap().contains("progress"));

        let reference = &published.outputs[0];
        let given = provenance::contributions(commons.db.pool(), reference).await.unwrap();
        assert_eq!(given.iter().map(|row| row.documents).sum::<i64>(), 30);
        assert_eq!(given.len(), 2);

        let router = corpus.routes(commons).into_router();
        let listed = kit.call(&router, "GET", "/api/v1/datasets", Some(&acme_token), None).await.json();
        assert_eq!(listed["items"][0]["name"], "acme/notes");
        assert_eq!(listed["items"][0]["facts"]["documents"], 30);
        let detail = kit.call(&router, "GET", "/api/v1/datasets/acme/notes", Some(&acme_token), None).await.json();
        assert_eq!(detail["report"]["steps"].as_array().unwrap().len(), 6);
        assert_eq!(detail["samples"].as_array().unwrap().len(), 5);
        assert_eq!(detail["contributions"].as_array().unwrap().len(), 2);
        assert_eq!(detail["reference"], json!(reference));

        for (token, status) in [(Some(other_token.as_str()), 404), (None, 401)] {
            let reply = kit.call(&router, "GET", "/api/v1/datasets/acme/notes", token, None).await;
            assert_eq!(reply.status, status, "{}", reply.text());
        }
        let theirs = kit.call(&router, "GET", "/api/v1/datasets", Some(&other_token), None).await.json();
        assert_eq!(theirs["items"], json!([]));
        assert!(corpus.detail(Viewer::Anonymous, "acme/notes", "main").await.is_err());
    }

    async fn specs_that_cannot_work_are_refused_with_the_key(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let corpus = Corpus::open(&kit.commons, &hub);
        let refused = |spec: Value| corpus.check(&submission(spec)).unwrap_err();
        assert!(refused(json!({"upload": "upload:0", "repo": "a/b"})).text.contains("title"));
        let extra = json!({"upload": "upload:0", "repo": "a/b", "title": "t", "recipee": ""});
        assert!(refused(extra).text.contains("recipee"));
        let wrong = json!({"upload": "upload:0", "repo": "a/b", "title": "t", "recipe": "builtin:nothing"});
        assert_eq!(refused(wrong).code, "corpus_recipe_invalid");
        let reaching = "title = 'x'\n[[step]]\nuse = 'command'\nrun = ['cat', '/etc/passwd']";
        let reaching = json!({"upload": "upload:0", "repo": "a/b", "title": "t", "recipe": reaching});
        assert_eq!(refused(reaching).code, "corpus_recipe_reaches_out", "a tenant's recipe runs no programs here");
        assert_eq!(refused(json!({"upload": "x", "repo": "a/b", "title": "t"})).code, "corpus_spec_invalid");
    }
}
