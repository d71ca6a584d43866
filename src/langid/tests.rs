use std::io::Write;
use std::path::Path;

use serde::Deserialize;

use super::*;
use crate::document::Value;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/lid.176.ftz");

fn config() -> Config {
    Config { models: vec![ModelChoice::Path(MODEL.into())], ..Config::default() }
}

/// A predictor that answers with the labels and scores that stand in the text, in turn.
struct Echo(&'static [&'static str]);

impl Predictor for Echo {
    fn predict_pieces(&self, pieces: &[&str], count: usize, best: &mut Vec<Scored>) {
        best.clear();
        let text = pieces.join(" ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |word: &str| self.0.iter().position(|label| *label == word);
        let pairs = words.windows(2).filter_map(|pair| {
            Some(Scored { label: number(pair[0])? as u32, score: pair[1].parse().ok()? })
        });
        best.extend(pairs.take(count));
    }
    fn labels(&self) -> Vec<Arc<str>> {
        self.0.iter().copied().map(Arc::from).collect()
    }
    fn memory(&self) -> u64 {
        7
    }
}

fn echo(config: &Config) -> Result<Langid, LangidError> {
    with(config, &["aa", "bb", "cc"])
}

fn with(config: &Config, labels: &'static [&'static str]) -> Result<Langid, LangidError> {
    let model: Box<dyn Predictor> = Box::new(Echo(labels));
    Langid::with_predictors(config, vec![(RoutedModel::default(), model)], Vec::new())
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
    let one_line = langid.identify(&text);
    assert_eq!(one_line.name, "en");
    assert_eq!(langid.identify(&text.replace(' ', "\n")), one_line);
    assert_eq!(langid.identify(&text.replace(' ', "\0")), one_line);
    let end = Langid::new(&Config { line_ends: LineEnds::End, ..config() }).unwrap();
    assert_eq!(end.identify(&format!("{text}\nun autre texte en français")), one_line);
    let upper = text.to_uppercase();
    let lowercase = Langid::new(&Config { lowercase: true, ..config() }).unwrap();
    assert_eq!(lowercase.identify(&upper), langid.identify(&text.to_lowercase()));
    assert_ne!(langid.identify(&upper), langid.identify(&text.to_lowercase()));
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
    assert_eq!(langid.identify("aa NaN").answer.score, 0.0);
}

#[test]
fn each_language_has_its_threshold() {
    let min_scores = BTreeMap::from([("bb".to_owned(), 0.875)]);
    let langid = echo(&Config { min_scores, ..Config::default() }).unwrap();
    let verdict = |text: &str| Document::new("x", text).apply(&langid);
    assert_eq!(verdict("aa 0.5"), Verdict::Keep);
    assert_eq!(verdict("aa 0.49"), Verdict::Drop("langid.score".into()));
    assert_eq!(verdict("bb 0.875"), Verdict::Keep);
    assert_eq!(verdict("bb 0.8"), Verdict::Drop("langid.score".into()));
    assert_eq!(verdict("aa 1.00004"), Verdict::Keep);
    let mut document = Document::new("x", "bb 0.8");
    document.apply(&langid);
    assert_eq!(document.tests()[0].bound, Bound::AtLeast(0.875));
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
    assert!(serde_json::from_str::<Config>(r#"{"min_scor": 0.3}"#).is_err());
    assert!(serde_json::from_str::<Config>(r#"{"min_score": 0.3}"#).is_ok());
}

#[test]
fn files_that_are_no_model_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| {
        let config =
            Config { models: vec![ModelChoice::Path(path.to_owned())], ..Config::default() };
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
    old[4] = 10;
    assert!(error(&write(&old)).contains("version 10"));
    assert!(error(&write(&model[..500_000])).contains("is cut short or damaged"));
}

/// What a text is identified as, and the score.
fn told(langid: &Langid, text: &str) -> (String, f64) {
    let Identified { answer, name, .. } = langid.identify(text);
    (name, answer.score)
}

fn routed(
    config: &Config,
    models: Vec<(RoutedModel, &'static [&'static str])>,
) -> Result<Langid, LangidError> {
    let models = models
        .into_iter()
        .map(|(choice, labels)| -> (_, Box<dyn Predictor>) { (choice, Box::new(Echo(labels))) });
    Langid::with_predictors(config, models.collect(), Vec::new())
}

#[test]
fn a_second_model_is_believed_for_what_the_first_does_not_know() {
    let two = |second| {
        let first = RoutedModel::default();
        routed(&Config::default(), vec![(first, &["en", "sw"]), (second, &["zu", "en", "zxx"])])
    };
    let plain = two(RoutedModel::default()).unwrap();
    // Each model reads the labels that it has.
    assert_eq!(told(&plain, "sw 0.75 zu 0.5"), ("zu".to_owned(), 0.5));
    assert_eq!(told(&plain, "sw 0.75 zu 0.25"), ("sw".to_owned(), 0.75));
    assert_eq!(told(&plain, "sw 0.25 en 0.5"), ("sw".to_owned(), 0.25));
    assert_eq!(told(&plain, "sw 0.25 zxx 0.75"), (UNKNOWN.to_owned(), 0.0));
    // What the first takes for a language with some right, the second does not take away.
    assert_eq!(told(&plain, "sw 0.75 zxx 1"), ("sw".to_owned(), 0.75));
    assert_eq!(told(&plain, "zu 0.25"), ("zu".to_owned(), 0.25));
    let below = two(RoutedModel { below: 0.5, min_score: 0.25, ..RoutedModel::default() }).unwrap();
    assert_eq!(told(&below, "sw 0.5 zu 1"), ("sw".to_owned(), 0.5));
    assert_eq!(told(&below, "sw 0.375 zu 0.25"), ("zu".to_owned(), 0.25));
    let labels = vec!["eng_Latn".to_owned()];
    let listed = two(RoutedModel { labels, ..RoutedModel::default() }).unwrap();
    assert_eq!(told(&listed, "sw 0.75 zu 1"), ("sw".to_owned(), 0.75));
    assert_eq!(told(&listed, "sw 0.75 en 1"), ("en".to_owned(), 1.0));
    let also = vec!["en".to_owned()];
    let more = two(RoutedModel { also, ..RoutedModel::default() }).unwrap();
    assert_eq!(told(&more, "sw 0.75 en 1"), ("en".to_owned(), 1.0));
    assert_eq!(told(&more, "sw 0.75 zu 1"), ("zu".to_owned(), 1.0));
    let also = vec!["*".to_owned()];
    let every = two(RoutedModel { also, below: 0.75, ..RoutedModel::default() }).unwrap();
    // `sw` is not among its labels, so that only what the first has no label for takes its place.
    assert_eq!(told(&every, "sw 0.5 en 1"), ("sw".to_owned(), 0.5));
    assert_eq!(told(&every, "sw 0.25 zxx 1"), (UNKNOWN.to_owned(), 0.0));
    assert_eq!(told(&every, "sw 0.5 zxx 1"), ("sw".to_owned(), 0.5));
    let also = vec!["*".to_owned()];
    let (first, second) =
        (RoutedModel::default(), RoutedModel { also, below: 0.75, ..RoutedModel::default() });
    let models = vec![(first, &["eng", "sw", "fr"][..]), (second, &["en", "swh"])];
    let every = routed(&Config::default(), models).unwrap();
    assert_eq!(told(&every, "sw 0.5 en 1"), ("en".to_owned(), 1.0));
    assert_eq!(told(&every, "eng 0.5 swh 1"), ("swh".to_owned(), 1.0));
    assert_eq!(told(&every, "fr 0.5 en 1"), ("fr".to_owned(), 0.5));
    assert_eq!(told(&every, "sw 0.75 en 1"), ("sw".to_owned(), 0.75));
    let labels = vec!["zzu".to_owned()];
    let error = two(RoutedModel { labels, ..RoutedModel::default() }).err().unwrap().to_string();
    assert!(error.contains("`zzu`") && error.ends_with("did you mean `zu`?"), "{error}");
}

#[test]
fn a_model_of_its_own_case_is_shown_it() {
    let second = RoutedModel { lowercase: Some(true), ..RoutedModel::default() };
    let models = vec![(RoutedModel::default(), &["AA"][..]), (second, &["bb"])];
    let langid = routed(&Config::default(), models).unwrap();
    assert_eq!(told(&langid, "AA 0.5 BB 1"), ("bb".to_owned(), 1.0));
}

#[test]
fn the_script_rules_languages_out() {
    let config = Config { scripts: true, ..Config::default() };
    let langid = with(&config, &["en", "hi", "mr", "bn", "as", "ta", "xyz"]).unwrap();
    let deva = "मानव परिवार के सभी सदस्यों के जन्मजात गौरव";
    let beng = "মানৱ পৰিয়ালৰ সকলো সদস্যৰ জন্মগত মর্যাদা";
    // Only languages in the script, with what the others took divided among them.
    assert_eq!(
        told(&langid, &format!("{deva} en 0.5 mr 0.25 hi 0.125")),
        ("mr".to_owned(), 0.25 / 0.375)
    );
    assert_eq!(told(&langid, &format!("{deva} hi 0.5 en 0.25")), ("hi".to_owned(), 0.5));
    assert_eq!(told(&langid, &format!("{beng} en 0.5 as 0.25")).0, "as");
    // The model's first one in the script if it names none.
    assert_eq!(told(&langid, &format!("{beng} en 1")), ("bn".to_owned(), 0.0));
    // A label of which nothing is known may be in any script.
    assert_eq!(told(&langid, &format!("{beng} xyz 0.5 bn 0.25")).0, "xyz");
    let one = with(&config, &["en", "ta"]).unwrap();
    let (label, score) = told(&one, "அனைத்து மனிதர்களும் en 1");
    assert_eq!(label, "ta");
    assert!((0.9..1.0).contains(&score), "{score}");
    let off = with(&Config::default(), &["en", "bn"]).unwrap();
    assert_eq!(told(&off, &format!("{beng} en 1")), ("en".to_owned(), 1.0));
}

#[test]
fn languages_that_are_easily_confused_have_a_joint_score() {
    let config = Config { confusables: true, min_score: 0.75, ..Config::default() };
    let langid = with(&config, &["id", "ms", "en"]).unwrap();
    let mut document = Document::new("x", "id 0.5 ms 0.375 en 0.125");
    assert_eq!(document.apply(&langid), Verdict::Keep);
    assert_eq!(document.language(), Some("id"));
    assert_eq!(document.metric("langid.score"), Some(&Value::Float(0.5)));
    assert_eq!(document.metric("langid.joint_score"), Some(&Value::Float(0.875)));
    let mut document = Document::new("x", "id 0.5 en 0.375");
    assert_eq!(document.apply(&langid), Verdict::Drop("langid.joint_score".into()));
    let mut document = Document::new("x", "en 0.5 id 0.375");
    assert_eq!(document.apply(&langid), Verdict::Drop("langid.score".into()));
    assert_eq!(document.metric("langid.joint_score"), None);
}

#[test]
fn the_next_languages_are_written_if_asked_for() {
    let langid = echo(&Config { top_k: 3, ..Config::default() }).unwrap();
    let mut document = Document::new("x", "bb 0.75 aa 0.125");
    document.apply(&langid);
    assert_eq!(document.metric("langid.label_2"), Some(&Value::from("aa")));
    assert_eq!(document.metric("langid.score_2"), Some(&Value::Float(0.125)));
    assert_eq!(document.metric("langid.label_3"), None);
    let names: Vec<&str> = langid.metrics().iter().map(|metric| metric.name).collect();
    let next = ["langid.label_2", "langid.score_2", "langid.label_3", "langid.score_3"];
    assert_eq!(
        names,
        [["langid.label", "langid.score", "langid.given"].as_slice(), &next].concat()
    );
    for top_k in [0, 11] {
        assert!(matches!(echo(&Config { top_k, ..config() }), Err(LangidError::TopK(_))));
    }
}

#[test]
fn lines_vote_and_mixed_documents_have_spans() {
    let line = Config { granularity: Granularity::Line, min_letters: 3, ..Config::default() };
    let langid = echo(&line).unwrap();
    let text = "aa 0.75 long line\n--\nbb 0.5\nx\naa 0.25 again\n";
    assert_eq!(Document::new("x", text).apply(&langid), Verdict::Keep);
    // 18, 14 and 7 bytes; `--` and `x` have too few letters.
    let Identified { answer, other_share, spans, .. } = langid.identify(text);
    assert_eq!(&*answer.label, "aa");
    assert_eq!(answer.score, (18.0 * 0.75 + 14.0 * 0.25) / 32.0);
    assert_eq!(other_share, Some(0.0));
    assert_eq!(spans, None, "bb has two letters only");
    let langid = echo(&Config { min_letters: 1, max_other_share: Some(0.1), ..line.clone() });
    let langid = langid.unwrap();
    let mut document = Document::new("x", text);
    document.apply(&langid);
    assert_eq!(document.reasons(), ["langid.score", "langid.other_share"]);
    let spans = document.metric("langid.spans");
    assert_eq!(spans, Some(&Value::from("0-21:aa 21-30:bb 30-44:aa")));
    let rare = echo(&Config { min_letters: 1, min_span_share: 0.5, ..line }).unwrap();
    assert_eq!(rare.identify(text).spans, None);
    assert_eq!(rare.identify("--\n\n").answer.label.as_ref(), UNKNOWN);
    let error = Config { max_other_share: Some(0.1), ..Config::default() };
    assert!(matches!(echo(&error), Err(LangidError::NoParts)));
}

#[test]
fn languages_are_called_as_the_configuration_says() {
    let named = |naming, text: &str| {
        let config = Config { naming, programs: true, ..config() };
        Langid::new(&config).unwrap().identify(text).name
    };
    let hindi = "सभी मनुष्य जन्म से स्वतंत्र हैं और उन्हें समान अधिकार प्राप्त हैं।";
    let chinese = "這是一個簡單的句子，我們來說漢語，學習寫字。";
    let code = "use std::fmt;\n\npub struct Bed {\n    plants: Vec<u32>,\n}\n\nimpl Bed {\n    pub fn \
                water(&mut self, litres: u32) {\n        let n = litres;\n    }\n}\n";
    for (naming, names) in [
        (Naming::Model, ["hi", "zh", "rust"]),
        (Naming::Short, ["hi", "zh", "rust"]),
        (Naming::Bcp47, ["hi", "zh-Hant", "zxx-x-rust"]),
        (Naming::Iso6393, ["hin_Deva", "cmn_Hant", "zxx_rust"]),
        (Naming::Roots, ["indic-hi", "zht", "code"]),
    ] {
        assert_eq!([hindi, chinese, code].map(|text| named(naming, text)), names);
    }
    // Any code of a language is understood in `languages` and `min_scores`.
    let config = Config {
        naming: Naming::Roots,
        languages: vec!["hin_Deva".to_owned(), "zht".to_owned()],
        min_scores: BTreeMap::from([("hi".to_owned(), 1.0)]),
        ..config()
    };
    let langid = Langid::new(&config).unwrap();
    assert_eq!(Document::new("x", chinese).apply(&langid), Verdict::Keep);
    assert_eq!(Document::new("x", hindi).apply(&langid), Verdict::Drop("langid.score".into()));
    let simplified = "这是一个简单的句子，我们来说汉语，学习写字。";
    let verdict = Document::new("x", simplified).apply(&langid);
    assert_eq!(verdict, Verdict::Drop("langid.language".into()));
}

#[test]
fn source_files_are_known_by_their_name_first() {
    let langid = Langid::new(&Config { programs: true, ..config() }).unwrap();
    let record = r#"{"meta": {"file": "src/ensure.py"}}"#;
    let text = "# Nothing here yet, but there will be.\n";
    let mut document = Document::new("x", text).with_record(Some(record));
    assert_eq!(document.apply(&langid), Verdict::Keep);
    assert_eq!(document.language(), Some("python"));
    let mut document = Document::new("x", text);
    document.apply(&langid);
    assert_eq!(document.language(), Some("en"));
}

#[test]
fn a_spread_sample_of_a_long_text_stands_for_it() {
    let langid = Langid::new(&Config { max_bytes: Some(2048), ..config() }).unwrap();
    let french = "La rivière était plus haute que personne au village ne se rappelait. ";
    let text = format!("{}{}", "Preface. ".repeat(20), french.repeat(500));
    assert_eq!(told(&langid, &text).0, "fr");
    assert_eq!(langid.identify(french), Langid::new(&config()).unwrap().identify(french));
    assert!(matches!(
        Langid::new(&Config { max_bytes: Some(10), ..config() }),
        Err(LangidError::MaxBytes(10))
    ));
}

#[test]
fn models_are_paths_or_mappings() {
    let read = |yaml: &str| serde_saphyr::from_str::<Config>(yaml);
    let config = read("models: [a.ftz, {path: b.ftz, below: 0.9, labels: [zu]}]").unwrap();
    assert_eq!(config.models[0], ModelChoice::Path("a.ftz".into()));
    let labels = vec!["zu".to_owned()];
    let routed = RoutedModel { path: "b.ftz".into(), below: 0.9, labels, ..RoutedModel::default() };
    assert_eq!(config.models[1], ModelChoice::Routed(routed));
    let written = serde_saphyr::to_string(&config).unwrap();
    assert_eq!(read(&written).unwrap(), config);
    let error = read("models: [{path: b.ftz, belov: 0.9}]").unwrap_err().to_string();
    assert!(error.contains("belov") && error.contains("below"), "{error}");
    let error = read("models: [7]").unwrap_err().to_string();
    assert!(error.contains("a model file, or a mapping with `path`"), "{error}");
    let nameless = Config { models: vec![ModelChoice::Routed(RoutedModel::default())], ..config };
    assert!(matches!(Langid::new(&nameless), Err(LangidError::NoPath(0))));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic_and_scores_are_scores(text in "(\\PC|[a-zé\n অ人]){0,400}") {
        let config = Config {
            granularity: Granularity::Paragraph,
            scripts: true,
            programs: true,
            confusables: true,
            top_k: 4,
            max_bytes: Some(256),
            naming: Naming::Iso6393,
            ..config()
        };
        let langid = Langid::new(&config).unwrap();
        let Identified { answer, other_share, .. } = langid.identify(&text);
        proptest::prop_assert!((0.0..1.001).contains(&answer.score));
        proptest::prop_assert!((0.0..=1.0).contains(&other_share.unwrap_or_default()));
    }
}
