//! Quality filters: a file or folder for each family.

pub mod expression;
pub mod roots;
