//! The grammars that are built in, a file each. Each looks at one mark of a text and the window
//! around it, and says where its find begins and ends.

pub(super) mod birth;
pub(super) mod coordinates;
pub(super) mod domain;
pub(super) mod email;
pub(super) mod handle;
pub(super) mod ip;
pub(super) mod mac;
pub(super) mod obfuscated;
pub(super) mod phone;
pub(super) mod secret;
pub(super) mod url;

/// What a grammar found, in bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    /// Whether only words nearby can make it sure: the form alone says too little.
    pub weak: bool,
}

impl Found {
    pub fn sure(start: usize, end: usize) -> Self {
        Self { start, end, weak: false }
    }
}

/// The byte at an offset; 0 beyond the text.
pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// The byte before an offset; 0 at the start.
pub(super) fn byte_before(text: &str, at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(text, at))
}

/// How far a run of bytes of a class goes on from `at`, at most `most` bytes.
pub(super) fn run(text: &str, at: usize, most: usize, class: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes().get(at..).unwrap_or_default();
    let length = bytes.iter().take(most).take_while(|&&byte| class(byte)).count();
    super::steps::count(length + 1);
    at + length
}

/// How far a run of bytes of a class reaches back from `at`, at most `most` bytes and not before
/// `floor`.
pub(super) fn run_back(
    text: &str,
    floor: usize,
    at: usize,
    most: usize,
    class: impl Fn(u8) -> bool,
) -> usize {
    let bytes = text.as_bytes().get(floor..at).unwrap_or_default();
    let length = bytes.iter().rev().take(most).take_while(|&&byte| class(byte)).count();
    super::steps::count(length + 1);
    at - length
}
