//! What the black-box tests share: a folder to work in, the program, and its output read back.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

/// The folder of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The program's path.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_sapwood")
}

/// What a call of the program ended with.
#[derive(Debug)]
pub struct Call {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Call {
    /// Checks the exit code; shows what the program said if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Checks that standard error has all these parts.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no `{part}` in:\n{}", self.stderr);
        }
        self
    }
}

/// A folder of a test's own, gone at its end.
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    pub fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and its folders.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn read_json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).expect("JSON")
    }

    pub fn summary(&self, output: &str) -> Value {
        self.read_json(&format!("{output}/summary.json"))
    }

    /// Calls the program in this folder; arguments are separated by white space.
    pub fn call(&self, arguments: &str) -> Call {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.call_with(&arguments, b"")
    }

    pub fn call_with(&self, arguments: &[&str], stdin: &[u8]) -> Call {
        let output = assert_cmd::Command::new(program())
            .current_dir(self.folder.path())
            .env_remove("SAPWOOD_LOG")
            .args(arguments)
            .write_stdin(stdin)
            .output()
            .expect("the program starts");
        Call {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }

    /// The lines of all files below a folder of an output, files in order.
    pub fn lines(&self, folder: &str) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for path in files(&self.path(folder)) {
            lines.extend(lines_of(&path));
        }
        lines
    }

    /// The records of all files below a folder of an output, files in order.
    pub fn records(&self, folder: &str) -> Vec<Value> {
        self.lines(folder).iter().map(|line| parse(line)).collect()
    }
}

#[track_caller]
pub fn parse(line: &[u8]) -> Value {
    serde_json::from_slice(line)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line)))
}

/// All files below a folder, sorted; none if it is not there.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Ok(entries) = std::fs::read_dir(folder) {
        for entry in entries {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => found.extend(files(&path)),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// The content of a file, decompressed by its name.
pub fn content(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a file");
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("zst") => zstd::decode_all(bytes.as_slice()).expect("zstd"),
        Some("gz") => {
            let mut content = Vec::new();
            let mut decoder = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            decoder.read_to_end(&mut content).expect("gzip");
            content
        }
        _ => bytes,
    }
}

/// The lines of a file, decompressed by its name; the last one must end like the others.
pub fn lines_of(path: &Path) -> Vec<Vec<u8>> {
    let content = content(path);
    let Some(body) = content.strip_suffix(b"\n") else {
        assert!(content.is_empty(), "{} ends in half a line", path.display());
        return Vec::new();
    };
    body.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// What an output holds that must never differ between runs: every byte of its documents, and its
/// account without times.
pub fn fixed_part(output: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in ["data", "dropped", "rejected"] {
        for path in files(&output.join(folder)) {
            let name = path.strip_prefix(output).expect("below").display().to_string();
            all.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
    // Nothing else may lie there, such as a file that a kill left half written.
    let entries = std::fs::read_dir(output).expect("an output");
    for entry in entries {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        all.insert(name, Vec::new());
    }
    let mut summary = parse(&std::fs::read(output.join("summary.json")).expect("a summary"));
    without_times(&mut summary);
    all.insert("summary.json".to_owned(), summary.to_string().into_bytes());
    all
}

fn without_times(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for key in ["seconds", "cpu_seconds", "cpu"] {
                members.remove(key);
            }
            members.values_mut().for_each(without_times);
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// Compares two outputs; names the first file that differs rather than printing it.
#[track_caller]
pub fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.keys().eq(other.keys()), "{:?} {:?}", one.keys(), other.keys());
    for (name, bytes) in one {
        assert!(other.get(name) == Some(bytes), "{name} differs");
    }
}

/// Checks that no record got lost: in total, and from stage to stage.
#[track_caller]
pub fn assert_adds_up(summary: &Value) {
    let number = |value: &Value| value.as_u64().expect("a count");
    let counts = &summary["documents"];
    let (input, kept) = (number(&counts["in"]), number(&counts["kept"]));
    let (dropped, rejected) = (number(&counts["dropped"]), number(&counts["rejected"]));
    assert_eq!(kept + dropped + rejected, input, "{counts}");
    let mut left = input - rejected;
    for stage in summary["stages"].as_array().expect("stages") {
        assert_eq!(number(&stage["in"]), left, "{stage}");
        let reasons = stage["reasons"].as_object().expect("reasons");
        assert_eq!(reasons.values().map(number).sum::<u64>(), number(&stage["dropped"]), "{stage}");
        left -= number(&stage["dropped"]);
    }
    assert_eq!(left, kept);
    let sum = |key: &str| -> u64 {
        let languages = summary["languages"].as_object().expect("languages");
        languages.values().map(|language| number(&language[key])).sum()
    };
    assert_eq!((sum("kept"), sum("dropped")), (kept, dropped));
    let reasons = summary["rejected"].as_object().expect("rejected");
    assert_eq!(reasons.values().map(number).sum::<u64>(), rejected);
    let shards = summary["output_shards"].as_array().expect("shards");
    assert_eq!(shards.iter().map(|shard| number(&shard["documents"])).sum::<u64>(), kept);
}

/// A gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A zstd frame.
pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory")
}

/// A few numbers that look random and are the same every time (splitmix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// A pipeline without stages that writes plain lines.
pub const PASS_THROUGH: &str = "name: pass\noutput: {compression: none}\n";

/// A number of lines `{"id":"PREFIX-N","text":"…"}` with different texts.
pub fn plain_lines(prefix: &str, count: usize) -> String {
    (0..count)
        .map(|number| {
            format!("{{\"id\":\"{prefix}-{number}\",\"text\":\"Text {number} of {prefix}.\"}}\n")
        })
        .collect()
}

/// The lines of the shipped sample's JSON shards, malformed ones among them.
pub fn sample_lines() -> Vec<Vec<u8>> {
    let shards = files(&project().join("samples"));
    let jsonl = |path: &&PathBuf| path.to_string_lossy().contains(".jsonl.");
    let mut lines = Vec::new();
    for path in shards.iter().filter(jsonl) {
        let content = content(path);
        lines.extend(content.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    lines.retain(|line| !line.is_empty());
    lines
}
