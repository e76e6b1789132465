#!/usr/bin/env python3
"""Reading speed of `intake` beside FastWARC, warcio, libdeflate and sonic-rs, in one run.

usage: compare.py [--pages FOLDER] [--jsonl FILE] [--megabytes N] [--turns N] [--work FOLDER]

Makes a WARC with a gzip member for each record, of the HTML files below FOLDER or of pages made by chance, and reads
it with each reader; makes a JSONL file or takes the one that is given, and reads it with `intake` and sonic-rs.
All take turns; medians count. Figures are megabytes (of records, unpacked) per second of processor time, so that a
busy machine disturbs less. Numbers of records and a digest over all payloads have to be equal, else it fails.

Needs Python 3 and cargo; makes a virtual environment of its own in the work folder.
"""

import argparse
import gzip
import itertools
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import venv

PINS = ["FastWARC==2.0.1", "warcio==1.8.1"]
ROOT = pathlib.Path(__file__).resolve().parents[2]

READER = r"""
import hashlib, json, sys, time
peer, path, digest = sys.argv[1], sys.argv[2], sys.argv[3] == "digest"
records = size = total = 0
def payload(bytes_):
    global records, size, total
    records += 1
    size += len(bytes_)
    if digest:
        total = (total + int.from_bytes(hashlib.sha256(bytes_).digest()[:16], "big")) % 2**128
began = time.process_time()
if peer == "fastwarc":
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    for record in ArchiveIterator(path, record_types=WarcRecordType.response):
        payload(record.reader.read())
else:
    from warcio.archiveiterator import ArchiveIterator
    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                payload(record.content_stream().read())
print(json.dumps({"records": records, "payload_bytes": size, "cpu_seconds": time.process_time() - began,
                  "digest": f"{total:032x}"}))
"""


def words(chance, count):
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    weights = [1 / (rank + 2) for rank in range(len(letters))]
    return ["".join(chance.choices(letters, weights, k=chance.randint(2, 11))) for _ in range(count)]


def made_pages(chance, megabytes):
    """Pages with a menu, articles and a footer; as well packed as real ones, about five to one."""
    vocabulary = words(chance, 30_000)
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
    # A page says the same phrases again and again, as real ones do.
    phrases = [" ".join(chance.choices(vocabulary, cum_weights=weights, k=chance.randint(2, 9))) for _ in range(3000)]
    bytes_left = megabytes * 1_000_000
    while bytes_left > 0:
        own = chance.sample(phrases, 60)
        parts = ["<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>page</title></head><body><nav><ul>"]
        for word in chance.choices(vocabulary, k=chance.randint(20, 200)):
            parts.append(f'<li class="menu-item menu-item-{chance.randint(1, 9999)}"><a href="/{word}">{word}</a></li>')
        parts.append("</ul></nav><article>")
        for _ in range(min(400, int(chance.lognormvariate(3, 1)) + 1)):
            text = " ".join(chance.choices(own, k=chance.randint(3, 25)))
            parts.append(f'<p class="paragraph">{text.capitalize()}.</p>\n')
        parts.append('</article><footer class="footer">all rights reserved</footer></body></html>')
        page = "".join(parts).encode()
        bytes_left -= len(page)
        yield page


def found_pages(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.htm*")):
        data = path.read_bytes()
        yield gzip.decompress(data) if path.suffix == ".gz" else data


def write_warc(path, pages):
    def record(kind, number, media, block):
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
            f"WARC-Target-URI: http://example.org/{number}\r\nContent-Type: application/http; msgtype={media}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)

    with open(path, "wb") as out:
        for number, page in enumerate(pages):
            out.write(record("request", 2 * number, "request", b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"))
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
            out.write(record("response", 2 * number + 1, "response", http + page))


def write_jsonl(path, chance, megabytes):
    vocabulary = words(chance, 30_000)
    bytes_left, number = megabytes * 1_000_000, 0
    with open(path, "w") as out:
        while bytes_left > 0:
            lines = (" ".join(chance.choices(vocabulary, k=chance.randint(5, 40))) for _ in range(chance.randint(5, 120)))
            text = "\n".join(lines) + '\n"quoted"'
            record = {"id": f"d{number}", "text": text, "url": f"http://example.org/{number}", "score": number / 7}
            number += 1
            bytes_left -= out.write(json.dumps(record) + "\n")


def run(*command):
    done = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def built(example):
    command = ["cargo", "build", "--release", "-p", "intake", "--example", example, "--message-format", "json"]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout
    names = (json.loads(line).get("executable") for line in out.splitlines())
    return [name for name in names if name][-1]


def table(title, runs, bytes_of):
    print(f"\n{title}")
    medians = {}
    for name, turns in runs.items():
        speeds = [bytes_of(name, turn) / 1e6 / turn["cpu_seconds"] for turn in turns]
        medians[name] = statistics.median(speeds)
        print(f"  {name:<28} {medians[name]:8.0f} MB/CPU-s   ({min(speeds):.0f} to {max(speeds):.0f})")
    return medians


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", help="folder of HTML files, .gz allowed")
    parser.add_argument("--jsonl", help="JSONL file with a field `text`")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--work", default=pathlib.Path(tempfile.gettempdir()) / "mosu-bench-reading")
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work)
    work.mkdir(parents=True, exist_ok=True)
    python = work / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(work / "venv", with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", *PINS], check=True)
    reader, sonic = built("read"), built("sonic")

    chance = random.Random(1)
    warc = work / "pages.warc.gz"
    write_warc(warc, found_pages(arguments.pages) if arguments.pages else made_pages(chance, arguments.megabytes))
    ours, fast, slow = (
        run(reader, warc, "--digest"),
        run(python, "-c", READER, "fastwarc", warc, "digest"),
        run(python, "-c", READER, "warcio", warc, "digest"),
    )
    for key in ("records", "digest"):
        if not ours[key] == fast[key] == slow[key]:
            sys.exit(f"{key} differ: ours {ours[key]}, FastWARC {fast[key]}, warcio {slow[key]}")
    print(f"equal: {ours['records']} pages, digest {ours['digest']}")
    raw = [run(reader, warc, "--raw-gunzip") for _ in range(arguments.turns)]
    size = raw[0]["record_bytes"]
    runs = {"libdeflate, unpacking only": raw, "intake": [], "FastWARC": [], "warcio": []}
    for _ in range(arguments.turns):
        runs["intake"].append(run(reader, warc))
        runs["FastWARC"].append(run(python, "-c", READER, "fastwarc", warc, "no"))
        runs["warcio"].append(run(python, "-c", READER, "warcio", warc, "no"))
    title = f"WARC, {warc.stat().st_size / 1e6:.0f} MB packed, {size / 1e6:.0f} MB unpacked ({', '.join(PINS)})"
    medians = table(title, runs, lambda *_: size)
    share = medians["intake"] / medians["libdeflate, unpacking only"]
    print(f"  intake has {share:.0%} of libdeflate's speed, {medians['intake'] / medians['FastWARC']:.2f} of FastWARC's")

    jsonl = pathlib.Path(arguments.jsonl) if arguments.jsonl else work / "texts.jsonl"
    if not arguments.jsonl:
        write_jsonl(jsonl, chance, arguments.megabytes)
    runs = {"intake": [], "sonic-rs, whole values": [], "sonic-rs, the same fields": []}
    for _ in range(arguments.turns):
        ours, parsed = run(reader, jsonl), run(sonic, jsonl)
        for key in ("records", "text_bytes"):
            if ours[key] != parsed[key]:
                sys.exit(f"{key} differ: ours {ours[key]}, sonic-rs {parsed[key]}")
        runs["intake"].append(ours)
        runs["sonic-rs, whole values"].append({"cpu_seconds": parsed["whole_cpu_seconds"]})
        runs["sonic-rs, the same fields"].append({"cpu_seconds": parsed["fields_cpu_seconds"]})
    size = jsonl.stat().st_size
    title = f"JSONL, {size / 1e6:.0f} MB; intake also reads the file, sonic-rs finds it in memory; equal texts"
    table(title, runs, lambda *_: size)


if __name__ == "__main__":
    main()
