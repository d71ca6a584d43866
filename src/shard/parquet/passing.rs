//! Which columns of parquet files are passed through, known before the first row is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};

use super::align::{AlignError, unify};
use super::convert::{map_columns, resolve};
use super::read::Reader;
use crate::batch::{EXTRA, ID, OPTIONAL, TEXT};
use crate::shard::ReadOptions;

/// The columns beside those of every batch that [`to_batch`](super::to_batch) passes through from some parquet files,
/// so that the columns of an output are known before the first row is read. A file without a text
/// column passes nothing through.
///
/// # Errors
/// If a file can't be read, or two files have columns of one name and different types.
pub fn passed_through<'p>(
    paths: impl Iterator<Item = &'p Path>,
    options: &ReadOptions,
) -> Result<Vec<Field>, PassThroughError> {
    let mut all = Schema::empty();
    for path in paths {
        // A damaged shard is reported when its turn comes.
        let Ok(reader) = Reader::open(path, 0, options) else { continue };
        let rows = RecordBatch::new_empty(Arc::new(reader.schema().clone()));
        let Some(text) = resolve(rows.schema_ref().fields(), &options.fields.text) else {
            continue;
        };
        let Ok(columns) = map_columns(&rows, &text, 0, &[], options) else { continue };
        let fields: Vec<Field> = columns.into_iter().map(|(field, _)| field).collect();
        all = unify(&all, &Schema::new(fields))
            .map_err(|source| PassThroughError { path: path.to_owned(), source })?
            .as_ref()
            .clone();
    }
    let own = |field: &&Arc<Field>| {
        let name = field.name().as_str();
        ![ID, TEXT, EXTRA].contains(&name) && !OPTIONAL.contains(&name)
    };
    Ok(all.fields().iter().filter(own).map(|field| field.as_ref().clone()).collect())
}

/// Two parquet files whose columns can't stand in one output.
#[derive(Debug, thiserror::Error)]
#[error("{path} does not fit the other parquet shards: {source}")]
pub struct PassThroughError {
    /// The file.
    pub path: PathBuf,
    /// What does not fit.
    #[source]
    pub source: AlignError,
}
