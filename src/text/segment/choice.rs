//! Which segmentation is used for which language.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::spaces::spaced_words;
use super::words::{Word, dictionary_words, unicode_words, whitespace_words};

/// How a text is cut into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Segmentation {
    /// By the word boundaries of UAX #29; words are segments with a letter or a number.
    Unicode,
    /// At white space, as Python's `str.split()`.
    Whitespace,
    /// By a dictionary in Chinese, Japanese, Thai, Lao, Khmer and Burmese; as `unicode` elsewhere.
    Dictionary,
    /// At spaces, tabs and line feeds and nothing else, as ROOTS did.
    Spaces,
}

impl Segmentation {
    /// Visits the words of a text.
    #[inline]
    pub fn words(self, text: &str, visit: impl FnMut(Word)) {
        match self {
            Segmentation::Unicode => unicode_words(text, visit),
            Segmentation::Whitespace => whitespace_words(text, visit),
            Segmentation::Dictionary => dictionary_words(text, visit),
            Segmentation::Spaces => spaced_words(text, visit),
        }
    }
}

/// A segmentation, or that which the language asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentationChoice {
    /// `dictionary` for Chinese, Japanese, Thai, Lao, Khmer and Burmese, `unicode` for others.
    #[default]
    Auto,
    /// [`Segmentation::Unicode`]
    Unicode,
    /// [`Segmentation::Whitespace`]
    Whitespace,
    /// [`Segmentation::Dictionary`]
    Dictionary,
}

/// Why a choice of segmentations cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// A name that no segmentation has.
    #[error("unknown segmentation {0:?}: use auto, unicode, whitespace or dictionary")]
    UnknownSegmentation(String),
    /// A key that is no language code.
    #[error("{0:?} is not a language code such as th, tha or zh-Hant, nor default")]
    NotALanguage(String),
    /// Two keys that are the same language.
    #[error("language {0:?} has two segmentations")]
    LanguageTwice(String),
}

impl FromStr for SegmentationChoice {
    type Err = WordsError;

    fn from_str(name: &str) -> Result<Self, WordsError> {
        Ok(match name {
            "auto" => Self::Auto,
            "unicode" => Self::Unicode,
            "whitespace" => Self::Whitespace,
            "dictionary" => Self::Dictionary,
            _ => return Err(WordsError::UnknownSegmentation(name.to_owned())),
        })
    }
}

/// The parameter `words` of a pipeline file: a name (`auto`, `unicode`, `whitespace`,
/// `dictionary`), or names by language, with `default` for the others.
///
/// # Examples
///
/// ```
/// use sapwood::text::segment::{Segmentation, WordsConfig};
///
/// let words: WordsConfig = serde_saphyr::from_str("{default: whitespace, th: dictionary}").unwrap();
/// assert_eq!(words.segmentation(Some("tha_Thai")), Segmentation::Dictionary);
/// assert_eq!(words.segmentation(None), Segmentation::Whitespace);
/// assert_eq!(WordsConfig::default().segmentation(Some("zh-Hant")), Segmentation::Dictionary);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WordsConfig {
    default: SegmentationChoice,
    /// By the code in the form of [`canonical`].
    languages: BTreeMap<String, SegmentationChoice>,
}

/// The key of the segmentation for languages without their own.
const DEFAULT: &str = "default";

/// The main subtag of a language code, in lower case.
fn main_subtag(language: &str) -> Cow<'_, str> {
    let main = language.split(['-', '_']).next().unwrap_or_default();
    if main.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(main.to_ascii_lowercase())
    } else {
        Cow::Borrowed(main)
    }
}

/// The two-letter code of a language that is written without spaces, by any code of it or of a
/// language that is written like it.
fn unspaced(main: &str) -> Option<&'static str> {
    Some(match main {
        "zh" | "zho" | "chi" | "cmn" | "yue" | "wuu" | "hak" | "gan" | "hsn" | "lzh" | "cjy"
        | "cdo" | "nan" | "mnp" | "cpx" | "czh" | "czo" => "zh",
        "ja" | "jpn" => "ja",
        "th" | "tha" => "th",
        "lo" | "lao" => "lo",
        "km" | "khm" => "km",
        "my" | "mya" | "bur" => "my",
        _ => return None,
    })
}

/// A language code in lower case, with `-` between subtags, and with the two-letter code of what
/// goes by the same dictionary.
fn canonical(language: &str) -> String {
    let main = main_subtag(language);
    let mut canonical = match main.as_ref() {
        "zho" | "chi" | "cmn" => "zh",
        main @ ("jpn" | "tha" | "lao" | "khm" | "mya" | "bur") => unspaced(main).unwrap_or(main),
        main => main,
    }
    .to_owned();
    for subtag in language.split(['-', '_']).skip(1) {
        canonical.push('-');
        canonical.push_str(&subtag.to_ascii_lowercase());
    }
    canonical
}

impl WordsConfig {
    /// The same choice for all languages.
    pub fn all(choice: SegmentationChoice) -> Self {
        Self { default: choice, languages: BTreeMap::new() }
    }

    /// Adds the choice for a language, or for those without their own if the key is `default`.
    ///
    /// # Errors
    /// If the key is no language code, or was there before.
    pub fn with(mut self, language: &str, choice: SegmentationChoice) -> Result<Self, WordsError> {
        if language == DEFAULT {
            self.default = choice;
            return Ok(self);
        }
        let main = main_subtag(language);
        let letters = main.bytes().all(|byte| byte.is_ascii_lowercase());
        if !letters || !(2..=8).contains(&main.len()) {
            return Err(WordsError::NotALanguage(language.to_owned()));
        }
        match self.languages.insert(canonical(language), choice) {
            None => Ok(self),
            Some(_) => Err(WordsError::LanguageTwice(language.to_owned())),
        }
    }

    /// The segmentation of a document in a language: that of its whole code, else that of its main
    /// part (`zh` of `zh-Hant`), else the default. A code may be BCP 47 or ISO 639-1 or -3, with a
    /// script or without: `zh-Hant`, `cmn_Hani`, `tha_Thai`.
    pub fn segmentation(&self, language: Option<&str>) -> Segmentation {
        let choice = match language {
            Some(language) if !self.languages.is_empty() => {
                let canonical = canonical(language);
                let main = canonical.split('-').next().unwrap_or_default();
                let found = self.languages.get(&canonical).or_else(|| self.languages.get(main));
                found.copied().unwrap_or(self.default)
            }
            _ => self.default,
        };
        match choice {
            SegmentationChoice::Unicode => Segmentation::Unicode,
            SegmentationChoice::Whitespace => Segmentation::Whitespace,
            SegmentationChoice::Dictionary => Segmentation::Dictionary,
            SegmentationChoice::Auto => match language.and_then(|l| unspaced(&main_subtag(l))) {
                Some(_) => Segmentation::Dictionary,
                None => Segmentation::Unicode,
            },
        }
    }
}

impl FromStr for WordsConfig {
    type Err = WordsError;

    /// Reads a name.
    fn from_str(name: &str) -> Result<Self, WordsError> {
        Ok(Self::all(name.parse()?))
    }
}

impl Serialize for WordsConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.languages.is_empty() {
            return self.default.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(self.languages.len() + 1))?;
        map.serialize_entry(DEFAULT, &self.default)?;
        for (language, choice) in &self.languages {
            map.serialize_entry(language, choice)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for WordsConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = WordsConfig;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a segmentation, or a map of languages to segmentations")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<WordsConfig, E> {
                name.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WordsConfig, A::Error> {
                let mut words = WordsConfig::default();
                while let Some((language, name)) = map.next_entry::<String, String>()? {
                    let choice = name.parse().map_err(de::Error::custom)?;
                    words = words.with(&language, choice).map_err(de::Error::custom)?;
                }
                Ok(words)
            }
        }
        deserializer.deserialize_any(Words)
    }
}

impl JsonSchema for WordsConfig {
    fn schema_name() -> Cow<'static, str> {
        "WordsConfig".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choice = generator.subschema_for::<SegmentationChoice>();
        json_schema!({
            "description": "A segmentation, or segmentations by language code, with default for the others.",
            "anyOf": [
                choice,
                {
                    "type": "object",
                    "propertyNames": {"pattern": "^(default|[A-Za-z]{2,8}([-_].*)?)$"},
                    "additionalProperties": choice
                }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<WordsConfig, String> {
        serde_saphyr::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn auto_takes_a_dictionary_where_there_are_no_spaces() {
        let auto = WordsConfig::default();
        for language in [
            "zh", "zho", "cmn", "zh-Hant", "cmn_Hani", "ZH_cn", "yue_Hant", "ja", "jpn_Jpan", "th",
            "tha_Thai", "lo", "lao", "km", "khm_Khmr", "my", "mya", "bur",
        ] {
            assert_eq!(auto.segmentation(Some(language)), Segmentation::Dictionary, "{language}");
        }
        for language in ["en", "ko", "vi", "zha_Latn", "jav", "", "-zh", "myv"] {
            assert_eq!(auto.segmentation(Some(language)), Segmentation::Unicode, "{language}");
        }
        assert_eq!(auto.segmentation(None), Segmentation::Unicode);
    }

    #[test]
    fn a_language_goes_before_its_main_part_and_that_before_the_default() {
        let words =
            read("{default: whitespace, zh: unicode, zho_Hant: dictionary, ja: auto}").unwrap();
        for (language, expected) in [
            (Some("zh-Hant"), Segmentation::Dictionary),
            (Some("cmn_Hans"), Segmentation::Unicode),
            (Some("jpn"), Segmentation::Dictionary),
            (Some("yue"), Segmentation::Whitespace),
            (Some("en"), Segmentation::Whitespace),
            (None, Segmentation::Whitespace),
        ] {
            assert_eq!(words.segmentation(language), expected, "{language:?}");
        }
    }

    #[test]
    fn what_is_read_is_written_and_read_again() {
        for yaml in
            ["auto", "unicode", "whitespace", "dictionary", "{th: dictionary, zh-hant: auto}"]
        {
            let words = read(yaml).unwrap();
            let written = serde_saphyr::to_string(&words).unwrap();
            assert_eq!(read(&written).unwrap(), words, "{written}");
            let json = serde_json::to_value(&words).unwrap();
            assert_eq!(serde_json::from_value::<WordsConfig>(json).unwrap(), words);
        }
        assert_eq!(serde_json::to_string(&WordsConfig::default()).unwrap(), "\"auto\"");
    }

    #[test]
    fn unknown_names_are_errors_that_name_them() {
        assert_eq!(
            "spacy".parse::<WordsConfig>(),
            Err(WordsError::UnknownSegmentation("spacy".to_owned()))
        );
        for (yaml, part) in [
            ("spacy", "unknown segmentation \"spacy\""),
            ("{th: lstm}", "unknown segmentation \"lstm\""),
            ("{t: unicode}", "\"t\" is not a language code"),
            ("{'12': unicode}", "\"12\" is not a language code"),
            ("{th: unicode, tha: dictionary}", "\"tha\" has two segmentations"),
            ("[unicode]", "a segmentation, or a map"),
        ] {
            let error = read(yaml).unwrap_err();
            assert!(error.contains(part), "{yaml}: {error}");
        }
    }

    #[test]
    fn the_schema_has_both_forms() {
        let schema = schemars::schema_for!(WordsConfig).to_value();
        assert_eq!(schema["anyOf"].as_array().map(Vec::len), Some(2));
        let text = schema.to_string();
        for name in ["auto", "unicode", "whitespace", "dictionary"] {
            assert!(text.contains(&format!("\"{name}\"")), "{name}");
        }
    }

    #[test]
    fn a_segmentation_visits_its_words() {
        let words = |segmentation: Segmentation| {
            let mut words = Vec::new();
            segmentation.words("a-b 中国", |word| words.push(word.characters));
            words
        };
        assert_eq!(words(Segmentation::Unicode), [1, 1, 1, 1]);
        assert_eq!(words(Segmentation::Whitespace), [3, 2]);
        assert_eq!(words(Segmentation::Dictionary), [1, 1, 2]);
    }
}
