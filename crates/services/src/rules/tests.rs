use super::*;
use commons::pack::Pack;
use std::path::Path;

const SHANGHAI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/shanghai");
use serde_json::json;

fn residency() -> Service {
    let pack = Pack::read(Path::new(SHANGHAI)).unwrap();
    pack.parse("services/residency.toml").unwrap().value
}

fn good() -> Form {
    let form = json!({
        "organisation": "阿克米智能", "short_name": "acme-ai", "organisation_type": "startup",
        "contact_name": "李雷", "contact_email": "li@acme.example", "purpose": "vertical-application",
        "team_size": 12, "summary": "面向软件文档的小模型。",
    });
    form.as_object().unwrap().clone()
}

#[test]
fn a_right_form_has_no_errors_and_each_wrong_answer_one() {
    let service = residency();
    assert_eq!(validate_form(&service, &good()), []);
    let wrong = [
        ("short_name", json!("Acme AI")),
        ("short_name", json!("-a")),
        ("contact_email", json!("li@acme")),
        ("contact_email", json!("a@b.c\r\nBcc: d@e.f")),
        ("organisation_type", json!("ministry")),
        ("team_size", json!(0)),
        ("team_size", json!(1.5)),
        ("organisation", json!("x".repeat(5000))),
        ("organisation", json!(["x"])),
        ("contact_name", json!("  ")),
        ("no_such_field", json!(1)),
    ];
    for (field, answer) in wrong {
        let mut form = good();
        form.insert(field.into(), answer.clone());
        let errors = validate_form(&service, &form);
        assert_eq!(errors.len(), 1, "{field} = {answer}: {errors:?}");
        assert_eq!(errors[0].field, field);
        assert!(!errors[0].text.zh.is_empty() && !errors[0].text.en.is_empty());
    }
    assert!(!validate_form(&service, &Form::new()).is_empty());
}

#[test]
fn a_case_goes_step_by_step_and_ends_once() {
    let service = residency();
    let at = (CaseState::Open, 0);
    let done = next(&service, at, "review", Verdict::Approve, "").unwrap();
    assert_eq!(done.state, CaseState::Approved);
    assert_eq!(done.effects[0].effect, "create_organisation");
    assert_eq!(next(&service, at, "review", Verdict::Reject, " "), Err(Refusal::NoReason));
    let rejected = next(&service, at, "review", Verdict::Reject, "incomplete").unwrap();
    assert_eq!((rejected.state, rejected.effects.len()), (CaseState::Rejected, 0));
    assert_eq!(next(&service, at, "payment", Verdict::Approve, ""), Err(Refusal::OtherStep));
    assert_eq!(
        next(&service, (CaseState::Approved, 0), "review", Verdict::Approve, ""),
        Err(Refusal::Closed)
    );
}

#[test]
fn two_steps_run_in_order() {
    let mut service = residency();
    let mut second = service.steps[0].clone();
    second.name = "sign".into();
    service.steps.push(second);
    let first = next(&service, (CaseState::Open, 0), "review", Verdict::Approve, "").unwrap();
    assert_eq!((first.state, first.step), (CaseState::Open, 1));
    let last = next(&service, (CaseState::Open, 1), "sign", Verdict::Approve, "").unwrap();
    assert_eq!(last.state, CaseState::Approved);
}

#[test]
fn working_days_skip_the_weekend_in_the_citys_time() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    // a Friday, 23:30 in Shanghai; one working day later is Monday, which ends at Tuesday's midnight
    assert_eq!(deadline(at("2026-11-20T15:30:00Z"), 1), at("2026-11-23T16:00:00Z"));
    // half an hour later it is Saturday there
    assert_eq!(deadline(at("2026-11-20T16:00:00Z"), 1), at("2026-11-23T16:00:00Z"));
    assert_eq!(deadline(at("2026-11-23T02:00:00Z"), 5), at("2026-11-30T16:00:00Z"));
}
