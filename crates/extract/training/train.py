"""Trains the weights of `extract` on the development split of a benchmark of web pages (WCXB's form).

    python3 -m venv VENV && VENV/bin/pip install catboost scikit-learn
    cargo build --release -p extract --example train
    VENV/bin/python training/train.py BENCHMARK TRAIN_PROGRAM WORK [OUT]

Two linear models score words and marks; a forest judges each block by those and its other features; a second forest
sees besides how the first judged the block's surroundings. Folds are by site. Each later model learns from scores that
the earlier ones gave to sites that they had not seen, and the printed F1 is of such scores.
"""

import json
import pickle
import struct
import subprocess
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
from catboost import CatBoostClassifier, Pool
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from common import *

FOLDS = 4
# Rows that a forest learns from: blocks of little weight are drawn, and weigh more when they are.
ROWS = 150_000
BUCKETS = 1 << 14
FOREST = {"iterations": 160, "depth": 6, "learning_rate": 0.12, "l2_leaf_reg": 6, "border_count": 128}


class Data:
    """All blocks of all pages, one after another."""

    def __init__(self, benchmark, program, work):
        self.program, self.work = program, work
        self.gold = gold(benchmark)
        self.pages = list(self.gold)
        unpack(benchmark, "dev", work / "html")
        sites = sorted({site for _, _, site in self.gold.values()})
        shuffled = np.random.default_rng(7).permutation(len(sites))
        fold_of = {site: int(shuffled[at]) % FOLDS for at, site in enumerate(sites)}
        self.page_fold = [fold_of[self.gold[page][2]] for page in self.pages]
        (work / "empty").write_bytes(pack([np.zeros(BUCKETS)] * 2, [None, None]))
        self.run("buckets", ["empty"] * FOLDS)
        self.blocks = [read_blocks(work / "buckets" / page) for page in self.pages]
        made = self.labels()
        self.lists = [lists for _, lists in made]
        self.label = np.concatenate([labels for labels, _ in made])
        self.count = [np.array([block[1] for block in blocks]) for blocks in self.blocks]
        sizes = [len(blocks) for blocks in self.blocks]
        self.ends = np.cumsum([0, *sizes])
        self.fold = np.repeat(self.page_fold, sizes)
        # Each page weighs the same, and in it each word, with a little for each block.
        parts = [(count + 1.0) / max(count.sum() + len(count), 150) for count in self.count]
        self.weight = np.concatenate(parts) * 1000

    def labels(self):
        """Labels and words of each page's blocks, kept in the work folder as long as the blocks are the same."""
        key = zlib.crc32("\n".join(text for blocks in self.blocks for text, *_ in blocks).encode())
        kept = self.work / "labels"
        if kept.exists():
            old, made = pickle.loads(kept.read_bytes())
            if old == key:
                return made
        made = [label(blocks, self.gold[page][0]) for page, blocks in zip(self.pages, self.blocks)]
        kept.write_bytes(pickle.dumps((key, made)))
        return made

    def run(self, mode, weights):
        """Has the program write a folder of numbers, each page under the weights of its fold."""
        (self.work / mode).mkdir(exist_ok=True)
        plan = self.work / "plan"
        lines = (f"{page} {self.work / weights[fold]}\n" for page, fold in zip(self.pages, self.page_fold))
        plan.write_text("".join(lines))
        subprocess.run([self.program, mode, self.work / "html", self.work / mode, plan], check=True)

    def columns(self, weights):
        self.run("columns", weights)
        made = [read_columns(self.work / "columns" / page, len(blocks)) for page, blocks in zip(self.pages, self.blocks)]
        made = [both for both in made if len(both[1])]
        return np.concatenate([features for features, _ in made]), np.concatenate([scores for _, scores in made])

    def table(self, which):
        """Buckets of one kind as a sparse matrix."""
        rows = [block[2 + which] for blocks in self.blocks for block in blocks]
        sizes = np.array([len(row) for row in rows])
        scale = 1 / np.sqrt(np.maximum(sizes, 1)) if which == 0 else np.ones(len(rows))
        ends = np.concatenate([[0], np.cumsum(sizes)])
        return csr_matrix((np.repeat(scale, sizes), np.concatenate(rows), ends), (len(rows), BUCKETS))

    def report(self, name, scores):
        """Prints and returns the mean F1 of choices by `scores`."""
        kinds = defaultdict(list)
        for at, page in enumerate(self.pages):
            part = scores[self.ends[at] : self.ends[at + 1]]
            reference, kind, _ = self.gold[page]
            value = page_f1(expected_choice(part, self.count[at]), self.lists[at], reference)
            kinds[kind].append(value)
        every = [value for values in kinds.values() for value in values]
        line = ", ".join(f"{kind} {np.mean(values):.3f}" for kind, values in sorted(kinds.items()))
        print(f"{name}: F1 {np.mean(every):.4f} ({line})", flush=True)
        return np.mean(every)


def linear(table, label, weight):
    """A linear model of soft labels: each block counts as both, by its part."""
    model = SGDClassifier(loss="log_loss", alpha=3e-6, max_iter=4, tol=None, random_state=1)
    hard = label > 0.5
    model.fit(table, hard, sample_weight=np.sqrt(weight))
    return model.coef_[0]


def forest(features, label, weight, **changes):
    rate = ROWS / weight.sum()
    for _ in range(20):
        rate *= min(ROWS, len(weight)) / np.minimum(1, weight * rate).sum()
    chance = np.minimum(1, weight * rate)
    drawn = np.random.default_rng(3).random(len(weight)) < chance
    features, label, weight = features[drawn], label[drawn], weight[drawn] / chance[drawn]
    model = CatBoostClassifier(
        loss_function="CrossEntropy", thread_count=2, random_seed=1, verbose=False, bootstrap_type="Bernoulli",
        subsample=0.7, rsm=0.4, **{**FOREST, **changes},
    )
    model.fit(Pool(features, label, weight=weight))
    return model


def forest_bytes(model, path):
    """A forest as forest.rs reads it."""
    model.save_model(str(path), format="json")
    data = json.loads(path.read_text())
    scale, (bias,) = data["scale_and_bias"][0], data["scale_and_bias"][1]
    trees = data["oblivious_trees"]
    step = max(abs(leaf) for tree in trees for leaf in tree["leaf_values"]) * scale / 32767
    made = [struct.pack("<ffH", bias, step, len(trees))]
    for tree in trees:
        made.append(struct.pack("<B", len(tree["splits"])))
        for split in tree["splits"]:
            made.append(struct.pack("<Hf", split["float_feature_index"], split["border"]))
        made.extend(struct.pack("<h", round(leaf * scale / step)) for leaf in tree["leaf_values"])
    return b"".join(made)


def stage(data, features, name):
    """Bytes of one forest a fold, each trained without it, and of one of all."""
    scores = np.zeros(len(data.label))
    made = []
    for fold in range(FOLDS):
        seen, unseen = data.fold != fold, data.fold == fold
        model = forest(features[seen], data.label[seen], data.weight[seen])
        scores[unseen] = model.predict_proba(features[unseen])[:, 1]
        made.append(forest_bytes(model, data.work / "forest.json"))
    data.report(name, scores)
    model = forest(features, data.label, data.weight)
    made.append(forest_bytes(model, data.work / "forest.json"))
    return made


def main():
    benchmark, program, work = (Path(argument).resolve() for argument in sys.argv[1:4])
    work.mkdir(parents=True, exist_ok=True)
    data = Data(benchmark, program, work)
    data.report("choice by the labels themselves", data.label)
    tables = [[], []]
    for which in range(2):
        table = data.table(which)
        for fold in [*range(FOLDS), None]:
            seen = data.fold != fold
            tables[which].append(linear(table[seen], data.label[seen], data.weight[seen]))
    names = [f"fold{fold}" for fold in range(FOLDS)]
    lexicons = list(zip(*tables))
    write = lambda first, second: [
        (work / name).write_bytes(pack(lexicons[at], [first[at], second[at]])) for at, name in enumerate([*names, "all"])
    ]
    none = [None] * (FOLDS + 1)
    write(none, none)
    features, _ = data.columns(names)
    print(features.shape, "features of the first stage", flush=True)
    first = stage(data, features, "first stage, unseen sites")
    write(first, none)
    features, scores = data.columns(names)
    data.report("first stage, by the program", scores)
    print(features.shape, "features of the second stage", flush=True)
    second = stage(data, features, "second stage, unseen sites")
    write(first, second)
    _, scores = data.columns(names)
    data.report("second stage, by the program", scores)
    if len(sys.argv) > 4:
        Path(sys.argv[4]).write_bytes((work / "all").read_bytes())


if __name__ == "__main__":
    main()
