//! Near-duplicates by MinHash.

pub mod kernel;
