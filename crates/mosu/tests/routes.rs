//! Every route with its rule: a snapshot that a change must change knowingly, and proof that the rules hold.

use axum::{Router, body::Body, http::Request};
use commons::{
    http::{RouteInfo, Rule},
    identity::{self, NewOrg, NewToken, Scopes},
    jobs::{self, Resources, Submission},
};
use mosu::{config, platforms, server};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn open(folder: &tempfile::TempDir) -> platforms::Platforms {
    let mut config = config::Config::default();
    config.server.data = folder.path().join("data");
    platforms::Platforms::open(&config, "http://127.0.0.1:1").await.expect("the platforms open")
}

async fn token(
    platforms: &platforms::Platforms,
    slug: &str,
    operator: bool,
    scopes: Scopes,
) -> (identity::Caller, String) {
    let (commons, slug) = (&platforms.commons, slug.to_owned());
    let now = commons.now();
    let made = commons.db.write(move |tx| {
        Box::pin(async move {
            let org = NewOrg { name: slug.clone(), slug, operator, profile: Value::Null };
            let org = identity::create_org(tx, now, &org).await?;
            let token = NewToken { org, person: None, job: None, name: "t".into(), scopes, expires_at: None };
            Ok(identity::mint_token(tx, now, &token).await?.1)
        })
    });
    let secret = made.await.expect("a token").reveal().to_owned();
    (identity::authenticate(commons, &secret).await.expect("it works"), secret)
}

async fn status(router: &Router, route: &RouteInfo, path: &str, token: Option<&str>) -> u16 {
    let mut request =
        Request::builder().method(&route.method).uri(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from("{}")).expect("a request");
    router.clone().oneshot(request).await.expect("an answer").status().as_u16()
}

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_its_rule() {
    let folder = tempfile::tempdir().expect("a folder");
    let routes = server::routes(&open(&folder).await);
    let mut lines: Vec<_> = routes
        .table()
        .iter()
        .map(|route| format!("{:<22} {:<6} {}", route.rule.to_string(), route.method.as_str(), route.path))
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_every_route_that_is_not_public_refuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let platforms = open(&folder).await;
    let (_, no_scope) = token(&platforms, "empty", false, Scopes::default()).await;
    let routes = server::routes(&platforms);
    let table = routes.table().to_vec();
    let router = routes.into_router();
    for route in table.iter().filter(|route| route.rule != Rule::Public) {
        let path = filled(&route.path);
        let anonymous = status(&router, route, &path, None).await;
        // A page leads to the sign-in instead.
        assert!(anonymous == 401 || anonymous == 303, "{} {path}: {anonymous}", route.method);
        assert!(
            matches!(status(&router, route, &path, Some("mosu_wrong")).await, 401 | 303),
            "{} {path}",
            route.method
        );
        if let Rule::Needs(_) = route.rule {
            assert_eq!(status(&router, route, &path, Some(&no_scope)).await, 403, "{} {path}", route.method);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organisations_things_are_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let platforms = open(&folder).await;
    let (owner, _) = token(&platforms, "owner", false, Scopes::member()).await;
    let (_, stranger) = token(&platforms, "stranger", false, Scopes::member()).await;
    let submission = Submission {
        kind: "corpus.build".into(),
        name: "mine".into(),
        spec: json!({}),
        inputs: vec![],
        priority: 50,
        resources: Resources::new(1, 64, 60),
        scheduling: Default::default(),
        idempotency: None,
    };
    let (commons, here) = (platforms.commons.clone(), platforms.commons.clone());
    let job = here
        .db
        .write(move |tx| {
            let offer = jobs::Offer::free(vec![]);
            Box::pin(async move { jobs::submit_in(&commons, tx, &owner, &submission, offer).await })
        })
        .await
        .expect("a job");
    let routes = server::routes(&platforms);
    let table = routes.table().to_vec();
    let router = routes.into_router();
    let theirs = table.iter().filter(|route| route.path.contains("jobs/{id}"));
    let mut asked = 0;
    for route in theirs {
        let path = route.path.replace("{id}", &job.id.to_string());
        assert_eq!(status(&router, route, &path, Some(&stranger)).await, 404, "{} {path}", route.method);
        asked += 1;
    }
    assert!(asked >= 5, "jobs have at least five doors");
}
