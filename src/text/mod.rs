//! Analyses of text that several stages share.

pub mod case;
pub mod hash;
pub mod marks;
pub mod modify;
pub mod ngrams;
pub mod punctuation;
pub mod segment;
pub mod special;
pub mod view;
pub mod whitespace;
