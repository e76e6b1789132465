//! Lists of hosts as Slurm writes them, and as it never would.

use super::*;
use proptest::prelude::*;

fn joined(list: &str) -> String {
    expand(list).expect("a list of hosts").join(" ")
}

#[test]
fn ranges_keep_their_width_and_order() {
    assert_eq!(joined("n1"), "n1");
    assert_eq!(joined("n[1-3,7]"), "n1 n2 n3 n7");
    assert_eq!(joined("gpu[008-011],login,gpu[2]"), "gpu008 gpu009 gpu010 gpu011 login gpu2");
    assert_eq!(joined("rack[1-2]n[01-02].city"), "rack1n01.city rack1n02.city rack2n01.city rack2n02.city");
    assert_eq!(joined("n[9-11]"), "n9 n10 n11");
}

#[test]
fn no_hosts_are_no_hosts() {
    for none in ["", "  ", "(null)", "None assigned"] {
        assert!(expand(none).expect("an empty list").is_empty(), "{none}");
    }
}

#[test]
fn what_is_not_a_list_is_refused() {
    for bad in [
        "n[1-",
        "n[1]]",
        "n[[1]]",
        "n[]",
        "n[a]",
        "n[3-1]",
        "a,,b",
        ",",
        "n[1-2-3]",
        "n[-1]",
        "n[1-9999999999999999999]",
    ] {
        assert!(expand(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_list_that_would_fill_the_memory_is_refused() {
    assert!(expand("n[1-65537]").is_err());
    assert!(expand("a[1-1000]b[1-1000]c[1-1000]").is_err());
    assert!(expand("n[1-65536],n0").is_err());
    assert_eq!(expand("n[1-65536]").expect("the most").len(), MAX_HOSTS);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(list in "[a-c0-9\\[\\],\\-]{0,40}") {
        if let Ok(hosts) = expand(&list) {
            prop_assert!(hosts.len() <= MAX_HOSTS);
        }
    }

    #[test]
    fn a_range_is_each_of_its_numbers(from in 0_u32..5000, more in 0_u32..200, width in 1_usize..6) {
        let first = format!("{from:0width$}");
        let list = format!("n[{first}-{}]", from + more);
        let expected: Vec<_> = (from..=from + more).map(|n| format!("n{n:0w$}", w = first.len())).collect();
        prop_assert_eq!(expand(&list).unwrap(), expected);
    }
}
