"""The corpus toolchain as a program of its own: any number of workers, kills, job arrays, and the field's readers."""

import hashlib
import json
import os
import random
import signal
import subprocess
import time

import pytest

from lib import BINARY, environment, mosu
from slurm import Slurm

WORDS = "the of and to with that in is it for as on be by at this model data city public service language text".split()


def sentence(rng):
    words = [rng.choice(WORDS) if rng.random() < 0.5 else f"w{rng.randrange(20_000)}" for _ in range(14)]
    return " ".join(words).capitalize() + "."


def documents(count, seed=1, words=12):
    """Made text with exact and near duplicates among it."""
    rng = random.Random(seed)
    texts = []
    for _ in range(count):
        kind = rng.random()
        if texts and kind < 0.1:
            texts.append(rng.choice(texts))
        elif texts and kind < 0.2:
            texts.append(rng.choice(texts) + " One more sentence at its end.")
        else:
            texts.append("\n".join(sentence(rng) for _ in range(words)))
    return texts


def write(folder, count, files=6, seed=1):
    """JSONL files, so that there are several shards."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = documents(count, seed)
    for number in range(files):
        with open(folder / f"{number}.jsonl", "w") as file:
            for at in range(number, count, files):
                record = {"id": f"d{at:06}", "text": texts[at], "source": f"s{at % 3}", "licence": "CC-BY-4.0"}
                file.write(json.dumps(record) + "\n")
    return folder


def digest(out):
    """A digest of all data files and the kept ids, by name."""
    sha = hashlib.sha256()
    for path in sorted([*(out / "data").iterdir(), out / "kept-ids.txt"]):
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


RECIPE = """
title = "Test"
about = "Small shards, so that a small input has many."

[read]
shard_bytes = 65536

[[step]]
use = "normalise"

[[step]]
use = "exact"

[[step]]
use = "near"

[output]
form = "dataset"
format = "{format}"
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    write(folder / "in", 3_000)
    for name in ["jsonl", "parquet"]:
        (folder / f"{name}.toml").write_text(RECIPE.format(format=name))
    mosu("corpus", "run", folder / "jsonl.toml", folder / "in", folder / "one", "--workers", 1)
    return folder


@pytest.mark.parametrize("workers", [2, 8])
def test_any_number_of_workers_makes_the_same_bytes(room, workers):
    out = room / f"workers-{workers}"
    mosu("corpus", "run", room / "jsonl.toml", room / "in", out, "--workers", workers)
    assert digest(out) == digest(room / "one")


def test_ten_kills_change_nothing(room):
    rng, out = random.Random(5), room / "killed"
    command = [BINARY, "corpus", "run", room / "jsonl.toml", room / "in", out, "--workers", "2"]
    began = time.monotonic()
    mosu(*command[1:-2], "--workers", "2", env={})
    whole = time.monotonic() - began
    expected = digest(out)
    kills = 0
    while kills < 10:
        for path in [out]:
            subprocess.run(["rm", "-rf", str(path)], check=True)
        while kills < 10:
            process = subprocess.Popen(
                list(map(str, command)), env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(rng.uniform(0, whole))
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                assert not out.exists() or (out / "report.json").exists(), "an output is complete or absent"
    mosu(*command[1:])
    assert digest(out) == expected == digest(room / "one")
    # Asked again, it says what is there and does nothing.
    assert mosu(*command[1:]).returncode == 0
    leftovers = [path.name for path in room.iterdir() if path.name.startswith(".killed")]
    assert leftovers == []


def test_what_is_not_ours_is_not_overwritten(room):
    done = mosu("corpus", "run", "builtin:exact", room / "in", room / "one", check=False)
    assert done.returncode == 1 and "Choose another output" in done.stderr


def test_kept_ids_and_report(room):
    ids = room / "ids.txt"
    done = mosu("corpus", "run", "builtin:minhash", room / "in", room / "near", "--kept-ids", ids, "--json")
    report = json.loads(done.stdout)
    kept = ids.read_text().split("\n")[:-1]
    assert kept == sorted(kept) and len(kept) == report["steps"][-1]["documents_out"]
    for step in report["steps"]:
        assert step["documents_in"] == step["documents_out"] + sum(drop["documents"] for drop in step["drops"])
        assert step["cpu_seconds"] >= 0
    assert json.loads((room / "near/report.json").read_text())["peak_memory_bytes"] > 0
    # The first of equal texts stays: the one with the smallest id.
    texts = {}
    for path in sorted((room / "in").iterdir()):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            texts.setdefault(record["text"], []).append(record["id"])
    kept = set(kept)
    for same in texts.values():
        assert not any(other in kept for other in sorted(same)[1:])


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_the_fields_own_readers_open_the_data_set(room, form, tmp_path):
    import datasets

    out = tmp_path / "out"
    report = json.loads(mosu("corpus", "run", room / f"{form}.toml", room / "in", out, "--json").stdout)
    loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    for split in report["splits"]:
        assert loaded[split["name"]].num_rows == split["documents"] > 0
        assert sum(loaded[split["name"]]["tokens"]) == split["tokens"]
    contributions = [json.loads(line) for line in (out / "contributions.jsonl").read_text().splitlines()]
    assert sum(row["tokens"] for row in contributions) == sum(split["tokens"] for split in report["splits"])
    check_croissant(out)


def check_croissant(out):
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=str(out / "croissant.json"))
    assert described.metadata.issues.errors == set()
    records = list(described.records("train-records"))
    assert len(records) > 100 and records[0]["train-records/text"]


def test_stages_of_an_array_make_the_same_bytes_on_slurm(room, tmp_path):
    out = room / "slurm"
    with Slurm(tmp_path / "slurm") as slurm:
        script = mosu(
            "corpus", "slurm", room / "jsonl.toml", room / "in", out, "--tasks", 4
        ).stdout
        (tmp_path / "submit.sh").write_text(script)
        subprocess.run(["sh", tmp_path / "submit.sh"], env=slurm.env, cwd=tmp_path, check=True, timeout=120)
        slurm.wait_empty()
    logs = "\n".join(path.read_text() for path in tmp_path.glob("slurm-*.out"))
    assert (out / "report.json").exists(), logs
    assert digest(out) == digest(room / "one")


def test_memory_stays_bounded(tmp_path):
    """A set of 64 MB in one file, with a limit on the program's memory that the set alone would break."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = documents(4_000, seed=9, words=40)
    with open(folder / "a.jsonl", "w") as file:
        for repeat in range(6):
            for at, text in enumerate(texts):
                file.write(json.dumps({"id": f"{repeat}-{at}", "text": f"{repeat} {text}"}) + "\n")
    report = json.loads(
        mosu("corpus", "run", "builtin:minhash", folder, tmp_path / "out", "--workers", 2, "--json").stdout
    )
    assert os.path.getsize(folder / "a.jsonl") > 60e6
    assert report["peak_memory_bytes"] < 400 << 20


def test_a_program_of_the_users_own_is_a_step(tmp_path):
    write(tmp_path / "in", 50, files=1)
    judge = tmp_path / "judge.py"
    judge.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    keep = int(json.loads(line)['id'][1:]) % 2 == 0\n"
        "    print(json.dumps({'keep': keep, **({} if keep else {'reason': 'odd'})}), flush=True)\n"
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'title = "Own"\n[[step]]\nuse = "command"\nrun = ["python3", "{judge}"]\n')
    report = json.loads(mosu("corpus", "run", recipe, tmp_path / "in", tmp_path / "out", "--json").stdout)
    assert report["steps"][1]["drops"][0]["reason"] == "odd" and report["splits"][0]["documents"] == 25
    recipe.write_text('title = "Own"\n[[step]]\nuse = "command"\nrun = ["true"]\n')
    done = mosu("corpus", "run", recipe, tmp_path / "in", tmp_path / "broken", check=False)
    assert done.returncode == 1 and "ended before it answered" in done.stderr
    assert not (tmp_path / "broken").exists()


def test_tokens_are_those_of_the_fields_library(room, tmp_path):
    import numpy
    from tokenizers import Tokenizer

    out = tmp_path / "tokenizer.json"
    mosu("corpus", "train-tokenizer", room / "in", out, "--vocabulary", 1000)
    mosu("corpus", "pack", out, room / "in", tmp_path / "train", "--end", "<|endoftext|>")
    theirs, ids = Tokenizer.from_file(str(out)), []
    for path in sorted((room / "in").iterdir()):
        for line in path.read_text().splitlines():
            ids += theirs.encode(json.loads(line)["text"]).ids + [theirs.token_to_id("<|endoftext|>")]
    packed = numpy.fromfile(tmp_path / "train.bin", dtype=numpy.uint16)
    assert packed.tolist() == ids
    assert (tmp_path / "train.idx").read_bytes()[:9] == b"MMIDIDX\0\0"


def test_chinese_text_stays_and_what_is_personal_is_masked(tmp_path):
    good = (
        "开放数据服务把城市里可以公开的文本整理成语料，标明来源、作者和许可证，供入驻企业训练自己的模型。"
        "每一份语料都有版本，也都有说明：它从哪里来，经过了哪些步骤，留下了多少，去掉了多少，以及为什么。"
        "负责整理的同事每周复核一次，把读者指出的错误改正过来，再发布新的版本；旧的版本也会保留，方便以后查对。"
        "企业使用语料之后，收入的一部分会按照贡献的多少分给作者，这样数据的价值就回到了提供数据的人手中。"
        "去年冬天，社区请了三位老编辑来讲课，他们说整理文字最要紧的是耐心，其次才是工具，这话大家记到今天。"
        "新来的工程师先花两天时间读说明，再跟着老同事做一遍，做完以后自己写下不明白的地方，第三天一起讨论。"
    )
    rng = random.Random(1)
    shuffled = "".join(rng.sample(good, len(good)))
    texts = {"good": good + "联系电话13800138000，邮箱li@example.org。", "shuffled": shuffled, "menu": "首页\n新闻\n关于我们\n登录\n注册\n" * 6}
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in/a.jsonl", "w") as file:
        for name, text in texts.items():
            file.write(json.dumps({"id": name, "text": text}) + "\n")
    mosu("corpus", "run", "builtin:chinese", tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out/kept-ids.txt").read_text() == "good\n"
    [kept] = [json.loads(line)["text"] for line in next((tmp_path / "out/data").iterdir()).read_text().splitlines()]
    assert "13800138000" not in kept and "li@example.org" not in kept and good in kept
