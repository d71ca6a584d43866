use proptest::prelude::*;

use super::kernel::split_mix;
use super::*;
use crate::dedup::in_memory::{self, Cut};
use crate::external::{Executor, Sequential, Threads};

fn stage(config: serde_json::Value) -> MinhashDedup {
    MinhashDedup::new(&serde_json::from_value(config).unwrap()).unwrap()
}

/// For every text the number of the one that is kept in its stead, if one is.
fn kept(barrier: &MinhashDedup, texts: &[String], cut: &Cut<'_>) -> (Vec<Option<usize>>, Measures) {
    let folder = tempfile::tempdir().unwrap();
    let mut documents: Vec<Document<'_>> =
        texts.iter().map(|text| Document::new("", text.as_str())).collect();
    let (outcomes, measures) =
        in_memory::run_with(barrier, &mut documents, folder.path(), cut).unwrap();
    let number = |node| (0..texts.len()).find(|&number| in_memory::node(number) == node).unwrap();
    let kept = |outcome: &Outcome| match outcome {
        Outcome::Keep => None,
        Outcome::Drop { reason, kept } => {
            assert_eq!(*reason, "minhash_dedup.duplicate");
            Some(number(kept.expect("a removed document names the one that is kept")))
        }
    };
    (outcomes.iter().map(kept).collect(), measures)
}

fn whole(executor: &dyn Executor) -> Cut<'_> {
    Cut { partitions: 1, documents: 1000, memory: 1 << 24, executor }
}

fn run(barrier: &MinhashDedup, texts: &[String]) -> (Vec<Option<usize>>, Measures) {
    kept(barrier, texts, &whole(&Sequential))
}

/// Words that look like nothing in particular, the same for the same number.
fn word(number: u64) -> String {
    let mut state = number;
    let mut letters = split_mix(&mut state);
    (0..3 + number % 6)
        .map(|_| {
            let letter = char::from(b'a' + (letters % 26) as u8);
            letters /= 26;
            letter
        })
        .collect()
}

fn text(words: impl IntoIterator<Item = u64>) -> String {
    words.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A copy of which one word in `every` is another.
fn edited(words: &[u64], every: usize, state: &mut u64) -> Vec<u64> {
    let edit = |&word: &u64| match split_mix(state) % every as u64 {
        0 => split_mix(state) % 100_000,
        _ => word,
    };
    words.iter().map(edit).collect()
}

#[test]
fn edited_copies_are_found_and_pages_of_one_template_are_not() {
    let mut state = 11;
    let mut texts = Vec::new();
    let mut expected = Vec::new();
    let header: Vec<u64> = (0..120).collect();
    for base in 0..20_u64 {
        let own: Vec<u64> = (0..150).map(|_| 1000 + split_mix(&mut state) % 50_000).collect();
        let original = texts.len();
        texts.push(text(own.clone()));
        expected.push(None);
        texts.push(text(edited(&own, 15, &mut state)));
        expected.push(Some(original));
        // Of these pages three fifths are boilerplate.
        texts.push(text(header.iter().copied().chain(own[..80].iter().map(|w| w + base + 1))));
        expected.push(None);
    }
    let (found, measures) = run(&stage(serde_json::json!({})), &texts);
    assert_eq!(found, expected);
    assert_eq!(measures["clusters"], 20.0);
    assert_eq!(measures["verified_pairs"], 20.0);
    assert_eq!(measures["candidate_pairs"], 20.0 + measures["rejected_pairs"]);
    assert_eq!(measures["short_documents"], 0.0);
}

#[test]
fn documents_shorter_than_a_shingle_are_compared_exactly() {
    let texts = ["Hi", "hi ", "Ho", "", " \n", "...", "!!!", "...", "ok  THEN", "ok then"];
    let texts = texts.map(str::to_owned);
    let (found, measures) = run(&stage(serde_json::json!({})), &texts);
    let same = [None, Some(0), None, None, Some(3), None, None, Some(5), None, Some(8)];
    assert_eq!(found, same);
    assert_eq!(measures["short_documents"], 10.0);
    let datatrove = stage(serde_json::json!({"family": "datatrove"}));
    assert_eq!(run(&datatrove, &texts).0, same);
    let strict = stage(serde_json::json!({"normalize": "none"}));
    assert_eq!(run(&strict, &texts).0[1], None);
    // Short, but not too short.
    let texts = ["one two three", "one two three", "one two four"].map(str::to_owned);
    assert_eq!(run(&datatrove, &texts).0, [None, Some(0), None]);
    assert_eq!(run(&stage(serde_json::json!({})), &texts).0, [None, Some(0), None]);
}

#[test]
fn copies_in_every_script_are_found() {
    let pairs = [
        (
            "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
            "人人生而自由，在尊严和权力上一律平等。他们赋有理性和良心，并应以兄弟的精神相对待。",
        ),
        (
            "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม",
            "มนุษย์ทั้งปวงเกิดมามีอิสระและเสมอภาคกันในเกียรติและสิทธิ ต่างมีเหตุผลและมโนธรรม",
        ),
        (
            "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء",
            "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد أعطوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء",
        ),
        (
            "fn add(left: u32, right: u32) -> Option<u32> { left.checked_add(right).filter(|sum| *sum < LIMIT) }",
            "fn add(left: u32, right: u32) -> Option<u32> { left.checked_add(right).filter(|sum| *sum < TOTAL) }",
        ),
    ];
    for unit in ["word", "character"] {
        let barrier = stage(serde_json::json!({"unit": unit}));
        let texts: Vec<String> =
            pairs.iter().flat_map(|(one, other)| [*one, *other]).map(str::to_owned).collect();
        let expected: Vec<Option<usize>> =
            (0..pairs.len()).flat_map(|pair| [None, Some(2 * pair)]).collect();
        assert_eq!(run(&barrier, &texts).0, expected, "{unit}");
    }
}

#[test]
fn who_shares_a_band_is_a_duplicate_unless_verified() {
    let mut state = 3;
    let own: Vec<u64> = (0..60).map(|_| split_mix(&mut state) % 50_000).collect();
    let other: Vec<u64> = (0..90).map(|_| split_mix(&mut state) % 50_000).collect();
    let texts = [text(own.clone()), text(own.iter().copied().chain(other))];
    // An index of 0.4: most such pairs share a band of two rows.
    let found = |verify| {
        run(&stage(serde_json::json!({"verify": verify, "bands": 64, "rows": 2})), &texts).0[1]
    };
    assert_eq!(found("none"), Some(0));
    assert_eq!(found("jaccard"), None);
    assert_eq!(found("edits"), None);
    let lax = stage(serde_json::json!({
        "verify": "jaccard", "jaccard": 0.2, "bands": 64, "rows": 2,
    }));
    assert_eq!(run(&lax, &texts).0[1], Some(0));
}

#[test]
fn documents_are_compared_within_their_source_if_so_wished() {
    let long = text(0..40);
    let folder = tempfile::tempdir().unwrap();
    let mut documents =
        ["a", "b", "a"].map(|source| Document::new("", long.as_str()).with_source(Some(source)));
    let barrier = stage(serde_json::json!({"within": "source"}));
    let (outcomes, _) = in_memory::run(&barrier, &mut documents, folder.path()).unwrap();
    let kept = Some(in_memory::node(0));
    let drop = Outcome::Drop { reason: "minhash_dedup.duplicate", kept };
    assert_eq!(outcomes, [Outcome::Keep, Outcome::Keep, drop]);
}

/// The share of pairs that have a band in common, against the formula.
#[test]
fn bands_are_shared_as_theory_has_it() {
    let barrier = stage(
        serde_json::json!({"n": 1, "min_letters": 0, "bands": 10, "rows": 3, "verify": "none"}),
    );
    let mut state = 5;
    for (shared, own) in [(20_u64, 40_u64), (40, 30), (60, 20), (80, 10)] {
        const PAIRS: usize = 150;
        let mut sharing = 0;
        for _ in 0..PAIRS {
            let start = split_mix(&mut state) >> 8;
            // Distinct words, by their numbers.
            let spelled = |from: u64, count: u64| {
                (from..from + count).map(|n| format!("w{n} ")).collect::<String>()
            };
            let common = spelled(start, shared);
            let mut signatures = [Vec::new(), Vec::new()];
            for (side, signature) in signatures.iter_mut().enumerate() {
                let from = start + shared + side as u64 * own;
                let text = common.clone() + &spelled(from, own);
                barrier.signature(&Document::new("", text), signature);
            }
            let [one, other] = &signatures;
            sharing += usize::from(one.chunks(3).zip(other.chunks(3)).any(|(a, b)| a == b));
        }
        let jaccard = shared as f64 / (shared + 2 * own) as f64;
        let theory = 1.0 - (1.0 - jaccard.powi(3)).powi(10);
        let deviation = (theory * (1.0 - theory) / PAIRS as f64).sqrt();
        let share = sharing as f64 / PAIRS as f64;
        assert!((share - theory).abs() < 4.0 * deviation + 0.01, "{jaccard}: {share}, {theory}");
    }
}

/// A bucket of three hundred pages of one template does not hide the copies among them.
#[test]
fn copies_are_found_in_crowded_buckets() {
    let mut state = 9;
    let header: Vec<u64> = (0..60).collect();
    let mut pages: Vec<Vec<u64>> = (0..300)
        .map(|_| {
            let own = (0..60).map(|_| 1000 + split_mix(&mut state) % 50_000);
            header.iter().copied().chain(own).collect()
        })
        .collect();
    for page in 100..120 {
        let copy = edited(&pages[page], 20, &mut state);
        pages.push(copy);
    }
    let texts: Vec<String> = pages.iter().map(|words| text(words.iter().copied())).collect();
    let (found, measures) = run(&stage(serde_json::json!({})), &texts);
    let expected: Vec<Option<usize>> = (0..300).map(|_| None).chain((100..120).map(Some)).collect();
    assert_eq!(found, expected);
    // Far fewer than the 51,040 pairs that there are.
    assert!(measures["candidate_pairs"] < 320.0 * 32.0 * 4.0, "{measures:?}");
}

#[test]
fn parameters_out_of_range_are_refused() {
    for (config, part) in [
        (serde_json::json!({"bands": 0}), "bands"),
        (serde_json::json!({"rows": 65}), "rows"),
        (serde_json::json!({"n": 0}), "n: 0"),
        (serde_json::json!({"jaccard": 1.5}), "jaccard"),
        (serde_json::json!({"precision": 32}), "datatrove"),
        (serde_json::json!({"family": "datatrove", "precision": 16}), "precision"),
        (serde_json::json!({"family": "datatrove", "unit": "character"}), "unit"),
        (serde_json::json!({"family": "datatrove", "min_letters": 4}), "min_letters"),
        (serde_json::json!({"family": "datatrove", "normalize": "lower"}), "words"),
        (serde_json::json!({"unit": "character", "words": "unicode"}), "words"),
        (serde_json::json!({"verify": "none", "word_overlap": 0.5}), "word_overlap"),
        (serde_json::json!({"keep": "nobody"}), "keep"),
    ] {
        let parsed: Config = serde_json::from_value(config.clone()).unwrap();
        let error = MinhashDedup::new(&parsed).err().unwrap_or_default();
        assert!(error.contains(part), "{config}: {error:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_depends_on_partitions_cuts_or_threads(
        seed in any::<u64>(),
        count in 1usize..40,
        partitions in 1usize..9,
        documents in 1usize..20,
        threads in 1usize..4,
        family in prop_oneof![Just("fast"), Just("datatrove")],
        verify in prop_oneof![Just("none"), Just("jaccard"), Just("edits")],
    ) {
        let mut state = seed;
        let mut words: Vec<Vec<u64>> = Vec::new();
        for _ in 0..count {
            let length = split_mix(&mut state) % 30;
            let fresh = (0..length).map(|_| split_mix(&mut state) % 300).collect();
            let other = words.get(split_mix(&mut state) as usize % (words.len() + 1));
            let next = match other {
                Some(other) => edited(other, 15, &mut state),
                None => fresh,
            };
            words.push(next);
        }
        let texts: Vec<String> = words.into_iter().map(text).collect();
        let barrier = stage(serde_json::json!({
            "family": family, "verify": verify, "bands": 8, "rows": 2,
        }));
        let executor = Threads(threads);
        let cut = Cut { partitions, documents, memory: 1 << 16, executor: &executor };
        prop_assert_eq!(kept(&barrier, &texts, &cut), run(&barrier, &texts));
    }

    #[test]
    fn nothing_panics(
        texts in proptest::collection::vec("\\PC{0,60}|[ -~\\n]{0,80}|[人か0€★a ]{0,30}", 1..6),
        family in prop_oneof![Just("fast"), Just("datatrove")],
        unit in prop_oneof![Just("word"), Just("character")],
        normalize in prop_oneof![Just("none"), Just("lower"), Just("simplify")],
    ) {
        let words = match (unit, family, normalize) {
            ("character", ..) | (_, "datatrove", "simplify") => None,
            _ => Some("unicode"),
        };
        let config = serde_json::json!({
            "family": family, "unit": unit, "normalize": normalize, "verify": "edits", "words": words,
        });
        let Ok(barrier) = MinhashDedup::new(&serde_json::from_value(config).unwrap()) else {
            prop_assert!(family == "datatrove" && unit == "character");
            return Ok(());
        };
        let twice: Vec<String> = texts.iter().chain(&texts).cloned().collect();
        let (found, _) = run(&barrier, &twice);
        // An exact copy is always found.
        prop_assert!(found[texts.len()..].iter().all(Option::is_some), "{:?}", found);
    }
}
