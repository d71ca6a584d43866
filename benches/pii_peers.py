#!/usr/bin/env python3
"""What other programs find in the gold set of `pii_gold.py`, and how fast.

    pip install datatrove==0.10.1 regex presidio-analyzer==2.2.366
    pip install dolma==1.2.1                  # in an environment of its own: they ask for other versions
    python3 benches/pii_peers.py datatrove gold.jsonl datatrove.jsonl
    sapwood pii-eval --gold gold.jsonl --found datatrove.jsonl --tags EMAIL,IP_ADDRESS

Each is run with its defaults, and its types are called by sapwood's tags (`CLAIMS`); of a tag that a
program does not claim it is not asked (`--tags`, which the program prints). Speed is megabytes of
text per second of the process's processor time, over the texts of `--speed FILE` (JSON lines with a
`text`) if given, else of the gold set; the median of `--runs`.

- datatrove: `PIIFormatter`, which replaces in place; its two patterns and its check of addresses are
  asked for the spans, e-mail first, as it does itself; speed is that of `format`.
- dolma: the tagger `pii_regex_with_counts_fast_v2`.
- presidio: the recognizers of all types in `CLAIMS`, those of a country in texts of its languages
  only, as one would set it up; each is told that the text is English, the one language that it has
  all of them for. Private addresses are addresses to it. Its models for names and places are not needed for
  any of these tags, so spaCy's blank English tokenizer stands for the model, words being their own
  lemmas. Answers below the score of `--threshold` are left out; presidio's own default is 0, but
  patterns that are only a number of digits have 0.01 to 0.05 there and mean nothing alone. Country
  codes of telephone numbers: `PhoneRecognizer`'s defaults.
"""

import argparse
import functools
import json
import statistics
import time

CLAIMS = {
    "datatrove": {"EMAIL": "EMAIL", "IP_ADDRESS": "IP_ADDRESS"},
    "dolma": {"EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IP_ADDRESS": "IP_ADDRESS"},
    "presidio": {
        "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "IP_ADDRESS": "IP_ADDRESS", "MAC_ADDRESS": "MAC_ADDRESS", "CREDIT_CARD": "CARD", "IBAN_CODE": "IBAN", "CRYPTO": "WALLET",
        "US_PASSPORT": "PASSPORT", "UK_PASSPORT": "PASSPORT", "IN_PASSPORT": "PASSPORT", "IT_PASSPORT": "PASSPORT", "ES_PASSPORT": "PASSPORT", "DE_PASSPORT": "PASSPORT", "KR_PASSPORT": "PASSPORT", "ZA_PASSPORT": "PASSPORT",
        "UK_VEHICLE_REGISTRATION": "LICENSE_PLATE", "IN_VEHICLE_REGISTRATION": "LICENSE_PLATE", "NG_VEHICLE_REGISTRATION": "LICENSE_PLATE", "DE_KFZ": "LICENSE_PLATE", "TR_LICENSE_PLATE": "LICENSE_PLATE", "ZA_LICENSE_PLATE": "LICENSE_PLATE",
        "US_SSN": "NATIONAL_ID", "US_ITIN": "NATIONAL_ID", "CA_SIN": "NATIONAL_ID", "ES_NIF": "NATIONAL_ID", "ES_NIE": "NATIONAL_ID", "IT_FISCAL_CODE": "NATIONAL_ID", "PL_PESEL": "NATIONAL_ID", "SE_PERSONNUMMER": "NATIONAL_ID",
        "FI_PERSONAL_IDENTITY_CODE": "NATIONAL_ID", "UK_NHS": "NATIONAL_ID", "UK_NINO": "NATIONAL_ID", "IN_AADHAAR": "NATIONAL_ID", "IN_PAN": "NATIONAL_ID", "AU_TFN": "NATIONAL_ID", "AU_ABN": "NATIONAL_ID",
        "KR_RRN": "NATIONAL_ID", "DE_TAX_ID": "NATIONAL_ID", "TR_NATIONAL_ID": "NATIONAL_ID", "ZA_ID_NUMBER": "NATIONAL_ID", "NG_NIN": "NATIONAL_ID",
    },
}  # fmt: skip
# The languages of the texts in which a country's types of presidio are asked for.
SPOKEN = {
    "US": "en es code", "UK": "en code", "CA": "en fr", "AU": "en", "IN": "en hi bn mr ta te gu kn ml pa or as ur", "IT": "it", "ES": "es ca eu", "DE": "de", "KR": "ko", "ZA": "en zu xh st tn ts nso", "NG": "en yo ig", "TR": "tr",
    "PL": "pl", "SE": "sv", "FI": "fi",
}  # fmt: skip


def datatrove(_):
    from datatrove.pipeline.formatters import PIIFormatter

    formatter = PIIFormatter()
    email, ip = formatter.emails_replacer, formatter.ip_replacer

    def find(text, _):
        emails = [match.span() for match in email.regex.finditer(text)]
        for start, end in emails:
            yield "EMAIL", start, end
        # What is replaced is not there any more.
        left = list(text)
        for start, end in emails:
            left[start:end] = "\0" * (end - start)
        for match in ip.regex.finditer("".join(left)):
            if ip.validator(match.group(0)):
                yield "IP_ADDRESS", *match.span()

    return find, lambda text, _: formatter.format(text)


def dolma(_):
    from dolma.core.data_types import Document
    from dolma.taggers.pii import FastPiiRegex

    tagger = FastPiiRegex()

    def run(text, _):
        return tagger.predict(Document(source="", id="", text=text)).spans

    def find(text, _):
        for span in run(text, "") if text.strip() else ():
            if not span.type.startswith("doc"):
                yield span.type, span.start, span.end

    return find, run


def presidio(threshold):
    import inspect

    import spacy
    import tldextract
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

    # Without the network, the list of public suffixes that comes with the package.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())
    claims, recognizers = CLAIMS["presidio"], []
    for name, kind in sorted(vars(predefined_recognizers).items()):
        pattern = inspect.isclass(kind) and (issubclass(kind, PatternRecognizer) or name == "PhoneRecognizer")
        if pattern and kind is not PatternRecognizer:
            recognizer = kind(supported_language="en")
            if claims.keys() & set(recognizer.supported_entities):
                recognizers.append(recognizer)
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"], default_score_threshold=threshold)
    print(f"{len(recognizers)} recognizers")

    types = functools.cache(lambda language: [it for it in claims if language in SPOKEN.get(it[:2], language).split()])

    def run(text, language):
        return engine.analyze(text, language="en", entities=types(language))

    def find(text, language):
        for result in run(text, language):
            yield result.entity_type, result.start, result.end

    return find, run


def speed(run, texts, runs):
    megabytes = sum(len(text.encode()) for text, _ in texts) / 1e6
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        for text, language in texts:
            run(text, language)
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
                {"tag": tags[kind], "detector": kind, "start": start, "end": end}
                for kind, start, end in find(document["text"], document["language"])
                if kind in tags
            ]
            output.write(json.dumps({"id": document["id"], "spans": spans}) + "\n")
    print(f"--tags {','.join(sorted(set(tags.values())))}")
    texts = [(document["text"], document["language"]) for document in documents]
    if arguments.speed:
        with open(arguments.speed, encoding="utf-8") as lines:
            texts = [(json.loads(line)["text"], "en") for line in lines]
    print(f"{speed(run, [it for it in texts if it[0].strip()], arguments.runs):.2f} MB/s")


if __name__ == "__main__":
    main()
