//! The life of a case.

use crate::world::{World, effects, form, ruling, shanghai};
use commons::{identity, ledger};
use kernel::{Kind, PageRequest};
use services::{
    Services,
    rules::{CaseState, Verdict},
};

testkit::each_db! {
    async fn a_newcomer_applies_is_approved_and_claims_its_first_token_once(kit: Kit) {
        let world = World::new(kit).await;
        let opened = world.apply("acme-ai", "small models for documentation").await;
        let (case, code) = (opened.case, opened.claim_code.unwrap());
        assert_eq!((case.state, case.step.as_deref(), case.org), (CaseState::Open, Some("review"), None));
        assert_eq!(world.services.claim(case.id, code.reveal()).await.unwrap_err().code, "case_open");

        let decided = world.services.decide(&world.operator.0, case.id, ruling(Verdict::Approve, "welcome")).await;
        let decided = decided.unwrap();
        assert_eq!((decided.state, decided.claimable), (CaseState::Approved, true));
        let made: Vec<&String> =
            decided.events[1].detail.as_array().unwrap().iter().flat_map(|m| m.as_object().unwrap().keys()).collect();
        assert_eq!(made, ["create_organisation", "grant_quota", "open_balance", "grant_voucher", "grant_voucher"]);

        assert_eq!(world.services.claim(case.id, "claim_wrong").await.unwrap_err().code, "case_missing");
        let claimed = world.services.claim(case.id, code.reveal()).await.unwrap();
        assert_eq!(claimed.org_slug, "acme-ai");
        let caller = identity::authenticate(&world.kit.commons, claimed.secret.reveal()).await.unwrap();
        assert_eq!((Some(caller.org), caller.may(identity::Scope::Operate)), (decided.org, false));
        assert_eq!(world.services.claim(case.id, code.reveal()).await.unwrap_err().code, "case_claimed");
        let seen = world.services.get_case(&caller, case.id).await.unwrap();
        let actions: Vec<&str> = seen.events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!((actions, seen.claimable), (vec!["open", "approve", "claim"], false));
        assert!(ledger::verify(&world.kit.commons.db).await.unwrap().holds);
    }

    async fn an_effect_that_fails_undoes_the_whole_decision(kit: Kit) {
        let world = World::new(kit).await;
        let case = world.apply("acme-ai", "the pot is empty").await.case;
        let error = world.services.decide(&world.operator.0, case.id, ruling(Verdict::Approve, "")).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("pot_insufficient", Kind::Insufficient));
        assert_eq!(world.slugs().await, ["operator"]);
        let case = world.services.get_case(&world.operator.0, case.id).await.unwrap();
        assert_eq!((case.state, case.events.len()), (CaseState::Open, 1));
    }

    async fn a_rejection_needs_its_reason_and_the_applicant_reads_it(kit: Kit) {
        let world = World::new(kit).await;
        let opened = world.apply("acme-ai", "small models").await;
        let operator = &world.operator.0;
        let decide = |verdict, note: &'static str| world.services.decide(operator, opened.case.id, ruling(verdict, note));
        assert_eq!(decide(Verdict::Reject, " ").await.unwrap_err().code, "reason_missing");
        assert_eq!(decide(Verdict::Reject, "请补充团队介绍").await.unwrap().state, CaseState::Rejected);
        assert_eq!(decide(Verdict::Approve, "").await.unwrap_err().code, "case_closed");
        let code = opened.claim_code.unwrap();
        let error = world.services.claim(opened.case.id, code.reveal()).await.unwrap_err();
        assert_eq!(error.code, "case_rejected");
        assert!(error.to_string().contains("请补充团队介绍"));
        assert_eq!(world.slugs().await, ["operator"]);
    }

    async fn decisions_at_once_take_effect_once(kit: Kit) {
        let world = World::new(kit).await;
        let case = world.apply("acme-ai", "small models").await.case;
        let decide = || world.services.decide(&world.operator.0, case.id, ruling(Verdict::Approve, ""));
        let all = futures::future::join_all((0..8).map(|_| decide())).await;
        assert_eq!(all.iter().filter(|done| done.is_ok()).count(), 1);
        assert!(all.iter().filter_map(|done| done.as_ref().err()).all(|error| error.code == "case_closed"));
        assert_eq!(world.slugs().await.len(), 2);
    }

    async fn only_the_operator_decides_and_strangers_see_no_case(kit: Kit) {
        let world = World::new(kit).await;
        let (acme, stranger) = (world.kit.org("acme").await.0, world.kit.org("stranger").await.0);
        let form = serde_json::json!({"use": "train a small model", "purpose": "agent", "cpu_hours": 20});
        let form = form.as_object().unwrap().clone();
        let none = world.services.open_case(None, "compute-voucher", form.clone()).await.unwrap_err();
        assert_eq!(none.kind, Kind::Unauthenticated);
        let opened = world.services.open_case(Some(&acme), "compute-voucher", form).await.unwrap();
        assert!(opened.claim_code.is_none());
        let denied = world.services.decide(&acme, opened.case.id, ruling(Verdict::Approve, "")).await.unwrap_err();
        assert_eq!(denied.kind, Kind::Denied);
        let page = PageRequest::default();
        for (caller, count) in [(&acme, 1), (&stranger, 0), (&world.operator.0, 1)] {
            assert_eq!(world.services.list_cases(caller, &page).await.unwrap().items.len(), count);
        }
        assert_eq!(world.services.get_case(&stranger, opened.case.id).await.unwrap_err().kind, Kind::NotFound);
        assert!(world.services.get_case(&acme, opened.case.id).await.is_ok());
        // newcomers' cases belong to nobody yet
        let newcomer = world.apply("newco", "small models").await.case;
        assert_eq!(world.services.get_case(&acme, newcomer.id).await.unwrap_err().kind, Kind::NotFound);
    }

    async fn a_case_goes_by_the_version_of_the_service_it_was_opened_under(kit: Kit) {
        let world = World::new(kit).await;
        let case = world.apply("acme-ai", "small models").await.case;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("services")).unwrap();
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/shanghai/services/residency.toml"));
        let renamed = text.unwrap().replace("name = \"review\"", "name = \"second-look\"");
        std::fs::write(folder.path().join("services/residency.toml"), renamed).unwrap();
        let pack = commons::pack::Pack::read(folder.path()).unwrap();
        let later = Services::open(&world.kit.commons, &pack, effects()).await.unwrap();
        let seen = later.get_case(&world.operator.0, case.id).await.unwrap();
        assert_eq!(seen.step.as_deref(), Some("review"));
        let decided = later.decide(&world.operator.0, case.id, ruling(Verdict::Approve, "")).await.unwrap();
        assert_eq!(decided.state, CaseState::Approved);
    }

    async fn a_step_that_waits_too_long_is_overdue(kit: Kit) {
        let world = World::new(kit).await;
        let case = world.apply("acme-ai", "small models").await.case;
        assert!(!world.services.get_case(&world.operator.0, case.id).await.unwrap().overdue);
        // five working days after Thursday the 15th of January are over at the end of Thursday the 22nd
        assert_eq!(case.due_at.to_string(), "2026-01-22T16:00:00.000Z");
        world.kit.clock.advance_seconds(8 * 86_400);
        assert!(world.services.get_case(&world.operator.0, case.id).await.unwrap().overdue);
    }

    async fn newcomers_are_bounded(kit: Kit) {
        let world = World::new(kit).await;
        for index in 0..120 {
            world.apply(&format!("start-up-{index}"), "small models").await;
        }
        let error = world.services.open_case(None, "residency", form("one-more", "small models")).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("cases_too_many", Kind::Limited));
        world.kit.clock.advance_seconds(3601);
        world.apply("one-more", "small models").await;
        let mut huge = form("huge", "small models");
        huge.insert("extra".into(), "x".repeat(200_000).into());
        assert_eq!(world.services.open_case(None, "residency", huge).await.unwrap_err().code, "form_too_large");
    }

    async fn an_effect_that_nobody_offers_stops_the_start(kit: Kit) {
        let error = Services::open(&kit.commons, &shanghai(), Default::default()).await.err().unwrap();
        assert_eq!(error.code, "effect_unknown");
        assert!(error.to_string().contains("services/"), "{error}");
    }
}
