use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::stage::{Stage, Verdict};
use crate::text::marks::SYMBOLS;
use crate::text::whitespace::{is_python_whitespace, python_strip};

/// datatrove's measures, from strings and maps.
fn naive_datatrove(text: &str) -> (quality::Measures, repetition::Measures) {
    let ratio = |part: usize, whole: usize| match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    };
    let length = |text: &str| text.chars().count();
    let words: Vec<&str> =
        text.split(is_python_whitespace).filter(|word| !word.is_empty()).collect();
    let proper: Vec<&&str> =
        words.iter().filter(|word| word.chars().any(|c| !SYMBOLS.contains(c))).collect();
    let stop_words = quality::Config::default().stop_words;
    let different: HashSet<&str> = words.iter().copied().collect();
    let mut lines: Vec<&str> = text.split(['\n', '\r', '\u{85}']).collect();
    lines.pop_if(|last| last.is_empty());
    let bullets = lines.iter().filter(|line| python_strip(line).starts_with(['•', '-'])).count();
    let ends = |line: &&&str| {
        let line = python_strip(line);
        line.ends_with("...") || line.ends_with('…')
    };
    let quality = quality::Measures {
        words: proper.len() as u64,
        word_length: (!proper.is_empty())
            .then(|| ratio(proper.iter().map(|word| length(word)).sum(), proper.len())),
        hash_and_ellipsis_ratios: Some((
            ratio(text.matches('#').count(), words.len()),
            ratio(text.matches("...").count() + text.matches('…').count(), words.len()),
        )),
        symbol_ratio: None,
        bullet_lines_ratio: ratio(bullets, lines.len()),
        ellipsis_lines_ratio: ratio(lines.iter().filter(ends).count(), lines.len()),
        alpha_words_ratio: ratio(
            words.iter().filter(|word| word.chars().any(char::is_alphabetic)).count(),
            words.len(),
        ),
        stop_words: stop_words.iter().filter(|word| different.contains(word.as_str())).count()
            as u64,
        too_few_to_tell: false,
    };

    let all = length(text);
    let duplicates = |list: &[&str]| {
        let mut seen = HashSet::new();
        let copies: Vec<&str> = list.iter().copied().filter(|part| !seen.insert(*part)).collect();
        let characters = copies.iter().map(|part| length(part)).sum();
        (ratio(copies.len(), list.len()), ratio(characters, all))
    };
    let split = |pattern: &str, text| -> Vec<&str> {
        regex::Regex::new(pattern).map(|pattern| pattern.split(text).collect()).unwrap_or_default()
    };
    let top = |n: usize| {
        let mut counts = HashMap::<String, usize>::new();
        let ngrams: Vec<String> = words.windows(n).map(|words| words.join(" ")).collect();
        ngrams.iter().for_each(|ngram| *counts.entry(ngram.clone()).or_default() += 1);
        // `max_by_key` takes the last of several, the first is wanted.
        let best = ngrams.iter().rev().max_by_key(|ngram| counts[*ngram]);
        best.map_or(0.0, |best| ratio(length(best) * counts[best], all))
    };
    let duplicate = |n: usize| {
        let (mut seen, mut characters, mut index) = (HashSet::new(), 0, 0);
        while index + n <= words.len() {
            let ngram = words[index..index + n].concat();
            let size = length(&ngram);
            if seen.insert(ngram) {
                index += 1;
            } else {
                characters += size;
                index += n;
            }
        }
        ratio(characters, all)
    };
    let repetition = repetition::Measures {
        paragraphs: Some(duplicates(&split("\n{2,}", python_strip(text)))),
        lines: duplicates(&split("\n+", text)),
        top: [1, 2, 3, 4].map(top).to_vec(),
        duplicate: [2, 5, 6, 7].map(duplicate).to_vec(),
    };
    (quality, repetition)
}

fn whitespace(language: Option<&str>) -> (Gopher, GopherRepetition) {
    let lengths = |lengths: [usize; 4]| lengths.map(|n| (n, Some(0.2))).into();
    let quality = quality::Config {
        words: Some(WordsConfig::Whitespace),
        language: language.map(str::to_owned),
        ..Default::default()
    };
    let repetition = repetition::Config {
        words: Some(WordsConfig::Whitespace),
        max_top_ngram_ratios: lengths([1, 2, 3, 4]),
        max_duplicate_ngram_ratios: lengths([2, 5, 6, 7]),
        ..Default::default()
    };
    let quality = Gopher::new(&quality).expect("possible thresholds");
    (quality, GopherRepetition::new(&repetition).expect("possible thresholds"))
}

proptest! {
    #[test]
    fn datatrove_is_what_its_definitions_say(
        text in "((the |of |a|b|ab|é|。|１|#|\\.\\.\\.|…|-|• )|( )|(\\n{1,3})|(\\r|\u{85}|\u{a0})){0,60}",
        times in 1..4_usize,
    ) {
        // Two ends of lines in a row are one if they are CR and LF.
        let text = text.replace("\r\n", "\r \n").repeat(times).replace("\r\n", "\r \n");
        let document = Document::new("id", text.as_str());
        let (quality, repetition) = whitespace(None);
        let (expected, repeated) = naive_datatrove(&text);
        prop_assert_eq!(quality.measure(&document, None), expected);
        prop_assert_eq!(repetition.measure(&document, None), repeated);
    }

    #[test]
    fn no_text_makes_any_variant_panic(text in "(\\PC|[ \\n\\r\\t.#…-]|\u{301}|a ){0,80}") {
        for variant in [Variant::Datatrove, Variant::Dolma, Variant::Datamap] {
            for words in [None, Some(WordsConfig::Whitespace), Some(WordsConfig::Unicode)] {
                let config = quality::Config { variant, words: words.clone(), ..Default::default() };
                let quality = Gopher::new(&config).expect("the defaults are possible");
                let config = repetition::Config { variant, words, ..Default::default() };
                let repetition = GopherRepetition::new(&config).expect("the defaults are possible");
                let mut document = Document::new("id", text.as_str());
                document.apply(&quality);
                document.apply(&repetition);
                let declared = quality.metrics().iter().chain(repetition.metrics());
                let declared: Vec<&str> = declared.map(|metric| metric.name).collect();
                let annotated: Vec<&str> =
                    document.metrics().iter().map(|(name, _)| *name).collect();
                let of = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<HashSet<_>>();
                prop_assert_eq!(of(&annotated), of(&declared));
                let finite = document.metrics().iter().all(|(_, value)| {
                    value.number().is_some_and(|number| number.is_finite() && number >= 0.0)
                });
                prop_assert!(finite);
            }
        }
    }
}

#[test]
fn a_language_has_its_own_parameters() {
    let yaml = "
min_words: 3
stop_words: [the]
min_stop_words: 1
min_alpha_words_ratio: null
languages:
  fr: {stop_words: [le, la], min_mean_word_length: 0}
  de: {min_words: 0, min_stop_words: 0}
";
    let config: quality::Config = serde_saphyr::from_str(yaml).expect("a configuration");
    let gopher = Gopher::new(&config).expect("possible thresholds");
    let reasons = |text: &str, language: Option<&str>| {
        let mut document = Document::new("id", text).with_language(language);
        document.apply(&gopher);
        document.reasons().iter().map(|reason| reason.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(reasons("the old house", None), [""; 0]);
    assert_eq!(reasons("le a 1", None), ["gopher.mean_word_length", "gopher.stop_words"]);
    assert_eq!(reasons("le a 1", Some("fr")), [""; 0]);
    assert_eq!(reasons("the", Some("fr")), ["gopher.words", "gopher.stop_words"]);
    assert_eq!(reasons("ein", Some("de")), [""; 0]);
    assert_eq!(gopher.parameters(Some("fr")).thresholds.min_words, Some(3));
    assert_eq!(gopher.parameters(Some("xx")).thresholds.min_words, Some(3));
}

#[test]
fn lengths_of_ngrams_can_be_chosen_by_language() {
    let yaml = "
max_top_ngram_ratios: {1: 0.5}
max_duplicate_ngram_ratios: {}
languages: {fr: {max_top_ngram_ratios: {1: null, 7: 0.9}}}
";
    let config: repetition::Config = serde_saphyr::from_str(yaml).expect("a configuration");
    let repetition = GopherRepetition::new(&config).expect("possible thresholds");
    let names: Vec<&str> = repetition.metrics().iter().skip(4).map(|metric| metric.name).collect();
    assert_eq!(names, ["gopher.top_1_gram_ratio", "gopher.top_7_gram_ratio"]);
    let mut document = Document::new("id", "na na na");
    assert_eq!(document.apply(&repetition), Verdict::Drop("gopher.top_1_gram_ratio".into()));
    let mut document = Document::new("id", "na na na").with_language(Some("fr"));
    assert_eq!(document.apply(&repetition), Verdict::Keep);
    assert_eq!(document.metric("gopher.top_1_gram_ratio").and_then(|v| v.number()), Some(0.75));
}

#[test]
fn an_empty_text_is_dropped_by_datatrove_for_that() {
    let (_, repetition) = whitespace(None);
    let mut document = Document::new("id", "");
    assert_eq!(document.apply(&repetition), Verdict::Drop("gopher.empty".into()));
    assert_eq!(document.reasons().len(), 1);
}

#[test]
fn without_a_proper_word_there_is_no_mean_to_fail() {
    let config = quality::Config {
        min_words: None,
        min_alpha_words_ratio: None,
        min_stop_words: Some(0),
        ..Default::default()
    };
    let gopher = Gopher::new(&config).expect("possible thresholds");
    let mut document = Document::new("id", "! ? !");
    assert_eq!(document.apply(&gopher), Verdict::Keep);
    assert_eq!(document.metric("gopher.mean_word_length").and_then(|v| v.number()), Some(0.0));
}

#[test]
fn impossible_thresholds_are_named() {
    let quality = |yaml: &str| {
        let config: quality::Config = serde_saphyr::from_str(yaml).expect("a configuration");
        Gopher::new(&config).expect_err("an error").to_string()
    };
    assert_eq!(quality("min_words: 6\nmax_words: 5"), "min_words (6) is above max_words (5)");
    assert!(quality("max_hash_ratio: -1").starts_with("max_hash_ratio (-1) must be 0 or more"));
    assert!(quality("min_alpha_words_ratio: 1.5").contains("1 or less"));
    let languages = quality("languages: {fr: {max_mean_word_length: .nan}}");
    assert!(languages.starts_with("languages.fr.max_mean_word_length (NaN)"), "{languages}");
    assert!(quality("min_mean_word_length: 11").contains("max_mean_word_length (10)"));

    let repetition = |yaml: &str| {
        let config: repetition::Config = serde_saphyr::from_str(yaml).expect("a configuration");
        GopherRepetition::new(&config).expect_err("an error").to_string()
    };
    assert!(repetition("max_duplicate_line_ratio: -0.1").contains("max_duplicate_line_ratio"));
    assert!(repetition("max_top_ngram_ratios: {2: -1}").contains("max_top_ngram_ratios.2 (-1)"));
    let length = repetition("languages: {fr: {max_duplicate_ngram_ratios: {0: 0.1}}}");
    assert!(length.contains("languages.fr.max_duplicate_ngram_ratios"), "{length}");
    assert!(repetition("max_top_ngram_ratios: {101: 0.1}").contains("101"));
    assert!(serde_saphyr::from_str::<quality::Config>("min_wrds: 1").is_err());
}

#[test]
fn the_median_of_an_even_number_is_between_the_middle_two() {
    let config = quality::Config { variant: Variant::Dolma, ..Default::default() };
    let dolma = Gopher::new(&config).expect("the defaults are possible");
    let median = |text: &str| dolma.measure(&Document::new("id", text), None).word_length;
    assert_eq!(median("a bbbb cc"), Some(2.0));
    assert_eq!(median("a bbbb cc ddddd"), Some(3.0));
    assert_eq!(median("aa b"), Some(1.5));
    assert_eq!(median(""), None);
}

#[test]
fn datamap_counts_what_lies_in_repeated_ngrams_once() {
    let config = repetition::Config { variant: Variant::Datamap, ..Default::default() };
    let datamap = GopherRepetition::new(&config).expect("the defaults are possible");
    let measures = datamap.measure(&Document::new("id", "a a a a bb"), None);
    // `a a` three times, over four of six bytes.
    assert_eq!(measures.top[0], f64::from(4.0_f32 / 6.0));
    assert_eq!(measures.duplicate, [0.0; 6]);
    // Nothing is taken for all repeated.
    assert_eq!(datamap.measure(&Document::new("id", "\n"), None).lines, (1.0, 1.0));
}
