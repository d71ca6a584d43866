use proptest::prelude::*;

use super::*;
use crate::dedup::exact::{Config, ExactDedup};
use crate::dedup::normalization::Normalization;
use crate::dedup::{Barrier, Outcome, in_memory};
use crate::stage::MetricKind;

/// Which of some documents with one and the same key stays; each is its text, JSON fields, source and
/// score.
fn kept(policy: &str, documents: &[(&str, &str, &str, Option<f64>)]) -> usize {
    let keep: Policy = serde_saphyr::from_str(policy).unwrap_or_else(|error| panic!("{error}"));
    // Digits are left out, so that texts of several lengths are equal.
    let config = Config { keep, normalize: Some(Normalization::Roots), ..Config::default() };
    let barrier = ExactDedup::new(&config).unwrap();
    let mut documents: Vec<Document<'_>> = documents
        .iter()
        .map(|(text, record, source, score)| {
            let mut document = Document::new("id", *text).with_record(Some(record));
            document = document.with_source(Some(source).filter(|it| !it.is_empty()).copied());
            if let Some(score) = score {
                document.annotate("m.score", *score);
            }
            document
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (outcomes, _) = in_memory::run(&barrier, &mut documents, folder.path()).unwrap();
    let stays: Vec<usize> =
        (0..outcomes.len()).filter(|at| outcomes[*at] == Outcome::Keep).collect();
    let [stays] = stays[..] else { panic!("{outcomes:?}") };
    let goes_for = Some(in_memory::node(stays));
    for outcome in outcomes.iter().filter(|outcome| **outcome != Outcome::Keep) {
        assert!(matches!(outcome, Outcome::Drop { kept, .. } if *kept == goes_for));
    }
    stays
}

#[test]
fn the_member_stays_that_the_policy_says() {
    // The third is longer in code points, the fourth in bytes (white space is left out).
    let documents = [
        ("a 12", r#"{"date":"2020-05-01","stars":2,"meta":{"dump":"b"}}"#, "crawl", Some(0.5)),
        ("a 1", r#"{"date":"2021","stars":null}"#, "books", Some(-3.0)),
        ("a 12345", r#"{"date":"soon","stars":9,"meta":{"dump":"a"}}"#, "", None),
        (
            "a \u{3000}\u{3000}\u{3000}",
            r#"{"date":"20190101","stars":"x"}"#,
            "wikipedia",
            Some(0.5),
        ),
        ("a 1", r#"{"meta":{"dump":"c"}}"#, "books", Some(f64::NAN)),
    ];
    for (policy, expected) in [
        ("first", 0),
        ("last", 4),
        ("longest", 2),
        ("shortest", 1),
        ("newest", 1),
        ("oldest", 3),
        ("max(m.score)", 0),
        ("min(m.score)", 1),
        ("[max(m.score), last]", 3),
        ("[shortest, last]", 4),
        ("max(field('stars'))", 2),
        ("min(field('stars'))", 0),
        ("min(m.score * -1)", 0),
        ("max(has(m.score) && source == 'wikipedia')", 3),
        ("max(text.bytes)", 3),
        ("{priority: {field: source, order: [wikipedia, books]}}", 3),
        ("{priority: {field: source, order: [web, books]}}", 1),
        ("[{priority: {field: source, order: [books]}}, oldest]", 1),
        ("[{priority: {field: source, order: [books]}}, last]", 4),
        ("{priority: {field: meta.dump, order: [c, a]}}", 4),
        ("{priority: {field: meta.dump, order: [z]}}", 0),
        ("[{priority: {field: meta.dump, order: [z]}}, longest]", 2),
        ("[first]", 0),
    ] {
        assert_eq!(kept(policy, &documents), expected, "{policy}");
    }
}

#[test]
fn what_lacks_a_value_loses_and_the_first_of_equals_stays() {
    let documents = [("a", "{}", "", None), ("a", "{}", "", None), ("a", "{}", "x", Some(-1e300))];
    for policy in ["max(m.score)", "min(m.score)", "{priority: {field: source, order: [y]}}"] {
        assert_eq!(kept(policy, &documents), 2, "{policy}");
        assert_eq!(kept(policy, &documents[..2]), 0, "{policy}");
    }
    assert_eq!(kept("newest", &documents), 0);
}

#[test]
fn a_policy_that_is_none_is_refused() {
    let error = |policy: &str| match serde_saphyr::from_str::<Policy>(policy) {
        Ok(policy) => Keep::new(&policy).map(|_| ()).unwrap_err(),
        Err(error) => error.to_string(),
    };
    for (policy, part) in [
        ("longst", "did you mean `longest`?"),
        ("zzzz", "known are first, last"),
        ("m.score", "max(…)"),
        ("max(m.score", "column 12"),
        ("max(m.score, 1)", "one quantity"),
        ("abs(m.score)", "neither max(…) nor min(…)"),
        ("max(langage)", "did you mean `language`?"),
        ("[]", "the list is empty"),
        ("[first, longest]", "nothing behind `first`"),
        ("[longest, last, newest]", "nothing behind `last`"),
        (
            "[longest, longest, longest, longest, longest, longest, newest]",
            "7 criteria are too many",
        ),
        ("{priority: {field: source, order: []}}", "a field and an order"),
        ("{priority: {field: source, order: [a, b, a]}}", "the value `a` twice"),
        ("{priority: {field: source}}", "order"),
        ("{priority: {field: source, order: [a], x: 1}}", "`x`"),
        ("{longest: true}", "`longest`"),
        ("7", "`first`, `last`"),
        ("[[longest]]", "`first`, `last`"),
    ] {
        let error = error(policy);
        assert!(error.contains(part), "{policy}: {error}");
    }
}

#[test]
fn metrics_are_looked_for_in_the_stages_before() {
    let metric = |name| Metric { name, kind: MetricKind::Float, unit: "", meaning: "" };
    let policy: Policy = serde_saphyr::from_str(
        "[max(langid.score + m.a), longest, {priority: {field: langid.label, order: [en]}}]",
    )
    .unwrap();
    let keep = Keep::new(&policy).unwrap();
    assert_eq!(keep.reads(), ["langid.score", "m.a", "langid.label"]);
    assert_eq!(keep.stream().map(|stream| stream.width), Some(32));
    assert_eq!(keep.check(&[metric("langid.score"), metric("m.a")]), Ok(()));
    let error = keep.check(&[metric("langid.scores"), metric("m.a")]).unwrap_err();
    assert!(error.starts_with("keep, column 5: ") && error.contains("`langid.scores`?"), "{error}");
    assert_eq!(Keep::new(&Policy::default()).unwrap().stream(), None);
    let config = Config { keep: policy, ..Config::default() };
    let barrier = ExactDedup::new(&config).unwrap();
    assert!(barrier.check(&[metric("m.a")]).is_err());
    assert_eq!(barrier.reads(), ["langid.score", "m.a", "langid.label"]);
}

#[test]
fn policies_are_written_as_they_are_read() {
    for policy in ["first", "[longest, max(a.b)]", "{priority: {field: source, order: [a]}}"] {
        let read: Policy = serde_saphyr::from_str(policy).unwrap();
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&written).unwrap(), read, "{written}");
    }
    assert_eq!(serde_json::to_string(&Policy::default()).unwrap(), "\"first\"");
    let schema = serde_json::to_string(&schemars::schema_for!(Policy)).unwrap();
    for word in WORDS.into_iter().chain(["max(langid.score)", "priority", "minItems"]) {
        assert!(schema.contains(word), "{word}: {schema}");
    }
}

proptest! {
    #[test]
    fn numbers_keep_their_order(a in any::<f64>(), b in any::<f64>()) {
        prop_assume!(!a.is_nan() && !b.is_nan());
        let of = |extreme, number| directed(extreme, Some(ordered(number)));
        let order = a.partial_cmp(&b);
        prop_assert_eq!(of(Extreme::Least, a).partial_cmp(&of(Extreme::Least, b)), order);
        let turned = of(Extreme::Greatest, b).partial_cmp(&of(Extreme::Greatest, a));
        prop_assert_eq!(turned, order);
        prop_assert!(of(Extreme::Greatest, a) < MISSING && of(Extreme::Least, a) < MISSING);
    }
}
