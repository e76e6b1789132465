#!/usr/bin/env python3
"""Starts a second: a real Slurm on this machine beside our service, in one run.

    e2e/.venv/bin/python benches/schedule/slurm.py [--nodes 8] [--jobs 1000]

As root, with Debian's slurm-wlm and munge, and the Python packages of e2e/run. Prints JSON.

What is compared, and what isn't: Slurm (slurmctld with a few real slurmd, eight cores each) drains an array of jobs that
do nothing, released at once. Its figures hold all that Slurm does for a start: messages, state files, the launch by
slurmd and the report of the end; `per_ctld_second` counts only slurmctld's own processor time, so that neither the
launches nor a busy machine weigh in. Ours is `started_each_second` of the live service's own path: 20,000 jobs are
submitted, paid for, decided and noted as started in a database whose every commit is forced to the disk, and nothing is
launched. So the two say where the time of a start goes, not that one product is so many times as fast as the other.
Thousands of nodes can't be had this way: each needs a slurmd.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "e2e"))
import slurm  # noqa: E402


def processor_seconds(process):
    """Of a process that runs, from Linux's own count."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def slurms(nodes, jobs):
    with tempfile.TemporaryDirectory() as folder, slurm.Slurm(folder, nodes) as cluster:
        version = cluster.run("scontrol", "-V").strip()
        job = cluster.run("sbatch", "--parsable", "--hold", "-o", "/dev/null", f"--array=1-{jobs}", "--wrap", "true").strip()
        [controller] = [process for process in cluster.started if "slurmctld" in process.args[0]]
        began, before = time.monotonic(), processor_seconds(controller)
        cluster.run("scontrol", "release", job)
        cluster.wait_empty(900)
        wall, spent = time.monotonic() - began, processor_seconds(controller) - before
    return {"version": version, "starts": jobs, "wall_seconds": round(wall, 2), "ctld_seconds": round(spent, 2),
            "starts_per_second": round(jobs / wall, 1), "per_ctld_second": round(jobs / max(spent, 0.01), 1)}


def ours():
    command = ["cargo", "run", "--release", "-q", "-p", "compute", "--example", "throughput", "--", "20000"]
    return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--nodes", type=int, default=8)
    arguments.add_argument("--jobs", type=int, default=1000)
    options = arguments.parse_args()
    if not 1 <= options.jobs <= 1000:
        arguments.error("Slurm's own bound on an array is 1,000 jobs")
    sides = {"slurm": slurms(options.nodes, options.jobs), "ours": ours()}
    print(json.dumps({"nodes": options.nodes, "jobs": options.jobs, **sides}, indent=2))


if __name__ == "__main__":
    main()
