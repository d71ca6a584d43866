//! Folders are named by values from the data, and no value leads out of the output.

mod common;

use std::collections::BTreeMap;

use common::{Workspace, assert_adds_up, files, lines_of, parse};
use serde_json::json;

#[test]
fn no_value_leads_out_of_the_output() {
    let workspace = Workspace::new();
    let long = "x".repeat(5000);
    let values = [
        "../../evil",
        "..",
        ".",
        "",
        "a/b",
        "/etc/passwd",
        "a\\b",
        "C:\\evil",
        "nul\u{0}byte",
        "line\nbreak",
        "~",
        "-rf",
        "a%2Fb",
        "é",
        "e\u{301}",
        "en",
        "EN",
        &long,
        &format!("{long}y"),
    ];
    let mut records = String::new();
    for (number, value) in values.iter().enumerate() {
        let record = json!({"id": number.to_string(), "text": "x", "place": {"name": value}});
        records.push_str(&format!("{record}\n"));
    }
    records.push_str("{\"id\":\"none\",\"text\":\"x\"}\n");
    records.push_str("{\"id\":\"null\",\"text\":\"x\",\"place\":{\"name\":null}}\n");
    records.push_str("{\"id\":\"object\",\"text\":\"x\",\"place\":{\"name\":{\"a\":\"../..\"}}}\n");
    workspace.write("deep/er/input.jsonl", records);
    workspace.write(
        "deep/er/pipeline.yaml",
        "stages:\n  - exact_dedup: {}\noutput: {compression: none, partition_by: place.name}\n"
            .replace("  - exact_dedup: {}\n", "  - normalize: {}\n"),
    );
    let before = files(&workspace.path("."));
    workspace
        .call("run deep/er/pipeline.yaml --input deep/er/input.jsonl --output deep/er/out/put")
        .exits(0);
    let output = workspace.path("deep/er/out/put");
    for path in files(&workspace.path(".")) {
        let inside = path.starts_with(workspace.path("./deep/er/out/put"));
        assert!(inside || before.contains(&path), "{}", path.display());
    }
    assert_adds_up(&workspace.summary("deep/er/out/put"));
    // Only what a folder's name may hold, and one folder a value.
    let mut folders = BTreeMap::<String, Vec<String>>::new();
    for path in files(&output.join("data")) {
        let below = path.strip_prefix(output.join("data")).expect("below");
        let parts: Vec<String> =
            below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let [folder, file] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!(file, "part-00000.jsonl");
        assert!(folder.len() <= 255 && !folder.starts_with('.'), "{folder}");
        for line in lines_of(&path) {
            let id = parse(&line)["id"].as_str().expect("an id").to_owned();
            folders.entry(folder.clone()).or_default().push(id);
        }
    }
    let unknown = folders.remove("unknown").expect("documents without a value");
    assert!(unknown.contains(&"3".to_owned()) && unknown.contains(&"none".to_owned()));
    assert!(unknown.contains(&"null".to_owned()));
    for (folder, ids) in &folders {
        assert_eq!(ids.len(), 1, "{folder}");
    }
    let documents: usize = folders.values().map(Vec::len).sum::<usize>() + unknown.len();
    assert_eq!(documents, values.len() + 3);
    assert_eq!(folders.get("en"), Some(&vec!["15".to_owned()]));
}

#[test]
fn a_metric_and_a_language_partition_too() {
    let workspace = Workspace::new();
    workspace.write(
        "input.jsonl",
        "{\"id\":\"1\",\"text\":\"write to a@b.org\",\"language\":\"../up\"}\n{\"id\":\"2\",\"text\":\"nothing\"}\n",
    );
    workspace.write("pipeline.yaml", "stages:\n  - pii: {}\noutput: {compression: none}\n");
    for (column, folders) in [("pii.email", ["0", "1"]), ("language", ["%2E.%2Fup", "unknown"])] {
        let call = format!("run pipeline.yaml --input input.jsonl --output {column}");
        workspace.call(&format!("{call} --set output.partition_by={column}")).exits(0);
        let found: Vec<_> = files(&workspace.path(column).join("data"))
            .iter()
            .filter_map(|path| Some(path.parent()?.file_name()?.to_string_lossy().into_owned()))
            .collect();
        assert_eq!(found, folders);
    }
}
