//! Clusters of duplicates: which member stays, by the program; and that memory is kept to.

mod common;
#[path = "../benches/common/signatures.rs"]
#[cfg(target_os = "linux")]
mod signatures;

use common::{Workspace, assert_adds_up, files, lines_of, parse};
use serde_json::json;

/// The ids of what was kept.
fn kept(workspace: &Workspace, output: &str) -> Vec<String> {
    let shards = files(&workspace.path(&format!("{output}/data")));
    let lines: Vec<Vec<u8>> = shards.iter().flat_map(|shard| lines_of(shard)).collect();
    lines.iter().map(|line| parse(line)["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_policy_of_the_pipeline_file_says_which_member_stays() {
    let workspace = Workspace::new();
    let mut records = String::new();
    for (id, text, source, date) in [
        ("a", "The same text.", "crawl", "2020-01-01"),
        ("b", "The same text.", "books", "2019"),
        ("c", "Another text, alone.", "crawl", "2018"),
        ("d", "The same text... 42", "crawl", "2021-06-01T10:00:00Z"),
        ("e", "The same text", "wikipedia", "2021-06-01T11:00:00+02:00"),
    ] {
        let record = json!({"id": id, "text": text, "source": source, "date": date});
        records.push_str(&format!("{record}\n"));
    }
    workspace.write("input.jsonl", &records);
    for (number, (policy, stays)) in [
        ("first", "a"),
        ("last", "e"),
        ("newest", "d"),
        ("oldest", "b"),
        ("longest", "d"),
        ("shortest", "e"),
        ("max(source == 'books')", "b"),
        ("'min(text.bytes)'", "e"),
        ("{priority: {field: source, order: [wikipedia, books]}}", "e"),
        ("[{priority: {field: source, order: [crawl]}}, oldest]", "a"),
    ]
    .into_iter()
    .enumerate()
    {
        workspace.write(
            "pipeline.yaml",
            format!(
                "stages:\n  - exact_dedup: {{keep: {policy}}}\noutput: {{compression: none}}\n"
            ),
        );
        let output = format!("out{number}");
        workspace
            .call(&format!("run pipeline.yaml --input input.jsonl --output {output}"))
            .exits(0);
        let summary = workspace.summary(&output);
        assert_adds_up(&summary);
        let expected: Vec<&str> =
            ["a", "b", "c", "d", "e"].into_iter().filter(|id| *id == "c" || *id == stays).collect();
        assert_eq!(kept(&workspace, &output), expected, "{policy}");
        let text = summary.to_string();
        for part in ["\"clusters\":1", "\"documents_in_clusters\":4", "\"clusters_of_3_to_4\":1"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}

#[test]
fn a_policy_that_cannot_work_is_refused_before_anything_is_read() {
    let workspace = Workspace::new();
    workspace.write("input.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n");
    for (policy, parts) in [
        ("longst", ["longst", "did you mean `longest`?"]),
        ("max(roots.number_word)", ["column 5", "no stage before this one"]),
        ("{priority: {field: source, ordr: [a]}}", ["ordr", "order"]),
        ("[]", ["keep", "empty"]),
    ] {
        workspace.write("p.yaml", format!("stages:\n  - exact_dedup: {{keep: {policy}}}\n"));
        let call = workspace.call("run p.yaml --input input.jsonl --output out");
        assert_ne!(call.code, Some(0), "{policy}");
        call.says(&parts);
    }
}

/// Set in the process that is measured.
#[cfg(target_os = "linux")]
const CHILD: &str = "SAPWOOD_TEST_CLUSTERS_CHILD";

/// The memory of a process is measured from its start, so the work is done in one of its own: this
/// test once more.
#[cfg(target_os = "linux")]
#[test]
fn signatures_are_clustered_within_little_memory() {
    use signatures::{Load, peak_resident, program_resident, run};
    // 550,000 documents have a duplicate, more than fit into memory at once; the records of all take
    // 115 MB.
    const MEMORY: u64 = 16 << 20;
    if std::env::var_os(CHILD).is_some() {
        let folder = tempfile::tempdir().expect("a folder");
        let load = Load {
            documents: 1_600_000,
            bands: 3,
            memory: MEMORY,
            threads: 2,
            partitions: 4,
            run_bytes: 512 << 10,
        };
        let before = peak_resident().expect("a size");
        let program = program_resident().expect("a size");
        let report = run(load, folder.path()).expect("clusters");
        let peak = peak_resident().expect("a size");
        let clusters = report.measures.get("clusters").copied().unwrap_or_default();
        let documents = report.measures.get("documents_in_clusters").copied().unwrap_or_default();
        assert!(clusters > 100_000.0 && documents > (MEMORY / 32) as f64, "{:?}", report.measures);
        // Pages of the program itself come in as it goes on; in a debug build these are some.
        let program = program_resident().expect("a size").saturating_sub(program);
        let taken = (peak - before).saturating_sub(program);
        assert!(taken < MEMORY, "{taken} bytes were resident, {MEMORY} were allowed");
        println!("{taken} bytes");
        return;
    }
    let name = "signatures_are_clustered_within_little_memory";
    let program = std::env::current_exe().expect("this program");
    let child = std::process::Command::new(program)
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        // By default the system's allocator keeps what was given back, the more the longer it goes.
        .env("MALLOC_MMAP_THRESHOLD_", "65536")
        .env("MALLOC_ARENA_MAX", "2")
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{said}\n{}", String::from_utf8_lossy(&child.stderr));
    assert!(said.contains(" bytes"), "{said}");
}
