//! Taking documents back from an index.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use roaring::RoaringTreemap;
use xxhash_rust::xxh3::xxh3_128;

use super::read::Index;
use super::write::{RecordFile, write_manifest};
use super::{FileRecord, IndexError, Manifest};
use crate::batch::Position;
use crate::external::number;
use crate::text::nearest::nearest;

/// Documents that are to be taken back.
#[derive(Debug, Clone, Default)]
pub struct Retraction {
    /// Their ids.
    pub ids: Vec<String>,
    /// Shards, all documents of which are.
    pub shards: Vec<String>,
}

/// What came of taking documents back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retracted {
    /// Documents that were named and had not been taken back before.
    pub documents: u64,
    /// Documents that had been removed for one of these, and so went with it.
    pub copies: u64,
    /// Documents of the index that are left.
    pub left: u64,
}

impl Retraction {
    /// Takes the documents back: later runs do not remove anything on their account. Copies that their
    /// run removed for them are forgotten as well, since nobody has their text either. Documents that
    /// are taken back already are no error.
    ///
    /// # Errors
    /// If the folder is no index, does not have one of the documents (then none is taken back), or a file
    /// can't be read or written.
    pub fn apply(&self, folder: &Path) -> Result<Retracted, IndexError> {
        let index = Index::open(folder, 0)?;
        let manifest = index.manifest();
        let named = self.places(&index)?;
        let mut before = RoaringTreemap::new();
        if let Some(file) = &manifest.retracted {
            index.each(file, |record| {
                before.insert(number(record));
            })?;
        }
        let mut copies = RoaringTreemap::new();
        index.each(&manifest.kept, |record| {
            if named.contains(number(record.get(8..).unwrap_or_default())) {
                copies.insert(number(record));
            }
        })?;
        copies -= &named;
        let all = &before | &named | &copies;
        let outcome = Retracted {
            documents: (&named - &before).len(),
            copies: (&copies - &before).len(),
            left: manifest.documents.records.saturating_sub(all.len()),
        };
        if all.len() > before.len() {
            replace(folder, manifest, &all)?;
        }
        Ok(outcome)
    }

    /// The places of the documents that are named.
    fn places(&self, index: &Index) -> Result<RoaringTreemap, IndexError> {
        let manifest = index.manifest();
        let mut shards = Vec::new();
        for shard in &self.shards {
            match manifest.shards.iter().position(|known| known == shard) {
                Some(number) => shards.push(number as u32),
                None => {
                    let known = manifest.shards.iter().map(String::as_str);
                    // Of thousands of shards only a near one is worth a word.
                    let help = nearest(shard, known).filter(|help| help.starts_with("did"));
                    let help = help.map(|help| format!("; {help}"));
                    return Err(IndexError::UnknownShard {
                        path: index.folder().to_owned(),
                        shard: shard.clone(),
                        help: help.unwrap_or_default(),
                    });
                }
            }
        }
        let mut ids: HashMap<u128, (&str, bool)> =
            self.ids.iter().map(|id| (xxh3_128(id.as_bytes()), (id.as_str(), false))).collect();
        let mut places = RoaringTreemap::new();
        index.each(&manifest.documents, |record| {
            let place = number(record);
            let hash = record.last_chunk::<16>().map_or(0, |hash| u128::from_be_bytes(*hash));
            let named = ids.get_mut(&hash).map(|(_, found)| *found = true).is_some();
            if named || shards.contains(&Position::unpack(place).shard) {
                places.insert(place);
            }
        })?;
        let is_missing =
            |id: &&String| ids.get(&xxh3_128(id.as_bytes())).is_some_and(|(_, found)| !found);
        let missing = self.ids.iter().filter(is_missing);
        let mut missing = missing.peekable();
        match missing.next() {
            None => Ok(places),
            Some(id) => Err(IndexError::Unknown {
                path: index.folder().to_owned(),
                id: id.clone(),
                more: missing.count(),
            }),
        }
    }
}

/// Writes the places under a name of their own, then the manifest that names them.
fn replace(folder: &Path, manifest: &Manifest, all: &RoaringTreemap) -> Result<(), IndexError> {
    let mut content = Vec::new();
    for place in all {
        content.extend(place.to_be_bytes());
    }
    let name = format!("retracted-{:032x}", xxh3_128(&content));
    let mut file = RecordFile::create(folder, &name, 8)?;
    for place in content.chunks_exact(8) {
        file.put(place)?;
    }
    let record: FileRecord = file.finish()?;
    let old = manifest.retracted.as_ref().map(|old| folder.join(&old.file));
    write_manifest(folder, &Manifest { retracted: Some(record), ..manifest.clone() })?;
    if let Some(old) = old {
        let _ = fs::remove_file(old);
    }
    Ok(())
}
