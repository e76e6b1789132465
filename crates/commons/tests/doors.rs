//! The doors: tokens, scopes, sessions, other organisations' things, uploads.

use axum::{body::Body, http::Request};
use commons::{http, identity};
use serde_json::json;

testkit::each_db! {
    async fn no_token_or_a_wrong_or_an_ended_one_opens_nothing(kit: Kit) {
        let (caller, secret) = kit.org("aa").await;
        let router = http::routes(&kit.commons).into_router();
        for token in [None, Some("mosu_wrong"), Some("")] {
            let reply = kit.call(&router, "GET", "/api/v1/whoami", token, None).await;
            assert_eq!(reply.status, 401);
            assert_eq!(reply.headers["content-type"], "application/problem+json");
        }
        assert_eq!(kit.call(&router, "GET", "/api/v1/whoami", Some(&secret), None).await.json()["organisation"]["slug"], "aa");
        let (now, org, token) = (kit.commons.now(), caller.org, caller.token);
        kit.commons.db.write(move |tx| Box::pin(async move { identity::revoke_token(tx, now, org, token).await })).await.unwrap();
        assert_eq!(kit.call(&router, "GET", "/api/v1/whoami", Some(&secret), None).await.status, 401);
    }

    async fn a_member_can_not_operate_or_mint_more_than_it_has(kit: Kit) {
        let (_, secret) = kit.org("aa").await;
        let router = http::routes(&kit.commons).into_router();
        for (method, path) in [("GET", "/api/v1/organisations"), ("GET", "/api/v1/ledger/verification"), ("GET", "/api/v1/audit")] {
            assert_eq!(kit.call(&router, method, path, Some(&secret), None).await.status, 403, "{path}");
        }
        let ask = |scopes: &str| json!({"name": "ci", "scopes": scopes});
        assert_eq!(kit.call(&router, "POST", "/api/v1/tokens", Some(&secret), Some(ask("read operate"))).await.status, 403);
        let minted = kit.call(&router, "POST", "/api/v1/tokens", Some(&secret), Some(ask("read"))).await.json();
        let narrow = minted["secret"].as_str().unwrap().to_owned();
        assert_eq!(kit.call(&router, "GET", "/api/v1/accounts", Some(&narrow), None).await.status, 200);
        assert_eq!(kit.call(&router, "POST", "/api/v1/tokens", Some(&narrow), Some(ask("read"))).await.status, 403);
        let rows: Vec<String> = sqlx::query_scalar("SELECT hash FROM commons_token").fetch_all(kit.commons.db.pool()).await.unwrap();
        assert!(rows.iter().all(|hash| !hash.contains(&narrow) && hash.len() == 64));
    }

    async fn an_upload_is_its_organisations_alone(kit: Kit) {
        let ((a, secret), (b, _)) = (kit.org("aa").await, kit.org("bb").await);
        let router = http::routes(&kit.commons).into_router();
        let put = |body: &'static str| {
            let request = Request::put("/api/v1/uploads").header("authorization", format!("Bearer {secret}"));
            kit.send(&router, request.body(Body::from(body)).unwrap())
        };
        assert_eq!(put("").await.status, 400);
        let reference = put("text").await.json()["reference"].as_str().unwrap().to_owned();
        assert!(commons::uploads::require(kit.commons.db.pool(), a.org, &reference).await.is_ok());
        assert!(commons::uploads::require(kit.commons.db.pool(), b.org, &reference).await.is_err());
    }

    async fn a_session_needs_its_own_site_to_change_anything(kit: Kit) {
        let (_, secret) = kit.org("aa").await;
        let router = http::routes(&kit.commons).into_router();
        let cookie = identity::open_session(&kit.commons, &secret).await.unwrap();
        let post = |origin: Option<&str>| {
            let mut request = Request::post("/api/v1/tokens").header("host", "mosu.example")
                .header("cookie", format!("{}={}", http::SESSION_COOKIE, cookie.reveal())).header("content-type", "application/json");
            if let Some(origin) = origin { request = request.header("origin", origin); }
            kit.send(&router, request.body(Body::from(r#"{"name":"x","scopes":"read"}"#)).unwrap())
        };
        assert_eq!(post(None).await.status, 403);
        assert_eq!(post(Some("https://evil.example")).await.status, 403);
        assert_eq!(post(Some("https://mosu.example")).await.status, 200);
        kit.clock.advance_seconds(13 * 3600);
        assert_eq!(post(Some("https://mosu.example")).await.status, 401);
    }
}
