use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;

use super::table::steps;
use super::*;
use crate::document::Document;
use crate::text::hash::hash_word;
use crate::text::segment::Segmentation;

fn hashes(words: &[&str]) -> Vec<u64> {
    words.iter().map(|word| hash_word(word.as_bytes())).collect()
}

/// Every n-gram that occurs more than once, with its positions, by the first of them.
fn naive(words: &[&str], n: usize) -> BTreeMap<u32, Vec<u32>> {
    let mut found: HashMap<&[&str], Vec<u32>> = HashMap::new();
    for (position, ngram) in words.windows(n).enumerate() {
        found.entry(ngram).or_default().push(position as u32);
    }
    let repeated = found.into_values().filter(|positions| positions.len() > 1);
    repeated.map(|positions| (positions[0], positions)).collect()
}

/// datatrove's loop, word for word.
fn naive_joined(words: &[&str], n: usize) -> Vec<(usize, usize)> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut index = 0;
    while index + n <= words.len() {
        if seen.insert(words[index..index + n].concat()) {
            index += 1;
        } else {
            found.push((index, index + n));
            index += n;
        }
    }
    found
}

/// Words of few letters, among which much is repeated, also over the boundaries of words.
fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[ab]{1,3}",
        1 => "abababababababab(a|b)?",
        1 => "(the|é|中文|quick|brown)",
        1 => "[a-z]{1,12}",
    ];
    let phrase = prop::collection::vec(word, 1..12);
    (prop::collection::vec(phrase, 1..5), prop::collection::vec(0..8_usize, 0..12)).prop_map(
        |(phrases, order)| {
            let phrases: Vec<String> = phrases.iter().map(|phrase| phrase.join(" ")).collect();
            let order = order.iter().filter_map(|&index| phrases.get(index % phrases.len()));
            order.cloned().collect::<Vec<_>>().join(" ")
        },
    )
}

proptest! {
    #[test]
    fn repeated_ngrams_are_those_of_a_map(text in words(), first in 1..3_usize) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut ngrams = Ngrams::default();
        ngrams.start(&hashes(&words), first);
        for n in first..12 {
            prop_assert_eq!(ngrams.n(), n);
            let expected = naive(&words, n);
            let mut positions: Vec<u32> = expected.values().flatten().copied().collect();
            positions.sort_unstable();
            prop_assert_eq!(ngrams.positions(), positions);
            let groups: Vec<(u32, u32)> =
                ngrams.repeated().map(|group| (group.first, group.count)).collect();
            let counts: Vec<(u32, u32)> = expected
                .iter()
                .map(|(&first, positions)| (first, positions.len() as u32))
                .collect();
            prop_assert_eq!(&groups, &counts);
            for group in ngrams.repeated() {
                let occurrences: Vec<u32> = ngrams.occurrences(group).collect();
                prop_assert_eq!(&occurrences, &expected[&group.first]);
            }
            let best = counts.iter().rev().max_by_key(|(_, count)| *count).copied();
            let found = ngrams.most_frequent().map(|group| (group.first, group.count));
            prop_assert_eq!(found, best);
            ngrams.lengthen();
        }
    }

    #[test]
    fn joined_duplicates_are_those_of_the_original(text in words(), shortest in 1..7_usize) {
        let document = Document::new("id", text.as_str());
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut joined = Joined::default();
        joined.read(&text, document.view().words(Segmentation::Whitespace), shortest);
        for n in shortest..12 {
            let mut found = Vec::new();
            joined.visit_duplicates(n, |first, end| found.push((first, end)));
            prop_assert_eq!(found, naive_joined(&words, n), "n = {}", n);
        }
    }

    #[test]
    fn duplicates_of_a_list_are_counted(list in prop::collection::vec(0..9_u64, 0..40)) {
        let size = |element: u64| element as u32 * 3 + 1;
        let count = |wanted| list.iter().filter(|element| **element == wanted).count() as u64;
        let mut expected = Duplicates { elements: list.len() as u64, ..Duplicates::default() };
        for element in 0..9 {
            let (number, size) = (count(element), u64::from(size(element)));
            if number > 1 {
                expected.copies += number - 1;
                expected.copies_size += (number - 1) * size;
                expected.repeated += number;
                expected.repeated_size += number * size;
            }
        }
        // 0 is a hash as any other, but may be taken for 1.
        let elements = list.iter().map(|&element| ((element + 1) << 33, size(element)));
        prop_assert_eq!(DuplicateFinder::default().count(list.len(), elements), expected);
    }
}

#[test]
fn words_of_other_boundaries_are_equal_when_joined() {
    let text = "a b c d ef x a b c de f";
    let document = Document::new("id", text);
    let mut joined = Joined::default();
    joined.read(text, document.view().words(Segmentation::Whitespace), 5);
    let mut found = Vec::new();
    joined.visit_duplicates(5, |first, end| found.push((first, end)));
    assert_eq!(found, [(6, 11)]);
}

#[test]
fn time_is_linear_whatever_is_repeated() {
    let combining = "a\u{301}".to_owned() + &"\u{300}".repeat(50);
    let texts: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("one letter", &|size| "a ".repeat(size)),
        ("two letters in turn", &|size| "a b ".repeat(size / 2)),
        ("all different", &|size| (0..size).map(|n| format!("w{n} ")).collect()),
        ("each twice", &|size| (0..size).map(|n| format!("w{} ", n % (size / 2))).collect()),
        ("long words", &|size| combining.repeat(10).repeat(size / 1000) + " x"),
        ("one word", &|size| "a".repeat(size)),
    ];
    for (name, text) in texts {
        let of_size = |size: usize| {
            let text = text(size);
            let document = Document::new("id", text.as_str());
            let words = document.view().words(Segmentation::Whitespace);
            steps::of(|| {
                let mut ngrams = Ngrams::default();
                ngrams.start(words.hashes(), 2);
                (3..=10).for_each(|_| ngrams.lengthen());
                let mut joined = Joined::default();
                joined.read(&text, words, 5);
                (5..=10).for_each(|n| joined.visit_duplicates(n, |_, _| ()));
                let lines = words.hashes().iter().map(|&hash| (hash, 1));
                DuplicateFinder::default().count(words.len(), lines);
            })
        };
        // Powers of two, as tables are, so that their sizes double.
        let (small, large) = (of_size(1 << 16), of_size(1 << 17));
        let growth = large as f64 / small as f64;
        assert!((0.99..2.2).contains(&growth), "{name}: {small} steps, then {large}");
        // Where all is repeated, each word is hashed once for every n-gram that it is in, 45 times.
        assert!(large < 500 * (1 << 17), "{name}: {large} steps");
    }
}
