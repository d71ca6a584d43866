//! Reading and writing alone: jsonl.zst → jsonl.zst at level 3, no stages.
//!
//! ```sh
//! cargo bench --bench noop -- [--mb N] [PATH...] [--threads N] [--runs N]
//! ```
//!
//! Measures a whole run through the library: listing, decompressing, scanning and checking every
//! record, compressing, writing with its journal, and assembling the shards. Prints, for each run
//! and for the median, megabytes (10^6 bytes) of text per second of processor time of the whole
//! process, over all threads, and the peak of resident memory. Without a path the input is the
//! sample's JSON lines, in all its languages, repeated to `--mb` megabytes of text (64).

mod common;

use common::{Arguments, Failure};
use sapwood::pipeline::{Config, Resolver};

/// As in the binary, since memory is most of what is left to do here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let (paths, _folder) = common::input(&arguments)?;
    let mut config = Config::from_yaml("output: {compression: zstd, level: 3}", "noop")?;
    config.input.paths = paths;
    common::measure(&config, &Resolver::default(), &arguments)?;
    Ok(())
}
