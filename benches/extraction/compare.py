#!/usr/bin/env python3
"""Main text of web pages: word-F1 and speed, ours and two peers in turn.

    benches/extraction/compare.py BENCHMARK [--split dev] [--rounds 3] [--venv FOLDER] [--no-peers]

BENCHMARK is a checkout of the Web Content Extraction Benchmark (github.com/Murrough-Foley/web-content-extraction-benchmark),
which has its pages under SPLIT/html and their main texts under SPLIT/ground-truth. Word-F1 is the benchmark's own: words
are runs of letters, digits and underscores in lower case, counted as multisets; the mean over all pages.

Speed is pages per second of processor time on one thread, the median of the rounds. For peers only the extraction is
counted, for ours the whole process: start, reading the files, writing the results.

Our weights were trained on the development split, so our F1 there is of pages that it has seen; `training/train.py`
prints the F1 on unseen sites, and the test split is fair for everyone.
"""

import argparse
import gzip
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

PEERS = {"trafilatura": "1.11.0", "resiliparse": "2.0.1"}
# What the pinned versions need besides.
ALSO = ["lxml_html_clean"]
ROOT = Path(__file__).resolve().parents[2]
PEER = r"""
import json, sys, time
from pathlib import Path
name, folder, out = sys.argv[1:]
pages = {path.stem: path.read_bytes() for path in sorted(Path(folder).glob("*.html"))}
if name == "trafilatura":
    from trafilatura import extract
    one = lambda page: extract(page) or ""
else:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    one = lambda page: extract_plain_text(bytes_to_str(page, detect_encoding(page)), main_content=True)
started, texts = time.process_time(), {}
for page, html in pages.items():
    try:
        texts[page] = one(html)
    except Exception as error:
        print(name, page, error, file=sys.stderr)
seconds = time.process_time() - started
Path(out).write_text(json.dumps({"seconds": seconds, "texts": texts}))
"""


def words(text):
    return re.findall(r"\w+", text.lower())


def scores(predicted, reference):
    """(precision, recall, F1) of one page."""
    predicted, reference = words(predicted), words(reference)
    if not predicted or not reference:
        return (1.0,) * 3 if not predicted and not reference else (0.0,) * 3
    overlap = sum((Counter(predicted) & Counter(reference)).values())
    precision, recall = overlap / len(predicted), overlap / len(reference)
    return precision, recall, 2 * overlap / (len(predicted) + len(reference))


def ours(program, folder, mode):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = subprocess.run([program, folder, mode], check=True, capture_output=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    lines = map(json.loads, made.decode().splitlines())
    return seconds, {line["page"]: line["text"] for line in lines}


def peer(python, name, folder, scratch):
    out = scratch / f"{name}.json"
    subprocess.run([python, "-c", PEER, name, folder, out], check=True, stderr=subprocess.DEVNULL)
    made = json.loads(out.read_text())
    return made["seconds"], made["texts"]


def prepare(arguments, scratch):
    """The runners by name."""
    subprocess.run(["cargo", "build", "--release", "-p", "extract", "--example", "pages"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "release" / "examples" / "pages"
    folder = scratch / "pages"
    runners = {
        "ours": lambda: ours(program, folder, "text"),
        "ours, Markdown": lambda: ours(program, folder, "markdown"),
    }
    if not arguments.peers:
        return runners
    venv = Path(arguments.venv or scratch / "venv")
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    wanted = [f"{name}=={version}" for name, version in PEERS.items()] + ALSO
    subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    for name, version in PEERS.items():
        runners[f"{name} {version}"] = lambda name=name: peer(python, name, folder, scratch)
    return runners


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--venv", help="where the peers are or will be installed")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--per-type", action="store_true", help="F1 by type of page")
    arguments = parser.parse_args()
    split = arguments.benchmark / arguments.split
    gold, kinds = {}, {}
    for path in sorted((split / "ground-truth").glob("*.json")):
        data = json.loads(path.read_text())
        gold[path.stem] = (data.get("ground_truth") or {}).get("main_content") or ""
        kinds[path.stem] = ((data.get("_internal") or {}).get("page_type") or {}).get("primary", "article")
    if not gold:
        sys.exit(f"No pages under {split / 'ground-truth'}: give the path of a checkout of the benchmark.")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "pages").mkdir()
        for page in gold:
            html = gzip.open(split / "html" / f"{page}.html.gz").read()
            (scratch / "pages" / f"{page}.html").write_bytes(html)
        results = measure(prepare(arguments, scratch), arguments.rounds)
    report(results, gold, kinds, arguments)


def measure(runners, rounds):
    """{name: (median seconds, texts, same text every time)}, all taking turns."""
    seconds, texts, same = {name: [] for name in runners}, {}, dict.fromkeys(runners, True)
    for _ in range(rounds):
        for name, run in runners.items():
            took, made = run()
            seconds[name].append(took)
            same[name] &= texts.setdefault(name, made) == made
    return {name: (statistics.median(seconds[name]), texts[name], same[name]) for name in runners}


def report(results, gold, kinds, arguments):
    print(f"\n{arguments.split} split, {len(gold)} pages, {arguments.rounds} rounds")
    print(f"{'':20} {'F1':>6} {'precision':>9} {'recall':>6} {'pages/CPU-s':>11}  repeats")
    rows = {}
    for name, (seconds, texts, same) in results.items():
        each = {page: scores(texts.get(page, ""), text) for page, text in gold.items()}
        precision, recall, f1 = (statistics.mean(values) for values in zip(*each.values()))
        rows[name] = (f1, len(gold) / seconds)
        print(f"{name:20} {f1:6.3f} {precision:9.3f} {recall:6.3f} {rows[name][1]:11.0f}  {'same' if same else 'DIFFER'}")
        if arguments.per_type:
            for kind in sorted(set(kinds.values())):
                values = [each[page][2] for page in gold if kinds[page] == kind]
                print(f"    {kind:16} {statistics.mean(values):6.3f} of {len(values)}")
    f1, speed = rows["ours"]
    checks = [("word-F1 at least .844", f1 >= 0.844)]
    for name in rows:
        if not name.startswith("ours"):
            checks.append((f"better and no slower than {name}", f1 >= rows[name][0] and speed >= rows[name][1]))
    for text, holds in checks:
        print(f"{'ok  ' if holds else 'MISS'} {text}")


if __name__ == "__main__":
    main()
