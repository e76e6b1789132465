"""kill -9 under load, again and again: nothing acknowledged is lost, no job runs twice, the ledger holds."""

import collections
import os
import random
import threading
import time

import pytest

from lib import Server, mosu
from tenant import admit, bundle, corpus_job, said, upload

KILLS = int(os.environ.get("MOSU_E2E_KILLS", "100"))
CLIENTS = 3
# The server lives this long after it is ready, in seconds.
LEAST_LIFE, MOST_LIFE = 0.1, 0.7


class Load:
    """Clients that post transfers and submit jobs until the server dies, and remember what was acknowledged."""

    def __init__(self, server, slug):
        self.server, self.operator, self.token = server, server.token(), admit(server, slug)
        self.upload = said(upload(server, self.token, bundle()))["reference"]
        accounts = said(server.get("/api/v1/accounts", self.operator))["items"]
        self.debit = next(entry["id"] for entry in accounts if entry["floor_micros"] is None and entry["commodity"] == "CNY")
        mine = said(server.get("/api/v1/accounts", self.token))["items"]
        self.credit = next(entry["id"] for entry in mine if entry["code"] == "balance" and entry["commodity"] == "CNY")
        self.slug, self.made, self.lock = slug, collections.Counter(), threading.Lock()
        self.transfers, self.jobs, self.unsure = set(), {}, []
        self.refused = []

    def next_key(self, kind):
        """A key that was sent and never answered, else a new one."""
        with self.lock:
            again = next((key for key in self.unsure if key.startswith(kind)), None)
            if again:
                self.unsure.remove(again)
                return again
            self.made[kind] += 1
            return f"{kind}-{self.made[kind]}"

    def post_transfer(self):
        key = self.next_key("transfer")
        leg = {"debit": self.debit, "credit": self.credit, "amount_micros": 1, "kind": "grant"}
        body = {"idempotency": key, "legs": [leg], "reference": "kill test"}
        if self.sent(key, lambda: self.server.post("/api/v1/transfers", body, self.operator)):
            self.transfers.add(key)

    def submit_job(self):
        key = self.next_key("job")
        body = corpus_job(self.upload, f"{self.slug}/{key}", idempotency=key)
        reply = self.sent(key, lambda: self.server.post("/api/v1/jobs", body, self.token))
        if reply:
            self.jobs[reply.json()["id"]] = key

    def sent(self, key, send):
        try:
            reply = send()
        except OSError:
            reply = None
        with self.lock:
            if reply is None or reply.status >= 500:
                self.unsure.append(key)
                return None
            if reply.status not in (200, 201):
                self.refused.append((key, reply.status, reply.body[:300]))
                return None
        return reply

    def run_until(self, dead):
        def post():
            while not dead.is_set():
                self.post_transfer()

        workers = [threading.Thread(target=post) for _ in range(CLIENTS)]
        workers.append(threading.Thread(target=self.submit_job))
        for worker in workers:
            worker.start()
        return workers


def posted_batches(server, load):
    """How often each key stands in the account's transfers."""
    found, cursor = collections.Counter(), ""
    while True:
        path = f"/api/v1/accounts/{load.credit}/transfers?limit=100{cursor}"
        page = said(server.get(path, load.operator))
        found.update(entry["batch"] for entry in page["items"] if entry["reference"] == "kill test")
        if not page.get("next_cursor"):
            return found
        cursor = f"&cursor={page['next_cursor']}"


def states(server, load):
    records = (said(server.get(f"/api/v1/jobs/{job}", load.token)) for job in load.jobs)
    return {record["id"]: record for record in (entry.get("job", entry) for entry in records)}


def wait_for_jobs(server, load, seconds=300):
    deadline = time.monotonic() + seconds
    while True:
        found = states(server, load)
        if all(record["state"] in ("succeeded", "failed", "cancelled") for record in found.values()):
            return found
        assert time.monotonic() < deadline, collections.Counter(record["state"] for record in found.values())
        time.sleep(0.5)


def starts_of(data, job):
    files = (data / "jobs").glob(f"{job}*/**/starts")
    return sum(len(file.read_text().splitlines()) for file in files)


def kill_again_and_again(server, load):
    chance = random.Random(1)
    for _ in range(KILLS):
        dead = threading.Event()
        workers = load.run_until(dead)
        time.sleep(chance.uniform(LEAST_LIFE, MOST_LIFE))
        server.kill()
        dead.set()
        for worker in workers:
            worker.join()
        server.start()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_nothing_acknowledged_is_lost(tmp_path, database, request):
    url = request.getfixturevalue("postgres").database("killed") if database == "postgres" else None
    server = Server(tmp_path / "data", url, log=f"kill-{database}.log")
    with server:
        load = Load(server, "killed")
        kill_again_and_again(server, load)
        found = posted_batches(server, load)
        jobs = wait_for_jobs(server, load)
    print(f"{database}: {KILLS} kills, {len(load.transfers)} transfers and {len(jobs)} jobs acknowledged")
    assert not load.refused
    assert load.transfers and jobs
    lost = [key for key in load.transfers if found[f"api:{key}"] == 0]
    twice = [key for key, count in found.items() if count > 1]
    assert not lost and not twice
    assert len(set(load.jobs.values())) == len(load.jobs), "a key made two jobs"
    failed = {job: record["reason"] for job, record in jobs.items() if record["state"] != "succeeded"}
    assert not failed
    ran = {job: starts_of(server.data, job) for job in jobs}
    assert set(ran.values()) == {1}, {job: count for job, count in ran.items() if count != 1}
    database_flag = ["--database", url] if url else []
    mosu("ledger", "verify", "--data", server.data, *database_flag)
