//! Charts: what they draw stays as it is, and no data makes one panic or write what is no number.

use console::charts::{
    Bar, Bars, Chart, Edge, Flow, FlowLink, FlowNode, HALF, Interval, Intervals, Line, LineChart,
    LineageChart, NARROW, Node, Part, Span, Spark, Timeline, Tone, WIDE, smooth,
};
use kernel::Timestamp;

fn line(points: Vec<(f64, f64)>) -> LineChart {
    let (points, band) = smooth(&points, 8);
    LineChart {
        title: "Loss".into(),
        description: "falls".into(),
        x_name: "step".into(),
        y_name: "nats".into(),
        lines: vec![Line { name: "training".into(), tone: Tone::Accent, points, band }],
    }
}

fn bars(values: &[f64]) -> Bars {
    let part = |value: f64, tone| Part { value, tone, name: "kept".into() };
    let row = |(at, &value): (usize, &f64)| Bar {
        label: format!("step {at}"),
        href: Some("/jobs".into()),
        parts: vec![part(value, Tone::Accent), part(1.0, Tone::Pale)],
        text: "t".into(),
    };
    Bars {
        title: "Waterfall".into(),
        description: String::new(),
        rows: values.iter().enumerate().map(row).collect(),
    }
}

fn intervals(values: &[f64]) -> Intervals {
    let row = |(at, &value): (usize, &f64)| Interval {
        label: format!("m{at}"),
        href: None,
        low: value - 0.1,
        value,
        high: value + 0.1,
        text: "t".into(),
        baseline: at == 1,
    };
    Intervals {
        title: "Score".into(),
        description: String::new(),
        measure: "bits per byte, lower is better".into(),
        rows: values.iter().enumerate().map(row).collect(),
    }
}

fn flow(values: &[i64]) -> Flow {
    let node = |label: &str, column| FlowNode {
        label: label.into(),
        text: "CNY 1.00".into(),
        column,
        tone: Tone::Accent,
        href: None,
    };
    let link = |(at, &value): (usize, &i64)| FlowLink { from: at, to: 2, value, text: "paid".into() };
    Flow {
        title: "Money".into(),
        description: String::new(),
        nodes: vec![node("voucher <&>", 0), node("balance", 0), node("revenue", 1)],
        links: values.iter().enumerate().map(link).collect(),
    }
}

fn lineage(edges: &[(usize, usize)]) -> LineageChart {
    let node = |label: &str, here| Node {
        kind: "dataset".into(),
        label: label.into(),
        note: "9be1".into(),
        href: Some("/datasets".into()),
        here,
    };
    LineageChart {
        title: "Lineage".into(),
        description: String::new(),
        nodes: vec![node("acme/notes", false), node("model.train", false), node("acme/tiny", true)],
        edges: edges.iter().map(|&(from, to)| Edge { from, to }).collect(),
    }
}

fn timeline(offsets: &[i64]) -> Timeline {
    let now = Timestamp(1_795_292_000_000_000);
    let span = |(at, &offset): (usize, &i64)| Span {
        label: format!("job {at}"),
        href: None,
        submitted: Timestamp(now.0.saturating_add(offset)),
        started: (at == 0).then_some(Timestamp(now.0.saturating_add(offset).saturating_add(2_000_000))),
        ended: None,
        tone: Tone::Good,
        text: "runs".into(),
    };
    Timeline {
        title: "Queue".into(),
        description: String::new(),
        now,
        spans: offsets.iter().enumerate().map(span).collect(),
    }
}

#[test]
fn charts_stay_as_they_are() {
    insta::assert_snapshot!(
        "line",
        line((0..40).map(|x| (f64::from(x), 8.0 / f64::from(x + 1))).collect()).draw(HALF)
    );
    insta::assert_snapshot!("bars", bars(&[120.0, 80.0]).draw(WIDE));
    insta::assert_snapshot!("bars_narrow", bars(&[120.0, 80.0]).draw(NARROW));
    insta::assert_snapshot!("intervals", intervals(&[2.1, 2.5]).draw(WIDE));
    insta::assert_snapshot!("flow", flow(&[3_000_000, 7_000_000]).draw(WIDE));
    insta::assert_snapshot!("lineage", lineage(&[(0, 1), (1, 2)]).draw(WIDE));
    insta::assert_snapshot!("lineage_narrow", lineage(&[(0, 1), (1, 2)]).draw(NARROW));
    insta::assert_snapshot!("timeline", timeline(&[-60_000_000, -20_000_000]).draw(WIDE));
    let spark = Spark { title: "loss".into(), values: vec![3.0, 2.0, 1.5], tone: Tone::Accent };
    insta::assert_snapshot!("spark", spark.draw(120.0));
}

#[test]
fn odd_data_draws_and_never_writes_what_is_no_number() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, -1.0, 0.0, 1e-300];
    let mut drawn = Vec::new();
    for width in [WIDE, HALF, NARROW] {
        for count in 0..odd.len() {
            let points = odd[..count].iter().enumerate().map(|(x, &y)| (x as f64, y)).collect();
            drawn.push(line(points).draw(width));
            drawn.push(bars(&odd[..count]).draw(width));
            drawn.push(intervals(&odd[..count]).draw(width));
            drawn.push(
                Spark { title: String::new(), values: odd[..count].into(), tone: Tone::Bad }.draw(width),
            );
        }
        for values in [&[][..], &[i64::MAX, i64::MAX], &[-5, 0], &[1, 1, 1, 1]] {
            drawn.push(flow(values).draw(width));
        }
        for edges in [&[][..], &[(0, 1), (1, 0)], &[(0, 0), (7, 9)], &[(0, 1), (1, 2), (2, 0)]] {
            drawn.push(lineage(edges).draw(width));
        }
        for offsets in [&[][..], &[0], &[-86_400_000_000 * 400, 0], &[i64::MIN, i64::MAX]] {
            drawn.push(timeline(offsets).draw(width));
        }
    }
    for svg in drawn {
        let lower = svg.to_lowercase();
        assert!(!lower.contains("nan") && !lower.contains("inf\"") && !lower.contains("\"-inf"), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{svg}");
    }
}

#[test]
fn text_from_data_is_escaped_and_size_is_bounded() {
    let svg = flow(&[1, 2]).draw(WIDE);
    assert!(svg.contains("voucher &lt;&amp;&gt;") && !svg.contains("<&"), "{svg}");
    let many = line((0..200_000).map(|x| (f64::from(x), f64::from(x % 7))).collect());
    assert!(many.draw(WIDE).len() < 40_000);
    assert!(bars(&[1.0; 5_000]).draw(WIDE).len() < 40_000);
    let outside = Bars {
        title: String::new(),
        description: String::new(),
        rows: vec![Bar {
            label: "x".into(),
            href: Some("javascript:alert(1)".into()),
            parts: vec![],
            text: String::new(),
        }],
    };
    assert!(!outside.draw(WIDE).contains("javascript"));
}
