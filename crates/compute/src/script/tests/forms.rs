//! How values and options are written.

use super::{now, script};
use crate::script::{
    lines::words,
    moment,
    values::{Gres, Limit, devices, gres, limit, mebibytes, models, signal},
};

#[test]
fn time_limits_in_all_their_forms() {
    let forms = [
        ("90", 5400),
        ("90:30", 5430),
        ("1:02:03", 3723),
        ("2-3", 183_600),
        ("2-3:04", 183_840),
        ("2-03:04:05", 183_845),
        ("0:45", 45),
    ];
    for (text, seconds) in forms {
        assert_eq!(limit(text), Some(Limit::Seconds(seconds)), "{text}");
    }
    for text in ["0", "UNLIMITED", "infinite", "0-0"] {
        assert_eq!(limit(text), Some(Limit::Endless), "{text}");
    }
    for text in ["", "-", "1-", "-5", "1:2:3:4", "1-2:3:4:5", "1h", "99999999999999999999", "1-1-1"] {
        assert_eq!(limit(text), None, "{text}");
    }
}

#[test]
fn sizes_count_in_mebibytes() {
    let forms = [
        ("512", 512),
        ("512M", 512),
        ("4G", 4096),
        ("4gb", 4096),
        ("1T", 1 << 20),
        ("1025K", 2),
        ("2GiB", 2048),
    ];
    for (text, size) in forms {
        assert_eq!(mebibytes(text), Some(size), "{text}");
    }
    for text in ["", "G", "4X", "-1", "1.5G", "é"] {
        assert_eq!(mebibytes(text), None, "{text}");
    }
}

#[test]
fn devices_with_and_without_models() {
    let read = |text| devices(text).map(|all| (all.count, all.models.join("|")));
    assert_eq!(read("2"), Some((2, String::new())));
    assert_eq!(read("a100:2,h100:1"), Some((3, "a100|h100".into())));
    assert_eq!(read("a100"), None);
    let gpus = |text| match gres(text)?.pop()? {
        Gres::Gpus(all) => Some((all.count, all.models.join("|"))),
        _ => None,
    };
    assert_eq!(gpus("gpu"), Some((1, String::new())));
    assert_eq!(gpus("gpu:3"), Some((3, String::new())));
    assert_eq!(gpus("gpu:a100"), Some((1, "a100".into())));
    assert_eq!(gpus("gpu:910b:8"), Some((8, "910b".into())));
    assert_eq!(gpus("gres/gpu:a100=2"), Some((2, "a100".into())));
    assert_eq!(gres("shard:2"), Some(vec![Gres::Other("shard".into())]));
    assert_eq!(gres("none"), Some(vec![Gres::None]));
    assert_eq!(models("a100|(h100"), None);
    assert_eq!(models("(a100|h100)"), Some(vec!["a100".into(), "h100".into()]));
    assert_eq!(models("a100&nvlink"), None);
}

#[test]
fn signals_by_name_and_number() {
    for (text, wanted) in
        [("USR1", "USR1@60"), ("B:10@30", "USR1@30"), ("SIGTERM@0", "TERM@1"), ("R:12", "USR2@60")]
    {
        assert_eq!(signal(text).as_deref(), Some(wanted), "{text}");
    }
    assert_eq!(signal("KILL"), None);
}

#[test]
fn points_in_time_are_shanghais() {
    let forms = [
        ("now", "2026-11-22T04:00:00.000Z"),
        ("now+90", "2026-11-22T04:01:30.000Z"),
        ("now+2hours", "2026-11-22T06:00:00.000Z"),
        ("now+1week", "2026-11-29T04:00:00.000Z"),
        ("tomorrow", "2026-11-22T16:00:00.000Z"),
        ("midnight", "2026-11-22T16:00:00.000Z"),
        ("noon", "2026-11-23T04:00:00.000Z"),
        ("18:30", "2026-11-22T10:30:00.000Z"),
        ("08:00:05", "2026-11-23T00:00:05.000Z"),
        ("2026-12-01", "2026-11-30T16:00:00.000Z"),
        ("2026-12-01T18:00", "2026-12-01T10:00:00.000Z"),
    ];
    for (text, wanted) in forms {
        assert_eq!(moment::read(text, now()).map(|at| at.to_string()).as_deref(), Some(wanted), "{text}");
    }
    for text in ["", "now-1", "now+1year", "25:00", "2026-13-01", "teatime", "12"] {
        assert_eq!(moment::read(text, now()), None, "{text}");
    }
}

#[test]
fn words_of_a_directive() {
    assert_eq!(words(r#" -J "a b" 'c"d' e\ f  x#y # rest"#), ["-J", "a b", "c\"d", "e f", "x#y"]);
    assert_eq!(words(r#"--job-name="a \"b" "" "open"#), ["--job-name=a \"b", "", "open"]);
}

#[test]
fn long_short_joined_and_shortened_forms_mean_the_same() {
    for line in ["-c 3", "-c3", "--cpus-per-task=3", "--cpus-per-task 3", "--cpus-per-t=3", "-kc3"] {
        assert_eq!(script(&[line]).unwrap().submission.resources.cpus, 3, "{line}");
    }
    let name = |line: &str| script(&[line]).unwrap().submission.name;
    assert_eq!(name("-J \"two words\""), "two words");
    assert_eq!(name("--job-name=模型"), "模型");
    let many = "x".repeat(300);
    assert_eq!(name(&format!("-J {many}")).len(), 100);
}
