"""Trains the built-in language model: which trigrams of letters each language of Latin and Cyrillic script uses.

usage: languages.py FOLDER    with one CODE.jsonl for each language of CODES, an object with `text` a line

A text is lowered; everything but letters becomes one space. A trigram of its characters is hashed (FNV-1a over code
points) into 2,048 buckets. The table holds, for each language and bucket, twelve times the negative binary logarithm of
its probability, in one byte. Documentation is full of English, so that lines that are also in the English
files, or likelier English than their own language, are left out. The last tenth of every file is kept for measuring.
"""

import collections
import json
import math
import pathlib
import sys

CODES = "en de fr es pt it nl pl tr vi sv cs id da fi hu ro nb ca ru uk sr".split()
BUCKETS = 2048
LETTERS = 700_000


def trigrams(text):
    plain = " " + " ".join("".join(c if c.isalpha() else " " for c in text.lower()).split()) + " "
    for i in range(len(plain) - 2):
        value = 2166136261
        for c in plain[i:i + 3]:
            value = ((value ^ ord(c)) * 16777619) & 0xFFFFFFFF
        # The low bits of a product of few factors are poor.
        yield (value ^ value >> 15) % BUCKETS


def lines(folder, code):
    rows = [json.loads(line)["text"] for line in open(folder / f"{code}.jsonl", encoding="utf-8")]
    rows = [row for place, row in enumerate(rows) if place % 10 != 9]
    step = max(1, sum(map(len, rows)) // LETTERS // 6)
    script = lambda c: "a" <= c.lower() <= "\u024f" or "\u1e00" <= c <= "\u1eff"
    for row in rows[::step]:
        for line in row.split("\n"):
            letters = [c for c in line if c.isalpha()]
            latin = sum(map(script, letters))
            wanted = latin * 5 < len(letters) if code in ("ru", "uk", "sr") else latin * 10 > 9 * len(letters)
            if len(letters) >= 20 and wanted:
                yield line


def table(counts):
    all = sum(counts.values()) + BUCKETS * .5
    return [min(255, round(-12 * math.log2((counts[b] + .5) / all))) for b in range(BUCKETS)]


def main():
    folder = pathlib.Path(sys.argv[1])
    texts = {}
    untranslated = {line for row in open(folder / "en.jsonl", encoding="utf-8") for line in json.loads(row)["text"].split("\n")}
    for code in CODES:
        seen, kept, letters = set() if code == "en" else set(untranslated), [], 0
        for line in lines(folder, code):
            if line not in seen and letters < LETTERS:
                seen.add(line)
                kept.append(list(trigrams(line)))
                letters += len(line)
        texts[code] = kept
        print(code, len(kept), letters)
    rows = {code: table(collections.Counter(b for line in texts[code] for b in line)) for code in CODES}
    english = rows["en"]
    for code in CODES[1:]:
        own = rows[code]
        good = [line for line in texts[code] if sum(own[b] for b in line) < sum(english[b] for b in line)]
        print(code, f"{len(good) / len(texts[code]):.3f} kept")
        rows[code] = table(collections.Counter(b for line in good for b in line))
    out = b"".join(bytes(rows[code]) for code in CODES)
    (pathlib.Path(__file__).parent / "languages.bin").write_bytes((" ".join(CODES) + "\n").encode() + out)


if __name__ == "__main__":
    main()
