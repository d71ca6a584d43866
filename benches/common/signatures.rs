//! Synthetic signatures: what deduplication by buckets leaves of documents, without documents. Used by
//! the benchmark of clusters and by the test of its memory.

#![allow(dead_code, reason = "the test uses a part of it")]

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sapwood::batch::Position;
use sapwood::dedup::keep::{Keep, Policy};
use sapwood::dedup::{Measures, Order, Resolution, Stream, cluster, partition_counts};
use sapwood::external::{
    Executor, ExternalError, Parted, Run, Scratch, Sorted, Threads, sort_records,
};

/// Bytes of a record: the key of a bucket, then the node.
const RECORD: usize = 24;

/// What is clustered, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub documents: u64,
    pub bands: u64,
    pub memory: u64,
    pub threads: usize,
    pub partitions: usize,
    /// Bytes of records that are sorted at once while they are left.
    pub run_bytes: usize,
}

/// Seconds of each step, and what was found.
pub struct Report {
    pub sort: f64,
    pub pairs: f64,
    pub clusters: f64,
    pub measures: Measures,
}

/// A number from a number, with every bit depending on every bit (the finalizer of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The buckets of a document, as near-duplicates of a crawl have them: 55 % of the documents are like no
/// other; the others belong to families whose sizes fall off as a power (most of two or three, a few of
/// thousands), and share a band of their family with a probability of 0.6. One document in two hundred
/// has a band of boilerplate in common with all others of its kind. In every thousandth document a band
/// is that of its neighbour, so that chains of families come about.
fn key(document: u64, band: u64, documents: u64) -> u128 {
    let luck = mixed(document);
    let of = |what: u64, kind: u64| {
        let high = mixed(what ^ (band << 56) ^ (kind << 52));
        (u128::from(high) << 64) | u128::from(mixed(high))
    };
    let drawn = mixed(luck ^ band) % 1000;
    if luck.is_multiple_of(200) && band == 0 {
        return of(luck / 200 % 7, 1);
    }
    if luck % 1000 == 1 && band == 1 {
        return key(document.saturating_sub(1), band, documents);
    }
    if luck % 100 < 45 && drawn < 600 {
        // Families by a power law: the cube of a uniform number favours the low ones.
        let uniform = (mixed(luck ^ 1) >> 11) as f64 / (1u64 << 53) as f64;
        return of((uniform.powf(1.6) * documents as f64 * 0.2) as u64, 2);
    }
    of(document, 3)
}

/// Leaves sorted runs, as a pass over documents does.
fn leave(load: Load, scratch: &Scratch) -> Result<Vec<Parted>, ExternalError> {
    let runs = Mutex::new(Vec::new());
    let documents = (load.run_bytes as u64 / RECORD as u64 / load.bands).max(1);
    let pieces = load.documents.div_ceil(documents);
    Threads(load.threads).each(pieces as usize, &|piece| {
        let mut records = Vec::with_capacity(load.run_bytes);
        let first = piece as u64 * documents;
        for document in first..(first + documents).min(load.documents) {
            let node = Position { shard: (document >> 20) as u32, ordinal: document & 0xf_ffff };
            for band in 0..load.bands {
                let mut record = [0; RECORD];
                record[..16].copy_from_slice(&key(document, band, load.documents).to_be_bytes());
                record[16..].copy_from_slice(&node.node().to_be_bytes());
                records.extend_from_slice(&record);
            }
        }
        sort_records(&mut records, RECORD);
        let counts = partition_counts(&records, RECORD, load.partitions);
        let path = scratch.file()?;
        std::fs::write(&path, &records).map_err(ExternalError::io("write", &path))?;
        let run = Run::new(path, 0, records.len() as u64);
        let parted = Parted::new(run, 0, counts.into_iter().map(u64::from));
        runs.lock().unwrap_or_else(PoisonError::into_inner).push(parted);
        Ok(())
    })?;
    Ok(runs.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Sorts signatures, finds the pairs of every bucket, and makes clusters of them.
pub fn run(load: Load, folder: &Path) -> Result<Report, ExternalError> {
    let scratch = Scratch::new(folder, Arc::default());
    let clock = Instant::now();
    let runs = leave(load, &scratch)?;
    let sort = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let executor = Threads(load.threads);
    let streams = vec![Stream { width: RECORD, order: Order::Sorted, node_at: 16 }];
    let resolution =
        Resolution::new(scratch, load.memory, &executor, load.partitions, streams, vec![runs]);
    let edges = Mutex::new(Sorted::none(&resolution.scratch, cluster::EDGE));
    executor.each(load.partitions, &|partition| {
        let (found, _) = cluster::equal_keys(&resolution, 0, partition, |_, _| true)?;
        edges.lock().unwrap_or_else(PoisonError::into_inner).append(found);
        Ok(())
    })?;
    let edges = edges.into_inner().unwrap_or_else(PoisonError::into_inner);
    let found = edges.len() as f64;
    let pairs = clock.elapsed().as_secs_f64();

    let clock = Instant::now();
    let keep = Keep::new(&Policy::default()).expect("a policy");
    let mut measures = cluster::connect(&resolution, edges, &keep, 1)?;
    measures.insert("edges_with_copies".to_owned(), found);
    Ok(Report { sort, pairs, clusters: clock.elapsed().as_secs_f64(), measures })
}

/// The most bytes that this process has had in memory at once.
pub fn peak_resident() -> Option<u64> {
    status("VmHWM:")
}

/// The bytes of files that this process has in memory: of the program itself, above all.
pub fn program_resident() -> Option<u64> {
    status("RssFile:")
}

fn status(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
