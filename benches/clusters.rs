//! From signatures to clusters beyond memory.
//!
//! ```sh
//! cargo bench --bench clusters -- [--documents N] [--bands N] [--megabytes N] [--threads N] [--folder F]
//! ```
//!
//! Makes the buckets of N documents (10 million) with so many bands (14), sorts them, finds the pairs,
//! and makes clusters of them within so much memory (512 MiB), on so many threads (as many as there are
//! processors). Done for a tenth, a fifth, half and all of the documents, each in a process of its own;
//! prints the seconds of each step, processor time, the time for a million documents, and the most that
//! was resident.

#[path = "common/signatures.rs"]
mod signatures;

use std::path::PathBuf;
use std::process::Command;

use cpu_time::ProcessTime;
use signatures::{Load, peak_resident, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

struct Arguments {
    documents: u64,
    bands: u64,
    megabytes: u64,
    threads: usize,
    folder: PathBuf,
    once: bool,
}

impl Arguments {
    fn parse() -> Result<Self, Failure> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let folder = std::env::temp_dir();
        let mut parsed =
            Self { documents: 10_000_000, bands: 14, megabytes: 512, threads, folder, once: false };
        let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            if argument == "--once" {
                parsed.once = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument} needs a value"))?;
            match argument.as_str() {
                "--documents" => parsed.documents = value.parse()?,
                "--bands" => parsed.bands = value.parse()?,
                "--megabytes" => parsed.megabytes = value.parse()?,
                "--threads" => parsed.threads = value.parse()?,
                "--folder" => parsed.folder = value.into(),
                _ => return Err(format!("there is no option {argument}").into()),
            }
        }
        Ok(parsed)
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    if arguments.once {
        return once(&arguments);
    }
    println!(
        "{} bands, {} MiB, {} threads",
        arguments.bands, arguments.megabytes, arguments.threads
    );
    println!(
        "documents | sort s | pairs s | clusters s | CPU s | CPU s/million | peak MiB | found"
    );
    for share in [10, 5, 2, 1] {
        let status = Command::new(std::env::current_exe()?)
            .args(["--once", "--documents", &(arguments.documents / share).to_string()])
            .args(["--bands", &arguments.bands.to_string()])
            .args(["--megabytes", &arguments.megabytes.to_string()])
            .args(["--threads", &arguments.threads.to_string()])
            .arg("--folder")
            .arg(&arguments.folder)
            .status()?;
        if !status.success() {
            return Err("a run failed".into());
        }
    }
    Ok(())
}

fn once(arguments: &Arguments) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let load = Load {
        documents: arguments.documents,
        bands: arguments.bands,
        memory: arguments.megabytes << 20,
        threads: arguments.threads,
        partitions: 64,
        run_bytes: 24 << 20,
    };
    let clock = ProcessTime::now();
    let report = run(load, folder.path())?;
    let cpu = clock.elapsed().as_secs_f64();
    let peak = peak_resident().map_or("?".to_owned(), |peak| (peak >> 20).to_string());
    let found = |name: &str| report.measures.get(name).copied().unwrap_or_default();
    println!(
        "{:>9} | {:>6.1} | {:>7.1} | {:>10.1} | {:>5.1} | {:>13.2} | {:>8} | {} clusters of {} documents, the largest of {}; {} edges, {} different",
        load.documents,
        report.sort,
        report.pairs,
        report.clusters,
        cpu,
        cpu * 1e6 / load.documents as f64,
        peak,
        found("clusters"),
        found("documents_in_clusters"),
        found("largest_cluster"),
        found("edges_with_copies"),
        found("pairs"),
    );
    Ok(())
}
