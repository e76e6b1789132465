//! The job kind `model.train`: what it refuses, what it makes, and that publishing twice changes nothing.

use crate::world::{MODEL, World};
use commons::{jobs::JobKind, provenance};
use serde_json::json;
use testkit::Kit;

#[tokio::test]
async fn a_job_trains_publishes_and_serves_once() {
    let world = World::new(Kit::sqlite().await).await;
    let job = world.job(&world.submission(json!({}))).await;
    assert_eq!(
        job.inputs,
        std::slice::from_ref(&world.dataset),
        "the dataset's version is fixed when the job is submitted"
    );
    let result = world.work(&job).await;
    assert!(result["last_loss"].as_f64().unwrap() < result["first_loss"].as_f64().unwrap() / 2.0, "{result}");
    assert_eq!((&result["seed"], &result["job"]), (&json!(3), &json!(job.id)));
    let output = world.folder(&job).join("output");
    let events = std::fs::read_to_string(world.folder(&job).join("events.jsonl")).unwrap();
    assert!(events.contains("\"loss\"") && events.contains("\"tokens_per_second\""));
    let first = world.models.publish(&world.kit.commons, &job, &output, &result).await.unwrap();
    let again = world.models.publish(&world.kit.commons, &job, &output, &result).await.unwrap();
    assert_eq!(first.outputs, again.outputs);
    let served = world.models.list().await.unwrap();
    assert_eq!(served.len(), 1);
    assert_eq!((served[0].name.as_str(), &served[0].reference), (MODEL, &first.outputs[0]));
    let artifact = provenance::find(world.kit.commons.db.pool(), &first.outputs[0]).await.unwrap();
    assert_eq!(artifact.job, Some(job.id));
    // The same spec in another job gives the same weights.
    let twin = world.job(&world.submission(json!({}))).await;
    world.work(&twin).await;
    let weights = |job| std::fs::read(world.folder(job).join("output/model.safetensors")).unwrap();
    assert!(weights(&job) == weights(&twin));
}

#[tokio::test]
async fn what_cannot_be_trained_or_published_is_refused_early() {
    let world = World::new(Kit::sqlite().await).await;
    let commons = &world.kit.commons;
    let foreign = world.submission(json!({"repo": "bolt/tiny"}));
    assert_eq!(
        world.models.inputs(commons, &world.owner, &foreign).await.unwrap_err().code,
        "train_spec_invalid"
    );
    let own = world.submission(json!({"repo": "bolt/tiny"}));
    let hidden = world.models.inputs(commons, &world.customer, &own).await.unwrap_err();
    assert_eq!(hidden.code, "repo_not_found", "a private dataset of another organisation is not there");
    assert!(world.models.check(&world.submission(json!({"widht": 1}))).unwrap_err().text.contains("widht"));
    assert!(world.models.check(&world.submission(json!({"heads": 5}))).is_err());
}
