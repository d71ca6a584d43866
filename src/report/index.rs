//! An index, for people.

use std::fmt::Write;
use std::path::Path;

use super::format::{bytes, count, number};
use crate::dedup::index::{FileRecord, Manifest};

/// What an index is and holds.
pub fn index_table(folder: &Path, manifest: &Manifest, verified: bool) -> String {
    let mut out = String::new();
    let size = |file: &FileRecord| file.records * file.width as u64;
    let files = manifest.streams.iter().chain([&manifest.documents, &manifest.kept]);
    let total: u64 = files.chain(&manifest.retracted).map(size).sum();
    let _ = writeln!(out, "{}: index of {}", folder.display(), manifest.barrier);
    let _ = writeln!(out, "written by sapwood {}, run {}", manifest.sapwood, manifest.run);
    if let Some(parameters) = manifest.parameters.as_object() {
        for (name, value) in parameters {
            let _ = writeln!(out, "  {name}: {value}");
        }
    }
    let documents = manifest.documents.records;
    let shards = count(manifest.shards.len() as u64, "shard", "shards");
    let _ = writeln!(out, "{} of {shards}", count(documents, "document", "documents"));
    let removed = number(manifest.kept.records);
    let _ = writeln!(out, "{removed} of them its run removed, for others that it kept");
    if let Some(retracted) = &manifest.retracted {
        let _ = writeln!(out, "{} of them taken back", number(retracted.records));
    }
    for (at, stream) in manifest.streams.iter().enumerate() {
        let records = count(stream.records, "record", "records");
        let _ = writeln!(out, "stream {at}: {records} of {} bytes", stream.width);
    }
    let _ =
        writeln!(out, "{} in all{}", bytes(total), if verified { ", all files whole" } else { "" });
    for shard in &manifest.shards {
        let _ = writeln!(out, "  {shard}");
    }
    out
}
