//! What the benchmarks share: arguments, input made of the sample, measured runs.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use cpu_time::ProcessTime;
use sapwood::engine::{self, RunOptions, Summary};
use sapwood::pipeline::{Config, Plan, Resolver};
use tempfile::TempDir;

pub type Failure = Box<dyn std::error::Error>;

/// What a benchmark was asked for.
pub struct Arguments {
    /// Text to make of the sample, in megabytes of 10^6 bytes, where no path is given.
    pub megabytes: u64,
    /// What to read instead.
    pub paths: Vec<PathBuf>,
    /// Number of threads; 0 for one a core.
    pub threads: usize,
    /// How often to measure.
    pub runs: usize,
    /// The one thing to measure, where a benchmark measures several.
    pub only: Option<String>,
}

impl Arguments {
    pub fn parse() -> Result<Self, Failure> {
        let mut parsed = Self { megabytes: 64, paths: Vec::new(), threads: 0, runs: 3, only: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            if argument == "--only" {
                parsed.only = Some(arguments.next().ok_or("--only needs a name")?);
                continue;
            }
            let mut number = || -> Result<usize, Failure> {
                let value = arguments.next().ok_or_else(|| format!("{argument} needs a number"))?;
                Ok(value.parse().map_err(|_| format!("{argument} {value}: not a number"))?)
            };
            match argument.as_str() {
                // Cargo adds it.
                "--bench" => {}
                "--mb" => parsed.megabytes = number()? as u64,
                "--threads" => parsed.threads = number()?,
                "--runs" => parsed.runs = number()?.max(1),
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "unknown flag {flag}: [--mb N] [PATH...] [--threads N] [--runs N] [--only NAME]"
                    )
                    .into());
                }
                path => parsed.paths.push(PathBuf::from(path)),
            }
        }
        Ok(parsed)
    }
}

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Content of a generated shard: several shards, so that a run has more than one to list.
const SHARD_BYTES: u64 = 32_000_000;

/// A JSON line, cut where its text begins, so that the text can be varied.
struct Record {
    before: Vec<u8>,
    from_text: Vec<u8>,
    text_bytes: u64,
}

/// The well-formed JSON lines of the sample.
fn sample_records() -> Result<Vec<Record>, Failure> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(project().join("samples"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    let mut records = Vec::new();
    for path in paths {
        let name = path.to_string_lossy();
        let mut content = Vec::new();
        if name.ends_with(".jsonl.zst") {
            content = zstd::decode_all(File::open(&path)?)?;
        } else if name.ends_with(".jsonl.gz") {
            flate2::read::MultiGzDecoder::new(File::open(&path)?).read_to_end(&mut content)?;
        }
        for line in content.split(|&byte| byte == b'\n') {
            // The sample has malformed records too; they are not what is measured.
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            let Some(text) = record.get("text").and_then(|text| text.as_str()) else { continue };
            let key = b"\"text\"";
            let Some(at) = line.windows(key.len()).position(|window| window == key) else {
                continue;
            };
            let after = at + key.len();
            let Some(quote) = line[after..].iter().position(|&byte| byte == b'"') else { continue };
            let (before, from_text) = line.split_at(after + quote + 1);
            records.push(Record {
                before: before.to_vec(),
                from_text: from_text.to_vec(),
                text_bytes: text.len() as u64,
            });
        }
    }
    Ok(records)
}

/// A word of letters for a number. Words and not digits, which deduplication looks past.
fn word(mut number: u64) -> String {
    let mut word = String::new();
    while number > 0 || word.is_empty() {
        word.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    word
}

/// Writes shards of jsonl.zst with the records of the sample over and over, some bytes of text in
/// all. Each repetition starts its texts with a word of its own, so that they are no duplicates.
fn repeat_sample(folder: &Path, text_bytes: u64) -> Result<(), Failure> {
    let records = sample_records()?;
    if records.is_empty() {
        return Err("samples/ holds no JSON lines".into());
    }
    let (mut total, mut shard, mut repetition) = (0, 0, 0);
    while total < text_bytes {
        let path = folder.join(format!("shard-{shard:03}.jsonl.zst"));
        let mut writer = zstd::Encoder::new(File::create(path)?, 3)?;
        let mut content = 0;
        while total < text_bytes && content < SHARD_BYTES {
            let mark = format!("{} ", word(repetition));
            repetition += 1;
            for record in &records {
                for part in [&record.before, mark.as_bytes(), &record.from_text, b"\n"] {
                    writer.write_all(part)?;
                    content += part.len() as u64;
                }
                total += record.text_bytes + mark.len() as u64;
            }
        }
        writer.finish()?;
        shard += 1;
    }
    Ok(())
}

/// The input of a benchmark: the paths given, or the sample repeated in a folder that goes away.
pub fn input(arguments: &Arguments) -> Result<(Vec<PathBuf>, Option<TempDir>), Failure> {
    if !arguments.paths.is_empty() {
        return Ok((arguments.paths.clone(), None));
    }
    let folder = tempfile::tempdir()?;
    repeat_sample(folder.path(), arguments.megabytes * 1_000_000)?;
    Ok((vec![folder.path().to_owned()], Some(folder)))
}

/// Peak resident memory of this process since it was last reset, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

/// Runs a plan several times, each into a folder of its own that goes away, and prints each run and
/// the median. Returns the account of the last run.
pub fn measure(
    config: &Config,
    files: &Resolver,
    arguments: &Arguments,
) -> Result<Summary, Failure> {
    let mut rates = Vec::new();
    let mut last = None;
    for run in 1..=arguments.runs {
        let output = tempfile::tempdir()?;
        let mut config = config.clone();
        config.output.path = output.path().join("out");
        let options = RunOptions { threads: arguments.threads, ..RunOptions::default() };
        // Linux forgets the peak when 5 is written here; elsewhere the figure is missing anyway.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let (clock, processor) = (Instant::now(), ProcessTime::now());
        let plan = Plan::new(config, files)?;
        let listing = engine::inspect_input(&plan, files)?;
        let summary = engine::run(&plan, &listing, &options, &())?.summary;
        let (seconds, cpu_seconds) =
            (clock.elapsed().as_secs_f64(), processor.elapsed().as_secs_f64());
        let megabytes = summary.bytes.text_in as f64 / 1e6;
        let memory = match peak_memory() {
            Some(bytes) => format!("{:.0} MB", bytes as f64 / 1e6),
            None => "unknown".to_owned(),
        };
        println!(
            "run {run}: {megabytes:.1} MB of text, {} records, {} kept, {seconds:.2} s, {cpu_seconds:.2} core-seconds, {:.1} MB/s of text per core-second, peak memory {memory}",
            summary.documents.input,
            summary.documents.kept,
            megabytes / cpu_seconds,
        );
        rates.push(megabytes / cpu_seconds);
        last = Some(summary);
    }
    rates.sort_by(f64::total_cmp);
    println!("median: {:.1} MB/s of text per core-second", rates[rates.len() / 2]);
    last.ok_or_else(|| "no run".into())
}
