//! Runs that many processes share: the same bytes as of one, and what is damaged is found and mended.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::{
    Random, Workspace, assert_same, files, fixed_part, gzip, parse, program, project, sample_lines,
    zstandard,
};
use serde_json::{Value, json};

/// Deduplicators, so that there are several passes, two of them side by side; all kinds of outputs.
fn pipeline(workspace: &Workspace, format: &str) {
    let pipeline = json!({
        "name": "tasks",
        "input": {"paths": ["input/"], "fields": {"language": "lang"}},
        "stages": [
            {"normalize": {}},
            {"exact_dedup": {}},
            {"roots": {}},
            {"exact_dedup": {}},
            {"minhash_dedup": {"keep": "longest"}},
            {"pii": {}},
        ],
        "output": {
            "path": "out", "shard_size": "20kB", "partition_by": "language", "keep_dropped": true,
            "format": format,
        },
    });
    workspace.write("pipeline.yaml", pipeline.to_string());
}

/// The sample twice over with other texts: in one shard of each kind, cut into many frames where
/// there are frames, and in some small ones.
fn write_input(workspace: &Workspace) {
    let mut contents = vec![Vec::new(); 6];
    let mut random = Random(5);
    for copy in ["", " x"] {
        for line in sample_lines() {
            // The first three are several times as large as the others.
            let shard =
                &mut contents[[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 5][random.below(12) as usize]];
            match serde_json::from_slice::<Value>(&line) {
                Ok(mut record) if record["text"].is_string() => {
                    record["text"] =
                        format!("{}{copy}", record["text"].as_str().expect("text")).into();
                    shard.extend(record.to_string().bytes());
                }
                _ => shard.extend(line),
            }
            shard.push(b'\n');
        }
    }
    let frames: Vec<u8> = contents[1].chunks(20_000).flat_map(zstandard).collect();
    workspace.write("input/0.jsonl", &contents[0]);
    workspace.write("input/1.jsonl.zst", frames);
    workspace.write("input/2.jsonl.gz", gzip(&contents[2]));
    workspace.write("input/3.jsonl", &contents[3]);
    workspace.write("input/4.jsonl.zst", zstandard(&contents[4]));
    workspace.write("input/5.jsonl", b"");
    workspace.write("input/6.jsonl", &contents[5]);
    let columns = std::fs::read(project().join("samples/sample-02.parquet")).expect("a shard");
    workspace.write("input/columns.parquet", columns);
}

const SEGMENTS: &str = "--segment-size 40kB";

fn passes(workspace: &Workspace, output: &str, tasks: usize) -> Vec<(String, u64)> {
    let call = format!("plan pipeline.yaml --output {output} --tasks {tasks} {SEGMENTS} --json");
    let plan: Value = serde_json::from_str(&workspace.call(&call).exits(0).stdout).expect("JSON");
    let passes = plan["passes"].as_array().expect("passes").iter();
    passes
        .map(|pass| {
            let name = pass["name"].as_str().expect("a name").to_owned();
            (name, pass["tasks"].as_u64().expect("a count"))
        })
        .collect()
}

fn task(workspace: &Workspace, output: &str, pass: &str, task: u64) -> Child {
    Command::new(program())
        .current_dir(workspace.path("."))
        .args(["task", "pipeline.yaml", "--output", output, "--threads", "1"])
        .args(["--pass", pass, "--task", &task.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

#[track_caller]
fn succeeds(child: Child) {
    let output = child.wait_with_output().expect("an end");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every task twice at once, in any order, on any process.
#[test]
fn tasks_give_the_bytes_of_a_local_run() {
    for format in ["jsonl", "parquet"] {
        let workspace = Workspace::new();
        write_input(&workspace);
        pipeline(&workspace, format);
        workspace.call(&format!("run pipeline.yaml --output local {SEGMENTS}")).exits(0);
        let expected = fixed_part(&workspace.path("local"));
        let passes = passes(&workspace, "tasks", 16);
        let names: Vec<&str> = passes.iter().map(|(name, _)| name.as_str()).collect();
        let wanted = [
            "index",
            "map-1",
            "match-1",
            "resolve-1",
            "map-2",
            "match-2",
            "resolve-2",
            "match-2-2",
            "resolve-2-2",
            "map-3",
            "arrange",
            "assemble",
            "finish",
        ];
        assert_eq!(names, wanted);
        assert!((10..=20).contains(&passes[1].1), "{passes:?}");
        // What comes too early says what it waits for.
        for (pass, waits_for) in
            [("match-1", "map-1"), ("resolve-2-2", "resolve-2 is not finished")]
        {
            let call = format!("task pipeline.yaml --output tasks --pass {pass} --task 0");
            workspace.call(&call).exits(1).says(&[waits_for]);
        }
        let mut random = Random(9);
        let copies = if format == "jsonl" { 2 } else { 1 };
        for (name, count) in &passes {
            let mut order: Vec<u64> = (0..*count).collect();
            for at in 0..order.len() {
                let other = random.below(order.len() as u64) as usize;
                order.swap(at, other);
            }
            for number in order {
                let copies: Vec<Child> =
                    (0..copies).map(|_| task(&workspace, "tasks", name, number)).collect();
                copies.into_iter().for_each(succeeds);
            }
        }
        assert_same(&expected, &fixed_part(&workspace.path("tasks")));
        let call = workspace.call("verify tasks").exits(0);
        assert!(call.stdout.contains("nothing damaged"), "{}", call.stdout);
        // All is done, and stays as it is.
        let call = workspace.call("task pipeline.yaml --output tasks --pass map-1 --task 0");
        call.exits(0).says(&["done before"]);
    }
}

/// Every deduplicator in each of its ways, its records compared by tasks, against a run in which whoever
/// resolves it compares them.
#[test]
fn what_tasks_have_compared_gives_the_bytes_of_a_local_run() {
    let ways = [
        json!({"exact_dedup": {"index": "INDEX"}}),
        json!({"minhash_dedup": {"index": "INDEX", "keep": "longest"}}),
        json!({"minhash_dedup": {"against": ["FORMER"]}}),
        json!({"minhash_dedup": {"verify": "none"}}),
        json!({"simhash_dedup": {"against": ["FORMER"]}}),
        json!({"simhash_dedup": {"index": "INDEX", "variant": "2022"}}),
        json!({"line_dedup": {"mode": "paragraphs"}}),
        json!({"line_dedup": {"mode": "sentences", "approximate": true}}),
        json!({"line_dedup": {"mode": "templates"}}),
        json!({"line_dedup": {"mode": "boilerplate"}}),
        json!({"substring_dedup": {"length": 30}}),
        json!({"substring_dedup": {"length": 30, "keep": "none"}}),
    ];
    let workspace = Workspace::new();
    write_input(&workspace);
    // Documents of an earlier run.
    let former: Vec<Vec<u8>> = sample_lines().into_iter().step_by(7).collect();
    workspace.write("former/0.jsonl", former.join(&b'\n'));
    let write = |way: &Value, index: &str, former: &str| {
        let way = way.to_string().replace("INDEX", index).replace("FORMER", former);
        let stage: Value = serde_json::from_str(&way).expect("JSON");
        let pipeline = json!({
            "name": "way",
            "input": {"paths": ["input/"], "fields": {"language": "lang"}},
            "stages": [{"normalize": {}}, stage],
            "output": {"path": "out", "keep_dropped": true},
        });
        workspace.write("pipeline.yaml", pipeline.to_string());
    };
    for (number, way) in ways.iter().enumerate() {
        let name = way.as_object().expect("a stage").keys().next().expect("a name").clone();
        let former = format!("former-{number}");
        if way.to_string().contains("FORMER") {
            write(&json!({&name: {"index": &former}}), "", "");
            let call = format!("run pipeline.yaml --input former --output before-{number}");
            workspace.call(&call).exits(0);
        }
        let of = |kind: &str| format!("{kind}-{number}");
        write(way, &of("index-local"), &former);
        let local = of("local");
        workspace.call(&format!("run pipeline.yaml --output {local} {SEGMENTS}")).exits(0);
        write(way, &of("index-tasks"), &former);
        let tasks = of("tasks");
        let passes = passes(&workspace, &tasks, 16);
        let compared = passes.iter().filter(|(name, _)| name.starts_with("match-"));
        let wanted = match name.as_str() {
            "substring_dedup" => 2,
            "line_dedup" if way.to_string().contains("boilerplate") => 2,
            "line_dedup" if way.to_string().contains("approximate") => 0,
            _ => 1,
        };
        assert_eq!(compared.inspect(|(_, count)| assert_eq!(*count, 4)).count(), wanted, "{way}");
        for (name, count) in &passes {
            (0..*count).for_each(|number| succeeds(task(&workspace, &tasks, name, number)));
            // What was compared is given back with the barrier.
            if name.starts_with("resolve-") {
                let work = files(&workspace.path(&format!("{tasks}/.sapwood/work")));
                let left = work.iter().filter(|path| path.to_string_lossy().contains("/match-"));
                assert_eq!(left.count(), 0, "{work:?}");
            }
        }
        // The pipelines differ in where their indexes lie, so the accounts are not all the same.
        let [expected, found] = ["local", "tasks"].map(|kind| {
            let mut all = fixed_part(&workspace.path(&of(kind)));
            let summary = parse(&all["summary.json"]);
            all.insert("summary.json".to_owned(), summary["stages"].to_string().into_bytes());
            for path in files(&workspace.path(&of(&format!("index-{kind}")))) {
                if path.extension().is_some_and(|extension| extension == "records") {
                    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
                    all.insert(name, std::fs::read(&path).expect("a file"));
                }
            }
            all
        });
        assert_same(&expected, &found);
    }
}

#[test]
fn a_run_on_one_machine_goes_on_with_what_tasks_have_done() {
    let workspace = Workspace::new();
    write_input(&workspace);
    pipeline(&workspace, "jsonl");
    workspace.call(&format!("run pipeline.yaml --output local {SEGMENTS}")).exits(0);
    for (name, count) in passes(&workspace, "mixed", 8).iter().take(2) {
        for number in (0..*count).step_by(2) {
            succeeds(task(&workspace, "mixed", name, number));
        }
        if name == "index" {
            (1..*count).step_by(2).for_each(|number| {
                succeeds(task(&workspace, "mixed", name, number));
            });
        }
    }
    let status = workspace.call("status mixed --json").exits(0).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    assert!(status["passes"][1]["done"].as_u64() >= Some(3), "{status}");
    assert!(status["passes"][1]["missing"].as_u64() >= Some(3), "{status}");
    assert!(status["documents"]["in"].as_u64() > Some(100), "{status}");
    workspace.call("run pipeline.yaml --output mixed").exits(0);
    assert_same(&fixed_part(&workspace.path("local")), &fixed_part(&workspace.path("mixed")));
}

#[test]
fn wrong_tasks_and_other_plans_are_refused_with_what_to_do() {
    let workspace = Workspace::new();
    write_input(&workspace);
    pipeline(&workspace, "jsonl");
    let call = "task pipeline.yaml --output out";
    workspace.call(&format!("{call} --pass map-1 --task 0")).exits(2).says(&["sapwood plan"]);
    passes(&workspace, "out", 16);
    workspace.call(&format!("{call} --pass map-9 --task 0")).exits(2).says(&["map-9", "resolve-2"]);
    workspace
        .call(&format!("{call} --pass map-1 --task 99"))
        .exits(2)
        .says(&["no task 99", "0 to"]);
    workspace
        .call(&format!("{call} --pass map-1 --task 0 --set output.level=9"))
        .exits(2)
        .says(&["planned differently", "--set"]);
    workspace
        .call(&format!("plan pipeline.yaml --output out --tasks 5 {SEGMENTS}"))
        .exits(2)
        .says(&["planned with 16 tasks a pass, not 5", "--force"]);
    workspace
        .call_with(&["plan", "pipeline.yaml", "--input", "-", "--output", "stdin"], b"{}")
        .exits(2)
        .says(&["standard input"]);
    // An input that has changed since is no longer what was planned.
    workspace.write("input/0.jsonl", "{\"text\":\"other\"}\n");
    let call = workspace.call("task pipeline.yaml --output out --pass index --task 0").exits(1);
    assert!(call.stderr.contains("has changed since"), "{}", call.stderr);
    let status = workspace.call("status out").exits(0).stdout;
    assert!(status.contains("index task 0 failed (1 attempt"), "{status}");
}

#[cfg(unix)]
#[test]
fn a_task_stops_at_a_signal_with_an_exit_code_of_its_own() {
    let workspace = Workspace::new();
    write_input(&workspace);
    pipeline(&workspace, "jsonl");
    workspace.call(&format!("run pipeline.yaml --output local {SEGMENTS}")).exits(0);
    let passes = passes(&workspace, "out", 1);
    for signal in ["-USR1", "-TERM"] {
        let child = task(&workspace, "out", "map-1", 0);
        // Once something is committed, the signal finds it at work.
        let journal = workspace.path("out/.sapwood/journal");
        let before = files(&journal).len();
        while files(&journal).len() == before {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
        let output = child.wait_with_output().expect("an end");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(75), "{stderr}");
        assert!(stderr.contains("the same command goes on"), "{stderr}");
    }
    for (name, count) in &passes {
        (0..*count).for_each(|number| succeeds(task(&workspace, "out", name, number)));
    }
    assert_same(&fixed_part(&workspace.path("local")), &fixed_part(&workspace.path("out")));
}

/// A file, and what is done to it.
type Harm = (PathBuf, fn(&Path));

/// Changes a byte in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).expect("a file");
}

fn truncate(path: &Path) {
    let bytes = std::fs::read(path).expect("a file");
    std::fs::write(path, &bytes[..bytes.len() / 2]).expect("a file");
}

fn remove(path: &Path) {
    std::fs::remove_file(path).expect("a file");
}

fn matching(folder: &Path, part: &str) -> Vec<PathBuf> {
    let mut found = files(folder);
    found.retain(|path| path.to_string_lossy().contains(part));
    assert!(!found.is_empty(), "no {part}");
    found
}

#[test]
fn whatever_is_damaged_in_a_finished_output_is_named_and_mended() {
    for format in ["jsonl", "parquet"] {
        let workspace = Workspace::new();
        write_input(&workspace);
        pipeline(&workspace, format);
        workspace.call(&format!("run pipeline.yaml --output out {SEGMENTS}")).exits(0);
        let output = workspace.path("out");
        let expected = fixed_part(&output);
        let data = files(&output.join("data"));
        let state = output.join(".sapwood");
        let harms: Vec<Harm> = vec![
            (data[0].clone(), flip),
            (data[data.len() / 2].clone(), truncate),
            (data[data.len() - 1].clone(), remove),
            (matching(&output, "dropped/part")[0].clone(), remove),
            (matching(&output, "rejected/part")[0].clone(), truncate),
            (matching(&state, "journal/pass-0")[1].clone(), truncate),
            (matching(&state, "journal/pass-2")[0].clone(), remove),
            (matching(&state, "journal/assemble")[0].clone(), truncate),
            (matching(&state, "findings/0-0")[0].clone(), flip),
            (state.join("journal/resolve-1-0.json"), remove),
            (output.join("summary.json"), truncate),
        ];
        // One by one, then all at once.
        let each = harms.iter().map(std::slice::from_ref);
        for harms in each.chain([harms.as_slice()]) {
            for (path, harm) in harms {
                harm(path);
            }
            let call = workspace.call("verify out").exits(1);
            for (path, _) in harms.iter().filter(|_| harms.len() == 1) {
                let name = path.strip_prefix(&output).expect("below").display().to_string();
                assert!(call.stdout.contains(&name), "{name}: {}", call.stdout);
            }
            assert!(call.stderr.contains("--repair"), "{}", call.stderr);
            let call = workspace.call("verify out --repair").exits(0);
            assert!(call.stdout.contains("nothing damaged"), "{}", call.stdout);
            assert_same(&expected, &fixed_part(&output));
        }
        // What nobody wrote is told, and left.
        workspace.write("out/data/stranger.txt", "x");
        let call = workspace.call("verify out --repair").exits(1);
        assert!(
            call.stdout.contains("data/stranger.txt: is no file of this run"),
            "{}",
            call.stdout
        );
    }
}

#[test]
fn whatever_is_damaged_in_an_unfinished_output_is_mended_and_the_run_goes_on() {
    let workspace = Workspace::new();
    write_input(&workspace);
    pipeline(&workspace, "jsonl");
    workspace.call(&format!("run pipeline.yaml --output local {SEGMENTS}")).exits(0);
    let passes = passes(&workspace, "out", 16);
    let state = workspace.path("out/.sapwood");
    for (name, count) in &passes {
        (0..*count).for_each(|number| succeeds(task(&workspace, "out", name, number)));
        let harms: Vec<Harm> = match name.as_str() {
            "map-1" => vec![
                (matching(&state, ".spill")[0].clone(), flip),
                (matching(&state, ".pieces")[1].clone(), remove),
                (matching(&state, "journal/pass-0")[2].clone(), truncate),
                (matching(&state, "plan/marks")[0].clone(), truncate),
            ],
            "match-1" => {
                let of_task = |path: &PathBuf| path.extension().is_some_and(|it| it == "json");
                let (records, piles): (Vec<_>, Vec<_>) =
                    matching(&state, "work/match-0-0/").into_iter().partition(of_task);
                vec![
                    (piles[0].clone(), flip),
                    (piles[1].clone(), remove),
                    (piles[2].clone(), truncate),
                    (records[0].clone(), truncate),
                ]
            }
            "map-2" => vec![
                // What it was made from is given back already.
                (matching(&state.join("work/pass-1"), ".spill")[1].clone(), truncate),
                (matching(&state, "findings/0-0")[0].clone(), remove),
            ],
            "arrange" => vec![(matching(&state.join("work/pass-2"), ".pieces")[0].clone(), flip)],
            _ => continue,
        };
        for (path, harm) in &harms {
            harm(path);
        }
        workspace.call("verify out").exits(1);
        workspace.call("verify out --repair").exits(0);
    }
    workspace.call("run pipeline.yaml --output out").exits(0);
    assert_same(&fixed_part(&workspace.path("local")), &fixed_part(&workspace.path("out")));
}
