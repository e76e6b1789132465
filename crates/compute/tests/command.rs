//! The server's side of `command.run`: who may submit what, what is staged, what is published.

use cell::Protection;
use commons::{
    identity::Caller,
    jobs::{self, Job, JobKind, Kinds, Submission},
};
use compute::command::{Command, Commands, Isolation};
use hub::{CommitRequest, Content, Hub, RepoKind, Viewer, Visibility};
use kernel::Error;
use serde_json::{Value, json};
use std::fs;
use testkit::Kit;

fn held() -> Isolation {
    let protection = Protection { landlock: 6, namespaces: true, own_user: false };
    Isolation { commands: Commands::Auto, protection }
}

fn submission(spec: Value, inputs: &[String]) -> Submission {
    serde_json::from_value(json!({"kind": "command.run", "name": "a test", "spec": spec, "inputs": inputs,
        "resources": {"cpus": 1, "memory_mib": 64, "wall_seconds": 10}}))
    .unwrap()
}

async fn submit(
    kit: &Kit,
    command: &Command,
    who: &Caller,
    spec: Value,
    inputs: &[String],
) -> Result<Job, Error> {
    let kinds = Kinds::default().with(command.clone());
    jobs::submit(&kit.commons, &kinds, who, submission(spec, inputs)).await
}

async fn dataset(kit: &Kit, hub: &Hub) -> (Caller, String) {
    let (acme, _) = kit.org("acme").await;
    let request = CommitRequest {
        kind: RepoKind::Dataset,
        org: acme.org,
        name: "notes".into(),
        visibility: Visibility::Private,
        message: "First".into(),
        author: "acme".into(),
        files: vec![("data/train.jsonl".into(), Content::Bytes("{}".into()))],
        replace_all: true,
        idempotency: "first".into(),
    };
    (acme, hub.commit(request).await.unwrap().reference)
}

testkit::each_db! {
    async fn what_a_command_reads_is_staged_and_what_it_wrote_published(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let (acme, reference) = dataset(&kit, &hub).await;
        let command = Command::new(&hub, held());
        let spec = json!({"script": "#!/bin/sh\ntrue", "publish": "acme/results"});
        let job = submit(&kit, &command, &acme, spec, std::slice::from_ref(&reference)).await.unwrap();
        assert_eq!(job.inputs, std::slice::from_ref(&reference));

        let (input, output) = (kit.folder.path().join("input"), kit.folder.path().join("output"));
        command.stage(&kit.commons, &job, &input).await.unwrap();
        assert_eq!(fs::read_to_string(input.join("datasets/acme/notes/data/train.jsonl")).unwrap(), "{}");

        fs::create_dir_all(output.join("figures")).unwrap();
        let empty = command.publish(&kit.commons, &job, &output, &Value::Null).await.unwrap_err();
        assert_eq!(empty.code, "command_output_invalid");
        fs::write(output.join("figures/loss.csv"), "1,2").unwrap();
        let link = output.join("database");
        std::os::unix::fs::symlink(kit.folder.path().join("mosu.sqlite"), &link).unwrap();
        let led_out = command.publish(&kit.commons, &job, &output, &Value::Null).await.unwrap_err();
        assert!(led_out.text.contains("database"), "{led_out}");
        fs::remove_file(link).unwrap();

        let result = json!({"exit_code": 0});
        let published = command.publish(&kit.commons, &job, &output, &result).await.unwrap();
        let again = command.publish(&kit.commons, &job, &output, &result).await.unwrap();
        assert_eq!((published.outputs.len(), &published.outputs), (1, &again.outputs));
        let revision = hub.resolve_reference(Viewer::Org(acme.org), &published.outputs[0]).await.unwrap();
        assert_eq!(revision.entries[0].path, "figures/loss.csv");
        assert_eq!(revision.repo.name, "acme/results");
    }

    async fn nobody_reads_or_writes_what_is_not_theirs(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let (_, reference) = dataset(&kit, &hub).await;
        let (stranger, _) = kit.org("stranger").await;
        let command = Command::new(&hub, held());
        let plain = json!({"command": ["true"]});
        let read = submit(&kit, &command, &stranger, plain.clone(), &[reference]).await.unwrap_err();
        assert_eq!(read.kind, kernel::Kind::NotFound);
        let wrong = submit(&kit, &command, &stranger, plain, &["/etc/passwd".into()]).await.unwrap_err();
        assert_eq!(wrong.code, "reference_invalid");
        let foreign = json!({"command": ["true"], "publish": "acme/notes"});
        let write = submit(&kit, &command, &stranger, foreign, &[]).await.unwrap_err();
        assert_eq!(write.code, "command_repo_foreign");
    }

    async fn a_server_that_cannot_hold_commands_takes_none(kit: Kit) {
        let hub = Hub::open(&kit.commons).await.unwrap();
        let (acme, _) = kit.org("acme").await;
        for isolation in [
            Isolation { commands: Commands::Off, ..held() },
            Isolation { protection: Protection { landlock: 0, ..held().protection }, ..held() },
        ] {
            let command = Command::new(&hub, isolation);
            let refused = submit(&kit, &command, &acme, json!({"command": ["true"]}), &[]).await.unwrap_err();
            assert_eq!((refused.code, refused.kind), ("commands_off", kernel::Kind::Denied));
        }
    }
}
