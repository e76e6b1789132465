#!/usr/bin/env python3
"""Deduplication beside its peers: CPU seconds, recall of planted near duplicates, removals under the threshold.

    benches/dedup/compare.py FILE.jsonl [--truth TRUTH.jsonl] [--unit words|characters] [--mosu BINARY]

FILE has an object with `id` and `text` a line. TRUTH has `source`, `planted` (ids) and `jaccard` a line; without
it recall isn't shown. Makes a virtual environment with pinned peers at first (`--venv`, some 1.5 GB). A figure is
user and system time of the process and its children, so a busy machine disturbs less; median of `--repeat` turns
for the quick ones, one turn for those that take a minute (`--slow-repeat`). All run on one thread, on the whole
file, from JSONL to kept ids."""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BINS = [(0.5, "<.5"), (0.7, ".5-.7"), (0.8, ".7-.8"), (0.9, ".8-.9"), (1.01, ">=.9")]
THRESHOLD = 0.7


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--truth")
    parser.add_argument("--unit", choices=["words", "characters"], default="words")
    parser.add_argument("--mosu", help="binary; its `corpus run builtin:minhash` is measured as well")
    parser.add_argument("--recipe", action="append", default=[], help="recipe for --mosu; default builtin:minhash")
    parser.add_argument("--peers", default="daft,data-juicer,datatrove,duckdb", help="which; `none` for none")
    parser.add_argument("--venv", default=os.path.join(ROOT, "target", "bench-dedup"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--slow-repeat", type=int, default=1)
    return parser.parse_args()


def environment(path):
    """A Python with the peers; Data-Juicer without its own requirements."""
    python = os.path.join(path, "bin", "python")
    if not os.path.exists(python):
        venv.create(path, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "-r", os.path.join(HERE, "requirements.txt")], check=True)
        subprocess.run([*pip, "--no-deps", "py-data-juicer==1.6.1"], check=True)
    return python


def example():
    """Our own program around the crate, with the settings of the peers."""
    build = ["cargo", "build", "--quiet", "--release", "-p", "dedup", "--example", "measure"]
    subprocess.run(build, cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    return os.path.join(target, "release", "examples", "measure")


def timed(command, repeat, scratch):
    """Median CPU seconds, and the wall seconds and peak memory (MB) of the last turn."""
    # Data-Juicer installs what it misses while it runs; here that is a failure, not a figure.
    env = dict(os.environ, PIP_NO_INDEX="1", RAYON_NUM_THREADS="1", OMP_NUM_THREADS="1", HF_HOME=scratch)
    seconds = []
    for _ in range(repeat):
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        start = time.monotonic()
        with open(os.path.join(scratch, "log"), "w+") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=env, cwd=scratch)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                log.seek(0)
                raise RuntimeError(log.read()[-600:])
        seconds.append(usage.ru_utime + usage.ru_stime)
    return statistics.median(seconds), time.monotonic() - start, usage.ru_maxrss / 1024


def ngrams(text, unit):
    """The set whose Jaccard similarity the truth file gives."""
    if unit == "characters":
        text = re.sub(r"\s+", "", text)
        units = text
    else:
        units = re.sub(r"[^\w\s]", "", text.lower()).split()
    return {hash(tuple(units[at : at + 5])) for at in range(max(1, len(units) - 4))}


class Corpus:
    def __init__(self, path, unit):
        self.megabytes = os.path.getsize(path) / 1e6
        self.unit, self.texts = unit, {}
        with open(path, encoding="utf-8") as file:
            for line in file:
                document = json.loads(line)
                self.texts[document["id"]] = document["text"]

    def under(self, kept):
        """How many removed documents have no kept one as similar as THRESHOLD, by true Jaccard similarity."""
        removed = {id: ngrams(text, self.unit) for id, text in self.texts.items() if id not in kept}
        holders = {}
        for id, grams in removed.items():
            for gram in grams:
                holders.setdefault(gram, []).append(id)
        best = dict.fromkeys(removed, 0.0)
        for id in kept:
            grams, shared = ngrams(self.texts[id], self.unit), {}
            for gram in grams:
                for holder in holders.get(gram, ()):
                    shared[holder] = shared.get(holder, 0) + 1
            for holder, count in shared.items():
                best[holder] = max(best[holder], count / (len(grams) + len(removed[holder]) - count))
        return sum(similarity < THRESHOLD for similarity in best.values()), len(removed)


def recall(truth, kept):
    """Share of planted pairs of which not both are kept, by similarity."""
    found, all_ = {}, {}
    for pair in truth:
        name = next(name for bound, name in BINS if pair["jaccard"] < bound)
        all_[name] = all_.get(name, 0) + 1
        found[name] = found.get(name, 0) + (not (pair["planted"] in kept and pair["source"] in kept))
    return [f"{found[name] / all_[name]:.3f}" if name in all_ else "-" for _, name in BINS]


def contenders(args, python, measure):
    """(name, command, turns, whether it writes kept ids)."""
    unit = f"unit={args.unit}"
    equal = ["ngram=5", "bands=14", "rows=8", "similarity=none"]
    yield "ours 14x8", [measure, "near", args.file, unit, *equal, "kept={kept}"], args.repeat, "near"
    yield "ours verified", [measure, "near", args.file, unit, "kept={kept}"], args.repeat, "near"
    for recipe in args.recipe or ["builtin:minhash"]:
        if args.mosu:
            run = [args.mosu, "corpus", "run", recipe, args.file, "{scratch}/out", "--kept-ids", "{kept}"]
            yield f"mosu {recipe}", [*run, "--workers", "1", "--json"], args.repeat, "near"
    if args.mosu:
        run = [args.mosu, "corpus", "run", "builtin:exact", args.file, "{scratch}/out", "--kept-ids", "{kept}"]
        yield "mosu builtin:exact", [*run, "--workers", "1", "--json"], args.repeat, "exact"
    yield "parse only (sonic-rs)", [measure, "parse", args.file], args.repeat, "parse"
    yield "ours exact", [measure, "exact", args.file, "kept={kept}"], args.repeat, "exact"
    for peer in args.peers.split(","):
        slow = peer in ("datatrove", "data-juicer")
        if peer != "none":
            command = [python, os.path.join(HERE, "peers.py"), peer, args.file, "{kept}", "{scratch}", args.unit]
            turns = args.slow_repeat if slow else args.repeat
            yield peer, command, turns, "exact" if peer == "duckdb" else "near"


def main():
    args = arguments()
    args.file = os.path.abspath(args.file)
    python = "" if args.peers == "none" else environment(args.venv)
    corpus = Corpus(args.file, args.unit)
    truth = [json.loads(line) for line in open(args.truth, encoding="utf-8")] if args.truth else []
    truth = [pair for pair in truth if pair["source"] in corpus.texts and pair["planted"] in corpus.texts]
    print(f"{corpus.megabytes:.1f} MB, {len(corpus.texts)} documents, {args.unit}; load {os.getloadavg()[0]:.1f}")
    head = ["", "CPU-s", "MB/CPU-s", "RSS MB", "kept", "under .7", *(name for _, name in BINS)]
    print("{:24}{:>9}{:>10}{:>8}{:>8}{:>10}".format(*head[:6]) + "".join(f"{name:>8}" for name in head[6:]))
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        kept, scratch = os.path.join(folder, "kept"), os.path.join(folder, "scratch")
        for name, command, turns, kind in contenders(args, python, example()):
            command = [part.format(kept=kept, scratch=scratch) for part in command]
            try:
                seconds, _, memory = timed(command, turns, scratch)
            except (RuntimeError, OSError) as error:
                print(f"{name:24} left out: {str(error).strip().splitlines()[-1]}")
                continue
            speeds[name] = corpus.megabytes / seconds
            line = f"{name:24}{seconds:9.2f}{speeds[name]:10.2f}{memory:8.0f}"
            if kind != "parse":
                lines = open(kept, encoding="utf-8").read().splitlines()
                line += f"{lines[0] if name == 'duckdb' else len(lines):>8}"
            if kind == "near":
                ids = set(lines)
                under, removed = corpus.under(ids)
                line += f"{under:>5} /{removed:4}" + "".join(f"{share:>8}" for share in recall(truth, ids) if truth)
            print(line, flush=True)
    for peer in ("daft", "data-juicer", "datatrove"):
        for ours in (name for name in speeds if name.startswith(("ours 1", "ours v", "mosu builtin:minhash"))):
            if peer in speeds:
                print(f"{ours}: {speeds[ours] / speeds[peer]:.1f} times {peer}")
    for ours in (name for name in speeds if name.endswith("exact")):
        limit = speeds["parse only (sonic-rs)"]
        print(f"{ours}: {100 * speeds[ours] / limit:.0f} % of reading and parsing the file")


if __name__ == "__main__":
    sys.exit(main())
