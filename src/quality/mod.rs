//! Quality filters: a file or folder for each family.

pub mod roots;
pub mod sample;
pub mod url;
