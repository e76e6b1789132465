"""A server under test, and calls to it. Ends only what it started, by process id."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "out"
BINARY = pathlib.Path(os.environ.get("MOSU_BINARY", HERE.parent / "target/release/mosu"))


def need(component, found):
    """Skips the test, or fails it when MOSU_E2E_REQUIRE says so, if a component of this machine is missing."""
    if found:
        return found
    if os.environ.get("MOSU_E2E_REQUIRE"):
        pytest.fail(f"{component} is required and not on this machine; e2e/install installs it")
    pytest.skip(f"{component} is not on this machine")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def call(url, method="GET", token=None, body=None, headers=None, timeout=60):
    """One HTTP request; a reply of any status is returned, a broken connection raises OSError."""
    headers = dict(headers or {})
    if token:
        headers["authorization"] = f"Bearer {token}"
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers["content-type"] = "application/json"
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return Reply(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())
    except OSError:
        raise
    except Exception as error:  # http.client's failures when the server dies in mid-sentence
        raise OSError(str(error)) from error


def environment(**changes):
    """This process' variables without those that would steer the program under test."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOSU_")}
    return clean | {name: str(value) for name, value in changes.items()}


def mosu(*arguments, env=None, check=True, timeout=600, **options):
    """Runs the program to its end; returns the finished process with its output as text."""
    command = [str(BINARY), *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(**(env or {})), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout, check=False, **options,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Server:
    """`mosu up` on a data folder."""

    def __init__(self, data, database=None, log="server.log", prefix=(), env=None):
        self.data = pathlib.Path(data)
        self.data.mkdir(parents=True, exist_ok=True)
        self.database, self.prefix, self.env = database, list(prefix), env or {}
        self.port, self.log = free_port(), OUT / log
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        OUT.mkdir(exist_ok=True)
        command = [*self.prefix, str(BINARY), "up", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}"]
        if self.database:
            command += ["--database", self.database]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(**self.env),
                start_new_session=True,
            )
        return self.wait()

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if call(f"{self.url}/healthz", timeout=5).status == 200:
                    return self
            time.sleep(0.005)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise AssertionError(f"the server did not get ready (exit {self.process.poll()}):\n{tail}")

    def kill(self):
        """As if the power had gone: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("the server did not stop within 20 s of SIGTERM") from None

    def token(self, org="operator"):
        return (self.data / "tokens" / org).read_text().strip()

    def get(self, path, token=None):
        return call(self.url + path, token=token)

    def post(self, path, body, token=None, **headers):
        return call(self.url + path, "POST", token, body, headers)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def wait_for_job(server, token, job, seconds=120):
    """The job's record once it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        record = server.get(f"/api/v1/jobs/{job}", token).json()
        record = record.get("job", record)
        if record["state"] in ("succeeded", "failed", "cancelled"):
            return record
        time.sleep(0.1)
    raise AssertionError(f"{job} has not ended after {seconds} s: {record}")


def chromium_path():
    return need("Chromium", shutil.which("chromium") or shutil.which("chromium-browser"))
