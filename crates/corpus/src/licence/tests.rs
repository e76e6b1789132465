use super::*;

fn known() -> Licences {
    let terms = Terms { train: true, ..Terms::nothing() };
    Licences::new(&[Record { id: "LicenseRef-City-7".into(), source: "contract 7".into(), terms }]).unwrap()
}

#[test]
fn single_licences_allow_what_they_say() {
    let known = known();
    let of =
        |licence: &str| known.terms(licence).map(|terms| (terms.train, terms.redistribute, terms.commercial));
    assert_eq!(of("MIT"), Some((true, true, true)));
    assert_eq!(of("CC-BY-NC-4.0"), Some((true, true, false)));
    assert_eq!(of("CC-BY-ND-4.0"), Some((true, false, true)));
    assert_eq!(of("MulanPSL-2.0"), Some((true, true, true)));
    assert_eq!(of("LicenseRef-City-7"), Some((true, false, false)));
    assert_eq!((of(""), of("all rights reserved"), of("LicenseRef-Other")), (None, None, None));
    assert!(!known.terms("CC0-1.0").unwrap().attribution);
}

#[test]
fn expressions_take_the_best_choice_and_the_strictest_sum() {
    let known = known();
    let or = known.terms("GPL-3.0-only OR MIT").unwrap();
    assert!(or.share_alike.is_empty() && or.commercial);
    let and = known.terms("CC-BY-NC-4.0 AND GPL-2.0-or-later").unwrap();
    assert!(!and.commercial && and.share_alike.contains("GPL-2.0-or-later"));
    assert!(known.terms("(MIT OR Apache-2.0) AND Unicode-3.0").unwrap().commercial);
    assert!(known.terms("MIT/Apache-2.0").is_some(), "the old form of packages");
    assert_eq!(known.terms("MIT AND LicenseRef-Other"), None);
    assert_eq!(known.terms("LicenseRef-Other OR MIT").map(|terms| terms.train), Some(true));
    assert_eq!(known.terms(&"(".repeat(100_000)), None);
}

#[test]
fn a_mix_carries_the_strictest_and_refuses_what_cannot_be() {
    let known = known();
    let (terms, reasons) = known.mix(["MIT", "CC-BY-SA-4.0", "CC-BY-NC-4.0"]);
    assert!(terms.train && !terms.commercial && terms.attribution && reasons.is_empty());
    let (_, reasons) = known.mix(["CC-BY-SA-4.0", "MIT", "CC-BY-NC-SA-4.0"]);
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(known.mix(["CC-BY-SA-4.0", "GPL-3.0-only"]).1.is_empty());
    assert_eq!(known.mix(["GPL-2.0-only", "GPL-3.0-only"]).1.len(), 1);
    let (terms, _) = known.mix(["MIT", "who knows"]);
    assert!(!terms.train);
}

#[test]
fn a_record_says_where_it_is_written() {
    let record = Record { id: "x".into(), source: String::new(), terms: Terms::everything() };
    assert_eq!(Licences::new(&[record]).unwrap_err().code, "corpus_licence_invalid");
}
