"""How well `mosu corpus run builtin:chinese` keeps real Chinese text, drops junk, and finds personal information.

usage: compare.py GOOD.jsonl [MOSU] [--each N] [--documents N] [--seed S] [--show]

GOOD has one JSON object a line with `id` and `text`; all of it should be kept. Junk of each kind (junk.py) and planted
personal information (plant.py) are made from it. MOSU is the program (default: `mosu`). `--show` prints what was missed.

Prints the share kept, by kind of junk the share dropped, and by kind of personal information precision and recall. A
planted value counts as found when it is gone from the text and a placeholder of its kind has come; finds in the
passage without planted sentences are subtracted.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import junk
import plant

LABELS = {"身份证": "id_card", "手机号": "mobile", "固定电话": "landline", "国际电话": "phone", "银行卡": "bank_card", "统一社会信用代码": "credit_code",
          "护照": "passport", "车牌": "plate", "地址": "address", "邮箱": "email", "IPv4": "ipv4", "IPv6": "ipv6", "密钥": "secret"}
PLACEHOLDER = re.compile("<(" + "|".join(LABELS) + ")>")


def run(program, source, folder):
    """Runs the recipe; the kept ids, the texts that came out, and processor seconds."""
    out, ids = folder / "out", folder / "kept"
    command = [program, "corpus", "run", "builtin:chinese", str(source), str(out), "--kept-ids", str(ids), "--json"]
    before = time.process_time()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\nfailed with exit code {done.returncode}")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return set(ids.read_text(encoding="utf-8").split("\n")) - {""}, read_out(out), report


def read_out(folder):
    """The text by id of all JSON lines under a folder, packed by zstd or not."""
    texts = {}
    for path in sorted(folder.rglob("*.jsonl*")):
        if path.suffix == ".zst":
            raw = subprocess.run(["zstd", "-dc", path], stdout=subprocess.PIPE, check=True).stdout.decode()
        elif path.suffix == ".gz":
            import gzip
            raw = gzip.decompress(path.read_bytes()).decode()
        else:
            raw = path.read_text(encoding="utf-8")
        for line in raw.split("\n"):
            if line:
                row = json.loads(line)
                texts[row["id"]] = row["text"]
    return texts


def score(texts, truth, show=False):
    """Precision and recall by kind from cleaned texts by id and the planted values."""
    planted, found, right = collections.Counter(), collections.Counter(), collections.Counter()
    for name, values in truth:
        base = texts.get(name.replace("/planted", "/base"))
        text = texts.get(name)
        if base is None or text is None:
            continue
        got = collections.Counter(LABELS[label] for label in PLACEHOLDER.findall(text))
        got.subtract(LABELS[label] for label in PLACEHOLDER.findall(base))
        left = collections.Counter(got)
        for kind, value in values:
            planted[kind] += 1
            if value not in text and left[kind] > 0:
                left[kind] -= 1
                right[kind] += 1
            elif show:
                print("missed", kind, value.replace("\n", "⏎")[:80], name)
        for kind, count in got.items():
            found[kind] += max(count, 0)
        if show and any(count > 0 for count in left.values()):
            print("wrong", {k: c for k, c in left.items() if c > 0}, name)
    print(f"{'kind':14}{'planted':>9}{'precision':>11}{'recall':>9}")
    for kind in list(dict.fromkeys(LABELS.values())) + ["all"]:
        p, f, r = (sum(c.values()) if kind == "all" else c[kind] for c in (planted, found, right))
        print(f"{kind:14}{p:9}{r / max(f, 1):11.4f}{r / max(p, 1):9.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("good", type=pathlib.Path)
    parser.add_argument("program", nargs="?", default="mosu")
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args()
    texts = junk.read_texts(given.good)
    good, truth = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        source = folder / "in.jsonl"
        with source.open("w", encoding="utf-8") as out:
            write = lambda name, text: out.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")
            with given.good.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines):
                    good.append(f"good/{number}")
                    write(good[-1], json.loads(line)["text"])
            for name, text in junk.make(texts, given.each, given.seed):
                write(name, text)
            for name, base, text, planted in plant.make(texts, given.documents, given.seed):
                write(name + "/base", base)
                write(name + "/planted", text)
                truth.append((name + "/planted", planted))
        kept, cleaned, report = run(given.program, source, folder)
    print(f"real text kept: {sum(name in kept for name in good) / len(good):.4f} of {len(good)}")
    for kind in junk.KINDS:
        stayed = sum(name.startswith(f"junk/{kind}/") for name in kept)
        print(f"junk dropped: {kind:10} {1 - stayed / given.each:.4f} of {given.each}")
    score(cleaned, truth, given.show)
    seconds = sum(step.get("cpu_seconds", 0) for step in report.get("steps", []) if isinstance(step, dict))
    if seconds:
        print(f"processor seconds by the report: {seconds:.2f}")


if __name__ == "__main__":
    main()
