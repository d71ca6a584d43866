//! Quality filters: a file or folder for each family.

pub mod classify;
pub mod expression;
pub mod roots;
pub mod sample;
pub mod url;
pub mod code;
mod fields;
pub mod roots;
pub mod roots_catalogue;
