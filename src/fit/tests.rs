use super::*;
use crate::stage::{Metric, Verdict};

/// Measures a few metrics in a plain way, so that these tests are about fitting only.
struct Plain;

impl Stage for Plain {
    fn name(&self) -> &str {
        "plain"
    }
    fn metrics(&self) -> &[Metric] {
        &[]
    }
    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let words: Vec<usize> =
            document.text().split_whitespace().map(|word| word.chars().count()).collect();
        let mean = words.iter().sum::<usize>() as f64 / words.len().max(1) as f64;
        let lines = document.text().lines().count().max(1) as f64;
        document.annotate("gopher.mean_word_length", mean);
        document.annotate("gopher.duplicate_line_ratio", 0.0);
        document.annotate("gopher.top_2_gram_ratio", 0.3);
        document.annotate("fineweb.newline_ratio", lines / words.len().max(1) as f64);
        Verdict::Drop("plain.always".into())
    }
}

fn options(code: &str) -> Options {
    Options {
        words: WordsConfig::all(crate::text::segment::SegmentationChoice::Whitespace),
        min_words: 3,
        ..Options::new(Code::parse(code).unwrap())
    }
}

fn fitted(options: Options, texts: &[&str]) -> Result<Fitted, FitError> {
    let mut fitter = Fitter::new(options, vec![Box::new(Plain)])?;
    for text in texts {
        fitter.add(&mut Document::new("x", *text));
    }
    fitter.finish()
}

const TEXTS: [&str; 4] = [
    "le chat et le chien de la rue",
    "la maison de la ville et le jardin",
    "Le jour et la nuit de la mer",
    "trop court",
];

#[test]
fn a_profile_is_derived() {
    let found = fitted(options("fr"), &TEXTS).unwrap();
    let profile = &found.profile;
    assert_eq!((profile.code(), profile.aliases.join(",")), ("fra_Latn".into(), "fr".into()));
    assert_eq!(profile.max_duplicate_line_ratio, Some(0.3));
    assert_eq!(profile.max_top_ngram_ratios, BTreeMap::from([(2, 0.36)]));
    assert!(profile.max_duplicate_ngram_ratios.is_empty());
    assert_eq!(profile.min_mean_word_length, Some(1.96));
    assert_eq!(profile.max_mean_word_length, Some(4.22));
    assert_eq!(profile.min_language_score, None);
    let words = profile.stop_words.clone().unwrap();
    assert_eq!(words[..4], ["la", "le", "de", "et"]);
    assert_eq!(words.len(), 4, "the others are in one document each");
    assert_eq!((found.sample.documents, found.sample.measured), (4, 3));
    assert_eq!(found.sample.bytes, TEXTS.iter().map(|text| text.len() as u64).sum::<u64>());
    assert!(found.warnings[0].contains("small sample"), "{:?}", found.warnings);
    assert_eq!(found.file_name(), Path::new("fra_Latn.yaml"));
    profile.check().unwrap();
}

#[test]
fn the_file_says_where_it_is_from_and_reads_back() {
    let found = fitted(options("fra_Latn"), &TEXTS).unwrap();
    let yaml = found.to_yaml();
    assert_eq!(Profile::parse(&yaml, Path::new("x.yaml")).unwrap(), found.profile);
    for part in [
        "# WARNING: a small sample: 3 documents",
        "#   4 documents, 3 of them of 3 words or more;",
        &found.sample.xxh3,
        "--language fra_Latn --words whitespace --quantile 0.99 --min-words 3",
        "gopher.mean_word_length: median",
        "language_score: the sample has no values",
        "la 19.23 75",
    ] {
        assert!(yaml.contains(part), "no `{part}` in\n{yaml}");
    }
    assert_eq!(yaml, fitted(options("fra_Latn"), &TEXTS).unwrap().to_yaml());
}

#[test]
fn other_texts_have_another_hash_and_boundaries_count() {
    let hash = |texts: &[&str]| fitted(options("fr"), texts).unwrap().sample.xxh3;
    assert_ne!(hash(&["a b c", "d e f"]), hash(&["a b c", "d e g"]));
    assert_ne!(hash(&["a b c", "d e f"]), hash(&["a b cd", " e f"]));
}

#[test]
fn fields_that_are_not_asked_for_are_off() {
    let mut options = options("fr");
    options.fields = Some(vec!["max_newline_ratio".to_owned()]);
    let found = fitted(options.clone(), &TEXTS).unwrap();
    let only = Profile {
        max_newline_ratio: found.profile.max_newline_ratio,
        ..Profile::off(&options.language)
    };
    assert!(found.profile.max_newline_ratio.is_some());
    assert_eq!(found.profile, only);
    assert!(found.to_yaml().contains("not derived"));
    options.fields = Some(vec!["newlines".to_owned()]);
    let error = fitted(options, &TEXTS).unwrap_err().to_string();
    assert!(error.contains("`newlines`") && error.contains("max_newline_ratio"), "{error}");
}

#[test]
fn a_score_that_records_carry_is_used() {
    let mut fitter = Fitter::new(options("fr"), Vec::new()).unwrap();
    for score in [0.7, 0.8, 0.95] {
        let record = format!(r#"{{"language_score":{score}}}"#);
        fitter.add(&mut Document::new("x", TEXTS[0]).with_record(Some(&record)));
    }
    let found = fitter.finish().unwrap();
    assert_eq!(found.profile.min_language_score, Some(0.7));
    assert_eq!(found.profile.max_mean_word_length, None);
}

#[test]
fn nothing_and_nonsense_are_errors() {
    for texts in [&[][..], &["too short"][..]] {
        assert!(matches!(fitted(options("fr"), texts), Err(FitError::Empty { .. })));
    }
    for quantile in [0.0, -1.0, 1.1, f64::NAN] {
        let options = Options { quantile, ..options("fr") };
        assert!(matches!(fitted(options, &TEXTS), Err(FitError::Share { .. })));
    }
}

#[test]
fn every_rule_belongs_to_a_field_of_profiles() {
    let fields = Options::known_fields();
    assert_eq!(fields.len(), 10);
    let mut profile = Profile::off(&Code::parse("fr").unwrap());
    let off = profile.to_yaml();
    for field in &fields {
        assert!(off.contains(&format!("\n{field}: null")), "{field}");
    }
    for rule in RULES {
        set(&mut profile, rule, 1.0);
        profile.check().unwrap_or_default();
    }
    let left = profile.to_yaml().lines().filter(|line| line.ends_with(": null")).count();
    assert_eq!(left, 1, "{}", profile.to_yaml());
}
