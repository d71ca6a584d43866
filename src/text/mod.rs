//! Analyses of text that several stages share.

pub mod case;
pub mod modify;
pub mod punctuation;
pub mod special;
pub mod whitespace;
