"""What looks like personal data and is none. A label names the tag that it resembles.

What only counts neither way, for there are two opinions of it, is in `NEUTRAL`: addresses of the
domains that RFC 2606 and 6761 keep for examples, and keys that a provider prints in its manual.
"""

import base64

from . import national, payment
from .checks import luhn
from .draw import Value
from .personal import written_date


def within(tag, kind, before, core, after="", valid=False):
    """A decoy that stands in its own surroundings; the label lies on `core`."""
    return Value(tag, kind, before + core + after, valid, (len(before), len(before + core)))


def version(draw, language):
    number = draw.of((
        f"{draw.between(1, 30)}.{draw.below(20)}.{draw.below(20)}.{draw.below(200)}", f"10.0.{draw.between(10000, 22631)}.{draw.between(1, 999)}",
        f"{draw.between(1, 9)}.{draw.below(30)}.{draw.below(30)}", f"{draw.between(70, 120)}.0.{draw.between(3000, 6000)}.{draw.between(10, 200)}",
    ))  # fmt: skip
    before, after = draw.of((("version ", ""), ("v", ""), ("Chrome/", " Safari/537.36"), ("libfoo-", ".tar.gz"), ("release ", ""), ("pip install foo==", ""), ("build ", "")))
    return within("IP_ADDRESS", "version", before, number, after)


def section(draw, language):
    number = ".".join(str(draw.between(1, 20)) for _ in range(4))
    before, after = draw.of((("§ ", ""), ("section ", ""), ("Chapter ", ""), ("see clause ", " (b)")))
    return within("IP_ADDRESS", "section", before, number, after)


def isbn13(draw, language):
    """ISO 2108."""
    body = draw.of(("978", "979")) + draw.of("0123") + draw.digits(8)
    check = -sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(body)) % 10
    number = body + str(check)
    number = f"{number[:3]}-{number[3]}-{number[4:8]}-{number[8:12]}-{number[12]}" if draw.chance(0.7) else number
    return within("PHONE", "isbn", draw.of(("ISBN ", "ISBN: ", "ISBN-13: ")), number)


def isbn10(draw, language):
    body = draw.digits(9)
    check = -sum(int(d) * (10 - at) for at, d in enumerate(body)) % 11
    number = body + "0123456789X"[check]
    return within("PHONE", "isbn", draw.of(("ISBN ", "ISBN-10: ")), f"{number[0]}-{number[1:5]}-{number[5:9]}-{number[9]}" if draw.chance(0.7) else number)


def doi(draw, language):
    suffix = draw.of((f"s{draw.digits(5)}-0{draw.digits(2)}-{draw.digits(5)}-{draw.digits(1)}", f"j.cell.2019.{draw.digits(2)}.{draw.digits(3)}", f"{draw.digits(7)}.{draw.digits(7)}"))
    return within("PHONE", "doi", draw.of(("doi:", "https://doi.org/", "DOI ")), f"10.{draw.between(1000, 9999)}/{suffix}")


def date(draw, language):
    form, text = written_date(draw, language, 1900, 2025)
    return within("BIRTH_DATE", "date", draw.of(("", "(", "– ")), text)


def date_pair(draw, language):
    years = draw.between(1800, 1990)
    return within("PHONE", "years", "(", draw.of((f"{years}-{years + draw.between(1, 30)}", f"{years}–{years + draw.between(1, 30)}", f"{years}, {years + 1}, {years + 2}, {years + 3}")), ")")


def time(draw, language):
    return within("IP_ADDRESS", "time", "", draw.of((
        f"{draw.below(24):02}:{draw.below(60):02}:{draw.below(60):02}", f"{draw.below(24):02}:{draw.below(60):02}", f"{draw.below(24):02}:{draw.below(60):02}:{draw.below(60):02}.{draw.digits(3)}",
        f"2024-0{draw.between(1, 9)}-1{draw.digits(1)}T{draw.below(24):02}:{draw.below(60):02}:{draw.below(60):02}+02:00", f"{draw.between(10, 12)}:{draw.below(60):02} – {draw.between(13, 18)}:{draw.below(60):02}",
    )))  # fmt: skip


def digest(draw, language):
    size = draw.of((16, 20, 32, 64))
    before = draw.of(("commit ", "sha256:", "md5: ", "checksum ", "ETag: "))
    text = draw.bytes(size).hex()
    return within("KEY", "hash", before, text.upper() if draw.chance(0.2) else text)


def integrity(draw, language):
    """W3C Subresource Integrity."""
    return within("KEY", "integrity", 'integrity="', "sha384-" + base64.b64encode(draw.bytes(48)).decode(), '"')


def fingerprint(draw, language):
    return within("MAC_ADDRESS", "fingerprint", draw.of(("SHA1 Fingerprint=", "fingerprint ")), draw.bytes(20).hex(":").upper())


def broadcast(draw, language):
    """Group and null addresses belong to no device."""
    return within("MAC_ADDRESS", "broadcast", draw.of(("MAC ", "ether ", "")), draw.of(("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "01:00:5e:00:00:fb")))


def uuid(draw, language):
    """RFC 9562, version 4."""
    raw = bytearray(draw.bytes(16))
    raw[6], raw[8] = raw[6] & 15 | 64, raw[8] & 63 | 128
    text = raw.hex()
    text = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return within("KEY", "uuid", draw.of(("", "id=", "urn:uuid:", "request ")), text.upper() if draw.chance(0.2) else text)


def price(draw, language):
    million = draw.between(1_000_000, 999_999_999)
    return within("PHONE", "price", "", draw.of((
        f"${million:,}.{draw.digits(2)}", f"{million:,} €".replace(",", " "), f"€ {million:,}".replace(",", "."), f"Rs. {draw.between(1, 9)},{draw.digits(2)},{draw.digits(2)},{draw.digits(3)}/-",
        f"R$ {draw.between(1, 999)}.{draw.digits(3)},{draw.digits(2)}", f"₦{million:,}", f"¥{million}", f"USD {million}", f"{draw.between(1, 99)} {draw.digits(3)} {draw.digits(3)} FCFA",
    )))  # fmt: skip


def quantity(draw, language):
    """Populations, distances, rows of numbers."""
    return within("PHONE", "quantity", "", draw.of((
        f"{draw.between(1_000_000, 1_400_000_000):,}", f"{draw.between(10, 99)} {draw.digits(3)} {draw.digits(3)} km²", f"0.{draw.digits(3)} 0.{draw.digits(3)} 0.{draw.digits(3)} 0.{draw.digits(3)}",
        f"{draw.between(10, 99)} {draw.between(10, 99)} {draw.between(10, 99)} {draw.between(10, 99)} {draw.between(10, 99)}", f"3.14159265358979{draw.digits(6)}", f"{draw.digits(3)}/{draw.digits(3)} ({draw.between(10, 99)}.{draw.digits(2)} %)",
    )))  # fmt: skip


def pages(draw, language):
    first = draw.between(100, 1900)
    return within("PHONE", "pages", draw.of(("pp. ", "p. ", "vol. 12, no. 3, pp. ")), f"{first}-{first + draw.between(2, 60)}")


def order(draw, language):
    before = draw.of(("Order no. ", "Order #", "Invoice ", "Ref. ", "ticket #", "SKU ", "Part no. ", "tracking "))
    return within("PHONE", "order_number", before, draw.of((
        f"{draw.digits(4)}-{draw.digits(4)}-{draw.digits(2)}", f"2024-{draw.digits(6)}", draw.digits(7), f"{draw.digits(3)}-{draw.digits(7)}-{draw.digits(7)}", f"AB-{draw.digits(5)}-X", f"9{draw.digits(11)}",
    )))  # fmt: skip


def code_number(draw, language):
    """Numbers in code that have a telephone number's length."""
    number = draw.of((f"0{draw.digits(9)}", f"{draw.between(2, 9)}{draw.digits(9)}", f"1{draw.digits(9)}"))
    before, after = draw.of((
        ("const SEED: u64 = ", ";"), ("#define MAGIC ", ""), ('{"id": ', "}"), ("x = [", ", 7]"), ("offset=", ""), ("timestamp: ", ""), ("assert_eq!(n, ", ");"), ("if (len > ", ") {"),
        ("INSERT INTO t VALUES (", ");"), ("0x", ""),
    ))  # fmt: skip
    return within("PHONE", "number_in_code", before, number, after)


def scope(draw, language):
    """Scopes of C++, Perl and Rust, of hexadecimal letters too."""
    core, after = draw.of((
        ("std::chrono::seconds", "(5)"), ("abc::def", "::g()"), ("ace::Dec::add", "(1)"), ("dead::beef", "();"), ("fade::Cafe", "::make()"), ("a::b::c", ""), ("Bad::Face::decode", "($x)"), ("crate::abe::de", ";"), ("c::d", "::e"), ("::std::fabs", "(x)"),
    ))  # fmt: skip
    return within("IP_ADDRESS", "scope", draw.of(("use ", "return ", "auto x = ", "call ")), core, after)


def reserved_ipv4(draw, language):
    """IANA special-purpose registry: private, loopback, link-local, documentation, masks."""
    a, b = draw.below(256), draw.between(1, 254)
    text = draw.of((f"192.168.{a}.{b}", f"10.{a}.{a}.{b}", f"172.{draw.between(16, 31)}.{a}.{b}", "127.0.0.1", "0.0.0.0", "255.255.255.0", f"169.254.{a}.{b}", f"192.0.2.{b}", f"203.0.113.{b}", f"198.51.100.{b}"))
    return within("IP_ADDRESS", "reserved_ipv4", draw.of(("", "IP ", "ping ", "http://")), text, draw.of(("", ":8080", "/24")))


def reserved_ipv6(draw, language):
    text = draw.of(("::1", "fe80::1ff:fe23:4567:890a", "fd12:3456:789a::1", "2001:db8::ff00:42:8329", "2001:db8:85a3::8a2e:370:7334", "ff02::fb"))
    return within("IP_ADDRESS", "reserved_ipv6", draw.of(("", "IPv6 ", "ping6 ")), text)


def impossible_ipv4(draw, language):
    return within("IP_ADDRESS", "impossible_ipv4", draw.of(("", "IP ")), f"{draw.between(256, 999)}.{draw.below(256)}.{draw.below(999)}.{draw.below(256)}")


def graphics(draw, language):
    """Paths of SVG, rectangles, vertices."""
    number = lambda: f"{draw.between(-200, 900)}.{draw.digits(2)}"
    before, core, after = draw.of((
        ('<path d="M ', f"{number()},{number()} L {number()},{number()}", ' Z"/>'), ('viewBox="', f"0 0 {draw.between(100, 1920)} {draw.between(100, 1080)}", '"'), ("v ", f"0.{draw.digits(6)} -0.{draw.digits(6)} 1.{draw.digits(6)}", ""),
        ("translate(", f"{number()}, {number()}", ")"), ("\\draw (", f"{draw.below(9)}.{draw.digits(4)}, {draw.below(9)}.{draw.digits(4)}", ");"), ("rgb(", f"{draw.below(256)}, {draw.below(256)}, {draw.below(256)}", ")"),
    ))  # fmt: skip
    return within("COORDINATES", "graphics", before, core, after)


def at_sign(draw, language):
    """The sign @ that is no address: packages, decorators, pictures, remotes."""
    tag, before, core, after = draw.of((
        ("EMAIL", "npm i ", f"lodash@4.17.{draw.below(30)}", ""), ("EMAIL", "", "logo@2x.png", ""), ("EMAIL", "git clone ", "git@github.com", ":acme/widgets.git"), ("USER", "", "@Override", "\npublic void run() {}"),
        ("USER", "", "@media", " (max-width: 600px) {}"), ("USER", "import x from '", "@angular/core", "'"), ("USER", " * ", "@param", " name the name"), ("USER", "", "@property", "\ndef f(self): ..."),
        ("EMAIL", "", "x @ y.T", " + b"), ("EMAIL", "5 apples ", "@ 3.50", " each"), ("USER", "", "@import", ' "a.css";'), ("EMAIL", "uses: ", "actions/checkout@v4", ""), ("EMAIL", "", "foo@@bar.com@", ""), ("EMAIL", "", "john@", " or so"),
    ))  # fmt: skip
    return within(tag, "at_sign", before, core, after)


def words_at(draw, language):
    """English that reads like an address written against harvesters."""
    core = draw.of(("meet me at noon. Then", "look at it dot matrix style", "at home (at last) we rest", "She arrived at ten. Nobody"))
    return within("EMAIL", "words", "", core, "")


def url(draw, language):
    """A port and a path with the sign, no credentials."""
    return within("CREDENTIALS", "plain_url", "", draw.of(("https://nordhavet.org:8443/a:b/c@d", "http://localhost:3000/a?x=1:2@3", "https://kivolta.fr/?tag=:new@2", "ftp://pelagrine.org/pub/")))


def placeholder(draw, language):
    before, core, after = draw.of((
        ('api_key = "', "YOUR_API_KEY_HERE", '"'), ("token: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""), ("API_KEY=", "${API_KEY}", ""), ("secret = ", "os.environ['APP_SECRET_TOKEN_V2']", ""), ('password: "', "changeme", '"'), ("key = ", "primary_key_constraint_name_of_users", ""),
        ("import ", "sk-learn", ""), ("", "-----BEGIN CERTIFICATE-----\nMIIB9TCCAWACAQAwgbgxGTAXBgNVBAoMEFF1b1ZhZGlzIExpbWl0ZWQxHDAaBgNV\n-----END CERTIFICATE-----", ""),
        ("", "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf\n-----END PUBLIC KEY-----", ""),
    ))  # fmt: skip
    return within("KEY", "placeholder", before, core, after)


def data_uri(draw, language):
    """RFC 2397."""
    return within("KEY", "data_uri", "data:image/png;base64,", "iVBORw0KGgoAAAANSUhEUgAA" + base64.b64encode(draw.bytes(60)).decode())


def identifier_in_code(draw, language):
    return within("KEY", "identifier", "", draw.of(("getUserAuthenticationTokenFromRequestHeaderV2", "com.example.project.internal.ServiceFactoryImpl2", "kMaxNumberOfConcurrentStreams1024", "npm_config_registry_fallback_path", "hf_hub_download_with_resume_and_etag")))


def standard(draw, language):
    """Names of standards, substances, patents, papers, parcels."""
    tag, before, core = draw.of((
        ("NATIONAL_ID", "CAS ", f"{draw.between(50, 9999)}-{draw.digits(2)}-{draw.digits(1)}"), ("PHONE", "arXiv:", f"21{draw.between(10, 12)}.{draw.digits(5)}v2"), ("PHONE", "US patent ", f"{draw.between(5, 11)},{draw.digits(3)},{draw.digits(3)}"),
        ("PHONE", "", f"ISO {draw.between(1000, 27001)}-{draw.between(1, 9)}:2013"), ("PHONE", "ISSN ", f"{draw.digits(4)}-{draw.digits(4)}"), ("CARD", "UPS ", f"1Z999AA1{draw.digits(10)}"), ("PHONE", "PMID: ", draw.digits(8)), ("LICENSE_PLATE", "", f"RFC {draw.between(1000, 9700)}"), ("LICENSE_PLATE", "", "Boeing 737-800"),
        ("PASSPORT", "model ", f"AB{draw.digits(6)}"), ("PHONE", "OEIS ", f"A{draw.digits(6)}"), ("LICENSE_PLATE", "", f"COVID-19 B.1.1.{draw.between(1, 999)}"),
    ))  # fmt: skip
    return within(tag, "standard", before, core)


def score(draw, language):
    return within("PHONE", "score", "", draw.of((f"{draw.below(9)}-{draw.below(9)}, {draw.below(7)}-{draw.below(7)}, 7-6", f"{draw.between(60, 120)}:{draw.between(60, 120)}", "1 Sam 12:3-15", f"Ps {draw.between(1, 150)}:{draw.between(1, 20)}-{draw.between(21, 30)}")))


def identifier_wrong(draw, kind):
    """A national identifier whose check digit or structure is not right, with the word that says
    what it would be."""
    while True:
        text = national.IDENTIFIERS[kind][0](draw, True)
        # What is no identifier may not be a card number by chance.
        digits = "".join(c for c in text if c.isdigit())
        if not 13 <= len(digits) <= 19 or luhn(digits[:-1]) != int(digits[-1]):
            return Value("NATIONAL_ID", f"wrong_{kind}", text, False)


def card_wrong(draw, language):
    return payment.card(draw, None, True)


def iban_wrong(draw, language):
    return payment.iban(draw, None, True)


def wallet_wrong(draw, language):
    return payment.wallet(draw, None, True)


def example_address(draw, language):
    text = draw.of(("user@example.com", "jane.doe@example.org", "admin@example.net", "a@b.example", "info@test.invalid", "bob@localhost"))
    return Value("EMAIL", "example_domain", text, None)


def example_key(draw, language):
    before, core = draw.of((("AWS_ACCESS_KEY_ID=", "AKIAIOSFODNN7EXAMPLE"), ("aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), ("https://", "user:password"), ("http://", "username:password")))
    after = "@example.com/" if ":" in core else ""
    return within("CREDENTIALS" if after else "KEY", "example_value", before, core, after, None)


# In texts of any language.
ANYWHERE = (version, section, isbn13, isbn10, doi, date, date, date_pair, time, time, digest, uuid, price, price, quantity, pages, order, order, standard, score,
            reserved_ipv4, reserved_ipv6, impossible_ipv4, broadcast, url)  # fmt: skip
# In texts that are, or speak of, programs.
IN_CODE = (version, digest, integrity, fingerprint, uuid, code_number, code_number, scope, scope, reserved_ipv4, reserved_ipv6, graphics, graphics, at_sign, at_sign,
           placeholder, data_uri, identifier_in_code, time, url)  # fmt: skip
ENGLISH = (words_at,)
NEUTRAL = (example_address, example_key)
