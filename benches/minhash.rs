//! MinHash on documents in memory, on one thread: signatures of both families, what they are made of,
//! and the whole stage.
//!
//! ```sh
//! cargo bench --bench minhash -- [--mb N] [--runs N] [PATH...]
//! ```
//!
//! Prints megabytes (10^6 bytes) of text in a second of the thread's processor time, the median,
//! slowest and fastest of `--runs` (3) after one that is not counted:
//!
//! - `words`: cutting and hashing the words of the text view, which a stage before may have done;
//! - `shingles`: the former, and the hashes of the shingles of `minhash_dedup`;
//! - `signature`: the former, and the signature, by each kind of instructions that the processor has;
//! - `minimums`: what the signature costs with the shingles given;
//! - `records`: all that the stage leaves of a document, sketch and all;
//! - `stage`: the former, resolving and applying, with files in the system's folder for such.
//!
//! Without a path the input is the sample's JSON lines, repeated to `--mb` megabytes (16): for
//! `stage`, whose work depends on how many duplicates there are, give a corpus.

// Of what benchmarks share, this one needs the input.
#[allow(dead_code)]
mod common;

use std::hint::black_box;

use common::{Arguments, Failure};
use cpu_time::ThreadTime;
use sapwood::batch::Batch;
use sapwood::dedup::minhash::kernel::{Instructions, Permutations32};
use sapwood::dedup::minhash::{Config, Family, MinhashDedup, datatrove};
use sapwood::dedup::{Barrier, Collector, in_memory};
use sapwood::document::Document;
use sapwood::shard::{ReadOptions, listing};
use sapwood::text::segment::Segmentation;

/// Bands and rows, as the stage has them unless told otherwise.
const FAST: usize = 32 * 4;
const DATATROVE: usize = 14 * 8;

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::parse()?;
    arguments.megabytes = arguments.megabytes.min(16);
    let texts = texts(&arguments)?;
    let bytes: usize = texts.iter().map(String::len).sum();
    let megabytes = bytes as f64 / 1e6;
    println!("{megabytes:.1} MB of text in {} documents, {} runs", texts.len(), arguments.runs);
    println!("{:36} {:>8} {:>8} {:>8}", "", "MB/s", "slowest", "fastest");
    let report = |name: &str, mut run: Box<dyn FnMut() + '_>| {
        let mut seconds: Vec<f64> = (0..=arguments.runs)
            .map(|_| {
                let clock = ThreadTime::now();
                run();
                clock.elapsed().as_secs_f64()
            })
            .collect();
        seconds.remove(0);
        seconds.sort_by(f64::total_cmp);
        let speed = |at: usize| megabytes / seconds[at];
        let last = seconds.len() - 1;
        println!("{name:36} {:>8.1} {:>8.1} {:>8.1}", speed(last / 2), speed(last), speed(0));
    };
    let each = |work: &mut dyn FnMut(usize, &Document<'_>)| {
        for (number, text) in texts.iter().enumerate() {
            work(number, &Document::new("", text.as_str()));
        }
    };

    report(
        "words",
        Box::new(|| {
            each(&mut |_, document| {
                let view = document.view();
                black_box(view.words(Segmentation::Unicode).lower_hashes(view.text()));
            });
        }),
    );
    for family in [Family::Fast, Family::Datatrove] {
        let name = format!("{family:?}").to_lowercase();
        let stage = MinhashDedup::new(&Config { family, ..Config::default() })?;
        let mut buffer = Vec::new();
        report(
            &format!("{name}: shingles"),
            Box::new(|| each(&mut |_, document| stage.shingles(document, black_box(&mut buffer)))),
        );
        let mut all = Vec::new();
        each(&mut |_, document| {
            stage.shingles(document, &mut buffer);
            all.push(buffer.clone());
        });
        let short: Vec<Vec<u32>> =
            all.iter().map(|shingles| shingles.iter().map(|it| *it as u32).collect()).collect();
        for instructions in Instructions::all() {
            let stage = stage.clone().with_instructions(instructions);
            report(
                &format!("{name}: signature, {}", instructions.name()),
                Box::new(|| {
                    each(&mut |_, document| stage.signature(document, black_box(&mut buffer)));
                }),
            );
            let permutations = Permutations32::new(1, FAST);
            let signer = datatrove::Signer::new(1, DATATROVE, 5, Default::default(), 64);
            let mut minimums = Vec::new();
            report(
                &format!("{name}: minimums, {}", instructions.name()),
                Box::new(|| match family {
                    Family::Fast => short.iter().for_each(|shingles| {
                        permutations.minimums(instructions, shingles, black_box(&mut minimums));
                    }),
                    Family::Datatrove => all.iter().for_each(|shingles| {
                        signer.signature(instructions, shingles, black_box(&mut buffer));
                    }),
                }),
            );
        }
        report(
            &format!("{name}: records"),
            Box::new(|| {
                let mut records = Collector::new(stage.streams(0).len());
                each(&mut |number, document| {
                    stage.collect(0, document, in_memory::node(number), &[], &mut records);
                });
                black_box(&records);
            }),
        );
        report(
            &format!("{name}: stage"),
            Box::new(|| {
                let folder = tempfile::tempdir().expect("a folder can be made");
                let mut documents: Vec<Document<'_>> =
                    texts.iter().map(|text| Document::new("", text.as_str())).collect();
                let done = in_memory::run(&stage, &mut documents, folder.path());
                black_box(&done.expect("files can be written"));
            }),
        );
    }
    Ok(())
}

fn texts(arguments: &Arguments) -> Result<Vec<String>, Failure> {
    let (paths, _folder) = common::input(arguments)?;
    let options = ReadOptions::default();
    let mut texts = Vec::new();
    let mut add = |batch: &Batch| {
        texts.extend(batch.documents().iter().map(|document| document.text().to_owned()));
    };
    for (number, shard) in listing::list(&paths, None)?.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            block.parse(&options)?.batch.iter().for_each(&mut add);
        }
    }
    match texts.is_empty() {
        true => Err("there is no text to measure with".into()),
        false => Ok(texts),
    }
}
