"""Which text belongs to which label.

Labels are ISO 639-1 codes where there is one, else ISO 639-3; Chinese carries its
script. `zxx` is "no linguistic content".
"""

ROOTS = (
    "ar eu bn ca zh-Hans zh-Hant en fr as gu hi kn ml mr ne or pa ta te ur id ak tum ki bm nso st tn ts xh zu sn rw lg ln "
    "ig yo sw ny rn tw wo fon pt es vi"
).split()

# UDHR file -> label. Files that differ from another one of the same label only in
# spelling or place are left out when they would repeat it.
UDHR = {
    # the 46
    "arb": "ar", "eus": "eu", "ben": "bn", "cat": "ca", "cmn_hans": "zh-Hans", "cmn_hant": "zh-Hant", "eng": "en", "fra": "fr",
    "guj": "gu", "hin": "hi", "kan": "kn", "mal": "ml", "mar": "mr", "nep": "ne", "pan": "pa", "tam": "ta", "tel": "te",
    "urd": "ur", "urd_2": "ur", "ind": "id", "bam": "bm", "nso": "nso", "sot": "st", "tsn": "tn", "tso_ZW": "ts", "tso_MZ": "ts",
    "xho": "xh", "zul": "zu", "sna": "sn", "kin": "rw", "lug": "lg", "lin": "ln", "lin_tones": "ln", "ibo": "ig", "yor": "yo",
    "swh": "sw", "nya_chechewa": "ny", "nya_chinyanja": "ny", "run": "rn", "wol": "wo", "fon": "fon", "por_PT": "pt",
    "por_BR": "pt", "spa": "es", "vie": "vi",
    # Akan is one language with three written standards: Fante is what we call ak, Asante and Akuapem are Twi.
    "aka_fante": "ak", "aka_asante": "tw", "aka_akuapem": "tw",
    # Europe
    "deu_1996": "de", "nld": "nl", "dan": "da", "swe": "sv", "nob": "nb", "nno": "nn", "isl": "is", "fao": "fo", "afr": "af",
    "ltz": "lb", "fri": "fy", "cym": "cy", "gle": "ga", "gla": "gd", "bre": "br", "fin": "fi", "est": "et", "lav": "lv",
    "lit": "lt", "hun": "hu", "pol": "pl", "ces": "cs", "slk": "sk", "slv": "sl", "hrv": "hr", "bos_latn": "bs",
    "srp_cyrl": "sr", "srp_latn": "sr", "als": "sq", "ron_2006": "ro", "ita": "it", "lat": "la", "lat_1": "la", "glg": "gl",
    "oci_1": "oc", "oci_2": "oc", "oci_3": "oc", "oci_4": "oc", "ast": "ast", "cos": "co", "fur": "fur", "src": "sc", "lij": "lij",
    "vec": "vec", "roh_rumgr": "rm", "roh": "rm", "wln": "wa", "epo": "eo", "mlt": "mt", "tur": "tr", "azj_latn": "az", "uzn_latn": "uz",
    "tuk_latn": "tk", "kmr": "ku", "ell_monotonic": "el", "rus": "ru", "ukr": "uk", "bel": "be", "blt": None, "mkd": "mk",
    "kaz": "kk", "khk": "mn", "hye": "hy", "kat": "ka", "heb": "he", "ydd": None,
    # creoles of French and Portuguese, Iberian relatives
    "hat_kreyol": "ht", "hat_popular": "ht", "crs": "crs", "kea": "kea", "pap": "pap",
    # Arabic script
    "pes_1": "fa", "pes_2": "fa", "pbu": "ps", "ckb": "ckb", "uig_arab": "ug", "pnb": "pnb", "skr": "skr", "mly_arab": None,
    # Devanagari and the rest of South and East Asia
    "bho": "bho", "mai": "mai", "mag": "mag", "san": "sa", "san_gran": None, "sin": "si", "mya": "my", "khm": "km", "tha": "th",
    "lao": "lo", "bod": "bo", "jpn": "ja", "kor": "ko",
    # Austronesia and the Pacific
    "mly_latn": "ms", "jav": "jv", "sun": "su", "tgl": "tl", "ceb": "ceb", "hil": "hil", "ilo": "ilo", "war": "war", "bcl": "bcl",
    "min": "min", "ace": "ace", "ban": "ban", "mad": "mad", "tet": "tet", "plt": "mg", "mri": "mi", "smo": "sm", "fij": "fj",
    # Africa
    "amh": "am", "tir": "ti", "som": "so", "hau_NG": "ha", "hau_NE": "ha", "ven": "ve", "ssw": "ss",
    "nbl": "nr", "kng": "kg", "ktu": "kg", "lua": "lua", "ewe": "ee", "gaa": "gaa", "dyu": "dyu", "mos": "mos", "fuv": "ff",
    "fuv2": "ff", "fuf": "ff", "knc": "kr", "srr": "srr", "men": "men", "tem": "tem", "bem": "bem", "loz": "loz", "lun": "lun",
    "lue": "lue", "kmb": "kmb", "umb": "umb", "dag": "dag", "sag": "sg", "bci": "bci", "dga": "dga", "nyn": "nyn", "nym": "nym",
    "suk": "suk", "vmw": "vmw", "kde": "kde", "toi": "toi", "ndo": "ng", "tiv": "tiv", "bin": "bin", "ibb": "ibb", "snk": "snk",
    "sus": "sus", "kqn": "kqn", "cjk": "cjk", "yao": "yao", "swb": "swb", "nku": None, "bba": "bba", "ajg": "ajg", "gkp": "gkp",
    "ada": "ada", "nzi": "nzi", "gjn": "gjn", "xsm": "xsm", "lob": "lob", "kbp": "kbp", "ddn": "ddn", "dip": "dip",
    # America
    "quy": "qu", "gug": "gn", "ayr": "ay",
}

# lingua crate -> label
LINGUA = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "armenian": "hy", "azerbaijani": "az", "basque": "eu", "belarusian": "be",
    "bengali": "bn", "bokmal": "nb", "bosnian": "bs", "bulgarian": "bg", "catalan": "ca", "chinese": "zh", "croatian": "hr",
    "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "esperanto": "eo", "estonian": "et", "finnish": "fi",
    "french": "fr", "ganda": "lg", "georgian": "ka", "german": "de", "greek": "el", "gujarati": "gu", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja", "kazakh": "kk",
    "korean": "ko", "latin": "la", "latvian": "lv", "lithuanian": "lt", "macedonian": "mk", "malay": "ms", "maori": "mi",
    "marathi": "mr", "mongolian": "mn", "nynorsk": "nn", "persian": "fa", "polish": "pl", "portuguese": "pt", "punjabi": "pa",
    "romanian": "ro", "russian": "ru", "serbian": "sr", "shona": "sn", "slovak": "sk", "slovene": "sl", "somali": "so",
    "sotho": "st", "spanish": "es", "swahili": "sw", "swedish": "sv", "tagalog": "tl", "tamil": "ta", "telugu": "te", "thai": "th",
    "tsonga": "ts", "tswana": "tn", "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "welsh": "cy",
    "xhosa": "xh", "yoruba": "yo", "zulu": "zu",
}

# Codes of the other sources that differ from ours. A locale that is not here keeps
# its code if that is a label; one with None is not used.
RENAME = {
    "no": "nb", "fil": "tl", "zh": "zh-Hans", "zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant",
    "pt_BR": "pt", "pt-br": "pt", "pt-PT": "pt", "pt_MZ": "pt", "es_ES": "es", "es_419": "es", "es-419": "es", "es-MX": "es",
    "fr_FR": "fr", "sw_TZ": "sw", "gu_IN": "gu", "hi_IN": "hi", "ur_PK": "ur", "bn_BD": "bn", "bg_BG": "bg", "ff_CM": "ff",
    "sr_Latn": "sr", "sr-Latn": "sr", "sr-latn": "sr", "ku-latn": "ku", "ug-arab": "ug", "skr-arab": "skr", "en_GB": "en", "en-gb": "en",
    "ach_UG": "ach", "kmr": "ku", "nn": "nn",
    # CLDR writes Akan in the Asante standard, and so do most web texts that are called ak.
    "ak": "tw",
    # FunLangID has Akan (Twi) as ak and Fante apart.
    "fat": "ak", "ak-grams": "tw",
    "pcm": None, "ha-NE": None, "kok": "kok", "yue": None,
}
EXTRA = "sd kok kam mer nd luo om ach zxx doi"  # labels that come only from CLDR, kolibri or FunLangID, or are made
LABELS = sorted(set(ROOTS) | {v for v in UDHR.values() if v} | (set(LINGUA.values()) - {"zh"}) | set(EXTRA.split()))


def label_of(code):
    """The label of a locale code, or None if the corpus has no such label."""
    label = RENAME.get(code, code)
    return label if label in LABELS else None


# Scripts by label; everything else is Latin. A text keeps its label only if most of its letters are of that script.
SCRIPTS = {
    "Arabic": "ar fa ur ps sd ckb ug pnb skr", "Devanagari": "hi mr ne bho mai mag sa kok doi", "Bengali": "bn as", "Gurmukhi": "pa",
    "Gujarati": "gu", "Oriya": "or", "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Sinhala": "si",
    "Thai": "th", "Lao": "lo", "Tibetan": "bo", "Myanmar": "my", "Khmer": "km", "Georgian": "ka", "Armenian": "hy", "Hebrew": "he",
    "Greek": "el", "Cyrillic": "ru uk be bg mk kk mn", "Ethiopic": "am ti", "Han": "zh-Hans zh-Hant", "Japanese": "ja", "Hangul": "ko",
}
SCRIPT_OF = {label: script for script, labels in SCRIPTS.items() for label in labels.split()}
RANGES = {
    "Arabic": [(0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)],
    "Devanagari": [(0x900, 0x97F), (0xA8E0, 0xA8FF)], "Bengali": [(0x980, 0x9FF)], "Gurmukhi": [(0xA00, 0xA7F)],
    "Gujarati": [(0xA80, 0xAFF)], "Oriya": [(0xB00, 0xB7F)], "Tamil": [(0xB80, 0xBFF)], "Telugu": [(0xC00, 0xC7F)],
    "Kannada": [(0xC80, 0xCFF)], "Malayalam": [(0xD00, 0xD7F)], "Sinhala": [(0xD80, 0xDFF)], "Thai": [(0xE00, 0xE7F)],
    "Lao": [(0xE80, 0xEFF)], "Tibetan": [(0xF00, 0xFFF)], "Myanmar": [(0x1000, 0x109F), (0xAA60, 0xAA7F)], "Khmer": [(0x1780, 0x17FF)],
    "Georgian": [(0x10A0, 0x10FF), (0x1C90, 0x1CBF)], "Armenian": [(0x530, 0x58F)], "Hebrew": [(0x590, 0x5FF)],
    "Greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)], "Cyrillic": [(0x400, 0x52F)], "Ethiopic": [(0x1200, 0x139F), (0x2D80, 0x2DDF)],
    "Han": [(0x3400, 0x9FFF), (0x20000, 0x323AF)], "Japanese": [(0x3040, 0x30FF), (0x3400, 0x9FFF)],
    "Hangul": [(0xAC00, 0xD7AF), (0x1100, 0x11FF), (0x3130, 0x318F)],
    "Latin": [(0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x250, 0x2AF), (0x300, 0x36F), (0x1E00, 0x1EFF), (0xA720, 0xA7FF)],
}
# Written without spaces: overlap is looked for by character.
UNSPACED = {"zh-Hans", "zh-Hant", "ja", "th", "lo", "km", "my", "bo"}
