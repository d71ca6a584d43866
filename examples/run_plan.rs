//! A pipeline file run from Rust: what `sapwood run pipelines/roots.yaml` does, into a temporary folder.
//!
//! ```sh
//! cargo run --release --example run_plan
//! ```

use std::path::Path;

use sapwood::engine::{self, RunOptions};
use sapwood::pipeline::{Config, Plan, Resolver};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/roots.yaml");
    let output = tempfile::tempdir()?;
    let mut config = Config::from_file(&file)?;
    config.output.path = output.path().join("roots");

    // Models, lists and input are looked for beside the pipeline file too.
    let files = Resolver::for_file(&file);
    let plan = Plan::new(config, &files)?;
    let listing = engine::inspect_input(&plan, &files)?;
    let summary = engine::run(&plan, &listing, &RunOptions::default(), &())?.summary;

    let counts = summary.documents;
    println!(
        "{} records = {} kept + {} dropped + {} rejected",
        counts.input, counts.kept, counts.dropped, counts.rejected
    );
    for stage in &summary.stages {
        println!("{:<12} {:>4} in, {:>4} dropped", stage.name, stage.input, stage.dropped);
    }
    for shard in summary.output_shards.iter().take(3) {
        println!("{} holds {} documents", shard.path, shard.documents);
    }
    Ok(())
}
