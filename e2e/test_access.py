"""Doors stay shut: without a token, and with another organisation's."""

import pytest

from tenant import admit


@pytest.fixture(scope="module")
def stranger(server):
    return admit(server, "strangers")


def own_paths(demo, server, token):
    jobs = server.get("/api/v1/jobs", token).json()["items"]
    charges = server.get("/api/v1/charges", token).json()["items"]
    accounts = server.get("/api/v1/accounts", token).json()["items"]
    assert jobs and charges and accounts
    return [
        *(f"/api/v1/jobs/{jobs[0]['id']}{part}" for part in ("", "/log", "/events")),
        f"/api/v1/charges/{charges[0]['id']}", f"/api/v1/accounts/{accounts[0]['id']}/transfers",
        f"/jobs/{jobs[0]['id']}", f"/charges/{charges[0]['id']}",
    ]


def test_another_organisations_things_are_not_there(demo, server, token, stranger):
    for path in own_paths(demo, server, token):
        assert server.get(path, token).status == 200, path
        assert server.get(path, stranger).status in (403, 404), path
        assert server.get(path).status in (401, 403, 404) or path.startswith(("/jobs", "/charges")), path


def test_the_operators_doors_refuse_a_member(server, token):
    for path in ("/api/v1/organisations", "/api/v1/audit", "/api/v1/ledger/verification"):
        assert server.get(path, token).status == 403, path
    assert server.post("/api/v1/transfers", {"idempotency": "x", "legs": [], "reference": "x"}, token).status == 403


def test_secrets_are_neither_in_the_log_nor_in_the_database(demo, server, token):
    for file in [server.log, *demo.data.glob("mosu.sqlite*")]:
        assert token.encode() not in file.read_bytes(), file
