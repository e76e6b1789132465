//! The page from made-up clusters: what it says, to whom, and how large it gets.

use super::{View, lead, live_parts, usage};
use crate::{
    lang::Lang,
    pages::names::Names,
    views::{Shell, fragment},
};
use commons::{
    ids::Org,
    jobs::{Member, Resources},
};
use compute::{
    Overview,
    rules::{Measured, Waiting},
    types::{
        Capacity, ClusterView, Commands, DeviceView, NodeView, QueuePlace, Running, UsageHistory, UsageHour,
        UsedDevice,
    },
};
use kernel::{Id, Timestamp};

const NOW: Timestamp = Timestamp(1_795_292_000_000_000);

fn waiting(name: &str, starts_in: Option<i64>) -> QueuePlace {
    let starts_by = starts_in.map(|seconds| NOW.plus_seconds(seconds));
    let (code, en, zh) =
        ("capacity", "waits for 8 devices; 5 are free".into(), "等待 8 卡；空闲 5 卡".into());
    QueuePlace {
        job: Id::generate(),
        org: Id::<Org>::generate(),
        name: name.into(),
        member: None,
        need: Resources { devices: 8, ..Resources::new(8, 1024, 3600) },
        submitted_at: NOW.plus_seconds(-900),
        ahead: 0,
        waiting: Waiting { code, en, zh, starts_by },
    }
}

fn running(name: &str, idle_seconds: i64) -> Running {
    Running {
        job: Id::generate(),
        org: Id::generate(),
        name: name.into(),
        member: None,
        attempt: 1,
        cluster: "campus".into(),
        nodes: vec!["n1".into(), "n2".into(), "n3".into()],
        device: Some("Ascend 910B".into()),
        device_milli: 2500,
        cpus: 16,
        memory_mib: 1024,
        started_at: Some(NOW.plus_seconds(-3600)),
        ends_by: NOW.plus_seconds(1800),
        idle_seconds,
        usage: None,
    }
}

fn node(name: &str, up: bool, device: Option<DeviceView>, free_milli: Vec<u16>) -> NodeView {
    NodeView {
        name: name.into(),
        up,
        device,
        free_milli,
        cpus: 64,
        free_cpus: 48,
        memory_mib: 524_288,
        free_memory_mib: 262_144,
    }
}

fn overview(nodes: usize, jobs: usize) -> Overview {
    let device = DeviceView {
        name: "Ascend 910B".into(),
        vendor: "Huawei <&>".into(),
        domestic: true,
        hour_micros: 12_000_000,
    };
    let held =
        (0..nodes).map(|at| node(&format!("n{at}"), at != 1, Some(device.clone()), vec![0, 400, 1000, 1000]));
    let campus = ClusterView {
        name: "campus".into(),
        engine: "slurm",
        up: true,
        note: None,
        nodes: held.chain([node("cpu1", true, None, vec![])]).collect(),
    };
    let note = Some("connection refused".into());
    let away = ClusterView { name: "away".into(), engine: "local", up: false, note, nodes: vec![] };
    let mine = (0..jobs).map(|at| waiting(&format!("mine {at}"), Some(720)));
    Overview {
        clusters: vec![campus, away],
        capacity: Capacity { cpus: 128, memory_mib: 1 << 20, device_milli: 8000 },
        used: Capacity { cpus: 16, memory_mib: 1 << 18, device_milli: 2500 },
        cpu_hour_micros: 100_000,
        active: 2,
        queued: jobs + 1,
        waiting: mine.chain([waiting("", None)]).collect(),
        running: vec![running("idler", 900), running("", 0)],
        quota: None,
        fragmentation_percent: 12.25,
        forecast: Default::default(),
        commands: Commands::default(),
    }
}

fn shell(lang: Lang) -> Shell {
    Shell::new(lang, "auto", "/compute".into(), Some("acme".into()), NOW)
}

fn drawn(lang: Lang, overview: &Overview) -> String {
    let (shell, names) = (shell(lang), Names::default());
    fragment(&live_parts(&View { shell: &shell, names: &names, overview }))
}

#[test]
fn says_who_waits_why_and_until_when() {
    let overview = overview(3, 1);
    let text = drawn(Lang::En, &overview);
    for part in [
        "waits for 8 devices; 5 are free",
        "probably in 12 minutes",
        "another organisation",
        "campus: n1, n2 +1",
        "2.5 × Ascend 910B",
        "limit in 30 minutes",
        "Who holds accelerators and does nothing?",
        "15 min",
        "2.5<small> of 8</small>",
        "12.2",
        "Huawei &lt;&amp;&gt; · domestic · CNY 12.00 an hour",
        "2.4 of 4 free",
        "down",
        "48 of 64 cores free",
        "away · this machine: connection refused",
        "1 down",
    ] {
        assert!(text.contains(part), "“{part}” isn't said: {text}");
    }
    let zh = drawn(Lang::Zh, &overview);
    assert!(zh.contains("等待 8 卡；空闲 5 卡") && zh.contains("国产") && zh.contains("其他机构"), "{zh}");
    let (shell, names) = (shell(Lang::En), Names::default());
    let lead = lead(&View { shell: &shell, names: &names, overview: &overview });
    assert_eq!(lead, "2 jobs wait, 2 run. The next one probably starts in 12 minutes.");
}

#[test]
fn members_of_an_array_that_follow_each_other_share_a_row() {
    let mut overview = overview(1, 4);
    let array = Id::generate();
    for (at, place) in overview.waiting.iter_mut().take(3).enumerate() {
        place.name = "sweep".into();
        place.member = Some(Member { array, index: at as i64 + 5, at_most: 2 });
    }
    let text = drawn(Lang::En, &overview);
    assert!(text.contains("sweep [5–7]") && text.contains("mine 3"), "{text}");
    assert!(["[5]", "[6]", "[7]"].iter().all(|index| !text.contains(index)), "{text}");
}

#[test]
fn what_a_job_uses_is_said_beside_what_it_holds() {
    let mut overview = overview(1, 0);
    assert!(!drawn(Lang::En, &overview).contains("cores busy"));
    overview.running[0].usage = Some(Measured { busy_milli: 7260, ..Measured::default() });
    assert!(drawn(Lang::En, &overview).contains("7.2 of 16 cores busy"));
    assert!(drawn(Lang::Zh, &overview).contains("16 核中 7.2 核在用"));
}

#[test]
fn strangers_jobs_have_no_name_and_no_link() {
    let overview = overview(1, 1);
    let text = drawn(Lang::En, &overview);
    for stranger in [overview.waiting[1].job, overview.running[1].job] {
        assert!(!text.contains(&stranger.to_string()), "{text}");
    }
    assert!(text.contains(&format!("/jobs/{}", overview.waiting[0].job)), "{text}");
}

#[test]
fn a_large_fleet_and_a_long_queue_make_no_large_page() {
    let size = drawn(Lang::Zh, &overview(5000, 200)).len();
    assert!(size < 110 * 1024, "{size} bytes");
}

#[test]
fn use_is_drawn_with_its_domestic_share() {
    let used = |model: &str, domestic, hours: i64| UsedDevice {
        model: model.into(),
        domestic,
        milliseconds: hours * 3_600_000,
    };
    let hour = |at: i64| UsageHour {
        at: NOW.plus_seconds((at - 168) * 3600),
        device_capacity_milli: 8000,
        devices: if at % 2 == 0 {
            vec![used("Ascend 910B", true, 3), used("A100", false, 1)]
        } else {
            vec![]
        },
        cpu_milliseconds: 0,
    };
    let history = UsageHistory { hours: (0..168).map(hour).collect() };
    let (shell, names, overview) = (shell(Lang::En), Names::default(), overview(1, 0));
    let view = View { shell: &shell, names: &names, overview: &overview };
    let text = fragment(&usage::blocks(&view, &history));
    assert!(
        text.contains("25.0 % of the last seven days") && text.contains("75.0 % of accelerator time"),
        "{text}"
    );
    let nothing = UsageHistory {
        hours: history.hours.into_iter().map(|hour| UsageHour { devices: vec![], ..hour }).collect(),
    };
    assert!(!fragment(&usage::blocks(&view, &nothing)).contains("domestic"));
}
