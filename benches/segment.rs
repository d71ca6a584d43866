//! Cutting text into words and sentences, on one thread.
//!
//! ```sh
//! cargo bench --bench segment -- [PATH...] [--runs N] [--languages N]
//! ```
//!
//! Reads the `text` and `language` of JSON lines (`.jsonl`, `.jsonl.zst`, `.jsonl.gz`; without a path,
//! those of the sample) and prints, for the languages with the most text and for all together, how
//! many megabytes (10^6 bytes) of UTF-8 are cut in a second of processor time: into words by each
//! segmentation, with each word's length and letters; into words by ICU's segmenters, boundaries
//! alone, for comparison; and into sentences, by sapwood and by ICU. The best of some runs (3).

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};

use cpu_time::ProcessTime;
use icu_segmenter::{SentenceSegmenter, WordSegmenter};
use sapwood::text::segment::{Segmentation, sentence_count};

type Failure = Box<dyn std::error::Error>;

fn content(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.to_string_lossy();
    let mut file = File::open(path)?;
    let mut content = Vec::new();
    if name.ends_with(".zst") {
        content = zstd::decode_all(file)?;
    } else if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut content)?;
    } else {
        file.read_to_end(&mut content)?;
    }
    Ok(content)
}

/// The texts of JSON lines, by language.
fn texts(paths: &[PathBuf]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in paths {
        for line in content(path)?.split(|&byte| byte == b'\n') {
            // The sample has malformed records too; they are not what is measured.
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            let Some(text) = record.get("text").and_then(|text| text.as_str()) else { continue };
            let language = ["/language", "/lang", "/meta/language", "/meta/lang"]
                .iter()
                .find_map(|key| record.pointer(key)?.as_str())
                .unwrap_or("unknown");
            texts.entry(language.to_owned()).or_default().push(text.to_owned());
        }
    }
    Ok(texts)
}

/// Megabytes a second of processor time, the best of some runs of at least 100 milliseconds.
fn rate(texts: &[&str], runs: usize, mut cut: impl FnMut(&str) -> usize) -> f64 {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let mut best = 0.0_f64;
    for _ in 0..runs {
        let clock = ProcessTime::now();
        let mut rounds = 0;
        loop {
            for text in texts {
                black_box(cut(text));
            }
            rounds += 1;
            let seconds = clock.elapsed().as_secs_f64();
            if seconds > 0.1 {
                best = best.max((bytes * rounds) as f64 / 1e6 / seconds);
                break;
            }
        }
    }
    best
}

fn main() -> Result<(), Failure> {
    let (mut paths, mut runs, mut languages) = (Vec::new(), 3, 16);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse().ok());
        match argument.as_str() {
            "--runs" => runs = number().ok_or("--runs needs a number")?,
            "--languages" => languages = number().ok_or("--languages needs a number")?,
            path => paths.push(PathBuf::from(path)),
        }
    }
    if paths.is_empty() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        for entry in std::fs::read_dir(samples)? {
            let path = entry?.path();
            if path.to_string_lossy().contains(".jsonl.") {
                paths.push(path);
            }
        }
        paths.sort();
    }
    let texts = texts(&paths)?;
    let mut rows: Vec<(&str, Vec<&str>)> = texts
        .iter()
        .map(|(language, texts)| (language.as_str(), texts.iter().map(String::as_str).collect()))
        .collect();
    rows.sort_by_key(|(_, texts)| std::cmp::Reverse(texts.iter().map(|t| t.len()).sum::<usize>()));
    rows.truncate(languages);
    rows.push(("all", texts.values().flatten().map(String::as_str).collect()));

    println!("megabytes of text per second of processor time");
    println!(
        "{:10} {:>7} {:>8} {:>10} {:>10} {:>9} {:>9} {:>9} {:>9}",
        "language",
        "MB",
        "unicode",
        "whitespace",
        "dictionary",
        "icu uni",
        "icu dict",
        "sentences",
        "icu sent"
    );
    let unicode = WordSegmenter::new_for_non_complex_scripts(Default::default());
    let dictionary = WordSegmenter::new_dictionary(Default::default());
    let sentences = SentenceSegmenter::new(Default::default());
    for (language, texts) in rows {
        let words = |segmentation: Segmentation| {
            rate(&texts, runs, |text| {
                let mut sum = 0;
                segmentation.words(text, |word| {
                    sum += word.characters as usize + usize::from(word.has_alpha);
                });
                sum
            })
        };
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        println!(
            "{language:10} {:>7.2} {:>8.0} {:>10.0} {:>10.0} {:>9.0} {:>9.0} {:>9.0} {:>9.0}",
            bytes as f64 / 1e6,
            words(Segmentation::Unicode),
            words(Segmentation::Whitespace),
            words(Segmentation::Dictionary),
            rate(&texts, runs, |text| unicode.segment_str(text).count()),
            rate(&texts, runs, |text| dictionary.segment_str(text).count()),
            rate(&texts, runs, sentence_count),
            rate(&texts, runs, |text| sentences.segment_str(text).count()),
        );
    }
    Ok(())
}
