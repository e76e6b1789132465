"""The published English filters: Mosu against datatrove, by CPU-seconds, and whether both keep the same texts.

    python3 benches/filters/compare.py --mosu target/release/mosu [--input FILE.jsonl[.zst|.gz]] [--documents N]
    python3 benches/filters/compare.py --judge target/release/examples/judge    (the library alone, without `corpus`)

FILE holds one object a line, with a string `id` and a `text`. Without one, the script makes an input from the texts that
Python brings with it: its language reference and the sources of its library. It makes a virtual environment beside
itself for the peer. Exit status 1 means that the two kept different texts, or gave different reasons (with --judge).

AI2's datamap-rs is in no package registry, so it isn't run here; elsewhere, on a like machine and with rules of its own
that keep other texts, its Gopher filters took 4.4 MB a CPU-second.
"""

import argparse
import ast
import gzip
import hashlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PINS = ["datatrove[processing]==0.10.1", "spacy==3.8.18", "orjson==3.13.0"]
CHAINS = ["fineweb", "gopher"]


def peer(chain, source, target):
    """Runs in the virtual environment: datatrove's reader and filters, one process, writing kept ids and reasons."""
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )
    from datatrove.pipeline.readers import JsonlReader

    steps = [GopherRepetitionFilter(), GopherQualityFilter()]
    if chain == "fineweb":
        steps += [C4QualityFilter(filter_no_terminal_punct=False), FineWebQualityFilter()]
    folder, name = os.path.split(source)
    with open(target, "w") as out:
        for document in JsonlReader(folder, glob_pattern=name).run():
            reason = None
            for number, step in enumerate(steps):
                answer = step.filter(document)
                if isinstance(answer, tuple):
                    reason = [number, answer[1]]
                    break
            out.write(json.dumps([document.id, reason]) + "\n")


def environment():
    folder = HERE / ".venv"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PINS], check=True)
        (folder / "ready").write_text("\n".join(PINS))
    return python


def texts_of_python():
    """English prose and code of various lengths, without anything but Python."""
    import pydoc_data.topics as topics

    for name, text in sorted(topics.topics.items()):
        yield f"topic/{name}", text
        # The same as a plain page: without marks, paragraphs on one line each.
        plain = re.sub(r'[*"`|]|::', "", text).split("\n\n")
        yield f"page/{name}", "\n\n".join(" ".join(part.split()) for part in plain if part[:1].isalpha())
    library = pathlib.Path(os.__file__).parent
    for path in sorted([*library.glob("*.py"), *library.glob("*/*.py")]):
        text = path.read_text(errors="replace")
        yield f"source/{path.name}", text[:8_000]
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        notes = [ast.get_docstring(node) for node in ast.walk(tree) if isinstance(node, kinds)]
        yield f"notes/{path.name}", "\n".join(" ".join(note.split()) for note in notes if note)[:8_000]


def open_any(path):
    if path.suffix == ".zst":
        process = subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE)
        return process.stdout
    return gzip.open(path) if path.suffix == ".gz" else open(path, "rb")


def prepare(source, documents, folder):
    """Writes the input, plain, and says how many documents and how much text it holds."""
    target = folder / "input.jsonl"
    count = size = 0
    if source:
        lines = open_any(source)
    else:
        made = enumerate(item for item in texts_of_python() if item[1])
        lines = (json.dumps({"id": f"{number} {id}", "text": text}).encode() + b"\n" for number, (id, text) in made)
    with open(target, "wb") as out:
        for line in filter(bytes.strip, lines):
            if documents and count == documents:
                break
            count += 1
            size += len(json.loads(line)["text"].encode("utf-8", "replace"))
            out.write(line)
    return target, count, size


def timed(command, stdout=None):
    """CPU-seconds, of user and system, that a command and its children take."""
    process = subprocess.Popen([str(part) for part in command], stdout=stdout or subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def run_ours(options, chain, source, folder):
    """Our kept ids, our reasons where known, and CPU-seconds of each run."""
    seconds, kept, reasons = [], None, None
    for turn in range(options.repeat):
        if options.judge:
            answers = folder / f"ours-{chain}.jsonl"
            with open(answers, "wb") as out:
                seconds.append(timed([options.judge, chain, source], out))
            rows = [json.loads(line)[:2] for line in open(answers)]
            kept, reasons = sorted(id for id, reason in rows if reason is None), dict(rows)
        else:
            ids = folder / f"ours-{chain}-{turn}.ids"
            recipe, target = f"builtin:{chain}-compat", folder / f"out-{chain}-{turn}"
            command = [options.mosu, "corpus", "run", recipe, source, target, "--kept-ids", ids, "--workers", "1", "--json"]
            seconds.append(timed(command))
            kept = sorted(ids.read_text().splitlines())
    return kept, reasons, seconds


def digest(ids):
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mosu", type=pathlib.Path, default=pathlib.Path("target/release/mosu"))
    parser.add_argument("--judge", type=pathlib.Path, help="the text crate's example, in the place of the command")
    parser.add_argument("--input", type=pathlib.Path)
    parser.add_argument("--documents", type=int, help="only the first so many")
    parser.add_argument("--chain", choices=CHAINS, action="append")
    parser.add_argument("--repeat", type=int, default=3, help="runs of ours; the median counts")
    options = parser.parse_args()
    python = environment()
    same = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source, count, size = prepare(options.input, options.documents, folder)
        print(f"{count} documents, {size / 1e6:.1f} MB of text; {', '.join(PINS[:2])}; CPU-seconds, one worker each")
        print("| chain | who | CPU-s | MB per CPU-s | kept | ids |\n|---|---|---|---|---|---|")
        for chain in options.chain or CHAINS:
            answers = folder / f"peer-{chain}.jsonl"
            peer_seconds = timed([python, __file__, "--as-peer", chain, source, answers])
            rows = [json.loads(line) for line in open(answers)]
            peer_kept = sorted(id for id, reason in rows if reason is None)
            kept, reasons, seconds = run_ours(options, chain, source, folder)
            ours = statistics.median(seconds)
            for who, taken, ids in [("datatrove", peer_seconds, peer_kept), ("Mosu", ours, kept)]:
                print(f"| {chain} | {who} | {taken:.2f} | {size / 1e6 / taken:.2f} | {len(ids)} | `{digest(ids)}` |")
            equal = kept == peer_kept
            print(f"\n{chain}: {peer_seconds / ours:.0f} times datatrove; kept ids {'identical' if equal else 'DIFFER'}", end="")
            if reasons is not None:
                wrong = sum(1 for id, reason in rows if reasons[id] != reason)
                equal = equal and wrong == 0
                print(f"; reasons {'identical' if wrong == 0 else f'differ for {wrong}'}", end="")
            print("\n")
            same = same and equal
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-peer"]:
        peer(*sys.argv[2:])
    else:
        main()
