//! `sapwood train` and `sapwood evaluate` of a binary that was built without them.

use clap::Args;

use super::failure::Failure;

/// Not in this binary: it was built without the feature `train`.
#[derive(Args)]
pub struct Untrained {
    /// Anything.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<String>,
}

impl Untrained {
    pub fn call(&self) -> Result<(), Failure> {
        Err(Failure::usage(
            "this binary was built without training; build it with `cargo build --release \
             --features train`",
        ))
    }
}
