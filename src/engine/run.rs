//! A whole run: list the input, go through the passes, assemble, account.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::assemble::{self, Form};
use super::claim;
use super::error::EngineError;
use super::findings::Findings;
use super::journal::{self, Kind, PlanRecord, SegmentRecord};
use super::layout::Layout;
use super::map::{Map, Mode, Verdicts};
use super::ordered;
use super::progress::{Observer, Progress};
use super::resolve::{self, BarrierResolver, Pool};
use super::rows;
use super::statistics::{DamagedShard, OutputShard, Statistics, Summary};
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan, Resolver};
use crate::shard::Compression;
use crate::shard::listing::{self, Listing};

/// How a run executes. None of it changes a byte of the output, but for `segment_bytes`, which an
/// output keeps from its first run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Number of threads; 0 for one a core.
    pub threads: usize,
    /// Whether an output that belongs to something else is discarded.
    pub force: bool,
    /// Content of a shard that makes a segment, the unit that is committed, in bytes.
    pub segment_bytes: u64,
    /// Set from outside to stop the run; what is committed stays.
    pub cancel: Arc<AtomicBool>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            force: false,
            segment_bytes: super::SEGMENT_BYTES,
            cancel: Arc::default(),
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct RunOutcome {
    /// The account.
    pub summary: Summary,
    /// Whether the output was finished before, so that nothing was done.
    pub already_done: bool,
}

/// Lists the input of a plan.
///
/// # Errors
/// If a path is missing, nothing is found, or a file's name and content disagree.
pub fn inspect_input(plan: &Plan, files: &Resolver) -> Result<Listing, EngineError> {
    let input = &plan.config.input;
    let paths: Vec<PathBuf> = input.paths.iter().map(|path| files.resolve_pattern(path)).collect();
    Ok(listing::list(&paths, input.forced_format())?)
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, EngineError> {
    // A stage may recurse over a deeply nested document of the user's; 8 MiB is a main thread's.
    rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(8 << 20).build().map_err(
        |error| EngineError::Io {
            action: "start threads",
            path: PathBuf::new(),
            source: std::io::Error::other(error),
        },
    )
}

/// Runs a plan over an input. A run that was stopped or killed goes on where it was.
///
/// # Errors
/// If the output belongs to something else, a file can't be read or written, or the run was stopped.
pub fn run(
    plan: &Plan,
    listing: &Listing,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<RunOutcome, EngineError> {
    let started = Instant::now();
    let layout = Layout::new(&plan.config.output.path);
    let record = plan_record(plan, listing, options);
    claim::refuse_own_output(&layout, listing)?;
    let lock = claim::prepare(&layout, &record, options.force)?;
    claim::refuse_indexes(plan, &record)?;
    if let Some(summary) = journal::read::<Summary>(&layout.summary())? {
        return Ok(RunOutcome { summary, already_done: true });
    }
    write_config(plan, &layout)?;
    let pool = pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let engine = Engine {
        plan,
        listing,
        options,
        layout: &layout,
        record: &record,
        observer,
        progress: &progress,
        pool: &pool,
    };
    let passes = engine.passes()?;
    let mut output_shards = engine.assemble(&passes)?;
    output_shards.sort_by(|a, b| a.path.cmp(&b.path));
    // What follows needs only the journal and the shards, so the room can be given back first.
    let work = layout.work();
    if work.exists() {
        fs::remove_dir_all(&work).map_err(EngineError::io("remove", &work))?;
    }
    let mut total = Statistics::default();
    for segment in passes.iter().flatten().flatten() {
        total.add(&segment.statistics);
    }
    let barriers: Vec<_> = plan.passes.iter().map(|pass| pass.barriers.clone()).collect();
    let resolved = resolve::measures(&layout, &barriers)?;
    for stage in total.stages.values_mut() {
        if let Some(record) = resolved.get(&stage.name) {
            stage.measures.clone_from(&record.measures);
            stage.cpu_seconds += record.cpu_seconds;
        }
    }
    debug_assert!(total.adds_up());
    let summary = summarize(plan, &record, total, output_shards, started);
    let content = serde_json::to_vec_pretty(&summary).map_err(|error| EngineError::Journal {
        path: layout.summary(),
        message: error.to_string(),
    })?;
    journal::write_atomically(&layout.summary(), &content)?;
    drop(lock);
    Ok(RunOutcome { summary, already_done: false })
}

fn plan_record(plan: &Plan, listing: &Listing, options: &RunOptions) -> PlanRecord {
    let bytes = listing.shards.iter().map(|shard| shard.bytes).sum();
    PlanRecord {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.config.name.clone(),
        config_hash: plan.config.hash(),
        config: plan.config.identity(),
        shards: listing.shards.clone(),
        resources: plan.resources(),
        passes: plan.passes.len(),
        labels: plan.labels.clone(),
        partitions: resolve::partitions_for(bytes),
        segment_bytes: options.segment_bytes,
    }
}

fn write_config(plan: &Plan, layout: &Layout) -> Result<(), EngineError> {
    let yaml = plan.config.to_yaml().map_err(|error| EngineError::Journal {
        path: layout.config(),
        message: error.to_string(),
    })?;
    let content = format!(
        "# The effective configuration of this output, defaults filled in.\n# config_hash: {}\n{yaml}",
        plan.config.hash()
    );
    journal::write_atomically(&layout.config(), content.as_bytes())
}

struct Engine<'r> {
    plan: &'r Plan,
    listing: &'r Listing,
    options: &'r RunOptions,
    layout: &'r Layout,
    record: &'r PlanRecord,
    observer: &'r dyn Observer,
    progress: &'r Progress,
    pool: &'r rayon::ThreadPool,
}

type Segments = Vec<Vec<SegmentRecord>>;

impl Engine<'_> {
    /// All passes, each from where it was.
    fn passes(&self) -> Result<Vec<Segments>, EngineError> {
        let mut passes: Vec<Segments> = Vec::new();
        let mut resolved: Vec<Vec<Findings>> = Vec::new();
        for number in 0..self.plan.passes.len() {
            let segments = self.pass(number, Mode::Run, &passes, &resolved)?;
            let barriers =
                self.plan.passes.get(number).map_or(&[][..], |pass| pass.barriers.as_slice());
            let resolver = BarrierResolver {
                layout: self.layout,
                pass: number,
                record: self.record,
                segments: &segments,
                memory: self.plan.config.memory.0,
                pool: Pool(self.pool),
                cancel: &self.options.cancel,
            };
            // A later pass may have given the records back; then all is resolved already.
            let findings = resolver.resolve(barriers)?;
            resolved.push(findings.into_iter().map(|(findings, _)| findings).collect());
            passes.push(segments);
        }
        Ok(passes)
    }

    /// The barriers whose findings are applied to what a pass reads, in order: those of the passes
    /// since its documents were left, but the last of which were applied before.
    fn verdicts(&self, number: usize, resolved: &[Vec<Findings>]) -> Vec<Verdicts> {
        let first = self.plan.source(number).map_or(1, |source| source + 1);
        let mut verdicts = Vec::new();
        for pass in first..=number {
            let Some(before) = pass.checked_sub(1) else { continue };
            let planned = self.plan.passes.get(before).map(|pass| &pass.barriers);
            let findings = resolved.get(before);
            for (planned, findings) in
                planned.into_iter().flatten().zip(findings.into_iter().flatten())
            {
                if planned.is_final() {
                    verdicts.push(Verdicts {
                        planned: planned.clone(),
                        findings: findings.clone(),
                        again: pass < number,
                    });
                }
            }
        }
        verdicts
    }

    /// The findings of the round before of the barriers that end a pass.
    fn rounds(&self, number: usize, resolved: &[Vec<Findings>]) -> Vec<Option<Findings>> {
        let Some(pass) = self.plan.passes.get(number) else { return Vec::new() };
        let before = number.checked_sub(1);
        pass.barriers
            .iter()
            .map(|planned| {
                let before = before.filter(|_| planned.round > 0)?;
                let slot = self.plan.passes.get(before)?.barriers.iter().position(|earlier| {
                    earlier.number == planned.number && earlier.round + 1 == planned.round
                })?;
                resolved.get(before)?.get(slot).cloned()
            })
            .collect()
    }

    fn pass(
        &self,
        number: usize,
        mode: Mode,
        passes: &[Segments],
        resolved: &[Vec<Findings>],
    ) -> Result<Segments, EngineError> {
        let shards = &self.listing.shards;
        let (committed, complete) = journal::pass(self.layout, number, shards.len())?;
        let Some(pass) = self.plan.passes.get(number) else { return Ok(committed) };
        if complete {
            return Ok(committed);
        }
        let source = self.plan.source(number);
        let source = source.and_then(|source| Some((source, passes.get(source)?.clone())));
        let bytes = match &source {
            None => shards.iter().map(|shard| shard.bytes).sum(),
            Some((_, segments)) => segments
                .iter()
                .flatten()
                .flat_map(|segment| &segment.spill)
                .filter(|frame| frame.kind == Kind::Spill)
                .map(|frame| frame.length)
                .sum(),
        };
        self.progress.start_pass(number, self.plan.passes.len(), bytes);
        let map = Map {
            plan: self.plan,
            number,
            pass,
            mode,
            shards,
            options: self.plan.config.input.read_options(),
            layout: self.layout,
            committed,
            source,
            verdicts: self.verdicts(number, resolved),
            rounds: self.rounds(number, resolved),
            partitions: self.record.partitions,
            segment_bytes: self.options.segment_bytes,
            schema: self.schema(mode)?,
            progress: self.progress,
            observer: self.observer,
        };
        ordered::run(&map, shards.len(), self.pool, &self.options.cancel)?;
        Ok(journal::pass(self.layout, number, shards.len())?.0)
    }

    /// The columns of parquet output; nothing for lines.
    fn schema(&self, mode: Mode) -> Result<Option<arrow_schema::SchemaRef>, EngineError> {
        if self.plan.config.output.format != OutputFormat::Parquet {
            return Ok(None);
        }
        if mode == Mode::Score {
            return Ok(Some(rows::score_schema(&self.plan.metrics())));
        }
        let passed_through = self.passed_through()?;
        Ok(Some(rows::output_schema(&passed_through, &self.plan.written_metrics())))
    }

    #[cfg(feature = "parquet")]
    fn passed_through(&self) -> Result<Vec<arrow_schema::Field>, EngineError> {
        use crate::shard::Format;
        let options = self.plan.config.input.read_options();
        let parquet = self.listing.shards.iter().filter(|shard| shard.format == Format::Parquet);
        crate::shard::parquet::passed_through(parquet.map(|shard| shard.path.as_path()), &options)
            .map_err(|error| EngineError::Parquet(error.to_string()))
    }

    #[cfg(not(feature = "parquet"))]
    fn passed_through(&self) -> Result<Vec<arrow_schema::Field>, EngineError> {
        Ok(Vec::new())
    }

    fn assemble(&self, passes: &[Segments]) -> Result<Vec<OutputShard>, EngineError> {
        let output = &self.plan.config.output;
        let (pool, cancel) = (self.pool, &*self.options.cancel);
        let parquet = output.format == OutputFormat::Parquet;
        let form = |extension: String, parquet: bool| Form {
            extension,
            parquet,
            shard_size: output.shard_size.0,
        };
        let lines = format!(".jsonl{}", output.compression.extension());
        let data = match parquet {
            true => form(".parquet".to_owned(), true),
            false => form(lines.clone(), false),
        };
        let dropped = match parquet {
            true => form(".jsonl.zst".to_owned(), false),
            false => form(lines, false),
        };
        let rejected = form(".jsonl".to_owned(), false);
        let data_folder = self.layout.data();
        fs::create_dir_all(&data_folder).map_err(EngineError::io("create", &data_folder))?;
        let mut all = Vec::new();
        for (kind, folder, form) in [
            (Kind::Data, data_folder, data),
            (Kind::Dropped, self.layout.dropped(), dropped),
            (Kind::Rejected, self.layout.rejected(), rejected),
        ] {
            let made = assemble::assemble(self.layout, passes, kind, &folder, &form, pool, cancel)?;
            if kind == Kind::Data {
                all = made;
            }
        }
        Ok(all)
    }
}

fn summarize(
    plan: &Plan,
    record: &PlanRecord,
    total: Statistics,
    output_shards: Vec<OutputShard>,
    started: Instant,
) -> Summary {
    let cpu_seconds = total.cpu_seconds();
    let mut by_number = total.stages;
    let stages = plan
        .labels
        .iter()
        .enumerate()
        .map(|(number, label)| {
            let mut stage = by_number.remove(&number).unwrap_or_default();
            stage.name.clone_from(label);
            stage
        })
        .collect();
    let damaged = total
        .damaged
        .into_iter()
        .map(|damage| DamagedShard {
            path: record
                .shards
                .get(damage.shard as usize)
                .map(|shard| shard.path.display().to_string())
                .unwrap_or_default(),
            message: damage.message,
        })
        .collect();
    Summary {
        name: record.name.clone(),
        version: record.version.clone(),
        config_hash: record.config_hash.clone(),
        documents: total.documents,
        bytes: total.bytes,
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds,
        stages,
        languages: total.languages,
        rejected: total.rejected,
        damaged,
        cpu: total.cpu,
        input_shards: record.shards.len(),
        output_shards,
    }
}

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
    folder.push(format!(".work-{}", std::process::id()));
    let layout = Layout::new(Path::new(&folder));
    let record = plan_record(&plan, listing, options);
    let pool = pool(options.threads)?;
    let progress = Arc::new(Progress::default());
    observer.start(Arc::clone(&progress));
    let engine = Engine {
        plan: &plan,
        listing,
        options,
        layout: &layout,
        record: &record,
        observer,
        progress: &progress,
        pool: &pool,
    };
    let scored = engine.pass(0, Mode::Score, &[], &[]);
    let result = scored.and_then(|segments| {
        let passes = [segments];
        let parquet = format == OutputFormat::Parquet;
        assemble::assemble_file(&layout, &passes, Kind::Data, output, parquet)?;
        let mut total = Statistics::default();
        for segment in passes.iter().flatten().flatten() {
            total.add(&segment.statistics);
        }
        Ok(total)
    });
    let _ = fs::remove_dir_all(layout.root());
    result
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
