use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::dedup::in_memory::{self, Cut, node};
use crate::dedup::scope::Within;
use crate::external::{Executor, Sequential, Threads};

/// What is left of some texts, `None` if nothing is, and the bytes that were removed.
type Left = Vec<(Option<String>, usize)>;

/// What is left of some texts, by definition: every window is looked up among all others.
fn expected(config: &Config, texts: &[&str]) -> Left {
    let mut places: BTreeMap<&[u8], Vec<(usize, usize)>> = BTreeMap::new();
    for (document, text) in texts.iter().enumerate() {
        for (start, window) in text.as_bytes().windows(config.length).enumerate() {
            places.entry(window).or_default().push((document, start));
        }
    }
    let removes = |places: &[(usize, usize)], document: usize, start: usize| {
        let counts = |&(other, at): &(usize, usize)| {
            let before = (other, at) < (document, start);
            (config.within_document || other != document)
                && (other, at) != (document, start)
                && (config.keep == KeepCopy::None || before)
        };
        places.iter().any(counts)
    };
    texts
        .iter()
        .enumerate()
        .map(|(document, text)| {
            let mut removed = vec![false; text.len()];
            for (start, window) in text.as_bytes().windows(config.length).enumerate() {
                let places = &places[window];
                if removes(places, document, start) {
                    // What is in the copy that stays is left.
                    let first = match (config.keep, places[0]) {
                        (KeepCopy::First, (other, at)) if other == document => at + config.length,
                        _ => 0,
                    };
                    removed[start.max(first)..start + config.length].fill(true);
                }
            }
            // Spans of whole characters that are long enough.
            let mut spans = Vec::new();
            let mut at = 0;
            while at < text.len() {
                let length = removed[at..].iter().take_while(|removed| **removed).count();
                let (mut start, mut end) = (at, at + length);
                while start < end && !text.is_char_boundary(start) {
                    start += 1;
                }
                while end > start && !text.is_char_boundary(end) {
                    end -= 1;
                }
                if length > 0 && end - start >= config.length {
                    spans.push(start..end);
                }
                at += length.max(1);
            }
            let mut left = String::new();
            let mut at = 0;
            for span in &spans {
                left += &text[at..span.start];
                at = span.end;
            }
            left += &text[at..];
            let few = (left.trim().chars().count() as u64) < config.min_left_characters;
            let is_dropped = few && !spans.is_empty();
            ((!is_dropped).then_some(left), spans.iter().map(ExactSizeIterator::len).sum())
        })
        .collect()
}

fn found(
    config: &Config,
    texts: &[&str],
    partitions: usize,
    documents: usize,
    executor: &dyn Executor,
) -> (Left, Vec<Outcome>, Measures) {
    let folder = tempfile::tempdir().unwrap();
    let barrier = SubstringDedup::new(config).unwrap();
    let mut of_texts: Vec<_> = texts.iter().map(|text| Document::new("", *text)).collect();
    let cut = Cut { partitions, documents, memory: 1 << 20, executor };
    let (outcomes, measures) =
        in_memory::run_with(&barrier, &mut of_texts, folder.path(), &cut).unwrap();
    let left = of_texts
        .iter()
        .zip(&outcomes)
        .map(|(document, outcome)| {
            let metric = document.metric("substring_dedup.removed_bytes").unwrap();
            let removed = metric.number().unwrap() as usize;
            let left = (*outcome == Outcome::Keep).then(|| document.text().to_owned());
            (left, removed)
        })
        .collect();
    (left, outcomes, measures)
}

fn config() -> impl Strategy<Value = Config> {
    (2usize..14, any::<bool>(), any::<bool>(), 0u64..3).prop_map(
        |(length, first, within_document, min_left_characters)| Config {
            length,
            keep: if first { KeepCopy::First } else { KeepCopy::None },
            within_document,
            min_left_characters,
            ..Config::default()
        },
    )
}

/// Texts that share passages: random ones, runs, periods, pieces of one another.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof![
        "[ab]{0,60}",
        "(abc){0,20}[ab]{0,3}",
        "a{0,70}",
        "[a-e\u{e9}\u{e8}\u{4e2d}\u{4e2e}\u{1f600}\u{1f601}]{0,40}",
    ];
    let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..50);
    let texts = proptest::collection::vec(text, 1..6);
    (texts, proptest::collection::vec((cut, any::<prop::sample::Index>()), 0..8)).prop_map(
        |(mut texts, cuts)| {
            for ((from, start, length), into) in cuts {
                let source: Vec<char> = texts[from.index(texts.len())].chars().collect();
                let start = start.index(source.len() + 1);
                let end = (start + length).min(source.len());
                let passage: String = source[start..end].iter().collect();
                match into.index(texts.len() + 1) {
                    into if into < texts.len() => texts[into] += &passage,
                    _ => texts.push(passage),
                }
            }
            texts
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn repeated_passages_are_those_of_the_definition(
        config in config(),
        texts in texts(),
        partitions in 1usize..4,
        documents in 1usize..4,
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let expected = expected(&config, &texts);
        let (one, outcomes, measures) = found(&config, &texts, 1, 100, &Sequential);
        prop_assert_eq!(&one, &expected);
        let other = found(&config, &texts, partitions, documents, &Threads(2));
        prop_assert_eq!((one, outcomes, measures), other);
    }
}

/// As [`expected`], for runs of words.
fn expected_words(length: usize, texts: &[&str]) -> Vec<String> {
    let words: Vec<Vec<&str>> = texts.iter().map(|text| text.split(' ').collect()).collect();
    let mut seen: BTreeMap<&[&str], (usize, usize)> = BTreeMap::new();
    let mut left = Vec::new();
    for (document, words) in words.iter().enumerate() {
        let mut removed = vec![false; words.len()];
        for (start, window) in words.windows(length).enumerate() {
            let (other, at) = *seen.entry(window).or_insert((document, start));
            if (other, at) != (document, start) {
                let first = if other == document { at + length } else { 0 };
                removed[start.max(first)..start + length].fill(true);
            }
        }
        let kept = words.iter().zip(removed).filter(|(_, removed)| !removed).map(|(word, _)| *word);
        left.push(kept.collect::<Vec<_>>().join(" "));
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn runs_of_words_are_those_of_the_definition(
        words in proptest::collection::vec(proptest::collection::vec(0usize..4, 1..40), 1..5),
        length in 2usize..8,
    ) {
        let name = ["one", "two", "\u{4e2d}x", "four"];
        let texts: Vec<String> = words
            .iter()
            .map(|words| words.iter().map(|&word| name[word]).collect::<Vec<_>>().join(" "))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let yaml = format!("{{unit: words, words: whitespace, length: {length}, min_left_characters: 0}}");
        let config: Config = serde_saphyr::from_str(&yaml).unwrap();
        let (left, ..) = found(&config, &texts, 2, 2, &Sequential);
        let single = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let left: Vec<String> = left.iter().map(|it| single(it.0.as_ref().unwrap())).collect();
        prop_assert_eq!(left, expected_words(length, &texts));
    }
}

fn words(seed: u64, count: u64) -> String {
    (0..count)
        .map(|number| format!("{:x} ", xxh3_64(&(seed << 32 | number).to_le_bytes())))
        .collect()
}

#[test]
fn a_repeated_document_is_dropped_and_the_one_that_has_it_is_named() {
    let (one, other) = (words(1, 200), words(2, 100));
    let both = format!("{one}{other}");
    let tail = &one[100..];
    let texts = [one.as_str(), "short", &both, tail, &one, "short"];
    let (left, outcomes, measures) = found(&Config::default(), &texts, 3, 2, &Sequential);
    let left: Vec<Option<&str>> = left.iter().map(|left| left.0.as_deref()).collect();
    assert_eq!(left, [Some(&*one), Some("short"), Some(&*other), None, None, Some("short")]);
    for dropped in [&outcomes[3], &outcomes[4]] {
        let reason = "substring_dedup.nothing_left";
        assert_eq!(*dropped, Outcome::Drop { reason, kept: Some(node(0)) });
    }
    // Equal pieces are not compared window by window.
    assert!(measures["repeated_pieces"] > 500.0);
    assert!(measures["compared_windows"] < 1000.0, "{measures:?}");
    // If no copy stays, none is named.
    let config = Config { keep: KeepCopy::None, ..Config::default() };
    let (left, outcomes, _) = found(&config, &texts, 1, 100, &Sequential);
    assert_eq!(left[2].0.as_deref(), Some(&*other));
    let reason = "substring_dedup.nothing_left";
    assert_eq!(outcomes[0], Outcome::Drop { reason, kept: None });
    // Nothing is left of it, and it stays.
    let config =
        Config { min_left_characters: 0, replacement: "\n".to_owned(), ..Config::default() };
    let (left, ..) = found(&config, &texts, 1, 100, &Sequential);
    assert_eq!(left[4].0.as_deref(), Some("\n"));
    assert_eq!(left[2].0, Some(format!("\n{other}")));
}

#[test]
fn a_long_run_costs_little() {
    let run = "a".repeat(300_000);
    let (left, _, measures) = found(&Config::default(), &[&run, &run], 1, 100, &Sequential);
    assert_eq!(left[0], (Some("a".repeat(50)), 299_950));
    assert_eq!(left[1], (None, 300_000));
    assert!(measures["pieces"] < 30_000.0);
    assert!(measures["compared_windows"] < 30_000.0, "{measures:?}");
    let config = Config { within_document: false, ..Config::default() };
    let (left, ..) = found(&config, &[&run, &run], 1, 100, &Sequential);
    assert_eq!(left[0], (Some(run), 0));
    assert_eq!(left[1], (None, 300_000));
}

#[test]
fn documents_of_other_lengths_are_left_alone() {
    let text = words(3, 40);
    let longer = format!("{text}{}", words(4, 40));
    let characters = text.len() as u64;
    let config = Config { min_characters: Some(characters + 1), ..Config::default() };
    let (left, ..) = found(&config, &[&text, &text, &longer, &longer], 1, 100, &Sequential);
    let left: Vec<bool> = left.iter().map(|left| left.0.is_some()).collect();
    assert_eq!(left, [true, true, true, false]);
    let config = Config { max_characters: Some(characters), ..Config::default() };
    let (left, ..) = found(&config, &[&text, &text, &longer, &longer], 1, 100, &Sequential);
    let left: Vec<bool> = left.iter().map(|left| left.0.is_some()).collect();
    assert_eq!(left, [true, false, true, true]);
}

#[test]
fn documents_are_compared_within_their_source() {
    let folder = tempfile::tempdir().unwrap();
    let text = words(5, 30);
    let mut documents =
        ["a", "b", "a"].map(|source| Document::new("", text.as_str()).with_source(Some(source)));
    let within = Within::Field("source".to_owned());
    let barrier = SubstringDedup::new(&Config { within, ..Config::default() }).unwrap();
    let (outcomes, _) = in_memory::run(&barrier, &mut documents, folder.path()).unwrap();
    assert_eq!(outcomes[..2], [Outcome::Keep, Outcome::Keep]);
    assert!(matches!(outcomes[2], Outcome::Drop { kept: Some(kept), .. } if kept == node(0)));
}

#[test]
fn parameters_are_checked() {
    for length in [0, 1, 16_385] {
        let error = SubstringDedup::new(&Config { length, ..Config::default() }).unwrap_err();
        assert!(error.starts_with("length: "), "{error}");
    }
    assert!(serde_saphyr::from_str::<Config>("{min_length: 50}").is_err());
    let config: Config = serde_saphyr::from_str("{unit: tokens, keep: none}").unwrap();
    assert_eq!((config.unit, config.keep), (Unit::Words, KeepCopy::None));
}
