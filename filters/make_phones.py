"""Makes phones.tsv: telephone numbering plans, of the metadata of Google's libphonenumber.

    pip install phonenumbers==9.0.43 && python filters/make_phones.py > filters/phones.tsv

`phonenumbers` (Apache-2.0) is libphonenumber's metadata as Python. A line holds, separated by tabs:

region      ISO 3166-1, or 001 for codes of no country
code        country calling code
prefix      what is dialled before a national number within the country; may be empty
lengths     digits of a national number, without the prefix, as FIRST-LAST
number      regular expression of all valid national numbers: every kind of subscriber's number
formats     how national numbers are grouped: LEADING_DIGITS=2-2-2;..., the first that fits counts

Regions that share a code with a larger one stand behind it.
"""

import re

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS
from phonenumbers import PhoneMetadata

KINDS = ["fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "uan"]


def bare(pattern):
    """A pattern without capturing groups, which are of no use here."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern.replace("\n", "").replace(" ", ""))


def groups(pattern):
    """The lengths of a format's groups: `2-2-4`, or nothing where one has no fixed length."""
    lengths = []
    for group in re.findall(r"\(((?:\\d|\d|\[[^]]*\])(?:\{[\d,]+\}|\\d)*)\)", pattern):
        length = 0
        for digit, times in re.findall(r"(\\d|\d|\[[^]]*\])(\{[\d,]+\})?", group):
            if "," in times:
                return None
            length += int(times.strip("{}")) if times else 1
        lengths.append(length)
    return lengths


def variants(pattern):
    """A format with groups such as `\\d{3,4}` is one for each length."""
    found = re.search(r"\{(\d+),(\d+)\}", pattern)
    if not found:
        return [pattern]
    spans = range(int(found[1]), int(found[2]) + 1)
    return [one for n in spans for one in variants(pattern[: found.start()] + "{%d}" % n + pattern[found.end() :])]


def formats(metadata):
    seen = []
    for one in list(metadata.number_format) + list(metadata.intl_number_format):
        leading = bare(one.leading_digits_pattern[-1]) if one.leading_digits_pattern else ""
        for pattern in variants(one.pattern):
            lengths = groups(pattern)
            if not lengths or len(lengths) != pattern.count("("):
                continue
            entry = leading + "=" + "-".join(map(str, lengths))
            if len(lengths) > 1 and entry not in seen:
                seen.append(entry)
    return ";".join(seen)


def main():
    print("# Telephone numbering plans, from the metadata of libphonenumber 9.0.43 (Apache-2.0,")
    print("# https://github.com/google/libphonenumber), made by make_phones.py, which describes the columns.")
    for code in sorted(REGIONS):
        for region in REGIONS[code]:
            if region == "001":
                metadata = PhoneMetadata.metadata_for_nongeo_region(code)
            else:
                metadata = PhoneMetadata.metadata_for_region(region)
            patterns = []
            for kind in KINDS:
                description = getattr(metadata, kind)
                if description and description.national_number_pattern:
                    pattern = bare(description.national_number_pattern)
                    if pattern not in patterns:
                        patterns.append(pattern)
            possible = sorted(n for n in metadata.general_desc.possible_length if n > 4)
            if not possible or not patterns:
                continue
            assert not any("\t" in pattern or "(?!" in pattern for pattern in patterns)
            fields = [
                region,
                str(code),
                metadata.national_prefix or "",
                f"{possible[0]}-{possible[-1]}",
                "|".join(patterns),
                formats(metadata) or formats(PhoneMetadata.metadata_for_region(REGIONS[code][0]) if REGIONS[code][0] != "001" else metadata),
            ]
            print("\t".join(fields))


if __name__ == "__main__":
    main()
