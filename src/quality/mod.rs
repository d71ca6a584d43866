//! quality
pub mod roots;
