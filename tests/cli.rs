//! The command line: exit codes, messages, and what each command prints where.

mod common;

use common::{PASS_THROUGH, Workspace, files, lines_of, parse, plain_lines, project};
use serde_json::Value;

const COMMANDS: [&str; 17] = [
    "run",
    "score",
    "explain",
    "check",
    "stages",
    "schema",
    "fit",
    "import-fineweb2",
    "pii-eval",
    "plan",
    "task",
    "slurm",
    "status",
    "verify",
    "clusters",
    "index",
    "completions",
];

fn workspace(pipeline: &str) -> Workspace {
    let workspace = Workspace::new();
    workspace.write("pipeline.yaml", pipeline);
    workspace.write("input.jsonl", plain_lines("a", 3));
    workspace
}

const RUN: &str = "run pipeline.yaml --input input.jsonl --output out";

#[test]
fn every_command_has_help_with_an_example() {
    let workspace = Workspace::new();
    for command in COMMANDS {
        let call = workspace.call(&format!("{command} --help")).exits(0);
        assert!(call.stdout.contains("Example"), "{command}: {}", call.stdout);
        assert!(call.stdout.contains(&format!("sapwood {command}")), "{command}");
        assert!(call.stderr.is_empty(), "{}", call.stderr);
    }
    let help = workspace.call("--help").exits(0).stdout;
    for command in COMMANDS {
        assert!(help.contains(command), "{help}");
    }
    assert!(help.contains("Exit codes"), "{help}");
    assert!(workspace.call("--version").exits(0).stdout.starts_with("sapwood "));
}

#[test]
fn wrong_usage_exits_with_2() {
    let workspace = workspace(PASS_THROUGH);
    workspace.call("").exits(2);
    workspace.call("fly").exits(2);
    workspace.call("run").exits(2);
    workspace.call(&format!("{RUN} --threads 0")).exits(2);
    workspace.call(&format!("{RUN} --threads many")).exits(2);
    workspace.call("explain pipeline.yaml").exits(2);
    workspace.call("explain pipeline.yaml --text a --id b").exits(2);
    workspace.call("completions elvish-prince").exits(2);
    workspace.call("stages rots").exits(2).says(&["no stage is called `rots`", "`roots`"]);
    workspace.call("run missing.yaml").exits(2).says(&["missing.yaml"]);
    workspace.call("run pipeline.yaml").exits(2).says(&["no input", "--input"]);
    workspace
        .call("run pipeline.yaml --input nothing.jsonl --output out")
        .exits(2)
        .says(&["nothing.jsonl", "does not exist"]);
    workspace
        .call("run pipeline.yaml --input no*.jsonl --output out")
        .exits(2)
        .says(&["no*.jsonl", "matches no file"]);
    workspace
        .call("score pipeline.yaml --input input.jsonl --output scores.csv")
        .exits(2)
        .says(&["scores.csv", ".parquet"]);
    assert!(!workspace.path("out").exists());
}

#[test]
fn a_mistake_in_a_pipeline_is_shown_with_its_place_and_the_nearest_name() {
    for (pipeline, parts) in [
        ("name: a\nstags: []\n", &["pipeline.yaml:2:1", "`stags`", "did you mean `stages`?"][..]),
        (
            "stages:\n  - normalize: {}\n  - langud: {}\n",
            &["pipeline.yaml:3:5", "`langud`", "did you mean `langid`?"],
        ),
        (
            "stages:\n  - langid:\n      min_scoer: 0.5\n",
            &["pipeline.yaml:3:7", "`min_scoer`", "did you mean `min_score`?"],
        ),
        ("output:\n  level: high\n", &["pipeline.yaml:2:10"]),
        ("input: {format: csv}\n", &["pipeline.yaml:1:17", "`csv`"]),
        ("stages:\n  - roots: {variant: fixt}\n", &["pipeline.yaml:2:", "did you mean `fixed`?"]),
        ("output: [\n", &["pipeline.yaml:"]),
        ("", &["pipeline.yaml", "empty"]),
    ] {
        let workspace = workspace(pipeline);
        for command in ["check pipeline.yaml", RUN] {
            let call = workspace.call(command).exits(2).says(parts);
            assert!(call.stdout.is_empty(), "{}", call.stdout);
        }
        assert!(!workspace.path("out").exists());
    }
}

#[test]
fn a_model_that_is_not_there_is_named() {
    let workspace = workspace("stages:\n  - langid: {models: [models/none.ftz]}\n");
    workspace.call(RUN).exits(2).says(&["models/none.ftz", "is not there"]);
}

#[test]
fn set_overrides_a_value_and_is_type_checked() {
    let workspace = workspace(PASS_THROUGH);
    let call = format!("{RUN} --set output.compression=gzip --set name=other");
    workspace.call(&call).exits(0);
    assert!(workspace.path("out/data/part-00000.jsonl.gz").exists());
    assert_eq!(workspace.summary("out")["name"], "other");
    for (assignment, part) in [
        ("output.level=high", "invalid type"),
        ("output.levle=3", "did you mean `level`?"),
        ("langid.min_score=0.5", "langid"),
        ("output", "expected key.path=value"),
        ("output.shard_size=-1", "size"),
    ] {
        let call = format!("run pipeline.yaml --input input.jsonl --output two --set {assignment}");
        workspace.call(&call).exits(2).says(&[&format!("--set {assignment}"), part]);
    }
    assert!(!workspace.path("two").exists());
}

#[test]
fn a_finished_run_is_not_run_again() {
    let workspace = workspace(PASS_THROUGH);
    let first = workspace.call(RUN).exits(0);
    let times = || -> Vec<_> {
        let all = files(&workspace.path("out"));
        let own = all.into_iter().filter(|path| !path.ends_with("lock"));
        own.map(|path| (path.metadata().expect("a file").modified().expect("a time"), path))
            .collect()
    };
    let before = times();
    let second = workspace.call(RUN).exits(0).says(&["finished before"]);
    assert_eq!(before, times());
    assert_eq!(first.stdout, second.stdout);
}

#[test]
fn another_configuration_or_input_is_refused_unless_forced() {
    let workspace = workspace("stages:\n  - exact_dedup: {}\noutput: {compression: none}\n");
    workspace.call(RUN).exits(0);
    let before = common::fixed_part(&workspace.path("out"));
    workspace
        .call(&format!("{RUN} --set output.level=9"))
        .exits(2)
        .says(&["output.level: null -> 9", "--force"]);
    workspace
        .call(&format!("{RUN} --set exact_dedup.normalize=none"))
        .exits(2)
        .says(&["normalize: null -> \"none\""]);
    workspace.write("more.jsonl", plain_lines("b", 3));
    workspace
        .call(&format!("{RUN} --input more.jsonl"))
        .exits(2)
        .says(&["input more.jsonl is new"]);
    common::assert_same(&before, &common::fixed_part(&workspace.path("out")));
    workspace.write("input.jsonl", plain_lines("c", 3));
    workspace.call(RUN).exits(2).says(&["input input.jsonl has other content"]);
    workspace.call(&format!("{RUN} --force")).exits(0);
    assert!(workspace.records("out/data").iter().all(|record| record["id"] != "a-0"));
    // A change of where it is written or read by how many threads is none.
    workspace.call(&format!("{RUN} --threads 3")).exits(0).says(&["finished before"]);
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let workspace = workspace(PASS_THROUGH);
    workspace.write("out/thesis.tex", "precious");
    for call in [RUN.to_owned(), format!("{RUN} --force")] {
        workspace.call(&call).exits(2).says(&["is not empty and was not written by sapwood"]);
    }
    assert_eq!(workspace.read("out/thesis.tex"), b"precious");
    assert_eq!(files(&workspace.path("out")).len(), 1);
    workspace.call("status out").exits(1).says(&["no output of sapwood"]);
    workspace.call("status nowhere").exits(1);
}

#[test]
fn an_output_within_the_input_is_refused() {
    let workspace = workspace(PASS_THROUGH);
    workspace.write("data/a.jsonl", plain_lines("a", 1));
    for output in ["data", "."] {
        let call = format!("run pipeline.yaml --input data --output {output}");
        workspace.call(&call).exits(2);
    }
    assert_eq!(files(&workspace.path("data")).len(), 1);
    // A second run must not read what the first wrote.
    let call = "run pipeline.yaml --input . --output out";
    workspace.write("pipeline.yaml", format!("{PASS_THROUGH}input: {{format: auto}}\n"));
    workspace.call(call).exits(0);
    let again = workspace.call(call);
    assert_eq!(again.code, Some(2), "{}", again.stderr);
}

#[test]
fn check_reads_no_data() {
    let workspace = Workspace::new();
    let pipeline = std::fs::read_to_string(project().join("pipelines/roots.yaml"))
        .expect("the default pipeline")
        .replace("models/", &format!("{}/models/", project().display()))
        .replace("samples/", "not-there/");
    workspace.write("pipeline.yaml", pipeline);
    let call = workspace.call("check pipeline.yaml").exits(0);
    for part in ["is a valid pipeline", "pass 1", "pass 2", "exact_dedup", "lid.176.ftz"] {
        assert!(call.stdout.contains(part), "no {part} in {}", call.stdout);
    }
    assert_eq!(files(&workspace.path(".")).len(), 1);
}

#[test]
fn stages_describe_themselves() {
    let workspace = Workspace::new();
    let all = workspace.call("stages").exits(0).stdout;
    for name in ["normalize", "langid", "roots", "exact_dedup", "pii"] {
        assert!(all.contains(name), "{all}");
        let one = workspace.call(&format!("stages {name}")).exits(0).stdout;
        assert!(one.starts_with(name) && one.contains("parameter"), "{one}");
    }
    let roots = workspace.call("stages roots").exits(0).stdout;
    for metric in ["roots.number_words", "roots.flagged_words_ratio", "on_uncovered"] {
        assert!(roots.contains(metric), "{roots}");
    }
}

#[test]
fn the_schema_knows_every_key_of_the_shipped_pipelines() {
    let workspace = Workspace::new();
    let text = workspace.call("schema").exits(0).stdout;
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    assert!(schema["$schema"].as_str().is_some_and(|dialect| dialect.contains("2020-12")));
    let shipped = files(&project().join("pipelines"));
    assert!(!shipped.is_empty());
    for path in shipped {
        let yaml = std::fs::read_to_string(path).expect("a pipeline");
        let config: Value = serde_saphyr::from_str(&yaml).expect("YAML");
        let mut keys = Vec::new();
        collect_keys(&config, &mut keys);
        assert!(keys.len() > 10);
        for key in keys {
            assert!(text.contains(&format!("\"{key}\"")), "the schema has no {key}");
        }
    }
}

fn collect_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                keys.push(key.clone());
                // Its keys are languages, which no schema lists.
                if key != "min_scores" {
                    collect_keys(value, keys);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}

#[test]
fn completions_are_a_script() {
    let script = Workspace::new().call("completions bash").exits(0).stdout;
    assert!(script.contains("_sapwood()") && script.contains("--keep-dropped"));
}

#[test]
fn results_go_to_stdout_and_all_else_to_stderr() {
    let workspace = workspace(PASS_THROUGH);
    workspace.write("shards/readme.md", "not a shard");
    workspace.write("shards/a.jsonl", plain_lines("a", 2));
    let call = workspace.call("run pipeline.yaml --input shards --output out").exits(0);
    assert!(call.stdout.contains("2 records = 2 kept + 0 dropped + 0 rejected"), "{}", call.stdout);
    assert!(call.stderr.contains("passed over") && call.stderr.contains("readme.md"));
    let score = "score pipeline.yaml --input shards --output scores.jsonl";
    let call = workspace.call(score).exits(0).says(&["scored 2 records"]);
    assert!(call.stdout.is_empty(), "{}", call.stdout);
}

const QUALITY: &str =
    "stages:\n  - normalize: {}\n  - roots: {language: en}\n  - exact_dedup: {}\n  - pii: {}\n";

/// Regression: the scratch folder of a score had the name under which the file itself is written.
#[test]
fn score_writes_a_row_for_every_record_in_order() {
    let workspace = workspace(QUALITY);
    let mut input = String::new();
    let mut expected = Vec::new();
    for number in 0..50 {
        if number % 7 == 3 {
            input.push_str("{\"id\":\"broken\",\"text\":\n");
            expected.push(Value::Null);
        } else {
            input.push_str(&format!(
                "{{\"id\":\"n{number}\",\"text\":\"Buy now! Buy now! Buy now!\"}}\n"
            ));
            expected.push(format!("n{number}").into());
        }
    }
    workspace.write("a.jsonl", &input);
    for name in ["scores.jsonl", "scores.jsonl.zst", "scores.jsonl.gz"] {
        workspace.call(&format!("score pipeline.yaml --input a.jsonl --output {name}")).exits(0);
        let rows: Vec<Value> =
            lines_of(&workspace.path(name)).iter().map(|line| parse(line)).collect();
        let ids: Vec<Value> = rows.iter().map(|row| row["id"].clone()).collect();
        assert_eq!(ids, expected);
        for row in rows {
            assert_eq!(row["verdict"], "drop");
            let reasons = row["reasons"].as_array().expect("reasons");
            if row["id"].is_null() {
                assert_eq!(reasons, &["rejected.invalid_json"]);
                continue;
            }
            // Every rule that fails, and no barrier: all texts are equal.
            for reason in ["roots.number_words", "roots.character_repetition_ratio"] {
                assert!(reasons.contains(&reason.into()), "no {reason} in {row}");
            }
            assert!(reasons.iter().all(|reason| reason != "exact_dedup.duplicate"), "{row}");
            assert!(row["roots.number_words"].is_u64(), "{row}");
            assert!(row["roots.special_characters_ratio"].is_f64(), "{row}");
            assert_eq!(row["pii.email"], 0);
        }
    }
    let left = files(&workspace.path("."));
    assert_eq!(left.len(), 6, "nothing else is left: {left:?}");
}

#[test]
fn score_to_parquet_has_the_same_rows() {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    let workspace = workspace(QUALITY);
    let input = plain_lines("a", 20) + "[]\n" + &plain_lines("b", 5);
    workspace.write("a.jsonl", input);
    for name in ["scores.parquet", "scores.jsonl"] {
        workspace.call(&format!("score pipeline.yaml --input a.jsonl --output {name}")).exits(0);
    }
    let rows: Vec<Value> = workspace
        .read("scores.jsonl")
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(parse)
        .collect();
    assert_eq!(rows.len(), 26);
    let file = std::fs::File::open(workspace.path("scores.parquet")).expect("a file");
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
        .expect("parquet")
        .build()
        .expect("a reader");
    let mut at = 0;
    for batch in reader {
        let batch = batch.expect("rows");
        let column = |name: &str| batch.column_by_name(name).expect("a column");
        let words = column("roots.number_words").as_primitive::<Int64Type>();
        let ratio = column("roots.stopwords_ratio").as_primitive::<Float64Type>();
        let reasons = column("reasons").as_list::<i32>();
        for row in 0..batch.num_rows() {
            let expected = &rows[at];
            let number = (!words.is_null(row)).then(|| words.value(row));
            assert_eq!(expected["roots.number_words"].as_i64(), number);
            let number = (!ratio.is_null(row)).then(|| ratio.value(row));
            assert_eq!(expected["roots.stopwords_ratio"].as_f64(), number);
            let count = expected["reasons"].as_array().map(Vec::len);
            assert_eq!(count, Some(reasons.value(row).len()));
            at += 1;
        }
    }
    assert_eq!(at, rows.len());
}

/// Regression: with the pipeline in the group of required arguments, no explanation was possible.
#[test]
fn explain_shows_each_stage_its_metrics_and_margins() {
    let workspace = workspace(QUALITY);
    workspace.write("page.txt", "Write to someone@example.org now.");
    workspace
        .write("input.jsonl", "{\"id\":\"x\",\"text\":\"Write to someone@example.org now.\"}\n");
    let text = workspace
        .call_with(
            &["explain", "pipeline.yaml", "--text", "Write to someone@example.org now."],
            b"",
        )
        .exits(0)
        .stdout;
    let shown = ["normalize: keep", "roots.number_words", ">=", "PI:EMAIL", "left out", "verdict:"];
    for part in shown {
        assert!(text.contains(part), "no {part} in {text}");
    }
    for what in ["--file page.txt", "--input input.jsonl --id x"] {
        let call = workspace.call(&format!("explain pipeline.yaml {what} --json")).exits(0);
        let explanation: Value = serde_json::from_str(&call.stdout).expect("JSON");
        assert_eq!(explanation["text"], "Write to PI:EMAIL now.");
        assert_eq!(explanation["text_before"], "Write to someone@example.org now.");
        let stages = explanation["stages"].as_array().expect("stages");
        assert_eq!(stages.len(), 4);
        for test in stages[1]["tests"].as_array().expect("tests") {
            assert_eq!(test["passed"], test["margin"].as_f64() >= Some(0.0), "{test}");
        }
        assert_eq!(stages[3]["metrics"]["pii.email"], 1);
        assert_eq!(stages[2]["verdict"], "left out");
    }
    workspace.call("explain pipeline.yaml --input input.jsonl --id y").exits(1).says(&["y"]);
}

#[test]
fn personal_data_stays_in_data() {
    let workspace = Workspace::new();
    let planted = "xq7.planted-mail@zebra-quagga.example";
    let part = "zebra-quagga";
    let text = format!("Please write to {planted} about the gate, and do it soon. ");
    let mut input = String::new();
    for number in 0..40 {
        input.push_str(&match number % 8 {
            0 => format!("{{\"text\":\"{text}\n"),
            1 => format!("{{\"text\":17,\"mail\":\"{planted}\"}}\n"),
            2 => format!("{{\"text\":\"\\ud800 {planted}\"}}\n"),
            3 => format!("{planted}\n"),
            4 => format!("{{\"{planted}\":1}}\n"),
            5 => format!("{{\"text\":\"{}\"}}\n", "x".repeat(3000) + planted),
            _ => format!("{{\"text\":\"{text}{number}\"}}\n"),
        });
    }
    workspace.write("input.jsonl", &input);
    // Cut within the content, so that the damage is told too.
    let frame = common::zstandard(input.repeat(50).as_bytes());
    workspace.write("more.jsonl.zst", &frame[..frame.len() / 2]);
    workspace.write(
        "pipeline.yaml",
        format!("input: {{max_document_bytes: 2kB}}\n{QUALITY}output: {{keep_dropped: true, compression: none}}\n"),
    );
    let mut said = String::new();
    for call in [
        "run pipeline.yaml --input input.jsonl --input more.jsonl.zst --output out",
        "score pipeline.yaml --input input.jsonl --output scores.jsonl",
        "status out",
        "status out --json",
    ] {
        let arguments: Vec<&str> = call.split_whitespace().collect();
        let call = workspace.call_with(&arguments, b"");
        said.push_str(&call.stdout);
        said.push_str(&call.stderr);
    }
    assert!(!said.contains(part), "{said}");
    assert!(said.contains("damaged"), "{said}");
    let rejected = workspace.lines("out/rejected");
    assert!(rejected.len() >= 30, "{}", rejected.len());
    for line in rejected {
        let record = parse(&line);
        assert!(!record["detail"].to_string().contains(part), "{}", record["detail"]);
    }
    let has =
        |path: &std::path::Path| String::from_utf8_lossy(&common::content(path)).contains(part);
    for path in files(&workspace.path("out")) {
        let kind = path.strip_prefix(workspace.path("out")).expect("below");
        if !["dropped", "rejected"].iter().any(|folder| kind.starts_with(folder)) {
            assert!(!has(&path), "{}", path.display());
        }
    }
    assert!(!has(&workspace.path("scores.jsonl")));
}
