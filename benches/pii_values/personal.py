"""What is personal only by the words beside it: passports, plates, dates of birth, places."""

from .draw import Value

# Patterns as the issuing states print them (ICAO 9303 allows up to nine characters).
PASSPORTS = {
    "us": ("[A-E]########", "4########"), "gb": ("[1-9]########",), "ca": ("[AGHJP]~######",), "in": ("[A-PR-WY]#######",),
    "cn": ("E########", "E[A-HJ-NP-Z]#######", "G########"), "fr": ("##[A-Z]~#####",), "de": ("C[CFGHJKLMNPRTVWXYZ0-9][CFGHJKLMNPRTVWXYZ0-9]######",),
    "es": ("~~~######",), "it": ("Y[AB]#######",), "br": ("[A-Z]~######",), "pt": ("[CP][A-Z]######",), "mx": ("[GN]########",),
    "ar": ("AA[A-F]######",), "ng": ("[AB]########",), "ke": ("[ABC][K]######",), "za": ("[AM]########",), "id": ("[ABCX]#######",), "vn": ("[BCKPN]#######",),
    "sa": ("[A-Z]######",), "eg": ("A########",), "pk": ("[A-Z]~#######",), "bd": ("[AEB][A-Z]#######",), "np": ("########",), "nl": ("[NB][A-NP-Z][A-NP-Z0-9]#####[0-9]",),
    "pl": ("[A-Z]~#######",), "se": ("########",), "fi": ("[FP][A-Z]#######",), "tr": ("U########",), "jp": ("T[A-Z]#######",), "kr": ("M########",), "lk": ("N#######",),
}  # fmt: skip
PLATES = {
    "fr": ("[A-HJ-NP-TV-Z][A-HJ-NP-TV-Z]-###-[A-HJ-NP-TV-Z][A-HJ-NP-TV-Z]",), "es": ("#### [BCDFGHJKLMNPRSTVWXYZ][BCDFGHJKLMNPRSTVWXYZ][BCDFGHJKLMNPRSTVWXYZ]",),
    "gb": ("[ABCDEFGHKLMNOPRSVWY][A-HJ-PR-Y][0-257][1-9] [A-HJ-PR-Z][A-HJ-PR-Z][A-HJ-PR-Z]",), "de": ("B-[A-Z]~ [1-9]###", "M [A-Z]~ [1-9]##", "HH-[A-Z]~ [1-9]##"),
    "it": ("[A-HJ-NPR-TV-Z][A-HJ-NPR-TV-Z] ### [A-HJ-NPR-TV-Z][A-HJ-NPR-TV-Z]",), "br": ("[A-Z]~~#[A-J]##", "~~~-####"), "pt": ("[A-HJ-PR-V][A-HJ-PR-V]-##-[A-HJ-PR-V][A-HJ-PR-V]",),
    "in": ("MH 12 ~~ ####", "DL 3C ~~ ####", "KA-05-~~-####", "TN 09 ~~ ####", "WB 02 ~ ####"), "ng": ("[A-Z]~~-###~~",), "ke": ("K[A-D]~ ###~",), "za": ("CA ###-###", "[B-DF-HJ-NP-TV-Z][B-DF-HJ-NP-TV-Z][B-DF-HJ-NP-TV-Z] ### GP"),
    "id": ("B [1-9]### ~~~", "D [1-9]### ~~"), "vn": ("30A-###.##", "51[A-H]-###.##"), "cn": ("京A·[A-HJ-NP-Z0-9]####", "沪B[A-HJ-NP-Z]####", "粤B·[A-HJ-NP-Z]####"),
    "mx": ("[A-Z]~~-##-##", "[A-Z]~~-###-[A-Z]"), "ar": ("A[A-G] ### ~~",), "nl": ("##-[BDFGHJKLNPRSTVXZ][BDFGHJKLNPRSTVXZ][BDFGHJKLNPRSTVXZ]-[1-9]", "[GHJKLNPRSTXZ]-###-[BDFGHJKLNPRSTXZ][BDFGHJKLNPRSTXZ]"), "pl": ("W[A-Z] #####", "KR [1-9]~###"), "se": ("[A-HJ-PR-UW-Z][A-HJ-PR-UW-Z][A-HJ-PR-UW-Z] ###",),
    "fi": ("[A-Z]~~-###",), "tr": ("34 ~~~ ##", "06 ~~ ###"), "us": ("[1-9][A-Z]~~###", "~~~-####"), "be": ("1-[A-Z]~~-###",), "sa": ("#### [ABDEGHJKLNRSTUVXZ][ABDEGHJKLNRSTUVXZ][ABDEGHJKLNRSTUVXZ]",), "pk": ("LE[A-D]-##-####", "[A-Z]~~-###"),
}  # fmt: skip
# Whose passports and plates turn up in the texts of a language.
COUNTRIES = {
    "en": ("us", "gb", "ca", "in", "ng", "ke", "za"), "fr": ("fr", "ca"), "es": ("es", "mx", "ar"), "pt": ("br", "pt"), "ca": ("es",), "eu": ("es",),
    "ar": ("sa", "eg"), "hi": ("in",), "bn": ("bd", "in"), "mr": ("in",), "ne": ("np",), "ta": ("in", "lk"), "te": ("in",), "kn": ("in",), "ml": ("in",),
    "gu": ("in",), "pa": ("in",), "ur": ("pk",), "id": ("id",), "vi": ("vn",), "zh": ("cn",), "sw": ("ke",), "yo": ("ng",), "ig": ("ng",), "zu": ("za",), "xh": ("za",),
    "de": ("de",), "it": ("it",), "nl": ("nl",), "pl": ("pl",), "sv": ("se",), "fi": ("fi",), "tr": ("tr",), "ja": ("jp",), "ko": ("kr",),
}  # fmt: skip


def passport(draw, language):
    country = draw.of(COUNTRIES[language])
    return Value("PASSPORT", country, draw.fill(draw.of(PASSPORTS[country])))


def plate(draw, language):
    countries = [country for country in COUNTRIES[language] if country in PLATES]
    if not countries:
        return None
    country = draw.of(countries)
    return Value("LICENSE_PLATE", country, draw.fill(draw.of(PLATES[country])))


# Names of the months, in the case that a date puts them in.
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "sw": "Januari Februari Machi Aprili Mei Juni Julai Agosti Septemba Oktoba Novemba Desemba",
}  # fmt: skip


def written_date(draw, language, first, last):
    """A date as the language writes it, with its kind."""
    year, month, day = draw.between(first, last), draw.between(1, 12), draw.between(1, 28)
    if language in ("zh", "ja"):
        return draw.of((("ideographs", f"{year}年{month}月{day}日"), ("iso", f"{year}-{month:02}-{day:02}")))
    if language == "ko":
        return draw.of((("hangul", f"{year}년 {month}월 {day}일"), ("dots", f"{year}.{month:02}.{day:02}")))
    forms = [("iso", f"{year}-{month:02}-{day:02}"), ("slashes", f"{day:02}/{month:02}/{year}"), ("slashes", f"{day:02}/{month:02}/{year}")]
    if language in ("de", "pl", "fi", "tr", "nl", "it"):
        forms[2] = ("dots", f"{day:02}.{month:02}.{year}")
    if language == "en":
        forms[2] = ("slashes", f"{month:02}/{day:02}/{year}")
    if language in MONTHS:
        name = MONTHS[language].split(" ")[month - 1]
        joint = {"es": " de ", "pt": " de "}.get(language, " ")
        dot = "." if language in ("de", "fi") else ""
        forms.append(("month", f"{day}{dot}{joint}{name}{joint}{year}"))
        forms.append(("month", f"{name} {day}, {year}" if language == "en" else forms[-1][1]))
    return draw.of(forms)


def birth(draw, language):
    form, text = written_date(draw, language, 1940, 2010)
    return Value("BIRTH_DATE", form, text)


def place(draw, language):
    """ISO 6709 as it is written for people: decimal degrees, or degrees, minutes and seconds."""
    latitude, longitude = draw.between(-5_500_000, 6_500_000) / 1e5, draw.between(-17_000_000, 17_000_000) / 1e5
    if draw.chance(0.6):
        return Value("COORDINATES", "decimal", f"{latitude:.{draw.between(4, 5)}f}, {longitude:.{draw.between(4, 5)}f}")
    def part(value, signs):
        minutes, seconds = draw.below(60), draw.below(60)
        return f"{abs(int(value))}°{minutes:02}′{seconds:02}″{signs[value < 0]}".replace("′", mark[0]).replace("″", mark[1])
    mark = draw.of(("′″", "'\""))
    return Value("COORDINATES", "degrees", f"{part(latitude, 'NS')} {part(longitude, 'EW')}")
