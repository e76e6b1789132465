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
