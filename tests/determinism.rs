//! The same bytes for any number of threads, and after any number of kills and stops.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use common::{
    Random, Workspace, assert_adds_up, assert_same, files, fixed_part, gzip, program, project,
    sample_lines, zstandard,
};
use sapwood::engine::{self, EngineError, Observer, Progress, RunOptions};
use sapwood::pipeline::{Config, Plan, Resolver};
use serde_json::{Value, json};

/// All kinds of stages and outputs; small shards, so that there are several of each.
fn pipeline(workspace: &Workspace) -> PathBuf {
    let model = project().join("models/lid.176.ftz");
    let pipeline = json!({
        "name": "determinism",
        "input": {"paths": ["input/"], "fields": {"language": "lang"}},
        "stages": [
            {"normalize": {}},
            {"langid": {"models": [model], "lowercase": true}},
            {"roots": {}},
            {"exact_dedup": {}},
            {"pii": {}},
        ],
        "output": {
            "path": "out", "shard_size": "20kB", "partition_by": "language", "keep_dropped": true,
            "metrics": ["roots.*", "pii.*"],
        },
    });
    workspace.write("pipeline.yaml", pipeline.to_string())
}

/// The sample's records several times over, each time with another text, in as many shards as
/// asked for; every third copy stays a duplicate.
fn write_input(workspace: &Workspace, copies: usize, shards: usize) {
    let originals = sample_lines();
    let mut contents = vec![Vec::new(); shards];
    let mut random = Random(7);
    for copy in 0..copies {
        // ROOTS' normalisation ignores digits, so a letter tells copies apart.
        let letter = char::from(b'a' + (copy - copy % 3 + copy % 3 % 2) as u8);
        for line in &originals {
            let shard = &mut contents[random.below(shards as u64) as usize];
            match serde_json::from_slice::<Value>(line) {
                Ok(mut record) if record["text"].is_string() => {
                    let text = record["text"].as_str().expect("a text");
                    record["text"] = format!("{text} {letter}").into();
                    record["id"] = format!("{copy}-{}", record["id"]).into();
                    shard.extend(record.to_string().bytes());
                }
                _ => shard.extend(line),
            }
            shard.push(b'\n');
        }
    }
    for (number, content) in contents.iter().enumerate() {
        match number % 3 {
            0 => workspace.write(&format!("input/{number:02}.jsonl.zst"), zstandard(content)),
            1 => workspace.write(&format!("input/{number:02}.jsonl.gz"), gzip(content)),
            _ => workspace.write(&format!("input/{number:02}.jsonl"), content),
        };
    }
    // Rows of columns take another way through the passes than lines.
    let columns = std::fs::read(project().join("samples/sample-02.parquet")).expect("a shard");
    workspace.write("input/columns.parquet", columns);
}

fn start(workspace: &Workspace, output: &str, threads: &str) -> Child {
    Command::new(program())
        .current_dir(workspace.path("."))
        .args(["run", "pipeline.yaml", "--output", output, "--threads", threads])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Regression: a kill while shards were put together left half-written files among them.
#[test]
fn the_bytes_do_not_depend_on_threads_or_kills() {
    let workspace = Workspace::new();
    write_input(&workspace, 3, 20);
    pipeline(&workspace);
    let started = Instant::now();
    workspace.call("run pipeline.yaml --output undisturbed --threads 2").exits(0);
    let took = started.elapsed();
    let expected = fixed_part(&workspace.path("undisturbed"));
    assert_adds_up(&workspace.summary("undisturbed"));
    for kind in ["data/en/part-00001", "dropped/part-00000", "rejected/part-00000"] {
        assert!(expected.keys().any(|name| name.starts_with(kind)), "{:?}", expected.keys());
    }
    for threads in [1, 7] {
        let output = format!("threads-{threads}");
        let call = format!("run pipeline.yaml --output {output} --threads {threads}");
        workspace.call(&call).exits(0);
        assert_same(&expected, &fixed_part(&workspace.path(&output)));
    }
    // Kills at random moments, from the first to beyond the last, until twenty have hit.
    let output = workspace.path("killed");
    let mut random = Random(20);
    let (mut kills, mut finished) = (0, 0);
    while kills < 20 {
        let mut child = start(&workspace, "killed", "2");
        std::thread::sleep(Duration::from_micros(random.below(took.as_micros() as u64)));
        child.kill().expect("a kill");
        let status = child.wait().expect("an end");
        if output.join("summary.json").exists() {
            assert_same(&expected, &fixed_part(&output));
            std::fs::remove_dir_all(&output).expect("removed");
            finished += 1;
            assert!(finished < 100, "no kill hits");
        } else {
            assert!(!status.success());
            kills += 1;
        }
    }
    workspace.call("run pipeline.yaml --output killed --threads 7").exits(0);
    assert_same(&expected, &fixed_part(&output));
}

#[cfg(unix)]
#[test]
fn sigterm_stops_cleanly_and_the_run_goes_on() {
    let workspace = Workspace::new();
    write_input(&workspace, 4, 20);
    pipeline(&workspace);
    workspace.call("run pipeline.yaml --output undisturbed").exits(0);
    let child = start(&workspace, "out", "1");
    // With the first committed segment the run is well under way and far from its end.
    while files(&workspace.path("out/.sapwood/journal")).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    let output = child.wait_with_output().expect("an end");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("stopping; what is finished stays"), "{stderr}");
    assert!(stderr.contains("the same command goes on from here"), "{stderr}");
    assert!(!workspace.path("out/summary.json").exists());
    let status = workspace.call("status out").exits(0).stdout;
    assert!(status.contains("not finished"), "{status}");
    let status: Value =
        serde_json::from_str(&workspace.call("status out --json").exits(0).stdout).expect("JSON");
    assert_eq!(status["finished"], false);
    assert!(status["passes"][0]["done"].as_u64() >= Some(1), "{status}");
    assert!(status["passes"][0]["done"].as_u64() < Some(20), "{status}");
    workspace.call("run pipeline.yaml --output out").exits(0);
    assert_same(&fixed_part(&workspace.path("undisturbed")), &fixed_part(&workspace.path("out")));
    let status: Value =
        serde_json::from_str(&workspace.call("status out --json").exits(0).stdout).expect("JSON");
    assert_eq!(status["finished"], true);
    assert_eq!(status["documents"], workspace.summary("out")["documents"]);
}

/// Sets the flag once so many documents went through a pass.
struct StopAfter {
    pass: usize,
    documents: u64,
    cancel: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Observer for StopAfter {
    fn start(&self, progress: Arc<Progress>) {
        let (pass, documents) = (self.pass, self.documents);
        let (cancel, over) = (Arc::clone(&self.cancel), Arc::clone(&self.over));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let now = progress.snapshot();
                if now.pass > pass || (now.pass == pass && now.documents >= documents) {
                    cancel.store(true, Ordering::Relaxed);
                    return;
                }
                std::thread::yield_now();
            }
        });
    }

    fn remark(&self, _: &str) {}
}

type Journal = BTreeMap<PathBuf, (SystemTime, Vec<u8>)>;

fn journal(output: &Path) -> Journal {
    let read = |path: PathBuf| {
        let changed = path.metadata().and_then(|file| file.modified()).expect("a time");
        let content = std::fs::read(&path).expect("a record");
        (path, (changed, content))
    };
    let records = files(&output.join(".sapwood/journal"));
    let whole = records
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    whole.map(read).collect()
}

#[test]
fn a_stopped_run_goes_on_within_a_shard_and_redoes_nothing() {
    let workspace = Workspace::new();
    // Two shards of several blocks each, so that segments end within them.
    write_input(&workspace, 6, 2);
    let yaml = std::fs::read_to_string(pipeline(&workspace)).expect("a pipeline");
    let plan = |output: &str| {
        let mut config = Config::from_yaml(&yaml, "pipeline.yaml").expect("a pipeline");
        config.input.paths = vec![workspace.path("input")];
        config.output.path = workspace.path(output);
        Plan::new(config, &Resolver::default()).expect("a plan")
    };
    let options = || RunOptions { segment_bytes: 64 << 10, ..RunOptions::default() };
    let undisturbed = plan("undisturbed");
    let listing = engine::inspect_input(&undisturbed, &Resolver::default()).expect("a listing");
    engine::run(&undisturbed, &listing, &options(), &()).expect("a run");
    let expected = fixed_part(&workspace.path("undisturbed"));
    let segments = journal(&workspace.path("undisturbed")).len();
    assert!(segments > 10, "{segments}");
    let all = workspace.summary("undisturbed")["documents"]["in"].as_u64().expect("a count");
    let mut random = Random(3);
    let mut stops = 0;
    for round in 0..4 {
        let output = format!("stopped-{round}");
        let plan = plan(&output);
        let output = workspace.path(&output);
        let mut before = Journal::new();
        for pass in [0, 0, 1, 1] {
            let options = options();
            let observer = StopAfter {
                pass,
                documents: random.below(all / 2),
                cancel: Arc::clone(&options.cancel),
                over: Arc::default(),
            };
            let outcome = engine::run(&plan, &listing, &options, &observer);
            observer.over.store(true, Ordering::Relaxed);
            let now = journal(&output);
            for (path, record) in &before {
                assert_eq!(now.get(path), Some(record), "{} was redone", path.display());
            }
            before = now;
            match outcome {
                Ok(_) => break,
                Err(EngineError::Interrupted) => stops += 1,
                Err(error) => panic!("{error}"),
            }
        }
        let outcome = engine::run(&plan, &listing, &options(), &()).expect("a run");
        let now = journal(&output);
        for (path, record) in &before {
            assert_eq!(now.get(path), Some(record), "{} was redone", path.display());
        }
        assert!(now.keys().count() == segments);
        assert_eq!(outcome.summary.documents.input, all);
        assert_same(&expected, &fixed_part(&output));
    }
    assert!(stops >= 4, "{stops}");
}
