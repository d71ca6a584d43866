//! The quality filter of FineWeb: ends of lines, short lines, duplicate lines, line breaks.
//!
//! Source: `FineWebQualityFilter` of datatrove 0.10.1; Penedo et al. 2024, *The FineWeb Datasets*.
//! Lines are compared by 64-bit hashes.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Bound, Document};
use crate::quality::profile::{ByLanguage, Profile, ProfileError};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};
use crate::text::marks::TERMINAL_PUNCTUATION;
use crate::text::ngrams::DuplicateFinder;
use crate::text::segment::WordsConfig;
use crate::text::whitespace::is_python_whitespace;

const LINE_PUNCTUATION: &str = "fineweb.line_punctuation_ratio";
const SHORT_LINES: &str = "fineweb.short_line_ratio";
const DUPLICATE_CHARACTERS: &str = "fineweb.duplicate_char_ratio";
const NEWLINES: &str = "fineweb.newline_ratio";
const EMPTY: &str = "fineweb.empty";

/// The configuration of [`FineWeb`]. A threshold of null switches its rule off; 0 is a threshold
/// as any other, as it is in datatrove. The defaults are those that FineWeb was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// What words are: `auto`, `unicode`, `whitespace` or `dictionary`.
    pub words: WordsConfig,
    /// The language of all documents; without it, each document's own.
    pub language: Option<String>,
    /// The lowest share of lines that end with a stop character, 0 to 1.
    pub min_line_punctuation_ratio: Option<f64>,
    /// Whether a document none of whose lines ends with a stop character is kept.
    pub exclude_zero: bool,
    /// The characters that end a line properly; null for datatrove's 159 ends of sentences in many
    /// scripts.
    pub stop_characters: Option<String>,
    /// The most code points of a short line.
    pub short_line_length: u32,
    /// The highest share of short lines, 0 to 1.
    pub max_short_line_ratio: Option<f64>,
    /// The highest share of the text, without line feeds, in lines that an earlier line equals.
    pub max_duplicate_char_ratio: Option<f64>,
    /// The most line feeds by word.
    pub max_newline_ratio: Option<f64>,
    /// A folder of language profiles, such as `filters/fineweb2`. For a language that has one, the
    /// profile's values stand in place of `min_line_punctuation_ratio` and `max_newline_ratio`
    /// above, null switching a rule off; `languages` wins over it.
    pub profiles: Option<PathBuf>,
    /// What is different for a language: any of the parameters above from
    /// `min_line_punctuation_ratio` on. A parameter that is not there is as above.
    pub languages: BTreeMap<String, Overrides>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            words: WordsConfig::default(),
            language: None,
            min_line_punctuation_ratio: Some(0.12),
            exclude_zero: false,
            stop_characters: None,
            short_line_length: 30,
            max_short_line_ratio: Some(0.67),
            max_duplicate_char_ratio: Some(0.01),
            max_newline_ratio: Some(0.3),
            profiles: None,
            languages: BTreeMap::new(),
        }
    }
}

/// What is different for a language. Null leaves a parameter as it is for all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// The lowest share of lines that end with a stop character, 0 to 1.
    pub min_line_punctuation_ratio: Option<f64>,
    /// Whether a document none of whose lines ends with a stop character is kept.
    pub exclude_zero: Option<bool>,
    /// The characters that end a line properly.
    pub stop_characters: Option<String>,
    /// The most code points of a short line.
    pub short_line_length: Option<u32>,
    /// The highest share of short lines, 0 to 1.
    pub max_short_line_ratio: Option<f64>,
    /// The highest share of the text in lines that an earlier line equals.
    pub max_duplicate_char_ratio: Option<f64>,
    /// The most line feeds by word.
    pub max_newline_ratio: Option<f64>,
}

/// What a document in a language is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// The lowest share of lines that end with a stop character.
    pub min_line_punctuation_ratio: Option<f64>,
    /// Whether a share of 0 passes.
    pub exclude_zero: bool,
    /// The most code points of a short line.
    pub short_line_length: u32,
    /// The highest share of short lines.
    pub max_short_line_ratio: Option<f64>,
    /// The highest share of the text in duplicate lines.
    pub max_duplicate_char_ratio: Option<f64>,
    /// The most line feeds by word.
    pub max_newline_ratio: Option<f64>,
    /// `None` for [`TERMINAL_PUNCTUATION`].
    stop_characters: Option<HashSet<char>>,
}

/// Why the filter could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FineWebError {
    /// The language profiles can't be used.
    #[error(transparent)]
    Profiles(#[from] ProfileError),
    /// A threshold is one that no document, or every document, is on one side of.
    #[error("{key} ({value}) must be {allowed}")]
    Threshold {
        /// The parameter, `languages.LANGUAGE.PARAMETER` for that of a language.
        key: String,
        /// What it was set to.
        value: f64,
        /// What it could be.
        allowed: &'static str,
    },
}

impl Config {
    /// The configuration with the values of a language's profile in place of those that it has.
    fn profiled(&self, profile: &Profile) -> Self {
        Self {
            min_line_punctuation_ratio: profile.min_line_punctuation_ratio,
            max_newline_ratio: profile.max_newline_ratio,
            ..self.clone()
        }
    }

    fn parameters(
        &self,
        language: Option<&str>,
        own: &Overrides,
    ) -> Result<Parameters, FineWebError> {
        let stop_characters = own.stop_characters.as_ref().or(self.stop_characters.as_ref());
        let parameters = Parameters {
            min_line_punctuation_ratio: own
                .min_line_punctuation_ratio
                .or(self.min_line_punctuation_ratio),
            exclude_zero: own.exclude_zero.unwrap_or(self.exclude_zero),
            short_line_length: own.short_line_length.unwrap_or(self.short_line_length),
            max_short_line_ratio: own.max_short_line_ratio.or(self.max_short_line_ratio),
            max_duplicate_char_ratio: own
                .max_duplicate_char_ratio
                .or(self.max_duplicate_char_ratio),
            max_newline_ratio: own.max_newline_ratio.or(self.max_newline_ratio),
            stop_characters: stop_characters.map(|characters| characters.chars().collect()),
        };
        let check = |name: &str, value: Option<f64>, most: f64, allowed: &'static str| match value {
            Some(value) if value.is_nan() || value < 0.0 || value > most => {
                Err(FineWebError::Threshold {
                    key: match language {
                        Some(language) => format!("languages.{language}.{name}"),
                        None => name.to_owned(),
                    },
                    value,
                    allowed,
                })
            }
            _ => Ok(()),
        };
        let punctuation = parameters.min_line_punctuation_ratio;
        check("min_line_punctuation_ratio", punctuation, 1.0, "from 0 to 1")?;
        let positive = "0 or more";
        check("max_short_line_ratio", parameters.max_short_line_ratio, f64::INFINITY, positive)?;
        check(
            "max_duplicate_char_ratio",
            parameters.max_duplicate_char_ratio,
            f64::INFINITY,
            positive,
        )?;
        check("max_newline_ratio", parameters.max_newline_ratio, f64::INFINITY, positive)?;
        Ok(parameters)
    }
}

impl Parameters {
    fn is_stop(&self, character: char) -> bool {
        match &self.stop_characters {
            None => TERMINAL_PUNCTUATION.contains(character),
            Some(own) => own.contains(&character),
        }
    }
}

/// What the filter measures in one document; 0 where there is no line or no word.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Lines that hold more than white space.
    pub lines: u64,
    /// The share of these that end with a stop character, 0 to 1.
    pub line_punctuation_ratio: f64,
    /// The share of these that are short, 0 to 1.
    pub short_line_ratio: f64,
    /// The share of the code points, without line feeds, in lines that an earlier one equals.
    pub duplicate_char_ratio: f64,
    /// Line feeds by word.
    pub newline_ratio: f64,
}

/// The quality filter of FineWeb.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::fineweb::{Config, FineWeb};
/// use sapwood::stage::Verdict;
///
/// let fineweb = FineWeb::new(&Config::default())?;
/// let mut document = Document::new("a", "Home\nNews\nAbout us");
/// assert_eq!(document.apply(&fineweb), Verdict::Drop("fineweb.line_punctuation_ratio".into()));
/// # Ok::<(), sapwood::quality::fineweb::FineWebError>(())
/// ```
#[derive(Debug)]
pub struct FineWeb {
    words: WordsConfig,
    language: Option<String>,
    parameters: ByLanguage<Parameters>,
}

thread_local! {
    static FINDER: RefCell<DuplicateFinder> = RefCell::default();
}

impl FineWeb {
    /// Checks the thresholds.
    ///
    /// # Errors
    /// If a threshold is negative or not a number, or the lowest share of lines above 1.
    pub fn new(config: &Config) -> Result<Self, FineWebError> {
        let parameters = ByLanguage::new(
            config.profiles.as_deref(),
            &config.languages,
            |language, profile, own: Option<&Overrides>| {
                let own = own.cloned().unwrap_or_default();
                match profile {
                    Some(profile) => config.profiled(profile).parameters(language, &own),
                    None => config.parameters(language, &own),
                }
            },
        )?;
        Ok(Self { words: config.words.clone(), language: config.language.clone(), parameters })
    }

    /// What documents in a language are held against: its own parameters, or those of all.
    pub fn parameters(&self, language: Option<&str>) -> &Parameters {
        self.parameters.get(language)
    }

    /// Takes the measures of a document in a language.
    pub fn measure(&self, document: &Document<'_>, language: Option<&str>) -> Measures {
        let parameters = self.parameters(language);
        let view = document.view();
        let text = view.text();
        let lines = view.lines();
        let (mut number, mut ends, mut short) = (0, 0, 0);
        let mut is_proper = |line: &&crate::text::view::Line| {
            let content = text.get(line.range()).unwrap_or_default();
            if content.chars().all(is_python_whitespace) {
                return false;
            }
            number += 1;
            ends += u64::from(content.ends_with(|last| parameters.is_stop(last)));
            short += u64::from(line.characters <= parameters.short_line_length);
            true
        };
        let elements = lines.iter().filter(&mut is_proper);
        let elements = elements.map(|line| (line.hash, line.characters));
        let duplicates = FINDER.with_borrow_mut(|finder| {
            let duplicates = finder.count(lines.len(), elements);
            finder.shrink();
            duplicates
        });
        let newlines = lines.len().saturating_sub(1);
        let words = view.words(self.words.segmentation(language)).len() as u64;
        Measures {
            lines: number,
            line_punctuation_ratio: ratio(ends, number),
            short_line_ratio: ratio(short, number),
            duplicate_char_ratio: ratio(
                duplicates.copies_size,
                (view.characters() - newlines) as u64,
            ),
            newline_ratio: ratio(newlines as u64, words),
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: LINE_PUNCTUATION,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of lines that end with a stop character",
    },
    Metric {
        name: SHORT_LINES,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of lines that are short",
    },
    Metric {
        name: DUPLICATE_CHARACTERS,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "share of the characters in lines that an earlier line equals",
    },
    Metric {
        name: NEWLINES,
        kind: MetricKind::Float,
        unit: "ratio",
        meaning: "line feeds by word",
    },
];

impl Stage for FineWeb {
    fn name(&self) -> &str {
        "fineweb"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn resources(&self) -> Vec<Resource> {
        self.parameters.resources()
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let language = self.language.as_deref().or(document.language());
        let measures = self.measure(document, language);
        let parameters = self.parameters(language);
        document.annotate(LINE_PUNCTUATION, measures.line_punctuation_ratio);
        document.annotate(SHORT_LINES, measures.short_line_ratio);
        document.annotate(DUPLICATE_CHARACTERS, measures.duplicate_char_ratio);
        document.annotate(NEWLINES, measures.newline_ratio);
        if measures.lines == 0 {
            document.fail(EMPTY);
            return document.verdict();
        }
        let punctuation = measures.line_punctuation_ratio;
        if let Some(threshold) = parameters.min_line_punctuation_ratio
            && !(parameters.exclude_zero && punctuation == 0.0)
        {
            document.test(LINE_PUNCTUATION, punctuation, Bound::AtLeast(threshold));
        }
        for (metric, value, threshold) in [
            (SHORT_LINES, measures.short_line_ratio, parameters.max_short_line_ratio),
            (
                DUPLICATE_CHARACTERS,
                measures.duplicate_char_ratio,
                parameters.max_duplicate_char_ratio,
            ),
            (NEWLINES, measures.newline_ratio, parameters.max_newline_ratio),
        ] {
            if let Some(threshold) = threshold {
                document.test(metric, value, Bound::AtMost(threshold));
            }
        }
        document.verdict()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn fineweb(yaml: &str) -> FineWeb {
        let config: Config = serde_saphyr::from_str(yaml).expect("a configuration");
        FineWeb::new(&config).expect("possible thresholds")
    }

    fn reasons(fineweb: &FineWeb, text: &str, language: Option<&str>) -> Vec<String> {
        let mut document = Document::new("id", text).with_language(language);
        document.apply(fineweb);
        document.reasons().iter().map(|reason| reason.to_string()).collect()
    }

    proptest! {
        #[test]
        fn the_measures_are_what_the_definitions_say(
            text in "(abc|def ghi |。|\\.|…|\\n|\\n|\\n\\n| |\\r|\u{a0}|é{30}){0,40}",
        ) {
            let lines: Vec<&str> = text.split('\n').collect();
            let proper: Vec<&str> = lines
                .iter()
                .copied()
                .filter(|line| line.chars().any(|c| !is_python_whitespace(c)))
                .collect();
            let ends = proper.iter().filter(|line| line.ends_with(['.', '。'])).count();
            let short = proper.iter().filter(|line| line.chars().count() <= 30).count();
            let mut seen = HashSet::new();
            let copies = proper.iter().filter(|line| !seen.insert(**line));
            let copied: usize = copies.map(|line| line.chars().count()).sum();
            let characters = text.chars().filter(|&c| c != '\n').count();
            let words = text.split(is_python_whitespace).filter(|word| !word.is_empty()).count();
            let own = fineweb("words: whitespace");
            let measures = own.measure(&Document::new("id", text.as_str()), None);
            prop_assert_eq!(measures, Measures {
                lines: proper.len() as u64,
                line_punctuation_ratio: ratio(ends as u64, proper.len() as u64),
                short_line_ratio: ratio(short as u64, proper.len() as u64),
                duplicate_char_ratio: ratio(copied as u64, characters as u64),
                newline_ratio: ratio(lines.len() as u64 - 1, words as u64),
            });
        }
    }

    #[test]
    fn what_holds_no_line_is_dropped_for_that_alone() {
        let all = fineweb("{}");
        assert_eq!(reasons(&all, "", None), ["fineweb.empty"]);
        assert_eq!(reasons(&all, " \n\u{1c}\n", None), ["fineweb.empty"]);
    }

    #[test]
    fn a_language_has_its_own_parameters() {
        let own = fineweb(
            "
max_short_line_ratio: null
max_newline_ratio: 10
max_duplicate_char_ratio: null
min_line_punctuation_ratio: 1
languages:
  hi: {stop_characters: '।', exclude_zero: true}
  fr: {max_duplicate_char_ratio: 0, short_line_length: 2, max_short_line_ratio: 0.5}
",
        );
        let punctuation = "fineweb.line_punctuation_ratio";
        assert_eq!(reasons(&own, "a.\na.", None), [""; 0]);
        assert_eq!(reasons(&own, "a।\na.", None), [""; 0]);
        assert_eq!(reasons(&own, "a।\na.", Some("hi")), [punctuation]);
        assert_eq!(reasons(&own, "a\na.", None), [punctuation]);
        assert_eq!(reasons(&own, "a\na.", Some("hi")), [""; 0]);
        assert_eq!(
            reasons(&own, "a.\na.", Some("fr")),
            ["fineweb.short_line_ratio", "fineweb.duplicate_char_ratio"]
        );
    }

    #[test]
    fn impossible_thresholds_are_named() {
        for (yaml, key) in [
            ("min_line_punctuation_ratio: 1.1", "min_line_punctuation_ratio"),
            ("max_newline_ratio: -1", "max_newline_ratio"),
            ("languages: {fr: {max_short_line_ratio: .nan}}", "languages.fr.max_short_line_ratio"),
        ] {
            let config: Config = serde_saphyr::from_str(yaml).expect("a configuration");
            let error = FineWeb::new(&config).expect_err("an error").to_string();
            assert!(error.starts_with(&format!("{key} (")), "{error}");
        }
    }
}
