//! Who bears which part of a charge.

use crate::world::{World, YUAN, pack_with};
use finance::rules::Outcome;

const VERTICAL: &str = "vertical-application";

testkit::each_db! {
    async fn a_voucher_bears_half_and_the_balance_the_rest(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, 10 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "1,000 CNY", VERTICAL).await.unwrap();

        let charge = world.open(&world.user.0, &world.acme.0, "call-1", 8 * YUAN).await.unwrap();
        assert_eq!(world.vouchers_left(&world.user.0).await, 996 * YUAN);
        let settled = world.settle(charge.id, 3 * YUAN + 1).await.unwrap();
        assert_eq!(settled.amount_micros, 3 * YUAN + 1);
        let again = world.settle(charge.id, 7 * YUAN).await.unwrap();
        assert_eq!(again.amount_micros, 3 * YUAN + 1);

        // half of an odd micro is rounded down: public money never bears more than its rate
        assert_eq!(world.vouchers_left(&world.user.0).await, 1000 * YUAN - 1_500_000);
        assert_eq!(world.posted(Some(&world.user.0), "balance").await, 10 * YUAN - 1_500_001);
        assert_eq!(world.posted(Some(&world.acme.0), "revenue").await, 3 * YUAN + 1);
        assert_eq!(world.posted(None, "pot:model-voucher").await, 1000 * YUAN - 1_500_000);
        assert_eq!(world.held().await, 0);
        world.books_hold().await;

        let decisions = world.finance.decisions(&settled).await.unwrap();
        assert_eq!(decisions.len(), 1);
        let decision = &decisions[0].decision;
        assert_eq!((decision.outcome, decisions[0].borne_micros), (Outcome::Eligible, 1_500_000));
        let kept = world.finance.policy_text("model-voucher", &decision.version).await.unwrap();
        assert!(kept.contains("rate = \"50 %\""));
    }

    async fn a_voided_charge_gives_all_back(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, 10 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        let charge = world.open(&world.user.0, &world.acme.0, "call-1", 8 * YUAN).await.unwrap();
        assert!(world.held().await > 0);
        world.void(charge.id).await;
        assert_eq!(world.held().await, 0);
        assert_eq!(world.vouchers_left(&world.user.0).await, 100 * YUAN);
        assert_eq!(world.posted(Some(&world.user.0), "balance").await, 10 * YUAN);
        world.books_hold().await;
    }

    async fn own_calls_and_undeclared_purposes_get_no_public_money(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.acme.0, 10 * YUAN).await;
        world.kit.fund(&world.user.0, 10 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.acme.0, "case_1", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        world.grant(&world.user.0, "case_2", "model-voucher", "100 CNY", "research").await.unwrap();

        let own = world.open(&world.acme.0, &world.acme.0, "call-1", 4 * YUAN).await.unwrap();
        let own = world.settle(own.id, 4 * YUAN).await.unwrap();
        let decisions = world.finance.decisions(&own).await.unwrap();
        assert_eq!(decisions[0].decision.outcome, Outcome::Ineligible);
        let other = world.open(&world.user.0, &world.acme.0, "call-2", 4 * YUAN).await.unwrap();
        let other = world.settle(other.id, 4 * YUAN).await.unwrap();
        assert_eq!(world.finance.decisions(&other).await.unwrap()[0].decision.outcome, Outcome::Ineligible);
        assert_eq!(world.posted(Some(&world.user.0), "balance").await, 6 * YUAN);
        assert_eq!(world.vouchers_left(&world.acme.0).await + world.vouchers_left(&world.user.0).await, 200 * YUAN);
        world.books_hold().await;
    }

    async fn a_declared_relation_gets_no_public_money(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, 10 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        for (slug, outcome) in [("sister", Outcome::Ineligible), ("holding-co", Outcome::Ineligible), ("other", Outcome::Eligible)] {
            let payee = world.kit.org(slug).await.0;
            let charge = world.open(&world.user.0, &payee, slug, 2 * YUAN).await.unwrap();
            let charge = world.settle(charge.id, 2 * YUAN).await.unwrap();
            assert_eq!(world.finance.decisions(&charge).await.unwrap()[0].decision.outcome, outcome, "{slug}");
        }
        assert_eq!(world.vouchers_left(&world.user.0).await, 99 * YUAN);
        world.books_hold().await;
    }

    async fn charges_at_once_never_exceed_a_voucher(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, 1000 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "10 CNY", VERTICAL).await.unwrap();
        world.grant(&world.user.0, "case_2", "model-voucher", "7 CNY", VERTICAL).await.unwrap();
        assert_eq!(borne_at_once(&world, 24, 2 * YUAN).await, 17 * YUAN);
        assert_eq!(world.vouchers_left(&world.user.0).await, 0);
        assert_eq!(world.posted(Some(&world.user.0), "balance").await, (1000 - 48 + 17) * YUAN);
    }

    async fn charges_at_once_never_exceed_the_years_cap_which_begins_anew(kit: Kit) {
        let pack = pack_with("policies/model-voucher.toml", |text| {
            let cap = "per_organisation_per_year = ";
            text.replace(&format!("{cap}\"5,000,000 CNY\""), &format!("{cap}\"5 CNY\""))
        });
        let world = World::with_pack(kit, &pack).await;
        world.kit.fund(&world.user.0, 1000 * YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        assert_eq!(borne_at_once(&world, 16, 2 * YUAN).await, 5 * YUAN);
        world.kit.clock.advance_seconds(364 * 86_400);
        world.grant(&world.user.0, "case_2", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        let next = world.open(&world.user.0, &world.acme.0, "new-year", 2 * YUAN).await.unwrap();
        let next = world.settle(next.id, 2 * YUAN).await.unwrap();
        assert_eq!(world.finance.decisions(&next).await.unwrap()[0].borne_micros, YUAN);
        world.books_hold().await;
    }

    async fn too_little_balance_refuses_the_charge_and_moves_nothing(kit: Kit) {
        let world = World::new(kit).await;
        world.kit.fund(&world.user.0, YUAN).await;
        world.fund("model-voucher", 1000).await;
        world.grant(&world.user.0, "case_1", "model-voucher", "100 CNY", VERTICAL).await.unwrap();
        let error = world.open(&world.user.0, &world.acme.0, "call-1", 4 * YUAN).await.unwrap_err();
        assert_eq!(error.kind, kernel::Kind::Insufficient);
        assert_eq!(world.held().await, 0);
        assert!(world.open(&world.user.0, &world.acme.0, "call-2", 2 * YUAN).await.is_ok());
    }
}

/// Opens `count` charges of `micros` at once, settles them at once, and sums what public money bore.
async fn borne_at_once(world: &World, count: usize, micros: i64) -> i64 {
    let keys: Vec<String> = (0..count).map(|index| format!("call-{index}")).collect();
    let opened = keys.iter().map(|key| world.open(&world.user.0, &world.acme.0, key, micros));
    let opened = futures::future::try_join_all(opened).await.unwrap();
    let reserved = world.held_of(&world.user.0, "balance").await;
    let settled = opened.iter().map(|charge| world.settle(charge.id, micros));
    let settled = futures::future::try_join_all(settled).await.unwrap();
    let mut borne = 0;
    for charge in &settled {
        let decisions = world.finance.decisions(charge).await.unwrap();
        borne += decisions.iter().map(|decision| decision.borne_micros).sum::<i64>();
    }
    assert_eq!(world.posted(Some(&world.acme.0), "revenue").await, micros * count as i64);
    assert_eq!(world.held().await, 0);
    // settled at the most they could cost, the charges take what was reserved for them, not more
    assert_eq!(reserved, micros * count as i64 - borne);
    world.books_hold().await;
    borne
}
