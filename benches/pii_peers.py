#!/usr/bin/env python3
"""What other programs find in the gold set of `pii_gold.py`, and how fast.

    pip install datatrove==0.10.1 dolma==1.2.1 presidio-analyzer==2.2.366
    python3 benches/pii_peers.py datatrove gold.jsonl datatrove.jsonl
    sapwood pii-eval --gold gold.jsonl --found datatrove.jsonl --tags EMAIL,IP

Each is run with its defaults, and its types are called by sapwood's tags (`CLAIMS`); of a tag that a
program does not claim it is not asked (`--tags`, which the program prints). Speed is megabytes of
text per second of the process's processor time, over the texts of `--speed FILE` (JSON lines with a
`text`) if given, else of the gold set; the median of `--runs`.

- datatrove: `PIIFormatter`, which replaces in place; its two patterns and its check of addresses are
  asked for the spans, e-mail first, as it does itself; speed is that of `format`.
- dolma: the tagger `pii_regex_with_counts_fast_v2`.
- presidio: all recognizers that are patterns with checks, each told that the text is English, which
  is the language that all of them are built for; its models for names and places are not needed for
  any of these tags, so spaCy's blank English tokenizer stands for the model, words being their own
  lemmas. Answers below the score of `--threshold` are left out; presidio's own default is 0, but
  patterns that are only a number of digits have 0.01 to 0.05 there and mean nothing alone. Country
  codes of telephone numbers: `PhoneRecognizer`'s defaults.
"""

import argparse
import json
import statistics
import time

CLAIMS = {
    "datatrove": {"EMAIL": "EMAIL", "IP": "IP"},
    "dolma": {"EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IP_ADDRESS": "IP"},
    # Every type that is not named here is an identifier of a country.
    "presidio": {
        "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IP_ADDRESS": "IP", "MAC_ADDRESS": "MAC", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "CRYPTO": "WALLET",
        "US_PASSPORT": "PASSPORT", "IN_PASSPORT": "PASSPORT", "IT_PASSPORT": "PASSPORT", "UK_PASSPORT": "PASSPORT", "KR_PASSPORT": "PASSPORT", "ES_PASSPORT": "PASSPORT", "DE_PASSPORT": "PASSPORT",
        "UK_VEHICLE_REGISTRATION": "PLATE", "IN_VEHICLE_REGISTRATION": "PLATE", "NG_VEHICLE_REGISTRATION": "PLATE", "DE_KFZ": "PLATE",
        "NATIONAL_ID": "NATIONAL_ID",
    },
}  # fmt: skip
# Types that are no tag of sapwood's: whole URLs, any date or time, licences of drivers and doctors,
# numbers of accounts without a check.
PASSED_OVER = ("URL", "DATE_TIME", "MEDICAL_LICENSE", "US_DRIVER_LICENSE", "IT_DRIVER_LICENSE", "KR_DRIVER_LICENSE", "US_BANK_NUMBER", "ABA_ROUTING_NUMBER", "UK_POSTCODE", "IN_GSTIN",
               "DATE", "UK_DRIVING_LICENCE", "DE_PLZ", "DE_FUEHRERSCHEIN", "US_NPI")  # fmt: skip


def datatrove(_):
    from datatrove.pipeline.formatters import PIIFormatter

    formatter = PIIFormatter()
    email, ip = formatter.emails_replacer, formatter.ip_replacer

    def find(text):
        emails = [match.span() for match in email.regex.finditer(text)]
        for start, end in emails:
            yield "EMAIL", start, end
        # What is replaced is not there any more.
        left = list(text)
        for start, end in emails:
            left[start:end] = "\0" * (end - start)
        for match in ip.regex.finditer("".join(left)):
            if ip.validator(match.group(0)):
                yield "IP", *match.span()

    return find, formatter.format


def dolma(_):
    from dolma.core.data_types import Document
    from dolma.taggers.pii import FastPiiRegex

    tagger = FastPiiRegex()

    def run(text):
        return tagger.predict(Document(source="", id="", text=text)).spans

    def find(text):
        for span in run(text) if text.strip() else ():
            if not span.type.startswith("doc"):
                yield span.type, span.start, span.end

    return find, run


def presidio(threshold):
    import inspect

    import presidio_analyzer
    import spacy
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """Tokens, and each its own lemma."""

        def __init__(self):
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            self.nlp = {"en": spacy.blank("en")}

        def load(self):
            pass

        def process_text(self, text, language):
            document = self.nlp["en"](text)
            words = [token.text.lower() for token in document]
            return NlpArtifacts(
                entities=[], tokens=document, tokens_indices=[token.idx for token in document], lemmas=words,
                nlp_engine=self, language="en", scores=[],
            )  # fmt: skip

    recognizers = []
    for name, kind in sorted(vars(predefined_recognizers).items()):
        pattern = inspect.isclass(kind) and (issubclass(kind, PatternRecognizer) or name == "PhoneRecognizer")
        if pattern and kind is not PatternRecognizer and not inspect.isabstract(kind):
            recognizers.append(kind(supported_language="en"))
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"], default_score_threshold=threshold)
    print(f"presidio-analyzer {getattr(presidio_analyzer, '__version__', '')}, {len(recognizers)} recognizers")

    def run(text):
        return engine.analyze(text, language="en")

    def find(text):
        for result in run(text):
            if result.entity_type not in PASSED_OVER:
                yield result.entity_type, result.start, result.end

    return find, run


def speed(run, texts, runs):
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        for text in texts:
            run(text)
        seconds.append(time.process_time() - began)
    return megabytes / statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", choices=sorted(CLAIMS))
    parser.add_argument("gold")
    parser.add_argument("output")
    parser.add_argument("--threshold", type=float, default=0.4, help="presidio's least score")
    parser.add_argument("--speed", help="measure speed on these texts")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    find, run = {"datatrove": datatrove, "dolma": dolma, "presidio": presidio}[arguments.program](arguments.threshold)
    tags = CLAIMS[arguments.program]
    with open(arguments.gold, encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    with open(arguments.output, "w", encoding="utf-8", newline="\n") as output:
        for document in documents:
            spans = [
                {"tag": tags.get(kind, "NATIONAL_ID"), "detector": kind, "start": start, "end": end}
                for kind, start, end in find(document["text"])
            ]
            output.write(json.dumps({"id": document["id"], "spans": spans}) + "\n")
    print(f"--tags {','.join(sorted(set(tags.values())))}")
    texts = [document["text"] for document in documents]
    if arguments.speed:
        with open(arguments.speed, encoding="utf-8") as lines:
            texts = [json.loads(line)["text"] for line in lines]
    print(f"{speed(run, [text for text in texts if text.strip()], arguments.runs):.2f} MB/s")


if __name__ == "__main__":
    main()
