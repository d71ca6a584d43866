//! What the shipped rules find in the frozen part of the gold set, and what `pii-eval` says of it.
//!
//! `tests/golden/pii_gold.jsonl` is written by `python3 benches/pii_gold.py FILE --every 37`.

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use common::{Workspace, project};
use sapwood::fit::pii::{self, Evaluation, Gold};
use sapwood::pii::engine::{Engine, Options};
use sapwood::pii::rules::Rules;

/// What the frozen part holds, so that it can't shrink unnoticed.
const DOCUMENTS: u64 = 142;
const LABELS: u64 = 120;
const TAGS: usize = 15;

fn path() -> PathBuf {
    project().join("tests/golden/pii_gold.jsonl")
}

/// A folder in which the frozen part is called `gold.jsonl`.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("gold.jsonl", std::fs::read(path()).unwrap());
    workspace
}

fn gold() -> Vec<Gold> {
    pii::read(&path()).unwrap()
}

fn engine() -> Engine {
    Engine::new(&Rules::shipped().unwrap(), &Options::default()).unwrap()
}

/// By the tags for which there are rules.
fn judged(gold: &[Gold]) -> Evaluation {
    let engine = engine();
    let tags = engine.tags().into_iter().map(str::to_owned).collect();
    pii::evaluate(gold, &tags, |it| {
        pii::found(&it.text, &engine.find(&it.text, Some(&it.language)))
    })
}

#[test]
fn the_shipped_rules_find_nearly_all_and_little_else() {
    let evaluation = judged(&gold());
    let overall = evaluation.overall;
    assert_eq!(evaluation.documents, DOCUMENTS);
    let (missed, mistaken) = (&evaluation.missed, &evaluation.mistaken);
    assert!(overall.recall >= 0.98, "recall {}: {missed:#?}", overall.recall);
    assert!(overall.precision >= 0.97, "precision {}: {mistaken:#?}", overall.precision);
}

#[test]
fn the_frozen_part_has_all_tags_and_many_languages() {
    let gold = gold();
    let engine = engine();
    let tags: BTreeSet<&str> = gold
        .iter()
        .flat_map(|it| &it.spans)
        .filter(|label| label.valid == Some(true))
        .map(|label| label.tag.as_str())
        .collect();
    let without: Vec<_> = engine.tags().into_iter().filter(|tag| !tags.contains(tag)).collect();
    assert!(without.is_empty() && tags.len() == TAGS, "{without:?} of {tags:?}");
    let labels = gold.iter().flat_map(|it| &it.spans).filter(|it| it.valid == Some(true));
    assert_eq!((gold.len() as u64, labels.count() as u64), (DOCUMENTS, LABELS));
    let languages: BTreeSet<&str> = gold.iter().map(|it| it.language.as_str()).collect();
    assert!(languages.len() >= 20, "{languages:?}");
    let decoys = gold.iter().flat_map(|it| &it.spans).filter(|label| label.valid == Some(false));
    assert!(decoys.count() >= 50);
}

#[test]
fn an_evaluation_shows_no_value() {
    let gold = gold();
    let workspace = workspace();
    for call in ["pii-eval --gold gold.jsonl", "pii-eval --gold gold.jsonl --json"] {
        let output = workspace.call(call).exits(0).stdout;
        assert!(output.contains("NATIONAL_ID") && output.contains("precision"));
        for document in &gold {
            for label in &document.spans {
                let length = label.end - label.start;
                let value: String = document.text.chars().skip(label.start).take(length).collect();
                // What is shorter could stand there by chance.
                assert!(value.chars().count() < 6 || !output.contains(&value), "{}", document.id);
            }
        }
    }
}

#[test]
fn what_another_program_found_is_judged_alike() {
    let workspace = workspace();
    let gold = gold();
    let lines: Vec<String> = gold
        .iter()
        .map(|document| {
            let valid = document.spans.iter().filter(|label| label.valid == Some(true));
            let spans: Vec<_> = valid
                .map(|label| {
                    serde_json::json!({"tag": label.tag, "start": label.start, "end": label.end})
                })
                .collect();
            serde_json::json!({"id": document.id, "spans": spans}).to_string()
        })
        .collect();
    workspace.write("found.jsonl", lines.join("\n"));
    let judge = |tags: &str| {
        let call = format!("pii-eval --gold gold.jsonl --found found.jsonl --json {tags}");
        let output = workspace.call(&call).exits(0).stdout;
        serde_json::from_str::<serde_json::Value>(&output).unwrap()
    };
    let all = judge("");
    assert_eq!(all["overall"]["found"], LABELS);
    assert_eq!(all["overall"]["exact"], LABELS);
    assert_eq!(all["overall"]["f1"], 1.0);
    let some = judge("--tags EMAIL,IBAN");
    assert_eq!(some["tags"].as_object().unwrap().len(), 2);
    assert_eq!(some["overall"]["recall"], 1.0);
}

#[test]
fn wrong_calls_are_refused_with_a_reason() {
    let workspace = workspace();
    for (wrong, reason) in [
        ("--tags EMIAL", "EMAIL"),
        ("--threshold 7", "0 to 1"),
        ("--rules no-such-file.yaml", "no-such-file.yaml"),
        ("--rules x.yaml --found y.jsonl", "--found"),
    ] {
        workspace.call(&format!("pii-eval --gold gold.jsonl {wrong}")).exits(2).says(&[reason]);
    }
    workspace.call("pii-eval --gold nothing.jsonl").exits(1).says(&["nothing.jsonl"]);
}

#[test]
fn rules_of_ones_own_are_judged() {
    let workspace = workspace();
    workspace.write("mine.yaml", "rules:\n  - {name: email, enabled: false}\n");
    let call = workspace.call("pii-eval --gold gold.jsonl --rules mine.yaml --json").exits(0);
    let evaluation: serde_json::Value = serde_json::from_str(&call.stdout).unwrap();
    let plain = judged(&gold());
    let found = evaluation["tags"]["EMAIL"]["found"].as_u64().unwrap();
    assert!(found < plain.tags["EMAIL"].found, "{found}");
    assert_eq!(evaluation["tags"]["IBAN"]["found"], plain.tags["IBAN"].found);
}
