//! What is recorded plays again to the same decisions, and what was changed is found.

use proptest::prelude::*;
use schedule::{
    Event, Job, Policy, Record, State, World, replay,
    world::{Node, Preempt, Shape, Tenant},
};

/// A service that writes down all that it does.
struct Service {
    state: State,
    running: Vec<u64>,
    lines: Vec<String>,
}

impl Service {
    fn new(policy: &str) -> Self {
        let world = World { tenants: vec![Tenant::default(); 3], ..World::uniform(3, 4) };
        let state = State::new(world, Policy::named(policy).unwrap()).unwrap();
        Self { running: Vec::new(), lines: vec![Record::begin(&state)], state }
    }

    fn apply(&mut self, event: Event, now: i64) {
        self.lines.push(Record::event(now, &event));
        self.state.apply(event, now).unwrap();
    }

    fn decide(&mut self, now: i64) {
        let decisions = self.state.decide(now);
        self.running.retain(|job| decisions.preemptions.iter().all(|stop| stop.job != *job));
        self.running.extend(decisions.placements.iter().map(|start| start.job));
        self.lines.push(Record::decided(now, &decisions));
    }
}

/// Numbers that say what happens in a round: what a job is like, and which running one ends.
type Step = (u32, u8, u16, u8, usize, i64);

fn record(policy: &str, steps: &[Step]) -> Vec<String> {
    let mut service = Service::new(policy);
    let mut now = 1_700_000_000;
    for (id, (tenant, devices, milli, preempt, end, gap)) in (0..).zip(steps) {
        let milli = if *devices == 1 { *milli } else { 1000 };
        let job = Job {
            tenant: *tenant,
            estimate: Some(gap * 7),
            priority: i32::from(*preempt == 0),
            preempt: [Preempt::Never, Preempt::Restart, Preempt::Checkpoint][usize::from(*preempt)],
            ..Job::new(id, 1, Shape { milli, ..Shape::devices(*devices) }, now)
        };
        service.apply(Event::Submit { job: Box::new(job) }, now);
        if *end < service.running.len() {
            let job = service.running.swap_remove(*end);
            service.apply(Event::End { job, micros: 0 }, now);
        }
        if id % 16 == 9 {
            service.apply(Event::AddNode { node: Node { devices: 2, ..Node::default() } }, now);
        }
        service.decide(now);
        now += gap;
    }
    service.lines
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..3u32, 1..5u8, 1..1000u16, 0..3u8, 0..12usize, 1..2000i64), 2..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn a_recording_replays_to_the_same_decisions(one in steps(), other in steps(), at in 0..3usize) {
        let policy = ["default", "easy", "las"][at];
        let (mut lines, second) = (record(policy, &one), record(policy, &other));
        // The service was killed while it wrote a line, and began again on a new one.
        lines.push(second[1][..second[1].len() / 2].into());
        lines.push(String::new());
        lines.extend(second);
        let replayed = replay(&lines).unwrap();
        prop_assert_eq!(&replayed.difference, &None);
        let jobs = (one.len() + other.len()) as u64;
        prop_assert_eq!((replayed.begins, replayed.jobs, replayed.rounds), (2, jobs, jobs));
        prop_assert_eq!(replayed.cut_lines, 1);
    }

    #[test]
    fn a_changed_decision_is_found_where_it_is(steps in steps(), choice in any::<prop::sample::Index>()) {
        let mut lines = record("default", &steps);
        let starts: Vec<_> = (0..lines.len()).filter(|at| lines[*at].contains("\"starts\"")).collect();
        let changed = starts[choice.index(starts.len())];
        let Ok(Record::Decided { at, mut decided }) = Record::parse(&lines[changed]) else { unreachable!() };
        decided.starts[0].1[0].0 += 1;
        let decided = serde_json::to_string(&decided).unwrap();
        lines[changed] = format!("{{\"at\":{at},\"decided\":{decided}}}");
        let difference = replay(&lines).unwrap().difference.unwrap();
        prop_assert_eq!((difference.line, difference.at), (changed as u64 + 1, at));
        prop_assert!(difference.what.contains("now: start"), "{}", difference.what);
    }
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    let good = record("default", &[(0, 1, 500, 0, 0, 10), (0, 1, 500, 0, 0, 10)]);
    let fails = |lines: &[&str]| replay(lines).unwrap_err().to_string();
    assert!(fails(&[]).contains("no line"));
    assert!(fails(&[&good[1]]).contains("first line"));
    assert!(fails(&[&good[0], "{\"at\":1}", &good[1]]).contains("line 2"));
    assert!(fails(&[&good[0], "nonsense", &good[1]]).contains("line 2"));
    assert_eq!(replay([&good[0][..], "nonsense"]).unwrap().cut_lines, 1);
    // An event that can't have happened is a difference.
    let twice = [&good[0][..], &good[1], &good[1], &good[2]];
    let replayed = replay(twice).unwrap();
    assert_eq!(replayed.difference.unwrap().line, 3);
}
