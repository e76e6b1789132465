#!/usr/bin/env python3
"""The scheduler's figures on public traces, beside the published ones. Python's standard library only.

    run.py TRACES        TRACES holds openb/, itp2021/, muri64/, philly2017/ as their publishers name the files
    run.py               only the benchmarks of decisions and of the live service's path, which need no trace

Prints one line for each figure: ours, what it is held against, and whether it holds. Processor seconds are those of
the child process, so that a busy machine doesn't spoil them; only the live path, which forces every commit to the disk,
is timed by the wall, and is the median of five turns. Where the published files are missing, the figure is
left out and said to be.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FGD = {"cpu050": 95.21, "cpu200": 95.05, "default": 95.39, "gpushare100": 86.90, "gpushare40": 94.15,
       "gpuspec10": 94.95, "gpuspec33": 94.55, "multigpu20": 95.65, "multigpu50": 97.18}


def one_core():
    """Keeps the child on one core, where it plays seeds one after the other."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def example(name, *arguments, alone=False):
    """Runs an example, on one core if `alone`; returns its JSON lines and its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(BINARIES / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=one_core if alone else None)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [json.loads(line) for line in done.stdout.splitlines()], seconds, done.stderr.strip()


def build():
    build = ["cargo", "build", "--release", "-q", "--examples", "-p"]
    for package in ("schedule", "compute"):
        subprocess.run([*build, package], cwd=ROOT, check=True)
    told = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout
    return Path(json.loads(told)["target_directory"]) / "release" / "examples"


def line(what, ours, against, holds):
    print(f"{what:64} {ours:>16} {against:>34}  {'holds' if holds else 'DOES NOT HOLD'}")


def found(folder, stem):
    return next((path for path in sorted(folder.glob(stem + ".csv*"))), None)


def openb(traces):
    nodes = found(traces / "openb", "openb_node_list_gpu_node")
    for workload, published in FGD.items():
        pods = found(traces / "openb", f"openb_pod_list_{workload}")
        if not nodes or not pods:
            print(f"openb {workload}: no such trace here")
            continue
        rows, seconds, _ = example("simulate", "--format", "openb", "--nodes", nodes, "--policy", "fgd",
                                   "--arrived-load", 1.3, "--seeds", 10, pods)
        ours = rows[0]["allocation_percent"]
        line(f"openb {workload}: allocation, {seconds:.1f} CPU s", f"{ours:.2f} %", f"FGD published {published:.2f} %",
             ours >= published - 0.2)


def muri(traces):
    trace = found(traces / "muri64", "cluster_trace")
    if not trace:
        return print("muri: no such trace here")
    policies = ["fifo", "srtf", "srsf", "default"]
    rows, _, _ = example("simulate", "--format", "muri", "--gpus", 64,
                         *[word for policy in policies for word in ("--policy", policy)], trace)
    fifo, srtf, srsf, ours = rows
    for row, logged in ((srtf, 249_140), (srsf, 238_612)):
        jct = row["average_jct_seconds"]
        line(f"muri {row['policy']}: average JCT", f"{jct:,.0f} s", f"log {logged:,} s, within 10 %",
             abs(jct / logged - 1) <= 0.1)
    jct, p99 = ours["average_jct_seconds"], ours["p99_jct_seconds"]
    line("muri default: average JCT", f"{jct:,.0f} s", "at most 300,000 s", jct <= 300_000)
    line("muri default: p99 JCT", f"{p99:,.0f} s", f"FIFO {fifo['p99_jct_seconds']:,.0f} s", p99 <= fifo["p99_jct_seconds"])
    rows, _, _ = example("simulate", "--format", "muri", "--gpus", 64, "--no-estimates", "--policy", "default", trace)
    jct, p99 = rows[0]["average_jct_seconds"], rows[0]["p99_jct_seconds"]
    line("muri default without any estimates: average JCT", f"{jct:,.0f} s", "at most 300,000 s", jct <= 300_000)
    line("muri default without any estimates: p99 JCT", f"{p99:,.0f} s", f"FIFO {fifo['p99_jct_seconds']:,.0f} s",
         p99 <= fifo["p99_jct_seconds"])


def speed(name, *arguments):
    """Trace-days of ten seeds: a processor second on one core, and a second of the wall on all cores."""
    arguments = [*arguments, "--seeds", 10, "--policy", "default"]
    rows, seconds, _ = example("simulate", *arguments, alone=True)
    began = time.monotonic()
    example("simulate", *arguments)
    wall = time.monotonic() - began
    for unit, spent in (("CPU second", seconds), ("second on all cores", wall)):
        rate = rows[0]["trace_days"] * 10 / spent
        line(f"{name} default: trace-days a {unit}, with reading", f"{rate:,.0f}", "at least 500", rate >= 500)


def itp(traces):
    trace = found(traces / "itp2021", "cluster04")
    if not trace:
        return print("itp: no such trace here")
    rows, seconds, bound = example("simulate", "--format", "itp", "--gpus", 640, "--estimate-noise", 1,
                                   "--policy", "fifo", "--policy", "easy", "--policy", "sjf-oracle",
                                   "--policy", "default", "--against-fifo", trace)
    for row in rows:
        print(f"itp 04 {row['policy']}: average wait {row['average_wait_seconds']:,.0f} s")
    line("itp 04 default: average wait", f"{rows[3]['average_wait_seconds']:,.0f} s", "at most 2,200 s",
         rows[3]["average_wait_seconds"] <= 2200)
    print("itp 04:", bound.splitlines()[-1])
    speed("itp 04", "--format", "itp", "--gpus", 640, trace)


def philly(traces):
    trace = found(traces / "philly2017", "philly_pollux_82248")
    if not trace:
        return print("philly: no such trace here")
    speed("philly", "--format", "philly", trace)
    for percent in (30, 25):
        _, _, bound = example("simulate", "--format", "philly", "--nodes-percent", percent, "--policy", "default",
                              "--against-fifo", trace)
        print(f"philly with {percent} % of its nodes:", bound.splitlines()[-1])


def live():
    turns = [example("throughput", 20_000)[0][0]["started_each_second"] for _ in range(5)]
    speed = statistics.median(turns)
    line("live path: submitted, decided, journalled as started", f"{speed:,.0f} /s", "at least 10,000 /s", speed >= 10_000)
    print("live path, each turn:", ", ".join(f"{turn:,.0f}" for turn in turns))


def main():
    rows, _, _ = example("bench", 10_000, 100_000, 200)
    speed = rows[0]["decisions_per_second"]
    line("bench 10,000 nodes, 100,000 jobs, 200 tenants", f"{speed:,.0f} /s", "at least 1,000,000 /s", speed >= 1e6)
    live()
    if len(sys.argv) > 1:
        traces = Path(sys.argv[1])
        openb(traces)
        muri(traces)
        itp(traces)
        philly(traces)


if __name__ == "__main__":
    BINARIES = build()
    main()
