//! Where words and sentences begin and end.
//!
//! Sources: Unicode Standard Annex #29, *Unicode Text Segmentation*, word boundary rules WB1 to
//! WB999, over the properties of Unicode 18.0 (crate `icu_properties` 2.4), and the dictionaries of
//! the crate `icu_segmenter` 2.4.

mod choice;
mod spaces;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use self::choice::{Segmentation, SegmentationChoice, WordsConfig, WordsError};
pub use self::spaces::spaced_words;
pub use self::words::{Word, dictionary_words, unicode_words, whitespace_words};
