"""Pages, labels, scores: what training and evaluation share. Word-F1 is the benchmark's own definition."""

import gzip
import json
import re
import struct
from collections import Counter
from pathlib import Path

import numpy as np

WORD = re.compile(r"\w+")


def words(text):
    return WORD.findall(text.lower())


def word_f1(predicted, reference):
    """F1 over words as multisets; both are lists of words."""
    if not reference or not predicted:
        return 1.0 if not reference and not predicted else 0.0
    overlap = sum((Counter(predicted) & Counter(reference)).values())
    return 2 * overlap / (len(predicted) + len(reference))


def gold(benchmark, split="dev"):
    """{page: (words of the main text, kind, site)} of one split."""
    sites = json.loads((benchmark / "metadata.json").read_text())["files"]
    pages = {}
    for path in sorted((benchmark / split / "ground-truth").glob("*.json")):
        data = json.loads(path.read_text())
        kind = ((data.get("_internal") or {}).get("page_type") or {}).get("primary", "article")
        text = (data.get("ground_truth") or {}).get("main_content") or ""
        pages[path.stem] = (words(text), kind, sites.get(path.stem, {}).get("domain", path.stem))
    return pages


def unpack(benchmark, split, folder):
    """Writes a split's pages as plain .html files."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (benchmark / split / "html").glob("*.html.gz"):
        (folder / path.name[:-3]).write_bytes(gzip.open(path).read())


def read_blocks(path):
    """[(text, words, buckets of words, buckets of marks)] from `train buckets`."""
    data, at, blocks = path.read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        text = data[at + 4 : at + 4 + size].decode()
        at += 4 + size
        (count,) = struct.unpack_from("<f", data, at)
        at += 4
        tables = []
        for _ in range(2):
            (size,) = struct.unpack_from("<I", data, at)
            tables.append(np.frombuffer(data, "<u4", size, at + 4))
            at += 4 + 4 * size
        blocks.append((text, count, *tables))
    return blocks


def read_columns(path, rows):
    """(features by row, scores) from `train columns`."""
    data = path.read_bytes()
    (count,) = struct.unpack_from("<I", data, 0)
    table = np.frombuffer(data, "<f4", (count + 1) * rows, 4).reshape(count + 1, rows)
    return table[:count].T, table[count]


SPAN = 5
LEAST = 8


def label(blocks, reference):
    """The part of each block's words that is in the reference: words in a run of SPAN words that both have. Runs may
    cross borders of blocks, which is how short blocks are told apart. Each run counts as often as the reference has
    it, so a second copy of a text is no gold."""
    lists = [words(text) for text, *_ in blocks]
    flat = [word for words_ in lists for word in words_]
    runs = Counter(tuple(reference[at : at + SPAN]) for at in range(len(reference) - SPAN + 1))
    vocabulary = set(reference)
    hit = np.zeros(len(flat), bool)
    for at in range(len(flat) - SPAN + 1):
        if flat[at] not in vocabulary:
            continue
        run = tuple(flat[at : at + SPAN])
        if runs.get(run, 0) > 0:
            runs[run] -= 1
            hit[at : at + SPAN] = True
    labels, at = [], 0
    for words_ in lists:
        part = hit[at : at + len(words_)]
        at += len(words_)
        labels.append(float(part.mean()) if len(part) else 0.0)
    return np.array(labels), lists


def expected_choice(scores, counts):
    """The same rule as select.rs: the blocks with the greatest expected F1."""
    order = np.argsort(-scores, kind="stable")
    order = order[counts[order] > 0]
    if not len(order):
        return np.zeros(len(scores), bool)
    right = np.cumsum(scores[order] * counts[order])
    chosen = np.cumsum(counts[order])
    best = int(np.argmax(right / (chosen + right[-1])))
    keep = np.zeros(len(scores), bool)
    if right[-1] >= LEAST:
        keep[order[: best + 1]] = True
    return keep


def page_f1(keep, lists, reference):
    return word_f1([word for kept, words_ in zip(keep, lists) if kept for word in words_], reference)


def empty_forest():
    return struct.pack("<ffH", 0, 1, 0)


def quantise(weights):
    scale = max(float(np.abs(weights).max()), 1e-9) / 127
    return scale, np.round(weights / scale).astype(np.int8).tobytes()


def pack(tables, forests):
    """The file of weights, as model.rs reads it."""
    (word_scale, word_bytes), (mark_scale, mark_bytes) = map(quantise, tables)
    forests = [forest or empty_forest() for forest in forests]
    return b"extract1" + struct.pack("<ff", word_scale, mark_scale) + word_bytes + mark_bytes + b"".join(forests)
