//! Scoring: one pass over all document stages, into one file.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::assemble;
use super::error::EngineError;
use super::journal::{self, Kind, PassRecords, SegmentRecord};
use super::layout::Layout;
use super::listed;
use super::map::Mode;
use super::options::{self, RunOptions};
use super::ordered;
use super::passes::Engine;
use super::prepare;
use super::progress::{Observer, Progress};
use super::sink::Commit;
use super::statistics::Statistics;
use super::tasks::TaskPlan;
use super::unit::Unit;
use crate::external;
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan};
use crate::shard::Compression;
use crate::shard::listing::Listing;

/// Scores every record of an input into one file: annotates, drops nothing, leaves barriers out.
///
/// The file's name decides its format: `.jsonl`, `.jsonl.zst`, `.jsonl.gz` or `.parquet`. It appears
/// when it is whole.
///
/// # Errors
/// If the name says no format, a file can't be read or written, or the run was stopped.
pub fn score(
    plan: &Plan,
    listing: &Listing,
    output: &Path,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Statistics, EngineError> {
    let (format, compression) = score_format(output).ok_or_else(|| EngineError::Conflict {
        output: output.to_owned(),
        what: "is no name for scores".to_owned(),
        help: "let it end in .jsonl, .jsonl.zst, .jsonl.gz or .parquet".to_owned(),
    })?;
    let mut plan = plan.clone();
    plan.config.output.format = format;
    plan.config.output.compression = compression;
    plan.config.output.level = None;
    let stages = plan.stages().cloned().collect();
    plan.passes = vec![Pass { stages, barriers: Vec::new() }];
    let mut folder = output.as_os_str().to_owned();
    // Another name than the one under which the file itself is written before it is renamed.
    folder.push(format!(".work-{}", external::writer()));
    let layout = Layout::new(Path::new(&folder));
    let scored = scored(&plan, listing, &layout, options, observer);
    let result = scored.and_then(|scored| {
        let passes = [scored.segments];
        let parquet = format == OutputFormat::Parquet;
        assemble::assemble_file(&layout, &passes, Kind::Data, output, parquet, &options.cancel)?;
        Ok(scored.statistics)
    });
    let _ = fs::remove_dir_all(layout.root());
    result
}

fn scored(
    plan: &Plan,
    listing: &Listing,
    layout: &Layout,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<PassRecords, EngineError> {
    let record = prepare::plan_record(plan, listing, options);
    let tasks = TaskPlan::local(&listing.shards);
    listed::write(layout, &listing.shards)?;
    let pool = options::pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let engine = Engine {
        plan,
        options,
        layout,
        record: &record,
        tasks: &tasks,
        observer,
        progress: &progress,
        pool: &pool,
        started: Instant::now(),
    };
    let units: Vec<Unit> = tasks.map.iter().flat_map(|task| task.units()).collect();
    let count = units.len();
    progress.start_pass(0, 1, record.bytes);
    let map = engine.map_job(0, Mode::Score, units, Commit::First, &|_| Ok(()))?;
    ordered::run(&map, count, &pool, &options.cancel)?;
    journal::pass(layout, 0, record.shards, &SegmentRecord::keep_pieces, &pool)
}

fn score_format(output: &Path) -> Option<(OutputFormat, Compression)> {
    let name = output.file_name()?.to_str()?;
    let lines = |compression| Some((OutputFormat::Jsonl, compression));
    if name.ends_with(".jsonl") {
        lines(Compression::None)
    } else if name.ends_with(".jsonl.zst") {
        lines(Compression::Zstd)
    } else if name.ends_with(".jsonl.gz") {
        lines(Compression::Gzip)
    } else if name.ends_with(".parquet") && cfg!(feature = "parquet") {
        Some((OutputFormat::Parquet, Compression::Zstd))
    } else {
        None
    }
}
