//! Jobs with accelerators, arrays, dependencies and preemption through the public doors, on both databases, with
//! real processes on a machine that says it has four cards.

mod process;

use axum::Router;
use commons::{
    billing,
    effects::{Effect, EffectContext},
    identity::Caller,
    ledger,
};
use compute::{Compute, Config, Facility, GrantQuota, Program};
use kernel::SystemClock;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use testkit::Kit;

#[test]
fn task_entry() {
    process::entry();
}

/// CNY 3.60 for a card's hour: one micro for a millisecond.
const FACILITY: &str = r#"
    [[device]]
    name = "A100"
    vendor = "NVIDIA"
    sharing = "any"
    hour_micros = 3_600_000

    [[cluster]]
    name = "hall"
    device = "A100"
    devices = 4
"#;

struct House {
    kit: Kit,
    router: Router,
    acme: Caller,
    secret: String,
    loop_handle: tokio::task::JoinHandle<()>,
}

impl House {
    async fn open(mut kit: Kit) -> Self {
        // Runs are metered by the machine's own clock.
        kit.commons.clock = Arc::new(SystemClock);
        kit.operator().await;
        let (acme, secret) = kit.org("acme").await;
        kit.fund(&acme, 1_000_000_000).await;
        let program = Program {
            path: std::env::current_exe().unwrap(),
            arguments: process::ENTRY.iter().map(Into::into).collect(),
        };
        let mut config = Config { program, heartbeat: Duration::from_millis(25), ..Config::this_machine(0) };
        (config.cpus, config.memory_mib) = (16, 65_536);
        config.facility = Facility::parse(FACILITY).unwrap();
        config.bounds.grace_millis = 300;
        let compute = Compute::open(&kit.commons, process::kinds(), config).await.unwrap();
        let args = json!({"cpus": 16, "cpu_hours": 100, "devices": 8, "device_hours": 10});
        let context = EffectContext {
            case: "case".into(),
            form: Value::Null,
            org: Some(acme.org),
            actor: "test".into(),
            args,
        };
        let commons = kit.commons.clone();
        let grant = kit
            .commons
            .db
            .write(move |tx| Box::pin(async move { GrantQuota.apply(&commons, tx, &context).await }));
        grant.await.unwrap();
        let router = compute.routes(&kit.commons).into_router();
        let loop_handle = tokio::spawn(compute.clone().run());
        Self { kit, router, acme, secret, loop_handle }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let reply = self.kit.call(&self.router, method, path, Some(&self.secret), body).await;
        (reply.status.as_u16(), reply.json())
    }

    async fn submit(&self, body: Value) -> String {
        let (status, job) = self.call("POST", "/api/v1/jobs", Some(body)).await;
        assert_eq!(status, 201, "{job}");
        job["id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn wait(&self, id: &str, states: &[&str]) -> Value {
        let started = Instant::now();
        loop {
            let job = self.get(&format!("/api/v1/jobs/{id}")).await;
            if states.contains(&job["state"].as_str().unwrap()) {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "waited in vain for {states:?}: {job}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn runs(&self, id: &str) -> Vec<Value> {
        self.get(&format!("/api/v1/jobs/{id}/runs")).await["items"].as_array().unwrap().clone()
    }

    async fn paid(&self, job: &Value) -> i64 {
        let charge = job["charge"].as_str().unwrap().parse().unwrap();
        let charge = billing::get(self.kit.commons.db.pool(), charge).await.unwrap();
        assert_eq!(charge.state, billing::ChargeState::Settled, "{charge:?}");
        charge.amount_micros
    }

    async fn held(&self) -> i64 {
        let accounts = ledger::list_accounts(self.kit.commons.db.pool(), Some(self.acme.org)).await.unwrap();
        accounts.iter().find(|account| account.code == "balance").unwrap().balance.held_micros
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.loop_handle.abort();
    }
}

fn job(devices: i64, millis: u64) -> Value {
    json!({"kind": "test.nap", "name": "a test", "spec": {"millis": millis},
        "resources": {"cpus": 1, "memory_mib": 256, "wall_seconds": 100, "devices": devices}})
}

testkit::each_db! {
    /// Cards are given out once, told to the process, metered from start to end, and paid by that.
    async fn cards_are_metered_and_paid(kit: Kit) {
        let house = House::open(kit).await;
        let (first, second) = (house.submit(job(3, 400)).await, house.submit(job(1, 400)).await);
        let first = house.wait(&first, &["succeeded", "failed"]).await;
        let second = house.wait(&second, &["succeeded", "failed"]).await;
        assert_eq!(first["state"], "succeeded", "{first}");
        let cards = |job: &Value| job["result"]["devices"].as_str().unwrap().to_owned();
        let mut all: Vec<_> = [cards(&first), cards(&second)].iter().flat_map(|cards| cards.split(',')).map(str::to_owned).collect();
        all.sort();
        assert_eq!(all, ["0", "1", "2", "3"], "each card once: {first} {second}");
        for (job, devices) in [(first, 3), (second, 1)] {
            let runs = house.runs(job["id"].as_str().unwrap()).await;
            assert_eq!(runs.len(), 1);
            let metered = runs[0]["device_milliseconds"].as_i64().unwrap();
            assert!((devices * 400..devices * 30_000).contains(&metered), "{runs:?}");
            assert_eq!(house.paid(&job).await, metered, "one micro for a card's millisecond");
        }
        assert_eq!(house.held().await, 0);
        let usage = house.get("/api/v1/compute/usage?days=1").await;
        let hours = usage["hours"].as_array().unwrap();
        assert_eq!(hours.len(), 24);
        let used: i64 = hours.iter().flat_map(|hour| hour["devices"].as_array().unwrap()).map(|device| device["milliseconds"].as_i64().unwrap()).sum();
        assert!(used >= 4 * 400, "{usage}");
    }

    /// An array runs each index once, no more at a time than it says, under one charge.
    async fn arrays_run_each_index_once(kit: Kit) {
        let house = House::open(kit).await;
        let mut body = job(1, 150);
        body["array"] = json!("3-9:2%2");
        body["idempotency"] = json!("once");
        let (status, made) = house.call("POST", "/api/v1/job-arrays", Some(body.clone())).await;
        assert_eq!(status, 201, "{made}");
        let (_, again) = house.call("POST", "/api/v1/job-arrays", Some(body)).await;
        assert_eq!(made["array"], again["array"]);
        let ids: Vec<_> = made["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 4);
        let mut most = 0;
        let (mut indexes, mut metered) = (Vec::new(), 0);
        while house.get("/api/v1/compute").await["active"] == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for id in &ids {
            loop {
                most = most.max(house.get("/api/v1/compute").await["active"].as_i64().unwrap());
                let job = house.get(&format!("/api/v1/jobs/{id}")).await;
                if job["state"] == "succeeded" {
                    indexes.push(job["result"]["index"].as_str().unwrap().to_owned());
                    metered += house.runs(id).await[0]["device_milliseconds"].as_i64().unwrap();
                    break;
                }
                assert_ne!(job["state"], "failed", "{job}");
            }
        }
        assert_eq!(indexes, ["3", "5", "7", "9"]);
        assert_eq!(most, 2, "two at a time");
        let last = house.get(&format!("/api/v1/jobs/{}", ids[3])).await;
        assert_eq!(house.paid(&last).await, metered, "one charge for all");
        assert_eq!(house.held().await, 0);
    }

    /// Who waits for a job starts when it has ended as it must, and is cancelled when it can't any more.
    async fn dependencies_are_kept(kit: Kit) {
        let house = House::open(kit).await;
        let mut failing = job(0, 0);
        failing["kind"] = json!("test.fail");
        let (good, bad) = (house.submit(job(0, 300)).await, house.submit(failing).await);
        let after = |id: &str, ended: &str| {
            let mut body = job(0, 10);
            body["scheduling"] = json!({"after": [{"job": id, "ended": ended}]});
            body
        };
        let follower = house.submit(after(&good, "ok")).await;
        let waiting = house.get(&format!("/api/v1/jobs/{follower}")).await;
        assert_eq!(waiting["state"], "queued", "{waiting}");
        let (orphan, mourner) = (house.submit(after(&bad, "ok")).await, house.submit(after(&bad, "failed")).await);
        let end = |id: String| { let house = &house; async move { house.wait(&id, &["succeeded", "failed", "cancelled"]).await } };
        assert_eq!(end(follower.clone()).await["state"], "succeeded");
        assert_eq!(end(orphan).await["state"], "cancelled");
        assert_eq!(end(mourner).await["state"], "succeeded");
        let late = house.submit(after(&bad, "ok")).await;
        assert_eq!(end(late).await["state"], "cancelled", "it had ended before");
        let (good_end, start) = (house.get(&format!("/api/v1/jobs/{good}")).await, house.get(&format!("/api/v1/jobs/{follower}")).await);
        assert!(good_end["ended_at"].as_str().unwrap() <= start["started_at"].as_str().unwrap());
        let stranger = house.kit.org("stranger").await.1;
        let foreign = house.kit.call(&house.router, "POST", "/api/v1/jobs", Some(&stranger), Some(after(&good, "ok"))).await;
        assert_eq!(foreign.status, 404, "another's job isn't there: {}", foreign.text());
    }

    /// A job that may be stopped gives way to one of higher priority, which surely starts; it runs again after it,
    /// and what it ran before isn't charged.
    async fn preemption_starts_the_preemptor_and_loses_nothing(kit: Kit) {
        let house = House::open(kit).await;
        let mut low = job(4, 3000);
        low["priority"] = json!(10);
        low["scheduling"] = json!({"preemptible": "restart"});
        let low = house.submit(low).await;
        house.wait(&low, &["running"]).await;
        let mut high = job(2, 200);
        high["priority"] = json!(90);
        let high = house.submit(high).await;
        let done = house.wait(&high, &["succeeded", "failed"]).await;
        assert_eq!(done["state"], "succeeded", "{done}");
        let again = house.wait(&low, &["succeeded", "failed", "cancelled"]).await;
        assert_eq!((&again["state"], &again["attempt"]), (&json!("succeeded"), &json!(2)), "{again}");
        let runs = house.runs(&low).await;
        assert_eq!((&runs[0]["outcome"], &runs[0]["charged"]), (&json!("preempted"), &json!(false)), "{runs:?}");
        let between = runs[0]["ended_at"].as_str().unwrap() <= house.runs(&high).await[0]["started_at"].as_str().unwrap();
        assert!(between, "nothing starts where something still runs");
        assert_eq!(house.paid(&again).await, runs[1]["device_milliseconds"].as_i64().unwrap());
        assert_eq!(house.held().await, 0);
    }

    /// All members of an array end when it is cancelled, those that wait and those that run.
    async fn arrays_are_cancelled_whole(kit: Kit) {
        let house = House::open(kit).await;
        let mut body = job(4, 60_000);
        body["array"] = json!("0-2");
        let (_, made) = house.call("POST", "/api/v1/job-arrays", Some(body)).await;
        let first = made["array"].as_str().unwrap();
        house.wait(first, &["running"]).await;
        let (status, _) = house.call("POST", &format!("/api/v1/jobs/{first}/cancel?array=true"), None).await;
        assert_eq!(status, 200);
        for member in made["jobs"].as_array().unwrap() {
            house.wait(member["id"].as_str().unwrap(), &["cancelled"]).await;
        }
        assert_eq!(house.held().await, 0);
    }

    /// What no nodes could ever hold, and what no quota allows, is refused with the reason.
    async fn refusals_say_why(kit: Kit) {
        let house = House::open(kit).await;
        let refused = |body: Value| { let house = &house; async move {
            let (status, reply) = house.call("POST", "/api/v1/jobs", Some(body)).await;
            (status, reply["code"].as_str().unwrap_or_default().to_owned())
        }};
        house.wait(&house.submit(job(0, 1)).await, &["succeeded"]).await;
        assert_eq!(refused(job(5, 1)).await, (400, "job_too_large".into()));
        let mut long = job(4, 1);
        long["resources"]["wall_seconds"] = json!(9001);
        assert_eq!(refused(long).await, (402, "quota_exceeded".into()));
        let mut foreign = job(1, 1);
        foreign["scheduling"] = json!({"device_models": ["H20"]});
        assert_eq!(refused(foreign).await, (400, "constraint_unknown".into()));
        let mut elsewhere = job(0, 1);
        elsewhere["scheduling"] = json!({"cluster": "moon"});
        assert_eq!(refused(elsewhere).await, (400, "constraint_unknown".into()));
        let mut share = job(2, 1);
        share["resources"]["device_milli"] = json!(500);
        assert_eq!(refused(share).await, (400, "job_out_of_bounds".into()));
    }
}
