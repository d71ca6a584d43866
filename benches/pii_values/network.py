"""E-mail addresses, credentials in URLs, addresses of hosts and devices, handles."""

import ipaddress

from .draw import Value

# Names by script, of nobody in particular.
NAMES = {
    "en": ("james", "olivia", "harper", "ethan", "walker", "brooks"), "fr": ("camille", "lefevre", "moreau", "julien", "chloe", "garnier"),
    "es": ("lucia", "herrera", "mateo", "ibarra", "ximena", "quiroga"), "pt": ("thiago", "barbosa", "larissa", "teixeira", "joana", "peixoto"),
    "ar": ("khalid", "almansour", "fatima", "haddad", "yousef", "nasser"), "hi": ("aarav", "sharma", "ananya", "verma", "rohit", "iyer"),
    "zh": ("wangwei", "lina", "zhangmin", "liuyang", "chenjie", "xulei"), "vi": ("nguyen", "minh", "thuy", "phamhoa", "letrang", "quang"),
    "id": ("budi", "santoso", "siti", "wulandari", "agus", "pratiwi"), "sw": ("wanjiru", "otieno", "amina", "mwangi", "juma", "achieng"),
    "yo": ("adebayo", "folake", "okonkwo", "chidi", "ngozi", "tunde"), "de": ("lukas", "schneider", "anna", "vogel", "jonas", "krause"),
}  # fmt: skip
# Names of firms that there are not, it is to be hoped.
FIRMS = ("kivolta", "brunsalia", "nordhavet", "terrafolio", "quendrel", "mapulsa", "ostravelle", "lumidara", "velkonta", "sabrintek",
         "dunmarrow", "pelagrine", "zephonix", "tamarillowerk", "hollowbrook")  # fmt: skip
SUFFIXES = {
    "en": ("com", "co.uk", "org", "net", "io"), "fr": ("fr", "com", "ca"), "es": ("es", "com.mx", "com.ar", "cl"), "pt": ("com.br", "pt"),
    "ar": ("com.sa", "ae", "ma", "com"), "hi": ("in", "co.in", "com"), "zh": ("cn", "com.cn", "com.tw"), "vi": ("vn", "com.vn"),
    "id": ("co.id", "id"), "sw": ("co.ke", "co.tz", "com"), "yo": ("com.ng", "ng"), "de": ("de", "it", "nl", "se", "fi", "com.tr"),
}  # fmt: skip
# Which names a language's texts have.
KIN = {
    "ca": "es", "eu": "es", "ur": "ar", "bn": "hi", "as": "hi", "mr": "hi", "ne": "hi", "ta": "hi", "te": "hi", "kn": "hi", "ml": "hi",
    "gu": "hi", "pa": "hi", "or": "hi", "ig": "yo", "ak": "yo", "tw": "yo", "fon": "fr", "wo": "fr", "bm": "fr", "ln": "fr", "rw": "sw",
    "rn": "fr", "ki": "sw", "lg": "sw", "ny": "sw", "tum": "sw", "sn": "sw", "zu": "en", "xh": "en", "st": "en", "tn": "en", "ts": "en",
    "nso": "en", "it": "de", "nl": "de", "pl": "de", "sv": "de", "fi": "de", "tr": "de", "ja": "zh", "ko": "zh", "code": "en",
}  # fmt: skip

INTERNATIONAL = {
    "de": ("jörg.müller", "straßenbau-köln.de"), "fr": ("hélène.béranger", "café-des-rêves.fr"), "es": ("íñigo.nuñez", "peñalara-montaña.es"),
    "hi": ("आरव", "उदाहरणगृह.भारत"), "zh": ("王小明", "虚构公司.中国"), "ar": ("خالد", "شركةوهمية.السعودية"), "ja": ("佐藤", "架空商店.jp"),
    "pt": ("joão.conceição", "pão-de-açafrão.com.br"), "tr": ("gökçe.şahin", "çiçekbahçesi.com.tr"), "sv": ("åsa.öberg", "blåbärsskogen.se"),
    "vi": ("nguyễn.hoà", "quánphởảo.vn"), "ko": ("김민준", "가상회사.한국"), "ta": ("அருண்", "கற்பனை.இந்தியா"), "bn": ("রহিম", "কাল্পনিক.বাংলা"),
}  # fmt: skip


def person(draw, language):
    names = NAMES[language if language in NAMES else KIN[language]]
    return draw.of(names), draw.of(names)


def domain(draw, language):
    suffix = draw.of(SUFFIXES[language if language in SUFFIXES else KIN[language]])
    host = draw.of(FIRMS) + draw.of(("", "", f"{draw.between(2, 99)}", "-online", "-group"))
    return draw.of(("", "", "", "mail.", "post.")) + f"{host}.{suffix}"


def local_part(draw, language):
    first, last = person(draw, language)
    return draw.of((
        f"{first}.{last}", f"{first}{draw.between(1, 99)}", f"{first[0]}.{last}", f"{first}_{last}", f"{first}-{last}",
        f"{last}{draw.between(1950, 2005)}", f"{first.capitalize()}.{last.capitalize()}", last,
    ))  # fmt: skip


def email(draw, language):
    """RFC 5321 and 5322, dot-atom."""
    return Value("EMAIL", "ascii", f"{local_part(draw, language)}@{domain(draw, language)}")


def email_subaddress(draw, language):
    """RFC 5233."""
    word = draw.of(("news", "shop", "2024", "lists", "tax.2023"))
    return Value("EMAIL", "subaddress", f"{local_part(draw, language)}+{word}@{domain(draw, language)}")


def email_international(draw, language):
    """RFC 6531: UTF-8 on either side of the sign."""
    local, host = INTERNATIONAL[language]
    if draw.chance(0.3):
        local = local_part(draw, language)
    return Value("EMAIL", "international", f"{local}@{host}")


def email_obfuscated(draw, language):
    """As people write it against harvesters."""
    local, host = local_part(draw, language), domain(draw, language)
    at, dot = draw.of((
        (" [at] ", " [dot] "), (" (at) ", " (dot) "), ("[at]", "."), (" (at) ", "."), (" at ", " dot "), (" AT ", " DOT "), ("(at)", "(dot)"),
    ))  # fmt: skip
    # Where the signs are bare words, those of the local part stay, as they mostly do.
    if at.strip().lower() == "at":
        local = local.replace("_", "").replace("-", "")
    return Value("EMAIL", "obfuscated", local + at + host.replace(".", dot))


def url_credentials(draw, language):
    """RFC 3986, userinfo with a password. The label is the user and the password."""
    scheme, port, path = draw.of((
        ("https", "", "/private/report"), ("ftp", "", "/pub"), ("postgres", ":5432", "/app"), ("mysql", ":3306", "/shop"),
        ("mongodb+srv", "", "/data?retryWrites=true"), ("redis", ":6379", "/0"), ("amqp", ":5672", "/vhost"), ("http", ":8080", "/admin"),
    ))  # fmt: skip
    first, last = person(draw, language)
    alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    password = draw.string(alphabet, draw.between(8, 16)) + draw.of(("", "!", "%21", "_x", "$9"))
    user = draw.of((first, f"{first}.{last}", f"svc_{last}"))
    lead, info = f"{scheme}://", f"{user}:{password}"
    return Value("CREDENTIALS", scheme, f"{lead}{info}@{domain(draw, language)}{port}{path}", True, (len(lead), len(lead + info)))


def ipv4(draw):
    """RFC 791; not of the ranges of the IANA special-purpose registry."""
    while True:
        address = ipaddress.IPv4Address(draw.bytes(4))
        if address.is_global and not address.is_multicast and address.packed[0] > 9:
            break
    return Value("IP_ADDRESS", "ipv4", str(address))


def ipv6(draw):
    """RFC 4291 and 5952: global unicast of the ranges that are given out."""
    head = draw.of(("2001:4860", "2a00:1450", "2a02:8109", "2600:1700", "2804:14c", "2401:4900", "2c0f:f248", "240e:3b7"))
    body = ":".join(f"{draw.below(65536):x}" for _ in range(6))
    short = ":".join(f"{draw.between(1, 65535):x}" for _ in range(draw.between(1, 3)))
    text = draw.of((f"{head}:{body}", f"{head}::{short}", f"{head}:{draw.below(65536):x}::{draw.between(1, 255):x}"))
    return Value("IP_ADDRESS", "ipv6", str(ipaddress.IPv6Address(text)) if draw.chance(0.5) else text)


def mac(draw):
    """IEEE 802 EUI-48, unicast: hyphens, colons, or Cisco's dots."""
    raw = bytes((draw.below(64) * 4, *draw.bytes(5)))
    style = draw.below(4)
    text = {0: raw.hex(":"), 1: raw.hex("-").upper(), 2: raw.hex(":").upper(), 3: ".".join(raw.hex()[at : at + 4] for at in (0, 4, 8))}[style]
    return Value("MAC_ADDRESS", "dotted" if style == 3 else "octets", text)


def handle(draw, language):
    """A user name as networks write it; the label includes the sign."""
    first, last = person(draw, language)
    return Value("USER", "handle", "@" + draw.of((f"{first}_{last}", f"{first}{draw.between(10, 999)}", f"{last}{first[0]}", f"real{first}{last}")))
