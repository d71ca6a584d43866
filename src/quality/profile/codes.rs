//! Codes of languages and scripts: what a language is called in corpora, models and file names.

/// A language that has more than one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    /// ISO 639-3; of a macrolanguage the member that language identification models name.
    language: &'static str,
    /// The script in which it is mostly written, ISO 15924.
    script: &'static str,
    /// ISO 639-1 first, then older codes and the macrolanguage.
    aliases: &'static [&'static str],
}

const fn known(
    language: &'static str,
    script: &'static str,
    aliases: &'static [&'static str],
) -> Known {
    Known { language, script, aliases }
}

/// The languages of ISO 639-1, and those of ROOTS that have no code there; sorted.
static KNOWN: &[Known] = &[
    known("aar", "Latn", &["aa"]),
    known("abk", "Cyrl", &["ab"]),
    known("afr", "Latn", &["af"]),
    known("aka", "Latn", &["ak"]),
    known("als", "Latn", &["sq", "sqi"]),
    known("amh", "Ethi", &["am"]),
    known("arb", "Arab", &["ar", "ara"]),
    known("arg", "Latn", &["an"]),
    known("asm", "Beng", &["as"]),
    known("ava", "Cyrl", &["av"]),
    known("ayr", "Latn", &["ay", "aym"]),
    known("azj", "Latn", &["az", "aze"]),
    known("bak", "Cyrl", &["ba"]),
    known("bam", "Latn", &["bm"]),
    known("bel", "Cyrl", &["be"]),
    known("ben", "Beng", &["bn"]),
    known("bis", "Latn", &["bi"]),
    known("bod", "Tibt", &["bo"]),
    known("bos", "Latn", &["bs"]),
    known("bre", "Latn", &["br"]),
    known("bul", "Cyrl", &["bg"]),
    known("cat", "Latn", &["ca"]),
    known("ces", "Latn", &["cs"]),
    known("cha", "Latn", &["ch"]),
    known("che", "Cyrl", &["ce"]),
    known("chv", "Cyrl", &["cv"]),
    known("cmn", "Hani", &["zh", "zho"]),
    known("cor", "Latn", &["kw"]),
    known("cos", "Latn", &["co"]),
    known("cym", "Latn", &["cy"]),
    known("dan", "Latn", &["da"]),
    known("deu", "Latn", &["de"]),
    known("div", "Thaa", &["dv"]),
    known("dzo", "Tibt", &["dz"]),
    known("ekk", "Latn", &["et", "est"]),
    known("ell", "Grek", &["el"]),
    known("eng", "Latn", &["en"]),
    known("epo", "Latn", &["eo"]),
    known("eus", "Latn", &["eu"]),
    known("ewe", "Latn", &["ee"]),
    known("fao", "Latn", &["fo"]),
    known("fij", "Latn", &["fj"]),
    known("fil", "Latn", &["tl", "tgl"]),
    known("fin", "Latn", &["fi"]),
    known("fon", "Latn", &[]),
    known("fra", "Latn", &["fr"]),
    known("fry", "Latn", &["fy"]),
    known("fuv", "Latn", &["ff", "ful"]),
    known("gaz", "Latn", &["om", "orm"]),
    known("gla", "Latn", &["gd"]),
    known("gle", "Latn", &["ga"]),
    known("glg", "Latn", &["gl"]),
    known("glv", "Latn", &["gv"]),
    known("gug", "Latn", &["gn", "grn"]),
    known("guj", "Gujr", &["gu"]),
    known("hat", "Latn", &["ht"]),
    known("hau", "Latn", &["ha"]),
    known("heb", "Hebr", &["he", "iw"]),
    known("hin", "Deva", &["hi"]),
    known("hrv", "Latn", &["hr"]),
    known("hun", "Latn", &["hu"]),
    known("hye", "Armn", &["hy"]),
    known("ibo", "Latn", &["ig"]),
    known("ina", "Latn", &["ia"]),
    known("ind", "Latn", &["id", "in"]),
    known("isl", "Latn", &["is"]),
    known("ita", "Latn", &["it"]),
    known("jav", "Latn", &["jv"]),
    known("jpn", "Jpan", &["ja"]),
    known("kal", "Latn", &["kl"]),
    known("kan", "Knda", &["kn"]),
    known("kat", "Geor", &["ka"]),
    known("kaz", "Cyrl", &["kk"]),
    known("khk", "Cyrl", &["mn", "mon"]),
    known("khm", "Khmr", &["km"]),
    known("kik", "Latn", &["ki"]),
    known("kin", "Latn", &["rw"]),
    known("kir", "Cyrl", &["ky"]),
    known("kmr", "Latn", &["ku", "kur"]),
    known("kng", "Latn", &["kg", "kon"]),
    known("kor", "Hang", &["ko"]),
    known("kpv", "Cyrl", &["kv", "kom"]),
    known("lao", "Laoo", &["lo"]),
    known("lat", "Latn", &["la"]),
    known("lim", "Latn", &["li"]),
    known("lin", "Latn", &["ln"]),
    known("lit", "Latn", &["lt"]),
    known("ltz", "Latn", &["lb"]),
    known("lug", "Latn", &["lg"]),
    known("lvs", "Latn", &["lv", "lav"]),
    known("mal", "Mlym", &["ml"]),
    known("mar", "Deva", &["mr"]),
    known("mkd", "Cyrl", &["mk"]),
    known("mlt", "Latn", &["mt"]),
    known("mri", "Latn", &["mi"]),
    known("mya", "Mymr", &["my"]),
    known("nav", "Latn", &["nv"]),
    known("nld", "Latn", &["nl"]),
    known("nno", "Latn", &["nn"]),
    known("nob", "Latn", &["nb", "no", "nor"]),
    known("npi", "Deva", &["ne", "nep"]),
    known("nso", "Latn", &[]),
    known("nya", "Latn", &["ny"]),
    known("oci", "Latn", &["oc"]),
    known("ory", "Orya", &["or", "ori"]),
    known("oss", "Cyrl", &["os"]),
    known("pan", "Guru", &["pa"]),
    known("pbt", "Arab", &["ps", "pus"]),
    known("pes", "Arab", &["fa", "fas"]),
    known("plt", "Latn", &["mg", "mlg"]),
    known("pol", "Latn", &["pl"]),
    known("por", "Latn", &["pt"]),
    known("quy", "Latn", &["qu", "que"]),
    known("roh", "Latn", &["rm"]),
    known("ron", "Latn", &["ro"]),
    known("run", "Latn", &["rn"]),
    known("rus", "Cyrl", &["ru"]),
    known("sag", "Latn", &["sg"]),
    known("san", "Deva", &["sa"]),
    known("sin", "Sinh", &["si"]),
    known("slk", "Latn", &["sk"]),
    known("slv", "Latn", &["sl"]),
    known("sme", "Latn", &["se"]),
    known("smo", "Latn", &["sm"]),
    known("sna", "Latn", &["sn"]),
    known("snd", "Arab", &["sd"]),
    known("som", "Latn", &["so"]),
    known("sot", "Latn", &["st"]),
    known("spa", "Latn", &["es"]),
    known("srd", "Latn", &["sc"]),
    known("srp", "Cyrl", &["sr"]),
    known("ssw", "Latn", &["ss"]),
    known("sun", "Latn", &["su"]),
    known("swe", "Latn", &["sv"]),
    known("swh", "Latn", &["sw", "swa"]),
    known("tah", "Latn", &["ty"]),
    known("tam", "Taml", &["ta"]),
    known("tat", "Cyrl", &["tt"]),
    known("tel", "Telu", &["te"]),
    known("tgk", "Cyrl", &["tg"]),
    known("tha", "Thai", &["th"]),
    known("tir", "Ethi", &["ti"]),
    known("ton", "Latn", &["to"]),
    known("tsn", "Latn", &["tn"]),
    known("tso", "Latn", &["ts"]),
    known("tuk", "Latn", &["tk"]),
    known("tum", "Latn", &[]),
    known("tur", "Latn", &["tr"]),
    known("twi", "Latn", &["tw"]),
    known("uig", "Arab", &["ug"]),
    known("ukr", "Cyrl", &["uk"]),
    known("urd", "Arab", &["ur"]),
    known("uzn", "Latn", &["uz", "uzb"]),
    known("ven", "Latn", &["ve"]),
    known("vie", "Latn", &["vi"]),
    known("wln", "Latn", &["wa"]),
    known("wol", "Latn", &["wo"]),
    known("xho", "Latn", &["xh"]),
    known("ydd", "Hebr", &["yi", "yid"]),
    known("yor", "Latn", &["yo"]),
    known("zha", "Latn", &["za"]),
    known("zsm", "Latn", &["ms", "msa"]),
    known("zul", "Latn", &["zu"]),
];

/// A language in a script, and the other codes that mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// ISO 639-3.
    pub language: String,
    /// ISO 15924.
    pub script: String,
    /// Other codes, ISO 639-1 first; none if the script is not the language's usual one.
    pub aliases: Vec<String>,
}

/// Why a code is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It is not of the form.
    #[error("`{0}` is not a language code such as fr, fra or fra_Latn")]
    Malformed(String),
    /// It has two letters and stands for nothing here.
    #[error("`{0}` is not a code of ISO 639-1")]
    Unknown(String),
    /// The language's script is not known.
    #[error("the script of `{0}` is not known here: give it too, such as {0}_Latn")]
    NoScript(String),
}

impl Code {
    /// Reads a code such as `fr`, `fra`, `fra_Latn`, `pt-BR`, `zh-Hant`, `zht`.
    ///
    /// # Errors
    /// If it is malformed, or its language or script can't be told from it.
    pub fn parse(code: &str) -> Result<Self, CodeError> {
        let Parts { language, script } =
            Parts::of(code).ok_or_else(|| CodeError::Malformed(code.to_owned()))?;
        let known = KNOWN
            .iter()
            .find(|known| known.language == language || known.aliases.contains(&language.as_str()));
        let language = match known {
            Some(known) => known.language.to_owned(),
            None if language.len() == 3 => language,
            None => return Err(CodeError::Unknown(code.to_owned())),
        };
        let script = match (script, known) {
            (Some(script), _) => script,
            (None, Some(known)) => known.script.to_owned(),
            (None, None) => return Err(CodeError::NoScript(language)),
        };
        let strings = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let aliases = match (language.as_str(), script.as_str()) {
            // Without a word on the script, Chinese is mostly the simplified one.
            ("cmn", "Hans") => strings(&["zh", "zho", "zhs"]),
            ("cmn", "Hant") => strings(&["zht"]),
            ("cmn", "Hani") => strings(&["zh", "zho", "zhs", "zht"]),
            (_, script) => known
                .filter(|known| known.script == script)
                .map_or_else(Vec::new, |known| strings(known.aliases)),
        };
        Ok(Self { language, script, aliases })
    }

    /// The language as stages know it: ISO 639-1 where there is one.
    pub fn short(&self) -> &str {
        KNOWN
            .iter()
            .find(|known| known.language == self.language)
            .and_then(|known| known.aliases.first())
            .map_or(&self.language, |alias| alias)
    }
}

/// The parts of a code that say which text it is: the language in lower case, and the script, such
/// as `Latn`, where the code tells it. Regions mean nothing here, but that Chinese of Taiwan, Hong
/// Kong and Macao is written in traditional characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub language: String,
    pub script: Option<String>,
}

impl Parts {
    pub fn of(code: &str) -> Option<Self> {
        let code = code.trim().trim_start_matches("__label__");
        let mut parts = code.split(['_', '-']);
        let language = parts.next()?.to_ascii_lowercase();
        if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            return None;
        }
        let (language, mut script) = match language.as_str() {
            "zhs" => ("zh".to_owned(), Some("Hans".to_owned())),
            "zht" => ("zh".to_owned(), Some("Hant".to_owned())),
            _ => (language, None),
        };
        let chinese = matches!(language.as_str(), "zh" | "zho" | "cmn");
        for part in parts {
            if !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return None;
            }
            if part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                script = Some(title_case(part));
            } else if chinese && script.is_none() {
                script = match part.to_ascii_uppercase().as_str() {
                    "TW" | "HK" | "MO" => Some("Hant".to_owned()),
                    "CN" | "SG" => Some("Hans".to_owned()),
                    _ => None,
                };
            }
        }
        Some(Self { language, script })
    }
}

pub(super) fn title_case(script: &str) -> String {
    let mut letters = script.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + &letters.as_str().to_ascii_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        assert!(KNOWN.is_sorted_by(|a, b| a.language < b.language));
        let mut codes: Vec<&str> = KNOWN
            .iter()
            .flat_map(|known| known.aliases.iter().copied().chain([known.language]))
            .collect();
        let number = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), number);
        assert!(KNOWN.iter().all(|known| title_case(known.script) == known.script));
    }

    #[test]
    fn codes_are_read_in_every_form() {
        let read = |code| {
            let code = Code::parse(code).unwrap();
            (format!("{}_{}", code.language, code.script), code.aliases.join(" "))
        };
        let french = ("fra_Latn".to_owned(), "fr".to_owned());
        for code in ["fr", "fra", "fra_Latn", "FR", "fr-FR", "fr_latn", "__label__fra_Latn"] {
            assert_eq!(read(code), french, "{code}");
        }
        assert_eq!(read("pt-BR").0, "por_Latn");
        assert_eq!(read("ne"), ("npi_Deva".to_owned(), "ne nep".to_owned()));
        assert_eq!(read("nep"), read("npi_Deva"));
        assert_eq!(read("srp_Latn"), ("srp_Latn".to_owned(), String::new()));
        assert_eq!(read("zht").0, "cmn_Hant");
        assert_eq!(read("zh-TW").0, "cmn_Hant");
        assert_eq!(read("zh-Hans-TW").0, "cmn_Hans");
        assert_eq!(read("zh").0, "cmn_Hani");
        assert_eq!(read("dag_Latn"), ("dag_Latn".to_owned(), String::new()));
        assert_eq!(Code::parse("dag"), Err(CodeError::NoScript("dag".to_owned())));
        assert_eq!(Code::parse("xx"), Err(CodeError::Unknown("xx".to_owned())));
        for code in ["", "french", "f", "fr_\u{e9}", "12"] {
            assert_eq!(Code::parse(code), Err(CodeError::Malformed(code.to_owned())));
        }
    }

    #[test]
    fn stages_know_languages_by_their_short_code() {
        assert_eq!(Code::parse("cmn_Hant").unwrap().short(), "zh");
        assert_eq!(Code::parse("nso").unwrap().short(), "nso");
    }
}
