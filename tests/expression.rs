//! Conditions over what other stages measure, a classifier's score among it.

mod common;

use common::{Workspace, project};

const DOCUMENTS: &str = concat!(
    r#"{"id":"a","text":"the river was high, write to me@example.org","language":"en","meta":{"stars":5}}"#,
    "\n",
    r#"{"id":"b","text":"the river","language":"en","meta":{"stars":2}}"#,
    "\n",
    r#"{"id":"c","text":"la maison bleue","language":"fr","meta":{"stars":5}}"#,
    "\n",
    r#"{"id":"d","text":"the river was high","language":"en"}"#,
    "\n",
);

const RUN: &str = "run pipeline.yaml --input input.jsonl --output out";

fn workspace(stages: &str) -> Workspace {
    let workspace = Workspace::new();
    let model = project().join("tests/data/fasttext/softmax-quantized.ftz");
    workspace.write("models/small.ftz", std::fs::read(model).expect("a model"));
    workspace.write("pipeline.yaml", format!("stages:\n{stages}"));
    workspace.write("input.jsonl", DOCUMENTS);
    workspace
}

fn ids(workspace: &Workspace) -> Vec<String> {
    let records = workspace.records("out/data");
    records.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn an_expression_reads_metrics_and_fields() {
    let workspace = workspace(concat!(
        "  - pii: {}\n",
        "  - expression: {keep_if: \"language == 'en' && (pii.email > 0 || text.characters < 10)\"}\n",
        "  - exact_dedup: {}\n",
        "  - expression:\n      name: stars\n      drop_if: 'pii.email == 0 && field(\"meta.stars\") < 3'\n",
        "output: {metrics: ['expression.*'], keep_dropped: true}\n",
    ));
    workspace.call("check pipeline.yaml").exits(0);
    workspace.call(RUN).exits(0);
    assert_eq!(ids(&workspace), ["a"]);
    let summary = workspace.summary("out");
    assert_eq!(summary["stages"][1]["reasons"]["expression.expression"], 2);
    assert_eq!(summary["stages"][3]["name"], "expression#2");
    assert_eq!(summary["stages"][3]["reasons"]["expression.stars"], 1);
    let kept = &workspace.records("out/data")[0];
    let written = kept.to_string();
    assert!(written.contains("\"expression.expression\":1"), "{written}");
    assert!(written.contains("\"expression.stars\":0"), "{written}");

    let call = workspace.call("explain pipeline.yaml --text hello --language en").exits(0);
    assert!(call.stdout.contains("expression.stars"), "{}", call.stdout);
}

#[test]
fn a_wrong_expression_is_shown_with_its_column_and_the_nearest_metric() {
    for (expression, parts) in [
        (
            "keep_if: pii.emial > 0",
            &[
                "stages.1 (expression)",
                "keep_if, column 1",
                "^^^^^^^^^",
                "did you mean `pii.email`?",
            ][..],
        ),
        ("drop_if: true && pii.email == 'x'", &["drop_if, column 9", "a number with a text"]),
        ("keep_if: langid.score > 0.5", &["no stage before this one has a metric `langid.score`"]),
        ("keep_if: pii.email >", &["keep_if, column 12", "the expression ends"]),
        ("keep_if: matches(text, '(')", &["keep_if, column 15", "no regular expression"]),
        ("name: x", &["either keep_if or drop_if"]),
    ] {
        let workspace = workspace(&format!(
            "  - pii: {{}}\n  - expression:\n      {expression}\n  - langid: {{}}\n",
        ));
        std::fs::copy(project().join("models/lid.176.ftz"), workspace.path("models/lid.176.ftz"))
            .expect("a model");
        for command in ["check pipeline.yaml", RUN] {
            let call = workspace.call(command).exits(2).says(parts);
            assert!(call.stdout.is_empty(), "{}", call.stdout);
        }
        assert!(!workspace.path("out").exists());
    }
}

#[test]
fn two_classifiers_and_an_expression_over_both() {
    let workspace = workspace(concat!(
        "  - classify: {model: models/small.ftz, name: english, label: en}\n",
        "  - classify: {model: models/small.ftz, name: french, label: __label__fr, unit: line}\n",
        "  - expression: {keep_if: 'classify.english > classify.french', name: more_english}\n",
        "output: {metrics: ['classify.*', 'expression.*'], keep_dropped: true}\n",
    ));
    let call = workspace.call("check pipeline.yaml").exits(0);
    assert!(call.stdout.contains("small.ftz"), "{}", call.stdout);
    workspace.call(RUN).exits(0);
    let mut seen = 0;
    for (folder, kept) in [("out/data", true), ("out/dropped", false)] {
        for record in workspace.records(folder) {
            let score = |name: &str| find(&record, name).expect("a score");
            assert_eq!(score("classify.english") > score("classify.french"), kept, "{record}");
            assert_eq!(score("expression.more_english"), f64::from(u8::from(kept)));
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
    workspace.call("score pipeline.yaml --input input.jsonl --output scores.jsonl").exits(0);
    let scores = String::from_utf8(workspace.read("scores.jsonl")).expect("text");
    for name in ["classify.english", "classify.french_label", "expression.more_english"] {
        assert!(scores.contains(name), "{scores}");
    }
}

#[test]
fn a_classifier_must_have_its_label_and_a_name_of_its_own() {
    for (stages, parts) in [
        (
            "  - classify: {model: models/small.ftz, label: enn}\n",
            &["no label `enn`", "did you"][..],
        ),
        ("  - classify: {model: models/none.ftz}\n", &["models/none.ftz", "is not there"]),
        ("  - classify: {}\n", &["name a fastText model"]),
        (
            concat!(
                "  - classify: {model: models/small.ftz, label: en}\n",
                "  - classify: {model: models/small.ftz, label: fr}\n",
            ),
            &["stages.1 (classify#2)", "a metric `classify.quality` already"],
        ),
    ] {
        workspace(stages).call("check pipeline.yaml").exits(2).says(parts);
    }
}

/// A number anywhere in a record, by its key.
fn find(record: &serde_json::Value, key: &str) -> Option<f64> {
    let object = record.as_object()?;
    match object.get(key).and_then(|value| value.as_f64()) {
        Some(number) => Some(number),
        None => object.values().find_map(|value| find(value, key)),
    }
}
