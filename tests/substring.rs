//! Near-duplicates and repeated passages in whole runs.

mod common;

use common::{Workspace, assert_adds_up, assert_same, fixed_part};
use serde_json::{Value, json};

fn words(seed: u64, count: u64) -> String {
    let word = |number: u64| (seed << 20 | number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    (0..count).map(|number| format!("{:x} ", word(number))).collect()
}

/// One that begins with the same bytes as the others.
fn ideograph(copy: u64) -> char {
    char::from_u32(0x4e00 + copy as u32).expect("a character")
}

fn workspace(stages: &Value, metrics: &str) -> Workspace {
    let workspace = Workspace::new();
    let pipeline = json!({
        "stages": stages,
        "input": {"paths": ["input"]},
        "output": {
            "path": "out", "compression": "none", "keep_dropped": true,
            "metrics": [metrics],
        },
    });
    workspace.write("pipeline.yaml", pipeline.to_string());
    let (page, notice) = (words(1, 1200), words(2, 30));
    let (before, after) = page.split_at(page.len() / 2);
    let changed = format!("{before}x{after}");
    let mut shards = [String::new(), String::new()];
    for copy in 0..40_u64 {
        let own = words(100 + copy, 200);
        let texts = [
            format!("{own}{notice}"),
            format!("{notice}{}{own}", ideograph(copy)),
            if copy % 2 == 0 { page.clone() } else { changed.clone() },
            "Too short for anything.".to_owned(),
            "-".repeat(5000),
        ];
        let text = &texts[(copy % 5) as usize];
        let record = json!({"id": format!("d{copy}"), "text": text});
        shards[(copy / 20) as usize] += &format!("{record}\n");
    }
    for (number, shard) in shards.iter().enumerate() {
        workspace.write(&format!("input/{number}.jsonl"), shard);
    }
    workspace
}

#[test]
fn passages_that_stand_earlier_are_cut_out() {
    let workspace = workspace(&json!([{"substring_dedup": {}}]), "substring_dedup.*");
    workspace.call("run pipeline.yaml --threads 1").exits(0);
    let summary = workspace.summary("out");
    assert_adds_up(&summary);
    let kept = workspace.records("out/data");
    let notice = words(2, 30);
    let with_notice =
        |record: &&Value| record["text"].as_str().expect("text").contains(&notice[..60]);
    // The first copy stays, and nothing of the documents' own.
    assert_eq!(kept.iter().filter(with_notice).count(), 1);
    for copy in (0..40).filter(|copy| copy % 5 < 2) {
        let own = words(100 + copy, 200);
        let of_copy = kept.iter().find(|record| record["id"] == format!("d{copy}"));
        let text = of_copy.expect("a document")["text"].as_str().expect("text");
        assert!(text.contains(&own[..own.len() / 2]));
        if copy % 5 == 1 {
            assert!(text.starts_with(ideograph(copy)), "{copy}");
            let metrics = &of_copy.expect("a document")["metrics"];
            assert_eq!(metrics["substring_dedup.removed_bytes"], notice.len(), "{metrics}");
            assert_eq!(metrics["substring_dedup.spans"], 1);
        }
    }
    // A long run leaves its first fifty bytes, in the first document that has it.
    let run = kept.iter().find(|record| record["id"] == "d4").expect("a document");
    assert_eq!(run["text"], "-".repeat(50));
    // Copies of a page are dropped in favour of the first, and so are those of the run.
    let dropped = workspace.records("out/dropped");
    assert_eq!(dropped.len(), 7 + 7);
    for record in &dropped {
        assert_eq!(record["dropped"]["reason"], "substring_dedup.nothing_left", "{record}");
        assert_eq!(record["dropped"]["duplicate_of"]["shard"], 0, "{record}");
        let of = record["dropped"]["duplicate_of"]["record"].as_u64().expect("a record");
        assert!([2, 4].contains(&of), "{record}");
    }
    workspace.call("run pipeline.yaml --threads 4 --output other").exits(0);
    assert_same(&fixed_part(&workspace.path("out")), &fixed_part(&workspace.path("other")));
}

#[test]
fn near_duplicates_are_removed_before_passages_are_cut_out() {
    let stages = json!([{"simhash_dedup": {"tokens": "words", "max_characters": null}}, {"substring_dedup": {"unit": "words", "length": 20}}]);
    let workspace = workspace(&stages, "dedup.*");
    workspace.call("run pipeline.yaml --threads 1").exits(0);
    let summary = workspace.summary("out");
    assert_adds_up(&summary);
    let stages = summary["stages"].as_array().expect("stages");
    // Seven copies of the page, seven of the short text and seven of the run.
    assert_eq!(stages[0]["dropped"], 21, "{stages:?}");
    assert_eq!(stages[1]["changed"], 15, "{stages:?}");
    let kept = workspace.records("out/data");
    let of = |id: &str| kept.iter().find(|record| record["id"] == id).expect("a document").clone();
    assert_eq!(of("d2")["metrics"]["dedup.cluster_size"], 8);
    assert_eq!(of("d3")["text"], "Too short for anything.");
    workspace.call("run pipeline.yaml --threads 4 --output other").exits(0);
    assert_same(&fixed_part(&workspace.path("out")), &fixed_part(&workspace.path("other")));
}
