#!/usr/bin/env python3
"""Compares models/roots-lid.ftz, lid.176.ftz and the stage of pipelines/roots.yaml with CLD2 and lingua.

    python3 -m venv V && V/bin/pip install pycld2==0.42 lingua-language-detector==2.1.1
    cargo build --release
    V/bin/python models/roots-lid/compare.py CORPUS [--docs docs/langid.md] [--lingua 50]

CORPUS is what corpus.py wrote: heldout.jsonl, other.jsonl, independent.jsonl. Writes
models/roots-lid/comparison.json, and Markdown tables to standard output or, with --docs, between the
markers `<!-- compare.py: NAME -->` and `<!-- end -->` of that file. Python 3.11.

What is compared, each on the same texts:

roots-lid  the model alone, on the text as it is
lid.176    the same of lid.176.ftz
stage      the stage `langid` of pipelines/roots.yaml, after its `normalize`
CLD2       pycld2 0.42 with bestEffort, which does better on these texts than without (both are in the JSON)
lingua     2.1.1, all its 75 languages, high accuracy. It is slow and is asked of a seeded sample only

The first three answer through `sapwood score`. A text is right if the answer, by `label()`, is its label.
A language without a label in a tool is "not supported" (–) there and not wrong; means are given with it
counted as 0 and with it left out.
"""

import argparse
import collections
import json
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
ROOTS = (
    "ak ar as bm bn ca en es eu fon fr gu hi id ig ki kn lg ln ml mr ne nso ny or pa pt rn rw sn st sw ta te tn ts "
    "tum tw ur vi wo xh yo zh-Hans zh-Hant zu"
).split()
CHINESE = {"zh-Hans", "zh-Hant"}
# Neither lid.176 nor lingua tells the two forms of Chinese apart: compared with them it is one language.
MERGED = [label for label in ROOTS if label not in CHINESE] + ["zh"]
GROUPS = [
    "id ms jv min",
    "rn rw",
    "xh zu",
    "nso st tn",
    "ak tw",
    "hi mr ne bho mai",
    "es ca pt gl ast oc",
    "ny tum",
    "bn as",
    "zh-Hans zh-Hant",
]
PROGRAMS = set("c cpp csharp go java javascript lua php python ruby rust scala typescript code".split())
# What else a tool calls a language of the corpus.
CODES = {
    "lid.176": {"no": "nb", "bh": "bho", "als": "gsw"},
    "CLD2": {"iw": "he", "jw": "jv", "no": "nb", "bh": "bho", "un": "zxx", "zh": "zh-Hans"},
    "lingua": {},
}
TOOLS = ["roots-lid", "lid.176", "stage", "CLD2"]


def label(tool, answer, truth):
    """The answer of a tool in the labels of the corpus."""
    answer = CODES.get(tool, {}).get(answer, answer)
    if answer == "unknown" or answer in PROGRAMS:
        return "zxx"
    # CLD2 calls all of Akan `ak`: right for Fante and Twi alike.
    if tool == "CLD2" and answer == "ak" and truth == "tw":
        return "tw"
    return answer


def merge(name):
    return "zh" if name in CHINESE else name


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def labels_of(model):
    """The labels of a fastText file, which stand in its dictionary."""
    return {name.decode() for name in re.findall(rb"__label__([^\0]+)\0", pathlib.Path(model).read_bytes())}


def ask_sapwood(sapwood, pipeline, extra, texts, folder):
    """(label, score) of each text; the score is the one that thresholds are held against."""
    source, answers = folder / "texts.jsonl", folder / "answers.jsonl"
    with open(source, "w", encoding="utf-8") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
    call = [sapwood, "score", pipeline, *extra, "--input", source, "--output", answers]
    subprocess.run(call, check=True, cwd=PROJECT, stderr=subprocess.DEVNULL)
    found = [None] * len(texts)
    for row in read(answers):
        joint = row.get("langid.joint_score")
        found[int(row["id"])] = (row["langid.label"], row["langid.score"] if joint is None else joint)
    return found


def ask_cld2(texts, best_effort=True):
    import pycld2

    found = []
    for text in texts:
        try:
            reliable, _, details = pycld2.detect(text.encode(), bestEffort=best_effort)
            found.append((details[0][1], 1.0 if reliable else 0.0))
        except pycld2.error:
            found.append(("un", 0.0))
    return found


def ask_lingua(texts):
    import lingua

    detector = lingua.LanguageDetectorBuilder.from_all_languages().build()
    found = []
    for begin in range(0, len(texts), 500):
        for language in detector.detect_languages_in_parallel_of(texts[begin : begin + 500]):
            found.append((language.iso_code_639_1.name.lower() if language else "zxx", 1.0))
    return found


def supported(models):
    """The labels of ROOTS, Chinese also as one, that each tool has."""
    import lingua
    import pycld2

    own = {tool: labels_of(path) for tool, path in models.items()}
    own["stage"] = own["roots-lid"] | own["lid.176"] | CHINESE
    detected = set(pycld2.DETECTED_LANGUAGES)
    own["CLD2"] = {code for name, code in pycld2.LANGUAGES if name in detected} | {"tw"} | CHINESE
    own["lingua"] = {language.iso_code_639_1.name.lower() for language in lingua.Language.all()}
    return {
        tool: {name for name in set(ROOTS) | {"zh"} if name in names or (name == "zh" and CHINESE <= names)}
        for tool, names in own.items()
    }


def counts(truth, answers):
    number, right, wrongly = collections.Counter(), collections.Counter(), collections.Counter()
    for true, answer in zip(truth, answers):
        number[true] += 1
        if true == answer:
            right[true] += 1
        else:
            wrongly[answer] += 1
    return number, right, wrongly


def f1s(truth, answers, names):
    """F1 of each name that occurs; of `zh` with both forms as one."""
    number, right, wrongly = counts(truth, answers)
    if "zh" in names:
        merged = counts([merge(name) for name in truth], [merge(name) for name in answers])
        for own, other in zip((number, right, wrongly), merged):
            own["zh"] = other["zh"]
    return {
        name: 2 * right[name] / (number[name] + right[name] + wrongly[name]) for name in names if number[name]
    }


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else float("nan")


def wilson(right, number, z=1.959964):
    """The 95 % interval of a share (Wilson 1927)."""
    share, square = right / number, z * z / number
    middle = (share + square / 2) / (1 + square)
    reach = z * math.sqrt(share * (1 - share) / number + square / (4 * number)) / (1 + square)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def table(head, rows):
    lines = [head, ["---"] + ["---:" if index else "---" for index in range(1, len(head))], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value, places=3):
    return "–" if value is None else f"{value:.{places}f}"


def means(sets, known):
    rows = []
    for title, truth, answers in sets:
        inside = [index for index, name in enumerate(truth) if name in ROOTS]
        inner = [truth[i] for i in inside]
        ours = f1s(truth, answers["stage"], MERGED)
        ours_inside = f1s(inner, [answers["stage"][i] for i in inside], MERGED)
        for tool in answers:
            own = f1s(truth, answers[tool], MERGED)
            among = f1s(inner, [answers[tool][i] for i in inside], MERGED)
            has = [name for name in own if name in known[tool]]
            rows.append([
                title, tool, f"{len(has)} of {len(own)}",
                number(mean(own[name] if name in known[tool] else 0.0 for name in own)),
                number(mean(own[name] for name in has)), number(mean(ours[name] for name in has)),
                number(mean(among[name] for name in has)), number(mean(ours_inside[name] for name in has)),
            ])
    head = ["texts", "", "languages", "all, – as 0", "its own", "stage on these", "ROOTS texts: its own", "stage on these"]
    return table(head, rows)


def languages(sets, known):
    names = sorted(ROOTS + ["zh"], key=lambda name: (name.startswith("zh"), name))
    scored = [(f"{title[:4]}.", truth, {tool: f1s(truth, answers[tool], names) for tool in TOOLS})
              for title, truth, answers in sets]
    numbers = [collections.Counter(truth) for _, truth, _ in scored]
    for own in numbers:
        own["zh"] = own["zh-Hans"] + own["zh-Hant"]
    rows = []
    for name in names:
        row = [name]
        for own, (_, _, found) in zip(numbers, scored):
            row.append(own[name] or "")
            row += [("" if not own[name] else number(found[tool][name]) if name in known[tool] else "–")
                    for tool in TOOLS]
        rows.append(row)
    return table([""] + ["held out", *TOOLS] + ["indep.", *TOOLS], rows)


def false_positives(truth, answers, other):
    rows = []
    for name in ROOTS:
        others = sum(true != name for true in truth)
        row = [name]
        for tool in TOOLS:
            wrong = sum(true != name and answer == name for true, answer in zip(truth, answers[tool]))
            row.append(f"{10000 * wrong / others:.1f}" if wrong else "0")
        for tool in TOOLS:
            every = sum(answer == name for answer, _ in other[tool])
            sure = sum(answer == name and score >= 0.5 for answer, score in other[tool])
            row.append(f"{every} / {sure}" if every else "0")
        rows.append(row)
    last = ["all"]
    for tool in TOOLS:
        pairs = [(true, answer) for true, answer in zip(truth, answers[tool]) if true not in ROOTS]
        last.append(f"{10000 * sum(answer in ROOTS for _, answer in pairs) / len(pairs):.1f}")
    for tool in TOOLS:
        found = [score for answer, score in other[tool] if answer in ROOTS]
        size = len(other[tool])
        last.append(f"{100 * len(found) / size:.1f} % / {100 * sum(s >= 0.5 for s in found) / size:.1f} %")
    return table(["", *TOOLS, *(f"other: {tool}" for tool in TOOLS)], [*rows, last])


def intervals(sets, limit=110):
    rows = []
    numbers = collections.Counter(sets[0][1])
    for name in ROOTS:
        if numbers[name] >= limit:
            continue
        row = [name]
        for _, truth, answers in sets:
            places = [index for index, true in enumerate(truth) if true == name]
            row.append(len(places) or "–")
            for tool in ("roots-lid", "stage"):
                right = sum(answers[tool][index] == name for index in places)
                if places:
                    low, high = wilson(right, len(places))
                    row.append(f"{right / len(places):.2f} ({low:.2f}–{high:.2f})")
                else:
                    row.append("–")
        rows.append(row)
    return table(["", "held out", "roots-lid", "stage", "indep.", "roots-lid", "stage"], rows)


def among(truth, answers, group):
    lines = []
    for name in group:
        taken = collections.Counter(answer for true, answer in zip(truth, answers) if true == name)
        size = sum(taken.values())
        if size:
            kin = [f"{other} {taken[other]}" for other in group if taken[other]]
            rest = size - sum(taken[other] for other in group)
            lines.append((name, ", ".join(kin + ([f"others {rest}"] if rest else []))))
    return lines


def confusions(sets):
    rows = []
    for group in GROUPS:
        group = group.split()
        held, independent = (dict(among(truth, answers["stage"], group)) for _, truth, answers in sets)
        rows += [[name, held.get(name, "–"), independent.get(name, "–")] for name in group]
    return table(["texts in", "held out: taken for", "independent: taken for"], rows)


def frequent(sets, most=15):
    columns = []
    for _, truth, answers in sets:
        pairs = zip(truth, answers["stage"])
        wrong = collections.Counter((true, answer) for true, answer in pairs
                                    if true != answer and (true in ROOTS or answer in ROOTS))
        columns.append([f"{true} → {answer} {count}" for (true, answer), count in wrong.most_common(most)])
    return table(["held out", "independent"], [list(pair) for pair in zip(*columns)])


def traditional(rows, truth, answers):
    """zh-Hant with and without the texts that were converted from Simplified."""
    made = [row["source"].endswith("opencc+mix") for row in rows]
    out = []
    for title, keep in (("all", lambda i: True), ("without converted ones", lambda i: not made[i])):
        places = [i for i in range(len(truth)) if keep(i)]
        size = sum(truth[i] == "zh-Hant" for i in places)
        scores = [f1s([truth[i] for i in places], [answers[tool][i] for i in places], ["zh-Hant", "zh-Hans"])
                  for tool in ("roots-lid", "stage", "CLD2")]
        recalls = [sum(truth[i] == answers[tool][i] == "zh-Hant" for i in places) / size
                   for tool in ("roots-lid", "stage", "CLD2")]
        out.append([title, size] + [f"{number(s['zh-Hant'])} ({number(r)})" for s, r in zip(scores, recalls)])
    return table(["zh-Hant: F1 (recall)", "texts", "roots-lid", "stage", "CLD2"], out)


def sample(rows, most, seed):
    """At most so many places of each language of ROOTS."""
    by_label = collections.defaultdict(list)
    for index, row in enumerate(rows):
        if row["label"] in ROOTS:
            by_label[row["label"]].append(index)
    chosen = []
    for name in sorted(by_label):
        places = by_label[name]
        chosen += random.Random(f"{seed} {name}").sample(places, min(most, len(places)))
    return sorted(chosen)


def sampled(sets, known):
    """The languages of lingua on a sample."""
    rows = []
    scored = [(truth, {tool: f1s(truth, found, MERGED) for tool, found in answers.items()})
              for _, truth, answers in sets]
    tools = ["roots-lid", "lid.176", "stage", "CLD2", "lingua"]
    for name in MERGED:
        if name not in known["lingua"]:
            continue
        row = [name]
        for truth, found in scored:
            row.append(sum(merge(true) == name for true in truth))
            row += [number(found[tool].get(name)) if name in known[tool] else "–" for tool in tools]
        rows.append(row)
    last = ["mean, – as 0"]
    for _, found in scored:
        last.append("")
        last += [number(mean(f for name, f in found[tool].items() if name in known["lingua"])) for tool in tools]
    return table(["", "held out", *tools, "indep.", *tools], [*rows, last])


def write(path, blocks):
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        pattern = re.compile(rf"(<!-- compare\.py: {name} -->\n).*?(<!-- end -->)", re.S)
        text, found = pattern.subn(lambda match: f"{match[1]}\n{block}\n\n{match[2]}", text)
        if not found:
            print(f"{path} has no place for `{name}`", file=sys.stderr)
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description="Compares language identification.")
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--sapwood", type=pathlib.Path, default=PROJECT / "target/release/sapwood")
    parser.add_argument("--pipeline", type=pathlib.Path, default=PROJECT / "pipelines/roots.yaml")
    parser.add_argument("--docs", type=pathlib.Path, help="a file with markers, to write the tables into")
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "comparison.json")
    parser.add_argument("--lingua", type=int, default=50, help="texts a language, at most; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    sapwood = args.sapwood.resolve()
    models = {tool: PROJECT / f"models/{tool}.ftz" for tool in ("roots-lid", "lid.176")}
    known = supported(models)
    rows = {name: read(args.corpus / f"{name}.jsonl") for name in ("heldout", "independent", "other")}

    answers, raw = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        calls = {"stage": (args.pipeline.resolve(), ["--set", "langid.naming=bcp47"])}
        for tool, model in models.items():
            langid = {"langid": {"models": [str(model)], "naming": "bcp47", "min_score": 0}}
            path = folder / f"{tool}.yaml"
            # Everything in JSON is YAML.
            path.write_text(json.dumps({"name": "compare", "stages": [langid],
                                        "input": {"paths": ["-"], "fields": {"text": "text", "id": "id"}},
                                        "output": {"path": str(folder / "out")}}))
            calls[tool] = (path, [])
        for which, own in rows.items():
            texts, truth = [row["text"] for row in own], [row["label"] for row in own]
            raw[which] = {tool: ask_sapwood(sapwood, *calls[tool], texts, folder) for tool in TOOLS if tool in calls}
            raw[which]["CLD2"] = ask_cld2(texts)
            answers[which] = {tool: [label(tool, answer, true) for (answer, _), true in zip(found, truth)]
                              for tool, found in raw[which].items()}
    truths = {which: [row["label"] for row in own] for which, own in rows.items()}
    sets = [(title, truths[which], answers[which])
            for title, which in (("held out", "heldout"), ("independent", "independent"))]
    other = {tool: [(answer, raw["other"][tool][index][1]) for index, answer in enumerate(found)]
             for tool, found in answers["other"].items()}

    blocks = {
        "means": means(sets, known),
        "languages": languages(sets, known),
        "false-positives": false_positives(truths["heldout"], answers["heldout"], other),
        "intervals": intervals(sets),
        "confusions": confusions(sets),
        "frequent": frequent(sets),
        "traditional": traditional(rows["heldout"], truths["heldout"], answers["heldout"]),
    }
    plain = [label("CLD2", answer, row["label"]) for (answer, _), row in
             zip(ask_cld2([row["text"] for row in rows["heldout"]], False), rows["heldout"])]
    result = {"texts": {which: len(own) for which, own in rows.items()},
              "supported": {tool: sorted(names) for tool, names in known.items()},
              "cld2_without_best_effort": f1s(truths["heldout"], plain, MERGED)}
    for (_, truth, found), which in zip(sets, ("heldout", "independent")):
        result[which] = {"numbers": dict(collections.Counter(name for name in truth if name in ROOTS)),
                         "f1": {tool: f1s(truth, found[tool], ROOTS + ["zh"]) for tool in TOOLS}}
    if args.lingua:
        small, result["sample"] = [], {}
        for title, which in (("held out", "heldout"), ("independent", "independent")):
            places = sample(rows[which], args.lingua, args.seed)
            truth = [truths[which][index] for index in places]
            found = {tool: [own[index] for index in places] for tool, own in answers[which].items()}
            found["lingua"] = [label("lingua", answer, true) for (answer, _), true in
                               zip(ask_lingua([rows[which][index]["text"] for index in places]), truth)]
            # Which form does not matter: Chinese is one language here.
            found["lingua"] = ["zh-Hans" if name == "zh" else name for name in found["lingua"]]
            small.append((title, truth, found))
            result["sample"][which] = {tool: f1s(truth, own, MERGED) for tool, own in found.items()}
        blocks["sample"] = sampled(small, known)
    args.json.write_text(json.dumps(result, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    if args.docs:
        write(args.docs, blocks)
    else:
        for name, block in blocks.items():
            print(f"\n## {name}\n\n{block}")


if __name__ == "__main__":
    main()
