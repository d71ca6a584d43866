//! Reading an index.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use roaring::RoaringTreemap;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

use super::super::barrier::Stream;
use super::{FORMAT, FileRecord, IndexError, KEPT, Manifest, Name, first_of_partition, is_sorted};
use crate::batch::Position;
use crate::external::{
    Exclude, Exclusion, ExternalError, Ordered, Parted, Run, number, read_exact_at,
};
use crate::stage::Resource;

/// An index that can be compared with.
#[derive(Debug)]
pub struct Index {
    folder: PathBuf,
    manifest: Manifest,
    /// xxh3-128 and length of `index.json`.
    content: (u128, u64),
    /// The number that its first shard has among those of all indexes.
    base: u64,
    retracted: OnceLock<Exclusion>,
    kept: OnceLock<Arc<Ordered>>,
}

impl Index {
    /// Opens an index. `base` is the number of shards in the indexes before it.
    ///
    /// # Errors
    /// If there is none, it is of a later version, or its files are not as long as they should be.
    pub fn open(folder: &Path, base: u64) -> Result<Self, IndexError> {
        let path = folder.join("index.json");
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(IndexError::Missing(folder.to_owned()));
            }
            Err(error) => return Err(IndexError::io("read", &path)(error)),
        };
        let damaged = |message: String| IndexError::Damaged { path: path.clone(), message };
        let format = serde_json::from_slice::<serde_json::Value>(&content)
            .map_err(|error| damaged(error.to_string()))?
            .get("format")
            .and_then(serde_json::Value::as_u64);
        if format != Some(u64::from(FORMAT)) {
            let message = format!("its layout is of another version than {FORMAT}");
            return Err(IndexError::Unlike { path: folder.to_owned(), message });
        }
        let manifest: Manifest =
            serde_json::from_slice(&content).map_err(|error| damaged(error.to_string()))?;
        let content = (xxh3_128(&content), content.len() as u64);
        let index = Self {
            folder: folder.to_owned(),
            manifest,
            content,
            base,
            retracted: OnceLock::new(),
            kept: OnceLock::new(),
        };
        for file in index.files() {
            let path = index.folder.join(&file.file);
            let length = fs::metadata(&path).map_err(IndexError::io("read", &path))?.len();
            if length != file.bytes() {
                let message = format!("it has {length} bytes, not {}", file.bytes());
                return Err(IndexError::Damaged { path, message });
            }
        }
        Ok(index)
    }

    /// The folder, as it was given.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The number that its first shard has among those of all indexes.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The record of the index, by which a run that goes on tells whether it changed.
    pub fn resource(&self) -> Resource {
        let path = self.folder.join("index.json");
        Resource::known("index", &path, self.content.0, self.content.1)
    }

    /// All its files.
    pub fn files(&self) -> impl Iterator<Item = &FileRecord> {
        let Manifest { streams, documents, kept, retracted, .. } = &self.manifest;
        streams.iter().chain([documents, kept]).chain(retracted)
    }

    /// Reads all files and holds them against their hashes.
    ///
    /// # Errors
    /// With the first file that is damaged or can't be read.
    pub fn verify(&self) -> Result<(), IndexError> {
        use std::io::Read;
        let mut buffer = vec![0; 1 << 20];
        for record in self.files() {
            let path = self.folder.join(&record.file);
            let mut file = File::open(&path).map_err(IndexError::io("read", &path))?;
            let mut hasher = Xxh3Default::new();
            loop {
                let length = file.read(&mut buffer).map_err(IndexError::io("read", &path))?;
                match buffer.get(..length) {
                    Some(bytes) if !bytes.is_empty() => hasher.update(bytes),
                    _ => break,
                }
            }
            if format!("{:032x}", hasher.digest128()) != record.xxh3 {
                let message = "its content is not what was written".to_owned();
                return Err(IndexError::Damaged { path, message });
            }
        }
        Ok(())
    }

    /// The records of a stream: if it is sorted, those of some partitions, of so many.
    pub(super) fn parted(
        &self,
        number: usize,
        stream: &Stream,
        partitions: Range<usize>,
        of: usize,
    ) -> Result<Option<Parted>, ExternalError> {
        let file = self.manifest.streams.get(number).filter(|file| file.width == stream.width);
        if file.is_none() && !is_sorted(stream) {
            // What stands in input order beside the keys is looked up for members of clusters: ranks,
            // say. Documents of an index stay whatever their rank is.
            return Ok(None);
        }
        let Some(file) = file else {
            let message = format!("it has no stream {number} of {} bytes", stream.width);
            return Err(ExternalError::Damaged { path: self.folder.clone(), message });
        };
        let mut run = Run::new(self.folder.join(&file.file), 0, file.bytes());
        run.rebase = Some((stream.node_at, self.base << 40));
        run.exclude = self.exclude()?.map(|exclude| (stream.node_at, exclude));
        if !is_sorted(stream) {
            return Ok(Some(Parted::whole(run, file.width)));
        }
        let failed = || ExternalError::io("read", &run.path);
        let opened = File::open(&*run.path).map_err(failed())?;
        let start = |partition| match partition {
            0 => Ok(0),
            last if last == of => Ok(file.records),
            _ => lower_bound(&opened, file, first_of_partition(partition, of)),
        };
        let starts = (partitions.start..=partitions.end).map(start);
        let starts: Vec<u64> = starts.collect::<Result<_, _>>().map_err(failed())?;
        run.offset = starts.first().unwrap_or(&0) * file.width as u64;
        let counts = starts.windows(2).map(|ends| ends[1].saturating_sub(ends[0]));
        Ok(Some(Parted::new(run, partitions.start, counts)))
    }

    /// Places that were taken back, moved to where the index stands among all.
    fn exclude(&self) -> Result<Option<Exclude>, ExternalError> {
        let Some(file) = &self.manifest.retracted else { return Ok(None) };
        let exclusion = match self.retracted.get() {
            Some(exclusion) => exclusion.clone(),
            None => {
                let mut places = RoaringTreemap::new();
                self.each(file, |record| {
                    places.insert(number(record) + (self.base << 40));
                })?;
                self.retracted.get_or_init(|| Exclusion::scattered(places)).clone()
            }
        };
        Ok(Some(Arc::new(move || Ok(exclusion.clone()))))
    }

    /// Hands out the records of a file as they lie there.
    pub(super) fn each(
        &self,
        file: &FileRecord,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), IndexError> {
        use std::io::Read;
        let path = self.folder.join(&file.file);
        let opened = File::open(&path).map_err(IndexError::io("read", &path))?;
        let mut reader = std::io::BufReader::with_capacity(1 << 20, opened);
        let mut record = vec![0; file.width];
        for _ in 0..file.records {
            reader.read_exact(&mut record).map_err(IndexError::io("read", &path))?;
            take(&record);
        }
        Ok(())
    }

    /// What a node of this index is called: the document that its run kept.
    pub(super) fn name(&self, node: u64) -> Result<Name, ExternalError> {
        let kept = match self.kept.get() {
            Some(kept) => kept,
            None => {
                let file = &self.manifest.kept;
                let run = Run::new(self.folder.join(&file.file), 0, file.bytes());
                let opened = Arc::new(Ordered::open(vec![run], KEPT)?);
                self.kept.get_or_init(|| opened)
            }
        };
        let mut place = node.wrapping_sub(self.base << 40);
        let mut record = Vec::new();
        if kept.get(place, &mut record)? {
            place = number(record.get(8..).unwrap_or_default());
        }
        let position = Position::unpack(place);
        let shard = self.manifest.shards.get(position.shard as usize).cloned();
        Ok(Name {
            index: self.folder.display().to_string(),
            shard: shard.unwrap_or_default(),
            record: position.ordinal,
        })
    }
}

/// The number of records of a sorted file whose start is below a bound.
fn lower_bound(file: &File, record: &FileRecord, bound: u128) -> std::io::Result<u64> {
    let (mut low, mut high) = (0, record.records);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut start = [0; 8];
        read_exact_at(file, &mut start, middle * record.width as u64)?;
        if u128::from(u64::from_be_bytes(start)) < bound {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
