//! Quality filters: a file or folder for each family.

pub mod profile;
pub mod roots;
