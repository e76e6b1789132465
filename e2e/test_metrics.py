"""What the server counts, read by Prometheus' own library, with a token that allows nothing else."""

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families

from lib import mosu


@pytest.fixture(scope="module")
def watcher(demo, server):
    told = ["--as", "operator", "--endpoint", server.url, "--json"]
    made = mosu("token", "create", "prometheus", "--scopes", "watch", *told, env={"MOSU_DATA": demo.data})
    return json.loads(made.stdout)["secret"]


def read(server, token):
    reply = server.get("/metrics", token)
    assert reply.status == 200 and reply.headers["content-type"].startswith("application/openmetrics-text"), reply
    found = {}
    for family in families(reply.body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def test_prometheus_reads_what_happens(server, token, watcher):
    asked = frozenset({"method": "GET", "route": "/api/v1/jobs", "status": "200"}.items())
    before = read(server, watcher).get("mosu_http_requests_total", {}).get(asked, 0)
    assert server.get("/api/v1/jobs", token).status == 200
    found = read(server, watcher)
    assert found["mosu_http_requests_total"][asked] == before + 1
    assert found["mosu_cluster_up"] == {frozenset({("cluster", "local")}): 1}
    assert found["mosu_cores"][frozenset({("cluster", "local")})] >= 1
    assert found["process_cpu_seconds_total"][frozenset()] > 0
    assert found["mosu_database_commits_total"][frozenset()] >= 1


def test_a_token_that_may_watch_may_do_nothing_else(server, token, watcher):
    assert server.get("/metrics").status == 401
    assert server.get("/metrics", token).status == 403, "a member sees no totals of others"
    for path in ("/api/v1/jobs", "/api/v1/accounts", "/api/v1/compute", "/api/v1/audit"):
        assert server.get(path, watcher).status == 403, path
