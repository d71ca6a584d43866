#!/usr/bin/env python3
"""Puts the figures of the benchmark `dedup_accuracy` into the tables of docs/dedup.md.

    python3 benches/dedup_tables.py docs/dedup.md --made made.json --mixed mixed.json --curve curve.json

The files are what the benchmark writes with `--json`. A table stands behind a comment with its name
and ends with an empty line; those of a file that is not given stay as they are. The first contender
of a file is sapwood's default.
"""

import argparse
import json
import re

LENGTHS = {"short": "20–49 words", "medium": "50–249 words", "long": "250 words or more"}
GROUPS = ["Latin", "Niger-Congo", "Cyrillic", "Arabic", "Indic", "Chinese", "Japanese", "Thai, Lao, Khmer, Burmese", "other scripts", "code"]
RECIPES = ["boilerplate", "short page in long", "notices", "licence header", "version half new", "template", "template pages", "untranslated part"]
TENTHS = [(0, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10)]


def percent(found, of):
    if not of:
        return "–"
    # A share that is not whole must not look so.
    return "100" if found == of else f"{found * 1000 // of / 10:.1f}"


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def copies(contender, **asked):
    cells = [it["share"] for it in contender["recall"] if all(it["copies"][key] == value for key, value in asked.items())]
    return sum(it["found"] for it in cells), sum(it["of"] for it in cells)


def recall(contenders):
    shares = sorted({it["copies"]["percent"] for it in contenders[0]["recall"]})
    head = [""] + ["exact" if share == 0 else f"{share} %" for share in shares]
    rows = [["copies"] + [f"{copies(contenders[0], percent=share)[1]:,}" for share in shares]]
    rows += [[it["name"]] + [percent(*copies(it, percent=share)) for share in shares] for it in contenders]
    return table(head, rows)


def groups(contenders):
    shown = [(contenders[0], (2, 5, 10, 20))] + [(it, (2, 5, 10)) for it in contenders[1:] if it["stages"] is None]
    head = ["", "copies"] + [f"{it['name']}, {share} %" if share == 2 else f"{share} %" for it, shares in shown for share in shares]
    rows = []
    for name, asked in [(name, {"length": it}) for it, name in LENGTHS.items()] + [(it, {"group": it}) for it in GROUPS]:
        of = copies(contenders[0], **asked)[1]
        if of:
            rows.append([name, f"{of:,}"] + [percent(*copies(it, percent=share, **asked)) for it, shares in shown for share in shares])
    return table(head, rows)


def different(contenders):
    def cells(contender, recipe):
        def merged(start, end):
            found = [it["merged"] for it in contender["different_documents"] if recipe in (None, it["pairs"]["recipe"]) and start <= it["pairs"]["aligned"] < end]
            return sum(it["found"] for it in found), sum(it["of"] for it in found)

        tenths = [merged(*tenth) for tenth in TENTHS]
        return [f"{merged(0, 10)[1]:,}"] + [f"{found} of {of:,}" if of else "–" for found, of in tenths]

    rows = [[recipe] + cells(contenders[0], recipe) for recipe in RECIPES]
    rows += [[f"all, {it['name']}"] + cells(it, None) for it in contenders]
    return table(["", "pairs"] + [f"{start}0–{end}0 %" if start else f"0–{end}0 %" for start, end in TENTHS], rows)


def precision(contenders):
    share = lambda it: f"{it['found'] / max(it['of'], 1):.4f}"
    rows = []
    for it in contenders:
        removed = {key: sum(group[key] for group in it["removed"].values()) for key in ("found", "of")}
        pairs, similar = it["pairs_in_clusters"], it["similar_pairs"]
        rows.append([it["name"], f"{removed['of']:,}", share(removed), f"{pairs['of']:,}", share(pairs), f"{similar['found']:,} of {similar['of']:,}", share(it["removed_similar"])])
    head = ["", "removed", "rightly", "pairs in clusters", "that belong together", "pairs of Jaccard ≥ 0.8 found", "removed that have Jaccard ≥ 0.8"]
    return table(head, rows)


def curve(curves):
    head = ["similarity"] + [cell for it in curves for cell in (f"{it['bands']} × {it['rows']}: pairs", "found", "theory")]
    rows = []
    for at, first in enumerate(curves[0]["bins"]):
        bins = [it["bins"][at] for it in curves]
        cells = [[f"{it['pairs']:,}", f"{100 * it['found'] / it['pairs']:.1f}", f"{100 * it['expected'] / it['pairs']:.1f}"] if it["pairs"] else ["–"] * 3 for it in bins]
        rows.append([f"{first['from']:.2f}–{first['to']:.2f}"] + sum(cells, []))
    return table(head, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page")
    for name in ("made", "mixed", "curve"):
        parser.add_argument(f"--{name}")
    arguments = parser.parse_args()
    tables = {}
    if arguments.made:
        contenders = json.load(open(arguments.made))["contenders"]
        tables |= {"copies": recall(contenders), "groups": groups(contenders), "different": different(contenders), "precision": precision(contenders)}
    if arguments.mixed:
        contenders = json.load(open(arguments.mixed))["contenders"]
        tables |= {"mixed copies": recall(contenders), "mixed precision": precision(contenders)}
    if arguments.curve:
        tables["curve"] = curve(json.load(open(arguments.curve))["curves"])
    page = open(arguments.page, encoding="utf-8").read()
    for name, text in tables.items():
        mark = f"<!-- dedup_tables.py: {name} -->\n\n"
        page, found = re.subn(re.escape(mark) + r"(\|[^\n]*\n)*", lambda _: mark + text + "\n", page)
        assert found == 1, name
    with open(arguments.page, "w", encoding="utf-8", newline="\n") as out:
        out.write(page)


if __name__ == "__main__":
    main()
