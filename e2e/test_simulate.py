"""The trace simulator as a program of its own, on a trace made here."""

import json
import random

from lib import mosu

FIELDS = {
    "policy", "jobs", "average_wait_seconds", "p99_wait_seconds", "average_jct_seconds", "p99_jct_seconds",
    "allocation_percent", "fragmentation_percent", "jain", "wall_seconds",
}


def trace(folder, jobs=400):
    rng, at = random.Random(3), 0
    lines = ["job_id,submission_time,duration,num_gpu"]
    for job in range(jobs):
        at += rng.expovariate(1 / 60)
        lines.append(f"j{job},{int(at)},{int(rng.lognormvariate(6.5, 1.5)) + 1},{rng.choice([1, 1, 1, 2, 4, 8])}")
    path = folder / "trace.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def play(path, *more):
    done = mosu("simulate", "--format", "itp", "--gpus", 32, "--json", *more, path)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_for_each_policy_the_same_each_time(tmp_path):
    path = trace(tmp_path)
    policies = ["--policy", "fifo", "--policy", "easy", "--policy", "default"]
    first, again = play(path, *policies), play(path, *policies)
    assert [one["policy"] for one in first] == ["fifo", "easy", "default"]
    for one, other in zip(first, again):
        assert FIELDS <= one.keys() and one["jobs"] == 400
        assert {**one, "wall_seconds": 0} == {**other, "wall_seconds": 0}
    fifo, easy, default = first
    assert fifo["average_wait_seconds"] > easy["average_wait_seconds"] > default["average_wait_seconds"] > 0


def test_what_if_there_were_more_nodes(tmp_path):
    path = trace(tmp_path)
    [now] = play(path, "--policy", "fifo")
    [more] = play(path, "--policy", "fifo", "--what-if-nodes", 200)
    assert more["average_wait_seconds"] < now["average_wait_seconds"] / 2
    picture = tmp_path / "timeline.svg"
    play(path, "--policy", "default", "--svg", picture)
    assert picture.read_text().startswith("<svg")


def test_wrong_words_are_named(tmp_path):
    path = trace(tmp_path)
    for arguments, word in [(["--format", "itb"], "itb"), (["--format", "itp", "--policy", "fifa"], "fifa")]:
        done = mosu("simulate", *arguments, path, check=False)
        assert done.returncode == 1 and word in done.stderr


def test_the_schedulers_pace_is_measured():
    report = json.loads(mosu("bench", "schedule", "--nodes", 200, "--jobs", 2000, "--tenants", 20, "--json").stdout)
    assert report["decisions"] > 10_000 and report["decisions_per_second"] > 0


def recording(path):
    """A live scheduler's recording of one job on one machine, cut off in its last line."""
    node = {"name": "n1", "cluster": 0, "model": 0, "devices": 4, "cpu_milli": 8000, "memory_mib": 1000}
    tenant = {"name": "a", "parent": None, "weight": 1, "quota": {}, "balance_micros": None}
    policy = {
        "name": "mine", "order": "arrival", "backfill": "easy", "reservations": 1, "fair_share": True,
        "half_life": 600000, "preemption": "never", "overdue_seconds": None, "overdue_factor": 1.0,
        "placement": "best-fit", "oracle": False, "size_power": 1.0, "grid": 2.0, "restart_seconds": 0,
    }
    shape = {"devices": 2, "milli": 1000, "cpu_milli": 100, "memory_mib": 1, "models": (1 << 64) - 1}
    job = {
        "id": 7, "tenant": 0, "tasks": 1, "shape": shape, "submitted": 100, "priority": 0, "preempt": "never",
        "after": [], "likeness": 0,
    }
    lines = [
        {"world": {"models": [], "clusters": [], "nodes": [node], "tenants": [tenant]}, "policy": policy},
        {"at": 160, "event": {"event": "submit", "job": job}},
        {"at": 160, "decided": {"starts": [[7, [[0, 3, 1000]]]]}},
        {"at": 200, "event": {"event": "end", "job": 7, "micros": 0}},
        {"at": 200, "decided": {}},
    ]
    path.write_text("\n".join(map(json.dumps, lines)) + '\n{"at":2')
    return path


def test_a_recording_is_played_again_and_compared(tmp_path):
    path = recording(tmp_path / "log.jsonl")
    replayed = json.loads(mosu("simulate", "--json", "--replay", path).stdout)
    assert replayed["difference"] is None and replayed["cut_lines"] == 1
    assert (replayed["jobs"], replayed["starts"], replayed["average_wait_seconds"]) == (1, 1, 60)
    path.write_text(path.read_text().replace("[0, 3, 1000]", "[0, 12, 1000]"))
    done = mosu("simulate", "--replay", path, check=False)
    assert done.returncode == 1 and "line 3" in done.stderr and "decisions differ" in done.stdout
