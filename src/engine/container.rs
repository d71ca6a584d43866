//! The file that a segment leaves: encoded frames, one after the other.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::error::EngineError;
use super::journal::{FrameRecord, Kind};
use crate::external::Unfinished;

/// A frame that is ready to be written.
#[derive(Debug)]
pub struct Frame {
    /// What its rows are for.
    pub kind: Kind,
    /// The partition that they belong to.
    pub partition: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its rows.
    pub documents: u64,
    /// Bytes of text in it.
    pub text_bytes: u64,
    /// How many rows each partition of sorted records has.
    pub counts: Vec<u32>,
}

/// Writes frames under a temporary name.
pub struct ContainerWriter {
    path: PathBuf,
    file: Option<(BufWriter<File>, Unfinished)>,
    offset: u64,
    hasher: Xxh3Default,
    frames: Vec<FrameRecord>,
}

impl ContainerWriter {
    /// A writer; the file is made with the first frame.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, offset: 0, hasher: Xxh3Default::new(), frames: Vec::new() }
    }

    /// Appends a frame.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn append(&mut self, frame: Frame) -> Result<(), EngineError> {
        let (file, unfinished) = match &mut self.file {
            Some(file) => file,
            None => {
                if let Some(folder) = self.path.parent() {
                    fs::create_dir_all(folder).map_err(EngineError::io("create", folder))?;
                }
                let unfinished = Unfinished::beside(&self.path);
                let file = File::create(unfinished.path())
                    .map_err(EngineError::io("write", unfinished.path()))?;
                self.file.insert((BufWriter::with_capacity(1 << 16, file), unfinished))
            }
        };
        file.write_all(&frame.bytes).map_err(EngineError::io("write", unfinished.path()))?;
        self.hasher.update(&frame.bytes);
        let length = frame.bytes.len() as u64;
        self.frames.push(FrameRecord {
            kind: frame.kind,
            partition: frame.partition,
            offset: self.offset,
            length,
            documents: frame.documents,
            text_bytes: frame.text_bytes,
            counts: frame.counts,
        });
        self.offset += length;
        Ok(())
    }

    /// Makes the file durable and gives it its name. Returns the frames and the hash of the file.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn commit(self) -> Result<(Vec<FrameRecord>, String), EngineError> {
        if let Some((file, unfinished)) = self.file {
            let failed = || EngineError::io("write", unfinished.path());
            let file = file.into_inner().map_err(|error| failed()(error.into_error()))?;
            file.sync_all().map_err(failed())?;
            unfinished.publish(&self.path).map_err(EngineError::io("write", &self.path))?;
        }
        Ok((self.frames, format!("{:016x}", self.hasher.digest())))
    }
}

/// Reads one frame.
///
/// # Errors
/// If the file can't be read.
pub fn read_frame(path: &Path, frame: &FrameRecord) -> Result<Vec<u8>, EngineError> {
    let failed = || EngineError::io("read", path);
    let mut file = File::open(path).map_err(failed())?;
    file.seek(SeekFrom::Start(frame.offset)).map_err(failed())?;
    let mut bytes = vec![0; frame.length as usize];
    file.read_exact(&mut bytes).map_err(failed())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: &[u8]) -> Frame {
        Frame {
            kind: Kind::Data,
            partition: "en".into(),
            bytes: bytes.to_vec(),
            documents: 1,
            text_bytes: 2,
            counts: Vec::new(),
        }
    }

    #[test]
    fn frames_come_back_and_an_abandoned_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.pieces");
        let mut writer = ContainerWriter::new(path.clone());
        writer.append(frame(b"one")).unwrap();
        writer.append(frame(b"three")).unwrap();
        let (frames, _) = writer.commit().unwrap();
        assert_eq!(read_frame(&path, &frames[1]).unwrap(), b"three");
        let mut writer = ContainerWriter::new(folder.path().join("a/c.pieces"));
        writer.append(frame(b"x")).unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
    }
}
