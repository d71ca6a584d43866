use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::document::Value;

const MODEL: &str = "tests/data/fasttext/softmax-quantized.ftz";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn config() -> Config {
    Config { model: path(MODEL), label: "en".to_owned(), ..Config::default() }
}

fn model() -> FastText {
    FastText::from_bytes(&std::fs::read(path(MODEL)).unwrap()).unwrap()
}

fn probability(model: &FastText, text: &str) -> f64 {
    let all = model.predict_best(text, 100);
    all.iter().find(|it| *it.label == *"en").map(|it| it.score).unwrap_or_default()
}

fn metric(document: &Document<'_>, name: &str) -> f64 {
    document.metric(name).and_then(Value::number).unwrap()
}

/// The score of a text under a configuration.
fn score(config: Config, text: &str) -> f64 {
    let mut document = Document::new("x", text);
    document.apply(&Classify::new(&config).unwrap());
    metric(&document, "classify.quality")
}

const TEXT: &str = "  the river was high\nword river\n\n \nla maison bleue\nund\n\nthe ";
const PARAGRAPHS: [&str; 3] = ["the river was high\nword river", "la maison bleue\nund", "the"];
const LINES: [&str; 5] = ["the river was high", "word river", "la maison bleue", "und", "the"];

#[test]
fn a_document_has_the_models_probability_of_the_label() {
    let model = model();
    let mut document = Document::new("x", TEXT);
    let named = Config { label: "__label__en".to_owned(), name: "own".to_owned(), ..config() };
    assert_eq!(document.apply(&Classify::new(&named).unwrap()), Verdict::Keep);
    assert_eq!(metric(&document, "classify.own"), probability(&model, TEXT.trim()));
    let best = model.predict(TEXT.trim()).unwrap().label;
    assert_eq!(document.metric("classify.own_label"), Some(&Value::Text(best)));
    assert_eq!(document.metrics().len(), 2);
    assert_eq!(document.text(), TEXT);
}

#[test]
fn scores_of_units_are_put_together() {
    let model = model();
    for (unit, parts) in [(Unit::Paragraph, &PARAGRAPHS[..]), (Unit::Line, &LINES[..])] {
        let scores: Vec<f64> = parts.iter().map(|part| probability(&model, part)).collect();
        let lengths: Vec<f64> = parts.iter().map(|part| part.len() as f64).collect();
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let weighted: Vec<f64> = scores.iter().zip(&lengths).map(|(a, b)| a * b).collect();
        for (aggregate, expected) in [
            (Aggregate::Mean, sum(&scores) / scores.len() as f64),
            (Aggregate::LengthWeightedMean, sum(&weighted) / sum(&lengths)),
            (Aggregate::Max, scores.iter().copied().fold(0.0, f64::max)),
            (Aggregate::Min, scores.iter().copied().fold(1.0, f64::min)),
        ] {
            let found = score(Config { unit, aggregate, ..config() }, TEXT);
            assert!((found - expected).abs() < 1e-12, "{unit:?} {aggregate:?}");
        }
        // One unit keeps its score as it is.
        let one = score(Config { unit, ..config() }, "the river was high");
        assert_eq!(one, probability(&model, "the river was high"));
        assert_eq!(score(Config { unit, ..config() }, " \n"), 0.0);
    }
}

#[test]
fn the_label_is_that_of_most_characters() {
    let model = model();
    let config = Config { unit: Unit::Line, ..config() };
    let label = |text: &str| model.predict(text).unwrap().label;
    let long = LINES[0];
    let short = LINES.into_iter().find(|line| label(line) != label(long)).unwrap();
    let mut document = Document::new("x", format!("{short}\n{long} {long} {long}\n"));
    document.apply(&Classify::new(&config).unwrap());
    let expected = label(&format!("{long} {long} {long}"));
    assert_eq!(document.metric("classify.quality_label"), Some(&Value::Text(expected)));
}

#[test]
fn thresholds_are_inclusive() {
    let exact = score(config(), TEXT);
    let verdict = |min_score, max_score| {
        let classify = Classify::new(&Config { min_score, max_score, ..config() }).unwrap();
        Document::new("x", TEXT).apply(&classify)
    };
    let dropped = Verdict::Drop("classify.quality".into());
    assert!(exact > 0.0 && exact < 1.0);
    assert_eq!(verdict(Some(exact), Some(exact)), Verdict::Keep);
    assert_eq!(verdict(Some(exact + 1e-9), None), dropped);
    assert_eq!(verdict(None, Some(exact - 1e-9)), dropped);
}

#[test]
fn units_that_fail_are_removed() {
    let model = model();
    let scores = LINES.map(|line| probability(&model, line));
    let mut sorted = scores;
    sorted.sort_by(f64::total_cmp);
    let (least, most) = (sorted[1], sorted[3]);
    let config = Config {
        unit: Unit::Line,
        min_score: Some(least),
        max_score: Some(most),
        remove_units: true,
        ..config()
    };
    let classify = Classify::new(&config).unwrap();
    assert!(classify.changes_text());
    let mut document = Document::new("x", TEXT);
    assert_eq!(document.apply(&classify), Verdict::Keep);
    let own =
        ["  the river was high\n", "word river\n\n \n", "la maison bleue\n", "und\n\n", "the "];
    let kept: String = own
        .iter()
        .zip(scores)
        .filter(|(_, score)| (least..=most).contains(score))
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(document.text(), kept);
    assert_eq!(metric(&document, "classify.quality_removed"), 2.0);
    // The score is that of the text as it came.
    let whole = Config { remove_units: false, min_score: None, max_score: None, ..config.clone() };
    assert_eq!(metric(&document, "classify.quality"), score(whole, TEXT));

    let nothing = Config { min_score: Some(1.0), max_score: None, ..config.clone() };
    let mut document = Document::new("x", TEXT);
    let classify = Classify::new(&nothing).unwrap();
    assert_eq!(document.apply(&classify), Verdict::Drop("classify.quality".into()));
    assert_eq!((document.text(), document.changes()), (TEXT, 0));
    let everything = Config { min_score: Some(0.0), max_score: None, ..config };
    let mut document = Document::new("x", TEXT);
    assert_eq!(document.apply(&Classify::new(&everything).unwrap()), Verdict::Keep);
    assert_eq!((document.text(), document.changes()), (TEXT, 0));
}

#[test]
fn line_ends_and_case_are_shown_as_configured() {
    assert_eq!(shown("A\nB", Newline::Space, false), "A\nB");
    assert_eq!(shown("A\u{2028}B\u{85}C\u{1D}D", Newline::Space, false), "A B C D");
    assert_eq!(shown("A\nB\r\nC", Newline::Drop, true), "ab\rc");
    assert_eq!(shown("A\nB", Newline::KeepEos, false), "A");
    let model = model();
    for (newline, text) in [
        (Newline::Space, "the river word"),
        (Newline::Drop, "theriverword"),
        (Newline::KeepEos, "the"),
    ] {
        let found = score(Config { newline, ..config() }, "the\nriver\nword");
        assert_eq!(found, probability(&model, text), "{newline:?}");
    }
    let lowercase = Config { lowercase: true, ..config() };
    assert_eq!(score(lowercase, "THE RIVER"), probability(&model, "the river"));
}

#[test]
fn the_model_is_a_resource_and_names_are_checked() {
    let classify = Classify::new(&config()).unwrap();
    let [resource] = classify.resources().try_into().unwrap();
    assert_eq!((resource.role.as_str(), resource.bytes), ("model", 7825));
    assert!(classify.memory() > 1000);
    assert!(!classify.changes_text());
    assert_eq!(classify.metrics().len(), 2);
    assert!(classify.check(&[]).is_ok());
    let error = classify.check(classify.metrics()).unwrap_err();
    assert!(error.contains("`classify.quality`") && error.contains("another `name`"), "{error}");
    // One's label must not be another's score either.
    let other = Config { name: "quality_label".to_owned(), ..config() };
    assert!(Classify::new(&other).unwrap().check(classify.metrics()).is_err());
}

#[test]
fn a_configuration_that_cannot_work_is_refused() {
    let message = |config: Config| Classify::new(&config).err().unwrap().to_string();
    let label = message(Config { label: "__label__hq".to_owned(), ..config() });
    assert!(label.contains("no label `__label__hq`") && label.contains("en"), "{label}");
    assert!(
        message(Config { model: PathBuf::new(), ..config() }).contains("name a fastText model")
    );
    assert!(message(Config { model: path("nothing"), ..config() }).contains("nothing: cannot be"));
    assert!(
        message(Config { name: "a.b".to_owned(), ..config() }).contains("no name for a metric")
    );
    for value in [-0.1, 1.5, f64::NAN] {
        let config = Config { min_score: Some(value), ..config() };
        assert!(message(config).contains("min_score is"));
    }
    let config = Config { min_score: Some(0.5), max_score: Some(0.4), ..config() };
    assert!(message(config.clone()).contains("above max_score"));
    let config = Config { remove_units: true, max_score: None, ..config };
    assert!(message(config.clone()).contains("unit: paragraph or line"));
    let config = Config { unit: Unit::Line, min_score: None, ..config };
    assert!(message(config).contains("min_score or max_score"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(text in "[a-zé \n\u{2028}]{0,60}", min in 0.0..0.5_f64, line: bool) {
        let classify = Classify::new(&Config {
            unit: if line { Unit::Line } else { Unit::Paragraph },
            min_score: Some(min),
            remove_units: true,
            ..config()
        }).unwrap();
        let mut document = Document::new("x", text.as_str());
        let verdict = document.apply(&classify);
        let removed = metric(&document, "classify.quality_removed");
        prop_assert_eq!(document.text_changed(), removed > 0.0 && verdict == Verdict::Keep);
        if document.text_changed() {
            // What is left passes again.
            let rest = document.text().to_owned();
            prop_assert!(rest.len() < text.len());
            let mut again = Document::new("x", rest.as_str());
            prop_assert_eq!(again.apply(&classify), Verdict::Keep);
            prop_assert_eq!(metric(&again, "classify.quality_removed"), 0.0);
        }
    }
}
