//! Every format comes in and goes out; what no stage touches stays as it was.

mod common;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, StructArray,
};
use arrow_schema::{DataType, Field};
use common::{PASS_THROUGH, Workspace, assert_adds_up, gzip, plain_lines, zstandard};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

/// Records that a careless reader or writer changes.
const AWKWARD: &str = r#"{"text":"plain","price":1.10,"serial":123456789012345678901234567890,"huge":1e400,"zero":-0.0}
{"z":1,"text":"order","a":2,"m":{"y":[1.0,{"x":1E+2}],"b":{}}}
{"id":7,"text":"duplicates","extra":{"k":1,"k":2,"k":1.50},"extra2":[]}
{ "text" : "spaces\tand \u00e9 \ud83d\ude00 \/ escapes" , "t":true,"n":null }
{"text":"","id":"empty text"}
{"text":"é raw 😀","language":"fr","meta":{"text":"not this one"}}
"#;

fn run(workspace: &Workspace, input: &str) -> Value {
    workspace.write("pass.yaml", PASS_THROUGH);
    workspace.call(&format!("run pass.yaml --input {input} --output out")).exits(0);
    let summary = workspace.summary("out");
    assert_adds_up(&summary);
    summary
}

fn written(workspace: &Workspace) -> String {
    String::from_utf8(workspace.read("out/data/part-00000.jsonl")).expect("UTF-8")
}

#[test]
fn without_stages_records_stay_byte_for_byte() {
    let frames = [zstandard(AWKWARD.as_bytes()), zstandard(AWKWARD.as_bytes())].concat();
    let members = [gzip(AWKWARD.as_bytes()), gzip(AWKWARD.as_bytes())].concat();
    let (start, end) = AWKWARD.as_bytes().split_at(200);
    for (name, content, times) in [
        ("a.jsonl", AWKWARD.as_bytes().to_vec(), 1),
        ("a.json", AWKWARD.trim_end().as_bytes().to_vec(), 1),
        ("a.jsonl.zst", frames, 2),
        ("a.jsonl.gz", members, 2),
        // A record that spans two frames or two members.
        ("b.jsonl.zst", [zstandard(start), zstandard(end)].concat(), 1),
        ("b.jsonl.gz", [gzip(start), gzip(end)].concat(), 1),
        ("no-extension", AWKWARD.as_bytes().to_vec(), 1),
        ("bom.jsonl", ["\u{feff}", AWKWARD].concat().into_bytes(), 1),
    ] {
        let workspace = Workspace::new();
        workspace.write(name, content);
        let summary = run(&workspace, name);
        assert_eq!(summary["documents"]["kept"], 6 * times, "{name}");
        assert_eq!(written(&workspace), AWKWARD.repeat(times), "{name}");
    }
}

#[test]
fn line_ends_of_other_systems_and_blank_lines_are_no_records() {
    let workspace = Workspace::new();
    workspace.write("a.jsonl", "{\"text\":\"a\"}\r\n\r\n  \n{\"text\":\"b\"}\r\n");
    let summary = run(&workspace, "a.jsonl");
    assert_eq!(summary["documents"]["in"], 2);
    assert_eq!(written(&workspace), "{\"text\":\"a\"}\n{\"text\":\"b\"}\n");
}

#[test]
fn zstd_with_a_long_window_is_read() {
    let workspace = Workspace::new();
    let content = plain_lines("long", 50_000);
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    encoder.long_distance_matching(true).expect("a parameter");
    encoder.window_log(27).expect("a parameter");
    encoder.write_all(content.as_bytes()).expect("memory");
    workspace.write("long.jsonl.zst", encoder.finish().expect("memory"));
    run(&workspace, "long.jsonl.zst");
    assert_eq!(written(&workspace), content);
}

/// Regression: a block was the least that a shard could hold, however small it was asked to be.
#[test]
fn every_compression_is_written_and_shards_keep_to_their_size() {
    let workspace = Workspace::new();
    let content = plain_lines("a", 20_000);
    workspace.write("a.jsonl", &content);
    for (compression, extension) in [("zstd", ".zst"), ("gzip", ".gz"), ("none", "")] {
        workspace.write(
            "p.yaml",
            format!("output: {{compression: {compression}, shard_size: 100kB}}\n"),
        );
        let call = format!("run p.yaml --input a.jsonl --output {compression}");
        workspace.call(&call).exits(0);
        let lines = workspace.lines(&format!("{compression}/data")).join(&b'\n');
        assert!(lines == content.trim_end().as_bytes(), "{compression}");
        let shards = common::files(&workspace.path(compression).join("data"));
        for (number, path) in shards.iter().enumerate() {
            let name = format!("part-{number:05}.jsonl{extension}");
            assert_eq!(path.file_name().expect("a name"), name.as_str());
            let bytes = path.metadata().expect("a file").len();
            assert!(bytes < 250_000, "{name}: {bytes}");
        }
        if compression == "none" {
            assert!(shards.len() >= 5, "{}", shards.len());
        }
    }
}

#[test]
fn plain_text_is_a_document_a_file_or_a_line() {
    let workspace = Workspace::new();
    workspace.write("texts/a.txt", "first line\nsecond \"line\"\n");
    workspace.write("texts/b.txt.gz", gzip("third\n\nfourth".as_bytes()));
    let texts = |folder: &str| -> Vec<String> {
        let records = workspace.records(folder);
        records.iter().map(|record| record["text"].as_str().expect("text").to_owned()).collect()
    };
    workspace.write("p.yaml", PASS_THROUGH);
    workspace.call("run p.yaml --input texts --output files").exits(0);
    assert_eq!(texts("files/data"), ["first line\nsecond \"line\"\n", "third\n\nfourth"]);
    let lines = "run p.yaml --input texts --output lines --set input.text_unit=line";
    workspace.call(lines).exits(0);
    assert_eq!(texts("lines/data"), ["first line", "second \"line\"", "third", "fourth"]);
    let ids: Vec<Value> =
        workspace.records("lines/data").iter().map(|record| record["id"].clone()).collect();
    assert!(ids.iter().all(Value::is_string), "{ids:?}");
}

#[test]
fn standard_input_is_read_plain_and_compressed() {
    for content in [AWKWARD.into(), zstandard(AWKWARD.as_bytes()), gzip(AWKWARD.as_bytes())] {
        let workspace = Workspace::new();
        workspace.write("p.yaml", PASS_THROUGH);
        let arguments = ["run", "p.yaml", "--input", "-", "--output", "out"];
        workspace.call_with(&arguments, &content).exits(0);
        assert_eq!(written(&workspace), AWKWARD);
    }
    let workspace = Workspace::new();
    workspace.write("p.yaml", PASS_THROUGH);
    let arguments = ["run", "p.yaml", "--input", "-", "--output", "out"];
    workspace.call_with(&arguments, b"PAR1 and more").exits(1).says(&["parquet"]);
}

#[test]
fn folders_of_mixed_formats_and_globs_are_read_in_order() {
    let workspace = Workspace::new();
    workspace.write("in/a.jsonl", plain_lines("a", 3));
    workspace.write("in/b/deep.jsonl.zst", zstandard(plain_lines("b", 3).as_bytes()));
    write_parquet(&workspace.path("in/c.parquet"), &rows(3), Compression::SNAPPY);
    workspace.write("in/d.txt", "text");
    workspace.write("in/.hidden.jsonl", plain_lines("hidden", 3));
    workspace.write("in/notes.md", "no shard");
    let summary = run(&workspace, "in");
    assert_eq!(summary["documents"]["in"], 10);
    assert_eq!(summary["input_shards"], 4);
    let records = workspace.records("out/data");
    let ids: Vec<&str> = records.iter().filter_map(|record| record["id"].as_str()).collect();
    assert_eq!(&ids[..9], ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2", "row-0", "row-1", "row-2"]);
    workspace.write("p.yaml", PASS_THROUGH);
    let glob = ["run", "p.yaml", "--input", "in/**/*.jsonl*", "--output", "glob"];
    workspace.call_with(&glob, b"").exits(0);
    assert_eq!(workspace.summary("glob")["documents"]["in"], 6);
    // One file twice is one shard.
    let twice =
        ["run", "p.yaml", "--input", "in/a.jsonl", "--input", "in/*.jsonl", "--output", "b"];
    workspace.call_with(&twice, b"").exits(0);
    assert_eq!(workspace.summary("b")["documents"]["in"], 3);
}

#[test]
fn a_name_that_belies_the_content_is_a_clear_error() {
    let workspace = Workspace::new();
    workspace.write("p.yaml", PASS_THROUGH);
    let lines = plain_lines("a", 3);
    for (name, content) in [
        ("a.jsonl.zst", lines.as_bytes().to_vec()),
        ("a.jsonl.gz", zstandard(lines.as_bytes())),
        ("a.parquet", lines.as_bytes().to_vec()),
        ("b.jsonl", b"PAR1 and more".to_vec()),
        ("neither", b"what is this".to_vec()),
    ] {
        workspace.write(name, content);
        let call = workspace.call(&format!("run p.yaml --input {name} --output out")).exits(2);
        assert!(call.stderr.contains(name), "{}", call.stderr);
    }
    assert!(!workspace.path("out").exists());
}

/// Rows with strings of all three kinds, a struct, a list and a null.
fn rows(count: usize) -> RecordBatch {
    let strings =
        |prefix: &str| -> Vec<String> { (0..count).map(|row| format!("{prefix}-{row}")).collect() };
    let mut lists = ListBuilder::new(Int32Builder::new());
    for row in 0..count as i32 {
        lists.append_value([Some(row), None]);
    }
    let meta = StructArray::from(vec![
        (
            Arc::new(Field::new("source", DataType::LargeUtf8, true)),
            Arc::new(LargeStringArray::from_iter_values(strings("source"))) as ArrayRef,
        ),
        (
            Arc::new(Field::new("score", DataType::Float64, true)),
            Arc::new(Float64Array::from_iter(
                (0..count).map(|row| (row % 2 == 0).then_some(row as f64 / 3.0)),
            )) as ArrayRef,
        ),
    ]);
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", Arc::new(StringArray::from_iter_values(strings("row"))), true),
        ("text", Arc::new(StringViewArray::from_iter_values(strings("A text, number"))), true),
        ("count", Arc::new(Int64Array::from_iter_values(0..count as i64)), true),
        ("meta", Arc::new(meta), true),
        ("numbers", Arc::new(lists.finish()), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).expect("rows")
}

fn write_parquet(path: &Path, rows: &RecordBatch, compression: Compression) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(100))
        .build();
    let file = File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, rows.schema(), Some(properties)).expect("a writer");
    writer.write(rows).expect("rows");
    writer.close().expect("a footer");
}

fn read_parquet(path: &Path) -> Vec<RecordBatch> {
    let file = File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet");
    reader.build().expect("a reader").map(|rows| rows.expect("rows")).collect()
}

/// The values of a column of strings without nulls.
fn strings(column: &ArrayRef) -> Option<Vec<String>> {
    let column = column.as_any().downcast_ref::<StringArray>()?;
    column.iter().map(|value| value.map(str::to_owned)).collect()
}

fn expected_rows(count: usize) -> Vec<Value> {
    let row = |row: usize| {
        let score = if row.is_multiple_of(2) { json!(row as f64 / 3.0) } else { Value::Null };
        json!({
            "id": format!("row-{row}"), "text": format!("A text, number-{row}"), "count": row,
            "meta": {"source": format!("source-{row}"), "score": score}, "numbers": [row, null],
        })
    };
    (0..count).map(row).collect()
}

#[test]
fn parquet_becomes_lines_whatever_its_compression() {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::try_new(3).expect("a level")),
    ] {
        let workspace = Workspace::new();
        write_parquet(&workspace.path("a.parquet"), &rows(250), compression);
        run(&workspace, "a.parquet");
        assert_eq!(workspace.records("out/data"), expected_rows(250), "{compression:?}");
    }
}

#[test]
fn parquet_becomes_parquet_with_its_nested_columns() {
    let workspace = Workspace::new();
    let rows = rows(250);
    write_parquet(&workspace.path("a.parquet"), &rows, Compression::SNAPPY);
    workspace.write(
        "p.yaml",
        "stages:\n  - exact_dedup: {normalize: none}\noutput: {format: parquet}\n",
    );
    workspace.call("run p.yaml --input a.parquet --output columns").exits(0);
    let read = read_parquet(&workspace.path("columns/data/part-00000.parquet"));
    let mut at = 0;
    for batch in &read {
        for name in ["count", "meta", "numbers"] {
            let expected = rows.column_by_name(name).expect("a column");
            let found = batch.column_by_name(name).expect("a column");
            assert_eq!(found.as_ref(), expected.slice(at, batch.num_rows()).as_ref(), "{name}");
        }
        at += batch.num_rows();
    }
    assert_eq!(at, 250);
    // Once more through lines, which tells that ids and texts are there too.
    run(&workspace, "columns/data");
    for (record, expected) in workspace.records("out/data").iter().zip(expected_rows(250)) {
        for (key, value) in expected.as_object().expect("an object") {
            assert_eq!(&record[key], value, "{key}");
        }
    }
}

#[test]
fn lines_become_parquet_and_lines_again() {
    let workspace = Workspace::new();
    workspace.write("a.jsonl", AWKWARD);
    workspace.write("p.yaml", "output: {format: parquet}\n");
    workspace.call("run p.yaml --input a.jsonl --output columns").exits(0);
    let read = read_parquet(&workspace.path("columns/data/part-00000.parquet"));
    assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 6);
    let schema = read[0].schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["id", "text", "source", "url", "language", "license", "date", "extra"]);
    run(&workspace, "columns/data");
    let back = workspace.records("out/data");
    let texts: Vec<&str> = back.iter().filter_map(|record| record["text"].as_str()).collect();
    assert_eq!(
        texts,
        ["plain", "order", "duplicates", "spaces\tand é 😀 / escapes", "", "é raw 😀"]
    );
    assert_eq!(back[2]["id"], "7");
    assert_eq!(back[5]["language"], "fr");
    // What has no column of its own is kept as it was written.
    let extra = back[0]["extra"].as_str().expect("a record");
    assert!(extra.contains("1.10") && extra.contains("1e400"), "{extra}");
    assert!(extra.contains("123456789012345678901234567890"), "{extra}");
    assert!(!extra.contains("plain"), "{extra}");
}

/// Regression: columns of the input were taken for the column that holds a JSON record, and what
/// they held was parsed as one.
#[test]
fn string_columns_called_extra_or_record_stay_columns() {
    for name in ["extra", "record"] {
        let workspace = Workspace::new();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(StringArray::from_iter_values(["1", "2"]))),
            ("text", Arc::new(StringArray::from_iter_values(["one", "two"]))),
            (name, Arc::new(StringArray::from_iter_values(["{\"text\":\"evil\"}", "not JSON"]))),
        ];
        let rows = RecordBatch::try_from_iter(columns).expect("rows");
        write_parquet(&workspace.path("a.parquet"), &rows, Compression::SNAPPY);
        for (stages, output) in [("[]", "one"), ("[exact_dedup: {}]", "two")] {
            workspace.write("p.yaml", format!("stages: {stages}\noutput: {{compression: none}}\n"));
            workspace.call(&format!("run p.yaml --input a.parquet --output {output}")).exits(0);
            let records = workspace.records(&format!("{output}/data"));
            let texts: Vec<&Value> = records.iter().map(|record| &record["text"]).collect();
            assert_eq!(texts, ["one", "two"]);
            let values = |record: &Value| -> Vec<String> {
                let members = record.as_object().expect("an object");
                members.values().filter_map(|value| Some(value.as_str()?.to_owned())).collect()
            };
            assert!(values(&records[0]).contains(&"{\"text\":\"evil\"}".to_owned()), "{name}");
            assert!(values(&records[1]).contains(&"not JSON".to_owned()), "{name}");
            let parquet = format!("{output}-parquet");
            let call = format!("run p.yaml --input a.parquet --output {parquet}");
            workspace
                .call(&format!("{call} --set output.format=parquet --set output.compression=zstd"))
                .exits(0);
            let read = read_parquet(&workspace.path(&format!("{parquet}/data/part-00000.parquet")));
            assert_eq!(read[0].num_rows(), 2);
            let wanted = Some(vec!["{\"text\":\"evil\"}".to_owned(), "not JSON".to_owned()]);
            let found = read[0].columns().iter().any(|column| strings(column) == wanted);
            assert!(found, "{name}: {:?}", read[0].schema());
        }
    }
}

/// Regression: blocks of one shard with different optional fields have different columns, and
/// could not be spilled together at a barrier.
#[test]
fn optional_fields_may_come_and_go_within_a_shard() {
    let mut content = String::new();
    let filler = "word ".repeat(100);
    for number in 0..6000 {
        let field = match number / 2000 {
            0 => "\"url\":\"https://example.org/\"",
            1 => "\"date\":\"2022-01-01\",\"language\":\"en\"",
            _ => "\"other\":1",
        };
        let letters: String =
            number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        content.push_str(&format!("{{\"text\":\"{filler}{letters}\",{field}}}\n"));
    }
    for format in ["jsonl", "parquet"] {
        let workspace = Workspace::new();
        workspace.write("in/a.jsonl", &content);
        workspace.write("in/b.jsonl", plain_lines("b", 1));
        workspace.write("in/c.jsonl", "{\"text\":\"last\",\"source\":\"here\"}\n");
        workspace.write(
            "p.yaml",
            format!("stages:\n  - exact_dedup: {{}}\noutput: {{format: {format}}}\n"),
        );
        workspace.call("run p.yaml --input in --output out").exits(0);
        let summary = workspace.summary("out");
        assert_adds_up(&summary);
        assert_eq!(summary["documents"]["kept"], 6002);
        if format == "jsonl" {
            let lines = workspace.lines("out/data");
            assert_eq!(lines[..6000].join(&b'\n'), content.trim_end().as_bytes());
            continue;
        }
        let read = read_parquet(&workspace.path("out/data/part-00000.parquet"));
        let mut present = [0; 4];
        for batch in &read {
            for (count, name) in present.iter_mut().zip(["url", "date", "language", "source"]) {
                let column = batch.column_by_name(name).expect("a column");
                *count += column.len() - column.null_count();
            }
        }
        assert_eq!(present, [2000, 2000, 2000, 1]);
    }
}
