//! The Gopher and FineWeb filters equal what datatrove, dolma and datamap-rs answered: numbers to
//! the last bit, or as far as they were written, and the first reason to drop.

use std::collections::BTreeMap;

use sapwood::document::{Document, Value as Measure};
use sapwood::quality::fineweb::{self, FineWeb};
use sapwood::quality::gopher::{Gopher, GopherRepetition, Variant, quality, repetition};
use sapwood::stage::{Stage, Verdict};
use sapwood::text::segment::WordsConfig;
use serde_json::Value;

/// datatrove's reasons by rule; the first is the one for the lower bound of two.
const REASONS: &[(&str, &[&str])] = &[
    ("gopher.words", &["gopher_short_doc", "gopher_long_doc"]),
    ("gopher.mean_word_length", &["gopher_below_avg_threshold", "gopher_above_avg_threshold"]),
    ("gopher.hash_ratio", &["gopher_too_many_hashes"]),
    ("gopher.ellipsis_ratio", &["gopher_too_many_ellipsis"]),
    ("gopher.bullet_lines_ratio", &["gopher_too_many_bullets"]),
    ("gopher.ellipsis_lines_ratio", &["gopher_too_many_end_ellipsis"]),
    ("gopher.alpha_words_ratio", &["gopher_below_alpha_threshold"]),
    ("gopher.stop_words", &["gopher_enough_stop_words"]),
    ("gopher.empty", &["empty"]),
    ("gopher.duplicate_paragraph_ratio", &["dup_para_frac"]),
    ("gopher.duplicate_paragraph_char_ratio", &["dup_para_char_frac"]),
    ("gopher.duplicate_line_ratio", &["dup_line_frac"]),
    ("gopher.duplicate_line_char_ratio", &["dup_line_char_frac"]),
    ("gopher.top_2_gram_ratio", &["top_2_gram"]),
    ("gopher.top_3_gram_ratio", &["top_3_gram"]),
    ("gopher.top_4_gram_ratio", &["top_4_gram"]),
    ("gopher.duplicate_5_gram_ratio", &["duplicated_5_n_grams"]),
    ("gopher.duplicate_6_gram_ratio", &["duplicated_6_n_grams"]),
    ("gopher.duplicate_7_gram_ratio", &["duplicated_7_n_grams"]),
    ("gopher.duplicate_8_gram_ratio", &["duplicated_8_n_grams"]),
    ("gopher.duplicate_9_gram_ratio", &["duplicated_9_n_grams"]),
    ("gopher.duplicate_10_gram_ratio", &["duplicated_10_n_grams"]),
    ("fineweb.empty", &["empty"]),
    ("fineweb.line_punctuation_ratio", &["line_punct_ratio"]),
    ("fineweb.short_line_ratio", &["short_line_ratio"]),
    ("fineweb.duplicate_char_ratio", &["char_dup_ratio"]),
    ("fineweb.newline_ratio", &["list_ratio"]),
];

fn cases() -> Vec<Value> {
    let lines = include_str!("golden/gopher.jsonl").lines().skip(1);
    lines.map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn stages(variant: Variant, words: Option<WordsConfig>) -> (Gopher, GopherRepetition) {
    let quality = quality::Config { variant, words: words.clone(), ..Default::default() };
    let repetition = repetition::Config { variant, words, ..Default::default() };
    (
        Gopher::new(&quality).expect("the defaults are possible"),
        GopherRepetition::new(&repetition).expect("the defaults are possible"),
    )
}

fn whitespace() -> WordsConfig {
    serde_json::from_value("whitespace".into()).expect("a way to cut")
}

fn number(document: &Document<'_>, metric: &str) -> f64 {
    document.metric(metric).and_then(Measure::number).unwrap_or(f64::NAN)
}

#[test]
fn datatrove_is_equalled_to_the_last_bit_and_the_first_reason() {
    let (quality, repetition) = stages(Variant::Datatrove, Some(whitespace()));
    let config = fineweb::Config { words: whitespace(), ..Default::default() };
    let fineweb = FineWeb::new(&config).expect("the defaults are possible");
    let stages: [&dyn Stage; 3] = [&quality, &repetition, &fineweb];
    let cases = cases();
    let mut seen = BTreeMap::<&str, usize>::new();
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        let expected = &case["datatrove"];
        let mut document = Document::new(name, case["text"].as_str().expect("a text"));
        for stage in stages {
            let reason = match document.apply(stage) {
                Verdict::Keep => None,
                Verdict::Drop(reason) => Some(reason),
            };
            let original = expected[stage.name()].as_str();
            let names = reason.as_ref().and_then(|reason| {
                REASONS.iter().find(|(rule, _)| rule == reason).map(|(_, names)| *names)
            });
            assert!(
                match (original, names) {
                    (None, None) => reason.is_none(),
                    (Some(original), Some(names)) => names.contains(&original),
                    _ => false,
                },
                "{name}: {reason:?}, in datatrove {original:?}"
            );
            *seen.entry(original.unwrap_or("kept")).or_default() += 1;
        }
        let metrics = expected["metrics"].as_object().expect("metrics");
        for (metric, value) in metrics {
            assert_eq!(Some(number(&document, metric)), value.as_f64(), "{name}: {metric}");
        }
        // What datatrove cannot divide is 0 here.
        let others = document.metrics().iter().filter(|(metric, _)| !metrics.contains_key(*metric));
        for (metric, value) in others {
            assert_eq!(value.number(), Some(0.0), "{name}: {metric}");
        }
    }
    assert!(seen.len() > 8, "{seen:?}");
}

#[test]
fn dolma_is_equalled_to_the_fifth_digit() {
    let (quality, repetition) = stages(Variant::Dolma, None);
    for case in &cases() {
        let name = case["name"].as_str().expect("a name");
        let mut document = Document::new(name, case["text"].as_str().expect("a text"));
        document.apply(&quality);
        document.apply(&repetition);
        let expected = case["dolma"].as_object().expect("metrics");
        for (metric, value) in expected {
            let rounded: f64 =
                format!("{:.5}", number(&document, metric)).parse().expect("a number");
            assert_eq!(Some(rounded), value.as_f64(), "{name}: {metric}");
        }
        for (metric, value) in document.metrics() {
            // dolma writes nothing about n-grams of which a text has none.
            assert!(
                expected.contains_key(*metric) || value.number() == Some(0.0),
                "{name}: {metric}"
            );
        }
    }
}

#[test]
fn datamap_is_equalled_in_single_precision() {
    let (quality, repetition) = stages(Variant::Datamap, None);
    let rules = [
        ("gopher.words", "page_len_filter"),
        ("gopher.mean_word_length", "word_len_filter"),
        ("gopher.symbol_ratio", "symbol_ratio_filter"),
        ("gopher.bullet_lines_ratio", "bullet_filter"),
        ("gopher.ellipsis_lines_ratio", "ellipsis_line_ratio_filter"),
        ("gopher.alpha_words_ratio", "alphabetic_word_ratio_filter"),
        ("gopher.stop_words", "stop_word_filter"),
    ];
    for case in &cases() {
        let name = case["name"].as_str().expect("a name");
        let expected = &case["datamap"];
        let mut document = Document::new(name, case["text"].as_str().expect("a text"));
        document.apply(&quality);
        let failed: Vec<&str> = document
            .reasons()
            .iter()
            .filter_map(|reason| rules.iter().find(|(rule, _)| rule == reason))
            .map(|(_, processor)| *processor)
            .collect();
        assert_eq!(serde_json::json!(failed), expected["failed"], "{name}");
        let dropped = document.apply(&repetition) != Verdict::Keep;
        assert_eq!(Some(dropped), expected["repetition"].as_bool(), "{name}");
        for (metric, value) in expected["metrics"].as_object().expect("metrics") {
            // To datamap-rs, vowel signs that stand alone and circled letters are words.
            if name == "symbols" && (metric == "gopher.words" || metric.contains("_gram_")) {
                continue;
            }
            let part = |index: usize| value[index].as_f64().expect("a number") as f32;
            let quotient = f64::from(part(0) / part(1));
            assert_eq!(number(&document, metric), quotient, "{name}: {metric}");
        }
    }
}
