"""What `mosu ledger verify` and `mosu trace` prove, on the demo's own ledger."""

import shutil
import sqlite3

import pytest

from lib import mosu


@pytest.fixture
def copy(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy"


def test_the_demos_ledger_holds(copy):
    mosu("ledger", "verify", "--data", copy)


@pytest.mark.parametrize("change", [
    "UPDATE commons_transfer SET amount_micros = amount_micros + 1 WHERE seq = 5",
    "UPDATE commons_transfer SET reference = reference || 'x' WHERE seq = 5",
    "UPDATE commons_account SET posted_micros = posted_micros + 1 WHERE id = (SELECT debit FROM commons_transfer WHERE seq = 5)",
    "UPDATE commons_audit SET detail = detail || ' ' WHERE seq = 5",
    "DELETE FROM commons_audit WHERE seq = 5",
])
def test_one_altered_byte_is_found_and_named(copy, change):
    database = sqlite3.connect(copy / "mosu.sqlite")
    with database:
        assert database.execute(change).rowcount == 1
    named = "acct_" if "commons_account" in change else "5"
    if named == "acct_":
        named = database.execute("SELECT debit FROM commons_transfer WHERE seq = 5").fetchone()[0]
    database.close()
    done = mosu("ledger", "verify", "--data", copy, check=False)
    assert done.returncode == 1
    assert named in done.stdout + done.stderr


def test_a_charge_is_traced_to_document_rule_and_share(demo, server):
    env = {"MOSU_ENDPOINT": server.url, "MOSU_TOKEN": server.token()}
    said = mosu("trace", demo.facts["charge"], env=env).stdout
    for part in (demo.facts["dataset"], demo.facts["model"], "document", "job_", "chg_", "vchr_", "measure 2"):
        assert part in said, f"{part} is not in the trace:\n{said}"
