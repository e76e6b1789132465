//! Who may come through services' doors, and what a wrong request is told.

use crate::world::{World, form};
use serde_json::json;

testkit::each_db! {
    async fn a_residency_through_the_doors(kit: Kit) {
        let world = World::new(kit).await;
        let routes = world.services.routes(&world.kit.commons);
        let table = routes.table().to_vec();
        let router = routes.into_router();
        for route in table {
            let public = route.rule == commons::http::Rule::Public;
            let path = route.path.replace(['{', '}'], "");
            let reply = world.kit.call(&router, route.method.as_str(), &path, None, None).await;
            assert_eq!(reply.status == 401, !public, "{} {}", route.method, route.path);
        }
        let listed = world.kit.call(&router, "GET", "/api/v1/services", None, None).await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);

        let apply = "/api/v1/services/residency/cases";
        let wrong = world.kit.call(&router, "POST", apply, None, Some(json!({"form": {"short_name": "A"}}))).await.json();
        assert_eq!(wrong["code"], "case_form_invalid");
        let said = wrong["detail"].as_str().unwrap();
        assert!(said.contains("short_name") && said.contains("contact_email") && said.contains("必填"), "{said}");

        let right = json!({"form": form("acme-ai", "small models")});
        let opened = world.kit.call(&router, "POST", apply, None, Some(right)).await.json();
        let id = opened["case"]["id"].as_str().unwrap();
        let ruling = json!({"step": "review", "verdict": "approve"});
        let decide = format!("/api/v1/cases/{id}/decisions");
        let member = world.kit.org("member").await.1;
        let denied = world.kit.call(&router, "POST", &decide, Some(&member), Some(ruling.clone())).await;
        assert_eq!(denied.status, 403);
        let decided = world.kit.call(&router, "POST", &decide, Some(&world.operator.1), Some(ruling)).await;
        assert_eq!((decided.status.as_u16(), &decided.json()["state"]), (200, &json!("approved")));
        assert!(!decided.text().contains("claim_hash") && !decided.text().contains("mosu_"));

        let claim = format!("/api/v1/cases/{id}/claim");
        let claimed = world.kit.call(&router, "POST", &claim, None, Some(json!({"code": opened["claim_code"]}))).await;
        let secret = claimed.json()["secret"].as_str().unwrap().to_owned();
        let mine = world.kit.call(&router, "GET", "/api/v1/cases", Some(&secret), None).await.json();
        assert_eq!(mine["items"].as_array().unwrap().len(), 1);
        let theirs = world.kit.call(&router, "GET", &format!("/api/v1/cases/{id}"), Some(&member), None).await;
        assert_eq!(theirs.status, 404);
        let broken = world.kit.call(&router, "GET", "/api/v1/cases/nonsense", Some(&secret), None).await;
        assert_eq!(broken.json()["code"], "id_invalid");
    }
}
