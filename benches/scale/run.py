#!/usr/bin/env python3
"""A synthetic English set of any size through a whole recipe: time, memory, and what stayed.

    benches/scale/run.py --binary target/release/mosu --gigabytes 12

The text is made from a seed: sentences of common English words in documents of some 5 KB; a tenth of the documents repeats
an earlier one with a sentence changed. It needs that much disk three times over (input, working files, output). Peak memory is
the program's own high-water mark, as the system counts it (VmHWM, in its report).
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

WORDS = """the of and to in is that it was for on are as with they at be this from have or by one had not but what all were when
we there can an your which their said if do will each about how up out them then she many some so these would other into has
more her two like him see time could no make than first been its who now people my made over did down only way find use may
water long little very after words called just where most know get through back much before go good new write our used me man
too any day same right look think also around another came come work three word must because does part even place well such
here take why things help put years different away again off went old number great tell men say small every found still between
name should home big give air line set own under read last never us left end along while might next sound below saw something
thought both few those always looked show large often together asked house world going want school important until form food
keep children feet land side without boy once animals life enough took sometimes four head above kind began almost live page got
earth need far hand high year mother light parts country father let night following picture being study second eyes soon times
story boys since white days ever paper hard near sentence better best across during today others however sure means knew try
told young miles sun ways thing whole hear example heard several change answer room sea against top turned learn point city play
toward five using himself usually""".split()


def sentences(rng, count):
    for _ in range(count):
        words = [rng.choice(WORDS) for _ in range(rng.randrange(8, 22))]
        yield " ".join(words).capitalize() + rng.choice([".", ".", ".", "?"])


def paragraphs(rng, count):
    """Paragraphs as they stand in JSON: made once, for making 12 GB must not take hours."""
    for _ in range(count):
        yield " ".join(sentences(rng, rng.randrange(4, 9)))


def make(folder, size, seed):
    rng, number, done = random.Random(seed), 0, 0
    stock = list(paragraphs(rng, 40_000))
    recent = [stock[0]]
    while done < size:
        written = 0
        with open(folder / f"part-{number:04}.jsonl", "w", buffering=1 << 20) as file:
            while written < 256 << 20 and done + written < size:
                if rng.random() < 0.1:
                    text = rng.choice(recent).replace(".", ", they said.", 1)
                else:
                    text = "\\n\\n".join(rng.choices(stock, k=rng.randrange(6, 12)))
                    if len(recent) < 1000:
                        recent.append(text)
                    elif rng.random() < 0.05:
                        recent[rng.randrange(1000)] = text
                line = f'{{"id": "{number:04}-{written:010}", "text": "{text}"}}\n'
                file.write(line)
                written += len(line)
        done += written
        number += 1
    return done


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--binary", default="target/release/mosu")
    options.add_argument("--gigabytes", type=float, default=1.0)
    options.add_argument("--recipe", default="builtin:fineweb")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--folder", help="where the set and the output go; a temporary folder when left out")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as room:
        room = pathlib.Path(room)
        (room / "in").mkdir()
        began = time.monotonic()
        size = make(room / "in", int(asked.gigabytes * 1e9), asked.seed)
        print(f"made {size / 1e9:.2f} GB in {time.monotonic() - began:.0f} s", flush=True)
        command = [asked.binary, "corpus", "run", asked.recipe, room / "in", room / "out", "--json"]
        command += ["--workers", str(asked.workers)]
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        report = json.loads(done.stdout)
    read = report["steps"][0]
    kept = sum(split["documents"] for split in report["splits"])
    print(f"{read['documents_out']} documents read, {kept} kept, {asked.workers} workers")
    print(f"{report['wall_seconds']:.0f} s, {report['cpu_seconds']:.0f} CPU s, "
          f"{size / 1e6 / report['cpu_seconds']:.1f} MB per CPU second, "
          f"{report['peak_memory_bytes'] / 2**20:.0f} MiB peak")
    for step in report["steps"]:
        print(f"  {step['name']:<12} {step['documents_in']:>10} -> {step['documents_out']:>10}  "
              f"{step['cpu_seconds']:>8.1f} CPU s")


if __name__ == "__main__":
    main()
