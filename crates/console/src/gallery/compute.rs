//! The pictures of compute, with made-up figures.

use crate::{
    charts::{Fleet, FleetGroup, FleetNode, Hours, HoursLine, QueueChart, QueueRow, Stroke, Tone},
    lang::Lang,
    views::{Block, Shell},
};
use kernel::Timestamp;

/// The queue from now on.
pub(super) fn queue(shell: &Shell) -> Block {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    let at = |minutes: i64| Some(shell.now.plus_seconds(minutes * 60));
    let row = |label: &str, note, tone, begins, ends| QueueRow {
        label: label.into(),
        href: Some("/jobs".into()),
        note,
        tone,
        begins,
        ends,
    };
    let chart = QueueChart {
        title: t("谁在等，等到何时？", "Who waits, and until when?"),
        description: String::new(),
        now_word: t("现在", "now"),
        now: shell.now,
        rows: vec![
            row(
                "acme/train",
                t("campus: n1 · 8 卡", "campus: n1 · 8 devices"),
                Tone::Accent,
                at(-300),
                at(35),
            ),
            row("beta/idle", t("campus: n2 · 空转", "campus: n2 · idle"), Tone::Wait, at(-20), at(90)),
            row(
                "acme/large",
                t("等待 16 卡；空闲 4 卡", "waits for 16 devices; 4 are free"),
                Tone::Soft,
                at(35),
                at(155),
            ),
            row(
                &t("其他机构", "another organisation"),
                t("等它前面的一项", "waits for the one before it"),
                Tone::Soft,
                at(90),
                at(4000),
            ),
            row(
                "beta/after",
                t("等待它所依赖的 2 项", "waits for 2 jobs that it depends on"),
                Tone::Soft,
                None,
                None,
            ),
        ],
    };
    Block::figure(chart.title.clone(), String::new(), &chart)
}

/// A cluster.
pub(super) fn fleet(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let node = |name: String, text: String, up, used_milli: Vec<u16>, used_cores| FleetNode {
        hint: format!("{name}: {text}"),
        name,
        text,
        up,
        used_milli,
        used_cores,
    };
    let free = |count: usize| lang.pick("空闲 {}", "{} free").replace("{}", &count.to_string());
    let accelerated = |at: usize| {
        let used = (0..8).map(|cell| if cell < at { 1000 } else { 0 }).collect();
        node(format!("n{at}"), free(8 - at), true, used, 0.5)
    };
    let mut nodes: Vec<_> = (0..7).map(accelerated).collect();
    nodes.push(node("n7".into(), t("停机", "down"), false, vec![0; 8], 0.0));
    nodes.push(node("n8".into(), t("空闲 9.5", "9.5 free"), true, [[1000; 6], [500; 6]].concat(), 0.5));
    let chart = Fleet {
        title: t("节点", "Nodes"),
        description: String::new(),
        groups: vec![
            FleetGroup {
                title: t("昇腾 910B · 华为 · 国产", "Ascend 910B · Huawei · domestic"), nodes
            },
            FleetGroup {
                title: t("无加速卡", "Without accelerators"),
                nodes: vec![node(
                    "cpu1".into(),
                    t("空闲 12 / 64 核", "12 of 64 cores free"),
                    true,
                    vec![],
                    0.81,
                )],
            },
        ],
        more: t("另有 {} 个节点", "and {} more nodes"),
    };
    Block::figure(t("哪里有空？", "Where is room?"), String::new(), &chart)
}

/// Lines over time.
pub(super) fn hours(shell: &Shell) -> Block {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    let hour = |at: i64| shell.now.plus_seconds((at - 168) * 3600);
    let used = |at: i64| (hour(at), 40.0 + 20.0 * (at as f64 / 3.8).sin() + (at % 5) as f64);
    let line =
        |name: String, tone, stroke, points: Vec<(Timestamp, f64)>| HoursLine { name, tone, stroke, points };
    let utilisation = Hours {
        title: t("用了多少？", "How much was used?"),
        description: String::new(),
        y_name: t("加速卡", "accelerators"),
        most: 1.0,
        lines: vec![
            line(
                t("总量", "there is"),
                Tone::Neutral,
                Stroke::Dashed,
                vec![(hour(0), 72.0), (hour(168), 72.0)],
            ),
            line(t("已用", "used"), Tone::Accent, Stroke::Area, (0..169).map(used).collect()),
        ],
    };
    let left = [(0, 500.0), (40, 500.0), (40, 380.0), (100, 380.0), (100, 210.0), (168, 210.0)];
    let burn = Hours {
        title: t("还能用多久？", "How long will it last?"),
        description: String::new(),
        y_name: t("余额（元）", "CNY left"),
        most: 0.0,
        lines: vec![
            line(
                t("已结算", "settled"),
                Tone::Accent,
                Stroke::Area,
                left.map(|(at, yuan)| (hour(at), yuan)).into(),
            ),
            line(
                t("照此速度", "at this pace"),
                Tone::Neutral,
                Stroke::Dashed,
                vec![(hour(168), 190.0), (hour(270), 0.0)],
            ),
        ],
    };
    Block::pair(
        vec![Block::half_figure(utilisation.title.clone(), String::new(), &utilisation)],
        vec![Block::half_figure(burn.title.clone(), String::new(), &burn)],
    )
}
