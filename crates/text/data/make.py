"""Makes the data files of this folder from public ones; see README.md for sources and licences.

usage: make.py dictionary JIEBA_DICT_TXT | make.py simplified OPENCC_TSCharacters OPENCC_TSPhrases
"""

import math
import pathlib
import sys
import zlib

HERE = pathlib.Path(__file__).parent


def han(word):
    return all("\u4e00" <= c <= "\u9fff" for c in word)


def dictionary(path):
    """Words of Han characters seen at least ten times, each with eight times the binary logarithm of its count."""
    rows = []
    for line in open(path, encoding="utf-8"):
        word, count, _ = line.split(" ")
        if han(word) and len(word) <= 8 and int(count) >= 10:
            rows.append((word, round(8 * math.log2(int(count)))))
    rows.sort()
    text = "".join(f"{word}{weight}\n" for word, weight in rows)
    pressed = zlib.compressobj(9, zlib.DEFLATED, -15)
    (HERE / "zh.words.deflate").write_bytes(pressed.compress(text.encode()) + pressed.flush())


def simplified(characters, phrases):
    """One line each: the traditional form, then the simplified one; phrases that break the rule of their characters."""
    pairs = []
    for path in (characters, phrases):
        for line in open(path, encoding="utf-8"):
            if "\t" in line and not line.startswith("#"):
                old, new = line.rstrip("\n").split("\t")
                new = new.split(" ")[0]
                if old != new or len(old) > 1:
                    pairs.append(f"{old} {new}\n")
    (HERE / "zh.simplified.txt").write_text("".join(pairs), encoding="utf-8")


if __name__ == "__main__":
    {"dictionary": dictionary, "simplified": simplified}[sys.argv[1]](*sys.argv[2:])
