"""Scripts and commands through the command line: what Slurm's users write runs as it is, and ends as they expect."""

import json
import re
import signal
import subprocess
import time

import pytest

from lib import BINARY, Server, environment, mosu, need, wait_for_job
from tenant import admit

SCRIPT = """#!/bin/bash
#SBATCH --job-name=greet --time=5 --mem=256M
#SBATCH --mail-type=END
echo "hello $1 from index ${SLURM_ARRAY_TASK_ID:-none}"
exit ${2:-0}
"""


class Desk:
    """A tenant at its terminal."""

    def __init__(self, server, token, folder):
        self.server, self.token, self.folder = server, token, folder
        self.variables = {"MOSU_ENDPOINT": server.url, "MOSU_TOKEN": token}
        self.script = folder / "greet.sh"
        self.script.write_text(SCRIPT)

    def say(self, *words, check=True):
        return mosu(*words, env=self.variables, check=check, cwd=self.folder)

    def start(self, *words):
        command = [str(BINARY), *map(str, words)]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment(**self.variables), text=True, cwd=self.folder, **pipes)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("scripts"), log="scripts.log") as server:
        token = admit(server, "scripts-lab")
        commands = server.get("/api/v1/compute", token).json()["commands"]
        need(f"a way to hold tenants' commands ({commands['en']})", commands["allowed"])
        yield Desk(server, token, tmp_path_factory.mktemp("desk"))


def test_a_script_runs_and_what_cant_be_honoured_is_said(desk):
    done = desk.say("job", "submit", "--name", "mine", "greet.sh", "world")
    assert "line 3: --mail-type=END: no mail is sent" in done.stderr, done.stderr
    job = done.stdout.strip()
    record = wait_for_job(desk.server, desk.token, job)
    assert (record["state"], record["name"], record["resources"]["wall_seconds"]) == ("succeeded", "mine", 300), record
    assert "hello world from index none" in desk.say("job", "logs", "-f", job).stdout
    shown = json.loads(desk.say("--json", "job", "show", job).stdout)
    assert shown["runs"][0]["attempt"] == 1 and shown["runs"][0]["outcome"] == "done", shown["runs"]
    assert job in desk.say("job", "list").stdout


def test_waiting_ends_as_the_job_ends(desk):
    assert desk.say("job", "submit", "--wait", "greet.sh", "a").returncode == 0
    failed = desk.say("job", "submit", "--wait", "greet.sh", "a", "3", check=False)
    assert failed.returncode == 1 and "failed" in failed.stderr, failed


def test_an_array_is_one_line_and_each_member_knows_its_index(desk):
    done = desk.say("job", "submit", "-a", "1-3%2", "greet.sh", "x")
    first, indexes = done.stdout.split()
    assert indexes == "(1-3%2)", done.stdout
    items = desk.server.get("/api/v1/jobs?limit=10", desk.token).json()["items"]
    members = {job["member"]["index"]: job["id"] for job in items if (job.get("member") or {}).get("array") == first}
    assert sorted(members) == [1, 2, 3]
    for index, job in members.items():
        assert wait_for_job(desk.server, desk.token, job)["state"] == "succeeded"
        assert f"from index {index}" in desk.say("job", "logs", job).stdout
    waited = desk.say("job", "submit", "--wait", "-a", "0-1", "greet.sh", "x", "1", check=False)
    assert waited.returncode == 1 and "0 of 2 succeeded" in waited.stdout, waited


def test_a_dependency_holds_a_job_back_and_an_array_ends_as_one(desk):
    (desk.folder / "slow.sh").write_text("#!/bin/bash\n#SBATCH -t 10 --mem=256M\nsleep 300\n")
    slow = desk.say("job", "submit", "-a", "0-1", "slow.sh").stdout.split()[0]
    after = desk.say("job", "submit", "-d", f"afterok:{slow}", "greet.sh", "later").stdout.strip()
    why = desk.say("job", "why", after).stdout
    assert "depends on" in why or "about to be looked at" in why, why
    ended = desk.say("job", "cancel", slow).stdout
    assert "is being ended" in ended
    items = desk.server.get("/api/v1/jobs?limit=10", desk.token).json()["items"]
    for job in items:
        if (job.get("member") or {}).get("array") == slow:
            assert wait_for_job(desk.server, desk.token, job["id"])["state"] == "cancelled"
    assert wait_for_job(desk.server, desk.token, after)["state"] in ("cancelled", "failed")


def test_a_command_is_followed_to_its_end_and_ends_as_it_ends(desk):
    (desk.folder / "note.txt").write_text("what lies here")
    done = desk.say("job", "run", "--time", "5", "--mem", "256M", "--file", "note.txt", "--", "cat", "note.txt")
    assert "what lies here" in done.stdout, done
    hinted = desk.say("job", "run", "--mem", "256M", "cat", "note.txt", check=False)
    assert hinted.returncode == 1 and "--file note.txt takes it along" in hinted.stderr, hinted


def test_ctrl_c_ends_the_job_where_nobody_can_answer(desk):
    running = desk.start("job", "run", "--mem", "256M", "--", "sh", "-c", "echo begun; sleep 300")
    assert running.stdout.readline() == "begun\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "cancelled" in said, said


def test_top_shows_what_runs_once_when_nobody_watches(desk):
    work = "echo begun; while :; do :; done"
    running = desk.start("job", "run", "--name", "busy", "--mem", "256M", "--", "sh", "-c", work)
    assert running.stdout.readline() == "begun\n"
    deadline = time.monotonic() + 60
    # What it uses is measured while it runs: nearly its one core, but this machine may be busy with other things.
    while not (seen := re.search(r"busy .* (\d\.\d) of 1 .* MiB of 256 MiB", shown := desk.say("job", "top").stdout)):
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)
    assert 0.1 <= float(seen[1]) <= 1.1 and "cores" in shown, shown
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)


def test_scripts_that_make_no_sense_are_refused_with_their_line(desk):
    (desk.folder / "wrong.sh").write_text("#!/bin/bash\n#SBATCH --time=soon\ntrue\n")
    refused = desk.say("job", "submit", "wrong.sh", check=False)
    assert refused.returncode == 1 and "line 2: --time=soon" in refused.stderr, refused
    (desk.folder / "wrong.json").write_text("[1]")
    refused = desk.say("job", "submit", "wrong.json", check=False)
    assert refused.returncode == 1 and "is no job" in refused.stderr, refused
