//! shard

pub mod json;
