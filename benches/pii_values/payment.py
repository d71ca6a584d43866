"""Payment cards, bank accounts and wallets."""

import hashlib

from .checks import iban_check, luhn
from .draw import Value

# Issuer: (first digits, length). ISO/IEC 7812 ranges as the schemes publish them.
ISSUERS = {
    "visa": (("4",), 16),
    "mastercard": (("51", "52", "53", "54", "55", "2221", "2345", "2698", "2720"), 16),
    "amex": (("34", "37"), 15),
    "discover": (("6011", "644", "65"), 16),
    "jcb": (("3528", "3540", "3589"), 16),
    "diners": (("36", "38", "300", "305"), 14),
    "unionpay": (("622126", "622600", "625", "628"), 16),
    "maestro": (("5018", "5020", "5893", "6304", "6759"), 16),
    "rupay": (("6521", "6079", "6080"), 16),
    "mir": (("2200", "2201", "2204"), 16),
    "elo": (("636368", "438935", "504175"), 16),
    "verve": (("506099", "506150", "507865"), 16),
}  # fmt: skip


def card(draw, issuer=None, wrong=False):
    """ISO/IEC 7812-1: issuer, account, Luhn. Grouped as embossed, with spaces or hyphens, or not."""
    issuer = issuer or draw.of(list(ISSUERS))
    prefixes, length = ISSUERS[issuer]
    body = draw.of(prefixes)
    body += draw.digits(length - 1 - len(body))
    check = (luhn(body) + (draw.between(1, 9) if wrong else 0)) % 10
    number = f"{body}{check}"
    groups = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    separator = draw.of((" ", " ", "-", ""))
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return Value("CARD", issuer, separator.join(parts), not wrong)


# SWIFT IBAN registry: the BBAN, n digits, a capitals, c either.
IBANS = {
    "AD": "8n12c", "AE": "3n16n", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n", "BG": "4a6n8c",
    "BH": "4a14c", "BR": "23n1a1c", "CH": "5n12c", "CR": "18n", "CY": "8n16c", "CZ": "20n", "DE": "18n",
    "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n", "FI": "14n", "FR": "10n11c2n",
    "GB": "4a14n", "GR": "7n16c", "HR": "17n", "HU": "24n", "IE": "4a14n", "IL": "19n", "IQ": "4a15n",
    "IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "LT": "16n", "LU": "3n13c", "LV": "4a13c",
    "MA": "24n", "MR": "23n", "MT": "4a5n18c", "NL": "4a10n", "NO": "11n", "PK": "4a16c", "PL": "24n",
    "PT": "21n", "QA": "4a21c", "RO": "4a16c", "RS": "18n", "SA": "2n18c", "SE": "20n", "SI": "15n",
    "SK": "20n", "TN": "20n", "TR": "5n1n16c", "UA": "6n19c", "VA": "18n", "XK": "16n",
}  # fmt: skip

# Not in the registry as of 2024, though its banks write them: not planted. (MA, DZ, SN and others of
# the "partial" list.)
UNREGISTERED = ("MA",)


def iban(draw, country=None, wrong=False):
    """ISO 13616-1: country, check digits, account; in groups of four or together."""
    countries = [c for c in IBANS if c not in UNREGISTERED]
    country = country or draw.of(countries)
    structure, bban, count = IBANS[country], "", ""
    for character in structure:
        if character.isdigit():
            count += character
            continue
        # In practice even alphanumeric accounts are mostly digits.
        alphabet = {"n": "0123456789", "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "c": "00112233445566778899ABCDEFGHKLMNPRSTUX"}
        bban += draw.string(alphabet[character], int(count))
        count = ""
    check = int(iban_check(country, bban))
    check = f"{(check - 2 + draw.between(1, 96)) % 97 + 2:02}" if wrong else f"{check:02}"
    text = f"{country}{check}{bban}"
    if draw.chance(0.7):
        text = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return Value("IBAN", country.lower(), text, not wrong)


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(version, payload):
    """Bitcoin wiki, Base58Check: version, payload, four bytes of double SHA-256."""
    raw = version + payload
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _polymod(values):
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check


def segwit(prefix, version, program):
    """BIP 173 for version 0, BIP 350 (bech32m) for later ones."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [version] + [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    target = 1 if version == 0 else 0x2BC830A3
    check = _polymod(expanded + data + [0] * 6) ^ target
    data += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return f"{prefix}1" + "".join(BECH32[value] for value in data)


WALLETS = {
    "btc_p2pkh": lambda draw: base58check(b"\x00", draw.bytes(20)),
    "btc_p2sh": lambda draw: base58check(b"\x05", draw.bytes(20)),
    "btc_p2wpkh": lambda draw: segwit("bc", 0, draw.bytes(20)),
    "btc_p2wsh": lambda draw: segwit("bc", 0, draw.bytes(32)),
    "btc_p2tr": lambda draw: segwit("bc", 1, draw.bytes(32)),
    "ltc_p2pkh": lambda draw: base58check(b"\x30", draw.bytes(20)),
    "ltc_p2wpkh": lambda draw: segwit("ltc", 0, draw.bytes(20)),
    "doge": lambda draw: base58check(b"\x1e", draw.bytes(20)),
}  # fmt: skip


def wallet(draw, kind=None, wrong=False):
    kind = kind or draw.of(list(WALLETS))
    text = WALLETS[kind](draw)
    if wrong:
        at = draw.between(6, len(text) - 2)
        alphabet = BECH32 if "wpkh" in kind or "wsh" in kind or "tr" in kind else BASE58
        text = text[:at] + draw.of([c for c in alphabet if c != text[at]]) + text[at + 1 :]
    return Value("WALLET", kind, text, not wrong)
