//! Where words and sentences begin and end.
//!
//! Sources: Unicode Standard Annex #29, *Unicode Text Segmentation*, word boundary rules WB1 to
//! WB999, over the properties of Unicode 18.0 (crate `icu_properties` 2.4), and the dictionaries of
//! the crate `icu_segmenter` 2.4.

mod ascii;
mod choice;
mod sentences;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use self::choice::{Segmentation, SegmentationChoice, WordsConfig, WordsError};
pub use self::sentences::{sentence_count, sentences};
pub use self::words::{Word, dictionary_words, unicode_words, whitespace_words};

/// What is done when a character is read.
mod action {
    /// It goes on with the segment.
    pub const JOIN: u16 = 0;
    /// The segment ends before it.
    pub const BREAK: u16 = 1;
    /// It goes on with the segment, which may turn out to end before it.
    pub const DEFER: u16 = 2;
    /// It goes on with the segment, and so does what was deferred.
    pub const COMPLETE: u16 = 3;
    /// The segment ended where it was deferred, and another ends before this character.
    pub const BREAK_BOTH: u16 = 4;
    /// The segment ended where it was deferred; the character goes on with the one after.
    pub const BREAK_DEFERRED: u16 = 5;
}
