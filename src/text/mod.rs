//! Analyses of text that several stages share.

pub mod case;
pub mod classes;
pub mod hash;
pub mod modify;
pub mod punctuation;
pub mod segment;
pub mod special;
pub mod view;
pub mod whitespace;
