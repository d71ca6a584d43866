//! Encoding frames: rows to compressed bytes.

use std::cell::RefCell;

use arrow_array::RecordBatch;

use super::error::EngineError;
use super::journal::Kind;
use super::map::Map;
use super::rows;
use super::sink::Pending;
use crate::pipeline::config::OutputFormat;
use crate::shard::Compression;
use crate::shard::compression::Encoder;

/// Level of what passes leave for each other: it is read once and deleted.
const SPILL_LEVEL: i32 = 1;

impl Map<'_> {
    /// Encodes the rows of a frame in the format of their kind.
    pub(super) fn encode_rows(&self, kind: Kind, pending: Pending) -> Result<Vec<u8>, EngineError> {
        let output = &self.plan.config.output;
        let (compression, level) = match kind {
            Kind::Rejected => (Compression::None, 0),
            Kind::Spill => (Compression::Zstd, SPILL_LEVEL),
            // Dropped documents are always lines, whatever the format of kept ones.
            Kind::Dropped if output.format == OutputFormat::Parquet => (Compression::Zstd, 3),
            _ => (output.compression, output.effective_level()),
        };
        if kind == Kind::Spill {
            return compress(compression, level, &[rows::encode_ipc(&pending.columns)?]);
        }
        if pending.columns.is_empty() {
            return compress(compression, level, &pending.lines);
        }
        self.encode_parquet(&pending.columns)
    }

    #[cfg(feature = "parquet")]
    fn encode_parquet(&self, columns: &[RecordBatch]) -> Result<Vec<u8>, EngineError> {
        use crate::shard::parquet;
        let Some(schema) = &self.schema else { return Ok(Vec::new()) };
        let failed = |error: &dyn std::fmt::Display| EngineError::Parquet(error.to_string());
        let mut aligned = Vec::with_capacity(columns.len());
        for columns in columns {
            aligned.push(parquet::align(columns, schema).map_err(|error| failed(&error))?);
        }
        let rows = arrow_select::concat::concat_batches(schema, &aligned)?;
        let output = &self.plan.config.output;
        let level = match output.compression {
            Compression::None => None,
            _ => Some(output.effective_level()),
        };
        parquet::encode_row_group(&rows, level).map_err(|error| failed(&error))
    }

    #[cfg(not(feature = "parquet"))]
    fn encode_parquet(&self, _: &[RecordBatch]) -> Result<Vec<u8>, EngineError> {
        Err(EngineError::Parquet("this sapwood was built without parquet".into()))
    }
}

/// Compresses some pieces of content as one frame, in buffers that each thread keeps.
fn compress(
    compression: Compression,
    level: i32,
    pieces: &[impl AsRef<[u8]>],
) -> Result<Vec<u8>, EngineError> {
    thread_local! {
        static ENCODER: RefCell<Option<(Compression, i32, Encoder)>> = const { RefCell::new(None) };
        static JOINED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let failed = || EngineError::io("compress", std::path::Path::new("a frame"));
    ENCODER.with_borrow_mut(|slot| {
        if !matches!(slot, Some((old, at, _)) if (*old, *at) == (compression, level)) {
            *slot = Some((compression, level, Encoder::new(compression, level).map_err(failed())?));
        }
        let Some((_, _, encoder)) = slot else { return Ok(Vec::new()) };
        if let [piece] = pieces {
            return encoder.frame(piece.as_ref()).map_err(failed());
        }
        JOINED.with_borrow_mut(|joined| {
            joined.clear();
            for piece in pieces {
                joined.extend_from_slice(piece.as_ref());
            }
            let frame = encoder.frame(joined).map_err(failed());
            // One huge document should not hold its room for the rest of the run.
            if joined.capacity() > 16 << 20 {
                *joined = Vec::new();
            }
            frame
        })
    })
}
