//! How well programs are detected by their text alone.
//!
//! ```sh
//! cargo run --release --example program_report -- TEST.jsonl [TABLE.yaml]
//! ```
//!
//! A line of the input is `{"label": …, "package": …, "path": …, "text": …}`; `label` is the name of a
//! programming language, `prose`, or anything else for other programs. Prints how whole files, their
//! first 500 bytes and 1,000 bytes from their middle are taken, a confusion table for each, and the
//! speed on prose and on programs. With `--wrong` it lists what was taken wrongly.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use sapwood::langid::program::{OTHER, Programs};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    label: String,
    package: String,
    path: String,
    text: String,
}

const NONE: &str = "none";

fn window(text: &str, from: usize, length: usize) -> &str {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    let start = floor(from).unwrap_or(0);
    let start = text[start..].find('\n').map_or(start, |line| start + line + 1);
    &text[start..floor(start + length).unwrap_or(0)]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let wrong = args.iter().position(|arg| arg == "--wrong").map(|at| args.remove(at)).is_some();
    let path = args.first().ok_or("name the file with labelled texts")?;
    let own = args.get(1).map(|path| Programs::from_file(Path::new(path))).transpose()?;
    let programs = own.as_ref().unwrap_or_else(|| Programs::shipped());
    let mut files = Vec::new();
    for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
        files.push(serde_json::from_str::<File>(&line?)?);
    }
    let truth = |file: &File| match file.label.as_str() {
        "prose" => NONE.to_owned(),
        label if programs.languages().iter().any(|name| **name == *label) => label.to_owned(),
        _ => OTHER.to_owned(),
    };
    for part in ["whole", "first 500 bytes", "1,000 bytes of the middle"] {
        let mut table: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for file in &files {
            let text = match part {
                "whole" => file.text.as_str(),
                _ if file.text.len() < 2000 || file.label == "prose" => continue,
                "first 500 bytes" => window(&format!("\n{}", file.text), 0, 500).to_owned().leak(),
                _ => window(&file.text, file.text.len() / 2, 1000),
            };
            let found = programs.detect(text, None);
            let found = found.map_or(NONE.to_owned(), |found| found.language.to_string());
            if wrong && part == "whole" && found != truth(file) {
                println!("{} as {found}: {} {}", file.label, file.package, file.path);
            }
            *table.entry(truth(file)).or_default().entry(found).or_default() += 1;
        }
        println!("\n{part}\n");
        for (truth, row) in &table {
            let all: usize = row.values().sum();
            let right = row.get(truth).copied().unwrap_or(0);
            let share = 100.0 * right as f64 / all as f64;
            let others: Vec<String> = row
                .iter()
                .filter(|(name, _)| *name != truth)
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            println!("| {truth} | {all} | {share:.1} | {} |", others.join(", "));
        }
    }
    for prose in [true, false] {
        let texts: Vec<&str> = files
            .iter()
            .filter(|file| (file.label == "prose") == prose)
            .map(|file| file.text.as_str())
            .collect();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let mut best = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for text in &texts {
                black_box(programs.detect(black_box(text), None));
            }
            best = best.min(start.elapsed().as_secs_f64());
        }
        let name = if prose { "prose" } else { "programs" };
        println!("\n{name}: {:.0} MB/s", bytes as f64 / best / 1e6);
    }
    Ok(())
}
