//! fastText's language identification, on text in memory: megabytes a second and time a document.
//!
//! ```sh
//! cargo bench --bench langid -- [--mb N] [PATH...] [--size BYTES]... [--runs N]
//!     [--only LANGUAGE] [--model FILE] [--dump FILE]
//! ```
//!
//! Joins the texts of all documents, line ends as spaces, and cuts the whole into documents of
//! `--size` bytes (1024 and 5120), at the last beginning of a character before. Then asks the model
//! (`models/lid.176.ftz`) for the best label of each, and for the best five, on one thread. Prints
//! megabytes of text per second of that thread's processor time, the median, slowest and fastest of
//! `--runs` (5) after one that is not counted, and microseconds a document. Reading, lower-casing,
//! routing and whatever else the `langid` stage does are not in it.
//!
//! Without a path the input is the sample's JSON lines, repeated to `--mb` megabytes of text (16);
//! words repeat there more often than in a corpus. `--only` takes the documents whose field `lang`
//! says so. `--dump` writes the documents as JSON lines of `{"size", "text"}`, for
//! `langid_peers.py`, which times fastText's own program on them.

// Of what benchmarks share, this one needs the input.
#[allow(dead_code)]
mod common;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use common::{Arguments, Failure};
use cpu_time::ThreadTime;
use sapwood::batch::Batch;
use sapwood::fasttext::{self, FastText};
use sapwood::shard::{ReadOptions, listing};

const USAGE: &str = "[--mb N] [PATH...] [--size BYTES]... [--runs N] [--only LANGUAGE] [--model FILE] [--dump FILE]";

struct Wanted {
    input: Arguments,
    sizes: Vec<usize>,
    model: PathBuf,
    dump: Option<PathBuf>,
}

fn arguments() -> Result<Wanted, Failure> {
    let input = Arguments { megabytes: 16, paths: Vec::new(), threads: 1, runs: 5, only: None };
    let model = common::project().join("models/lid.176.ftz");
    let mut wanted = Wanted { input, sizes: Vec::new(), model, dump: None };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--mb" => wanted.input.megabytes = value()?.parse()?,
            "--runs" => wanted.input.runs = value()?.parse::<usize>()?.max(1),
            "--size" => wanted.sizes.push(value()?.parse::<usize>()?.max(1)),
            "--only" => wanted.input.only = Some(value()?),
            "--model" => wanted.model = value()?.into(),
            "--dump" => wanted.dump = Some(value()?.into()),
            flag if flag.starts_with('-') => {
                return Err(format!("unknown flag {flag}: {USAGE}").into());
            }
            path => wanted.input.paths.push(path.into()),
        }
    }
    if wanted.sizes.is_empty() {
        wanted.sizes = vec![1024, 5120];
    }
    Ok(wanted)
}

fn main() -> Result<(), Failure> {
    let wanted = arguments()?;
    let text = text(&wanted.input)?;
    if text.is_empty() {
        return Err("there is no text to measure with".into());
    }
    let (model, _) = fasttext::shared(&wanted.model)?;
    let name = wanted.model.file_name().unwrap_or_default().display();
    let megabytes = text.len() as f64 / 1e6;
    println!("{name}, {megabytes:.1} MB of text, one thread, {} runs", wanted.input.runs);
    if let Some(path) = &wanted.dump {
        dump(path, &text, &wanted.sizes)?;
    }
    println!(
        "{:>6} {:>3} {:>8} {:>8} {:>8} {:>10}",
        "bytes", "k", "MB/s", "slowest", "fastest", "us/doc"
    );
    for &size in &wanted.sizes {
        let documents = cut(&text, size);
        for count in [1, 5] {
            let mut seconds: Vec<f64> =
                (0..=wanted.input.runs).map(|_| run(&model, &documents, count)).collect();
            seconds.remove(0);
            seconds.sort_by(f64::total_cmp);
            let last = seconds.len() - 1;
            let speed = |at: usize| megabytes / seconds[at];
            println!(
                "{size:>6} {count:>3} {:>8.1} {:>8.1} {:>8.1} {:>10.2}",
                speed(last / 2),
                speed(last),
                speed(0),
                seconds[last / 2] * 1e6 / documents.len() as f64
            );
        }
    }
    Ok(())
}

/// Predicts all documents; seconds of this thread's processor time.
fn run(model: &FastText, documents: &[&str], count: usize) -> f64 {
    let mut best = Vec::new();
    let clock = ThreadTime::now();
    for document in documents {
        model.predict_into(document, count, &mut best);
        std::hint::black_box(&best);
    }
    clock.elapsed().as_secs_f64()
}

/// All texts of the input, one after the other.
fn text(arguments: &Arguments) -> Result<String, Failure> {
    let (paths, _folder) = common::input(arguments)?;
    let mut options = ReadOptions::default();
    options.fields.language = "lang".to_owned();
    let mut text = String::new();
    let mut add = |batch: &Batch| {
        for document in batch.documents() {
            if arguments.only.is_none() || document.language() == arguments.only.as_deref() {
                text.extend([document.text(), "\n"]);
            }
        }
    };
    for (number, shard) in listing::list(&paths, None)?.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            block.parse(&options)?.batch.iter().for_each(&mut add);
        }
    }
    Ok(text.replace(['\r', '\n'], " "))
}

fn cut(text: &str, size: usize) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let begins = |at: &usize| *at > 0 && rest.is_char_boundary(*at);
        // A document is one character at least.
        let before = (1..=size.min(rest.len())).rev().find(begins);
        let at = before.or_else(|| (size..=rest.len()).find(begins)).unwrap_or(rest.len());
        let (document, after) = rest.split_at(at);
        documents.push(document);
        rest = after;
    }
    documents
}

fn dump(path: &Path, text: &str, sizes: &[usize]) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    for &size in sizes {
        for text in cut(text, size) {
            writeln!(file, "{}", serde_json::json!({ "size": size, "text": text }))?;
        }
    }
    Ok(file.flush()?)
}
