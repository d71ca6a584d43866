use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/lid.176.ftz");

fn model(name: &str) -> FastText {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    FastText::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

/// What fasttext-predict 0.9.2.4 (fastText's own code) answers for four labels. The models are of
/// each loss, quantized or not, pruned or not, and of random weights.
#[derive(Deserialize)]
struct Golden {
    model: String,
    text: String,
    labels: Vec<String>,
    scores: Vec<f32>,
}

#[test]
fn models_of_each_kind_answer_as_fasttexts_own_program() {
    let golden = include_str!("../../tests/data/fasttext/answers.jsonl");
    let cases: Vec<Golden> =
        golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 115);
    for chunk in cases.chunk_by(|a, b| a.model == b.model) {
        let model = model(&format!("tests/data/fasttext/{}", chunk[0].model));
        // The second time from words that are remembered.
        for case in chunk.iter().chain(chunk) {
            let best = model.predict_best(&case.text, 4);
            let labels: Vec<&str> = best.iter().map(|it| &*it.label).collect();
            let scores: Vec<f32> = best.iter().map(|it| it.score as f32).collect();
            let at = (&case.model, &case.text);
            assert_eq!(labels, case.labels, "{at:?}");
            assert_eq!(scores, case.scores, "{at:?}");
        }
    }
}

/// Labels and the bits of their scores, see `make.py` beside the models.
type Bits = Vec<(String, u32)>;

fn bits(model: &FastText, text: &str, count: usize) -> Bits {
    let mut best = Vec::new();
    model.predict_into(text, count, &mut best);
    let spelled = |it: &Scored| (model.label(it.label).unwrap().to_string(), it.score.to_bits());
    best.iter().map(spelled).collect()
}

#[derive(Deserialize)]
struct GoldenKind {
    model: String,
    text: String,
    best1: Bits,
    best5: Bits,
}

#[test]
fn trained_models_of_each_kind_answer_bit_for_bit() {
    let golden = include_str!("../../tests/data/fasttext/kinds.jsonl");
    let cases: Vec<GoldenKind> =
        golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut models, mut ties) = (0, 0);
    for chunk in cases.chunk_by(|a, b| a.model == b.model) {
        let model = model(&format!("tests/data/fasttext/{}", chunk[0].model));
        models += 1;
        for case in chunk.iter().chain(chunk) {
            let at = (&case.model, &case.text);
            assert_eq!(bits(&model, &case.text, 1), case.best1, "{at:?}");
            assert_eq!(bits(&model, &case.text, 5), case.best5, "{at:?}");
            ties += usize::from(case.best5.windows(2).any(|pair| pair[0].1 == pair[1].1));
        }
    }
    assert_eq!((cases.len(), models), (195, 13));
    assert!(ties > 50, "{ties}");
}

#[derive(Deserialize)]
struct GoldenLanguage {
    language: String,
    text: String,
    best: Bits,
}

#[test]
fn texts_in_many_languages_are_answered_bit_for_bit() {
    let golden = include_str!("../../tests/data/fasttext/udhr.jsonl");
    let model = model("models/lid.176.ftz");
    let mut languages = std::collections::BTreeSet::new();
    for line in golden.lines() {
        let case: GoldenLanguage = serde_json::from_str(line).unwrap();
        assert_eq!(bits(&model, &case.text, 5), case.best, "{}", case.text);
        assert_eq!(bits(&model, &case.text, 1), case.best[..1], "{}", case.text);
        languages.insert(case.language);
    }
    assert_eq!(languages.len(), 113);
}

#[derive(Deserialize)]
struct GoldenHostile {
    text: String,
    times: usize,
    best: Bits,
}

#[test]
fn hostile_texts_are_answered_bit_for_bit() {
    let golden = include_str!("../../tests/data/fasttext/hostile.jsonl");
    let model = model("models/lid.176.ftz");
    for line in golden.lines() {
        let case: GoldenHostile = serde_json::from_str(line).unwrap();
        let text = case.text.repeat(case.times);
        assert_eq!(bits(&model, &text, 5), case.best, "{:?} x {}", case.text, case.times);
    }
}

#[test]
fn one_label_has_the_probability_that_it_has_among_all() {
    let golden = include_str!("../../tests/data/fasttext/answers.jsonl");
    let cases: Vec<Golden> =
        golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut ruled_out = 0;
    for chunk in cases.chunk_by(|a, b| a.model == b.model) {
        let model = model(&format!("tests/data/fasttext/{}", chunk[0].model));
        let labels = model.labels();
        for case in chunk {
            let all = model.predict_best(&case.text, labels.len());
            assert_eq!(
                model.predict(&case.text).map(|it| it.score),
                all.first().map(|it| it.score)
            );
            for label in &labels {
                let number = model.label_number(label).unwrap();
                let (best, score) = model.predict_label(&case.text, number).unwrap();
                let expected = all.iter().find(|it| it.label == *label).map(|it| it.score);
                assert_eq!(score, expected.unwrap_or_default(), "{} {label}", case.model);
                assert_eq!(best.score, all[0].score);
                ruled_out += usize::from(expected.is_none());
            }
        }
        let prefixed = format!("__label__{}", labels[0]);
        assert_eq!(model.label_number(&prefixed), model.label_number(&labels[0]));
        assert_eq!(model.label_number("none"), None);
        assert_eq!(model.predict_label("a", labels.len()).map(|(_, score)| score), Some(0.0));
    }
    assert!(ruled_out > 0);
}

#[test]
fn pieces_are_predicted_as_if_joined_by_a_space() {
    let pieces: [&[&str]; 7] = [
        &[],
        &["", ""],
        &["la rivière", "était haute", " ce jour"],
        &["one\ntwo", "__label__x", "\0three"],
        &["where it</s>ends", "here </s> not", "there"],
        &["</s>", "word"],
        &["a", "b", "c d", "e"],
    ];
    let mut best = vec![Scored { label: 7, score: 7.0 }];
    for name in ["models/lid.176.ftz", "tests/data/fasttext/tree-words.bin"] {
        let model = model(name);
        for pieces in pieces {
            model.predict_pieces(pieces, 3, &mut best);
            let expected = model.predict_best(&pieces.join(" "), 3);
            assert_eq!(best.len(), expected.len());
            for (own, expected) in best.iter().zip(expected) {
                assert_eq!(model.label(own.label), Some(&expected.label));
                assert_eq!(f64::from(own.score), expected.score, "{pieces:?}");
            }
        }
        assert_eq!(model.label(1000), None);
    }
}

#[test]
fn memory_of_a_prediction_does_not_grow_with_the_text() {
    let model = model("models/lid.176.ftz");
    let texts = [
        "la rivière était haute ce jour ".repeat(30_000),
        "ก".repeat(300_000),
        (0..200_000).map(|number| format!("n{number} ")).collect(),
    ];
    for text in &texts {
        assert_eq!(model.predict_best(text, 1).len(), 1);
    }
    let memory = |slot: &Slot| slot.0.lock().unwrap().gathered.memory();
    let taken: Vec<usize> = model.scratch.iter().map(memory).filter(|&bytes| bytes > 0).collect();
    // One thread, one slot.
    assert_eq!(taken.len(), 1);
    assert!(taken[0] < 1 << 20);
}

#[test]
fn threads_share_a_model() {
    let model = model("models/lid.176.ftz");
    let answers = || model.predict_best("Ma voisine cultive des tomates sur son balcon.", 3);
    let expected = answers();
    assert_eq!(&*expected[0].label, "fr");
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(answers)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
    assert!(model.predict_best("no label", 0).is_empty());
}

#[test]
fn large_claims_in_a_small_file_take_no_memory() {
    let path = "tests/data/fasttext/tree-quantized-pruned.ftz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut bytes = std::fs::read(path).unwrap();
    // The number of buckets, after the header and eight arguments: 2^31 - 1 are still right.
    bytes[40..44].copy_from_slice(&i32::MAX.to_le_bytes());
    let model = FastText::from_bytes(&bytes).unwrap();
    assert!(model.memory() < 100_000);
    assert_eq!(model.predict_best("word river", 2).len(), 2);
}

/// A small model of a loss (1 tree, 2 and 4 sigmoids, 3 softmax) with `__label__aa` and `__label__bb`.
fn small_model(loss: i32, quantized: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let i32s = |bytes: &mut Vec<u8>, values: &[i32]| {
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    };
    let i64s = |bytes: &mut Vec<u8>, values: &[i64]| {
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    };
    let f32s = |bytes: &mut Vec<u8>, count: usize| {
        (0..count).for_each(|at| bytes.extend((at as f32 / 7.0).sin().to_le_bytes()));
    };
    i32s(&mut bytes, &[793_712_314, 12]);
    i32s(&mut bytes, &[4, 5, 1, 1, 5, 2, loss, 3, 10, 1, 3, 100]);
    bytes.extend(0.0001_f64.to_le_bytes());
    i32s(&mut bytes, &[4, 2, 2]);
    i64s(&mut bytes, &[100, if quantized { 3 } else { -1 }]);
    for (word, label) in [("</s>", 0), ("ab", 0), ("__label__aa", 1), ("__label__bb", 1)] {
        bytes.extend(word.as_bytes());
        bytes.push(0);
        i64s(&mut bytes, &[10 - label]);
        bytes.push(label as u8);
    }
    if quantized {
        i32s(&mut bytes, &[1, 0, 4, 2, 9, 1]);
        bytes.extend([1, 1]); // quantized, with norms
        i64s(&mut bytes, &[5, 4]);
        i32s(&mut bytes, &[10]);
        bytes.extend([0, 255, 3, 4, 5, 6, 7, 8, 9, 10]);
        i32s(&mut bytes, &[4, 2, 3, 1]);
        f32s(&mut bytes, 4 * 256);
        bytes.extend([0, 1, 2, 3, 255]);
        i32s(&mut bytes, &[1, 1, 1, 1]);
        f32s(&mut bytes, 256);
    } else {
        bytes.push(0);
        i64s(&mut bytes, &[12, 4]);
        f32s(&mut bytes, 12 * 4);
    }
    bytes.push(0);
    i64s(&mut bytes, &[2, 4]);
    f32s(&mut bytes, 2 * 4);
    bytes
}

const PROBE: &str = "ab abc ñandú </s> __label__aa";

#[test]
fn small_models_of_each_kind_load() {
    for loss in 1..=4 {
        for quantized in [false, true] {
            let model = FastText::from_bytes(&small_model(loss, quantized)).unwrap();
            assert_eq!(model.labels(), ["aa", "bb"].map(Arc::from));
            let prediction = model.predict(PROBE).unwrap();
            assert!(prediction.score >= 0.3, "{prediction:?}");
        }
    }
    let mut vectors = small_model(3, false);
    vectors[8 + 7 * 4] = 2;
    assert!(matches!(FastText::from_bytes(&vectors), Err(ModelError::Unsupported(_))));
}

#[test]
fn every_damage_to_a_byte_is_an_error_or_a_model_that_works() {
    for quantized in [false, true] {
        let whole = small_model(1, quantized);
        // Weights further on are all alike.
        for at in (0..whole.len().min(400)).chain(whole.len() - 60..whole.len()) {
            for damage in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
                let mut bytes = whole.clone();
                bytes[at] = damage;
                if let Ok(model) = FastText::from_bytes(&bytes) {
                    model.predict(PROBE);
                }
            }
        }
    }
}

#[test]
fn every_cut_is_an_error() {
    for quantized in [false, true] {
        let whole = small_model(3, quantized);
        for length in 0..whole.len() {
            assert!(FastText::from_bytes(&whole[..length]).is_err());
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert!(matches!(FastText::from_bytes(&longer), Err(ModelError::TooLong(1))));
    }
}

fn golden_models() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fasttext");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let models = paths.filter(|path| path.extension().is_some_and(|it| it == "ftz" || it == "bin"));
    models.map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn every_golden_model_that_is_cut_is_an_error() {
    let models = golden_models();
    assert_eq!(models.len(), 18);
    for whole in models {
        for length in (0..whole.len()).step_by(7) {
            assert!(FastText::from_bytes(&whole[..length]).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damage_to_the_shipped_model_never_panics(at in 0_usize..938_013, damage: u8, cut: bool) {
        let mut bytes = std::fs::read(SHIPPED).unwrap();
        bytes[at] = damage;
        if cut {
            bytes.truncate(at);
        }
        match FastText::from_bytes(&bytes) {
            Ok(model) => drop(model.predict(PROBE)),
            Err(_) => prop_assert!(true),
        }
    }

    #[test]
    fn damage_to_golden_models_is_an_error_or_a_model_that_works(
        choice: prop::sample::Index,
        bits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..6),
        early: bool,
    ) {
        let mut models = golden_models();
        let at = choice.index(models.len());
        let mut bytes = models.swap_remove(at);
        for (at, bit) in bits {
            // What is not weights stands before them.
            let within = if early { bytes.len().min(300) } else { bytes.len() };
            bytes[at.index(within)] ^= 1 << bit;
        }
        let size = bytes.len() as u64;
        if let Ok(model) = FastText::from_bytes(&bytes) {
            model.predict_best(PROBE, 5);
            // A byte of codes may stand for as many weights as a row has; a bitmap has 16 MiB.
            prop_assert!(model.memory() < size * 16 + (26 << 20), "{}", model.memory());
        }
    }
}
