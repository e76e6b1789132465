//! The pictures of compute: they stay as they are, and no data breaks them.

use console::charts::{
    Chart, Fleet, FleetGroup, FleetNode, Hours, HoursLine, NARROW, QueueChart, QueueRow, Stroke, Tone, WIDE,
};
use kernel::Timestamp;

const NOW: Timestamp = Timestamp(1_795_292_000_000_000);

fn queue(times: &[(Option<i64>, Option<i64>)]) -> QueueChart {
    let row = |(at, (begins, ends)): (usize, &(Option<i64>, Option<i64>))| QueueRow {
        label: format!("job <{at}>"),
        href: Some("/jobs".into()),
        note: "waits for 8 devices".into(),
        tone: Tone::Soft,
        begins: begins.map(Timestamp),
        ends: ends.map(Timestamp),
    };
    QueueChart {
        title: "Queue".into(),
        description: String::new(),
        now_word: "now".into(),
        now: NOW,
        rows: times.iter().enumerate().map(row).collect(),
    }
}

fn fleet(nodes: &[(bool, Vec<u16>, f64)]) -> Fleet {
    let node = |(at, (up, used, cores)): (usize, &(bool, Vec<u16>, f64))| FleetNode {
        name: format!("n{at}"),
        text: "2 of 4 free".into(),
        hint: "n: <all>".into(),
        up: *up,
        used_milli: used.clone(),
        used_cores: *cores,
    };
    Fleet {
        title: "campus".into(),
        description: String::new(),
        groups: vec![FleetGroup {
            title: "A100".into(),
            nodes: nodes.iter().enumerate().map(node).collect(),
        }],
        more: "and {} more".into(),
    }
}

fn hours(points: &[(i64, f64)]) -> Hours {
    let points: Vec<_> = points.iter().map(|&(at, value)| (Timestamp(at), value)).collect();
    let line = |name: &str, stroke| HoursLine {
        name: name.into(),
        tone: Tone::Accent,
        stroke,
        points: points.clone(),
    };
    Hours {
        title: "Use".into(),
        description: String::new(),
        y_name: "accelerators".into(),
        most: 1.0,
        lines: vec![line("used", Stroke::Area), line("there is", Stroke::Dashed), line("", Stroke::Line)],
    }
}

#[test]
fn charts_stay_as_they_are() {
    let at = |minutes: i64| Some(NOW.plus_seconds(minutes * 60).0);
    let times = [(at(-10), at(30)), (at(30), at(90)), (at(45), at(9000)), (None, None)];
    insta::assert_snapshot!("queue", queue(&times).draw(WIDE));
    insta::assert_snapshot!("queue_narrow", queue(&times).draw(NARROW));
    let nodes = [
        (true, vec![1000, 400, 0, 0], 0.5),
        (false, vec![0; 4], 0.0),
        (true, vec![], 0.8),
        (true, vec![9; 16], 0.1),
    ];
    insta::assert_snapshot!("fleet", fleet(&nodes).draw(WIDE));
    let points: Vec<_> =
        (0..48).map(|hour| (NOW.0 + hour * 3_600_000_000, f64::from((hour % 7) as i32))).collect();
    insta::assert_snapshot!("hours", hours(&points).draw(WIDE));
}

#[test]
fn odd_data_draws_and_never_writes_what_is_no_number() {
    let mut drawn = Vec::new();
    for width in [WIDE, NARROW, 1.0] {
        for times in [
            &[][..],
            &[(Some(i64::MIN), Some(i64::MAX))],
            &[(Some(i64::MAX), Some(i64::MIN)), (None, Some(0))],
            &[(Some(NOW.0), None)],
        ] {
            drawn.push(queue(times).draw(width));
        }
        for cores in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
            drawn.push(fleet(&[(true, vec![], cores), (true, vec![u16::MAX; 40], cores)]).draw(width));
        }
        for points in [
            &[][..],
            &[(0, f64::NAN)],
            &[(i64::MIN, f64::MAX), (i64::MAX, f64::MIN)],
            &[(5, -1.0), (5, f64::INFINITY)],
            &[(0, 0.0), (1, 0.0)],
        ] {
            drawn.push(hours(points).draw(width));
        }
    }
    for svg in drawn {
        let lower = svg.to_lowercase();
        assert!(!lower.contains("nan") && !lower.contains("inf\"") && !lower.contains("\"-inf"), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("job <"), "{svg}");
    }
}

#[test]
fn size_is_bounded_and_what_is_left_out_is_said() {
    let many = fleet(&vec![(true, vec![500; 16], 0.5); 10_000]).draw(WIDE);
    assert!(many.len() < 60_000 && many.contains("and 9936 more"), "{}", many.len());
    assert!(queue(&vec![(Some(NOW.0), None); 10_000]).draw(WIDE).len() < 30_000);
    let long: Vec<_> = (0..200_000).map(|at| (at * 1_000_000, (at % 7) as f64)).collect();
    assert!(hours(&long).draw(WIDE).len() < 40_000);
}
