//! Preparing an output: the plan of a run, its listing and its tasks, written down before anything else.

use std::fs::File;

use arrow_schema::SchemaRef;
use xxhash_rust::xxh3::xxh3_128;

use super::claim;
use super::error::EngineError;
use super::journal::{self, PlanRecord};
use super::layout::Layout;
use super::listed;
use super::options::{Origin, RunOptions};
use super::rows;
use super::statistics::Summary;
use super::tasks::TaskPlan;
use crate::pipeline::config::OutputFormat;
use crate::pipeline::{Pass, Plan};
use crate::shard::Shard;
use crate::shard::listing::Listing;

/// An output that is ready to be worked on.
pub struct Prepared {
    /// Where it lies.
    pub layout: Layout,
    /// What it is.
    pub record: PlanRecord,
    /// The tasks that it consists of.
    pub tasks: TaskPlan,
    /// The account, if it is finished.
    pub finished: Option<Summary>,
    /// Locked until it is dropped.
    pub lock: File,
}

/// How tasks are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tasking {
    /// For one machine, if the output has no tasks yet.
    Local,
    /// For a cluster; about so many for each pass, if it is said.
    Cluster(Option<usize>),
}

/// Makes an output folder a plan's own: what it has of this plan stays.
///
/// # Errors
/// If the output belongs to something else, or to other tasks, or can't be written.
pub fn prepare(
    plan: &Plan,
    listing: &Listing,
    options: &RunOptions,
    tasking: Tasking,
) -> Result<Prepared, EngineError> {
    let layout = Layout::new(&plan.config.output.path);
    let record = plan_record(plan, listing, options);
    claim::refuse_own_output(&layout, listing)?;
    let claimed = claim::prepare(&layout, &record, &listing.shards, options.force)?;
    claim::refuse_indexes(plan, &record)?;
    if claimed.same {
        let tasks = tasks(&layout)?;
        let other = match tasking {
            Tasking::Cluster(Some(wanted)) if tasks.wanted != Some(wanted) => Some(wanted),
            _ => None,
        };
        match other {
            None => {
                let finished = journal::read::<Summary>(&layout.summary())?;
                return Ok(Prepared { layout, record, tasks, finished, lock: claimed.lock });
            }
            Some(_) if options.force => claim::discard(&layout)?,
            Some(wanted) => {
                let planned = tasks.wanted.unwrap_or(tasks.map.len());
                return Err(EngineError::Conflict {
                    output: layout.root().to_owned(),
                    what: format!("was planned with {planned} tasks a pass, not {wanted}"),
                    help: "leave --tasks out to go on with those, or give --force to start over"
                        .to_owned(),
                });
            }
        }
    }
    let read = plan.config.input.read_options();
    let tasks = match tasking {
        Tasking::Local => TaskPlan::local(&listing.shards),
        Tasking::Cluster(wanted) => {
            let compares = compares(plan);
            TaskPlan::new(&listing.shards, wanted, &compares, options.segment_bytes, &read)?
        }
    };
    listed::write(&layout, &listing.shards)?;
    journal::write(&layout.tasks(), &tasks)?;
    if plan.config.output.format == OutputFormat::Parquet {
        let schema = rows::output_schema(&passed_through(plan, listing)?, &plan.written_metrics());
        journal::write_atomically(&layout.schema(), &encode_schema(&schema)?)?;
    }
    write_config(plan, &layout)?;
    let folder = std::env::current_dir().unwrap_or_default();
    let pipeline = std::path::absolute(&options.pipeline).unwrap_or_default();
    journal::write(&layout.origin(), &Origin { folder, pipeline })?;
    // The last of them: where it is, the others are.
    journal::write(&layout.plan(), &record)?;
    Ok(Prepared { layout, record, tasks, finished: None, lock: claimed.lock })
}

/// Whether each barrier of each pass compares records by partition.
pub fn compares(plan: &Plan) -> Vec<Vec<bool>> {
    let of_pass = |pass: &Pass| {
        pass.barriers.iter().map(|planned| planned.barrier.compares(planned.round)).collect()
    };
    plan.passes.iter().map(of_pass).collect()
}

/// The tasks of an output.
///
/// # Errors
/// If they can't be read.
pub fn tasks(layout: &Layout) -> Result<TaskPlan, EngineError> {
    journal::read(&layout.tasks())?.ok_or_else(|| EngineError::Damaged {
        path: layout.tasks(),
        message: "it is missing".to_owned(),
    })
}

/// The columns of parquet output, as they were written down.
///
/// # Errors
/// If they can't be read.
pub fn schema(layout: &Layout) -> Result<SchemaRef, EngineError> {
    let path = layout.schema();
    let bytes = std::fs::read(&path).map_err(EngineError::io("read", &path))?;
    let reader = arrow_ipc::reader::StreamReader::try_new(bytes.as_slice(), None)?;
    Ok(reader.schema())
}

fn encode_schema(schema: &SchemaRef) -> Result<Vec<u8>, EngineError> {
    let mut bytes = Vec::new();
    arrow_ipc::writer::StreamWriter::try_new(&mut bytes, schema)?.finish()?;
    Ok(bytes)
}

/// The plan of a run, for comparing it with what is there.
pub fn plan_record(plan: &Plan, listing: &Listing, options: &RunOptions) -> PlanRecord {
    let shards = &listing.shards;
    let bytes = shards.iter().map(|shard| shard.bytes).sum();
    let mut known = String::new();
    for shard in shards {
        known.push_str(&serde_json::to_string(shard).unwrap_or_default());
    }
    PlanRecord {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: plan.config.name.clone(),
        config_hash: plan.config.hash(),
        config: plan.config.identity(),
        shards: shards.len(),
        bytes,
        listing: format!("{:032x}", xxh3_128(known.as_bytes())),
        stdin: shards.iter().any(Shard::is_stdin),
        resources: plan.resources(),
        passes: plan.passes.iter().map(|pass| pass.barriers.len()).collect(),
        labels: plan.labels.clone(),
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
    journal::publish(&layout.config(), &layout.temporaries(), content.as_bytes())
}

#[cfg(feature = "parquet")]
fn passed_through(plan: &Plan, listing: &Listing) -> Result<Vec<arrow_schema::Field>, EngineError> {
    use crate::shard::Format;
    let options = plan.config.input.read_options();
    let parquet = listing.shards.iter().filter(|shard| shard.format == Format::Parquet);
    crate::shard::parquet::passed_through(parquet.map(|shard| shard.path.as_path()), &options)
        .map_err(|error| EngineError::Parquet(error.to_string()))
}

#[cfg(not(feature = "parquet"))]
fn passed_through(_: &Plan, _: &Listing) -> Result<Vec<arrow_schema::Field>, EngineError> {
    Ok(Vec::new())
}
