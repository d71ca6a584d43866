//! The whole default pipeline, `pipelines/roots.yaml`, and each of its stages.
//!
//! ```sh
//! cargo bench --bench pipeline -- [--mb N] [PATH...] [--threads N] [--runs N]
//! ```
//!
//! Measures a whole run through the library, as `noop` does, then prints a table of the last run:
//! for every stage the text that reached it, its processor time, its share of all and its speed on
//! the text that reached it. Without a path the input is the sample's JSON lines, in all its
//! languages, repeated to `--mb` megabytes of text (64); repetitions differ in their first word, so
//! that deduplication does not remove them and the stages after it have work.

mod common;

use common::{Arguments, Failure};
use sapwood::pipeline::{Config, Resolver};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse()?;
    let (paths, _folder) = common::input(&arguments)?;
    let file = common::project().join("pipelines/roots.yaml");
    let mut config = Config::from_file(&file)?;
    config.input.paths = paths;
    let summary = common::measure(&config, &Resolver::for_file(&file), &arguments)?;

    let text = summary.bytes;
    let mut rows =
        vec![("read", text.text_in, summary.cpu.read), ("parse", text.text_in, summary.cpu.parse)];
    rows.extend(
        summary.stages.iter().map(|stage| (stage.name.as_str(), stage.text_in, stage.cpu_seconds)),
    );
    rows.push(("write", text.text_kept, summary.cpu.write));
    println!("\n{:<12} {:>10} {:>9} {:>7} {:>10}", "stage", "text MB", "cpu s", "share", "MB/s");
    for (name, bytes, seconds) in rows {
        let megabytes = bytes as f64 / 1e6;
        // A barrier's time is that of the passes around it, so it has none of its own.
        let speed = match seconds > 0.0 {
            true => format!("{:.1}", megabytes / seconds),
            false => "-".to_owned(),
        };
        let share = 100.0 * seconds / summary.cpu_seconds;
        println!("{name:<12} {megabytes:>10.1} {seconds:>9.3} {share:>6.1}% {speed:>10}");
    }
    Ok(())
}
