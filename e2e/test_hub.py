"""`hf`, `datasets` and `transformers` against the hub, each in a process of its own: they read HF_ENDPOINT once."""

import hashlib
import json
import pathlib
import subprocess
import sys

import pytest

from lib import environment

BIN = pathlib.Path(sys.executable).parent
CLIENTS = pathlib.Path(__file__).parent / "clients"


@pytest.fixture(scope="module")
def hub(server, token, tmp_path_factory):
    """Runs a command with our server as the hub, and with a cache of its own."""
    home = tmp_path_factory.mktemp("hf")
    env = environment(
        HF_ENDPOINT=server.url, HF_TOKEN=token, HF_HOME=home, HF_HUB_DISABLE_TELEMETRY=1, DO_NOT_TRACK=1,
        HF_HUB_DISABLE_PROGRESS_BARS=1, TRANSFORMERS_VERBOSITY="error",
    )

    def run(*command, **changes):
        done = subprocess.run(
            [str(part) for part in command], env=env | changes, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=180, check=False,
        )
        done.said = done.stdout + done.stderr
        return done

    return run


def script(name, *arguments):
    return [sys.executable, CLIENTS / name, *arguments]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree_of(server, token, kind, repo):
    """Path → SHA-256, or None for small files, whose id is git's."""
    entries = server.get(f"/api/{kind}s/{repo}/tree/main?recursive=true", token).json()
    return {entry["path"]: entry.get("lfs", {}).get("oid") for entry in entries if entry["type"] == "file"}


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_hf_download_brings_every_file(demo, server, token, hub, tmp_path, kind):
    repo = demo.facts[kind]
    done = hub(BIN / "hf", "download", repo, "--repo-type", kind, "--local-dir", tmp_path)
    assert done.returncode == 0, done.said
    tree = tree_of(server, token, kind, repo)
    assert tree
    prefix = "" if kind == "model" else "datasets/"
    for path, known in tree.items():
        raw = server.get(f"/{prefix}{repo}/resolve/main/{path}", token)
        assert raw.status == 200 and hashlib.sha256(raw.body).hexdigest() == sha256(tmp_path / path), path
        assert known in (None, sha256(tmp_path / path)), path
    assert any(known for known in tree.values()) or kind == "dataset", "weights are large files"


def test_snapshot_download_resumes_from_its_cache(demo, hub):
    for _ in range(2):
        done = hub(*script("snapshot.py", demo.facts["dataset"], demo.facts["model"]))
        assert done.returncode == 0, done.said


def test_datasets_loads_the_dataset(demo, hub):
    done = hub(*script("load_dataset.py", demo.facts["dataset"]))
    assert done.returncode == 0, done.said
    splits = json.loads(done.stdout.splitlines()[-1])
    assert {"train", "heldout"} <= set(splits)
    for split in splits.values():
        assert split["rows"] > 0 and {"id", "text", "source", "author", "licence"} <= set(split["columns"])


def test_transformers_reads_config_and_tokenizer(demo, server, token, hub):
    prompt = "Licensed under the Apache License, 模速."
    done = hub(*script("transformers_load.py", demo.facts["model"], prompt))
    assert done.returncode == 0, done.said
    read = json.loads(done.stdout.splitlines()[-1])
    assert read["decoded"] == prompt and read["vocabulary"] > 256
    body = {"model": demo.facts["model"], "prompt": prompt, "max_tokens": 0, "echo": True, "logprobs": 1}
    ours = server.post("/v1/completions", body, token).json()
    assert ours["usage"]["prompt_tokens"] == len(read["ids"]), "their tokenizer and ours agree"


def test_numpy_reproduces_our_log_probabilities(demo, server, token, hub, tmp_path):
    model, prompt = demo.facts["model"], "Licensed under the Apache License, Version 2.0 (the \"License\")"
    done = hub(BIN / "hf", "download", model, "--local-dir", tmp_path)
    assert done.returncode == 0, done.said
    read = hub(*script("transformers_load.py", model, prompt))
    assert read.returncode == 0, read.said
    body = {"model": model, "prompt": prompt, "max_tokens": 0, "echo": True, "logprobs": 1}
    ours = server.post("/v1/completions", body, token).json()["choices"][0]["logprobs"]["token_logprobs"]
    expected = tmp_path / "expected.json"
    expected.write_text(json.dumps({"tokens": json.loads(read.stdout.splitlines()[-1])["ids"], "logprobs": ours}))
    done = hub(*script("numpy_forward.py", tmp_path, expected, "1e-4"))
    print(done.said)
    assert done.returncode == 0, done.said


def test_without_a_token_private_repositories_are_not_there(demo, hub, tmp_path, server):
    dataset = demo.facts["dataset"]
    private = server.get(f"/api/datasets/{dataset}").status != 200
    done = hub(
        BIN / "hf", "download", dataset, "--repo-type", "dataset", "--local-dir", tmp_path,
        HF_TOKEN="", HF_HUB_DISABLE_IMPLICIT_TOKEN="1",
    )
    assert (done.returncode != 0) == private, done.said
