#!/usr/bin/env python3
"""The tables of `docs/pii.md` from evaluations of several programs.

    sapwood pii-eval --gold gold.jsonl --json > sapwood.json
    sapwood pii-eval --gold gold.jsonl --found dolma.jsonl --tags EMAIL,IP_ADDRESS,PHONE --json > dolma.json
    python3 benches/pii_table.py sapwood.json dolma.json

With `--write docs/pii.md TITLE` before the files they are put into that page, between the marks
`<!-- TITLE -->` and `<!-- end of TITLE -->`. Needs Python 3.9 or later. A program is called by the name of its file, and sapwood comes first.
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
    yield row([title, "labels", *(name for name, _ in programs)])
    yield row(["---", "---:", *("---:" for _ in programs)])
    for name in names:
        labels = programs[0][1][key][name]["labels"]
        yield row([name, f"{labels:,}", *(cell(it[key].get(name)) for _, it in programs)])
    overall = [f"{cell(it['overall'])} of {it['overall']['labels']:,}" for _, it in programs]
    yield row(["all that it claims", f"{programs[0][1]['overall']['labels']:,}", *overall])
    yield ""


def main():
    paths, page = sys.argv[1:], None
    if paths[:1] == ["--write"]:
        page, title, paths = pathlib.Path(paths[1]), paths[2], paths[3:]
    programs = [(pathlib.Path(path).stem, json.loads(pathlib.Path(path).read_text("utf-8"))) for path in paths]
    if not programs:
        sys.exit(__doc__)
    tables = "\n".join([*table("tag", "tags", programs), *table("language", "languages", programs)])
    if page is None:
        print(tables)
        return
    before, rest = page.read_text("utf-8").split(f"<!-- {title} -->", 1)
    _, after = rest.split(f"<!-- end of {title} -->", 1)
    page.write_text(f"{before}<!-- {title} -->\n\n{tables}\n<!-- end of {title} -->{after}", "utf-8")


if __name__ == "__main__":
    main()
