//! text
pub mod special;
