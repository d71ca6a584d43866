use std::io::Write;

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
    let model = std::fs::read(MODEL).unwrap();
    let mut old = model.clone();
    old[4] = 11;
    assert!(error(&write(&old)).contains("version 11"));
    assert!(error(&write(&model[..500_000])).contains("is cut short or damaged"));
}
