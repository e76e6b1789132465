"""What tests share: the demo's data folder, made once, and a server on it."""

import json
import os
import types

import pytest

from lib import OUT, Server, mosu
from postgres import Postgres


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The data folder that `mosu demo --exit` leaves, and what it said."""
    data = tmp_path_factory.mktemp("demo")
    seconds = os.environ.get("MOSU_E2E_TRAIN_SECONDS", "20")
    done = mosu("demo", "--exit", "--train-seconds", seconds, "--listen", "127.0.0.1:0", env={"MOSU_DATA": data})
    OUT.mkdir(exist_ok=True)
    (OUT / "demo.txt").write_text(done.stdout + "\n--- standard error ---\n" + done.stderr)
    facts = json.loads((data / "demo.json").read_text())
    return types.SimpleNamespace(data=data, facts=facts, output=done.stdout + done.stderr)


@pytest.fixture(scope="session")
def server(demo):
    """`mosu up` on the demo's data."""
    with Server(demo.data) as running:
        yield running


@pytest.fixture(scope="session")
def token(demo, server):
    """The token of the start-up that owns the dataset and the model."""
    return server.token(demo.facts["model"].split("/")[0])


@pytest.fixture(scope="session")
def postgres():
    with Postgres() as running:
        yield running
