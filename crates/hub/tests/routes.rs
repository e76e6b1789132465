//! The hub's addresses stand beside the console's without taking them.

mod support;

use axum::{Router, routing::get};
use hub::{RepoKind, Visibility};
use support::World;
use testkit::Kit;

#[tokio::test]
async fn pages_and_protocol_share_the_root() {
    let mut world = World::new(Kit::sqlite().await).await;
    for kind in RepoKind::ALL {
        world.commit(kind, "notes", Visibility::Public, &[("README.md", kind.as_str())]).await;
    }
    let pages = [
        "/jobs/{id}",
        "/datasets/{owner}/{title}",
        "/models/{org}/{name}",
        "/charges/{id}",
        "/services/{id}",
    ];
    let mut console = Router::new().route("/datasets", get(|| async { "page" }));
    for page in pages {
        console = console.route(page, get(|| async { "page" }));
    }
    world.router = std::mem::take(&mut world.router).merge(console);

    for page in [
        "/jobs/job_1",
        "/datasets",
        "/datasets/acme/notes",
        "/models/acme/notes",
        "/charges/c",
        "/services/s",
    ] {
        assert_eq!(world.get(page).await.text(), "page", "{page}");
    }
    assert_eq!(world.get("/datasets/acme/notes/resolve/main/README.md").await.text(), "dataset");
    assert_eq!(world.get("/acme/notes/resolve/main/README.md").await.text(), "model");
    for address in ["/jobs/notes/resolve/main/README.md", "/models/acme/resolve/main/README.md"] {
        assert_eq!(
            world.get(address).await.json()["error"].as_str().unwrap().matches("there is no model").count(),
            1
        );
    }
}
