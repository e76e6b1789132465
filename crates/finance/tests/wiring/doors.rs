//! Who may come through finance's doors, and what a wrong request is told.

use crate::world::{World, YUAN};
use axum::{Router, body::Body, http::Request};
use serde_json::{Value, json};
use testkit::Reply;

/// Sends a POST with an idempotency key.
async fn post_once(world: &World, router: &Router, path: &str, token: &str, key: &str, body: Value) -> Reply {
    let request = Request::post(path)
        .header("host", "localhost")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key);
    world.kit.send(router, request.body(Body::from(body.to_string())).unwrap()).await
}

testkit::each_db! {
    async fn strangers_are_refused_and_see_nothing(kit: Kit) {
        let world = World::new(kit).await;
        let router = world.finance.routes(&world.commons).into_router();
        let table = world.finance.routes(&world.commons);
        for route in table.table() {
            let public = route.rule == commons::http::Rule::Public;
            let path = route.path.replace(['{', '}'], "");
            let reply = world.kit.call(&router, route.method.as_str(), &path, None, None).await;
            assert_eq!(reply.status == 401, !public, "{} {}", route.method, route.path);
        }
        world.kit.fund(&world.user.0, 10 * YUAN).await;
        world.fund("model-voucher", 100).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", "vertical-application").await.unwrap();
        let charge = world.open(&world.user.0, &world.acme.0, "call-1", 2 * YUAN).await.unwrap();
        let path = format!("/api/v1/charges/{}/trace", charge.id);
        let stranger = world.kit.org("stranger").await;
        for (token, status) in [(&stranger.1, 404), (&world.user.1, 200), (&world.acme.1, 200), (&world.operator.1, 200)] {
            assert_eq!(world.kit.call(&router, "GET", &path, Some(token), None).await.status, status);
        }
        for (token, count) in [(&stranger.1, 0), (&world.user.1, 1), (&world.operator.1, 1)] {
            let reply = world.kit.call(&router, "GET", "/api/v1/vouchers", Some(token), None).await;
            assert_eq!(reply.json()["items"].as_array().unwrap().len(), count);
        }
    }

    async fn only_the_operator_moves_public_money_and_only_with_a_key(kit: Kit) {
        let world = World::new(kit).await;
        let router = world.finance.routes(&world.commons).into_router();
        let (path, body) = ("/api/v1/programmes/model-voucher/fund", json!({"amount_micros": YUAN}));
        assert_eq!(post_once(&world, &router, path, &world.user.1, "a", body.clone()).await.status, 403);
        let reply = world.kit.call(&router, "POST", path, Some(&world.operator.1), Some(body.clone())).await;
        assert_eq!(reply.json()["code"], "idempotency_key_missing");
        for _ in 0..2 {
            let reply = post_once(&world, &router, path, &world.operator.1, "a", body.clone()).await;
            assert_eq!((reply.status.as_u16(), &reply.json()["funded_micros"]), (200, &json!(YUAN)));
        }
        let none = post_once(&world, &router, "/api/v1/datasets/acme/notes/distribute", &world.operator.1, "b", json!({}));
        assert_eq!(none.await.json()["code"], "pool_missing");
    }

    async fn a_rule_can_be_read_and_tried_by_anyone_signed_in(kit: Kit) {
        let world = World::new(kit).await;
        let router = world.finance.routes(&world.commons).into_router();
        let listed = world.kit.call(&router, "GET", "/api/v1/policies", None, None).await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 4);
        let policy = world.kit.call(&router, "GET", "/api/v1/policies/model-voucher", None, None).await.json();
        assert_eq!(policy["policy"]["caps"]["per_claim"], "5,000,000.00 CNY");
        assert_eq!(policy["policy"]["source"]["article"]["zh"], "第2条");
        let facts = json!({"amount_micros": 1000 * YUAN, "service": "model"});
        let path = "/api/v1/policies/model-voucher/decide";
        let tried = world.kit.call(&router, "POST", path, Some(&world.user.1), Some(facts)).await.json();
        assert_eq!((&tried["outcome"], &tried["granted_micros"]), (&json!("needs-evidence"), &json!(0)));
        let wrong = json!({"amount_micros": -1});
        let reply = world.kit.call(&router, "POST", path, Some(&world.user.1), Some(wrong)).await;
        assert_eq!(reply.json()["code"], "facts_invalid");
        let missing = world.kit.call(&router, "GET", "/api/v1/policies/moon", None, None).await;
        assert_eq!((missing.status.as_u16(), &missing.json()["code"]), (404, &json!("policy_missing")));
    }
}
