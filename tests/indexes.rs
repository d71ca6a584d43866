//! Indexes of earlier runs, taking documents back from them, and the view of clusters.

mod common;

use common::{Workspace, assert_adds_up};
use serde_json::Value;

fn lines(documents: &[(&str, &str)]) -> String {
    documents
        .iter()
        .map(|(id, text)| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n"))
        .collect()
}

fn pipeline(parameters: &str) -> String {
    format!("name: x\ninput: {{paths: [none]}}\nstages:\n  - exact_dedup: {{{parameters}}}\n")
}

/// Runs a pipeline over documents; what is kept and what is dropped.
fn run(
    workspace: &Workspace,
    name: &str,
    parameters: &str,
    documents: &[(&str, &str)],
) -> (Vec<String>, Vec<Value>) {
    workspace.write(&format!("{name}.jsonl"), lines(documents));
    workspace.write(&format!("{name}.yaml"), pipeline(parameters));
    workspace
        .call(&format!("run {name}.yaml --input {name}.jsonl --output {name} --keep-dropped"))
        .exits(0);
    assert_adds_up(&workspace.summary(name));
    let kept = workspace.records(&format!("{name}/data"));
    let ids = kept.iter().filter_map(|record| record["id"].as_str().map(str::to_owned)).collect();
    (ids, workspace.records(&format!("{name}/dropped")))
}

const FIRST: &[(&str, &str)] = &[("a", "apple"), ("b", "apple"), ("c", "cherry")];

#[test]
fn every_copy_of_what_an_index_has_is_removed_and_names_the_document_that_was_kept() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: indexes/one", FIRST);
    run(&workspace, "two", "index: indexes/two", &[("d", "date"), ("e", "elder")]);
    let (kept, dropped) = run(
        &workspace,
        "three",
        "against: [indexes/one, indexes/two]",
        &[("f", "fig"), ("g", "date"), ("h", "apple"), ("i", "date"), ("j", "fig"), ("k", "kiwi")],
    );
    assert_eq!(kept, ["f", "k"]);
    let of: Vec<(&str, String)> = dropped
        .iter()
        .map(|record| {
            let of = &record["dropped"]["duplicate_of"];
            (record["id"].as_str().unwrap_or_default(), of.to_string())
        })
        .collect();
    let two = r#"{"index":"indexes/two","shard":"two.jsonl","record":0}"#.to_owned();
    let one = r#"{"index":"indexes/one","shard":"one.jsonl","record":0}"#.to_owned();
    let own = r#"{"shard":0,"record":0}"#.to_owned();
    assert_eq!(of, [("g", two.clone()), ("h", one), ("i", two), ("j", own)]);
}

#[test]
fn documents_that_are_taken_back_remove_nothing_and_neither_do_their_copies() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: one-index", FIRST);
    workspace.call("index drop one-index --id nobody").exits(2).says(&["no document", "nobody"]);
    // `b` had been removed for `a`, so that nobody has its text either.
    let told = workspace.call("index drop one-index --id a").exits(0);
    assert!(told.stdout.contains("took 1 documents back and 1 copies"), "{}", told.stdout);
    assert!(workspace.call("index drop one-index --id a").exits(0).stdout.contains("took 0"));
    let (kept, _) = run(
        &workspace,
        "two",
        "against: [one-index]",
        &[("p", "apple"), ("q", "cherry"), ("r", "apple")],
    );
    assert_eq!(kept, ["p"]);
    let shown = workspace.call("index show one-index --verify").exits(0).stdout;
    assert!(shown.contains("2 of them taken back") && shown.contains("whole"), "{shown}");
    workspace.call("index drop one-index --shard one.json").exits(2).says(&["did you mean"]);
    workspace.call("index drop one-index --shard one.jsonl").exits(0);
    let (kept, _) = run(&workspace, "three", "against: [one-index]", &[("q", "cherry")]);
    assert_eq!(kept, ["q"]);
}

#[test]
fn ids_come_from_a_file_of_records_or_lines() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: ix", FIRST);
    workspace.write("ids.txt", "c\n\n{\"id\":\"a\",\"text\":\"…\"}\n");
    let told = workspace.call("index drop ix --ids ids.txt").exits(0).stdout;
    assert!(
        told.contains("took 2 documents back and 1 copies") && told.contains("0 are left"),
        "{told}"
    );
    workspace.write("wrong.txt", "a\n{\"text\":\"…\"}\n");
    workspace.call("index drop ix --ids wrong.txt").exits(2).says(&["wrong.txt, line 2"]);
}

#[test]
fn what_an_index_does_not_fit_is_refused_before_anything_is_read() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: ix", FIRST);
    workspace.write("in.jsonl", lines(FIRST));
    let refuse = |parameters: &str, parts: &[&str]| {
        workspace.write("p.yaml", pipeline(parameters));
        workspace.call("run p.yaml --input in.jsonl --output out").exits(2).says(parts);
    };
    refuse("against: [none]", &["none is no index"]);
    refuse("normalize: none, against: [ix]", &["ix", "normalize"]);
    refuse("against: [ix, ix]", &["twice"]);
    refuse("index: ix", &["ix", "another run"]);
    let path = workspace.path("ix/stream-0.records");
    let bytes = std::fs::read(&path).expect("records");
    std::fs::write(&path, &bytes[1..]).expect("fewer");
    refuse("against: [ix]", &["stream-0.records", "damaged"]);
}

#[test]
fn a_run_that_is_repeated_leaves_its_index_and_an_index_that_changed_is_another_run() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: ix", FIRST);
    let before = workspace.read("ix/index.json");
    run(&workspace, "one", "index: ix", FIRST);
    assert_eq!(workspace.read("ix/index.json"), before);
    // In another place, by other threads, the files are the same.
    workspace.write("again.yaml", pipeline("index: ix"));
    std::fs::rename(workspace.path("ix"), workspace.path("ix-before")).expect("renamed");
    workspace.call("run again.yaml --input one.jsonl --output again --threads 3").exits(0);
    for file in ["documents.records", "kept.records", "stream-0.records"] {
        assert_eq!(
            workspace.read(&format!("ix/{file}")),
            workspace.read(&format!("ix-before/{file}")),
            "{file}"
        );
    }
    run(&workspace, "two", "against: [ix]", &[("x", "apple")]);
    workspace.call("index drop ix --id a").exits(0);
    workspace
        .call("run two.yaml --input two.jsonl --output two --keep-dropped")
        .exits(2)
        .says(&["belongs to another run", "index"]);
}

#[test]
fn clusters_are_shown_with_their_members() {
    let workspace = Workspace::new();
    run(&workspace, "one", "index: ix", FIRST);
    let table = workspace.call("clusters one").exits(0).stdout;
    assert!(table.contains("1 cluster") && table.contains("one.jsonl, record 0"), "{table}");
    let one = workspace.call("clusters one --id b").exits(0).stdout;
    assert!(one.contains("stays") && one.contains("1.000"), "{one}");
    let json = workspace.call("clusters one --cluster 0 --json").exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[0]["size"], 2);
    assert_eq!(json[0]["members"][1]["id"], "b");
    assert!(workspace.call("clusters one --id c").exits(0).stdout.contains("no duplicate"));
    workspace.call("clusters one --id z").exits(1).says(&["no document", "z"]);
    workspace.call("clusters one --cluster 99").exits(1).says(&["no cluster"]);
    run(&workspace, "two", "against: [ix]", &[("x", "apple")]);
    let two = workspace.call("clusters two --id x").exits(0).stdout;
    assert!(two.contains("ix: one.jsonl, record 0"), "{two}");
    workspace.call("clusters nowhere").exits(1).says(&["no output of sapwood"]);
}
