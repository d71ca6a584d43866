"""National and tax identifiers of persons and firms, with their check digits.

Each function gives one identifier as it is written, right or, with `wrong`, with a check digit (or
where there is none, a field) that the specification does not allow.
"""

from .checks import iso7064_mod11_10, luhn, mod11_2, verhoeff, weighted

CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"


def date(draw, first=1945, last=2004):
    """A date of birth: year, month, day. No day after the 28th."""
    return draw.between(first, last), draw.between(1, 12), draw.between(1, 28)


def off(draw, digit, wrong, base=10):
    """`digit`, or another one where it is to be wrong."""
    return (digit + draw.between(1, base - 1)) % base if wrong else digit


def us_ssn(draw, wrong):
    """SSA, randomised since 2011: area 001-899 without 666, group and serial not zero."""
    area = draw.of(("000", "666")) if wrong else f"{draw.between(1, 665):03}"
    return f"{area}-{draw.between(1, 99):02}-{draw.between(1, 9999):04}"


def us_itin(draw, wrong):
    """IRS: 9NN-GG-NNNN with GG 50-65, 70-88, 90-92, 94-99."""
    group = draw.between(1, 49) if wrong else draw.of((*range(50, 66), *range(70, 89), 90, 91, 92, 94, 99))
    return f"9{draw.digits(2)}-{group:02}-{draw.between(1, 9999):04}"


def ca_sin(draw, wrong):
    """Luhn over nine digits; 0 and 8 are not given to persons."""
    body = draw.fill("[1-7]#######")
    number = body + str(off(draw, luhn(body), wrong))
    separator = draw.of((" ", "-"))
    return separator.join((number[:3], number[3:6], number[6:]))


def br_cpf(draw, wrong):
    """Receita Federal: two check digits modulo 11, weights 10-2 and 11-2."""
    body = draw.digits(9)
    for first in (10, 11):
        rest = weighted(body, range(first, 1, -1)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    if wrong:
        body = body[:10] + str(off(draw, int(body[10]), True))
    return f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}" if draw.chance(0.75) else body


def br_cnpj(draw, wrong):
    """Two check digits modulo 11; since July 2026 the first twelve may be letters, which count as
    their ASCII code minus 48 (Instrução Normativa RFB 2.229/2024)."""
    letters = draw.chance(0.15)
    body = draw.string("0123456789ABCDEFGHJKLMNPRSTVWXYZ", 8) if letters else draw.digits(8)
    body += "000" + draw.of("123")
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = sum((ord(c) - 48) * w for c, w in zip(body, weights)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    if wrong:
        body = body[:13] + str(off(draw, int(body[13]), True))
    return f"{body[:2]}.{body[2:5]}.{body[5:8]}/{body[8:12]}-{body[12:]}"


def control_letter(number):
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]


def another(draw, letters, but):
    return draw.of([letter for letter in letters if letter != but])


def es_dni(draw, wrong):
    """Ministerio del Interior: the letter is the number modulo 23."""
    number = draw.between(10_000_000, 99_999_999)
    letter = control_letter(number)
    letter = another(draw, "TRWAGMYFPDXBNJZSQVHLCKE", letter) if wrong else letter
    digits = str(number)
    return draw.of((
        f"{digits}{letter}",
        f"{digits}-{letter}",
        f"{digits[:2]}.{digits[2:5]}.{digits[5:]}-{letter}",
    ))  # fmt: skip


def es_nie(draw, wrong):
    """As the DNI, X, Y and Z counting as 0, 1 and 2."""
    first, digits = draw.of("XYZ"), draw.digits(7)
    letter = control_letter(int(str("XYZ".index(first)) + digits))
    letter = another(draw, "TRWAGMYFPDXBNJZSQVHLCKE", letter) if wrong else letter
    return draw.of((f"{first}{digits}{letter}", f"{first}-{digits}-{letter}"))


def fr_nir(draw, wrong):
    """INSEE: sex, year, month, department, commune, order; key 97 minus the number modulo 97, with
    2A and 2B as 19 and 18."""
    year, month, _ = date(draw)
    department = draw.of(("2A", "2B")) if draw.chance(0.08) else f"{draw.of((*range(1, 20), *range(21, 96))):02}"
    parts = [
        draw.of("12"), f"{year % 100:02}", f"{month:02}", department,
        f"{draw.between(1, 599):03}", f"{draw.between(1, 999):03}",
    ]  # fmt: skip
    key = 97 - int("".join(parts).replace("2A", "19").replace("2B", "18")) % 97
    key = (key + draw.between(0, 95)) % 97 + 1 if wrong else key
    return draw.of((" ", " ", "")).join([*parts, f"{key:02}"])


ODD = dict(zip(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12,
     14, 16, 10, 22, 25, 24, 23),
))  # fmt: skip
EVEN = dict(zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (*range(10), *range(26))))


def it_cf(draw, wrong):
    """Decreto ministeriale 23 December 1976: consonants of surname and name, date (day + 40 for women),
    cadastral code, check letter from the tables for odd and even places."""
    year, month, day = date(draw)
    code = draw.of(("H501", "F205", "L219", "F839", "D612", "A944", "G273", "Z112", "D969", "A662"))
    body = draw.string("BCDFGLMNPRSTVZ", 6) + f"{year % 100:02}" + "ABCDEHLMPRST"[month - 1]
    body += f"{day + draw.of((0, 40)):02}{code}"
    total = sum((ODD if at % 2 == 0 else EVEN)[c] for at, c in enumerate(body))
    return body + chr(65 + off(draw, total % 26, wrong, 26))


def pt_nif(draw, wrong):
    """Modulo 11, weights 9-2; persons begin with 1, 2 or 3, firms with 5."""
    body = draw.fill("[1235]#######")
    rest = weighted(body, range(9, 1, -1)) % 11
    number = body + str(off(draw, 0 if rest < 2 else 11 - rest, wrong))
    return draw.of((number, f"{number[:3]} {number[3:6]} {number[6:]}"))


def de_steuer_id(draw, wrong):
    """BZSt: of the first ten digits, the first not 0, exactly one occurs twice (or three times) and
    the others at most once; check by ISO 7064 MOD 11,10."""
    while True:
        digits = draw.shuffled("0123456789")[:9]
        digits.insert(draw.below(10), digits[draw.below(9)])
        if digits[0] != "0":
            break
    body = "".join(digits)
    number = body + str(off(draw, iso7064_mod11_10(body), wrong))
    return draw.of((number, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"))


def nl_bsn(draw, wrong):
    """The eleven test: weights 9-2 and -1."""
    while True:
        body = draw.fill("[1-9]#######")
        check = weighted(body, range(9, 1, -1)) % 11
        if check < 10:
            break
    number = body + str(off(draw, check, wrong))
    return draw.of((number, number, f"{number[:4]}.{number[4:6]}.{number[6:]}"))


def be_rrn(draw, wrong):
    """Rijksregister: date, serial, 97 minus the nine digits modulo 97, with a 2 before them for
    those born since 2000."""
    year, month, day = date(draw)
    body = f"{year % 100:02}{month:02}{day:02}{draw.between(1, 997):03}"
    check = 97 - int(("2" if year >= 2000 else "") + body) % 97
    if wrong:
        others = [97 - int(body) % 97, 97 - int("2" + body) % 97]
        check = draw.of([c for c in range(1, 98) if c not in others])
    return draw.of((
        f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{check:02}",
        f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}-{check:02}",
        f"{body}{check:02}",
    ))  # fmt: skip


def pl_pesel(draw, wrong):
    """Date (month + 20 since 2000), serial; weights 1 3 7 9."""
    year, month, day = date(draw)
    body = f"{year % 100:02}{month + (20 if year >= 2000 else 0):02}{day:02}{draw.digits(4)}"
    check = -weighted(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10
    return body + str(off(draw, check, wrong))


def se_pnr(draw, wrong):
    """Skatteverket: date, serial, Luhn over the ten digits; with or without the century."""
    year, month, day = date(draw)
    body = f"{year % 100:02}{month:02}{day:02}{draw.between(1, 999):03}"
    check = off(draw, luhn(body), wrong)
    century = str(year // 100) if draw.chance(0.4) else ""
    return f"{century}{body[:6]}-{body[6:]}{check}"


def fi_hetu(draw, wrong):
    """DVV: date, sign of the century, serial 002-899, the nine digits modulo 31 as a character."""
    year, month, day = date(draw)
    serial, born = draw.between(2, 899), f"{day:02}{month:02}{year % 100:02}"
    check = off(draw, int(f"{born}{serial:03}") % 31, wrong, 31)
    return f"{born}{'A' if year >= 2000 else '-'}{serial:03}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[check]}"


def gb_nino(draw, wrong):
    """HMRC NIM39110: two letters without D F I Q U V, the second not O, some pairs not used."""
    while True:
        prefix = draw.string("ABCEGHJKLMNOPRSTWXYZ", 2)
        if prefix[1] != "O" and prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            break
    prefix = draw.of(("BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "QC")) if wrong else prefix
    number = draw.digits(6)
    spaced = f"{prefix} {number[:2]} {number[2:4]} {number[4:]} "
    return draw.of((spaced, f"{prefix}{number}")) + draw.of("ABCD")


def gb_nhs(draw, wrong):
    """Weights 10-2, 11 minus the sum modulo 11; 10 is not given out. England's begin with 4, 6 or 7."""
    while True:
        body = draw.fill("[46]########")
        check = -weighted(body, range(10, 1, -1)) % 11
        if check < 10:
            break
    number = body + str(off(draw, check, wrong))
    return draw.of((f"{number[:3]} {number[3:6]} {number[6:]}", number))


def in_aadhaar(draw, wrong):
    """UIDAI: twelve digits, the first 2-9, Verhoeff."""
    body = draw.fill("[2-9]##########")
    number = body + str(off(draw, verhoeff(body), wrong))
    return draw.of((f"{number[:4]} {number[4:8]} {number[8:]}",) * 3 + (number,))


def in_pan(draw, wrong):
    """Income Tax Department: the fourth letter says who holds it, P a person."""
    holder = draw.of("DIMNOQRSUVWXYZ") if wrong else draw.of("PPPPPPCHFATBLJG")
    return draw.string("ABCDEFGHIJKLMNPRSTV", 3) + holder + draw.fill("[ABCDGKMNPRSTV]####~")


def cn_rid(draw, wrong):
    """GB 11643-1999: region, date, serial, ISO 7064 MOD 11-2."""
    year, month, day = date(draw)
    region = draw.of(("110101", "110105", "310101", "310104", "120101"))
    body = f"{region}{year}{month:02}{day:02}{draw.between(1, 999):03}"
    check = mod11_2(body)
    return body + (another(draw, "0123456789X", check) if wrong else check)


def id_nik(draw, wrong):
    """Dukcapil: province, regency, district, date (day + 40 for women), serial. No check digit: a
    wrong one has month 13 or more."""
    year, month, day = date(draw)
    region = draw.of(("317106", "317401", "327301", "327605", "337401", "347101", "357801", "510101", "127101", "737101"))
    month = draw.between(13, 30) if wrong else month
    return f"{region}{day + draw.of((0, 40)):02}{month:02}{year % 100:02}{draw.between(1, 9999):04}"


def vn_cccd(draw, wrong):
    """Circular 59/2021/TT-BCA: province, century and sex, year, six digits. No check digit: a wrong
    one has a province that there is not."""
    year, _, _ = date(draw)
    province = draw.of(("000", "097", "099")) if wrong else draw.of(("001", "031", "036", "038", "040", "048", "079", "092", "096"))
    return f"{province}{draw.of((0, 1)) + (2 if year >= 2000 else 0)}{year % 100:02}{draw.digits(6)}"


def mx_curp(draw, wrong):
    """RENAPO: initials, date, sex, state, inner consonants, homonym sign, check digit."""
    year, month, day = date(draw)
    state = draw.of(("AS", "BC", "CS", "CH", "CL", "DF", "DG", "GT", "JC", "MC", "NL", "OC", "PL", "VZ", "YN", "ZS", "NE"))
    body = draw.of("BCDFGHLMPRSTV") + draw.of("AEIOU") + draw.fill("[BCDFGLMPRSTV][BCDFGHJLMPRST]")
    body += f"{year % 100:02}{month:02}{day:02}{draw.of('HM')}{state}{draw.string('BCDFGLMNPRSTVZ', 3)}"
    body += draw.of("AB") if year >= 2000 else draw.of("01")
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    check = -sum(alphabet.index(c) * (18 - at) for at, c in enumerate(body)) % 10
    return body + str(off(draw, check, wrong))


def ar_cuit(draw, wrong):
    """AFIP: 20, 23, 24, 27 for persons, 30, 33 for firms; weights 5432765432, modulo 11."""
    while True:
        body = draw.of(("20", "23", "27", "20", "27", "30")) + str(draw.between(10_000_000, 45_000_000))
        check = -weighted(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            break
    check = off(draw, check, wrong)
    return f"{body[:2]}-{body[2:]}-{check}" if draw.chance(0.8) else f"{body}{check}"


def cl_rut(draw, wrong):
    """Servicio de Impuestos Internos: modulo 11 with weights 2-7 from the right, 10 is K."""
    number = str(draw.between(5_000_000, 26_000_000))
    check = -sum(int(d) * (2 + at % 6) for at, d in enumerate(reversed(number))) % 11
    check = "0123456789K"[check]
    check = another(draw, "0123456789K", check) if wrong else check
    dotted = f"{number[:-6]}.{number[-6:-3]}.{number[-3:]}-{check}"
    return draw.of((dotted, dotted, f"{number}-{check}"))


def za_id(draw, wrong):
    """Department of Home Affairs: date, sex, citizenship, 8, Luhn."""
    year, month, day = date(draw)
    body = f"{year % 100:02}{month:02}{day:02}{draw.digits(4)}{draw.of('001')}8"
    return body + str(off(draw, luhn(body), wrong))


def au_tfn(draw, wrong):
    """ATO: weights 1 4 3 7 5 8 6 9 10, modulo 11."""
    while True:
        body = draw.fill("[1-9]#######")
        # The last weight is 10, which is -1 modulo 11.
        check = weighted(body, (1, 4, 3, 7, 5, 8, 6, 9)) % 11
        if check < 10:
            break
    number = body + str(off(draw, check, wrong))
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def au_abn(draw, wrong):
    """ABR: the first digit less one, weights 10 1 3 5 7 9 11 13 15 17 19, modulo 89."""
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    body = draw.digits(9)
    for lead in range(11, 100):
        number = f"{lead}{body}"
        if weighted(str(lead - 10).zfill(2) + body, weights) % 89 == 0:
            break
    else:
        return au_abn(draw, wrong)
    if wrong:
        number = number[:10] + str(off(draw, int(number[10]), True))
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


def jp_my_number(draw, wrong):
    """Ordinance 85/2014, article 5: weights 2-7 and 2-6 from the right, modulo 11."""
    body = draw.digits(11)
    rest = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in enumerate(reversed(body), 1)) % 11
    number = body + str(off(draw, 0 if rest <= 1 else 11 - rest, wrong))
    return draw.of((number, f"{number[:4]} {number[4:8]} {number[8:]}", f"{number[:4]}-{number[4:8]}-{number[8:]}"))


def kr_rrn(draw, wrong):
    """Date, century and sex, region, weights 2-9 and 2-5, modulo 11. Numbers given since October
    2020 have no check digit; these are older."""
    year, month, day = date(draw)
    sex = draw.of("34") if year >= 2000 else draw.of("12")
    body = f"{year % 100:02}{month:02}{day:02}{sex}{draw.between(0, 95):02}{draw.digits(3)}"
    check = (11 - weighted(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10
    return f"{body[:6]}-{body[6:]}{off(draw, check, wrong)}"


def tr_tckn(draw, wrong):
    """NVI: two check digits."""
    body = draw.fill("[1-9]########")
    digits = [int(d) for d in body]
    tenth = (sum(digits[0::2]) * 7 - sum(digits[1::2])) % 10
    return f"{body}{tenth}{off(draw, (sum(digits) + tenth) % 10, wrong)}"


def ae_id(draw, wrong):
    """ICP: 784, year of birth, seven digits, Luhn."""
    body = f"784{date(draw)[0]}{draw.digits(7)}"
    check = off(draw, luhn(body), wrong)
    return f"784-{body[3:7]}-{body[7:]}-{check}" if draw.chance(0.8) else f"{body}{check}"


def ke_id(draw, wrong):
    """Seven or eight digits, no check digit."""
    return str(draw.between(10_000_000, 39_999_999))


def ke_kra_pin(draw, wrong):
    """KRA: A for persons, P for firms, nine digits, a letter."""
    return draw.fill("[AAAP]00#######~")


def ng_nin(draw, wrong):
    """NIMC: eleven digits, no check digit."""
    return draw.fill("[1-9]##########")


def ng_bvn(draw, wrong):
    """NIBSS: eleven digits that begin with 22."""
    return draw.fill("22[1-5]########")


LATIN_INDIA = ("hi", "bn", "mr", "ta", "te", "gu", "kn", "ml", "pa", "or")

# kind: (function, can it be wrong, is it known without a word beside it, {language: carriers}).
# Without a word beside it stands only what nobody would take for something else: a long number with
# a structure and a check of one in ninety or better, or punctuation of its own.
IDENTIFIERS = {
    "us_ssn": (us_ssn, True, True, {
        "en": ("SSN: {}", "Her Social Security number is {}.", "My social is {}, please update the file.", "Social Security No. {}"),
        "es": ("Número de Seguro Social: {}", "SSN {}"),
    }),
    "us_itin": (us_itin, True, False, {"en": ("ITIN: {}", "Individual Taxpayer Identification Number {}")}),
    "ca_sin": (ca_sin, True, False, {
        "en": ("SIN: {}", "Social Insurance Number: {}"), "fr": ("NAS : {}", "Numéro d'assurance sociale : {}"),
    }),
    "br_cpf": (br_cpf, True, True, {"pt": ("CPF: {}", "inscrita no CPF sob o nº {},", "CPF nº {}", "o contribuinte de CPF {}")}),
    "br_cnpj": (br_cnpj, True, True, {"pt": ("CNPJ: {}", "empresa inscrita no CNPJ sob o nº {}", "CNPJ/MF {}")}),
    "es_dni": (es_dni, True, False, {
        "es": ("DNI: {}", "con D.N.I. {},", "documento nacional de identidad número {}", "NIF {}"),
        "ca": ("DNI: {}", "amb DNI {},"), "eu": ("NAN: {}", "NAN zenbakia: {}", "DNI {}"),
    }),
    "es_nie": (es_nie, True, True, {"es": ("NIE: {}", "número de identidad de extranjero {}"), "ca": ("NIE: {}",)}),
    "fr_nir": (fr_nir, True, True, {
        "fr": ("Numéro de sécurité sociale : {}", "NIR : {}", "N° de sécu {}", "son numéro INSEE est le {}."),
    }),
    "it_cf": (it_cf, True, True, {"it": ("Codice fiscale: {}", "C.F. {}", "codice fiscale n. {}")}),
    "pt_nif": (pt_nif, True, False, {"pt": ("NIF: {}", "contribuinte n.º {}", "Número de identificação fiscal: {}", "NIF {}")}),
    "de_steuer_id": (de_steuer_id, True, False, {
        "de": ("Steuer-ID: {}", "Steueridentifikationsnummer {}", "IdNr. {}", "Meine Steuerliche Identifikationsnummer lautet {}."),
    }),
    "nl_bsn": (nl_bsn, True, False, {"nl": ("BSN: {}", "burgerservicenummer {}", "Mijn BSN is {}.", "sofinummer {}")}),
    "be_rrn": (be_rrn, True, True, {
        "nl": ("Rijksregisternummer: {}", "INSZ: {}"), "fr": ("Numéro de registre national : {}", "N° national {}", "NISS : {}"),
    }),
    "pl_pesel": (pl_pesel, True, False, {"pl": ("PESEL: {}", "numer PESEL {}", "nr PESEL: {}")}),
    "se_pnr": (se_pnr, True, False, {"sv": ("Personnummer: {}", "personnr {}", "Mitt personnummer är {}.")}),
    "fi_hetu": (fi_hetu, True, True, {"fi": ("Henkilötunnus: {}", "hetu {}", "Henkilötunnukseni on {}.")}),
    "gb_nino": (gb_nino, True, True, {"en": ("National Insurance number: {}", "NINO: {}", "NI number {}", "My NI No is {}.")}),
    "gb_nhs": (gb_nhs, True, False, {"en": ("NHS number: {}", "NHS No: {}", "Patient, NHS No. {}")}),
    "in_aadhaar": (in_aadhaar, True, False, {
        "en": ("Aadhaar No: {}", "Aadhaar number {}", "UIDAI {}"), "hi": ("आधार संख्या: {}", "मेरा आधार नंबर {} है।", "आधार कार्ड {}"),
        "bn": ("আধার নম্বর: {}",), "mr": ("आधार क्रमांक: {}",), "ta": ("ஆதார் எண்: {}",), "te": ("ఆధార్ సంఖ్య: {}", "ఆధార్ నంబర్ {}"),
        "gu": ("આધાર નંબર: {}",), "kn": ("ಆಧಾರ್ ಸಂಖ್ಯೆ: {}",), "ml": ("ആധാർ നമ്പർ: {}",), "pa": ("ਆਧਾਰ ਨੰਬਰ: {}",), "or": ("ଆଧାର ନମ୍ବର: {}",),
    }),
    "in_pan": (in_pan, True, False, {
        "en": ("PAN: {}", "PAN card number {}", "Permanent Account Number {}"), "hi": ("पैन: {}", "पैन कार्ड नंबर {}"), "ta": ("PAN எண்: {}",), "gu": ("PAN નંબર: {}",),
    }),
    "cn_rid": (cn_rid, True, True, {"zh": ("身份证号：{}", "身份证号码 {}", "公民身份号码：{}。", "他的身份证是{}")}),
    "id_nik": (id_nik, True, False, {"id": ("NIK: {}", "Nomor KTP: {}", "No. KTP {}", "nomor induk kependudukan {}")}),
    "vn_cccd": (vn_cccd, True, False, {"vi": ("CCCD: {}", "số căn cước công dân {}", "Số CCCD {}", "CCCD số {}")}),
    "mx_curp": (mx_curp, True, True, {"es": ("CURP: {}", "clave CURP {}")}),
    "ar_cuit": (ar_cuit, True, True, {"es": ("CUIT: {}", "CUIL {}", "CUIT N° {}", "C.U.I.T.: {}")}),
    "cl_rut": (cl_rut, True, True, {"es": ("RUT: {}", "R.U.T. {}", "RUN {}", "rol único tributario N° {}")}),
    "za_id": (za_id, True, False, {
        "en": ("ID number: {}", "South African ID {}", "Identity number {}"), "zu": ("Inombolo kamazisi: {}", "ID number: {}"),
        "xh": ("ID number: {}", "Inombolo yesazisi: {}"), "st": ("ID number: {}",), "tn": ("ID number: {}",),
    }),
    "au_tfn": (au_tfn, True, False, {"en": ("TFN: {}", "Tax File Number {}")}),
    "au_abn": (au_abn, True, False, {"en": ("ABN: {}", "ABN {}", "Australian Business Number {}")}),
    "jp_my_number": (jp_my_number, True, False, {"ja": ("マイナンバー：{}", "個人番号 {}", "マイナンバーは{}です。")}),
    "kr_rrn": (kr_rrn, True, True, {"ko": ("주민등록번호: {}", "주민번호 {}", "주민등록번호는 {}입니다.")}),
    "tr_tckn": (tr_tckn, True, False, {"tr": ("T.C. Kimlik No: {}", "TC kimlik numarası {}", "TCKN: {}", "T.C. kimlik numaram {}.")}),
    "ae_id": (ae_id, True, True, {"en": ("Emirates ID: {}", "EID {}"), "ar": ("رقم الهوية: {}", "الهوية الإماراتية {}")}),
    "ke_id": (ke_id, False, False, {"en": ("Kenyan ID No. {}", "National ID No: {}"), "sw": ("Nambari ya kitambulisho: {}", "kitambulisho nambari {}", "ID No: {}")}),
    "ke_kra_pin": (ke_kra_pin, False, False, {"en": ("KRA PIN: {}", "KRA PIN {}"), "sw": ("KRA PIN: {}", "PIN ya KRA {}")}),
    "ng_nin": (ng_nin, False, False, {"en": ("NIN: {}", "National Identification Number {}"), "yo": ("NIN: {}",), "ig": ("NIN: {}",)}),
    "ng_bvn": (ng_bvn, False, False, {"en": ("BVN: {}", "Bank Verification Number {}"), "yo": ("BVN: {}",), "ig": ("BVN {}",)}),
}  # fmt: skip
