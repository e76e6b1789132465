use super::*;
use crate::rules::{Book, value::Rate};
use commons::pack::Pack;
use std::path::Path;

const SHANGHAI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/shanghai");
use proptest::prelude::*;

fn entry(id: &str) -> Entry {
    let book = Book::read(&Pack::read(Path::new(SHANGHAI)).unwrap()).unwrap();
    let mut entry = book.on(id, &Date::parse("2026-11-21").unwrap()).unwrap().clone();
    entry.version = "v1".into();
    entry
}

fn facts(amount_micros: i64) -> Facts {
    Facts {
        amount_micros,
        date: Date::parse("2026-11-21"),
        service: Some("model".into()),
        related: Some(false),
        verified: Some(true),
        purpose: Some("vertical-application".into()),
        granted_this_year_micros: Some(0),
        pot_left_micros: Some(i64::MAX),
        ..Facts::default()
    }
}

const MILLION: i64 = 1_000_000_000_000; // CNY 1,000,000 in micros

#[test]
fn half_of_a_verified_contract_up_to_five_million() {
    let model = entry("model-voucher");
    assert_eq!(decide(&model, &facts(2 * MILLION)).granted_micros, MILLION);
    assert_eq!(decide(&model, &facts(30 * MILLION)).granted_micros, 5 * MILLION);
    let late = Facts { granted_this_year_micros: Some(4 * MILLION), ..facts(30 * MILLION) };
    let decision = decide(&model, &late);
    assert_eq!((decision.granted_micros, decision.outcome), (MILLION, Outcome::Eligible));
    assert_eq!(decision.version, "v1");
    assert!(
        decision.article.zh.contains("市经济") && decision.article.en.contains("measure 2"),
        "{decision:?}"
    );
    assert!(decision.steps.iter().all(|step| !step.zh.is_empty() && !step.en.is_empty()));
}

#[test]
fn what_is_false_rejects_and_what_is_unknown_asks() {
    let model = entry("model-voucher");
    let own = Facts { related: Some(true), ..facts(MILLION) };
    assert_eq!(decide(&model, &own).outcome, Outcome::Ineligible);
    let silent = Facts { purpose: None, ..facts(MILLION) };
    let decision = decide(&model, &silent);
    assert_eq!((decision.outcome, decision.granted_micros), (Outcome::NeedsEvidence, 0));
    let asked = decision.steps.iter().find(|step| step.holds.as_deref() == Some("unknown")).unwrap();
    assert!(asked.en.contains("please bring") && asked.zh.contains("请提供"));
    let both = Facts { purpose: None, related: Some(true), ..facts(MILLION) };
    assert_eq!(decide(&model, &both).outcome, Outcome::Ineligible);
    let early = Facts { date: Date::parse("2025-07-27"), ..facts(MILLION) };
    assert_eq!(decide(&model, &early).outcome, Outcome::Ineligible);
}

#[test]
fn a_cap_that_could_not_be_read_holds_the_money_back() {
    let facts = Facts { service: Some("corpus".into()), ..facts(MILLION) };
    assert_eq!(decide(&entry("corpus-voucher"), &facts).outcome, Outcome::NeedsEvidence);
}

#[test]
fn excluded_items_leave_the_base() {
    let mut compute = entry("compute-voucher");
    compute.policy.base.excludes = vec!["storage".into()];
    let mut facts = Facts { service: Some("compute".into()), ..facts(MILLION) };
    facts.items.insert("storage".into(), MILLION / 4);
    let decision = decide(&compute, &facts);
    assert_eq!((decision.base_micros, decision.granted_micros), (MILLION / 4 * 3, MILLION / 40 * 9));
    facts.items.insert("storage".into(), i64::MAX);
    assert_eq!(decide(&compute, &facts).granted_micros, 0);
}

prop_compose! {
    fn any_policy()(ppm in 1i64..=1_000_000, claim in any_cap(), year in any_cap(), pot in any_cap()) -> Entry {
        let mut entry = entry("model-voucher");
        entry.policy.rate = Rate::parse(&format!("{}.{:04} %", ppm / 10_000, ppm % 10_000)).unwrap();
        let caps = entry.policy.caps.as_mut().unwrap();
        (caps.per_claim, caps.per_organisation_per_year, caps.pot) = (claim, year, pot);
        entry
    }
}

fn any_cap() -> impl Strategy<Value = Cap> {
    prop_oneof![(1i64..i64::MAX).prop_map(Cap::Amount), Just(Cap::NonePublished), Just(Cap::NotSeen)]
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let money = || proptest::option::of(any::<i64>());
    (any::<i64>(), money(), money(), money(), proptest::option::of(any::<bool>())).prop_map(
        |(amount, spent, pot, voucher, related)| Facts {
            granted_this_year_micros: spent,
            pot_left_micros: pot,
            voucher_left_micros: voucher,
            related,
            ..facts(amount)
        },
    )
}

proptest! {
    #[test]
    fn never_above_the_rate_or_any_cap_and_never_negative(entry in any_policy(), facts in any_facts()) {
        let decision = decide(&entry, &facts);
        let granted = decision.granted_micros;
        prop_assert!(granted >= 0);
        prop_assert!(i128::from(granted) * 1_000_000 <= i128::from(facts.amount_micros.max(0)) * i128::from(decision.rate_ppm));
        let caps = entry.policy.caps.unwrap();
        for cap in [caps.per_claim, caps.per_organisation_per_year, caps.pot].iter().filter_map(|cap| cap.micros()) {
            prop_assert!(granted <= cap);
        }
        for left in [facts.pot_left_micros, facts.voucher_left_micros].into_iter().flatten() {
            prop_assert!(granted <= left.max(0));
        }
        if decision.outcome != Outcome::Eligible || facts.related != Some(false) {
            prop_assert_eq!(granted, 0);
        }
    }

    #[test]
    fn more_base_never_grants_less(entry in any_policy(), facts in any_facts(), more in 0i64..i64::MAX) {
        let larger = Facts { amount_micros: facts.amount_micros.saturating_add(more), ..facts.clone() };
        prop_assert!(decide(&entry, &larger).granted_micros >= decide(&entry, &facts).granted_micros);
    }

    #[test]
    fn a_year_of_claims_stays_within_its_caps(
        mut entry in any_policy(), amounts in proptest::collection::vec(0i64..i64::MAX / 64, 1..40),
        year in 1i64..i64::MAX / 2, pot in 1i64..i64::MAX / 2,
    ) {
        let caps = entry.policy.caps.as_mut().unwrap();
        (caps.per_organisation_per_year, caps.pot) = (Cap::Amount(year), Cap::Amount(pot));
        let mut granted = 0i64;
        for amount in amounts {
            let facts = Facts {
                granted_this_year_micros: Some(granted),
                pot_left_micros: Some(pot - granted),
                ..facts(amount)
            };
            granted += decide(&entry, &facts).granted_micros;
        }
        prop_assert!(granted <= year && granted <= pot);
    }
}
