"""One peer's run over a JSONL file of `id` and `text`: peers.py PEER FILE KEPT SCRATCH UNIT

All with 5-grams and 112 minima in 14 bands of 8, on one core. Writes the ids that the peer keeps, one a line."""

import json
import os
import sys

BANDS, ROWS, NGRAM = 14, 8, 5


def write(path, ids):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(id + "\n" for id in sorted(ids))


def datatrove(source, kept, scratch, unit):
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    folder, name = os.path.split(os.path.abspath(source))
    config = MinhashConfig(n_grams=NGRAM, num_buckets=BANDS, hashes_per_bucket=ROWS)
    language = "eng" if unit == "words" else "cmn_Hani"

    def reader():
        return JsonlReader(folder, glob_pattern=name)

    def run(*pipeline, tasks=1):
        LocalPipelineExecutor(pipeline=list(pipeline), tasks=tasks, workers=1).run()

    run(reader(), MinhashDedupSignature(f"{scratch}/signatures", config, language=language))
    run(MinhashDedupBuckets(f"{scratch}/signatures", f"{scratch}/buckets", config=config), tasks=BANDS)
    run(MinhashDedupCluster(f"{scratch}/buckets", f"{scratch}/remove", config=config))
    writer = JsonlWriter(f"{scratch}/kept", compression=None)
    run(reader(), MinhashDedupFilter(f"{scratch}/remove"), writer)
    ids = []
    for entry in os.scandir(f"{scratch}/kept"):
        with open(entry.path, encoding="utf-8") as file:
            ids.extend(json.loads(line)["id"] for line in file)
    write(kept, ids)


def connected(ids, bands):
    """Ids of which no smaller one shares a band, directly or by others."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    parent = list(range(len(ids)))

    def root(member):
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for band in bands:
        first = {}
        for rank, document in enumerate(order):
            a, b = root(rank), root(first.setdefault(band[document], rank))
            parent[max(a, b)] = min(a, b)
    return [ids[document] for rank, document in enumerate(order) if root(rank) == rank]


def daft(source, kept, scratch, unit):
    import daft as engine
    import numpy
    from daft.functions import minhash, normalize

    engine.set_runner_native()
    frame = engine.read_json(source)
    text = normalize(frame["text"], remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
    signature = minhash(text, num_hashes=BANDS * ROWS, ngram_size=NGRAM, hash_function="xxhash")
    table = frame.select(frame["id"], signature.alias("signature")).to_arrow()
    ids = table["id"].to_pylist()
    rows = numpy.array(table["signature"].to_pylist(), dtype=numpy.uint32).reshape(len(ids), BANDS, ROWS)
    bands = ([row.tobytes() for row in rows[:, band]] for band in range(BANDS))
    write(kept, connected(ids, bands))


def data_juicer(source, kept, scratch, unit):
    from data_juicer.core.data import NestedDataset
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator

    with open(source, encoding="utf-8") as file:
        dataset = NestedDataset.from_list([json.loads(line) for line in file])
    operator = DocumentMinhashDeduplicator(
        tokenization="space" if unit == "words" else "character",
        window_size=NGRAM,
        ignore_pattern=r"\p{P}" if unit == "words" else r"\s",
        num_permutations=BANDS * ROWS,
        num_bands=BANDS,
        num_rows_per_band=ROWS,
    )
    dataset = dataset.map(operator.compute_hash)
    dataset, _ = operator.process(dataset)
    write(kept, dataset["id"])


def duckdb(source, kept, scratch, unit):
    import duckdb as engine

    engine.sql("set threads = 1")
    count = engine.execute("select count(distinct sha256(text)) from read_json(?)", [source]).fetchone()[0]
    with open(kept, "w", encoding="utf-8") as file:
        file.write(f"{count}\n")


if __name__ == "__main__":
    peer, *arguments = sys.argv[1:]
    {"datatrove": datatrove, "daft": daft, "data-juicer": data_juicer, "duckdb": duckdb}[peer](*arguments)
