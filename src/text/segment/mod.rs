//! Where words and sentences begin and end.
//!
//! Sources: Unicode Standard Annex #29, *Unicode Text Segmentation*: word boundary rules WB1 to WB999
//! and sentence boundary rules SB1 to SB998, over the properties of
//! Unicode 18.0 (crate `icu_properties` 2.4); and the dictionaries of the crate `icu_segmenter` 2.4.
//!
//! Each is a state machine that reads a character once and never goes back. ICU's segmenters find the
//! same boundaries, but for these:
//!
//! - ICU's have the properties of Unicode 17, so that characters which are new in Unicode 18 differ.
//! - ICU's have no rules for scripts that are written without spaces: without a dictionary, a run of
//!   ideographs or of Thai is one segment there. Here it is cut as the standard says, into characters
//!   with their marks.
//! - ICU's cut before a connector (`_`) after Katakana and a zero-width joiner. The standard does not.
//!
//! Nothing is tailored: a colon between letters joins them (`a:b`), as in the standard and in
//! `icu_segmenter`, whose root has no tailoring of it either.

mod blocks;
mod choice;
mod ideographs;
mod sentences;
mod spaces;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use self::choice::{Segmentation, SegmentationChoice, WordsConfig, WordsError};
pub use self::sentences::{sentence_count, sentences};
pub use self::spaces::{has_other_spaces, spaced_words};
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
