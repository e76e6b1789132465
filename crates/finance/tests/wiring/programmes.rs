//! Pots and the vouchers that they promise.

use crate::world::{World, YUAN, pack_with};
use finance::Finance;

testkit::each_db! {
    async fn a_pot_is_funded_once_per_key_and_never_beyond_its_published_size(kit: Kit) {
        let world = World::new(kit).await;
        let fund = |key: &'static str, yuan: i64| {
            world.finance.fund_programme("operator".into(), "compute-voucher", yuan * YUAN, key)
        };
        assert_eq!(fund("a", 500_000_000).await.unwrap().funded_micros, 500_000_000 * YUAN);
        assert_eq!(fund("a", 500_000_000).await.unwrap().funded_micros, 500_000_000 * YUAN);
        assert_eq!(fund("a", 1).await.unwrap_err().code, "idempotency_conflict");
        assert_eq!(fund("b", 100_000_001).await.unwrap_err().code, "pot_too_large");
        assert_eq!(fund("c", 100_000_000).await.unwrap().pot_micros, 600_000_000 * YUAN);
        assert_eq!(fund("d", -1).await.unwrap_err().kind, kernel::Kind::Invalid);
        let share = world.finance.fund_programme("operator".into(), "corpus-revenue-share", YUAN, "e").await;
        assert_eq!(share.unwrap_err().code, "policy_not_voucher");
        world.books_hold().await;
    }

    async fn a_voucher_is_issued_once_per_case_and_only_against_money_that_is_there(kit: Kit) {
        let world = World::new(kit).await;
        let user = world.user.0.clone();
        world.fund("compute-voucher", 150).await;
        let first = world.grant(&user, "case_1", "compute-voucher", "100 CNY", "research").await.unwrap();
        let again = world.grant(&user, "case_1", "compute-voucher", "100 CNY", "research").await.unwrap();
        assert_eq!(first, again);
        let error = world.grant(&user, "case_2", "compute-voucher", "100 CNY", "research").await.unwrap_err();
        assert_eq!((error.code, error.kind), ("pot_insufficient", kernel::Kind::Insufficient));
        assert_eq!(world.vouchers_left(&user).await, 100 * YUAN);
        let error = world.grant(&user, "case_3", "corpus-voucher", "1 CNY", "agent").await.unwrap_err();
        assert_eq!(error.code, "policy_incomplete");
        for face in ["none published", "-1 CNY", "1 USD"] {
            let error = world.grant(&user, "case_4", "compute-voucher", face, "research").await.unwrap_err();
            assert_eq!(error.code, "effect_args", "{face}");
        }
        let error = world.grant(&user, "case_4", "moon-voucher", "1 CNY", "research").await.unwrap_err();
        assert_eq!(error.code, "effect_args");
        let programme = world.finance.programme("compute-voucher").await.unwrap();
        assert_eq!((programme.issued_micros, programme.promised_micros()), (100 * YUAN, 100 * YUAN));
        world.books_hold().await;
    }

    async fn an_expired_voucher_bears_nothing_and_its_rest_goes_back(kit: Kit) {
        let world = World::new(kit).await;
        let user = world.user.0.clone();
        world.kit.fund(&user, 100 * YUAN).await;
        world.fund("model-voucher", 100).await;
        world.grant(&user, "case_1", "model-voucher", "100 CNY", "vertical-application").await.unwrap();
        let open = world.open(&user, &world.acme.0, "call-1", 4 * YUAN).await.unwrap();
        assert_eq!(world.finance.sweep_expired().await.unwrap(), 0);

        world.kit.clock.advance_seconds(31 * 86_400);
        // two yuan are still reserved by the open charge, so the voucher can't be closed yet
        assert_eq!(world.finance.sweep_expired().await.unwrap(), 0);
        assert_eq!(world.finance.programme("model-voucher").await.unwrap().promised_micros(), 2 * YUAN);
        // the charge was opened in time: settling it goes by that day
        world.settle(open.id, 4 * YUAN).await.unwrap();
        assert_eq!(world.posted(Some(&user), "balance").await, 98 * YUAN);
        assert_eq!(world.finance.sweep_expired().await.unwrap(), 1);
        assert_eq!(world.finance.programme("model-voucher").await.unwrap().promised_micros(), 0);

        let late = world.open(&user, &world.acme.0, "call-2", 4 * YUAN).await.unwrap();
        world.settle(late.id, 4 * YUAN).await.unwrap();
        assert_eq!(world.posted(Some(&user), "balance").await, 94 * YUAN);
        world.books_hold().await;
    }

    async fn a_later_version_of_a_policy_is_kept_beside_the_earlier(kit: Kit) {
        let world = World::new(kit).await;
        let first = world.finance.find_policy("model-voucher").unwrap().version.clone();
        let pack = pack_with("policies/model-voucher.toml", |text| text.replace("rate = \"50 %\"", "rate = \"40 %\""));
        let later = Finance::open(&world.kit.commons, &pack).await.unwrap();
        let view = later.policy("model-voucher").await.unwrap();
        assert_eq!(view.versions.len(), 2);
        assert_ne!(view.entry.version, first);
        assert!(later.policy_text("model-voucher", &first).await.unwrap().contains("50 %"));
        assert_eq!(later.policy_text("model-voucher", "000000000000").await.unwrap_err().code, "policy_missing");
    }
}
