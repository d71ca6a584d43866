//! The program equals what the original ROOTS programs do to catalogued sources and to code: texts
//! to the last byte, measures to the last bit.

mod common;

use common::{PASS_THROUGH, Workspace, parse};
use serde_json::{Value, json};

fn cases(text: &str) -> Vec<Value> {
    text.lines().map(|line| parse(line.as_bytes())).collect()
}

/// The one record that is left of a run, and the rule that it was dropped for.
fn outcome(workspace: &Workspace, stage: &Value, record: &Value) -> (Value, Value) {
    let mut pipeline = json!({"name": "golden", "stages": [stage]});
    pipeline["output"] = json!({"compression": "none", "keep_dropped": true});
    // JSON is YAML.
    workspace.write("pipeline.yaml", pipeline.to_string());
    workspace.write("input.jsonl", format!("{record}\n"));
    workspace.call("run pipeline.yaml --input input.jsonl --output out").exits(0);
    let kept = workspace.records("out/data");
    if let Some(record) = kept.first() {
        return (record.clone(), Value::Null);
    }
    let dropped = workspace.records("out/dropped");
    let record = dropped.first().expect("a record").clone();
    let reason = record["dropped"]["reason"].clone();
    (record, reason)
}

#[test]
fn run_cleans_as_the_operations_of_roots_did() {
    let words = "le\nla\nde\net\ndans\nest\nque\n";
    let cases = cases(include_str!("golden/catalogue.jsonl"));
    assert!(cases.len() >= 20);
    for case in &cases {
        let workspace = Workspace::new();
        workspace.write("words/fr.txt", words);
        let stage =
            json!({"roots_catalogue": {"operations": case["operations"], "stopwords": "words"}});
        let as_object = case["meta"].clone();
        // As ROOTS had it: the text that Python writes for a dict.
        let title = case["meta"]["title"].as_str().unwrap_or_default();
        let kind = case["meta"]["type"].as_str().unwrap_or_default();
        let as_string = json!(format!("{{'title': \"{title}\", 'type': '{kind}'}}"));
        for meta in [as_object, as_string] {
            let record = json!({"id": "case", "text": case["text"], "meta": meta});
            let workspace = &workspace;
            let _ = std::fs::remove_dir_all(workspace.path("out"));
            let (record, reason) = outcome(workspace, &stage, &record);
            match case["dropped_for"].as_str() {
                Some(rule) => assert_eq!(reason, format!("roots_catalogue.{rule}"), "{case}"),
                None => assert_eq!(reason, Value::Null, "{case}"),
            }
            assert_eq!(record["text"], case["expected"], "{case}");
        }
    }
}

#[test]
fn score_equals_the_measures_of_code_to_the_last_bit() {
    let cases = cases(include_str!("golden/code.jsonl"));
    let workspace = Workspace::new();
    let record = |(number, case): (usize, &Value)| {
        let meta =
            format!("{{'path': 'a.py', 'license': '{}'}}", case["license"].as_str().unwrap());
        format!("{}\n", json!({"id": number.to_string(), "text": case["text"], "meta": meta}))
    };
    workspace.write("input.jsonl", cases.iter().enumerate().map(record).collect::<String>());
    workspace.write("pipeline.yaml", "name: golden\nstages: [{code: {variant: \"2022\"}}]\n");
    workspace.call("score pipeline.yaml --input input.jsonl --output scores.jsonl").exits(0);
    let scores = workspace.read("scores.jsonl");
    let scores: Vec<Value> =
        scores.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).map(parse).collect();
    assert_eq!(scores.len(), cases.len());
    for (case, score) in cases.iter().zip(&scores) {
        for (measure, expected) in case["measures"].as_object().expect("measures") {
            let measured = &score[format!("code.{measure}")];
            match expected.as_i64() {
                Some(expected) => assert_eq!(measured, expected, "{measure} {case}"),
                None => {
                    let (measured, expected) = (measured.as_f64(), expected.as_f64());
                    assert_eq!(
                        measured.map(f64::to_bits),
                        expected.map(f64::to_bits),
                        "{measure} {case}"
                    );
                }
            }
        }
        assert_eq!(score["code.license"], case["license"]);
        assert_eq!(score["code.language"], "Python");
    }

    workspace
        .write("run.yaml", format!("{PASS_THROUGH}stages: [{{code: {{variant: \"2022\"}}}}]\n"));
    workspace.call("run run.yaml --input input.jsonl --output out").exits(0);
    let kept: Vec<Value> = workspace.records("out/data").iter().map(|r| r["id"].clone()).collect();
    let expected: Vec<Value> = (0..cases.len())
        .filter(|&number| cases[number]["kept_2022"] == true)
        .map(|number| json!(number.to_string()))
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(kept, expected);
}

#[test]
fn check_names_the_nearest_operation_and_prints_what_it_was_given() {
    let workspace = Workspace::new();
    let pipeline = |operations: &str| {
        format!("{PASS_THROUGH}stages: [{{roots_catalogue: {{operations: [{operations}]}}}}]\n")
    };
    workspace.write("wrong.yaml", pipeline("remove_html_span"));
    workspace.write("input.jsonl", "{\"id\":\"a\",\"text\":\"b\"}\n");
    workspace
        .call("check wrong.yaml")
        .exits(2)
        .says(&["operations.0", "did you mean `remove_html_spans`?"]);
    workspace.write("barrier.yaml", pipeline("dedup_document"));
    workspace.call("check barrier.yaml").exits(2).says(&["exact_dedup: {normalize: roots}"]);
    workspace
        .write("mixed.yaml", pipeline("remove_html_spans, {remove_references: {language: fr}}"));
    workspace.call("run mixed.yaml --input input.jsonl --output out").exits(0);
    let printed = String::from_utf8(workspace.read("out/pipeline.yaml")).expect("UTF-8");
    assert!(printed.contains("- remove_html_spans\n"), "{printed}");
    // What was stored is a pipeline, and the same one: the output is its own.
    workspace.write("stored.yaml", printed);
    workspace.call("check stored.yaml").exits(0);
}
