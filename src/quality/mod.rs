//! Quality filters: a file or folder for each family.

pub mod fineweb;
pub mod gopher;
pub mod profile;
pub mod roots;
