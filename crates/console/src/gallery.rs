//! Every part of the design system on one page, with made figures: to look at, and to test the looks by.

mod compute;

use crate::charts::Chart;
use crate::{
    charts::{
        Bar, Bars, Edge, Flow, FlowLink, FlowNode, Interval, Intervals, Line, LineChart, LineageChart, Node,
        Part, Span, Spark, Timeline, Tone, smooth,
    },
    lang::Lang,
    views::{Block, Cell, Choice, Field, Form, Input, Mark, Number, Page, Shell, State, Step, Table},
};
use kernel::Timestamp;

/// The gallery.
pub fn page(shell: &Shell) -> Page {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    let lead =
        t("每一种部件，用虚构的数据画一遍。", "Every part of the design system, drawn with made-up figures.");
    let blocks = vec![
        numbers(shell.lang),
        Block::pair(vec![curve(shell.lang)], vec![waterfall(shell.lang)]),
        timeline(shell),
        compute::queue(shell),
        compute::fleet(shell.lang),
        compute::hours(shell),
        flow(shell.lang),
        lineage(shell.lang),
        intervals(shell.lang),
        Block::heading(t("表格、状态、时间", "Tables, states, times")),
        table(shell),
        facts(shell),
        Block::pair(vec![steps(shell.lang)], vec![form(shell.lang)]),
        Block::pair(
            vec![
                Block::Command {
                    label: t("在终端里", "From a terminal"),
                    lines: "mosu job list --json".into(),
                },
                Block::Code {
                    label: t("日志", "Log"),
                    text: "read 812 documents\nstep 100 loss 3.21 <b>&".into(),
                    log: true,
                },
            ],
            vec![
                Block::Empty {
                    text: t("还没有数据集。", "No dataset yet."),
                    command: "mosu corpus build notes.zip acme/notes".into(),
                },
                Block::Progress {
                    share: 0.62, text: t("训练第 620 步，共 1,000 步", "step 620 of 1,000")
                },
                Block::Notice {
                    state: State { mark: Mark::Wait, word: t("等待", "waits") },
                    text: t("需要 2 个核，空闲 0 个。", "Needs 2 cores, 0 are free."),
                },
            ],
        ),
    ];
    Page::new(shell, t("设计系统", "Design system"), lead, blocks).command("mosu status")
}

fn numbers(lang: Lang) -> Block {
    let number = |zh: &str, en: &str, value: &str, unit: &str, note: &str| Number {
        label: lang.pick(zh, en).into(),
        value: value.into(),
        unit: unit.into(),
        note: note.into(),
        href: String::new(),
    };
    Block::Numbers(vec![
        number("今日生成", "Tokens served today", "128,460", "", "412 calls"),
        number("今日结算", "Settled today", "1,284.60", "CNY", "31.2 % by vouchers"),
        number("作业", "Jobs", "7", "", "1 waits"),
        number("验证损失", "Held-out loss", "2.31", "nats", "± 0.04"),
    ])
}

fn curve(lang: Lang) -> Block {
    let noise = |step: f64| ((step * 12.9898).sin() * 43_758.547).fract() * 0.25;
    let raw: Vec<_> =
        (0..1200).map(f64::from).map(|x| (x, 2.1 + 7.0 / (1.0 + x / 40.0) + noise(x))).collect();
    let (points, band) = smooth(&raw, 80);
    let held = points.iter().step_by(9).map(|&(x, y)| (x, y + 0.35)).collect();
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let chart = LineChart {
        title: t("训练损失随步数下降", "Training loss over steps"),
        description: t("损失从 9 降到 2.3。", "The loss falls from 9 to 2.3."),
        x_name: t("步", "step"),
        y_name: t("损失（奈特/词元）", "loss, nats per token"),
        lines: vec![
            Line { name: t("训练", "training"), tone: Tone::Accent, points, band },
            Line { name: t("留出", "held out"), tone: Tone::Neutral, points: held, band: vec![] },
        ],
    };
    Block::half_figure(
        t("它学到了吗？", "Has it learned?"),
        t("带为每段的最小与最大。", "The band spans each stretch's least and most."),
        &chart,
    )
}

fn waterfall(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let row = |zh: &str, en: &str, kept: f64, dropped: f64| Bar {
        label: t(zh, en),
        href: None,
        parts: vec![
            Part { value: kept, tone: Tone::Accent, name: t("留下", "kept") },
            Part { value: dropped, tone: Tone::Pale, name: t("剔除", "dropped") },
        ],
        text: format!("{kept}"),
    };
    let chart = Bars {
        title: t("各步留下与剔除的文档", "Documents kept and dropped by each step"),
        description: String::new(),
        rows: vec![
            row("读取", "read", 2140.0, 0.0),
            row("抽取正文", "extract text", 2101.0, 39.0),
            row("质量过滤", "filter by quality", 1890.0, 211.0),
            row("完全重复", "exact duplicates", 1322.0, 568.0),
            row("近似重复", "near duplicates", 913.0, 409.0),
            row("留出集", "held out", 867.0, 46.0),
        ],
    };
    Block::half_figure(t("什么留下了，为什么？", "What was kept, and why?"), String::new(), &chart)
}

fn timeline(shell: &Shell) -> Block {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    let at = |seconds: i64| shell.now.plus_seconds(seconds);
    let span = |label: String, times: (i64, Option<i64>, Option<i64>), tone, text: String| Span {
        label,
        href: Some("/jobs".into()),
        submitted: at(times.0),
        started: times.1.map(at),
        ended: times.2.map(at),
        tone,
        text,
    };
    let chart = Timeline {
        title: t("作业时间线", "Jobs in time"),
        description: String::new(),
        now: shell.now,
        spans: vec![
            span(
                "acme-ai/notes".into(),
                (-600, Some(-590), Some(-420)),
                Tone::Good,
                t("完成 2 分 50 秒", "done in 2 min 50 s"),
            ),
            span(
                "acme-ai/tiny".into(),
                (-590, Some(-415), Some(-120)),
                Tone::Good,
                t("完成 4 分 55 秒", "done in 4 min 55 s"),
            ),
            span(
                "beta/broken".into(),
                (-400, Some(-390), Some(-380)),
                Tone::Bad,
                t("失败：内存超限", "failed: out of memory"),
            ),
            span(
                "acme-ai/score".into(),
                (-110, Some(-60), None),
                Tone::Accent,
                t("运行中 1 分", "runs for 1 min"),
            ),
            span("beta/large".into(), (-50, None, None), Tone::Wait, t("等待 2 个核", "waits for 2 cores")),
        ],
    };
    Block::figure(t("什么在等，为什么？", "What waits, and why?"), String::new(), &chart)
}

fn flow(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let node = |label: String, text: &str, column, tone| FlowNode {
        label,
        text: text.into(),
        column,
        tone,
        href: None,
    };
    let link = |from, to, value| FlowLink { from, to, value, text: String::new() };
    let chart = Flow {
        title: t("一笔费用的去向", "Where one charge went"),
        description: String::new(),
        nodes: vec![
            node(t("模型券", "Model voucher"), "CNY 5.00", 0, Tone::Accent),
            node(t("beta-lab 的余额", "beta-lab's balance"), "CNY 5.00", 0, Tone::Neutral),
            node(t("acme-ai 的模型", "acme-ai's model"), "CNY 10.00", 1, Tone::Soft),
            node(t("acme-ai 的收入", "acme-ai's revenue"), "CNY 9.00", 2, Tone::Soft),
            node(t("语料贡献者", "Corpus contributors"), "CNY 1.00", 2, Tone::Accent),
            node("serde".into(), "CNY 0.60", 3, Tone::Accent),
            node("tokio".into(), "CNY 0.30", 3, Tone::Accent),
            node(t("其余 214 位", "214 others"), "CNY 0.10", 3, Tone::Accent),
        ],
        links: vec![
            link(0, 2, 5_000_000),
            link(1, 2, 5_000_000),
            link(2, 3, 9_000_000),
            link(2, 4, 1_000_000),
            link(4, 5, 600_000),
            link(4, 6, 300_000),
            link(4, 7, 100_000),
        ],
    };
    Block::figure(
        t("这一元钱去哪了？", "Where did this yuan go?"),
        t("带的粗细即金额。", "Ribbons are as thick as the amounts."),
        &chart,
    )
}

fn lineage(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let node = |kind: String, label: &str, note: String, here| Node {
        kind,
        label: label.into(),
        note,
        href: Some("/models".into()),
        here,
    };
    let chart = LineageChart {
        title: t("模型的来历", "The model's lineage"),
        description: String::new(),
        nodes: vec![
            node(t("上传", "upload"), "bundle.zip", "3f2a91c04d11".into(), false),
            node(t("作业", "job"), "corpus.build", t("2 分 50 秒", "2 min 50 s"), false),
            node(t("数据集", "dataset"), "acme-ai/crate-docs", "9be1c2f3a4d5".into(), false),
            node(t("作业", "job"), "model.train", t("种子 7", "seed 7"), false),
            node(t("模型", "model"), "acme-ai/tiny", "77aa01bb9c0d".into(), true),
            node(t("评测", "evaluation"), t("留出集", "held-out").as_str(), "2.31 bpb".into(), false),
            node(t("评测", "evaluation"), t("选择题", "multiple choice").as_str(), "61 %".into(), false),
        ],
        edges: [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (4, 6)].map(|(from, to)| Edge { from, to }).into(),
    };
    Block::figure(t("它从哪里来？", "What was it made from?"), String::new(), &chart)
}

fn intervals(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let row = |label: &str, low, value, high, baseline| Interval {
        label: label.into(),
        href: None,
        low,
        value,
        high,
        text: format!("{value:.2} [{low:.2}, {high:.2}]"),
        baseline,
    };
    let chart = Intervals {
        title: t("每字节比特数", "Bits per byte"),
        description: String::new(),
        measure: t("每字节比特数，越低越好", "bits per byte, lower is better"),
        rows: vec![
            row("acme-ai/tiny", 2.05, 2.11, 2.18, false),
            row("beta/tiny-2", 2.28, 2.41, 2.55, false),
            row("5-gram", 2.45, 2.52, 2.60, true),
        ],
    };
    Block::figure(
        t("这个模型更好吗，有把握吗？", "Is this model better, and are we sure?"),
        t("线为 95 % 置信区间。", "Lines span 95 % confidence."),
        &chart,
    )
}

fn table(shell: &Shell) -> Block {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    let time = |seconds| Cell::time(shell.lang, shell.now, shell.now.plus_seconds(seconds));
    let state = |mark, zh: &str, en: &str| Cell::state(State { mark, word: t(zh, en) });
    let spark = Spark {
        title: t("损失", "loss"),
        values: (0..60).map(|x| 1.0 / (1.0 + f64::from(x) / 8.0)).collect(),
        tone: Tone::Accent,
    };
    let row = |name: &str, state, at, cost: &str| {
        vec![
            Cell::text(name).link("/jobs").note("job_01kas8q3x8e4h9v7d5tz2m6w1c"),
            state,
            Cell::picture(spark.draw(120.0)),
            time(at),
            Cell::number(cost),
        ]
    };
    let heads = vec![
        t("作业", "Job"),
        t("状态", "State"),
        t("损失", "Loss"),
        t("提交", "Submitted"),
        t("费用（元）", "Cost, CNY"),
    ];
    Block::Table(Table::new(
        String::new(),
        heads,
        vec![
            row("acme-ai/notes", state(Mark::Good, "完成", "succeeded"), -600, "1.20"),
            row("acme-ai/tiny", state(Mark::Run, "运行中", "running"), -60, "1,003.75"),
            row("beta/large", state(Mark::Wait, "排队", "queued"), -5, "0.00"),
            row("beta/broken", state(Mark::Bad, "失败", "failed"), -86_400 * 3, "0.02"),
            row("beta/stopped", state(Mark::Off, "已取消", "cancelled"), -7200, "0.01"),
        ],
    ))
}

fn facts(shell: &Shell) -> Block {
    let t = |zh: &str, en: &str| shell.lang.pick(zh, en).to_owned();
    Block::Facts(vec![
        (t("版本", "Revision"), Cell::code("9be1c2f3a4d5").link("/datasets")),
        (t("发布", "Published"), Cell::time(shell.lang, shell.now, Timestamp(shell.now.0 - 3_000_000))),
        (t("参数", "Parameters"), Cell::text("812,544")),
        (t("许可", "Licence"), Cell::text("MIT OR Apache-2.0")),
    ])
}

fn steps(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let step = |zh: &str, en: &str, mark, word: String, lines: Vec<String>| Step {
        title: t(zh, en),
        state: State { mark, word },
        lines,
        blocks: vec![],
    };
    Block::Steps(vec![
        step(
            "申请",
            "Apply",
            Mark::Good,
            t("完成", "done"),
            vec![t("2 小时前由 acme-ai 提交", "sent by acme-ai two hours ago")],
        ),
        step(
            "审核",
            "Review",
            Mark::Run,
            t("进行中", "in review"),
            vec![t("运营方须在 5 个工作日内决定", "the operator decides within 5 working days")],
        ),
        step("入驻", "Move in", Mark::Wait, t("等待", "waits"), vec![]),
    ])
}

fn form(lang: Lang) -> Block {
    let t = |zh: &str, en: &str| lang.pick(zh, en).to_owned();
    let select = Field {
        input: Input::One(vec![
            Choice::option("a", t("一层", "first floor")),
            Choice::option("b", t("二层", "second floor")),
        ]),
        ..Field::line("floor", t("楼层", "Floor"), "text")
    };
    let wrong = Field {
        error: t("须为小写字母、数字和连字符", "lower-case letters, digits and hyphens only"),
        value: "ACME!".into(),
        ..Field::line("slug", t("简称", "Short name"), "text")
    };
    Block::Form(Form {
        action: "/dev/gallery".into(),
        title: t("入驻申请", "Apply for residency"),
        note: t("提交后立即建立一个事项。", "Sending it opens a case at once."),
        fields: vec![
            Field::line("name", t("机构名称", "Organisation"), "text")
                .help(t("营业执照上的全称", "as on the licence")),
            wrong,
            select,
        ],
        buttons: vec![
            Choice::button("", "", t("提交", "Send")),
            Choice::button("do", "no", t("放弃", "Withdraw")).danger(),
        ],
    })
}
