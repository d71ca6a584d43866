//! The quality filters, alone and together, on text in memory: what the text view saves.
//!
//! ```sh
//! cargo bench --bench quality -- [--mb N] [PATH...] [--runs N] [--only SET]
//! ```
//!
//! Reads documents into memory, then runs sets of stages over all of them on one thread, as a run
//! does it, some documents at a time, but drops none: every stage sees every document. Prints
//! megabytes of text per second of that thread's processor time, the median of `--runs`, which go
//! through the sets in turn, so that a noisy machine is noisy for all. Without a path the input is
//! the sample's JSON lines, in all its languages, repeated to `--mb` megabytes of text (64).
//! Reading, parsing and writing are not in it; `noop` and `pipeline` measure those.

// Of what benchmarks share, this one needs the arguments and the input.
#[allow(dead_code)]
mod common;

use common::{Arguments, Failure};
use cpu_time::ThreadTime;
use sapwood::batch::Batch;
use sapwood::document::{Document, together};
use sapwood::pipeline::{Config, Plan, PlannedStage, Resolver};
use sapwood::shard::{ReadOptions, listing};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Name and stages of each set. Stages that rewrite the text come last, so that the others share
/// one view.
const SETS: &[(&str, &str)] = &[
    ("gopher", "- gopher: {}"),
    ("gopher_repetition", "- gopher_repetition: {}"),
    ("fineweb", "- fineweb: {}"),
    ("gopher + repetition + fineweb", "- gopher: {}\n- gopher_repetition: {}\n- fineweb: {}"),
    (
        "the same, words: whitespace",
        "- gopher: {words: whitespace}\n- gopher_repetition: {words: whitespace}\n\
         - fineweb: {words: whitespace}",
    ),
    ("roots", "- roots: {}"),
    ("token_repetition", "- token_repetition: {}"),
    ("madlad", "- madlad: {}"),
    ("bad_words", "- bad_words: {}"),
    ("c4", "- c4: {}"),
    ("c4_paragraph", "- c4_paragraph: {}"),
    ("refinedweb", "- refinedweb: {}"),
    ("code", "- code: {}"),
    (
        "all families",
        "- gopher: {}\n- gopher_repetition: {}\n- fineweb: {}\n- roots: {}\n- token_repetition: {}\n\
         - madlad: {}\n- bad_words: {}\n- c4_paragraph: {}\n- code: {}\n- c4: {}\n- refinedweb: {}",
    ),
];

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let (paths, _folder) = common::input(&arguments)?;
    let mut options = ReadOptions::default();
    options.fields.language = "lang".to_owned();
    let mut batches = Vec::new();
    for (number, shard) in listing::list(&paths, None)?.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            batches.extend(block.parse(&options)?.batch);
        }
    }
    let documents: Vec<Vec<Document<'_>>> = batches.iter().map(Batch::documents).collect();
    let bytes: usize = documents.iter().flatten().map(|document| document.text().len()).sum();
    let number: usize = documents.iter().map(Vec::len).sum();
    println!("{number} documents, {:.1} MB of text, one thread", bytes as f64 / 1e6);

    let mut plans = Vec::new();
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    for &(name, stages) in SETS.iter().filter(|(name, _)| wanted(name)) {
        let config = Config::from_yaml(&format!("stages:\n{stages}\n"), name)?;
        let plan = Plan::new(config, &Resolver::for_file(&common::project().join("bench.yaml")))?;
        plans.push((name, plan.stages().cloned().collect::<Vec<PlannedStage>>()));
    }
    let mut seconds = vec![Vec::new(); plans.len()];
    let mut shares = plans.iter().map(|(_, stages)| vec![0.0; stages.len()]).collect::<Vec<_>>();
    for _ in 0..arguments.runs {
        for (((_, stages), seconds), shares) in plans.iter().zip(&mut seconds).zip(&mut shares) {
            let mut sum = 0.0;
            for batch in &documents {
                // As in a run, what is annotated does not outlive its batch.
                let mut batch = batch.clone();
                let clock = ThreadTime::now();
                run(&mut batch, stages, shares);
                sum += clock.elapsed().as_secs_f64();
            }
            seconds.push(sum);
        }
    }
    println!("{:<32} {:>8} {:>8} {:>8}", "stages", "MB/s", "slowest", "fastest");
    for (((name, stages), mut seconds), shares) in plans.iter().zip(seconds).zip(shares) {
        seconds.sort_by(f64::total_cmp);
        let speed = |at: usize| bytes as f64 / 1e6 / seconds[at];
        let last = seconds.len() - 1;
        println!("{name:<32} {:>8.1} {:>8.1} {:>8.1}", speed(last / 2), speed(last), speed(0));
        // Whoever asks first pays for the words that all share.
        let all: f64 = shares.iter().sum();
        for (planned, share) in stages.iter().zip(shares).filter(|_| stages.len() > 1) {
            println!("    {:<28} {:>7.1}%", planned.label, 100.0 * share / all);
        }
    }
    Ok(())
}

/// Runs stages over documents and adds the time of each stage to its share.
fn run(documents: &mut [Document<'_>], stages: &[PlannedStage], shares: &mut [f64]) {
    let mut rest = documents;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at_mut(together(rest));
        for (planned, share) in stages.iter().zip(shares.iter_mut()) {
            let clock = ThreadTime::now();
            for document in chunk.iter_mut() {
                document.apply(planned.stage.as_ref());
            }
            *share += clock.elapsed().as_secs_f64();
        }
        for document in chunk {
            document.release_view();
        }
        rest = after;
    }
}
