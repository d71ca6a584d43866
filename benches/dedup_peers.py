#!/usr/bin/env python3
"""Lets other programs deduplicate the sets that the benchmark `dedup_accuracy` wrote.

    cargo bench --bench dedup_accuracy -- --dump sets
    pip install 'datatrove[processing]==0.10.1' spacy==3.8.18
    python3 benches/dedup_peers.py datatrove sets datatrove
    pip install text-dedup==0.4.0
    python3 benches/dedup_peers.py text-dedup sets text-dedup
    cargo bench --bench dedup_accuracy -- --answers datatrove=datatrove --answers text-dedup=text-dedup

Every `round-N.jsonl` of the second argument becomes one of the third: a line `{"id", "kept",
"cluster"}` for each document, where the cluster is null for a document without duplicates.

Both programs run with the settings that they come with. datatrove: word 5-grams, 14 buckets of 8
hashes, 64 bits, its English words, which is what its examples do for every language unless they are
told the language; four stages, one task each. text-dedup: its command `minhash`, word 5-grams, 250
permutations, threshold 0.7.
"""

import argparse
import json
import pathlib
import struct
import subprocess
import sys
import tempfile


def read(path):
    with open(path, encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def datatrove(path, work, language):
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader

    config = MinhashConfig()
    folder = lambda name: str(work / name)
    steps = [
        [JsonlReader(str(path.parent), glob_pattern=path.name), MinhashDedupSignature(folder("signatures"), config=config, language=language)],
        [MinhashDedupBuckets(folder("signatures"), folder("buckets"), config=config)],
        [MinhashDedupCluster(folder("buckets"), folder("clusters"), config=config, save_cluster_id=True)],
    ]
    for number, step in enumerate(steps):
        tasks = config.num_buckets if number == 1 else 1
        LocalPipelineExecutor(step, tasks=tasks, workers=1, logging_dir=folder(f"log-{number}")).run()
    numbers = lambda name: struct.iter_unpack("<2I" if name.endswith("clusters") else "<I", (work / "clusters" / name).read_bytes())
    removed = {number for number, in numbers("000000.remove")}
    clusters = dict(numbers("000000.clusters"))
    return [(number not in removed, clusters.get(number)) for number in range(len(read(path)))]


def text_dedup(path, work, _):
    import datasets

    # The command reads what `datasets` has saved, and writes what stays; its clusters lie beside.
    datasets.Dataset.from_list([{"text": record["text"], "number": number} for number, record in enumerate(read(path))]).save_to_disk(str(work / "in"))
    command = [sys.executable, "-m", "text_dedup.minhash", "--path", str(work / "in"), "--local", "--split", "train", "--column", "text",
               "--cache_dir", str(work / "cache"), "--output", str(work / "out"), "--debug"]
    subprocess.run(command, check=True)
    import pickle
    with open(work / "out" / "uf.pkl", "rb") as file:
        union = pickle.load(file)
    kept = set(datasets.load_from_disk(str(work / "out"))["number"])
    return [(number in kept, union.find(number)) for number in range(len(read(path)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", choices=["datatrove", "text-dedup"])
    parser.add_argument("sets", type=pathlib.Path)
    parser.add_argument("answers", type=pathlib.Path)
    parser.add_argument("--language", default="eng", help="datatrove's language of words")
    arguments = parser.parse_args()
    arguments.answers.mkdir(parents=True, exist_ok=True)
    run = {"datatrove": datatrove, "text-dedup": text_dedup}[arguments.program]
    for path in sorted(arguments.sets.glob("round-*.jsonl")):
        with tempfile.TemporaryDirectory() as work:
            answers = run(path.resolve(), pathlib.Path(work), arguments.language)
        with open(arguments.answers / path.name, "w", encoding="utf-8", newline="\n") as out:
            for record, (kept, cluster) in zip(read(path), answers, strict=True):
                print(json.dumps({"id": record["id"], "kept": kept, "cluster": cluster}), file=out)


if __name__ == "__main__":
    main()
