"""Chance that is the same in every version of Python, and what a value is."""

import dataclasses
import random


class Draw:
    """Draws from a seed. Only `random.Random.random` is used, whose stream is documented to stay."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def below(self, end):
        """A whole number from 0 to `end`, exclusive."""
        return int(self._random.random() * end)

    def between(self, first, last):
        """A whole number from `first` to `last`, both inclusive."""
        return first + self.below(last - first + 1)

    def chance(self, share):
        return self._random.random() < share

    def of(self, items):
        return items[self.below(len(items))]

    def digits(self, count):
        return "".join(self.of("0123456789") for _ in range(count))

    def string(self, alphabet, count):
        return "".join(self.of(alphabet) for _ in range(count))

    def bytes(self, count):
        return bytes(self.below(256) for _ in range(count))

    def fill(self, pattern):
        """`#` is any digit, `[…]` one of the characters in it, `~` any upper-case letter; the rest
        stands for itself."""
        out, at = [], 0
        while at < len(pattern):
            character = pattern[at]
            if character == "#":
                out.append(self.of("0123456789"))
            elif character == "~":
                out.append(self.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            elif character == "[":
                end = pattern.index("]", at)
                out.append(self.of(span(pattern[at + 1 : end])))
                at = end
            else:
                out.append(character)
            at += 1
        return "".join(out)

    def shuffled(self, items):
        items = list(items)
        for at in range(len(items) - 1, 0, -1):
            other = self.below(at + 1)
            items[at], items[other] = items[other], items[at]
        return items


def span(members):
    """The characters of `2-9AX`."""
    out, at = [], 0
    while at < len(members):
        if members[at + 1 : at + 2] == "-" and at + 2 < len(members):
            out.extend(chr(c) for c in range(ord(members[at]), ord(members[at + 2]) + 1))
            at += 3
        else:
            out.append(members[at])
            at += 1
    return out


@dataclasses.dataclass(frozen=True)
class Value:
    """What is planted. `tag` is the tag it has or, where it is not valid, the tag it resembles."""

    tag: str
    kind: str
    text: str
    # True: personal data. False: must not be found. None: counts neither way.
    valid: bool | None = True
    # Where the label lies in `text`, if not all of it.
    label: tuple[int, int] | None = None


DIGITS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "extended-arabic": "۰۱۲۳۴۵۶۷۸۹",
    "devanagari": "०१२३४५६७८९",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "gurmukhi": "੦੧੨੩੪੫੬੭੮੯",
    "gujarati": "૦૧૨૩૪૫૬૭૮૯",
    "oriya": "୦୧୨୩୪୫୬୭୮୯",
    "telugu": "౦౧౨౩౪౫౬౭౮౯",
    "kannada": "೦೧೨೩೪೫೬೭೮೯",
    "full-width": "0123456789",
}

# Which digits are in use beside the ASCII ones.
NATIVE_DIGITS = {
    "ar": "arabic", "ur": "extended-arabic", "hi": "devanagari", "mr": "devanagari",
    "ne": "devanagari", "bn": "bengali", "as": "bengali", "pa": "gurmukhi", "gu": "gujarati",
    "or": "oriya", "te": "telugu", "kn": "kannada", "zh": "full-width", "ja": "full-width",
}  # fmt: skip


def native_digits(text, language):
    """`text` with the digits of the language, which has some."""
    return text.translate(str.maketrans("0123456789", DIGITS[NATIVE_DIGITS[language]]))
