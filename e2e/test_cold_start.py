"""The server is ready within a second and stays small. Best of five: other work on the machine is not its fault."""

import re
import shutil
import time

from lib import Server

RUNS = 5


def measure(data):
    server = Server(data, log="cold-start.log")
    began = time.monotonic()
    with server:
        seconds = time.monotonic() - began
        status = open(f"/proc/{server.process.pid}/status").read()
    return seconds, int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def check(name, folders):
    runs = [measure(folder) for folder in folders]
    seconds, mebibytes = min(run[0] for run in runs), min(run[1] for run in runs)
    print(f"cold start, {name}: {seconds * 1000:.0f} ms, {mebibytes:.0f} MiB")
    assert seconds < 1.0 and mebibytes < 150, runs


def test_a_fresh_folder(tmp_path):
    check("fresh folder", [tmp_path / str(run) for run in range(RUNS)])


def test_the_demos_folder(tmp_path, demo):
    copy = tmp_path / "copy"
    shutil.copytree(demo.data, copy, symlinks=True)
    check("after the demo", [copy] * RUNS)
