"""Keys to services, in the forms that their providers publish, with nothing behind them."""

import base64
import json
import zlib

from .draw import Value

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WORD = BASE62 + "_-"
HEX = "0123456789abcdef"


def github(draw):
    """GitHub, "Behind GitHub's new authentication token formats": 30 characters and their CRC-32 in
    base 62."""
    body = draw.string(BASE62, 30)
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        check = BASE62[rest] + check
    return draw.of(("ghp_", "gho_", "ghs_")) + body + check


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def jwt(draw):
    """RFC 7519, HS256."""
    head = base64url(b'{"alg":"HS256","typ":"JWT"}')
    claims = {"sub": draw.digits(10), "iat": draw.between(1_600_000_000, 1_750_000_000), "scope": draw.of(("read", "admin"))}
    return f"{head}.{base64url(json.dumps(claims, separators=(',', ':')).encode())}.{base64url(draw.bytes(32))}"


def pem(draw):
    """RFC 7468: the armour of a private key around noise."""
    label = draw.of(("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"))
    text = base64.b64encode(b"0\x82" + draw.bytes(draw.between(150, 260))).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def aws(draw):
    """AWS IAM, unique identifiers: AKIA and sixteen characters of base 32."""
    return draw.of(("AKIA", "ASIA")) + draw.string("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)


PROVIDERS = {
    "aws_access_key": aws,
    "github_token": github,
    "github_fine_grained": lambda d: f"github_pat_{d.string(BASE62, 22)}_{d.string(BASE62, 59)}",
    "gitlab_token": lambda d: "glpat-" + d.string(WORD[:-1], 20),
    "slack_token": lambda d: f"xoxb-{d.fill('[1-9]')}{d.digits(11)}-{d.fill('[1-9]')}{d.digits(12)}-{d.string(BASE62, 24)}",
    "stripe_key": lambda d: d.of(("sk_live_", "rk_live_")) + d.string(BASE62, 24),
    "google_api_key": lambda d: "AIza" + d.string(WORD, 35),
    "google_oauth_secret": lambda d: "GOCSPX-" + d.string(WORD, 28),
    "openai_key": lambda d: f"sk-proj-{d.string(BASE62, 74)}T3BlbkFJ{d.string(BASE62, 74)}",
    "anthropic_key": lambda d: f"sk-ant-api03-{d.string(WORD, 93)}AA",
    "huggingface_token": lambda d: "hf_" + d.string(BASE62[10:], 34),
    "npm_token": lambda d: "npm_" + d.string(BASE62, 36),
    "pypi_token": lambda d: "pypi-AgEIcHlwaS5vcmc" + d.string(WORD, 150),
    "sendgrid_key": lambda d: f"SG.{d.string(WORD, 22)}.{d.string(WORD, 43)}",
    "telegram_token": lambda d: f"{d.fill('[1-9]')}{d.digits(9)}:AA{d.string(WORD, 33)}",
    "digitalocean_token": lambda d: "dop_v1_" + d.string(HEX, 64),
    "shopify_token": lambda d: "shpat_" + d.string(HEX, 32),
    "jwt": jwt,
    "private_key": pem,
}


def key(draw, kind):
    return Value("KEY", kind, PROVIDERS[kind](draw))


def assigned(draw):
    """A random value that is given to a name which says what it is. The label is the value."""
    secret = draw.string(BASE62 + draw.of(("", "+/")), draw.between(32, 44))
    before, after = draw.of((
        ('api_key = "', '"'), ("API_SECRET=", ""), ('"client_secret": "', '"'), ("secret_key: ", ""),
        ("export ACCESS_TOKEN='", "'"), ('const authToken = "', '";'), ("aws_secret_access_key = ", ""),
    ))  # fmt: skip
    return Value("KEY", "assigned", before + secret + after, True, (len(before), len(before + secret)))
