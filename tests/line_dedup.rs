//! Deduplication of documents and lines through the program: as the originals did it, the same in
//! any number of threads, and with counts that add up.

mod common;

use std::collections::BTreeMap;

use common::{Workspace, assert_adds_up, assert_same, fixed_part, parse};
use serde_json::{Value, json};

/// Runs stages over records; what is kept and what is dropped, by id.
fn run(
    workspace: &Workspace,
    stages: &Value,
    records: &[Value],
    arguments: &str,
) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let lines = stages.to_string().contains("line_dedup");
    let metrics: &[&str] = if lines { &["line_dedup.*"] } else { &[] };
    let pipeline = json!({
        "name": "lines",
        "stages": stages,
        "output": {"compression": "none", "keep_dropped": true, "metrics": metrics},
    });
    // JSON is YAML.
    workspace.write("pipeline.yaml", pipeline.to_string());
    // Two shards, of which the second goes on where the first ends.
    let (one, two) = records.split_at(records.len() / 2);
    for (name, records) in [("input/0.jsonl", one), ("input/1.jsonl", two)] {
        let lines = records.iter().map(|record| format!("{record}\n"));
        workspace.write(name, lines.collect::<String>());
    }
    let call = format!("run pipeline.yaml --input input --output out {arguments}");
    workspace.call(&call).exits(0);
    assert_adds_up(&workspace.summary("out"));
    let by_id = |folder: &str| {
        let records = workspace.records(folder).into_iter();
        records.map(|record| (record["id"].as_str().expect("an id").to_owned(), record)).collect()
    };
    (by_id("out/data"), by_id("out/dropped"))
}

#[test]
fn the_program_removes_what_the_originals_did() {
    let cases: Vec<Value> =
        include_str!("golden/dedup.jsonl").lines().map(|line| parse(line.as_bytes())).collect();
    assert!(cases.len() >= 7);
    for case in &cases {
        let workspace = Workspace::new();
        let records = case["records"].as_array().expect("records");
        let (kept, dropped) = run(&workspace, &json!([case["stage"]]), records, "");
        for (record, expected) in records.iter().zip(case["expected"].as_array().expect("texts")) {
            let id = record["id"].as_str().expect("an id");
            match expected.is_null() {
                false => assert_eq!(kept[id]["text"], *expected, "{case}"),
                true => assert!(dropped.contains_key(id), "{id} of {case}"),
            }
        }
        assert_eq!(kept.len() + dropped.len(), records.len());
    }
}

fn records() -> Vec<Value> {
    let paragraph = |number: usize| format!("Paragraph {number} is long enough to be compared.");
    (0..60)
        .map(|number| {
            let text = match number % 6 {
                // The same document again and again.
                0 => "Always the same document, with one line.".to_owned(),
                // Of nothing but what others had.
                1 if number > 6 => format!("{}\n{}", paragraph(number - 5), paragraph(number - 4)),
                _ => format!("{}\n\n{}\nnew {number}", paragraph(number), paragraph(number % 7)),
            };
            json!({"id": number.to_string(), "text": text})
        })
        .collect()
}

#[test]
fn documents_then_lines_and_the_counts_add_up() {
    let workspace = Workspace::new();
    let records = records();
    let stages = json!([
        {"exact_dedup": {"normalize": "none"}},
        {"line_dedup": {}},
    ]);
    let (kept, dropped) = run(&workspace, &stages, &records, "");
    assert_eq!(kept.len() + dropped.len(), 60);
    let reason =
        |record: &Value| record["dropped"]["reason"].as_str().expect("a reason").to_owned();
    let mut reasons = BTreeMap::<String, u64>::new();
    for record in dropped.values() {
        *reasons.entry(reason(record)).or_default() += 1;
        // What stands in its stead is there.
        let other = &record["dropped"]["duplicate_of"];
        let number = |name: &str| other[name].as_u64().expect("a number");
        let other = 30 * number("shard") + number("record");
        assert!(kept.contains_key(&other.to_string()), "{record}");
    }
    assert_eq!(reasons["exact_dedup.duplicate"], 9);
    assert_eq!(reasons["line_dedup.empty"], 9);
    let summary = workspace.summary("out");
    let stages = summary["stages"].as_array().expect("stages");
    assert_eq!(stages[0]["in"], 60);
    assert_eq!(stages[1]["in"], 51);
    assert_eq!(stages[1]["dropped"], 9);
    let removed = stages[1]["text_removed"].as_u64().expect("bytes");
    let told: u64 = kept
        .values()
        .filter_map(|record| record["metrics"]["line_dedup.removed_characters"].as_u64())
        .sum();
    assert!(removed > 0);
    assert_eq!(told, removed);
    // No paragraph is there twice.
    let mut seen = std::collections::HashSet::new();
    for record in kept.values() {
        for line in record["text"].as_str().expect("a text").lines().filter(|it| it.len() >= 30) {
            assert!(seen.insert(line.to_owned()), "{line}");
        }
    }
    assert!(stages[1]["measures"]["repeated_lines"].as_f64().expect("a number") > 0.0);
}

#[test]
fn threads_change_nothing() {
    let stages = json!([
        {"line_dedup": {"mode": "boilerplate", "group_by": "site", "max_pages": 3}},
        {"line_dedup": {"approximate": true, "expected": 50, "error_rate": 0.05}},
        {"line_dedup": {"mode": "sentences", "unit": "lines", "span": 1, "min_words": 0}},
    ]);
    let records: Vec<Value> = records()
        .into_iter()
        .enumerate()
        .map(|(number, mut record)| {
            record["site"] = json!(number % 3);
            record
        })
        .collect();
    let outputs: Vec<_> = ["--threads 1", "--threads 4"]
        .map(|threads| {
            let workspace = Workspace::new();
            run(&workspace, &stages, &records, threads);
            let summary = workspace.summary("out");
            assert!(
                summary["stages"][1]["measures"]["bloom_fill"].as_f64().expect("a share") > 0.0
            );
            fixed_part(&workspace.path("out"))
        })
        .into();
    assert_same(&outputs[0], &outputs[1]);
}
