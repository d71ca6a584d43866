//! Quality filters: a file or folder for each family.

pub mod code;
mod fields;
pub mod roots;
pub mod roots_catalogue;
