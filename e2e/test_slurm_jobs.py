"""Jobs on a real Slurm with accounts: gangs, arrays, dependencies, preemption, metering to the second, a controller that
dies, a server that is killed again and again. Our scheduler decides; Slurm runs."""

import collections
import os
import random
import time

import pytest

from lib import Server, mosu
from slurm import Slurm
from tenant import admit, said

WAYS = ["v0.0.38", "v0.0.37", "commands"]
KILLS = int(os.environ.get("MOSU_E2E_SLURM_KILLS", "100"))
HOUR_MICROS = 3_600_000  # one micro for a card's millisecond
CLUSTERS = """
[[device]]
name = "A100"
vendor = "NVIDIA"
hour_micros = {price}

[[device]]
name = "Toy"
vendor = "Test"
domestic = true
hour_micros = {price}

[[cluster]]
name = "here"
device = "Toy"
devices = 2

[[cluster]]
name = "hpc"
engine = "slurm"
slurm = {access}
"""


def access(slurm, how):
    """The table of the configuration that says how Slurm is reached."""
    if how == "commands":
        return f'{{ conf = "{slurm.dir}/slurm.conf", partition = "main", poll_millis = 300 }}'
    return (
        f'{{ url = "{slurm.url}", user = "root", token_file = "{slurm.dir}/token", versions = ["{how}"], '
        'partition = "main", poll_millis = 300 }'
    )


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    with Slurm(tmp_path_factory.mktemp("slurm"), nodes=4, gpus=4, accounting=True, rest=True) as running:
        yield running


def settings(folder, slurm, how):
    file = folder / "clusters.toml"
    file.write_text(CLUSTERS.format(price=HOUR_MICROS, access=access(slurm, how)))
    return {"MOSU_COMPUTE__CLUSTERS": str(file), "MOSU_COMPUTE__CPUS": "2", "MOSU_COMPUTE__MEMORY_MIB": "4096"}


class Tenant:
    """A start-up with a large quota, and its words to the server."""

    def __init__(self, server, slug):
        self.server, self.token = server, admit(server, slug)
        quota = {"org": slug, "cpus": 64, "cpu_hours": 1000, "devices": 64, "device_hours": 1000}
        said(server.post("/api/v1/compute/quotas", quota, server.token()))
        leg = {"debit": self.issuer(), "credit": self.balance(), "amount_micros": 5_000_000_000, "kind": "grant"}
        body = {"idempotency": f"rich-{slug}", "legs": [leg], "reference": "tests"}
        said(server.post("/api/v1/transfers", body, server.token()))

    def issuer(self):
        accounts = said(self.server.get("/api/v1/accounts", self.server.token()))["items"]
        return next(e["id"] for e in accounts if e["floor_micros"] is None and e["commodity"] == "CNY")

    def balance(self):
        mine = said(self.server.get("/api/v1/accounts", self.token))["items"]
        return next(e["id"] for e in mine if e["code"] == "balance" and e["commodity"] == "CNY")

    def body(self, script, devices=0, tasks=1, wall=600, **changes):
        wishes = changes.pop("scheduling", {})
        resources = {"cpus": 1, "memory_mib": 256, "wall_seconds": wall, "tasks": tasks, "devices": devices}
        if not changes.pop("anywhere", False):
            wishes = {"cluster": "hpc"} | wishes
        spec = {"script": f"#!/bin/bash\n{script}\n"}
        return {"kind": "command.run", "name": "test", "spec": spec, "resources": resources, "scheduling": wishes} | changes

    def submit(self, script, **options):
        return said(self.server.post("/api/v1/jobs", self.body(script, **options), self.token))["id"]

    def array(self, indexes, script, **options):
        body = self.body(script, **options) | {"array": indexes}
        return [job["id"] for job in said(self.server.post("/api/v1/job-arrays", body, self.token))["jobs"]]

    def job(self, job):
        return said(self.server.get(f"/api/v1/jobs/{job}", self.token))

    def runs(self, job):
        return said(self.server.get(f"/api/v1/jobs/{job}/runs", self.token))["items"]

    def log(self, job):
        return said(self.server.get(f"/api/v1/jobs/{job}/log?offset=0", self.token))["text"]

    def wait(self, job, *states, seconds=120):
        states = states or ("succeeded", "failed", "cancelled")
        deadline = time.monotonic() + seconds
        while True:
            found = self.job(job)
            if found["state"] in states:
                return found
            assert time.monotonic() < deadline, (found["state"], found.get("waiting"), self.log(job))
            time.sleep(0.2)

    def cancel(self, job):
        said(self.server.post(f"/api/v1/jobs/{job}/cancel", {}, self.token))


@pytest.fixture(scope="module", params=WAYS)
def tenant(request, slurm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mosu")
    folder.chmod(0o755)
    with Server(folder / "data", log=f"slurm-{request.param}.log", env=settings(folder, slurm, request.param)) as server:
        allowed = said(server.get("/api/v1/compute", server.token()))["commands"]
        assert allowed["allowed"], allowed
        yield Tenant(server, "acme")


def seconds(moment):
    """Whole seconds since 1970 of a time in RFC 3339."""
    import datetime

    return int(datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp())


def accounted(slurm, engine_id, name, patience=60):
    """Seconds and devices that the accounts keep of a run; none where a controller that was killed forgot it.

    By name: after such a death Slurm gives the same numbers out again."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        fields = "JobName,State,ElapsedRaw,AllocTRES"
        told = slurm.run("sacct", "-n", "-P", "-X", "-D", "-j", engine_id, "-o", fields).splitlines()
        ended = [line.split("|") for line in told if line.startswith(f"{name}|")]
        ended = [line for line in ended if line[1] not in ("RUNNING", "PENDING")]
        if ended:
            _, _, elapsed, tres = ended[-1]
            devices = [int(part.split("=")[1]) for part in tres.split(",") if part.startswith("gres/gpu=")]
            return int(elapsed), sum(devices)
        time.sleep(0.5)
    return None


def check_metering(slurm, tenant, job, devices, forgetful=False):
    """Each run's interval is the accounts', to the second, and its cards too."""
    for run in tenant.runs(job):
        if forgetful and not (run["engine_id"] and run["started_at"]):
            assert run["device_milliseconds"] == 0 and not run["charged"], run
            continue  # Slurm forgot it before it was asked, or it never began
        account = accounted(slurm, run["engine_id"], f"mosu-{job}-{run['attempt']}", 5 if forgetful else 60)
        if forgetful and account is None:
            continue
        elapsed, cards = account
        ours = seconds(run["ended_at"]) - seconds(run["started_at"])
        assert (ours, cards) == (elapsed, devices), run
        assert run["device_milliseconds"] == elapsed * 1000 * devices, run


def test_a_gang_runs_on_several_nodes_and_is_metered_as_slurm_accounts_it(slurm, tenant):
    each = 'echo "task $SLURM_PROCID of $SLURM_NTASKS on $SLURMD_NODENAME"'
    script = f"sleep 2; said=$(srun sh -c '{each}') && echo \"$said\"; srun -n 1 false || echo refused"
    job = tenant.submit(script, devices=4, tasks=2)
    done = tenant.wait(job)
    assert done["state"] == "succeeded", (done["reason"], tenant.log(job))
    told = {tuple(line.split()[1::4]) for line in tenant.log(job).splitlines() if line.startswith("task ")}
    assert {rank for rank, _ in told} == {"0", "1"} and len({node for _, node in told}) == 2, tenant.log(job)
    assert "refused" in tenant.log(job)
    run = tenant.runs(job)[0]
    assert len({place["node"] for place in run["places"]}) == 2
    check_metering(slurm, tenant, job, 8)
    charge = said(tenant.server.get(f"/api/v1/charges/{done['charge']}", tenant.token))
    assert charge["amount_micros"] == run["device_milliseconds"]


def test_arrays_and_dependencies(slurm, tenant):
    members = tenant.array("1-6%3", 'echo "index $SLURM_ARRAY_TASK_ID"; sleep 1', devices=1)
    after = tenant.submit("echo after", scheduling={"after": [{"job": job} for job in members]})
    bad = tenant.submit("exit 3")
    never = tenant.submit("echo never", scheduling={"after": [{"job": bad}]})
    for index, job in enumerate(members, 1):
        assert tenant.wait(job)["state"] == "succeeded"
        assert f"index {index}" in tenant.log(job)
        check_metering(slurm, tenant, job, 1)
    done = tenant.wait(after)
    assert done["state"] == "succeeded", done["reason"]
    assert all(tenant.job(job)["ended_at"] <= done["started_at"] for job in members)
    assert tenant.wait(bad)["reason"]["code"] == "exit_code"
    assert tenant.wait(never)["state"] == "cancelled"


def test_cancel_ends_what_waits_and_what_runs(slurm, tenant):
    running = tenant.submit("sleep 600", devices=4)
    tenant.wait(running, "running")
    waiting = [tenant.submit("sleep 600", devices=4, tasks=4) for _ in range(2)]
    time.sleep(1)
    why = tenant.job(waiting[0])["waiting"]
    assert why["code"] in ("capacity", "reserved", "behind") and why["zh"], why
    for job in [*waiting, running]:
        tenant.cancel(job)
    for job in [*waiting, running]:
        assert tenant.wait(job)["state"] == "cancelled"
    slurm.wait_empty(60)


def test_preemption_starts_the_preemptor_and_runs_the_victim_again(slurm, tenant):
    slurm.wait_empty(60)
    low = {"priority": 10, "scheduling": {"preemptible": "restart"}}
    victims = [tenant.submit("sleep 8", devices=4, **low) for _ in range(4)]
    for job in victims:
        tenant.wait(job, "running")
    high = tenant.submit("sleep 1", devices=4, tasks=2, priority=90)
    done = tenant.wait(high)
    assert done["state"] == "succeeded", (done["reason"], tenant.log(high))
    start = tenant.runs(high)[0]["started_at"]
    preempted = []
    for job in victims:
        assert tenant.wait(job)["state"] == "succeeded"
        runs = tenant.runs(job)
        preempted += [run for run in runs if run["outcome"] == "preempted"]
        check_metering(slurm, tenant, job, 4)
    assert len(preempted) == 2, "only as many as needed"
    assert all(run["ended_at"] <= start and not run["charged"] for run in preempted), preempted


def test_an_exhausted_purse_says_so(slurm, tenant):
    """No quota, then quota without the money for it: each is refused with its own reason, and nothing reaches Slurm."""
    slug = f"poor-{random.randrange(10**6)}"
    poor = admit(tenant.server, slug)
    body = tenant.body("true", devices=4, tasks=4, wall=3600 * 60)
    reply = tenant.server.post("/api/v1/jobs", body, poor)
    assert reply.status == 402 and reply.json()["code"] == "quota_exceeded", reply.body
    quota = {"org": slug, "cpus": 64, "cpu_hours": 1000, "devices": 64, "device_hours": 1000}
    said(tenant.server.post("/api/v1/compute/quotas", quota, tenant.server.token()))
    reply = tenant.server.post("/api/v1/jobs", body, poor)
    assert reply.status == 402 and reply.json()["code"] == "balance_insufficient", reply.body
    assert said(tenant.server.get("/api/v1/jobs", poor))["items"] == []


@pytest.mark.parametrize("tenant", ["v0.0.38"], indirect=True)
def test_a_node_that_is_closed_gives_back_what_waits_there(slurm, tenant):
    slurm.wait_empty(60)
    slurm.run("scontrol", "update", "NodeName=n4", "State=DRAIN", "Reason=test")
    try:
        # The server hasn't heard of it yet, and sends one of these there.
        jobs = [tenant.submit("sleep 1", devices=4) for _ in range(4)]
        records = [tenant.wait(job) for job in jobs]
        assert {record["state"] for record in records} == {"succeeded"}, [r["reason"] for r in records]
        runs = [run for job in jobs for run in tenant.runs(job)]
        back = [run for run in runs if run["outcome"] == "not_started"]
        assert [run["places"][0]["node"] for run in back] == ["n4"] and not back[0]["charged"], runs
        assert all(run["places"][0]["node"] != "n4" for run in runs if run not in back), runs
    finally:
        slurm.resume()


@pytest.fixture
def fresh_slurm(tmp_path):
    """One that no test has hurt: a controller that dies gives out numbers again whose jobs still run, and closes nodes."""
    with Slurm(tmp_path / "slurm", nodes=4, gpus=4, accounting=True, rest=True) as running:
        yield running


@pytest.mark.parametrize("how", WAYS)
def test_a_controller_that_dies_loses_nothing(fresh_slurm, how, tmp_path):
    slurm = fresh_slurm
    tmp_path.chmod(0o755)
    with Server(tmp_path / "data", log=f"slurm-dies-{how}.log", env=settings(tmp_path, slurm, how)) as server:
        tenant = Tenant(server, "acme")
        jobs = [tenant.submit("sleep 4", devices=1) for _ in range(6)]
        tenant.wait(jobs[0], "running")
        slurm.kill_controller()
        jobs += [tenant.submit("sleep 1", devices=1) for _ in range(4)]
        time.sleep(5)
        assert not any(tenant.job(job)["state"] == "failed" for job in jobs), "a silent Slurm says nothing about jobs"
        slurm.start_controller()
        for job in jobs:
            done = tenant.wait(job, seconds=180)
            assert done["state"] == "succeeded", (done["reason"], tenant.log(job))
            check_metering(slurm, tenant, job, 1, forgetful=True)


def starts_of(data, job):
    return sum(len(file.read_text().splitlines()) for file in (data / "jobs" / job).glob("*/starts"))


def test_killed_again_and_again_the_ledger_is_the_sum_of_intervals(fresh_slurm, tmp_path):
    """Jobs of both engines run while the server is killed at random moments: none is lost, none runs twice, and what
    was paid is the sum of the intervals."""
    slurm = fresh_slurm
    tmp_path.chmod(0o755)
    server = Server(tmp_path / "data", log="slurm-kill.log", env=settings(tmp_path, slurm, "v0.0.38"))
    chance = random.Random(7)
    with server:
        tenant = Tenant(server, "acme")
        jobs, unsure = [], 0
        for kill in range(KILLS):
            until = time.monotonic() + chance.uniform(0.3, 1.2)
            while time.monotonic() < until:
                where = {"cluster": chance.choice(["hpc", "here"])}
                body = tenant.body(f"sleep {chance.choice([0.2, 1, 2])}", devices=1, scheduling=where)
                try:
                    reply = server.post("/api/v1/jobs", body | {"idempotency": f"job-{len(jobs)}-{unsure}"}, tenant.token)
                    if reply.status in (200, 201) and len(jobs) < 3 * (kill + 1):
                        jobs.append(reply.json()["id"])
                except OSError:
                    unsure += 1
                time.sleep(0.15)
            server.kill()
            server.start()
        records = {job: tenant.wait(job, seconds=600) for job in jobs}
        states = collections.Counter(record["state"] for record in records.values())
        assert set(states) == {"succeeded"}, (states, [r["reason"] for r in records.values() if r["reason"]][:3])
        twice = {job: starts_of(server.data, job) for job in jobs if starts_of(server.data, job) != 1}
        assert not twice, twice
        for job, record in records.items():
            charged = sum(run["device_milliseconds"] for run in tenant.runs(job) if run["charged"])
            charge = said(server.get(f"/api/v1/charges/{record['charge']}", tenant.token))
            assert charge["amount_micros"] == charged, (charge, tenant.runs(job))
            for run in tenant.runs(job):
                if run["cluster"] == "hpc" and run["engine_id"]:
                    elapsed, _ = accounted(slurm, run["engine_id"], f"mosu-{job}-{run['attempt']}")
                    assert run["device_milliseconds"] == elapsed * 1000, run
        engines = collections.Counter(run["cluster"] for job in jobs for run in tenant.runs(job))
        print(f"{KILLS} kills, {len(jobs)} jobs acknowledged, runs: {dict(engines)}")
        assert engines["hpc"] and engines["here"]
    mosu("ledger", "verify", "--data", server.data)
