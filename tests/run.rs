//! The default pipeline on the shipped sample: every record is accounted for.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Workspace, assert_adds_up, files, lines_of, parse, project};
use sapwood::dedup::normalization::normalize_roots;
use serde_json::Value;

fn run(workspace: &Workspace, more: &str) -> Value {
    let pipeline = project().join("pipelines/roots.yaml");
    workspace.call(&format!("run {} --output out {more}", pipeline.display())).exits(0);
    workspace.summary("out")
}

/// The malformed records of the sample by reason, as its README lists them.
fn malformed() -> BTreeMap<String, u64> {
    [
        ("invalid_json", 2),
        ("invalid_utf8", 2),
        ("lone_surrogate", 1),
        ("missing_text", 3),
        ("not_an_object", 2),
        ("text_not_string", 2),
    ]
    .map(|(reason, count)| (reason.to_owned(), count))
    .into()
}

#[test]
fn the_account_adds_up_and_has_what_is_promised() {
    let workspace = Workspace::new();
    let summary = run(&workspace, "");
    assert_adds_up(&summary);
    assert_eq!(summary["documents"]["in"], 983);
    assert_eq!(summary["documents"]["rejected"], 12);
    let kept = summary["documents"]["kept"].as_u64().expect("a count");
    // The rest are planted damage, duplicates of others, and scraps.
    assert!((700..900).contains(&kept), "{kept}");
    for key in ["documents", "bytes", "seconds", "cpu_seconds", "stages", "languages"] {
        assert!(summary.get(key).is_some(), "no {key}");
    }
    let stages = summary["stages"].as_array().expect("stages");
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["name"].as_str()).collect();
    assert_eq!(names, ["normalize", "langid", "roots", "exact_dedup", "minhash_dedup", "pii"]);
    for stage in stages {
        for key in ["name", "in", "dropped", "reasons", "cpu_seconds"] {
            assert!(stage.get(key).is_some(), "no {key} in {stage}");
        }
        // Every stage has something to do on the sample.
        let busy = ["dropped", "changed"].iter().any(|key| stage[key].as_u64() > Some(0));
        assert!(busy, "{stage}");
    }
    // Languages without thresholds pass, but are not forgotten.
    let uncovered = stages[2]["notes"]["roots.uncovered"].as_object().expect("uncovered languages");
    assert!(uncovered["sw"].as_u64() > Some(0) && uncovered.get("en").is_none(), "{uncovered:?}");
    assert_eq!(workspace.records("out/data").len() as u64, kept);
    assert!(!workspace.path("out/dropped").exists());
    assert!(!workspace.path("out/.sapwood/work").exists(), "the work folder is given back");
}

#[test]
fn rejected_records_are_written_with_their_place_and_reason() {
    let workspace = Workspace::new();
    let summary = run(&workspace, "");
    let rejected = workspace.records("out/rejected");
    assert_eq!(rejected.len(), 12);
    let mut reasons = BTreeMap::<String, u64>::new();
    for record in &rejected {
        let reason = record["reason"].as_str().expect("a reason");
        *reasons.entry(reason.to_owned()).or_default() += 1;
        let shard = record["shard"].as_str().expect("a shard");
        let name = shard.rsplit('/').next().expect("a name");
        let content = common::content(&project().join("samples").join(name));
        let line = record["line"].as_u64().expect("a line") as usize;
        let offset = record["offset"].as_u64().expect("an offset") as usize;
        let bytes = record["bytes"].as_u64().expect("a length") as usize;
        let start: usize =
            content.split(|byte| *byte == b'\n').take(line - 1).map(|line| line.len() + 1).sum();
        assert_eq!(start, offset, "{record}");
        let raw = &content[offset..offset + bytes];
        assert!(!raw.contains(&b'\n') && !raw.is_empty());
        if let Some(kept) = record.get("raw") {
            assert_eq!(kept.as_str().expect("text").as_bytes(), raw);
        } else {
            assert_eq!(reason, "invalid_utf8");
            assert!(record["raw_base64"].is_string());
        }
    }
    assert_eq!(reasons, malformed());
    let told: BTreeMap<String, u64> =
        serde_json::from_value(summary["rejected"].clone()).expect("counts");
    assert_eq!(told, malformed());
}

#[test]
fn documents_lie_in_the_folder_of_their_language_once() {
    let workspace = Workspace::new();
    let summary = run(&workspace, "");
    let mut seen = BTreeSet::new();
    let mut languages = BTreeMap::<String, u64>::new();
    for path in files(&workspace.path("out/data")) {
        let folder = path.parent().and_then(|folder| folder.file_name()).expect("a folder");
        let folder = folder.to_string_lossy().into_owned();
        assert_eq!(path.file_name().expect("a name"), "part-00000.jsonl.zst");
        for line in lines_of(&path) {
            let record = parse(&line);
            assert_eq!(record["language"], folder.as_str(), "{}", record["id"]);
            *languages.entry(folder.clone()).or_default() += 1;
            let mut key = String::new();
            normalize_roots(record["text"].as_str().expect("a text"), &mut key);
            assert!(seen.insert(key), "{} is there twice", record["id"]);
        }
    }
    assert!(languages.len() >= 20);
    for (language, counts) in summary["languages"].as_object().expect("languages") {
        let kept = languages.get(language).copied().unwrap_or(0);
        assert_eq!(counts["kept"], kept, "{language}");
    }
    for shard in summary["output_shards"].as_array().expect("shards") {
        let path = workspace.path("out").join(shard["path"].as_str().expect("a path"));
        assert_eq!(shard["bytes"], path.metadata().expect("a shard").len());
        assert_eq!(shard["documents"], lines_of(&path).len());
    }
}

#[test]
fn with_keep_dropped_every_document_is_somewhere_once() {
    let workspace = Workspace::new();
    let summary = run(&workspace, "--keep-dropped");
    // What comes in, by a run without stages over the same shards.
    workspace.write("pass.yaml", common::PASS_THROUGH);
    // The licences beside the shards are text files, and no input of the default pipeline.
    let samples = project().join("samples/sample-*");
    workspace.call(&format!("run pass.yaml --input {} --output all", samples.display())).exits(0);
    let ids = |folder: &str| -> Vec<String> {
        let records = workspace.records(folder);
        records.iter().map(|record| record["id"].as_str().expect("an id").to_owned()).collect()
    };
    let mut came_in = ids("all/data");
    let (kept, dropped) = (ids("out/data"), ids("out/dropped"));
    assert_eq!(kept.len() as u64, summary["documents"]["kept"]);
    assert_eq!(dropped.len() as u64, summary["documents"]["dropped"]);
    let mut went_out = [kept, dropped].concat();
    came_in.sort();
    went_out.sort();
    assert!(came_in == went_out, "an id is missing, new, or there twice");
    assert_eq!(came_in.len() + workspace.lines("out/rejected").len(), 983);
    let mut reasons = BTreeMap::<String, u64>::new();
    for record in workspace.records("out/dropped") {
        let why = &record["dropped"];
        let first = why["reason"].as_str().expect("a reason");
        assert!(why["reasons"].as_array().expect("reasons").contains(&first.into()), "{why}");
        assert_eq!(why["stage"], first.split('.').next().expect("a stage"));
        assert!(why["metrics"].is_object());
        *reasons.entry(first.to_owned()).or_default() += 1;
        if first.ends_with("duplicate") {
            assert!(why["duplicate_of"]["record"].is_u64(), "{why}");
        }
    }
    let mut counted = BTreeMap::new();
    for stage in summary["stages"].as_array().expect("stages") {
        for (reason, count) in stage["reasons"].as_object().expect("reasons") {
            counted.insert(reason.clone(), count.as_u64().expect("a count"));
        }
    }
    assert_eq!(reasons, counted);
}

#[test]
fn the_effective_configuration_and_its_hash_are_stored() {
    let workspace = Workspace::new();
    let summary = run(&workspace, "--set langid.min_score=0.75");
    let stored = String::from_utf8(workspace.read("out/pipeline.yaml")).expect("UTF-8");
    let hash = summary["config_hash"].as_str().expect("a hash");
    assert!(stored.contains(&format!("# config_hash: {hash}")));
    let config = sapwood::pipeline::Config::from_yaml(&stored, "stored").expect("a pipeline");
    assert_eq!(config.hash(), hash);
    assert!(stored.contains("0.75"), "{stored}");
    // Defaults are filled in.
    assert!(stored.contains("max_document_bytes"), "{stored}");
}

/// Each barrier ends a pass, so a pipeline with two goes through three, and spills twice.
#[test]
fn two_barriers_add_up_and_do_not_depend_on_threads() {
    let workspace = Workspace::new();
    let samples = project().join("samples");
    let pipeline = serde_json::json!({
        "input": {"paths": [samples.join("*.jsonl.*"), samples.join("*.parquet")]},
        "stages": [
            {"normalize": {}},
            {"exact_dedup": {"normalize": "none"}},
            {"pii": {}},
            {"exact_dedup": {"normalize": "roots"}},
            {"normalize": {}},
        ],
        "output": {"metrics": ["pii.*"], "keep_dropped": true},
    });
    workspace.write("two.yaml", pipeline.to_string());
    workspace.call("run two.yaml --output one --threads 1").exits(0);
    workspace.call("run two.yaml --output three --threads 3").exits(0);
    let summary = workspace.summary("one");
    assert_adds_up(&summary);
    for label in ["exact_dedup", "exact_dedup#2"] {
        let stages = summary["stages"].as_array().expect("stages");
        let stage = stages.iter().find(|stage| stage["name"] == label).expect("a stage");
        assert!(stage["reasons"]["exact_dedup.duplicate"].as_u64() > Some(0), "{stage}");
    }
    // Metrics of the second pass are still there in the third.
    for record in workspace.records("one/data") {
        assert!(record["metrics"]["pii.email"].is_u64(), "{record}");
    }
    assert_eq!(workspace.lines("one/data"), workspace.lines("three/data"));
    assert_eq!(workspace.lines("one/dropped"), workspace.lines("three/dropped"));
}

/// Regression: a kill while `--force` discarded an output left an account of shards that were gone,
/// or a journal of frames that were gone.
#[test]
fn an_output_that_was_half_discarded_is_made_anew() {
    let workspace = Workspace::new();
    run(&workspace, "");
    let before = workspace.lines("out/data");
    for file in ["out/summary.json", "out/.sapwood/plan.json"] {
        std::fs::remove_file(workspace.path(file)).expect("a file of the output");
    }
    std::fs::remove_dir_all(workspace.path("out/data")).expect("the shards");
    let summary = run(&workspace, "");
    assert_adds_up(&summary);
    assert_eq!(workspace.lines("out/data"), before);
}
