//! Writing the index of a run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use roaring::RoaringTreemap;
use xxhash_rust::xxh3::Xxh3Default;

use super::super::barrier::{Finding, Order, Stream};
use super::super::resolution::Resolution;
use super::{DOCUMENT, FORMAT, FileRecord, IndexError, Indexes, KEPT, Manifest};
use crate::batch::NODE;
use crate::external::{ExternalError, Merger, Ordered, Run, Sorted, Unfinished, number};

/// What an index is made of, beside the records of the deduplicator.
pub struct Contents<'c> {
    /// The deduplicator's name.
    pub barrier: &'c str,
    /// Its streams.
    pub streams: &'c [Stream],
    /// The run that writes it: xxh3-128 of its configuration and input.
    pub run: String,
    /// The shards of its input.
    pub shards: Vec<String>,
    /// Nodes and hashes of ids, 24 bytes each, in input order.
    pub documents: Vec<Run>,
    /// What the deduplicator found.
    pub findings: &'c Sorted,
}

/// Writes the index of a run, so that it is there whole or not at all. An index of the same run that is
/// there is left as it is.
///
/// # Errors
/// If the folder holds something else, a file can't be read or written, or somebody asked to stop.
pub fn write(
    indexes: &Indexes,
    resolution: &Resolution<'_>,
    contents: Contents<'_>,
) -> Result<(), ExternalError> {
    let Some(folder) = &indexes.write else { return Ok(()) };
    if may_write(folder, &contents.run)? {
        return Ok(());
    }
    let unfinished = Unfinished::beside(folder);
    let temporary = unfinished.path();
    fs::create_dir_all(temporary).map_err(ExternalError::io("create", temporary))?;
    let memory = resolution.memory / 2;
    let kept = Kept::write(temporary, contents.findings, memory)?;
    let mut streams = Vec::new();
    for (number_of_stream, stream) in contents.streams.iter().enumerate() {
        let mut file =
            RecordFile::create(temporary, &format!("stream-{number_of_stream}"), stream.width)?;
        let mut put = |record: &[u8]| {
            let node = number(record.get(stream.node_at..).unwrap_or_default());
            match node >= NODE && !kept.foreign.contains(node) {
                true => file.put_place(record, stream.node_at),
                false => Ok(()),
            }
        };
        match stream.order {
            Order::Sorted => {
                for partition in 0..resolution.partitions() {
                    let mut merger: Merger =
                        resolution.merged(number_of_stream, partition, memory)?;
                    while let Some(record) = merger.next()? {
                        put(record)?;
                    }
                    resolution.scratch.check()?;
                }
            }
            Order::Input => resolution.ordered(number_of_stream)?.for_each(&mut put)?,
        }
        streams.push(file.finish()?);
    }
    let mut documents = RecordFile::create(temporary, "documents", DOCUMENT)?;
    Ordered::open(contents.documents, DOCUMENT)?.for_each(|record| {
        match kept.foreign.contains(number(record)) {
            true => Ok(()),
            false => documents.put_place(record, 0),
        }
    })?;
    let manifest = Manifest {
        format: FORMAT,
        sapwood: env!("CARGO_PKG_VERSION").to_owned(),
        barrier: contents.barrier.to_owned(),
        parameters: indexes.parameters.clone(),
        run: contents.run,
        shards: contents.shards,
        streams,
        documents: documents.finish()?,
        kept: kept.record,
        retracted: None,
    };
    write_manifest(temporary, &manifest)?;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(ExternalError::io("create", parent))?;
    }
    // An empty folder may be there; what else is there `may_write` has refused.
    let _ = fs::remove_dir(folder);
    match unfinished.publish(folder) {
        // Another process did the same work and was sooner; what it wrote is the same.
        Err(_) if may_write(folder, &manifest.run)? => Ok(()),
        renamed => renamed.map_err(ExternalError::io("write", folder)),
    }
}

/// Whether the index is there already; an error if something else is.
///
/// # Errors
/// If the folder is not empty and holds no index of this run.
pub fn may_write(folder: &Path, run: &str) -> Result<bool, IndexError> {
    match super::Index::open(folder, 0) {
        Ok(index) if index.manifest().run == run => Ok(true),
        Ok(_) => Err(IndexError::Unlike {
            path: folder.to_owned(),
            message: "it is the index of another run; write to another folder".to_owned(),
        }),
        Err(IndexError::Missing(_)) => {
            let occupied = match fs::read_dir(folder) {
                Ok(mut entries) => entries.next().is_some(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
                Err(error) => return Err(IndexError::io("read", folder)(error)),
            };
            match occupied {
                true => Err(IndexError::Unlike {
                    path: folder.to_owned(),
                    message: "it is not empty and holds no index; write to another folder"
                        .to_owned(),
                }),
                false => Ok(false),
            }
        }
        Err(error) => Err(error),
    }
}

/// Writes `index.json`, so that it is there whole or not at all.
pub(super) fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<(), IndexError> {
    let path = folder.join("index.json");
    let unfinished = Unfinished::beside(&path);
    let content = serde_json::to_vec_pretty(manifest)
        .map_err(|error| IndexError::io("write", &path)(std::io::Error::other(error)))?;
    let failed = || IndexError::io("write", unfinished.path());
    let mut file = File::create(unfinished.path()).map_err(failed())?;
    file.write_all(&content).map_err(failed())?;
    file.sync_all().map_err(failed())?;
    unfinished.publish(&path).map_err(IndexError::io("write", &path))
}

/// Who stayed in whose stead.
struct Kept {
    record: FileRecord,
    /// Documents that were removed because of another index.
    foreign: RoaringTreemap,
}

impl Kept {
    fn write(folder: &Path, findings: &Sorted, memory: u64) -> Result<Self, ExternalError> {
        let mut file = RecordFile::create(folder, "kept", KEPT)?;
        let mut foreign = RoaringTreemap::new();
        let mut merger = findings.open(memory)?;
        let mut last = None;
        while let Some(record) = merger.next()? {
            let Finding { node, values: [kept, ..] } = Finding::from_bytes(record);
            if kept == node || last.replace(node) == Some(node) {
                continue;
            }
            if kept < NODE {
                foreign.insert(node);
                continue;
            }
            let mut record = [0; KEPT];
            record[..8].copy_from_slice(&(node & !NODE).to_be_bytes());
            record[8..].copy_from_slice(&(kept & !NODE).to_be_bytes());
            file.put(&record)?;
        }
        Ok(Self { record: file.finish()?, foreign })
    }
}

/// A file of records that is being written.
pub(super) struct RecordFile {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: Xxh3Default,
    width: usize,
    records: u64,
    record: Vec<u8>,
}

impl RecordFile {
    /// Creates `NAME.records` in a folder.
    pub(super) fn create(folder: &Path, name: &str, width: usize) -> Result<Self, IndexError> {
        let path = folder.join(format!("{name}.records"));
        let file = File::create(&path).map_err(IndexError::io("write", &path))?;
        Ok(Self {
            path,
            file: BufWriter::with_capacity(1 << 18, file),
            hasher: Xxh3Default::new(),
            width,
            records: 0,
            record: Vec::new(),
        })
    }

    /// Adds a record.
    pub(super) fn put(&mut self, record: &[u8]) -> Result<(), IndexError> {
        self.hasher.update(record);
        self.records += 1;
        self.file.write_all(record).map_err(IndexError::io("write", &self.path))
    }

    /// Adds a record with a place for its node.
    fn put_place(&mut self, record: &[u8], node_at: usize) -> Result<(), ExternalError> {
        let mut own = std::mem::take(&mut self.record);
        own.clear();
        own.extend_from_slice(record);
        if let Some(node) = own.get_mut(node_at..node_at + 8) {
            let place = number(node) & !NODE;
            node.copy_from_slice(&place.to_be_bytes());
        }
        self.put(&own)?;
        self.record = own;
        Ok(())
    }

    /// Makes the file durable.
    pub(super) fn finish(self) -> Result<FileRecord, IndexError> {
        let failed = || IndexError::io("write", &self.path);
        let file = self.file.into_inner().map_err(|error| failed()(error.into_error()))?;
        file.sync_all().map_err(failed())?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(FileRecord {
            file: name,
            width: self.width,
            records: self.records,
            xxh3: format!("{:032x}", self.hasher.digest128()),
        })
    }
}
