//! A flat scanner for records of JSON Lines: it finds where the members of a record lie, decodes only
//! those that are asked for and writes the others back byte for byte.
//!
//! A general parser decodes and allocates every member; a shard reader needs the text, an identifier
//! and perhaps two fields more. So [`scan`] checks a whole record against the grammar (RFC 8259) and
//! notes spans only; [`decode_string_into`] turns the literal of one field into text; [`splice`] writes
//! the record again with some values replaced, leaving order, spacing, repeated keys, number literals
//! and unknown fields as they were.
//!
//! What is accepted equals what `serde_json` accepts as a `RawValue`, and the top level must be an
//! object. As there, an escaped lone surrogate (`\ud800`) is grammatical; it becomes an error
//! ([`JsonError::LoneSurrogate`]) only when the string that holds it is decoded. Nesting has no limit:
//! it is counted, one bit a level, not recursed into.
//!
//! ```
//! use sapwood::json;
//! let line = r#"{"text": "na\u00efve", "meta": {"lang": "fr"}, "n": 1.10}"#;
//! let mut members = Vec::new();
//! json::scan(line, &mut members)?;
//! let (span, _) = json::find(line, &members, "text").unwrap();
//! assert_eq!(json::decode_string(&line[span])?, "naïve");
//!
//! let edits = [json::Edit::set(line, &members, "meta.lang", json::NewValue::Text("en"))];
//! let mut record = Vec::new();
//! json::splice(line, &members, &edits, &mut record);
//! assert_eq!(record, br#"{"text": "na\u00efve", "meta": {"lang": "en"}, "n": 1.10}"#);
//! # Ok::<(), json::JsonError>(())
//! ```

mod escape;
mod find;
mod lanes;
#[cfg(test)]
mod oracle;
mod scan;
mod splice;
#[cfg(test)]
mod tests;
mod unescape;

pub use escape::{write_f64, write_string};
pub use find::{find, scalar_text};
pub use scan::{Member, ValueKind, scan};
pub use splice::{Edit, NewValue, splice};
pub use unescape::{decode_string, decode_string_into};

/// Why a record or a literal was refused.
///
/// Every `offset` counts bytes from the start of the slice that was given. No variant holds or displays
/// any part of the user's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The record does not begin with `{`.
    #[error("the record is not a JSON object (byte {offset})")]
    NotAnObject {
        /// Where the `{` was expected.
        offset: usize,
    },
    /// The input ends inside of a value.
    #[error("the JSON ends too early (byte {offset})")]
    UnexpectedEnd {
        /// The length of the input.
        offset: usize,
    },
    /// Something else than the grammar allows at this place.
    #[error("expected {expected} (byte {offset})")]
    Unexpected {
        /// Where the byte lies that does not fit.
        offset: usize,
        /// What the grammar allows there.
        expected: &'static str,
    },
    /// A control character (U+0000 to U+001F) that is not escaped inside of a string.
    #[error("unescaped control character in a JSON string (byte {offset})")]
    ControlCharacter {
        /// Where it lies.
        offset: usize,
    },
    /// A backslash that is not followed by one of `"\/bfnrt` or by `u` and four hexadecimal digits.
    #[error("invalid escape in a JSON string (byte {offset})")]
    InvalidEscape {
        /// Where the backslash lies.
        offset: usize,
    },
    /// A number that the grammar does not allow, such as `01`, `1.` or `-`.
    #[error("invalid JSON number (byte {offset})")]
    InvalidNumber {
        /// Where the digit lies that is missing or too many.
        offset: usize,
    },
    /// More than white space after the record.
    #[error("trailing bytes after the JSON object (byte {offset})")]
    TrailingBytes {
        /// The first of them.
        offset: usize,
    },
    /// A string to be decoded escapes half of a surrogate pair, which no text can hold.
    #[error("lone surrogate escape in a JSON string (byte {offset})")]
    LoneSurrogate {
        /// Where its backslash lies.
        offset: usize,
    },
}

impl JsonError {
    /// The byte at which the error was found, in `0..=len` of the input.
    pub fn offset(&self) -> usize {
        match *self {
            JsonError::NotAnObject { offset }
            | JsonError::UnexpectedEnd { offset }
            | JsonError::Unexpected { offset, .. }
            | JsonError::ControlCharacter { offset }
            | JsonError::InvalidEscape { offset }
            | JsonError::InvalidNumber { offset }
            | JsonError::TrailingBytes { offset }
            | JsonError::LoneSurrogate { offset } => offset,
        }
    }
}
