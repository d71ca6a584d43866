//! Damaged shards and hostile records: what can be read is processed, all else is accounted for.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use common::{
    PASS_THROUGH, Random, Workspace, assert_adds_up, gzip, plain_lines, program, zstandard,
};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use serde_json::Value;

/// Runs without stages; `pass.yaml` may hold what a test wants beside that.
fn run(workspace: &Workspace, input: &str, more: &str) -> common::Call {
    if !workspace.path("pass.yaml").exists() {
        workspace.write("pass.yaml", PASS_THROUGH);
    }
    workspace.call(&format!("run pass.yaml --input {input} --output out {more}"))
}

/// Lines that don't compress well, so that a cut lands amid them.
fn noisy_lines(count: usize) -> String {
    let mut random = Random(11);
    let mut word = || format!("{:x}{:x}", random.below(u64::MAX), random.below(u64::MAX));
    (0..count).map(|number| format!("{{\"id\":\"{number}\",\"text\":\"{}\"}}\n", word())).collect()
}

/// `sure` is how many bytes of content come before the damage; a decoder may hand out a little of
/// what comes after it.
fn check_damaged(workspace: &Workspace, name: &str, content: &str, sure: usize) {
    let call = run(workspace, name, "").exits(1);
    assert!(call.stderr.contains(name) && call.stderr.contains("damaged"), "{}", call.stderr);
    let summary = workspace.summary("out");
    assert_adds_up(&summary);
    let damaged = summary["damaged"].as_array().expect("shards");
    assert_eq!(damaged.len(), 1);
    assert_eq!(damaged[0]["path"], name);
    let kept = workspace.lines("out/data").join(&b'\n');
    let before = kept.get(..sure.min(kept.len())).unwrap_or_default();
    assert!(content.as_bytes().starts_with(before), "{name}: what was read is changed");
    // A second call tells it again.
    run(workspace, name, "").exits(1).says(&[name, "damaged"]);
    // With `warn` it is told as well, but it is no failure.
    let call = run(workspace, name, "--set input.on_damage=warn").exits(0);
    assert!(call.stderr.contains("damaged"), "{}", call.stderr);
}

#[test]
fn of_a_cut_shard_what_could_be_read_is_kept() {
    let content = noisy_lines(40_000);
    for (name, whole) in [
        ("cut.jsonl.zst", zstandard(content.as_bytes())),
        ("cut.jsonl.gz", gzip(content.as_bytes())),
    ] {
        let workspace = Workspace::new();
        workspace.write(name, &whole[..whole.len() * 2 / 3]);
        check_damaged(&workspace, name, &content, usize::MAX);
        let kept = workspace.lines("out/data").len();
        assert!((20_000..30_000).contains(&kept), "{name}: {kept}");
    }
}

#[test]
fn garbage_amid_a_shard_ends_it() {
    let content = noisy_lines(60_000);
    for (name, mut whole) in [
        ("bad.jsonl.zst", zstandard(content.as_bytes())),
        ("bad.jsonl.gz", gzip(content.as_bytes())),
    ] {
        let middle = whole.len() / 2;
        let mut random = Random(5);
        // More than a block of zstd, or some of it could be taken for other text.
        whole[middle..middle + 300_000].fill_with(|| random.below(256) as u8);
        let workspace = Workspace::new();
        workspace.write(name, &whole);
        check_damaged(&workspace, name, &content, content.len() / 3);
        assert!(workspace.lines("out/data").len() > 10_000, "{name}");
    }
}

#[test]
fn garbage_after_a_frame_is_damage() {
    let content = plain_lines("a", 1000);
    for (name, whole) in [
        ("more.jsonl.zst", zstandard(content.as_bytes())),
        ("more.jsonl.gz", gzip(content.as_bytes())),
    ] {
        let workspace = Workspace::new();
        workspace.write(name, [whole.as_slice(), b"garbage that is no frame"].concat());
        check_damaged(&workspace, name, &content, usize::MAX);
        assert_eq!(workspace.lines("out/data").len(), 1000, "{name}");
    }
}

fn parquet(rows: usize) -> Vec<u8> {
    let texts = noisy_lines(rows);
    let texts: Vec<&str> = texts.lines().collect();
    let column = Arc::new(StringArray::from(texts)) as ArrayRef;
    let rows = RecordBatch::try_from_iter([("text", column)]).expect("rows");
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(1000)).build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties)).expect("a writer");
    writer.write(&rows).expect("rows");
    writer.close().expect("a footer");
    bytes
}

#[test]
fn damaged_parquet_is_told() {
    let whole = parquet(5000);
    let mut cut = whole.clone();
    cut.truncate(whole.len() / 2);
    let mut bad = whole.clone();
    let middle = bad.len() / 2;
    bad[middle..middle + 5000].fill(0xff);
    for (name, content) in [("cut.parquet", cut), ("bad.parquet", bad)] {
        let workspace = Workspace::new();
        workspace.write(name, content);
        workspace.write("good.jsonl", plain_lines("good", 10));
        let call = run(&workspace, "good.jsonl", &format!("--input {name}")).exits(1);
        assert!(call.stderr.contains(name), "{}", call.stderr);
        let summary = workspace.summary("out");
        assert_adds_up(&summary);
        assert_eq!(summary["damaged"].as_array().map(Vec::len), Some(1), "{name}");
        let kept = summary["documents"]["kept"].as_u64().expect("a count");
        let least = if name == "bad.parquet" { 1010 } else { 10 };
        assert!((least..5010).contains(&kept), "{name}: {kept}");
    }
}

#[test]
fn every_kind_of_malformed_record_is_rejected_with_its_reason() {
    let deep_arrays = "[".repeat(100_000);
    let deep = format!("{{\"text\":\"deep\",\"x\":{deep_arrays}{}}}", "]".repeat(100_000));
    let deep_objects = format!("{{\"text\":\"x\",\"y\":{}1", "{\"a\":".repeat(100_000));
    let long = format!("{{\"text\":\"{}\"}}", "long ".repeat(300_000));
    let records: Vec<(&[u8], Option<&str>)> = vec![
        (b"{\"text\":\"good\"}", None),
        (b"{\"text\":\"cut", Some("invalid_json")),
        (b"{\"text\":\"a\"} {\"text\":\"b\"}", Some("invalid_json")),
        (b"{\"text\":\"tab\tin a string\"}", Some("invalid_json")),
        (b"{\"text\":\"a\",}", Some("invalid_json")),
        (b"{'text':'a'}", Some("invalid_json")),
        (b"{\"text\":\"a\",\"n\":01}", Some("invalid_json")),
        (b"{\"text\":\"a\",\"n\":NaN}", Some("invalid_json")),
        (b"{\"text\":\"\\x41\"}", Some("invalid_json")),
        (b"[\"text\"]", Some("not_an_object")),
        (b"\"text\"", Some("not_an_object")),
        (b"17", Some("not_an_object")),
        (b"{}", Some("missing_text")),
        (b"{\"Text\":\"a\"}", Some("missing_text")),
        (b"{\"text\":null}", Some("missing_text")),
        (b"{\"text\":1}", Some("text_not_string")),
        (b"{\"text\":[\"a\"]}", Some("text_not_string")),
        (b"{\"text\":{\"text\":\"a\"}}", Some("text_not_string")),
        (b"{\"text\":\"\xff\xfe\"}", Some("invalid_utf8")),
        (b"{\"text\":\"\xed\xa0\x80\"}", Some("invalid_utf8")),
        (b"{\"text\":\"\\ud800\"}", Some("lone_surrogate")),
        (b"{\"text\":\"\\udc00\\ud800\"}", Some("lone_surrogate")),
        (deep_objects.as_bytes(), Some("invalid_json")),
        (long.as_bytes(), Some("too_long")),
        (deep.as_bytes(), None),
        (b"{\"text\":\"good too\"}", None),
    ];
    let workspace = Workspace::new();
    let mut content = Vec::new();
    for (record, _) in &records {
        content.extend(*record);
        content.push(b'\n');
    }
    workspace.write("a.jsonl", &content);
    run(&workspace, "a.jsonl", "--set input.max_document_bytes=1MB").exits(0);
    let summary = workspace.summary("out");
    assert_adds_up(&summary);
    assert_eq!(summary["documents"]["in"], records.len());
    let good: Vec<&[u8]> =
        records.iter().filter(|(_, reason)| reason.is_none()).map(|(record, _)| *record).collect();
    assert!(workspace.lines("out/data").iter().eq(good.iter()), "good records are kept");
    let rejected = workspace.records("out/rejected");
    let expected: Vec<(usize, &[u8], &str)> = records
        .iter()
        .enumerate()
        .filter_map(|(number, (record, reason))| Some((number + 1, *record, (*reason)?)))
        .collect();
    assert_eq!(rejected.len(), expected.len());
    for (found, (line, record, reason)) in rejected.iter().zip(expected) {
        let shown = String::from_utf8_lossy(&record[..record.len().min(60)]).into_owned();
        assert_eq!(found["reason"], reason, "{shown}");
        assert_eq!(found["line"], line, "{shown}");
        assert_eq!(found["bytes"], record.len(), "{shown}");
        assert_eq!(found["shard"], "a.jsonl");
        let offset = found["offset"].as_u64().expect("an offset") as usize;
        assert!(content[offset..].starts_with(record), "{shown}");
        if let Some(raw) = found["raw"].as_str() {
            assert!(record.starts_with(raw.as_bytes()), "{shown}");
        }
    }
}

#[test]
fn a_long_line_without_an_end_is_a_record() {
    let workspace = Workspace::new();
    let long = format!("{{\"text\":\"{}\"}}", "a b ".repeat(1_250_000));
    workspace.write("a.jsonl", &long);
    run(&workspace, "a.jsonl", "").exits(0);
    assert!(workspace.read("out/data/part-00000.jsonl") == format!("{long}\n").into_bytes());
    let workspace = Workspace::new();
    workspace.write("a.jsonl", &long);
    run(&workspace, "a.jsonl", "--set input.max_document_bytes=4MB").exits(0);
    let summary = workspace.summary("out");
    assert_eq!(summary["rejected"]["too_long"], 1);
    assert_eq!(summary["documents"]["in"], 1);
}

#[test]
fn nothing_noise_and_blanks_are_survived() {
    let mut random = Random(1);
    let noise: Vec<u8> = (0..300_000).map(|_| random.below(256) as u8).collect();
    for (name, content) in [
        ("empty.jsonl", Vec::new()),
        ("blank.jsonl", b"\n\n  \n\t\r\n\n".to_vec()),
        ("noise.jsonl", noise.clone()),
        ("nul.jsonl", vec![0; 100_000]),
        ("empty.jsonl.zst", Vec::new()),
        ("blank.jsonl.gz", gzip(b"\n\n")),
        ("noise.jsonl.zst", zstandard(&noise)),
        ("noise.txt", noise),
        ("empty.txt", Vec::new()),
    ] {
        let workspace = Workspace::new();
        workspace.write(name, content);
        run(&workspace, name, "").exits(0);
        let summary = workspace.summary("out");
        assert_adds_up(&summary);
        assert_eq!(summary["documents"]["kept"], 0, "{name}");
        let some = name.starts_with("noise") || name.starts_with("nul");
        assert_eq!(summary["documents"]["rejected"].as_u64() > Some(0), some, "{name}");
        assert!(workspace.path("out/data").is_dir(), "{name}");
    }
}

/// The most memory that a run had resident, in bytes.
#[cfg(target_os = "linux")]
fn peak_of(folder: &Path, arguments: &[&str]) -> u64 {
    let mut child = Command::new(program())
        .current_dir(folder)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kilobytes.map_or(peak, |kilobytes| kilobytes * 1024);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(child.wait().expect("an end").success());
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_shard_that_swells_when_it_is_decoded_stays_within_memory() {
    let workspace = Workspace::new();
    let mut one_line = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    let mut spaces = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    for _ in 0..200 {
        std::io::Write::write_all(&mut one_line, &[b'a'; 1 << 20]).expect("memory");
        std::io::Write::write_all(&mut spaces, &[b' '; 1 << 20]).expect("memory");
    }
    std::io::Write::write_all(&mut one_line, b"\n{\"text\":\"after\"}\n").expect("memory");
    std::io::Write::write_all(&mut spaces, b"\n{\"text\":\"after\"}\n").expect("memory");
    for (name, encoder, rejected) in [("a.jsonl.zst", one_line, 1), ("b.jsonl.zst", spaces, 0)] {
        let content = encoder.finish().expect("memory");
        assert!(content.len() < 100_000, "{}", content.len());
        workspace.write(name, content);
        workspace.write("pass.yaml", PASS_THROUGH);
        let arguments = [
            "run",
            "pass.yaml",
            "--input",
            name,
            "--output",
            "out",
            "--threads",
            "2",
            "--set",
            "input.max_document_bytes=8MiB",
        ];
        let peak = peak_of(&workspace.path("."), &arguments);
        assert!(peak > 0 && peak < 150 << 20, "{name}: {peak} bytes");
        let summary = workspace.summary("out");
        assert_adds_up(&summary);
        assert_eq!(summary["documents"]["kept"], 1, "{name}");
        // A line of spaces over the limit may be seen as blank or as too long.
        if rejected == 1 {
            assert_eq!(summary["rejected"]["too_long"], 1, "{name}");
        }
        std::fs::remove_dir_all(workspace.path("out")).expect("removed");
    }
}

/// Bytes that are now and then close to what a shard holds.
fn shard_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "\\PC{0,20}".prop_map(String::into_bytes),
        Just(b"{\"text\":\"a\"}".to_vec()),
        Just(b"{\"text\":\"".to_vec()),
        Just(b"\\ud83d".to_vec()),
        Just(b"\"}\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"{\"id\":1,\"text\":\"b\",\"x\":[1,{}]}\r\n".to_vec()),
        Just(b"\x28\xb5\x2f\xfd".to_vec()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_a_run_or_get_lost(content in shard_bytes()) {
        let workspace = Workspace::new();
        workspace.write("a.jsonl", &content);
        // What begins like a compressed shard is told to be one, which is another test.
        prop_assume!(!content.starts_with(b"\x28\xb5\x2f\xfd") && !content.starts_with(b"\x1f\x8b"));
        prop_assume!(!content.starts_with(b"PAR1"));
        run(&workspace, "a.jsonl", "").exits(0);
        let summary: Value = workspace.summary("out");
        assert_adds_up(&summary);
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&content);
        let blank = |line: &&[u8]| line.iter().all(|byte| b" \t\r".contains(byte));
        let lines = content.split(|byte| *byte == b'\n').filter(|line| !blank(line)).count();
        prop_assert_eq!(summary["documents"]["in"].as_u64(), Some(lines as u64));
    }
}
