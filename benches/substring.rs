//! `substring_dedup` and `simhash_dedup`, each alone in a whole run.
//!
//! ```sh
//! cargo bench --bench substring -- [--mb N] [PATH...] [--threads N] [--runs N] [--only STAGE]
//! ```
//!
//! Measures whole runs through the library, as `noop` does, reading and writing included, then prints
//! the processor time of the stage's own part (collecting and applying, without the resolution) and
//! what it did. Without a path the input is the sample's JSON lines, in all its languages, repeated to
//! `--mb` megabytes of text (64), so that nearly all of it but the first copy is repeated: give a path
//! for a corpus with less.

mod common;

use common::{Arguments, Failure};
use sapwood::pipeline::{Config, Resolver};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let (paths, _folder) = common::input(&arguments)?;
    for name in ["substring_dedup", "simhash_dedup"] {
        if arguments.only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        println!("{name}");
        let mut config = Config::from_yaml(&format!("stages: [{name}: {{}}]"), name)?;
        config.input.paths.clone_from(&paths);
        let summary = common::measure(&config, &Resolver::default(), &arguments)?;
        for stage in &summary.stages {
            println!(
                "collecting and applying: {:.2} core-seconds, {:.1} MB/s of text; {} documents dropped, {} changed",
                stage.cpu_seconds,
                stage.text_in as f64 / 1e6 / stage.cpu_seconds,
                stage.dropped,
                stage.changed,
            );
        }
    }
    Ok(())
}
