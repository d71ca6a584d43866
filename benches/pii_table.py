#!/usr/bin/env python3
"""The tables of `docs/pii.md` from evaluations of several programs.

    sapwood pii-eval --gold gold.jsonl --json > sapwood.json
    sapwood pii-eval --gold gold.jsonl --found dolma.jsonl --tags EMAIL,IP_ADDRESS,PHONE --json > dolma.json
    python3 benches/pii_table.py sapwood.json dolma.json

Needs Python 3.9 or later. A program is called by the name of its file, and sapwood comes first.
"""

import json
import pathlib
import sys


def row(cells):
    return "| " + " | ".join(cells) + " |"


def cell(scores):
    """Recall and precision; a dash for what the program does not claim to find."""
    if scores is None or not scores["labels"] + scores["false_positives"]:
        return "–"
    recall = f"{scores['recall']:.3f}" if scores["labels"] else "–"
    return f"{recall} / {scores['precision']:.3f}"


def table(title, key, programs):
    names = sorted(programs[0][1][key])
    print(row([title, "labels", *(name for name, _ in programs)]))
    print(row(["---", "---:", *("---:" for _ in programs)]))
    for name in names:
        labels = programs[0][1][key][name]["labels"]
        print(row([name, f"{labels:,}", *(cell(it[key].get(name)) for _, it in programs)]))
    overall = [f"{cell(it['overall'])} of {it['overall']['labels']:,}" for _, it in programs]
    print(row(["all that it claims", f"{programs[0][1]['overall']['labels']:,}", *overall]))
    print()


def main():
    programs = [(pathlib.Path(path).stem, json.loads(pathlib.Path(path).read_text("utf-8"))) for path in sys.argv[1:]]
    if not programs:
        sys.exit(__doc__)
    table("tag", "tags", programs)
    table("language", "languages", programs)


if __name__ == "__main__":
    main()
