//! Codes of languages and scripts: what a language is called in corpora, models and file names.

use super::{Language, Languages};

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
        let known = Languages::shipped().by_iso639_3(&language);
        let known = known.or_else(|| Languages::shipped().by_short(&language));
        let language = match known {
            Some(known) => known.iso639_3.clone(),
            None if language.len() == 3 => language,
            None => return Err(CodeError::Unknown(code.to_owned())),
        };
        let script = match (script, known) {
            (Some(script), _) => script,
            (None, Some(known)) => known.script().to_owned(),
            (None, None) => return Err(CodeError::NoScript(language)),
        };
        let strings = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let aliases = match (language.as_str(), script.as_str()) {
            // Without a word on the script, Chinese is mostly the simplified one.
            ("cmn", "Hans") => strings(&["zh", "zho", "zhs"]),
            ("cmn", "Hant") => strings(&["zht"]),
            ("cmn", "Hani") => strings(&["zh", "zho", "zhs", "zht"]),
            (_, script) => known
                .filter(|known| known.script() == script)
                .map_or_else(Vec::new, Language::aliases),
        };
        Ok(Self { language, script, aliases })
    }

    /// The language as stages know it: ISO 639-1 where there is one.
    pub fn short(&self) -> &str {
        Languages::shipped()
            .by_iso639_3(&self.language)
            .map_or(&self.language, |known| &known.short)
    }
}

/// The parts of a code that say which text it is: the language in lower case, and the script, such
/// as `Latn`, where the code tells it. Regions mean nothing here, but that Chinese of Taiwan, Hong
/// Kong and Macao is written in traditional characters.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts {
    /// The language, in lower case.
    pub language: String,
    /// The script, ISO 15924.
    pub script: Option<String>,
}

impl Parts {
    /// The parts of a code; `None` if it is not of the form.
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

/// A script as ISO 15924 spells it: `Latn`.
pub fn title_case(script: &str) -> String {
    let mut letters = script.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + &letters.as_str().to_ascii_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Code::parse("abc"), Err(CodeError::NoScript("abc".to_owned())));
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
