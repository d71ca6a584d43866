//! What machines do to a run: kills, full disks, unreadable files, broken journals, clocks that jump,
//! two runs at once. Never another result, never a lost document, always a message that says what to do.
//!
//! `SAPWOOD_KILLS` is the number of kills, 100 if it is `nightly`.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{
    Random, Workspace, assert_adds_up, assert_same, files, fixed_part, gzip, program, sample_lines,
    zstandard,
};

/// Several passes, several output files, all kinds of rows.
const PIPELINE: &str = "\
name: faults
input: {paths: [input/], fields: {language: lang}}
stages:
  - normalize: {}
  - exact_dedup: {}
  - roots: {}
  - exact_dedup: {normalize: roots}
  - pii: {}
output: {path: out, shard_size: 30kB, partition_by: language, keep_dropped: true}
";

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.write("pipeline.yaml", PIPELINE);
    let mut contents = vec![Vec::new(); 4];
    for (number, line) in sample_lines().into_iter().enumerate() {
        let shard = &mut contents[number % 7 % 4];
        shard.extend(line);
        shard.push(b'\n');
    }
    workspace.write("input/0.jsonl", &contents[0]);
    workspace.write("input/1.jsonl.zst", zstandard(&contents[1]));
    workspace.write("input/2.jsonl.gz", gzip(&contents[2]));
    workspace.write("input/3.jsonl", &contents[3]);
    workspace
}

const RUN: [&str; 6] = ["run", "pipeline.yaml", "--segment-size", "50kB", "--threads", "2"];

fn start(workspace: &Workspace, output: &str) -> Child {
    Command::new(program())
        .current_dir(workspace.path("."))
        .args(RUN)
        .args(["--output", output])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn run(workspace: &Workspace, output: &str) -> common::Call {
    workspace.call(&format!("{} --output {output}", RUN.join(" ")))
}

/// Kills with signal 9, from the first moment to beyond the last, each time on what the kills before
/// have left.
#[test]
fn kills_at_any_point_cost_nothing_but_time() {
    let kills = match std::env::var("SAPWOOD_KILLS").as_deref() {
        Ok("nightly") => 100,
        Ok(count) => count.parse().expect("a number of kills"),
        Err(_) => 12,
    };
    let workspace = workspace();
    let started = Instant::now();
    run(&workspace, "undisturbed").exits(0);
    let took = started.elapsed();
    let expected = fixed_part(&workspace.path("undisturbed"));
    assert_adds_up(&workspace.summary("undisturbed"));
    let output = workspace.path("killed");
    let mut random = Random(2026);
    let mut hit = 0;
    while hit < kills {
        let mut child = start(&workspace, "killed");
        std::thread::sleep(Duration::from_micros(random.below(took.as_micros() as u64)));
        child.kill().expect("a kill");
        child.wait().expect("an end");
        hit += 1;
        if output.join("summary.json").exists() {
            assert_same(&expected, &fixed_part(&output));
            std::fs::remove_dir_all(&output).expect("removed");
        }
    }
    run(&workspace, "killed").exits(0);
    assert_same(&expected, &fixed_part(&output));
    workspace.call("verify killed").exits(0);
}

/// A small file system in memory that is taken away at the end.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(path: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir_all(&path).ok()?;
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(path))
    }

    fn resize(&self, size: &str) {
        let options = format!("remount,size={size}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        assert!(status.expect("mount").success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Files of a failed run that the next one has no use for: each attempt on a full disk would leave more
/// of them, and find less room.
fn left_behind(output: &Path) -> Vec<PathBuf> {
    let all = files(&output.join(".sapwood"));
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // `PASS/…/SHARD-SEGMENT.…`, in the journal as in the work.
    let segment = |path: &Path| {
        let pass = path.components().find_map(|part| {
            part.as_os_str().to_str().filter(|part| part.starts_with("pass-")).map(str::to_owned)
        });
        (pass, name(path).split('.').next().unwrap_or_default().to_owned())
    };
    let recorded: BTreeSet<_> = all
        .iter()
        .filter(|path| path.starts_with(output.join(".sapwood/journal")))
        .map(|path| segment(path))
        .collect();
    let mut left = all.clone();
    left.retain(|path| {
        let name = name(path);
        let of_segment = name.ends_with(".pieces") || name.ends_with(".spill");
        name.contains(".tmp-") || of_segment && !recorded.contains(&segment(path))
    });
    left
}

#[test]
fn a_full_disk_stops_the_run_until_there_is_room() {
    let workspace = workspace();
    let Some(disk) = SmallDisk::mount(workspace.path("disk"), "16k") else {
        eprintln!("skipped: no file system can be mounted here");
        return;
    };
    run(&workspace, "undisturbed").exits(0);
    let expected = fixed_part(&workspace.path("undisturbed"));
    let mut full = 0;
    for size in (32..).step_by(48) {
        let call = run(&workspace, "disk/out");
        if call.code == Some(0) {
            break;
        }
        let call = call.exits(1);
        assert!(call.stderr.contains("No space left"), "{}", call.stderr);
        assert!(!workspace.path("disk/out/summary.json").exists());
        let left = left_behind(&workspace.path("disk/out"));
        assert!(left.is_empty(), "{left:?}");
        full += 1;
        assert!(size < 16_000, "no room is enough");
        disk.resize(&format!("{size}k"));
    }
    assert!(full > 3, "{full}");
    assert_same(&expected, &fixed_part(&workspace.path("disk/out")));
}

/// A shard that can't be read is no damaged shard: nothing of it may be left out.
#[cfg(target_os = "linux")]
#[test]
fn read_errors_stop_the_run_and_lose_nothing() {
    let workspace = workspace();
    run(&workspace, "undisturbed").exits(0);
    let shard = workspace.path("input/3.jsonl");
    let away = workspace.path("3.jsonl");
    workspace.call("plan pipeline.yaml --segment-size 50kB --tasks 1 --output out").exits(0);
    // A folder opens like a file, but reading it is an error of the system.
    std::fs::rename(&shard, &away).expect("renamed");
    std::fs::create_dir(&shard).expect("a folder");
    let call = workspace.call("task pipeline.yaml --output out --pass map-1 --task 0").exits(1);
    assert!(
        call.stderr.contains("3.jsonl") && call.stderr.contains("can't read"),
        "{}",
        call.stderr
    );
    std::fs::remove_dir(&shard).expect("removed");
    let call = workspace.call("task pipeline.yaml --output out --pass map-1 --task 0").exits(1);
    assert!(call.stderr.contains("3.jsonl"), "{}", call.stderr);
    std::fs::rename(&away, &shard).expect("renamed");
    run(&workspace, "out").exits(0);
    assert_same(&fixed_part(&workspace.path("undisturbed")), &fixed_part(&workspace.path("out")));
}

/// Stops a run once it has committed some segments, or is beyond that.
fn interrupted(workspace: &Workspace, output: &str) {
    let mut child = start(workspace, output);
    let journal = workspace.path(&format!("{output}/.sapwood/journal/pass-0"));
    while files(&journal).len() < 3 && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().expect("a kill");
    child.wait().expect("an end");
}

#[test]
fn a_broken_journal_is_told_and_mended() {
    let workspace = workspace();
    run(&workspace, "undisturbed").exits(0);
    let expected = fixed_part(&workspace.path("undisturbed"));
    interrupted(&workspace, "out");
    let records = files(&workspace.path("out/.sapwood/journal/pass-0"));
    let record = records
        .iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "json"))
        .expect("a record");
    for content in [&b""[..], b"{\"shard\":0,"] {
        std::fs::write(record, content).expect("a file");
        // A task that is done already is not looked at again, so the run may tell it or not; it must
        // not give another result.
        let call = run(&workspace, "out");
        assert_eq!(call.code, Some(1), "{}", call.stderr);
        assert!(
            call.stderr.contains("damaged") && call.stderr.contains("verify"),
            "{}",
            call.stderr
        );
        workspace.call("verify out").exits(1);
        workspace.call("verify out --repair").exits(0);
    }
    run(&workspace, "out").exits(0);
    assert_same(&expected, &fixed_part(&workspace.path("out")));
    // A part of the output that is gone.
    let part = files(&workspace.path("out/data")).remove(0);
    std::fs::remove_file(&part).expect("removed");
    let call = workspace.call("verify out").exits(1);
    assert!(call.stdout.contains("is missing"), "{}", call.stdout);
    workspace.call("verify out --repair").exits(0);
    assert_same(&expected, &fixed_part(&workspace.path("out")));
}

/// Records that say they were written in the future, as after a clock was set back.
#[test]
fn a_clock_that_was_set_back_changes_nothing() {
    let workspace = workspace();
    run(&workspace, "undisturbed").exits(0);
    interrupted(&workspace, "out");
    let state = workspace.path("out/.sapwood");
    let later = std::time::SystemTime::now() + Duration::from_secs(1_000_000);
    for path in files(&state) {
        // A kill may leave a record that is not whole yet, under a name of its own.
        let whole = !path.to_string_lossy().contains(".tmp-");
        if whole && path.starts_with(state.join("tasks")) {
            let text = std::fs::read_to_string(&path).expect("a record");
            let mut record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for key in ["began", "ended", "beat"] {
                if record.get(key).is_some() {
                    record[key] = 4e9.into();
                }
            }
            std::fs::write(&path, record.to_string()).expect("a file");
        }
        let file = std::fs::File::options().append(true).open(&path).expect("a file");
        file.set_modified(later).expect("a time");
    }
    workspace.call("status out").exits(0);
    run(&workspace, "out").exits(0);
    assert_same(&fixed_part(&workspace.path("undisturbed")), &fixed_part(&workspace.path("out")));
}

#[test]
fn of_two_runs_at_once_one_is_refused() {
    let workspace = workspace();
    run(&workspace, "undisturbed").exits(0);
    let first = start(&workspace, "out");
    while !workspace.path("out/.sapwood/plan.json").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let second = run(&workspace, "out");
    if second.code != Some(0) {
        let second = second.exits(2);
        assert!(second.stderr.contains("being written by another sapwood"), "{}", second.stderr);
    }
    assert!(first.wait_with_output().expect("an end").status.success());
    assert_same(&fixed_part(&workspace.path("undisturbed")), &fixed_part(&workspace.path("out")));
}

/// As on a file system without locks: nothing keeps two runs from one another.
#[test]
fn two_runs_that_see_no_lock_give_the_same_bytes() {
    let workspace = workspace();
    run(&workspace, "undisturbed").exits(0);
    let expected = fixed_part(&workspace.path("undisturbed"));
    for round in 0..3 {
        let output = format!("out-{round}");
        let plan = "plan pipeline.yaml --segment-size 50kB --tasks 1 --output";
        workspace.call(&format!("{plan} {output}")).exits(0);
        let passes =
            ["map-1", "resolve-1", "map-2", "resolve-2", "map-3", "arrange", "assemble", "finish"];
        for pass in passes {
            let copies: Vec<Child> = (0..3)
                .map(|_| {
                    Command::new(program())
                        .current_dir(workspace.path("."))
                        .args(["task", "pipeline.yaml", "--output", &output, "--threads", "2"])
                        .args(["--pass", pass, "--task", "0"])
                        .stderr(Stdio::piped())
                        .spawn()
                        .expect("the program starts")
                })
                .collect();
            for copy in copies {
                let copy = copy.wait_with_output().expect("an end");
                assert!(copy.status.success(), "{}", String::from_utf8_lossy(&copy.stderr));
            }
        }
        assert_same(&expected, &fixed_part(&workspace.path(&output)));
        workspace.call(&format!("verify {output}")).exits(0);
    }
}
