use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::document::Value;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/lid.176.ftz");

fn config() -> Config {
    Config { models: vec![MODEL.into()], ..Config::default() }
}

/// A predictor that answers with the text's first word and the score in its second.
struct Echo;

impl Predictor for Echo {
    fn predict(&self, text: &str) -> Option<Prediction> {
        let mut words = text.split_whitespace();
        let label = words.next()?.into();
        Some(Prediction { label, score: words.next()?.parse().ok()? })
    }
    fn labels(&self) -> Vec<Arc<str>> {
        ["aa", "bb", "cc"].map(Arc::from).to_vec()
    }
    fn memory(&self) -> u64 {
        7
    }
}

fn echo(config: &Config) -> Result<Langid, LangidError> {
    Langid::with_predictor(config, Box::new(Echo), Vec::new())
}

/// A sentence, the language it is in, and what fasttext-predict 0.9.2.4 (fastText's own code)
/// answers with the same model, right or wrong: the model takes some sentences for another language.
#[derive(Deserialize)]
struct Golden {
    language: String,
    label: String,
    score: f64,
    text: String,
}

#[test]
fn sentences_get_the_answers_of_fasttexts_own_program() {
    let langid = Langid::new(&Config { min_score: 0.0, ..config() }).unwrap();
    let golden = include_str!("../../tests/golden/langid.jsonl");
    let cases: Vec<Golden> =
        golden.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 21);
    for case in &cases {
        let mut document = Document::new("x", case.text.as_str());
        assert_eq!(document.apply(&langid), Verdict::Keep);
        assert_eq!(document.language(), Some(&*case.label), "a sentence in {}", case.language);
        assert_eq!(document.metric("langid.label"), Some(&case.label.as_str().into()));
        let score = document.metric("langid.score").and_then(Value::number).unwrap();
        assert_eq!(score as f32, case.score as f32, "{}", case.label);
    }
    assert_eq!(cases.iter().filter(|case| case.label == case.language).count(), 19);
}

#[test]
fn line_ends_are_spaces_and_scores_are_not_clamped() {
    let langid = Langid::new(&config()).unwrap();
    let text = "The river was higher than anyone in the village could remember. ".repeat(4);
    let one_line = langid.predict(&text);
    assert_eq!(&*one_line.label, "en");
    assert_eq!(langid.predict(&text.replace(' ', "\n")), one_line);
    assert_eq!(langid.predict(&text.replace(' ', "\0")), one_line);
    let upper = text.to_uppercase();
    let lowercase = Langid::new(&Config { lowercase: true, ..config() }).unwrap();
    assert_eq!(lowercase.predict(&upper), langid.predict(&text.to_lowercase()));
    assert_ne!(langid.predict(&upper), langid.predict(&text.to_lowercase()));
}

#[test]
fn the_model_is_listed_as_a_resource() {
    let langid = Langid::new(&config()).unwrap();
    let [resource] = langid.resources().try_into().unwrap();
    assert_eq!((resource.role.as_str(), resource.bytes), ("model", 938_013));
    let bytes = std::fs::read(MODEL).unwrap();
    assert_eq!(resource.xxh3, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)));
    assert!(langid.memory() > resource.bytes);
    assert!(langid.sets_language());
}

#[test]
fn texts_without_letters_are_unknown() {
    let langid = echo(&Config::default()).unwrap();
    for text in ["", "  \n", "1234 5678", "!!! *** 👍", "aa"] {
        let mut document = Document::new("x", text).with_language(Some("bb"));
        assert_eq!(document.apply(&langid), Verdict::Drop("langid.score".into()));
        assert_eq!(document.language(), Some(UNKNOWN));
        assert_eq!(document.metric("langid.score"), Some(&Value::Float(0.0)));
    }
    let min_scores = BTreeMap::from([(UNKNOWN.to_owned(), 0.0)]);
    let lenient = echo(&Config { min_scores, ..Config::default() }).unwrap();
    assert_eq!(Document::new("x", "1234").apply(&lenient), Verdict::Keep);
    assert_eq!(langid.predict("aa NaN").score, 0.0);
}

#[test]
fn each_language_has_its_threshold() {
    let min_scores = BTreeMap::from([("bb".to_owned(), 0.9)]);
    let langid = echo(&Config { min_scores, ..Config::default() }).unwrap();
    let verdict = |text: &str| Document::new("x", text).apply(&langid);
    assert_eq!(verdict("aa 0.5"), Verdict::Keep);
    assert_eq!(verdict("aa 0.49"), Verdict::Drop("langid.score".into()));
    assert_eq!(verdict("bb 0.9"), Verdict::Keep);
    assert_eq!(verdict("bb 0.8"), Verdict::Drop("langid.score".into()));
    assert_eq!(verdict("aa 1.00004"), Verdict::Keep);
    let mut document = Document::new("x", "bb 0.8");
    document.apply(&langid);
    assert_eq!(document.tests()[0].bound, Bound::AtLeast(0.9));
}

#[test]
fn languages_that_are_not_wanted_are_dropped() {
    let languages = vec!["aa".to_owned()];
    let langid = echo(&Config { languages, ..Config::default() }).unwrap();
    assert_eq!(Document::new("x", "aa 1").apply(&langid), Verdict::Keep);
    let mut document = Document::new("x", "bb 0.1");
    assert_eq!(document.apply(&langid), Verdict::Drop("langid.score".into()));
    assert_eq!(document.reasons(), ["langid.score", "langid.language"]);
    let mut document = Document::new("x", "bb 1");
    assert_eq!(document.apply(&langid), Verdict::Drop("langid.language".into()));
}

#[test]
fn the_language_that_a_document_came_with_is_kept_as_a_metric() {
    let langid = echo(&Config::default()).unwrap();
    let mut document = Document::new("x", "aa 1").with_language(Some("cc"));
    document.apply(&langid);
    assert_eq!(document.metric("langid.given"), Some(&Value::from("cc")));
    assert_eq!(document.language(), Some("aa"));
    assert!(document.language_changed());
    let mut document = Document::new("x", "aa 1");
    document.apply(&langid);
    assert_eq!(document.metric("langid.given"), None);
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let message = |config: Config| echo(&config).err().map(|error| error.to_string()).unwrap();
    for min_score in [-0.1, 1.1, f64::NAN] {
        assert!(message(Config { min_score, ..Config::default() }).contains("min_score is"));
    }
    let min_scores = BTreeMap::from([("aa".to_owned(), 2.0)]);
    assert!(message(Config { min_scores, ..Config::default() }).contains("min_scores.aa is 2"));
    let languages = vec!["aab".to_owned()];
    let misspelt = message(Config { languages, ..Config::default() });
    assert!(misspelt.contains("`aab`") && misspelt.contains("did you mean `aa`?"));
    let min_scores = BTreeMap::from([("xx".to_owned(), 0.2)]);
    assert!(message(Config { min_scores, ..Config::default() }).ends_with("does not know"));

    let none = Config { models: Vec::new(), ..Config::default() };
    assert!(matches!(Langid::new(&none), Err(LangidError::NoModel)));
    let two = Config { models: vec!["a".into(), "b".into()], ..Config::default() };
    let error = Langid::new(&two).err().unwrap();
    assert!(error.to_string().contains("one model for now"));
    assert!(serde_json::from_str::<Config>(r#"{"min_scor": 0.3}"#).is_err());
    assert!(serde_json::from_str::<Config>(r#"{"min_score": 0.3}"#).is_ok());
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

#[test]
fn files_that_are_no_model_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| {
        let config = Config { models: vec![path.to_owned()], ..Config::default() };
        Langid::new(&config).err().unwrap().to_string()
    };
    let missing = folder.path().join("missing.ftz");
    assert!(error(&missing).contains("missing.ftz: cannot be read"));
    assert!(error(folder.path()).contains("is not a regular file"));
    let write = |content: &[u8]| {
        let path = folder.path().join("model.ftz");
        std::fs::File::create(&path).unwrap().write_all(content).unwrap();
        path
    };
    assert!(error(&write(b"")).contains("is not a fastText model"));
    assert!(error(&write(b"PK\x03\x04 an archive")).contains("is not a fastText model"));
    let mut old = small_model(1, false);
    old[4] = 11;
    assert!(error(&write(&old)).contains("version 11"));
    let model = std::fs::read(MODEL).unwrap();
    assert!(error(&write(&model[..500_000])).contains("is cut short or damaged"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damage_to_the_shipped_model_never_panics(at in 0_usize..938_013, damage: u8, cut: bool) {
        let mut bytes = std::fs::read(MODEL).unwrap();
        bytes[at] = damage;
        if cut {
            bytes.truncate(at);
        }
        match FastText::from_bytes(&bytes) {
            Ok(model) => drop(model.predict(PROBE)),
            Err(_) => prop_assert!(true),
        }
    }
}
