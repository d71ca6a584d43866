#!/usr/bin/env python3
"""Holds the gold set of `pii_gold.py` against what other people's libraries say of its values.

    pip install phonenumbers==9.0.43 python-stdnum==2.2 schwifty==2026.10.1
    python3 benches/pii_gold_check.py gold.jsonl

Telephone numbers are asked of `phonenumbers`, IBANs of `schwifty`, national identifiers, cards and
Bitcoin addresses of `python-stdnum`. Every value that a library has an opinion of and that is
labelled otherwise is counted and named by its kind and the document.
"""

import argparse
import collections
import importlib
import json
import unicodedata

import phonenumbers
import schwifty
from stdnum import bitcoin, luhn

MODULES = {
    "us_ssn": "us.ssn", "us_itin": "us.itin", "ca_sin": "ca.sin", "br_cpf": "br.cpf", "br_cnpj": "br.cnpj", "es_dni": "es.dni", "es_nie": "es.nie",
    "fr_nir": "fr.nir", "it_cf": "it.codicefiscale", "pt_nif": "pt.nif", "de_steuer_id": "de.idnr", "nl_bsn": "nl.bsn", "be_rrn": "be.nn",
    "pl_pesel": "pl.pesel", "se_pnr": "se.personnummer", "fi_hetu": "fi.hetu", "gb_nhs": "gb.nhs", "in_aadhaar": "in_.aadhaar", "in_pan": "in_.pan",
    "cn_rid": "cn.ric", "id_nik": "id.nik", "mx_curp": "mx.curp", "ar_cuit": "ar.cuit", "cl_rut": "cl.rut", "za_id": "za.idnr", "au_tfn": "au.tfn",
    "au_abn": "au.abn", "jp_my_number": "jp.in_", "kr_rrn": "kr.rrn", "tr_tckn": "tr.tckimlik",
}  # fmt: skip


def opinion(span, value):
    """What a library says: True, False, or None where there is none to ask."""
    value = "".join(str(unicodedata.digit(c, c)) for c in value)
    tag, kind = span["tag"], span["kind"].removeprefix("wrong_")
    if tag == "NATIONAL_ID" and kind in MODULES:
        # The library takes the dots of a DNI for part of it.
        value = value.replace(".", "") if kind == "es_dni" else value
        return importlib.import_module(f"stdnum.{MODULES[kind]}").is_valid(value)
    if tag == "CARD" and kind != "standard":
        return luhn.is_valid(value.replace(" ", "").replace("-", ""))
    if tag == "IBAN":
        try:
            return bool(schwifty.IBAN(value))
        except ValueError:
            return False
    if tag == "WALLET" and kind.startswith("btc") and kind != "btc_p2tr":
        return bitcoin.is_valid(value)
    if tag == "PHONE" and span["valid"]:
        region = kind[:2].upper()
        value = "+" + value[2:] if value.startswith("00") else value
        try:
            return phonenumbers.is_valid_number_for_region(phonenumbers.parse(value, region), region)
        except phonenumbers.NumberParseException:
            return False
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gold")
    arguments = parser.parse_args()
    asked, differ = collections.Counter(), collections.Counter()
    where = {}
    with open(arguments.gold, encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            for span in document["spans"]:
                said = opinion(span, document["text"][span["start"] : span["end"]])
                if said is None or span["valid"] is None:
                    continue
                asked[span["tag"]] += 1
                if said != span["valid"]:
                    differ[span["tag"], span["kind"]] += 1
                    where.setdefault((span["tag"], span["kind"]), document["id"])
    for tag, count in sorted(asked.items()):
        print(f"{tag}: {count} asked, {sum(n for (t, _), n in differ.items() if t == tag)} differ")
    for (tag, kind), count in sorted(differ.items()):
        print(f"  {tag} {kind}: {count}, first in {where[tag, kind]}")


if __name__ == "__main__":
    main()
