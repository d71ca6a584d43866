"""Made training text. Every source name made here ends in `+mix`.

    window+mix   20 to 60 characters cut at word ends out of a longer text
    joined+mix   two or three pieces of different texts in a row
    names+mix    several names of one locale in a row
    plain+mix    a text without its accents and tone marks, or in lower or upper case
    respelled+mix  Kinyarwanda in Kirundi spelling, where the two differ by rule
    grams+mix    chains of a language's most frequent character 4-grams (FunLangID's table)
"""
import collections
import re
import unicodedata

SMALL_BYTES = 60_000  # labels with less natural text than this get made text
TARGET_BYTES = 60_000
# Often written without tone marks, dots below or special letters.
UNMARKED = set("yo ig fon bm ln tw ak ee ki wo gaa dyu ha lg kam mer tum nso tn bci mos dag ve ddn ajg kbp ada".split())
PLAIN_LETTERS = str.maketrans({"ɛ": "e", "ɔ": "o", "ɖ": "d", "ŋ": "n", "ɲ": "ny", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "Ɛ": "E", "Ɔ": "O", "Ɖ": "D", "Ŋ": "N", "Ɲ": "Ny", "ŵ": "w", "Ŵ": "W"})
RELIGIOUS = re.compile("yeho|ehov|hova|jeh|geova|ova$|krist|bibl")


def to_traditional(text, characters, phrases):
    """Simplified to Traditional Chinese, longest phrase first."""
    out, i = [], 0
    while i < len(text):
        for n in range(min(8, len(text) - i), 1, -1):
            if text[i : i + n] in phrases:
                out.append(phrases[text[i : i + n]])
                i += n
                break
        else:
            out.append(characters.get(text[i], text[i]))
            i += 1
    return "".join(out)


# The regular differences in spelling between Kinyarwanda and Kirundi, and a few of the commonest words.
KIRUNDI = [(r"\bcyangwa\b", "canke"), (r"\bCyangwa\b", "Canke"), (r"\bkugira ngo\b", "kugira"), (r"\bhanyuma\b", "hama"),
           (r"by", "vy"), (r"By", "Vy"), (r"cy", "c"), (r"Cy", "C"), (r"jy", "j"), (r"\b([Kk])u ([aeiou])", r"\1w'\2")]


def respelled(train, limit=700):
    """(Kinyarwanda text, the same in Kirundi spelling) of texts that the rules change."""
    found = 0
    for t in train:
        if t.label == "rw" and t.source != "own" and len(t.text) >= 15 and found < limit:
            text = t.text
            for rule, new in KIRUNDI:
                text = re.sub(rule, new, text)
            if text != t.text:
                found += 1
                yield t, text


def strip_marks(text):
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", bare).translate(PLAIN_LETTERS)


def window(text, rng):
    words = text.split(" ")
    goal, at = rng.randint(20, 60), rng.randrange(max(1, len(words) - 3))
    out = []
    while at < len(words) and len(" ".join(out)) < goal:
        out.append(words[at])
        at += 1
    return " ".join(out)


def clauses(text):
    return [c.strip() for c in re.split(r"[,;:.()]\s", text) if len(c.strip()) >= 15]


def chain(grams, rng):
    """Pseudo-words from 4-grams that overlap by two or three letters, best ranks oftener."""
    follow = collections.defaultdict(list)
    for rank, g in enumerate(grams):
        weight = 1 + (len(grams) - rank) // 30
        for k in (2, 3):
            if len(g) > k:
                follow[g[:k]] += [g[k:]] * weight
    out = rng.choice(grams[:60])
    while len(out) < rng.randint(40, 160):
        tail = follow.get(out[-3:]) or follow.get(out[-2:])
        if tail and len(out.rsplit(" ", 1)[-1]) < 11:
            out += rng.choice(tail)
        else:
            out += " " + rng.choice(grams[: 1 + int(len(grams) * rng.random())])
    return re.sub(r"\s+", " ", out).strip()


def small_labels(train, grams, rng):
    """Yields (label, source, text) for the labels with little natural text."""
    size = collections.Counter()
    sentences, names = collections.defaultdict(list), collections.defaultdict(list)
    for t in train:
        if t.label == "zxx":
            continue
        size[t.label] += len(t.text.encode()) if not t.source.startswith("cldr") else 0
        (names if t.source.startswith("cldr") or t.source == "lingua-words" else sentences)[t.label].append(t.text)
    for label in sorted(size.keys() | names.keys()):
        if size[label] >= SMALL_BYTES:
            continue
        long = [s for s in sentences[label] if len(s) >= 40]
        parts = [c for s in long for c in clauses(s)]
        budget = max(15_000, TARGET_BYTES - size[label])
        made = collections.Counter()

        def emit(source, text):
            made[source] += len(text.encode())
            return label, source + "+mix", text

        if names[label]:
            while made["names"] < min(budget // 3, 8 * sum(len(n.encode()) for n in names[label])):
                k = rng.randint(3, 9)
                picked = [rng.choice(names[label]) for _ in range(k)]
                yield emit("names", rng.choice([", ", " ", " · ", " - "]).join(picked))
        if long:
            while made["window"] < budget // 4:
                yield emit("window", window(rng.choice(long), rng))
            while made["joined"] < budget // 3 and len(parts) > 5:
                yield emit("joined", rng.choice([", ", " ", ". "]).join(rng.choice(parts) for _ in range(rng.randint(2, 3))))
            while made["plain"] < budget // 5:
                text = rng.choice(long)
                if label in UNMARKED:
                    text = strip_marks(text)
                    text = text.lower() if rng.random() < 0.3 else text
                else:
                    text = rng.choice([text.lower(), text.lower(), text.upper()])
                yield emit("plain", window(text, rng) if rng.random() < 0.4 else text)
        table = [g for g in grams.get(label, ()) if not RELIGIOUS.search(g)]
        if table:
            share = budget // (2 if size[label] < 10_000 else 6)
            while made["grams"] < share:
                text = chain(table, rng)
                if label in UNMARKED and rng.random() < 0.2:
                    text = strip_marks(text)
                yield emit("grams", text)
