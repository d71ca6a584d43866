//! Quality filters: a file or folder for each family.

pub mod bad_words;
pub mod c4;
pub mod c4_paragraph;
pub mod lines;
pub mod madlad;
pub mod refinedweb;
pub mod roots;
pub mod token_repetition;
