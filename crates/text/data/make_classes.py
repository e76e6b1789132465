"""Makes classes.txt and english.txt, the facts that the `compat` rules look up.

    python3 -m venv v && v/bin/pip install spacy==3.8.18 datatrove==0.10.1 regex && v/bin/python make_classes.py

Run it with the Python whose Unicode version the peers would use: str.isalpha, str.isspace and the regular expressions'
digits and word characters follow it. classes.txt holds one line a run of code points that share a set of classes
(`from to bits`, all hexadecimal); the bits are those of `Class` in src/compat/class.rs. english.txt holds one line an
exception of spaCy's English tokenizer: its tokens, separated by spaces.
"""

import pathlib
import re
import sys
import unicodedata

import spacy
from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION
from spacy.lang import char_classes as cc
from spacy.lang.punctuation import TOKENIZER_PREFIXES, TOKENIZER_SUFFIXES
from spacy.pipeline import Sentencizer
from spacy.symbols import ORTH

nlp = spacy.blank("en")
here = pathlib.Path(__file__).parent


def single(entries, anchor):
    """What one character alone matches; `+` before a digit is a rule of its own."""
    found = re.compile("|".join(anchor.format(e) for e in entries if e.strip())).search
    return lambda c: c != "+" and found(c) is not None


def member(inside):
    found = re.compile(f"[{inside}]").match
    return lambda c: found(c) is not None


dot_left = r"0-9{al}{e}{p}(?:{q})".format(al=cc.ALPHA_LOWER, e=r"%²\-\+", q=cc.CONCAT_QUOTES, p=cc.PUNCT)
assert f"(?<=[{dot_left}])\\." in TOKENIZER_SUFFIXES, "spaCy's rule for a full stop has changed"
enders = set(Sentencizer.default_punct_chars)
word, digit = re.compile(r"\w").match, re.compile(r"\d").match
CLASSES = [
    member(cc.ALPHA),
    member(cc.ALPHA_LOWER),
    member(cc.ALPHA_UPPER),
    single(TOKENIZER_PREFIXES, "^{}"),
    single(TOKENIZER_SUFFIXES, "{}$"),
    member(cc.ICONS),
    member(dot_left),
    member(cc.CONCAT_QUOTES),
    str.isspace,
    str.isalpha,
    lambda c: unicodedata.category(c).startswith("P"),
    lambda c: c in PUNCTUATION_SET,
    lambda c: c in enders,
    lambda c: c in TERMINAL_PUNCTUATION,
    lambda c: word(c) is not None,
    lambda c: digit(c) is not None,
]


def bits(point):
    if 0xD800 <= point < 0xE000:
        return 0
    c = chr(point)
    return sum(1 << n for n, holds in enumerate(CLASSES) if holds(c))


with open(here / "classes.txt", "w") as out:
    start, now = 0, bits(0)
    for point in range(1, sys.maxunicode + 2):
        new = bits(point) if point <= sys.maxunicode else None
        if new != now:
            if now:
                out.write(f"{start:x} {point - 1:x} {now:x}\n")
            start, now = point, new

with open(here / "english.txt", "w") as out:
    for rule, tokens in sorted(nlp.tokenizer.rules.items()):
        if not rule.isspace():
            out.write(" ".join(t[ORTH] for t in tokens) + "\n")

lower = [c for c in map(chr, range(128, sys.maxunicode + 1)) if any(x < "\x80" for x in c.lower())]
assert lower == ["\u0130", "\u212a"], "c4.rs knows two characters whose lower case holds ASCII"
