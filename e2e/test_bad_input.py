"""Bad input through the binary: each a clear message that says what, where and how to mend; nothing half-written."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

from lib import HERE, Server, call, mosu, need, wait_for_job
from tenant import SMALL, admit, bundle, corpus_job, said, upload

PACK = HERE.parent / "packs" / "shanghai"


def skipped(folder):
    """What the run refused, from its own list."""
    return (folder / "skipped.jsonl").read_text()


@pytest.fixture
def texts(tmp_path):
    """A folder of good texts."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.zip").write_bytes(bundle())
    shutil.unpack_archive(folder / "good.zip", folder)
    (folder / "good.zip").unlink()
    return folder


def test_a_binary_an_empty_and_a_huge_file_among_the_texts(texts, tmp_path):
    (texts / "picture.md").write_bytes(os.urandom(100_000))
    (texts / "empty.txt").touch()
    with open(texts / "huge.txt", "wb") as file:
        file.truncate(2 << 30)
    began = time.monotonic()
    mosu("corpus", "clean", texts, tmp_path / "out")
    assert time.monotonic() - began < 30, "2 GB of nothing are not read"
    told = skipped(tmp_path / "out")
    for name in ("picture.md", "empty.txt", "huge.txt"):
        assert name in told, told
    assert (tmp_path / "out/data/train-00000-of-00001.jsonl").stat().st_size > 1000


@pytest.mark.parametrize("content", [b"PK\x03\x04 this is no zip", bundle()[:-200], b""])
def test_a_broken_zip(tmp_path, content):
    (tmp_path / "broken.zip").write_bytes(content)
    done = mosu("corpus", "clean", tmp_path / "broken.zip", tmp_path / "out", check=False)
    assert done.returncode == 1 and "broken.zip" in done.stderr, done
    assert "panicked" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["broken.zip"], "nothing half-written is left"


def test_a_folder_without_texts(tmp_path):
    (tmp_path / "in").mkdir()
    done = mosu("corpus", "clean", tmp_path / "in", tmp_path / "out", check=False)
    assert done.returncode == 1 and done.stderr and not (tmp_path / "out").exists()


def changed_pack(folder, file, change):
    shutil.copytree(PACK, folder)
    path = folder / file
    before = path.read_text()
    after = change(before)
    assert before != after
    path.write_text(after)
    return folder


@pytest.mark.parametrize("file, change, told", [
    ("policies/model-voucher.toml", lambda text: 'surprise = "yes"\n' + text, ["surprise", "model-voucher.toml", "1"]),
    ("policies/model-voucher.toml", lambda text: text.replace("[caps]", "[capz]"), ["capz", "model-voucher.toml"]),
    ("policies/model-voucher.toml", lambda text: text.replace('per_claim = "5,000,000 CNY"\n', ""), ["cap", "model-voucher.toml"]),
    ("services/residency.toml", lambda text: text + "\nsurprise = 1\n", ["surprise", "residency.toml"]),
    ("prices.toml", lambda text: text.replace("cpu_hour_micros", "cpu_hour_micro"), ["cpu_hour_micro", "prices.toml"]),
])
def test_a_wrong_pack(tmp_path, file, change, told):
    folder = changed_pack(tmp_path / "pack", file, change)
    done = mosu("policy", "check", folder, check=False)
    assert done.returncode == 1
    for part in told:
        assert part in done.stderr, done.stderr
    up = mosu("up", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", env={"MOSU_PACK__FOLDER": folder}, check=False, timeout=20)
    assert up.returncode == 1 and told[0] in up.stderr


def test_an_unknown_setting(tmp_path):
    (tmp_path / "mosu.toml").write_text("[server]\nlistne = 'x'\n")
    done = mosu("config", "check", check=False, cwd=tmp_path)
    assert done.returncode == 1 and "listne" in done.stderr and "mosu.toml" in done.stderr


@pytest.fixture(scope="module")
def tenant(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("bad") / "data", log="bad-input.log") as server:
        server.tenant = admit(server, "clumsy")
        yield server


def ended_badly(server, job):
    record = wait_for_job(server, server.tenant, job["id"])
    assert record["state"] == "failed" and record["reason"]["text"], record
    assert record["outputs"] == []
    return record["reason"]


def test_an_empty_upload(tenant):
    reply = upload(tenant, tenant.tenant, b"")
    assert reply.status == 400 and reply.json()["code"] == "upload_empty"


def test_a_job_on_a_broken_zip(tenant):
    reference = said(upload(tenant, tenant.tenant, b"PK\x03\x04 this is no zip"))["reference"]
    job = said(tenant.post("/api/v1/jobs", corpus_job(reference, "clumsy/broken"), tenant.tenant))
    assert "zip" in ended_badly(tenant, job)["text"]
    assert tenant.get("/api/datasets/clumsy/broken", tenant.tenant).status == 404


def test_a_job_that_eats_memory(tenant):
    heavy = said(upload(tenant, tenant.tenant, bundle(documents=4, repeat=5000)))["reference"]
    job = corpus_job(heavy, "clumsy/greedy", resources=SMALL | {"memory_mib": 16})
    reason = ended_badly(tenant, said(tenant.post("/api/v1/jobs", job, tenant.tenant)))
    assert reason["code"] == "out_of_memory" and "16 MiB" in reason["text"], reason
    assert tenant.get("/healthz").status == 200


def test_a_job_that_does_not_end_in_time(tenant):
    endless = said(upload(tenant, tenant.tenant, bundle(documents=24, repeat=5000)))["reference"]
    job = corpus_job(endless, "clumsy/slow", resources=SMALL | {"memory_mib": 1024, "wall_seconds": 1})
    reason = ended_badly(tenant, said(tenant.post("/api/v1/jobs", job, tenant.tenant)))
    assert reason["code"] == "timed_out", reason


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"kind": 1}', b"\xff\xfe", b'{"kind": "corpus.build", "surprise": 1}'])
def test_a_request_that_is_no_job(tenant, body):
    reply = call(f"{tenant.url}/api/v1/jobs", "POST", tenant.tenant, body, {"content-type": "application/json"})
    assert 400 <= reply.status < 500 and reply.body, reply.body


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False)
    need("a small file system (mount -t tmpfs needs root)", mounted.returncode == 0)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(small_disk):
    data = small_disk / "data"
    with Server(data, log="full-disk.log") as server:
        server.tenant = admit(server, "hoarder")
        reply = upload(server, server.tenant, os.urandom(40 << 20))
        assert reply.status == 503 and "disk" in reply.json()["detail"], reply.body
        left = sum(path.stat().st_size for path in pathlib.Path(data).rglob("*") if path.is_file())
        assert left < 16 << 20, "what did not fit was removed"
        said(upload(server, server.tenant, os.urandom(1 << 20)))
        ballast = small_disk / "ballast"
        with open(ballast, "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(b"x" * 4096)
        replies = [server.post("/api/v1/tokens", {"name": "n", "scopes": "read"}, server.tenant) for _ in range(30)]
        refused = [reply for reply in replies if reply.status != 200]
        assert all(reply.status == 503 and "disk" in reply.json()["detail"] for reply in refused), refused[0].body
        kept = len([reply for reply in replies if reply.status == 200])
        ballast.unlink()
        said(server.post("/api/v1/tokens", {"name": "after", "scopes": "read"}, server.tenant))
        names = [entry["name"] for entry in said(server.get("/api/v1/tokens", server.tenant))["items"]]
        assert names.count("n") == kept and names.count("after") == 1
    mosu("ledger", "verify", "--data", data)
