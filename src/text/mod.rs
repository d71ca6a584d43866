//! Analyses of text that several stages share.

pub mod case;
pub mod classes;
pub mod hash;
pub mod marks;
pub mod modify;
pub mod nearest;
pub mod ngrams;
pub mod punctuation;
pub mod python_dict;
pub mod segment;
pub mod simplify;
pub mod special;
pub mod view;
pub mod whitespace;
