//! Whole lives of jobs through the public doors, on both databases, with real processes.

mod process;

use axum::Router;
use commons::{billing, identity::Caller, ledger};
use compute::{Compute, Config, GrantQuota, Program};
use kernel::Id;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testkit::Kit;

#[test]
fn task_entry() {
    process::entry();
}

/// CNY 3.60 for an hour: one micro for a millisecond.
const PRICE: i64 = 3_600_000;

struct House {
    compute: Compute,
    router: Router,
    acme: Caller,
    acme_secret: String,
    operator_secret: String,
    loop_handle: tokio::task::JoinHandle<()>,
}

impl House {
    async fn open(kit: &Kit) -> Self {
        let (_, operator_secret) = kit.operator().await;
        let (acme, acme_secret) = kit.org("acme").await;
        kit.fund(&acme, 10_000_000).await;
        let compute = Compute::open(&kit.commons, process::kinds(), config()).await.unwrap();
        grant(kit, &acme, 2, 1).await;
        let router = compute.routes(&kit.commons).into_router();
        compute.tick().await.unwrap(); // until the nodes are known, nothing is refused as too large
        let loop_handle = tokio::spawn(compute.clone().run());
        Self { compute, router, acme, acme_secret, operator_secret, loop_handle }
    }

    async fn submit(&self, kit: &Kit, body: Value) -> (u16, Value) {
        let reply = kit.call(&self.router, "POST", "/api/v1/jobs", Some(&self.acme_secret), Some(body)).await;
        (reply.status.as_u16(), reply.json())
    }

    async fn get(&self, kit: &Kit, path: &str) -> Value {
        let reply = kit.call(&self.router, "GET", path, Some(&self.acme_secret), None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    async fn wait(&self, kit: &Kit, id: &str, states: &[&str]) -> Value {
        let started = Instant::now();
        loop {
            let job = self.get(kit, &format!("/api/v1/jobs/{id}")).await;
            if states.contains(&job["state"].as_str().unwrap()) {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "waited in vain: {job}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What acme can spend and what is reserved of it.
    async fn balance(&self, kit: &Kit) -> (i64, i64) {
        let accounts = ledger::list_accounts(kit.commons.db.pool(), Some(self.acme.org)).await.unwrap();
        let account = accounts.iter().find(|account| account.code == "balance").unwrap();
        (account.balance.posted_micros, account.balance.held_micros)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.loop_handle.abort();
    }
}

fn config() -> Config {
    let program = Program {
        path: std::env::current_exe().unwrap(),
        arguments: process::ENTRY.iter().map(Into::into).collect(),
    };
    let mut config = Config { program, heartbeat: Duration::from_millis(50), ..Config::this_machine(PRICE) };
    config.cpus = 2;
    config.memory_mib = 4096;
    config.bounds.grace_millis = 400;
    config
}

async fn grant(kit: &Kit, to: &Caller, cpus: i64, cpu_hours: i64) {
    use commons::effects::{Effect, EffectContext};
    let args = json!({"cpus": cpus, "cpu_hours": cpu_hours});
    GrantQuota.check(&args).unwrap();
    assert!(GrantQuota.check(&json!({"cpus": 1, "cpu_hours": 1, "gpu": 1})).is_err());
    let (case, form, actor, org) = ("case".into(), Value::Null, "test".into(), Some(to.org));
    let (commons, context) = (kit.commons.clone(), EffectContext { case, form, org, actor, args });
    let write = kit
        .commons
        .db
        .write(move |tx| Box::pin(async move { GrantQuota.apply(&commons, tx, &context).await }));
    write.await.unwrap();
}

fn job(kind: &str, wall_seconds: i64) -> Value {
    json!({"kind": kind, "name": "a test", "spec": {},
        "resources": {"cpus": 1, "memory_mib": 1024, "wall_seconds": wall_seconds}})
}

testkit::each_db! {
    /// A job is queued, runs, is published, paid by measure, and counted against the quota.
    async fn a_job_lives_and_is_paid(kit: Kit) {
        let house = House::open(&kit).await;
        let (status, submitted) = house.submit(&kit, job("test.work", 100)).await;
        assert_eq!(status, 201, "{submitted}");
        let id = submitted["id"].as_str().unwrap().to_owned();
        let done = house.wait(&kit, &id, &["succeeded", "failed"]).await;
        assert_eq!(done["state"], "succeeded", "{done}");
        assert_eq!(done["result"]["cpus"], 1);
        assert!(done["result"]["token"].as_str().unwrap().starts_with("mosu_"));
        assert_eq!(done["outputs"], json!([format!("test:{id}")]));
        assert_eq!(done["series"]["progress"]["text"], "half");
        assert_eq!(done["series"]["metrics"]["loss"], json!([[1, 2.5]]));

        let charge = billing::get(kit.commons.db.pool(), done["charge"].as_str().unwrap().parse().unwrap()).await.unwrap();
        let milliseconds = done["usage"]["cpu_micros"].as_i64().unwrap() / 1000;
        assert!(milliseconds >= 100, "{done}");
        assert_eq!((charge.max_micros, charge.amount_micros), (100_000, milliseconds), "one micro a millisecond");
        assert_eq!(house.balance(&kit).await, (10_000_000 - milliseconds, 0));
        let overview = house.get(&kit, "/api/v1/compute").await;
        assert_eq!(overview["quota"]["used_milliseconds"], milliseconds);

        let log = house.get(&kit, &format!("/api/v1/jobs/{id}/log?offset=0")).await;
        assert!(log["text"].as_str().unwrap().contains("working"));
        let rest = house.get(&kit, &format!("/api/v1/jobs/{id}/log?offset={}", log["next_offset"])).await;
        assert_eq!(rest["text"], "");
        let events = house.get(&kit, &format!("/api/v1/jobs/{id}/events")).await;
        assert_eq!(events["items"][1]["metric"], "loss");
        let token = done["result"]["token"].as_str().unwrap();
        let stale = kit.call(&house.router, "GET", "/api/v1/compute", Some(token), None).await;
        assert_eq!(stale.status, 401, "the job's token ended with it");

        let counted = || kit.commons.metrics.text(|registry| house.compute.measure(registry)).unwrap();
        let asked = Instant::now();
        // Counted after what was counted is durable, so it may be seen a little later.
        while !counted().contains("mosu_jobs_ended_total{kind=\"test.work\",state=\"succeeded\"} 1\n") {
            assert!(asked.elapsed() < Duration::from_secs(30), "{}", counted());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let text = counted();
        for line in ["mosu_job_wait_seconds_count{device=\"\"} 1", "mosu_jobs{state=\"waiting\"} 0.0", "mosu_cores{cluster=\"local\"} 2.0"] {
            assert!(text.lines().any(|found| found == line), "{line} isn't in {text}");
        }
    }

    /// Failed and cancelled jobs pay for what they used; one that never started pays nothing.
    async fn ends_that_are_no_success(kit: Kit) {
        let house = House::open(&kit).await;
        let (_, failing) = house.submit(&kit, job("test.fail", 50)).await;
        let failed = house.wait(&kit, failing["id"].as_str().unwrap(), &["failed"]).await;
        assert_eq!(failed["reason"]["code"], "sums_wrong");

        let (_, running) = house.submit(&kit, job("test.sleep", 600)).await;
        let (_, second) = house.submit(&kit, job("test.sleep", 600)).await;
        let (_, third) = house.submit(&kit, job("test.sleep", 600)).await;
        let (running, second, third) = (&running["id"], &second["id"], &third["id"]);
        for id in [running, second] {
            house.wait(&kit, id.as_str().unwrap(), &["running"]).await;
        }
        let queued = house.get(&kit, &format!("/api/v1/jobs/{}", third.as_str().unwrap())).await;
        assert_eq!((&queued["state"], &queued["waiting"]["code"]), (&json!("queued"), &json!("quota_in_use")));
        assert_eq!(queued["reason"]["code"], "quota_in_use");
        assert!(queued["waiting"]["zh"].as_str().unwrap().contains("配额"));
        for id in [third, running, second] {
            let path = format!("/api/v1/jobs/{}/cancel", id.as_str().unwrap());
            let reply = kit.call(&house.router, "POST", &path, Some(&house.acme_secret), None).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
        for id in [third, running, second] {
            let ended = house.wait(&kit, id.as_str().unwrap(), &["cancelled"]).await;
            let charge = ended["charge"].as_str().unwrap().parse().unwrap();
            let charge = billing::get(kit.commons.db.pool(), charge).await.unwrap();
            let expected = if id == third { billing::ChargeState::Voided } else { billing::ChargeState::Settled };
            assert_eq!(charge.state, expected, "{ended}");
        }
        let (posted, held) = house.balance(&kit).await;
        assert!(held == 0 && (10_000_000 - 2_000..=10_000_000).contains(&posted), "{posted} {held}");
    }

    /// What a job has used is seen while it runs, by those whose it is.
    async fn use_is_seen_while_it_goes_on(kit: Kit) {
        let house = House::open(&kit).await;
        let (_, stranger) = kit.org("stranger").await;
        let (_, submitted) = house.submit(&kit, job("test.sleep", 600)).await;
        let path = format!("/api/v1/jobs/{}", submitted["id"].as_str().unwrap());
        let asked = Instant::now();
        while house.get(&kit, &path).await["usage"].is_null() {
            assert!(asked.elapsed() < Duration::from_secs(60), "nothing is seen");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let running = &house.get(&kit, "/api/v1/compute").await["running"][0];
        assert!(running["usage"]["peak_memory_bytes"].as_i64().unwrap() > 0, "{running}");
        assert!(running["usage"]["busy_milli"].is_i64() && running["memory_mib"] == 1024, "{running}");
        let theirs = kit.call(&house.router, "GET", "/api/v1/compute", Some(&stranger), None).await.json();
        let (theirs, name) = (&theirs["running"][0], &running["name"]);
        assert!(theirs["usage"].is_null() && theirs["name"] == "" && name == "a test", "{theirs}");
        kit.call(&house.router, "POST", &format!("{path}/cancel"), Some(&house.acme_secret), None).await;
        let ended = house.wait(&kit, submitted["id"].as_str().unwrap(), &["cancelled"]).await;
        assert!(ended["usage"]["wall_micros"].as_i64() > running["usage"]["wall_micros"].as_i64(), "{ended}");
    }

    /// What can't work is refused with a reason, leaves nothing behind, and strangers learn nothing.
    async fn refusals(kit: Kit) {
        let house = House::open(&kit).await;
        let code = |answer: (u16, Value)| (answer.0, answer.1["code"].as_str().unwrap_or_default().to_owned());
        let with = |key: &str, value: Value| {
            let mut body = job("test.work", 10);
            body["resources"][key] = value;
            body
        };
        let known = |status: u16, code: &str| (status, code.to_owned());
        assert_eq!(code(house.submit(&kit, with("cpus", json!(3))).await), known(400, "job_too_large"));
        assert_eq!(code(house.submit(&kit, with("wall_seconds", json!(3601))).await), known(402, "quota_exceeded"));
        assert_eq!(code(house.submit(&kit, with("gpus", json!(1))).await), known(400, "job_invalid"));
        assert_eq!(code(house.submit(&kit, job("test.none", 1)).await), known(400, "job_kind_unknown"));
        assert_eq!(house.balance(&kit).await.1, 0, "a refused job holds nothing");

        let (stranger, secret) = kit.org("stranger").await;
        let post = |secret: String| {
            let (kit, router) = (&kit, &house.router);
            async move { kit.call(router, "POST", "/api/v1/jobs", Some(&secret), Some(job("test.work", 10))).await }
        };
        assert_eq!(post(secret.clone()).await.json()["code"], "quota_missing");
        grant(&kit, &stranger, 1, 1).await;
        let poor = post(secret.clone()).await;
        assert_eq!(poor.status, 402, "no money: {}", poor.text());

        let mut body = job("test.work", 10);
        body["idempotency"] = json!("once");
        let (first, again) = (house.submit(&kit, body.clone()).await, house.submit(&kit, body.clone()).await);
        assert_eq!(first.1["id"], again.1["id"]);
        body["name"] = json!("another");
        assert_eq!(house.submit(&kit, body).await.0, 409);

        let id = first.1["id"].as_str().unwrap();
        for (method, path) in [
            ("GET", format!("/api/v1/jobs/{id}")),
            ("GET", format!("/api/v1/jobs/{id}/log")),
            ("GET", format!("/api/v1/jobs/{id}/events")),
            ("GET", format!("/api/v1/jobs/{id}/runs")),
            ("POST", format!("/api/v1/jobs/{id}/cancel")),
        ] {
            let none = kit.call(&house.router, method, &path, None, None).await;
            let foreign = kit.call(&house.router, method, &path, Some(&secret), None).await;
            let operator = kit.call(&house.router, method, &path, Some(&house.operator_secret), None).await;
            assert_eq!((none.status.as_u16(), foreign.status.as_u16()), (401, 404), "{method} {path}");
            assert_eq!(operator.status, 200, "{}", operator.text());
        }
        let mut after = job("test.work", 10);
        after["scheduling"] = json!({"after": [{"job": id}]});
        let mut array = after.clone();
        array["array"] = json!("1-2");
        let quota = json!({"org": "stranger", "cpus": 64, "cpu_hours": 9});
        for (method, path, body, foreign) in [
            ("POST", "/api/v1/jobs", Some(after), 404),
            ("POST", "/api/v1/job-arrays", Some(array), 404),
            ("POST", "/api/v1/compute/quotas", Some(quota), 403),
            ("GET", "/api/v1/compute/usage?days=1", None, 200),
        ] {
            let none = kit.call(&house.router, method, path, None, body.clone()).await;
            let theirs = kit.call(&house.router, method, path, Some(&secret), body).await;
            let seen = (none.status.as_u16(), theirs.status.as_u16());
            assert_eq!(seen, (401, foreign), "{method} {path}: {}", theirs.text());
        }
        let mine = kit.call(&house.router, "GET", "/api/v1/jobs", Some(&secret), None).await;
        assert_eq!(mine.json()["items"], json!([]));
        let missing = format!("/api/v1/jobs/{}", Id::<commons::ids::Job>::generate());
        assert_eq!(kit.call(&house.router, "GET", &missing, Some(&secret), None).await.status, 404);
    }

    /// From submission to the task's first line, with the machine idle.
    async fn starts_at_once(kit: Kit) {
        let house = House::open(&kit).await;
        let asked = Instant::now();
        let (_, submitted) = house.submit(&kit, job("test.work", 10)).await;
        let id: Id<commons::ids::Job> = submitted["id"].as_str().unwrap().parse().unwrap();
        let folder = house.compute.folder(id, 1);
        while !folder.starts().exists() {
            assert!(asked.elapsed() < Duration::from_secs(10), "it doesn't start");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        println!("submitted to started: {:?}", asked.elapsed());
    }

    /// A job whose folder can't be made or filled fails with the reason and pays nothing.
    async fn a_data_folder_that_cannot_be_written(kit: Kit) {
        std::fs::write(kit.folder.path().join("jobs"), "a file where the jobs' folder should be").unwrap();
        let house = House::open(&kit).await;
        let (_, submitted) = house.submit(&kit, job("test.work", 10)).await;
        let failed = house.wait(&kit, submitted["id"].as_str().unwrap_or_else(|| panic!("{submitted}")), &["failed"]).await;
        assert_eq!(failed["reason"]["code"], "folder_failed", "{failed}");
        assert_eq!(house.balance(&kit).await, (10_000_000, 0));
        std::fs::remove_file(kit.folder.path().join("jobs")).unwrap();
        let (_, submitted) = house.submit(&kit, job("test.full", 10)).await;
        let failed = house.wait(&kit, submitted["id"].as_str().unwrap(), &["failed"]).await;
        assert_eq!(failed["reason"]["code"], "disk_full", "{failed}");
        assert_eq!(house.balance(&kit).await, (10_000_000, 0));
    }
}
