//! The measures against the original's answers, and against its definitions written out plainly.

use std::collections::{HashMap, HashSet};
use std::fs;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::parameters::LanguageParameters;
use super::*;
use crate::document::Value;
use crate::text::special::{is_special, strip_special};

/// The lines of a golden file: cases that the original program was run on.
fn cases(file: &str) -> Vec<Json> {
    file.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// A filter with lists of one language.
fn with_lists(config: Config, language: &str, stopwords: &str, flagged: &str) -> Roots {
    let directory = tempfile::tempdir().expect("a directory");
    let mut config = config;
    for (name, list, field) in
        [("stopwords", stopwords, &mut config.stopwords), ("flagged", flagged, &mut config.flagged)]
    {
        let path = directory.path().join(name);
        fs::create_dir(&path).expect("a directory");
        fs::write(path.join(format!("{language}.txt")), list).expect("a list");
        *field = Some(path);
    }
    Roots::new(&config).expect("a valid configuration")
}

fn lines(list: &Json) -> String {
    let words = list.as_array().into_iter().flatten();
    words.map(|word| format!("{}\n", word.as_str().expect("a word"))).collect()
}

#[test]
fn ratios_equal_the_originals_to_the_last_bit() {
    let cases = cases(include_str!("../../../tests/golden/roots/ratios.jsonl"));
    assert_eq!(cases.len(), 51);
    for case in cases {
        let text = case["text"].as_str().expect("a text");
        let language = case["language"].as_str().unwrap_or("en");
        let length = case["length"].as_u64().map(|length| length as usize);
        let config = Config {
            variant: case
                .get("variant")
                .map(|name| serde_json::from_value(name.clone()).expect("a variant"))
                .unwrap_or_default(),
            character_repetition_length: length,
            word_repetition_length: length,
            ..Config::default()
        };
        let list = lines(&case["list"]);
        let roots = with_lists(config, language, &list, &list);
        let measures = roots.measure(text, Some(language));
        let measured = match case["measure"].as_str().expect("a name") {
            "character_repetition_ratio" => measures.character_repetition_ratio,
            "word_repetition_ratio" => measures.word_repetition_ratio,
            "special_characters_ratio" => measures.special_characters_ratio,
            "stopwords_ratio" => measures.stopwords_ratio.expect("a list"),
            "flagged_words_ratio" => measures.flagged_words_ratio.expect("a list"),
            _ => {
                let expected = case["expected"].as_array().expect("words");
                assert_eq!(measures.number_words, expected.len() as u64, "{case}");
                let words = naive_words(text, true);
                assert!(words.iter().eq(expected.iter().filter_map(Json::as_str)), "{case}");
                continue;
            }
        };
        let expected = case["expected"].as_f64().expect("a number");
        assert_eq!(measured.to_bits(), expected.to_bits(), "{measured} {case}");
    }
}

#[test]
fn decisions_equal_the_originals() {
    for case in cases(include_str!("../../../tests/golden/roots/keep.jsonl")) {
        let language = case["language"].as_str().expect("a language");
        let (stopwords, flagged) = (lines(&case["stopwords"]), lines(&case["flagged"]));
        let roots = with_lists(Config::default(), language, &stopwords, &flagged);
        let text = case["text"].as_str().expect("a text");
        let mut document = Document::new("x", text).with_language(Some(language));
        let kept = document.apply(&roots) == Verdict::Keep;
        assert_eq!(Some(kept), case["expected"].as_bool(), "{case}");
    }
}

#[test]
fn modification_and_normalisation_equal_the_originals() {
    use crate::text::modify::{Modification, modify};
    use crate::text::punctuation::{full_normalization, unicode_punctuation};
    use crate::text::whitespace::is_uniform_whitespace;

    let roots = Roots::new(&Config::default()).expect("the shipped table is valid");
    for case in cases(include_str!("../../../tests/golden/roots/modify.jsonl")) {
        let text = case["text"].as_str().expect("a text");
        let row = roots.parameters(case["language"].as_str());
        let options = Modification {
            uniform_whitespace: true,
            remove_bad_substrings: row.remove_bad_substrings,
            remove_long_words: row.remove_long_words,
            max_word_length: row.max_word_length,
        };
        let expected = case["expected"].as_str().expect("a text");
        let modified = modify(text, &options);
        assert_eq!(modified.as_deref().unwrap_or(text), expected);
        assert_eq!(modified.is_none(), text == expected);
    }
    for case in cases(include_str!("../../../tests/golden/roots/normalize.jsonl")) {
        let expected = &case["expected"];
        match case["function"].as_str().expect("a name") {
            "full_normalization" => {
                let lower_case = case["lower_case"].as_bool().expect("a flag");
                let text = case["text"].as_str().expect("a text");
                assert_eq!(Some(&*full_normalization(text, lower_case)), expected.as_str());
            }
            "unicode_punctuation_map" => {
                for (mark, replacement) in expected.as_object().expect("a map") {
                    let mark = mark.chars().next().expect("a character");
                    assert_eq!(unicode_punctuation(mark), replacement.as_str());
                }
            }
            _ => {
                for code in expected.as_array().expect("code points") {
                    let code = code.as_u64().expect("a number") as u32;
                    assert!(char::from_u32(code).is_some_and(is_uniform_whitespace));
                }
            }
        }
    }
}

fn english(text: &str) -> Document<'_> {
    Document::new("x", text).with_language(Some("en"))
}

const PLAIN: &str = "In spring the old farmer of the village took a long walk over the hills to \
                     see whether the apple trees had come through the last hard frost of the year.";

#[test]
fn an_ordinary_text_is_kept_with_every_metric_and_test() {
    let roots = with_lists(Config::default(), "en", "in\nthe\nof\na\nover\nto\nhad", "damn");
    let mut document = english(PLAIN);
    assert_eq!(document.apply(&roots), Verdict::Keep);
    let names: Vec<&str> = document.metrics().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, METRICS.iter().map(|metric| metric.name).collect::<Vec<_>>());
    assert_eq!(document.metric(COVERED), Some(&Value::Integer(1)));
    assert_eq!(document.metric(NUMBER_WORDS), Some(&Value::Integer(31)));
    let tests: Vec<&str> = document.tests().iter().map(|test| test.metric).collect();
    let order = [
        NUMBER_WORDS,
        NUMBER_WORDS,
        CHARACTER_REPETITION,
        WORD_REPETITION,
        SPECIAL_CHARACTERS,
        STOPWORDS,
        FLAGGED_WORDS,
    ];
    assert_eq!(tests, order);
}

#[test]
fn all_rules_are_tested_though_one_failed() {
    let roots = with_lists(Config::default(), "en", "the", "buy\nnow");
    let text = "Buy now!!! ".repeat(9);
    let mut document = english(&text);
    assert_eq!(document.apply(&roots), Verdict::Drop(NUMBER_WORDS.into()));
    let all = [
        NUMBER_WORDS,
        CHARACTER_REPETITION,
        WORD_REPETITION,
        SPECIAL_CHARACTERS,
        STOPWORDS,
        FLAGGED_WORDS,
    ];
    assert_eq!(document.reasons(), all);
}

#[test]
fn a_missing_list_is_neither_measured_nor_tested_and_is_remarked_on() {
    let roots = with_lists(Config::default(), "fr", "le", "zut");
    let mut document = english(PLAIN);
    assert_eq!(document.apply(&roots), Verdict::Keep);
    assert_eq!(document.metric(STOPWORDS), None);
    assert_eq!(document.metric(FLAGGED_WORDS), None);
    assert_eq!(document.tests().len(), 5);
    let remarks = roots.remarks();
    assert_eq!(remarks.len(), 2);
    assert!(remarks[0].contains("stop words") && remarks[0].contains("ar, bn, ca, en, es, eu, hi"));
    let config = Config { language: Some("fr".to_owned()), ..Config::default() };
    assert!(with_lists(config, "fr", "le", "zut").remarks().is_empty());
    let config = Config { language: Some("sw".to_owned()), ..Config::default() };
    assert!(with_lists(config, "sw", "", "").remarks()[0].contains("sw has no row"));
}

#[test]
fn a_language_without_a_row_is_counted_and_treated_as_configured() {
    let document = |on_uncovered, text, language| {
        let config = Config { on_uncovered, ..Config::default() };
        let roots = with_lists(config, "sw", "na", "x");
        let mut document = Document::new("x", text).with_language(language);
        let verdict = document.apply(&roots);
        assert_eq!(document.metric(COVERED), Some(&Value::Integer(0)));
        (verdict, document.tests().len(), document.metric(STOPWORDS).is_some())
    };
    let (pass, drop) = (OnUncovered::Pass, OnUncovered::Drop);
    assert_eq!(document(pass, "na", Some("sw")), (Verdict::Keep, 0, true));
    assert_eq!(document(pass, "na", None), (Verdict::Keep, 0, false));
    assert_eq!(document(pass, "na", Some("default")), (Verdict::Keep, 0, false));
    assert_eq!(document(drop, "na", None), (Verdict::Drop(UNCOVERED.into()), 0, false));
    let verdict = Verdict::Drop(NUMBER_WORDS.into());
    assert_eq!(document(OnUncovered::Default, "na", Some("sw")), (verdict, 7, true));
}

#[test]
fn replacements_hold_for_every_language_and_must_be_possible() {
    let config = Config {
        language: Some("en".to_owned()),
        min_words: Some(2),
        max_flagged_words_ratio: Some(0.5),
        ..Config::default()
    };
    let roots = Roots::new(&config).expect("a valid configuration");
    for language in [Some("en"), Some("zh"), None] {
        assert_eq!(roots.parameters(language).min_words, 2);
        assert_eq!(roots.parameters(language).max_flagged_words_ratio, 0.5);
    }
    assert_eq!(roots.parameters(Some("en")).min_stopwords_ratio, 0.3);
    let mut document = Document::new("x", "one").with_language(Some("xx"));
    document.apply(&roots);
    assert_eq!(document.metric(COVERED), Some(&Value::Integer(1)));

    let impossible = Config { max_words: Some(5), ..Config::default() };
    assert!(matches!(Roots::new(&impossible), Err(RootsError::Override(_))));
    let impossible = Config { character_repetition_length: Some(0), ..Config::default() };
    assert!(matches!(Roots::new(&impossible), Err(RootsError::Override(_))));
}

#[test]
fn configuration_is_strict_and_takes_the_year_with_and_without_quotes() {
    for yaml in ["variant: 2022", "variant: '2022'"] {
        let config: Config = serde_saphyr::from_str(yaml).expect(yaml);
        assert_eq!(config.variant, Variant::AsRun2022);
    }
    let json = serde_json::to_string(&Config::default()).expect("plain data");
    assert_eq!(serde_json::from_str::<Config>(&json).expect("its own output"), Config::default());
    for yaml in ["variant: 2021", "varriant: fixed", "on_uncovered: maybe", "min_words: -1"] {
        assert!(serde_saphyr::from_str::<Config>(yaml).is_err(), "{yaml}");
    }
    assert_eq!(
        serde_saphyr::from_str::<Config>("on_uncovered: drop").expect("valid").on_uncovered,
        OnUncovered::Drop
    );
}

#[test]
fn files_are_recorded_and_their_faults_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    fs::create_dir(path("lists")).expect("a directory");
    fs::write(path("lists/en.txt"), "the\n").expect("a file");
    fs::write(path("lists/LICENSE-the.txt"), [0xFF]).expect("a file");
    fs::write(path("table.yaml"), embedded::PARAMETERS).expect("a file");
    let config = Config {
        stopwords: Some(path("lists")),
        parameters: Some(path("table.yaml")),
        ..Config::default()
    };
    let resources = Roots::new(&config).expect("valid files").resources();
    let roles: Vec<&str> = resources.iter().map(|resource| &*resource.role).collect();
    assert_eq!(roles, ["parameters", "stopwords"]);
    assert_eq!(resources[1].bytes, 4);
    assert_eq!(resources[1].xxh3, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(b"the\n")));

    let error = |config: Config| Roots::new(&config).err().expect("an error");
    let missing = error(Config { flagged: Some(path("none")), ..Config::default() });
    assert!(matches!(missing, RootsError::MissingDirectory { role: "flagged", .. }));
    let missing = error(Config { parameters: Some(path("none")), ..Config::default() });
    assert!(matches!(missing, RootsError::Unreadable { .. }));
    fs::write(path("lists/fr.txt"), [b'a', 0xFF]).expect("a file");
    let broken = error(config);
    assert!(matches!(&broken, RootsError::NotUtf8 { path } if path.ends_with("fr.txt")));
    fs::write(path("table.yaml"), "languages: {default: 1}").expect("a file");
    let broken = error(Config { parameters: Some(path("table.yaml")), ..Config::default() });
    assert!(matches!(broken, RootsError::Table { .. }));
    assert!(broken.to_string().contains("table.yaml"));
}

#[test]
fn chinese_is_cut_by_dictionary_after_normalisation() {
    let roots = with_lists(Config::default(), "zh", "我们\n语言处理", "技术");
    let measures = roots.measure("我们正在研究自然语言处理技术。２０24", Some("zh"));
    // 我们 正在 研究 自然 语言 处理 技术, without what is special only
    assert_eq!(measures.number_words, 7);
    assert_eq!(measures.stopwords_ratio, Some(2.0 / 7.0));
    assert_eq!(measures.flagged_words_ratio, Some(1.0 / 7.0));
}

/// The words by the definition.
fn naive_words(text: &str, lower_case: bool) -> Vec<String> {
    text.split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
        .map(|word| if lower_case { word.to_lowercase() } else { word.to_owned() })
        .map(|word| strip_special(&word).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn naive_frequencies(ngrams: impl Iterator<Item = String>) -> Vec<u64> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    ngrams.for_each(|ngram| *counts.entry(ngram).or_default() += 1);
    let mut frequencies: Vec<u64> = counts.into_values().collect();
    frequencies.sort_unstable_by(|a, b| b.cmp(a));
    frequencies
}

fn share(part: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { part as f64 / total as f64 }
}

/// The measures by their definitions, for languages cut at whitespace.
fn naive(text: &str, row: &LanguageParameters, variant: Variant, list: &HashSet<&str>) -> Measures {
    let characters: Vec<char> = text.chars().collect();
    let ngrams = characters.windows(row.character_repetition_length);
    let frequencies = naive_frequencies(ngrams.map(|ngram| ngram.iter().collect()));
    let once = frequencies.iter().filter(|&&frequency| frequency == 1).count();
    let root = (frequencies.len() as f64).sqrt().floor() as usize;
    let most = root.min(match variant {
        Variant::Fixed => frequencies.len() - once,
        Variant::AsRun2022 => once,
    });
    let character_repetition_ratio =
        share(frequencies.iter().take(most).sum(), frequencies.iter().sum());

    let mut words = naive_words(text, true);
    let ngrams = words.windows(row.word_repetition_length);
    let frequencies = naive_frequencies(ngrams.map(|ngram| ngram.join(" ")));
    let repeated = frequencies.iter().filter(|&&frequency| frequency > 1).sum();
    let word_repetition_ratio = share(repeated, frequencies.iter().sum());

    let number = words.len() as u64;
    for &size in &row.word_augmentation.sizes {
        let ngrams = words.windows(size).map(|ngram| ngram.join(&row.word_augmentation.join));
        let ngrams: Vec<String> = ngrams.collect();
        words.extend(ngrams);
    }
    let found = words.iter().filter(|word| list.contains(word.as_str())).count() as u64;
    let ratio = Some(share(found, number).min(1.0));
    let special = characters.iter().filter(|&&character| is_special(character)).count() as u64;
    Measures {
        number_words: naive_words(text, false).len() as u64,
        character_repetition_ratio,
        word_repetition_ratio,
        special_characters_ratio: share(special, characters.len() as u64),
        stopwords_ratio: ratio,
        flagged_words_ratio: ratio,
    }
}

const LIST: [&str; 9] = ["a", "b", "ab", "a b", "é", "г", "a é", "οδος", "averylongwordinascii"];

/// Texts with much repetition, in several scripts and cases, with special characters at word ends.
const TEXTS: &str = "([aAbB]{1,3}|[éÉ]|Г|[гД]|ΟΔΟΣ|ø|Ø|中文|हिन्दी|😀|[.!0-9]|\
                     AVeryLongWordInAscii|anotherwordthatislongerthanthirtytwobytes|[ \\t\\n]{1,2}|\\PC){0,60}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn measures_follow_their_definitions(
        text in TEXTS, characters in 1..12_usize, words in 1..6_usize, as_run: bool, vietnamese: bool,
    ) {
        let language = if vietnamese { "vi" } else { "ru" };
        let variant = if as_run { Variant::AsRun2022 } else { Variant::Fixed };
        let config = Config {
            variant,
            character_repetition_length: Some(characters),
            word_repetition_length: Some(words),
            ..Config::default()
        };
        let list = LIST.join("\n");
        let roots = with_lists(config, language, &list, &list);
        let row = roots.parameters(Some(language)).clone();
        let expected = naive(&text, &row, variant, &HashSet::from(LIST));
        prop_assert_eq!(roots.measure(&text, Some(language)), expected);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,40}|[\\x00-\\x7F]{0,40}|.{0,40}", language in "(en|vi|zh|xx)") {
        let roots = with_lists(Config::default(), "zh", "a", "b");
        let mut document = Document::new("x", text.as_str()).with_language(Some(&language));
        document.apply(&roots);
        let ratios = document.metrics().iter().filter_map(|(_, value)| match value {
            Value::Float(ratio) => Some(*ratio),
            _ => None,
        });
        for ratio in ratios {
            prop_assert!((0.0..=1.0).contains(&ratio));
        }
    }
}
