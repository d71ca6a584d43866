#!/usr/bin/env python3
"""Times fastText's own code on the documents that the benchmark `langid` wrote.

    cargo bench --bench langid -- --dump texts.jsonl
    pip install fasttext-predict==0.9.2.4
    python3 benches/langid_peers.py texts.jsonl [--model models/lid.176.ftz] [--runs 5]

Needs Python 3.9 or later and the package `fasttext-predict`, which is fastText 0.9.2 in C++,
without its trainer. Prints megabytes of text per second of the thread's processor time, the median,
slowest and fastest of `--runs` after one that is not counted, and microseconds a document, as the
benchmark does. What Python adds to a call is in it: about a microsecond.
"""

import argparse
import json
import pathlib
import time

import fasttext


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("texts", type=pathlib.Path)
    models = pathlib.Path(__file__).resolve().parent.parent / "models"
    parser.add_argument("--model", default=str(models / "lid.176.ftz"))
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    model = fasttext.load_model(arguments.model)

    by_size = {}
    with open(arguments.texts, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            record = json.loads(line)
            by_size.setdefault(record["size"], []).append(record["text"])

    print(f"{'bytes':>6} {'k':>3} {'MB/s':>8} {'slowest':>8} {'fastest':>8} {'us/doc':>10}")
    for size, documents in by_size.items():
        megabytes = sum(len(text.encode()) for text in documents) / 1e6
        for count in (1, 5):
            seconds = []
            for _ in range(arguments.runs + 1):
                began = time.thread_time()
                for text in documents:
                    model.predict(text, count, 0.0)
                seconds.append(time.thread_time() - began)
            seconds = sorted(seconds[1:])
            median = seconds[(len(seconds) - 1) // 2]
            speeds = [megabytes / second for second in (median, seconds[-1], seconds[0])]
            figures = " ".join(f"{speed:8.2f}" for speed in speeds)
            print(f"{size:>6} {count:>3} {figures} {median * 1e6 / len(documents):>10.2f}")


if __name__ == "__main__":
    main()
