#!/usr/bin/env python3
"""Make the corpus that `models/roots-lid.ftz` is trained and measured on.

    python3 models/roots-lid/fetch.py WORK
    python3 models/roots-lid/corpus.py WORK
    python3 models/roots-lid/corpus.py WORK --independent

writes into WORK

    train.jsonl valid.jsonl heldout.jsonl   {"text", "label", "source"}
    other.jsonl        texts of languages that the model has no label for; the label is their true language
    corpus.tsv         bytes and texts per label, split and source
    independent.jsonl  with --independent: messages under licences that are not used for training

A source whose name ends in `+mix` holds made text (see augment.py); training may
leave it out. Python 3.11, standard library; the output is the same at every run.
"""
import argparse
import collections
import hashlib
import json
import os
import random
import re
import sys
import unicodedata

import augment
import labels
import noise
import sources
from fetch import demand

SEED = 20220311
HERE = os.path.dirname(os.path.abspath(__file__))
MIN_HELD = 40  # characters of a held-out text
MIN_HELD_UNSPACED = 15
SHINGLE_WORDS, SHINGLE_CHARS = 8, 16
# UDHR: the same articles in all languages; the rest is training text.
HELD_ARTICLES = {3, 6, 9, 12, 15, 18, 21, 23, 24, 27, 30}
VALID_ARTICLES = {7, 19}
# Share held out by source.
HELD_SHARE = {"lingua": 0.30, "eld": 0.30}
# These have too little held-out text else: a part of their messages is held out too.
HELD_MESSAGES = {"ny": 0.3, "ig": 0.3, "as": 0.3, "tw": 0.3, "rw": 0.3, "tum": 0.4, "ne": 0.2, "zh-Hant": 0.2, "wo": 0.3, "sn": 0.2}
MESSAGE_PARTS = {"kolibri", "django", "blockly", "visualeditor"}
# Labels with enough sentences: names and messages are capped there, in texts.
RICH_BYTES, RICH_CAP = 160_000, 400
VALID_SHARE = 0.06
CODE_TRAIN = "@capacitor/android lodash pythonnet ruby-rack lua-penlight golang-github-spf13-cobra-dev php-symfony-polyfill-php80 librust-semver-dev django blockly tree-sitter-python cld2".split()
CODE_HELD = "rxjs click ruby-tilt golang-github-pkg-errors-dev php-psr-log @parcel/watcher".split()

# lingua's Malay file is mostly Indonesian and eld's partly: of these only the lines with words of Malaysia, and none of Indonesia, are used.
MALAYSIAN = re.compile(r"\b(kerana|bahawa|pejabat|wang|ialah|Ogos|polis|Kuala|Malaysia|RM\d*|kereta|syarikat|lapan|mesyuarat)\b")
INDONESIAN = re.compile(r"\b(karena|bahwa|kantor|bisa|mobil|uang|kepolisian|rupiah|Rp|Jakarta|Agustus|perusahaan|delapan|Indonesia)\b")

Text = collections.namedtuple("Text", "text label source unit")


def chance(*parts):
    """A number in [0, 1) that depends only on the parts."""
    key = "\0".join(map(str, (SEED,) + parts)).encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:7], "big") / (1 << 56)


def words_of(text):
    """Case-folded words, without punctuation and digits; unspaced scripts give single characters."""
    folded = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in unicodedata.normalize("NFKC", text).casefold())
    return folded.split()


def clean(text):
    text = unicodedata.normalize("NFC", text.replace("\u00ad", "").replace("\ufeff", ""))
    return re.sub(r"\s+", " ", text).strip(" \"“”|*")


def in_script(text, label):
    """Most letters are of the label's script (Serbian and Kazakh-like doubles: any of theirs)."""
    wanted = [labels.SCRIPT_OF.get(label, "Latin")]
    if label == "sr":
        wanted.append("Cyrillic")
    ranges = [r for w in wanted for r in labels.RANGES[w]]
    letters = [ord(c) for c in text if unicodedata.category(c)[0] in "LM"]
    good = sum(any(a <= c <= b for a, b in ranges) for c in letters)
    return bool(letters) and good >= 0.7 * len(letters)


def usable(text, label):
    if "://" in text or "www." in text or "@" in text:
        return False
    digits = sum(c.isdigit() for c in text)
    return digits <= 0.3 * len(text) and in_script(text, label)


def sentences(text):
    """Sentences of a paragraph; a piece under 25 characters stays with the one before."""
    pieces = re.split(r"(?<=[.!?;।॥؟۔።:])\s+|(?<=[。！？；])", text)
    out = []
    for p in pieces:
        if not p:
            continue
        if out and (len(p) < 25 or len(out[-1]) < 25):
            out[-1] += ("" if out[-1][-1:] in "。！？；" else " ") + p
        else:
            out.append(p)
    return [p.strip() for p in out]


def han_label(text, simplified, traditional):
    s, t = sum(c in simplified for c in text), sum(c in traditional for c in text)
    if t > s:
        return "zh-Hant"
    return "zh-Hans" if s > t else None


def read_all(work):
    """All natural texts, cleaned: Text(text, label, source, unit). Texts without a label of ours keep their code."""
    characters, phrases, simplified, traditional = sources.opencc(work)
    readers = [sources.udhr(work), sources.lingua(work), sources.eld(work), sources.cld2(work), sources.kolibri(work), sources.django(work),
               sources.blockly(work), sources.mediawiki(work, free=True), sources.own(HERE), sources.samples(HERE), sources.cldr(work)]
    for reader in readers:
        for label, unit, raw, part in reader:
            text = clean(raw)
            if part == "udhr" or part in ("samples", "own"):
                pieces = sentences(text)
            else:
                pieces = [text]
            if label is None:
                continue
            for piece in pieces:
                name = label
                if label == "zh" or (label in ("zh-Hans", "zh-Hant") and len(piece) >= 8):
                    name = han_label(piece, simplified, traditional)
                    if name is None or (label != "zh" and name != label):
                        continue
                if label == "ms" and part.startswith(("eld", "lingua")) and (INDONESIAN.search(piece) or not MALAYSIAN.search(piece)):
                    continue
                yield Text(piece, name, part, unit)


def split_of(t):
    """train, valid or heldout, from the source unit alone."""
    if t.source == "udhr":
        article = int(t.unit.split("/")[1])
        return "heldout" if article in HELD_ARTICLES else "valid" if article in VALID_ARTICLES else "train"
    if t.source in ("cld2", "samples"):
        return "heldout"
    if t.source == "own":
        return "train"
    share = HELD_SHARE.get(t.source, 0)
    if t.source in MESSAGE_PARTS:
        share = HELD_MESSAGES.get(t.label, 0)
    x = chance(t.source, t.label, t.unit)
    if x < share:
        return "heldout"
    return "valid" if x < share + VALID_SHARE and t.source not in ("cldr", "cldr-words") else "train"


def long_enough(t):
    return len(t.text) >= (MIN_HELD_UNSPACED if t.label in labels.UNSPACED else MIN_HELD)


class Overlap:
    """What the held-out texts share with a text: the whole of it, a shingle, or one inside the other."""

    def __init__(self):
        self.whole, self.shingles, self.lengths = set(), set(), set()

    @staticmethod
    def units(text, label):
        words = words_of(text)
        return list("".join(words)) if label in labels.UNSPACED else words

    def add(self, t):
        units = self.units(t.text, t.label)
        self.whole.add(tuple(units))
        n = min(len(units), SHINGLE_CHARS if t.label in labels.UNSPACED else SHINGLE_WORDS)
        if n:
            self.lengths.add(n)
            self.shingles.update(hash((n,) + tuple(units[i : i + n])) for i in range(len(units) - n + 1))

    def hits(self, t):
        units = self.units(t.text, t.label)
        if tuple(units) in self.whole:
            return True
        return any(hash((n,) + tuple(units[i : i + n])) in self.shingles for n in self.lengths for i in range(len(units) - n + 1))


def write(path, texts):
    with open(path, "w", encoding="utf-8") as f:
        for t in texts:
            f.write(json.dumps({"text": t.text, "label": t.label, "source": t.source}, ensure_ascii=False) + "\n")


def code_pieces(work, keys, rng, limit):
    """Pieces of source files, 80 to 800 characters, a few a file and at most `limit` a package."""
    for key in keys:
        pieces = []
        for _, name, text in sources.code(work, [key]):
            lines = [l for l in text.splitlines() if l.strip()]
            for _ in range(min(6, 1 + len(lines) // 30)):
                at = rng.randrange(len(lines))
                piece, size = [], rng.randint(80, 800)
                while at < len(lines) and sum(map(len, piece)) < size:
                    piece.append(lines[at])
                    at += 1
                piece = re.sub(r"\s+", " ", " ".join(piece)).strip()[:1000]
                # A comment or a licence text is English, not code.
                if len(piece) >= 60 and sum(c in "{}()[];=<>_#$" for c in piece) >= 0.05 * len(piece):
                    pieces.append(piece)
        rng.shuffle(pieces)
        for i, piece in enumerate(pieces[:limit]):
            yield Text(piece, "zxx", "code", "%s/%d" % (key, i))


def zxx(work):
    rng = random.Random(SEED)
    made = [Text(clean(x) or x, "zxx", "noise", str(i)) for i, x in enumerate(noise.make(rng, 4500))]
    out = {"train": made[:3800], "valid": made[3800:4000], "heldout": made[4000:]}
    train = list(code_pieces(work, CODE_TRAIN, rng, 260))
    out["train"] += [t for i, t in enumerate(train) if i % 20]
    out["valid"] += [t for i, t in enumerate(train) if i % 20 == 0]
    out["heldout"] += list(code_pieces(work, CODE_HELD, rng, 60))
    return out


def build(work):
    splits = {"train": [], "valid": [], "heldout": []}
    other = []
    ours = set(labels.LABELS)
    for t in read_all(work):
        if t.label not in ours:
            if t.source in ("udhr", "eld", "cld2") and MIN_HELD <= len(t.text) <= 500:
                other.append(t._replace(label=t.label.removeprefix("udhr:")))
            continue
        if usable(t.text, t.label):
            splits[split_of(t)].append(t)

    # Held-out first: long enough, once each, and no text that two labels share.
    seen, held = {}, []
    for t in splits["heldout"]:
        key = tuple(words_of(t.text))
        if long_enough(t) and key:
            seen.setdefault(key, set()).add(t.label)
    done = set()
    for t in splits["heldout"]:
        key = tuple(words_of(t.text))
        if long_enough(t) and key and key not in done and len(seen[key]) == 1:
            done.add(key)
            held.append(t)
    overlap = Overlap()
    for t in splits["heldout"]:  # also the short ones: they come from held-out units
        if long_enough(t):
            overlap.add(t)

    # A name that many labels share says nothing.
    shared = collections.defaultdict(set)
    for t in splits["train"] + splits["valid"]:
        if t.source.startswith(("cldr", "lingua-w")):
            shared[tuple(words_of(t.text))].add(t.label)

    removed = collections.Counter()

    def filtered(texts, avoid):
        done = set()
        for t in texts:
            key = (t.label,) + tuple(words_of(t.text))
            if len(key) == 1 or key in done or key in avoid:
                removed["twice or empty"] += 1
            elif t.source.startswith(("cldr", "lingua-w")) and len(shared[key[1:]]) > 2:
                removed["shared name"] += 1
            elif overlap.hits(t):
                removed["overlaps held-out"] += 1
            else:
                done.add(key)
                yield t

    valid = list(filtered([t for t in splits["valid"] if len(t.text) >= 20 or t.label in labels.UNSPACED], set()))
    train = list(filtered(splits["train"], {(t.label,) + tuple(words_of(t.text)) for t in valid}))
    print("removed from train and valid:", dict(removed), file=sys.stderr)

    train = cap_rich(train)
    characters, phrases, _, _ = sources.opencc(work)
    for source, target in ((train, train), (held, held)):
        new = [t._replace(text=augment.to_traditional(t.text, characters, phrases), label="zh-Hant", source=t.source + "-opencc+mix")
               for t in source if t.label == "zh-Hans" and t.source in ("lingua", "eld", "lingua-pairs", "lingua-words")]
        target.extend(new[: 400 if target is held else None])
    train += [Text(text, "rn", "respelled+mix", t.unit) for t, text in augment.respelled(train)]
    grams = sources.funlangid(work)
    made = augment.small_labels(train, grams, random.Random(SEED))
    train += [Text(clean(text), label, source, "") for label, source, text in made]
    train = [t for t in train if t.source.find("+mix") < 0 or not overlap.hits(t)]

    for name, texts in zxx(work).items():
        {"train": train, "valid": valid, "heldout": held}[name].extend(texts)
    rng = random.Random(SEED)
    per = collections.Counter()
    kept = []
    for t in other:
        per[t.label] += 1
        if per[t.label] <= (20 if t.source == "udhr" else 40):
            kept.append(t)
    rng.shuffle(train)
    return train, valid, held, kept


def cap_rich(train):
    """Of names, words and messages, labels with many sentences keep only a sample."""
    size = collections.Counter()
    for t in train:
        if not t.source.startswith("cldr"):
            size[t.label] += len(t.text.encode())
    by = collections.defaultdict(list)
    for t in train:
        by[t.label, t.source].append(t)
    out = []
    for (label, source), texts in by.items():
        if source.startswith("cldr"):
            cap = RICH_CAP if size[label] > RICH_BYTES else 2500
            texts = sorted(texts, key=lambda t: chance("cap", t.text))[:cap]
        elif source in MESSAGE_PARTS and size[label] > RICH_BYTES:
            texts = sorted(texts, key=lambda t: chance("cap", t.text))[: 3 * RICH_CAP]
        out += texts
    return out


def statistics(path, splits):
    rows = collections.defaultdict(lambda: [0, 0])
    for split, texts in splits.items():
        for t in texts:
            for source in (t.source, "all"):
                row = rows[t.label, split, source]
                row[0] += len(t.text.encode())
                row[1] += 1
    with open(path, "w", encoding="utf-8") as f:
        f.write("label\tsplit\tsource\tbytes\ttexts\n")
        for (label, split, source), (size, count) in sorted(rows.items()):
            f.write("%s\t%s\t%s\t%d\t%d\n" % (label, split, source, size, count))


def independent(work, held_limit=250):
    """Messages under GPL and MPL, of the 46 and their neighbours: for evaluation only."""
    texts, done = [], set()
    train = set()
    with open(os.path.join(work, "train.jsonl"), encoding="utf-8") as f:
        for line in f:
            r = json.loads(line)
            train.add(tuple(words_of(r["text"])))
    for reader, least in ((sources.mediawiki(work, free=False), 60), (sources.libreoffice(work), 40)):
        for label, unit, raw, part in reader:
            text = clean(raw)
            key = tuple(words_of(text))
            least_here = 20 if label in labels.UNSPACED else (40 if label in ("ki", "bm", "ny", "ak", "fon", "rn", "st", "xh", "tn", "zu") else least)
            if label in labels.LABELS and len(text) >= least_here and len(text) <= 600 and usable(text, label) and key not in done and key not in train:
                done.add(key)
                texts.append(Text(text, label, part, unit))
    by = collections.defaultdict(list)
    for t in texts:
        by[t.label, t.source].append(t)
    out = []
    for key in sorted(by):
        out += sorted(by[key], key=lambda t: chance("independent", t.text))[:held_limit]
    write(os.path.join(work, "independent.jsonl"), out)
    count = collections.Counter(t.label for t in out)
    print("independent.jsonl:", {l: count[l] for l in labels.ROOTS})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", help="the folder that fetch.py filled")
    parser.add_argument("--independent", action="store_true", help="write only independent.jsonl; train.jsonl must be there")
    options = parser.parse_args()
    if options.independent:
        demand(options.work, {"train", "independent"})
        if not os.path.exists(os.path.join(options.work, "train.jsonl")):
            sys.exit("%s/train.jsonl is not there; run corpus.py without --independent first" % options.work)
        return independent(options.work)
    demand(options.work, {"train", "code", "code-held"})
    train, valid, held, other = build(options.work)
    for name, texts in (("train", train), ("valid", valid), ("heldout", held), ("other", other)):
        write(os.path.join(options.work, name + ".jsonl"), texts)
    statistics(os.path.join(options.work, "corpus.tsv"), {"train": train, "valid": valid, "heldout": held, "other": other})
    print("train %d, valid %d, held out %d, other %d texts; %d labels" % (len(train), len(valid), len(held), len(other), len({t.label for t in train})))


if __name__ == "__main__":
    main()
