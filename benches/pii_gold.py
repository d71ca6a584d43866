#!/usr/bin/env python3
"""Makes the gold set for `sapwood pii-eval`: real sentences with made-up personal data in them.

    python3 benches/pii_gold.py gold.jsonl
    sapwood pii-eval --gold gold.jsonl

Needs Python 3.11 and nothing else. The sentences are those of the shipped sample (`samples/`, its
gzipped files), and Articles 1 and 3 of the Universal Declaration for languages that it has not.
The values come from `pii_values/`, each built from the public specification of its kind. The same
seed gives the same bytes.

A line is a document:

    {"id", "language", "text", "spans": [{"tag", "kind", "start", "end", "valid", "context"}]}

`start` and `end` are code points of `text`, the end exclusive. `valid` is true for personal data;
false for what only looks like it (a wrong check digit, a version, a hash), where every hit is a
mistake; null where a hit counts neither way: addresses at domains that RFC 2606 keeps for examples,
and keys that a provider prints in its manual. `context` says whether words that name the value
stand beside it. What is in no span is not personal data either.

What counts as what:

- Addresses of hosts are personal if the IANA special-purpose registries call them global; private,
  loopback and documentation ones are not. Group, broadcast and null MAC addresses are not.
- Of credentials in a URL the label is the user and the password, of a handle it includes the sign.
- A date is one of birth, coordinates are of a person, a passport's or a plate's number is one, only
  where the words say so: these never stand without. Nor do identifiers that any tenth or eleventh
  number passes for (see `national.IDENTIFIERS`), nor telephone numbers that are only digits.
- `git@host` of a remote is a log-in that all users share.
"""

import argparse
import dataclasses
import gzip
import json
import pathlib
import re

from pii_values import context, decoys, national, network, payment, personal, phones, secrets
from pii_values.draw import NATIVE_DIGITS, Draw, Value, native_digits

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "samples"
SENTENCE = re.compile(r"(?<=[.!?。।॥؟۔!?])\s+|\n+")
# Sentences that may hold something personal of their own, or something that looks like it, or whose
# digits might run together with those of a neighbour.
SUSPECT = re.compile(r"@|://|::|\d[\d .,:/-]{4,}|[0-9a-fA-F]{12}|\d\.\d|\d{4}|^\W*\d|\d\W*$")


def sentences():
    """Sentences by language, in the order of the sample. Planted damage is passed over."""
    found = {language: [list(texts)] for language, texts in context.DECLARATION.items()}
    for path in sorted(SAMPLES.glob("*.jsonl.gz")):
        with gzip.open(path, "rb") as lines:
            for line in lines:
                try:
                    record = json.loads(line)
                    text, meta = record["text"], record["meta"]
                    # Of a document that is only labelled with the wrong language the text is good.
                    if meta["planted"] not in (None, "wrong-language") or not isinstance(text, str):
                        continue
                    language = meta["true_lang"]
                except (ValueError, KeyError, TypeError):
                    # The sample has malformed records too.
                    continue
                parts = [part for part in SENTENCE.split(text) if 20 <= len(part) <= 400 and not SUSPECT.search(part)]
                if parts and language:
                    found.setdefault(language, []).append(parts)
    return {language: found[language] for language in sorted(found)}


@dataclasses.dataclass
class Plant:
    """A value in its surroundings: a sentence or a line of its own."""

    text: str
    value: Value
    start: int
    end: int
    context: bool


def plant(value, carrier, context):
    """Puts a value where the carrier has `{}`."""
    before, after = carrier.split("{}", 1)
    first, last = value.label or (0, len(value.text))
    return Plant(before + value.text + after, value, len(before) + first, len(before) + last, context)


def carried(draw, value, language, alone=0.0):
    """A value among words of the language, or with the chance `alone` without them; None where the
    language has none for it."""
    if draw.chance(alone):
        return plant(value, draw.of(("{}", "{}", "({})", "{}.", "– {}")), False)
    lines = context.carriers(value.tag, language)
    return lines and plant(value, draw.of(lines), True)


def positives(draw, languages):
    """All plants that are personal data, as (language, plant)."""
    for language in languages:
        prose = language != "code"
        rich = language in context.LANGUAGES and len(context.LANGUAGES[language]) > 6
        for _ in range(10 if rich else 5 if prose else 8):
            yield language, carried(draw, network.email(draw, language), language, 0.25)
        for _ in range(3 if rich else 1):
            yield language, carried(draw, network.email_subaddress(draw, language), language, 0.25)
        if language in network.INTERNATIONAL:
            for _ in range(4):
                yield language, carried(draw, network.email_international(draw, language), language, 0.2)
        # Words for the signs are English everywhere.
        for _ in range(5 if language == "en" else 2 if prose else 1):
            yield language, carried(draw, network.email_obfuscated(draw, language), language)
        for _ in range(2 if prose else 12):
            yield language, carried(draw, network.url_credentials(draw, language), language)
        for _ in range(4 if rich else 1 if prose else 6):
            yield language, carried(draw, network.ipv4(draw), language, 0.2)
            yield language, carried(draw, network.ipv6(draw), language, 0.2)
        for _ in range(1 if prose else 6):
            yield language, carried(draw, network.mac(draw), language, 0.3)
        for _ in range(3 if rich else 1 if prose else 0):
            yield language, carried(draw, network.handle(draw, language), language)
        for _ in range(6 if rich else 2 if prose else 0):
            yield language, carried(draw, payment.card(draw), language, 0.25)
        for _ in range(4 if rich else 1 if prose else 0):
            yield language, carried(draw, payment.iban(draw), language, 0.3)
        if not prose:
            continue
        for make, times in ((personal.birth, 5), (personal.passport, 4), (personal.plate, 4)):
            if language in personal.COUNTRIES:
                for _ in range(times):
                    value = make(draw, language)
                    yield language, value and carried(draw, value, language)
        if language in NATIVE_DIGITS:
            for _ in range(2):
                born = personal.birth(draw, language)
                yield language, carried(draw, Value(born.tag, "native_digits", native_digits(born.text, language)), language)
        for _ in range(3 if rich else 1):
            yield language, carried(draw, personal.place(draw, language), language)
        yield language, carried(draw, payment.wallet(draw), language, 0.2)

    for region, (_, spoken, _, _) in phones.PLANS.items():
        for language in spoken:
            each = max(2, 12 // len(spoken))
            for _ in range(each):
                value = phones.international(draw, region)
                yield language, carried(draw, value, language, 0.3 if phones.alone(value) else 0)
                value = phones.national(draw, region)
                yield language, carried(draw, value, language, 0.2 if phones.alone(value) else 0)
            if language in NATIVE_DIGITS:
                for make in (phones.national, phones.international):
                    yield language, carried(draw, phones.in_digits_of(make(draw, region), language), language)

    for kind, (build, _, alone, spoken) in national.IDENTIFIERS.items():
        for language, lines in spoken.items():
            for _ in range(max(4, 14 // len(spoken))):
                text = build(draw, False)
                bare = alone and not text.isdigit() and draw.chance(0.2)
                value = Value("NATIONAL_ID", kind, text)
                yield language, plant(value, "{}" if bare else draw.of(lines), not bare)
            if language in NATIVE_DIGITS and kind in ("in_aadhaar", "cn_rid", "jp_my_number", "ae_id"):
                value = Value("NATIONAL_ID", kind, native_digits(build(draw, False), language))
                yield language, plant(value, draw.of(lines), True)

    for country in payment.IBANS:
        if country not in payment.UNREGISTERED:
            language = {"FR": "fr", "ES": "es", "DE": "de", "PT": "pt", "BR": "pt", "IT": "it", "NL": "nl", "PL": "pl", "SA": "ar", "EG": "ar"}.get(country, "en")
            for _ in range(3):
                yield language, carried(draw, payment.iban(draw, country), language, 0.3)
    for issuer in payment.ISSUERS:
        for language in ("en", "es", "zh", "ar"):
            yield language, carried(draw, payment.card(draw, issuer), language, 0.25)
    for kind in payment.WALLETS:
        for _ in range(4):
            yield "en", carried(draw, payment.wallet(draw, kind), "en", 0.3)
    for kind in secrets.PROVIDERS:
        for language in ("code", "code", "code", "code", "en", "en", "fr", "zh"):
            yield language, carried(draw, secrets.key(draw, kind), language, 0.3)
    for _ in range(40):
        yield "code", plant(secrets.assigned(draw), "{}", True)


def negatives(draw, languages):
    """All plants that are not personal data, as (language, plant)."""
    for language in languages:
        prose = language != "code"
        makers = decoys.ANYWHERE if prose else decoys.IN_CODE
        makers += decoys.ENGLISH if language == "en" else ()
        rounds = (2 if language in context.LANGUAGES else 1) if prose else 16
        for make in makers * rounds:
            yield language, plant(make(draw, language), "{}", False)
        for make in (decoys.card_wrong, decoys.iban_wrong, decoys.wallet_wrong) if prose else ():
            for _ in range(rounds):
                yield language, carried(draw, make(draw, language), language)
        for make in decoys.NEUTRAL:
            yield language, plant(make(draw, language), "{}", False)
    for kind, (_, breakable, _, spoken) in national.IDENTIFIERS.items():
        for language, lines in spoken.items() if breakable else ():
            for _ in range(max(2, 6 // len(spoken))):
                yield language, plant(decoys.identifier_wrong(draw, kind), draw.of(lines), True)

    for make in decoys.IN_CODE:
        for _ in range(2):
            yield "en", plant(make(draw, "en"), "{}", False)


def document(draw, language, number, bodies, plants):
    """A few sentences in a row of one text of the language, with the plants between or after them."""
    body = draw.of(bodies)
    count = min(len(body), draw.between(1, 4))
    first = draw.below(len(body) - count + 1)
    # Lines of programs lie apart; so does now and then what people write.
    joints = ("\n",) if language == "code" else (" ", " ", "\n")
    places = sorted(draw.below(count + 1) for _ in plants)
    text, spans, waiting = "", [], list(zip(places, plants))
    for at in range(count + 1):
        while waiting and waiting[0][0] == at:
            _, planted = waiting.pop(0)
            # Two values side by side are two lines.
            joint = "\n" if spans and spans[-1]["end"] + 3 > len(text) else draw.of(joints)
            text += joint if text else ""
            value = planted.value
            spans.append({
                "tag": value.tag, "kind": value.kind, "start": len(text) + planted.start, "end": len(text) + planted.end,
                "valid": value.valid, "context": planted.context,
            })  # fmt: skip
            text += planted.text
        if at < count:
            text += (draw.of(joints) if text else "") + body[first + at]
    return {"id": f"{language}-{number:04}", "language": language, "text": text, "spans": spans}


def documents(seed):
    """The gold set."""
    draw = Draw(seed)
    texts = sentences()
    waiting = {language: [] for language in texts}
    for source in (positives, negatives):
        for language, planted in source(draw, list(texts)):
            if planted:
                waiting[language].append(planted)
    for language, bodies in texts.items():
        plants, number = draw.shuffled(waiting[language]), 0
        while plants:
            # One in ten has nothing planted, so that what is found in plain text shows.
            count = 0 if draw.chance(0.1) else draw.of((1, 1, 1, 2, 2, 3))
            yield document(draw, language, number, bodies, plants[:count])
            plants, number = plants[count:], number + 1


def line(made):
    """The document as JSON. Two characters of each key are written as escapes, so that programs that
    look for leaked keys don't take these for such."""
    keys = {span["start"] + at for span in made["spans"] if span["tag"] == "KEY" for at in (3, 8)}
    text = "".join(
        f"\\u{ord(character):04x}" if at in keys else json.dumps(character, ensure_ascii=False)[1:-1]
        for at, character in enumerate(made["text"])
    )
    head = json.dumps({"id": made["id"], "language": made["language"]})
    spans = json.dumps(made["spans"])
    return f'{head[:-1]}, "text": "{text}", "spans": {spans}}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--held-out", action="store_true", help="other words around the values")
    parser.add_argument("--every", type=int, default=1, help="write only each n-th document")
    arguments = parser.parse_args()
    if arguments.held_out:
        context.hold_out()
    count, spans = 0, {}
    with open(arguments.output, "w", encoding="utf-8", newline="\n") as output:
        for ordinal, made in enumerate(documents(arguments.seed)):
            if ordinal % arguments.every:
                continue
            count += 1
            for span in made["spans"]:
                key = {True: "personal", False: "not personal", None: "neither"}[span["valid"]]
                spans[key] = spans.get(key, 0) + 1
            output.write(line(made))
    print(f"{count} documents, spans:", ", ".join(f"{number} {key}" for key, number in sorted(spans.items())))


if __name__ == "__main__":
    main()
