"""Texts without language (`zxx`), made with a seeded generator."""
import base64
import string

DIGITS = ["0123456789"] * 6 + ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "௦௧௨௩௪௫௬௭௮௯"]
SYMBOLS = "!@#$%^&*()_+-=[]{}|;:,.<>?/~`★☆◆●■□▲▼→←♥♪¤§¶•…»«±×÷"
EMOJI = "😀😂🤣😍🙏👍🔥🎉❤✨💯🤔😭😎🌍🚀✅❌⚠🎵📷🏆🌹🐶🍕⚽"
BOX = "─│┌┐└┘├┤═║╔╗╚╝░▒▓█▄▀"
KEYS = ["asdfghjkl", "qwertyuiop", "zxcvbnm", "azertyuiop", "qsdfghjklm", "jfkdls", "hjklhjkl", "1q2w3e4r", "фывапролдж", "йцукен"]
REPEATS = ["a", "ha", "lol", "x", "ab", "zz", "!", "=-", "haha", "aa", "oo", "w", "da", "na", "la", "je", "he", "ah", "mm", "哈", "の", "ह", "ha ", "la ", "xo", "ع", "אה", "да"]
WORDS = ["index", "data", "file", "img", "test", "page", "main", "item", "node", "user", "conf", "lib", "src", "tmp", "api", "v2", "log", "cache", "home", "admin"]
LEVELS = ["INFO", "WARN", "ERROR", "DEBUG", "TRACE", "FATAL"]
UNITS = ["kg", "cm", "mm", "km", "MB", "GB", "kB", "ms", "Hz", "W", "V", "%", "°C", "€", "$", "ml"]


def _word(rng, letters, low, high):
    return "".join(rng.choice(letters) for _ in range(rng.randint(low, high)))


def _number(rng):
    digits = rng.choice(DIGITS)
    n = _word(rng, digits, 1, 6)
    return n + rng.choice(["", "", "." + _word(rng, digits, 1, 3), "," + _word(rng, digits, 2, 3), rng.choice(UNITS), "%"])


def numbers(rng):
    return rng.choice([" ", "\t", " | ", ", ", ";"]).join(_number(rng) for _ in range(rng.randint(5, 40)))


def date_lines(rng):
    stamp = lambda: "%04d-%02d-%02d %02d:%02d:%02d" % (rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59))
    return rng.choice([" ", " - ", ", "]).join(stamp() for _ in range(rng.randint(2, 8)))


def log_lines(rng):
    out = []
    for _ in range(rng.randint(1, 5)):
        out.append("[%02d:%02d:%02d.%03d] %s %s.%s:%d %s=%s" % (
            rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59), rng.randint(0, 999), rng.choice(LEVELS), rng.choice(WORDS), rng.choice(WORDS),
            rng.randint(1, 999), rng.choice(WORDS), _word(rng, string.hexdigits, 4, 16)))
    return " ".join(out)


def addresses(rng):
    def one():
        host = _word(rng, string.ascii_lowercase, 3, 10) + rng.choice([".com", ".org", ".net", ".io", ".co.za", ".rw", ".ng"])
        kind = rng.randint(0, 4)
        if kind == 0:
            return "%s@%s" % (_word(rng, string.ascii_lowercase, 3, 9), host)
        if kind == 1:
            return ".".join(str(rng.randint(0, 255)) for _ in range(4))
        if kind == 2:
            return "/".join([""] + [rng.choice(WORDS) for _ in range(rng.randint(2, 6))]) + rng.choice([".html", ".png", ".js", ".txt", ""])
        return "http%s://%s%s/%s?%s=%d" % (rng.choice(["", "s"]), rng.choice(["", "www."]), host, "/".join(rng.choice(WORDS) for _ in range(rng.randint(1, 4))), rng.choice(WORDS), rng.randint(1, 99999))
    return " ".join(one() for _ in range(rng.randint(1, 6)))


def hexes(rng):
    return " ".join(_word(rng, rng.choice(["0123456789abcdef", "0123456789ABCDEF"]), *rng.choice([(2, 2), (8, 8), (32, 40), (4, 12)])) for _ in range(rng.randint(2, 20)))


def base64s(rng):
    return base64.b64encode(bytes(rng.getrandbits(8) for _ in range(rng.randint(30, 200)))).decode()


def random_letters(rng):
    letters = rng.choice([string.ascii_lowercase, string.ascii_letters, string.ascii_letters + string.digits, "bcdfghjklmnpqrstvwxz", string.ascii_uppercase])
    return " ".join(_word(rng, letters, 1, rng.choice([6, 10, 25])) for _ in range(rng.randint(3, 20)))


def mashing(rng):
    def one():
        row = rng.choice(KEYS)
        at = rng.randint(0, len(row) - 3)
        return "".join(rng.choice(row[at : at + 5]) for _ in range(rng.randint(3, 12)))
    return rng.choice(["", " ", " "]).join(one() for _ in range(rng.randint(3, 12)))


def repeated(rng):
    unit = rng.choice(REPEATS)
    return (unit * rng.randint(10, 120)).strip()


def symbols(rng):
    letters = rng.choice([SYMBOLS, EMOJI, BOX, SYMBOLS + " ", EMOJI + " ", "-=_ ", "░▒▓█ "])
    return _word(rng, letters, 15, 120).strip() or "----------"


def sequences(rng):
    kind = rng.randint(0, 3)
    if kind == 0:
        return _word(rng, "ACGT", 40, 200)
    if kind == 1:
        return _word(rng, "ACDEFGHIKLMNPQRSTVWY", 40, 200)
    if kind == 2:
        return " ".join(rng.choice(["C", "H", "O", "N", "Na", "Cl", "Fe", "S"]) + str(rng.randint(1, 24)) for _ in range(rng.randint(4, 20)))
    return " ".join("%s-%d%s" % (_word(rng, string.ascii_uppercase, 2, 4), rng.randint(1, 9999), rng.choice(["", "/A", "-X", ".1"])) for _ in range(rng.randint(3, 15)))


def tables(rng):
    rows = []
    for _ in range(rng.randint(2, 8)):
        rows.append(rng.choice([" | ", "\t", ","]).join(rng.choice([_number(rng), _word(rng, string.ascii_uppercase, 1, 3), "-", ""]) for _ in range(rng.randint(3, 9))))
    return " ".join(rows)


def formulas(rng):
    symbol = lambda: rng.choice(["x", "y", "z", "a_i", "n", "\\alpha", "\\frac{1}{2}", "f(x)", "2", "\\sum", "^2", "_{ij}", "\\beta", "k", "\\pi"])
    return " ".join(symbol() + rng.choice([" +", " -", " =", " \\cdot", " <", ""]) for _ in range(rng.randint(6, 30)))


KINDS = [numbers, numbers, date_lines, log_lines, addresses, hexes, base64s, random_letters, random_letters, mashing, repeated, repeated, symbols, symbols, sequences, tables, formulas]


def make(rng, count):
    """`count` texts, all kinds in turn."""
    return [KINDS[i % len(KINDS)](rng) for i in range(count)]
