use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::hash::{Fingerprint, Hasher, Sum};
use super::near::{choices, find_all};
use super::*;

use crate::dedup::in_memory::{self, Cut, node};
use crate::dedup::partition_counts;
use crate::external::{Executor, Parted, Run, Scratch, Sequential, Threads, number};

/// What `simhash-py` 0.4.0 and ROOTS' code around it answer.
#[test]
fn hashes_and_pairs_equal_those_of_the_original() {
    let number = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    let mut seen = BTreeMap::<String, usize>::new();
    for line in include_str!("../../../tests/golden/roots/simhash.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (input, params, output) = (&case["input"], &case["params"], &case["output"]);
        let list = |value: &Value| value.as_array().unwrap().iter().map(number).collect::<Vec<_>>();
        let function = case["function"].as_str().unwrap();
        *seen.entry(function.to_owned()).or_default() += 1;
        match function {
            "unsigned_hash" => {
                let hash = Function::Md5.hash(input.as_str().unwrap().as_bytes());
                assert_eq!(hash, number(output));
            }
            "compute" => {
                let mut sum = Sum::default();
                list(input).into_iter().for_each(|hash| sum.add(hash));
                assert_eq!(sum.finish(Variant::Roots2022), number(output), "{case}");
            }
            "hashing" => {
                let hasher = Hasher {
                    variant: Variant::Roots2022,
                    function: Function::Md5,
                    window: params["window_size"].as_u64().unwrap() as usize,
                    lowercase: params["lowercase"].as_bool().unwrap(),
                    ignore_punctuation: params["ignore_punctuation"].as_bool().unwrap(),
                };
                let tokens = serde_json::from_value(params["tokenization"].clone()).unwrap();
                let found = hasher.fingerprint(input.as_str().unwrap(), tokens, true);
                assert_eq!(found, Fingerprint::Near(number(output)), "{case}");
            }
            "num_differing_bits" => {
                let hashes = list(input);
                let pairs = params["pairs"].as_array().unwrap().iter();
                for (pair, expected) in pairs.zip(output.as_array().unwrap()) {
                    let at = |end: usize| hashes[pair[end].as_u64().unwrap() as usize];
                    assert_eq!(u64::from((at(0) ^ at(1)).count_ones()), expected.as_u64().unwrap());
                }
            }
            "find_all" => {
                let part = |name: &str| params[name].as_u64().unwrap() as u32;
                let pairs = find_all(&list(input), part("num_blocks"), part("different_bits"));
                let mut expected: Vec<(u64, u64)> = output
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|pair| (number(&pair[0]), number(&pair[1])))
                    .map(|(one, other)| (one.min(other), one.max(other)))
                    .collect();
                expected.sort_unstable();
                assert_eq!(pairs.unwrap(), expected);
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(seen.values().sum::<usize>(), 28);
}

#[test]
fn blocks_must_be_more_than_the_distance() {
    assert_eq!(choices(6, 4).unwrap().len(), 15);
    assert_eq!(choices(1, 0).unwrap(), [u64::MAX]);
    assert_eq!(choices(64, 0).unwrap(), [u64::MAX]);
    for (blocks, distance) in [(4, 4), (65, 4), (0, 0), (30, 8)] {
        assert!(choices(blocks, distance).unwrap_err().starts_with("blocks: "));
    }
}

/// Hashes, many of them near others.
fn hashes() -> impl Strategy<Value = Vec<u64>> {
    let planted = (0usize..40, proptest::collection::vec(0u32..64, 0..7));
    (proptest::collection::vec(any::<u64>(), 1..12), proptest::collection::vec(planted, 0..60))
        .prop_map(|(mut hashes, planted)| {
            for (from, bits) in planted {
                let from = hashes[from % hashes.len()];
                hashes.push(bits.into_iter().fold(from, |hash, bit| hash ^ (1 << bit)));
            }
            hashes
        })
}

fn components(count: usize, edges: impl IntoIterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut roots: Vec<usize> = (0..count).collect();
    for (one, other) in edges {
        let (one, other) = (roots[one], roots[other]);
        let low = one.min(other);
        roots.iter_mut().filter(|root| **root == one || **root == other).for_each(|it| *it = low);
    }
    roots
}

fn near_pairs(hashes: &[u64], distance: u32) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (one, hash) in hashes.iter().enumerate() {
        for (other, other_hash) in hashes.iter().enumerate().skip(one + 1) {
            if (hash ^ other_hash).count_ones() <= distance {
                pairs.push((one, other));
            }
        }
    }
    pairs
}

/// The components that are found beyond memory.
fn connected(
    hashes: &[u64],
    (blocks, distance): (u32, u32),
    partitions: usize,
    executor: &dyn Executor,
    equal: bool,
) -> Vec<usize> {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Scratch::new(folder.path(), Default::default());
    let mut records: Vec<_> = hashes
        .iter()
        .enumerate()
        .map(|(number, &hash)| resolve::record(hash, 0, node(number)))
        .collect();
    records.sort_unstable();
    let path = scratch.file().unwrap();
    let bytes = records.concat();
    std::fs::write(&path, &bytes).unwrap();
    let run = Run::new(path, 0, bytes.len() as u64);
    let counts = partition_counts(&bytes, resolve::HASH, partitions).into_iter().map(u64::from);
    let runs = vec![vec![Parted::new(run, 0, counts)]];
    let streams = vec![Stream { width: resolve::HASH, order: Order::Sorted, node_at: 24 }];
    let resolution = Resolution::new(scratch, 1 << 20, executor, partitions, streams, runs);
    let choices = choices(blocks, distance).unwrap();
    let mut matches = Matches::default();
    for partition in 0..partitions {
        let Hashes { stars, different } = Hashes::of(&resolution, 0, partition).unwrap();
        matches.add(Matches { piles: vec![stars, different], counts: Vec::new() });
    }
    let found = Hashes {
        stars: matches.take(0, cluster::EDGE, &resolution),
        different: matches.take(1, Hashes::DIFFERENT, &resolution),
    };
    let found = resolve::connect_near(&resolution, found, &choices, distance, equal).unwrap();
    let mut merger = found.edges.open(1 << 16).unwrap();
    let mut edges = Vec::new();
    while let Some(edge) = merger.next().unwrap() {
        let at = |start: usize| (number(&edge[start..]) - node(0)) as usize;
        edges.push((at(0), at(8)));
    }
    components(hashes.len(), edges)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_pairs_are_found(hashes in hashes(), distance in 0u32..6, more in 1u32..4) {
        let mut different = hashes.clone();
        different.sort_unstable();
        different.dedup();
        let expected: Vec<(u64, u64)> = near_pairs(&different, distance)
            .into_iter()
            .map(|(one, other)| (different[one], different[other]))
            .collect();
        prop_assert_eq!(find_all(&hashes, distance + more, distance).unwrap(), expected);
    }

    #[test]
    fn beyond_memory_the_same_are_connected(
        hashes in hashes(),
        distance in 0u32..6,
        more in 1u32..3,
        partitions in 1usize..4,
    ) {
        let blocks = (distance + more, distance);
        let pairs = near_pairs(&hashes, distance);
        let expected = components(hashes.len(), pairs.clone());
        let one = connected(&hashes, blocks, partitions, &Sequential, true);
        prop_assert_eq!(&one, &expected);
        prop_assert_eq!(&connected(&hashes, blocks, 1, &Threads(3), true), &expected);
        // Equal hashes alone don't count in 2022.
        let is_near = |hash: u64| hashes.iter().any(|&other| {
            (1..=distance).contains(&(hash ^ other).count_ones())
        });
        let pairs = pairs.into_iter().filter(|&(one, _)| is_near(hashes[one]));
        let expected = components(hashes.len(), pairs);
        prop_assert_eq!(connected(&hashes, blocks, partitions, &Sequential, false), expected);
    }

    #[test]
    fn full_buckets_are_compared_to_the_end(hashes in hashes(), room in 1usize..20) {
        let mut different = hashes;
        different.sort_unstable();
        different.dedup();
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(folder.path(), Default::default());
        let resolution =
            Resolution::new(scratch, 1 << 20, &Sequential, 1, Vec::new(), Vec::new());
        // All in one bucket.
        let mut members = resolution.sorter(24, 0);
        for (number, hash) in different.iter().enumerate() {
            let mut member = [0; 24];
            member[8..16].copy_from_slice(&hash.to_be_bytes());
            member[16..].copy_from_slice(&(number as u64).to_be_bytes());
            members.push(&member).unwrap();
        }
        let mut edges = resolution.sorter(cluster::EDGE, 0);
        let buckets = resolve::Buckets { resolution: &resolution, choice: 0, distance: 4, room };
        buckets.connect(members.finish().unwrap().open(0).unwrap(), &mut edges).unwrap();
        let mut merger = edges.finish().unwrap().open(0).unwrap();
        let mut found = Vec::new();
        while let Some(edge) = merger.next().unwrap() {
            found.push((number(edge) as usize, number(&edge[8..]) as usize));
        }
        let expected = components(different.len(), near_pairs(&different, 4));
        prop_assert_eq!(components(different.len(), found), expected);
    }

    #[test]
    fn sums_are_those_of_single_bits(hashes in proptest::collection::vec(any::<u64>(), 1..700)) {
        let mut sum = Sum::default();
        hashes.iter().for_each(|&hash| sum.add(hash));
        let expected = (0..64).filter(|bit| {
            2 * hashes.iter().filter(|hash| *hash >> bit & 1 != 0).count() > hashes.len()
        });
        let expected = expected.fold(0u64, |hash, bit| hash | 1 << bit);
        prop_assert_eq!(sum.finish(Variant::Roots2022), expected);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC*|[ab. \u{3b1}\u{3a3}\n]{0,30}", window in 1usize..8) {
        for variant in [Variant::Fixed, Variant::Roots2022] {
            for tokens in [Tokens::Words, Tokens::Character, Tokens::Punctuation] {
                let hasher = Hasher {
                    variant,
                    function: Function::Xxh3,
                    window,
                    lowercase: true,
                    ignore_punctuation: tokens != Tokens::Punctuation,
                };
                let found = hasher.fingerprint(&text, tokens, true);
                prop_assert!(variant == Variant::Fixed || matches!(found, Fingerprint::Near(_)));
            }
        }
    }
}

#[test]
fn many_near_hashes_in_one_bucket_are_connected() {
    // More than are compared each with each: clusters of near hashes that are far from each other.
    let centres: Vec<u64> =
        (1..40u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    let mut hashes = Vec::new();
    for centre in centres {
        hashes.extend((0..24).map(|bit| centre ^ (1 << bit)));
    }
    let expected = components(hashes.len(), near_pairs(&hashes, 4));
    assert_eq!(connected(&hashes, (6, 4), 2, &Sequential, true), expected);
    let pairs = find_all(&hashes, 5, 4).unwrap();
    assert_eq!(pairs.len(), near_pairs(&hashes, 4).len());
}

fn outcomes(config: &Config, texts: &[&str]) -> Vec<Option<usize>> {
    let folder = tempfile::tempdir().unwrap();
    let barrier = SimhashDedup::new(config).unwrap();
    let mut all = Vec::new();
    for (partitions, documents) in [(1, 100), (3, 1)] {
        let mut of_texts: Vec<_> = texts.iter().map(|text| Document::new("", *text)).collect();
        let cut = Cut { partitions, documents, memory: 1 << 20, executor: &Sequential };
        let (outcomes, _) =
            in_memory::run_with(&barrier, &mut of_texts, folder.path(), &cut).unwrap();
        all.push(outcomes);
    }
    assert_eq!(all[0], all[1]);
    let kept = |outcome: &Outcome| match outcome {
        Outcome::Keep => None,
        Outcome::Drop { reason, kept } => {
            assert_eq!(*reason, "simhash_dedup.near_duplicate");
            kept.map(|kept| (kept - node(0)) as usize)
        }
    };
    all[0].iter().map(kept).collect()
}

/// A text of many words.
fn long(words: usize) -> String {
    (0..words).map(|word| format!("word{} ", word * word % 1009)).collect()
}

#[test]
fn near_and_equal_texts_are_removed_and_others_stay() {
    let text = long(900);
    let changed = text.replacen("word4 ", "other ", 1);
    let short = "Too short!";
    let texts =
        [text.as_str(), short, "too short", &changed, &text, "...", "!!!", "...", "", "", "tiny"];
    let expected =
        [None, None, Some(1), Some(0), Some(0), None, None, Some(5), None, Some(8), None];
    let config = Config { tokens: Tokens::Words, max_characters: None, ..Config::default() };
    assert_eq!(outcomes(&config, &texts), expected);
    // What is long is compared exactly.
    let config = Config { tokens: Tokens::Words, ..Config::default() };
    let mut exactly = expected;
    exactly[3] = None;
    assert_eq!(outcomes(&config, &texts), exactly);
}

#[test]
fn in_2022_short_texts_were_alike_and_equal_ones_were_not() {
    let text = long(900);
    let changed = text.replacen("word4 ", "other ", 1);
    let config = Config {
        variant: Variant::Roots2022,
        tokens: Tokens::Words,
        max_characters: None,
        ..Config::default()
    };
    // Two equal texts stay, as do two whose hashes are 0.
    assert_eq!(outcomes(&config, &[&text, &text, "a", "b"]), [None; 4]);
    assert_eq!(outcomes(&config, &[&text, &text, &changed]), [None, Some(0), Some(0)]);
    // ROOTS kept what is long.
    let config = Config { max_characters: Some(6000), ..config };
    assert_eq!(outcomes(&config, &[&text, &text, &changed]), [None; 3]);
}

#[test]
fn texts_are_compared_within_their_source() {
    let folder = tempfile::tempdir().unwrap();
    let text = long(300);
    let sources = ["a", "b", "a"];
    let mut documents =
        sources.map(|source| Document::new("", text.as_str()).with_source(Some(source)));
    let within = Within::Field("source".to_owned());
    let barrier = SimhashDedup::new(&Config { within, ..Config::default() }).unwrap();
    let (outcomes, _) = in_memory::run(&barrier, &mut documents, folder.path()).unwrap();
    assert_eq!(outcomes[1], Outcome::Keep);
    assert!(matches!(outcomes[2], Outcome::Drop { kept: Some(kept), .. } if kept == node(0)));
}

#[test]
fn parameters_are_checked() {
    for (yaml, part) in [
        ("{window: 0}", "window"),
        ("{blocks: 4}", "blocks"),
        ("{tokens: punctuation}", "ignore_punctuation"),
        ("{keep: best}", "keep"),
    ] {
        let config: Config = serde_saphyr::from_str(yaml).unwrap();
        assert!(SimhashDedup::new(&config).unwrap_err().contains(part), "{yaml}");
    }
    let config: Config = serde_saphyr::from_str("{variant: 2022, tokens: space}").unwrap();
    assert_eq!((config.variant, config.tokens), (Variant::Roots2022, Tokens::Words));
    assert_eq!(Tokens::Auto.of(Some("eng_Latn")), Tokens::Words);
    assert_eq!(Tokens::Auto.of(Some("fr")), Tokens::Character);
    assert_eq!(Tokens::Auto.of(None), Tokens::Character);
}
