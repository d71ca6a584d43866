use std::path::Path;

use serde::Deserialize;

use super::*;

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
    let idle = model.idle.lock().unwrap();
    assert_eq!(idle.len(), 1);
    assert!(idle[0].gathered.memory() < 1 << 20);
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
