//! Quality filters: a file or folder for each family.

pub mod bad_words;
pub mod c4;
pub mod c4_paragraph;
pub mod classify;
pub mod code;
pub mod expression;
mod fields;
pub mod fineweb;
pub mod gopher;
pub mod lines;
pub mod madlad;
pub mod profile;
pub mod refinedweb;
pub mod roots;
pub mod roots_catalogue;
pub mod sample;
pub mod token_repetition;
pub mod url;
