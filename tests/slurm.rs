//! Runs on a real Slurm: a cluster of one node that is started for the tests. Skipped where Slurm is
//! not installed.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::{Workspace, assert_same, files, fixed_part, program, project, sample_lines};
use serde_json::Value;

struct Cluster {
    workspace: Workspace,
    conf: String,
}

/// Whether Slurm's daemons are installed and may be started.
fn is_there() -> bool {
    let found = |name: &str| {
        ["/usr/sbin", "/usr/bin", "/sbin"]
            .iter()
            .any(|folder| Path::new(folder).join(name).exists())
    };
    let root = std::fs::metadata("/proc/self").is_ok_and(|it| {
        use std::os::unix::fs::MetadataExt;
        it.uid() == 0
    });
    root && ["slurmctld", "slurmd", "munged", "sbatch"].into_iter().all(found)
}

impl Cluster {
    fn start() -> Self {
        let workspace = Workspace::new();
        // Whoever runs the daemons must be able to pass through.
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(workspace.path("."), open).expect("a folder");
        let port = 20_000 + std::process::id() % 20_000;
        let output = Command::new(project().join("tests/slurm/cluster.sh"))
            .args(["start", &workspace.path("cluster").display().to_string(), &port.to_string()])
            .output()
            .expect("bash");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let conf = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Self { workspace, conf }
    }

    fn call(&self, name: &str, arguments: &[&str]) -> Output {
        Command::new(name)
            .args(arguments)
            .current_dir(self.workspace.path("."))
            .env("SLURM_CONF", &self.conf)
            .env_remove("SAPWOOD_LOG")
            .output()
            .expect("a program")
    }

    fn sapwood(&self, arguments: &str) -> Output {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.call(program(), &arguments)
    }

    #[track_caller]
    fn succeeds(&self, arguments: &str) -> String {
        let output = self.sapwood(arguments);
        let logs: Vec<String> = files(&self.workspace.path("."))
            .iter()
            .filter(|path| !output.status.success() && path.to_string_lossy().contains("slurm/log"))
            .map(|path| {
                format!(
                    "{}:\n{}",
                    path.display(),
                    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default())
                )
            })
            .collect();
        assert!(
            output.status.success(),
            "{arguments}\n{}\n{}",
            String::from_utf8_lossy(&output.stderr),
            logs.join("\n")
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn queue(&self) -> String {
        let queue = self.call("squeue", &["--me", "--noheader", "--format=%F %t %j"]);
        match queue.status.success() {
            true => String::from_utf8_lossy(&queue.stdout).into_owned(),
            // A busy controller does not always answer in time.
            false => "unknown".to_owned(),
        }
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let started = Instant::now();
        while !holds() {
            assert!(started.elapsed() < Duration::from_secs(900), "{what}: {}", self.queue());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn done(&self, output: &str, pass: usize) -> u64 {
        let status: Value =
            serde_json::from_str(&self.succeeds(&format!("status {output} --json"))).expect("JSON");
        status["passes"][pass]["done"].as_u64().expect("a count")
    }

    fn same(&self, expected: &BTreeMap<String, Vec<u8>>, output: &str) {
        assert_same(expected, &fixed_part(&self.workspace.path(output)));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.call("scancel", &["--me"]);
        let folder = self.workspace.path("cluster").display().to_string();
        let _ =
            Command::new(project().join("tests/slurm/cluster.sh")).args(["stop", &folder]).status();
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Fails or dawdles as files in the folder tell, then is sapwood.
const WRAPPER: &str = r#"#!/bin/bash
while [ -e dawdle ]; do sleep 0.1; done
case "$*" in
    *"--pass map-1 --task 1 "*)
        echo x >> attempts
        if [ -e fail ] || { [ -e twice ] && [ "$(wc -l < attempts)" -le 2 ]; }; then
            exit 1
        fi ;;
esac
exec PROGRAM "$@"
"#;

/// Deduplicates, and loads no model.
const SMALL: &str = "\
name: small
input: {fields: {language: lang}}
stages: [normalize: {}, exact_dedup: {}, roots: {}, pii: {}]
output: {partition_by: language, shard_size: 30kB, keep_dropped: true}
";

#[test]
fn arrays_end_in_the_bytes_of_a_local_run_whatever_becomes_of_them() {
    if !is_there() {
        eprintln!("skipped: slurm-wlm and munge are not installed, or this is not root");
        return;
    }
    let cluster = Cluster::start();
    let workspace = &cluster.workspace;
    let pipeline = project().join("pipelines/roots.yaml").display().to_string();
    let mut lines = sample_lines().join(&b'\n');
    lines.push(b'\n');
    workspace.write("input/0.jsonl", &lines);
    for number in 1..6 {
        let lines: Vec<Vec<u8>> =
            sample_lines().into_iter().skip(number * 30).take(60).chain([Vec::new()]).collect();
        workspace.write(&format!("input/{number}.jsonl"), lines.join(&b'\n'));
    }
    let wrapper = workspace.write("wrapper", WRAPPER.replace("PROGRAM", program()));
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    workspace.write(
        "slurm.yaml",
        format!("cpus: 1\nmemory: 100MB\ntime: \"10\"\nprogram: [{}]\n", wrapper.display()),
    );
    workspace.write("small.yaml", SMALL);
    let slurm = |pipeline: &str, output: &str| {
        let input = "--input input --segment-size 60kB";
        format!("slurm {pipeline} {input} --output {output} --tasks 16 --config slurm.yaml")
    };
    let local = |pipeline: &str, output: &str| {
        cluster.succeeds(&format!(
            "run {pipeline} --input input --segment-size 60kB --output {output}"
        ));
        fixed_part(&workspace.path(output))
    };

    // The default pipeline.
    let expected = local(&pipeline, "default-local");
    cluster.succeeds(&format!("{} --wait", slurm(&pipeline, "default")));
    cluster.same(&expected, "default");
    assert!(cluster.done("default", 1) >= 10);

    // One that starts faster, for what follows.
    let expected = local("small.yaml", "local");
    let slurm = |output: &str| slurm("small.yaml", output);

    // What would be submitted is printed, and nothing is.
    let said = cluster.succeeds(&format!("{} --dry-run", slurm("dry")));
    assert!(
        said.contains("--array=0-9 ")
            && said.contains("--kill-on-invalid-dep") | said.contains("afterok"),
        "{said}"
    );
    assert!(!workspace.path("dry").exists());

    // Undisturbed, but for a task that fails twice.
    workspace.write("twice", "");
    let said = cluster.succeeds(&format!("{} --wait", slurm("out")));
    assert!(said.contains("map-1") && said.contains("resolve-1"), "{said}");
    cluster.same(&expected, "out");
    assert_eq!(workspace.read("attempts").len(), 2 * 3);
    std::fs::remove_file(workspace.path("twice")).expect("removed");
    let again = cluster.sapwood(&slurm("out"));
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing was submitted"));

    // A task that always fails: what depends on it must not start, the others' work stays.
    workspace.write("fail", "");
    let failed = cluster.sapwood(&format!("{} --wait", slurm("failed")));
    let stderr = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("submit what is missing"), "{stderr}");
    assert!(cluster.done("failed", 1) > 5);
    assert_eq!(cluster.done("failed", 2), 0, "resolving has started");
    std::fs::remove_file(workspace.path("fail")).expect("removed");
    let said = cluster.succeeds(&format!("{} --wait", slurm("failed")));
    assert!(said.contains("map-1      1 task"), "{said}");
    cluster.same(&expected, "failed");

    // Cancelled while some tasks run and others wait.
    cluster.succeeds(&slurm("cancelled"));
    cluster.until("some tasks", || cluster.done("cancelled", 1) > 2);
    let twice = cluster.sapwood(&slurm("cancelled"));
    assert_eq!(twice.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&twice.stderr).contains("queued or running"));
    workspace.write("dawdle", "");
    cluster.call("scancel", &["--me"]);
    cluster.until("an empty queue", || cluster.queue().is_empty());
    std::fs::remove_file(workspace.path("dawdle")).expect("removed");
    assert!(!workspace.path("cancelled/summary.json").exists());
    cluster.succeeds(&format!("{} --wait", slurm("cancelled")));
    cluster.same(&expected, "cancelled");

    // SIGTERM to a task in the middle of its work, and SIGUSR1, after which it is queued again.
    // On more than is done before a signal can arrive.
    workspace.write("large/0.jsonl", lines.repeat(12));
    let large = |call: String| call.replace("--input input", "--input large");
    cluster.succeeds(&large(
        "run small.yaml --input input --segment-size 60kB --output large-local".to_owned(),
    ));
    let expected = fixed_part(&workspace.path("large-local"));
    let one = large(slurm("signals").replace("--tasks 16", "--tasks 1"));
    let journal = workspace.path("signals/.sapwood/journal");
    cluster.succeeds(&one);
    cluster.until("a segment", || !files(&journal).is_empty());
    cluster.call("scancel", &["--me", "--name=sapwood-map-1", "--signal=TERM", "--full"]);
    cluster.until("an empty queue", || cluster.queue().is_empty());
    assert_eq!(cluster.done("signals", 0), 0, "the signal came too late");
    let committed = files(&journal).len();
    cluster.succeeds(&one);
    cluster.until("another segment", || files(&journal).len() > committed);
    cluster.call("scancel", &["--me", "--name=sapwood-map-1", "--signal=USR1", "--batch"]);
    cluster.until("a job that is queued again", || {
        let queue = cluster.queue();
        queue.lines().any(|line| line.contains("PD sapwood-map-1"))
    });
    // Slurm holds such jobs back for two minutes. It refuses a job that begins in the second in which
    // its former credential was revoked, so they can't begin at once.
    std::thread::sleep(Duration::from_secs(5));
    let queue = cluster.queue();
    let job = queue.lines().find(|line| line.contains("sapwood-map-1")).expect("the job");
    let job = job.split_whitespace().next().expect("an id");
    cluster.call("scontrol", &["update", &format!("JobId={job}"), "StartTime=now"]);
    cluster.until("an empty queue", || cluster.queue().is_empty());
    cluster.same(&expected, "signals");
}
