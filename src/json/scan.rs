//! The scan: the grammar of JSON without recursion, noting the members of the top-level object.

use std::ops::Range;

use super::JsonError;
use super::lanes::next_stop;
use super::unescape::escape_end;

/// Byte spans of one member of an object, in the slice that was scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key as it stands between its quotation marks.
    pub key: Range<usize>,
    /// Whether the key has a backslash, so that it must be decoded before it is compared.
    pub key_escaped: bool,
    /// The literal of the value; of a string with its quotation marks.
    pub value: Range<usize>,
    /// What the value is.
    pub kind: ValueKind,
}

/// What a JSON value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A string.
    String {
        /// Whether the literal has a backslash; without one, what lies between the quotation marks is
        /// the text.
        escaped: bool,
    },
    /// A number, whatever its size.
    Number,
    /// An object.
    Object,
    /// An array.
    Array,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
}

/// Scans one record, filling `members` (cleared first; left empty on error) in the order in which they
/// stand, repeated keys and all.
///
/// `line` may have white space around the object, such as the `\r` of a Windows line end. Memory beside
/// `members`: one bit for each level of nesting beyond 64.
///
/// # Errors
///
/// Everything that is not exactly one JSON object; see the [module](super) for what that means.
pub fn scan(line: &str, members: &mut Vec<Member>) -> Result<(), JsonError> {
    members.clear();
    let scanned = scan_object(line, |member| members.push(member));
    if scanned.is_err() {
        members.clear();
    }
    scanned
}

/// As [`scan`], but hands each member to `sink` as it is met, an error or not after it.
pub(super) fn scan_object(line: &str, sink: impl FnMut(Member)) -> Result<(), JsonError> {
    let mut scanner = Scanner { bytes: line.as_bytes(), at: 0 };
    scanner.skip_space();
    if scanner.peek() != Some(b'{') {
        return Err(JsonError::NotAnObject { offset: scanner.at });
    }
    scanner.members(sink)?;
    scanner.skip_space();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(JsonError::TrailingBytes { offset: scanner.at }),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn unexpected<T>(&self, expected: &'static str) -> Result<T, JsonError> {
        let offset = self.at;
        Err(match self.peek() {
            None => JsonError::UnexpectedEnd { offset },
            Some(_) => JsonError::Unexpected { offset, expected },
        })
    }

    /// The members of the object whose `{` is at hand, up to behind its `}`.
    fn members(&mut self, mut sink: impl FnMut(Member)) -> Result<(), JsonError> {
        self.at += 1;
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            let (key, key_escaped) = self.key()?;
            let start = self.at;
            let kind = self.value()?;
            sink(Member { key, key_escaped, value: start..self.at, kind });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.unexpected("a comma or the end of the object"),
            }
            self.skip_space();
        }
    }

    /// A key with its colon, up to the value.
    #[inline(always)]
    fn key(&mut self) -> Result<(Range<usize>, bool), JsonError> {
        if self.peek() != Some(b'"') {
            return self.unexpected("a key");
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let key = start..self.at - 1;
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.unexpected("a colon");
        }
        self.at += 1;
        self.skip_space();
        Ok((key, escaped))
    }

    /// Any value, up to behind it.
    #[inline(always)]
    fn value(&mut self) -> Result<ValueKind, JsonError> {
        match self.peek() {
            Some(b'{') => self.nested().map(|()| ValueKind::Object),
            Some(b'[') => self.nested().map(|()| ValueKind::Array),
            _ => self.scalar(),
        }
    }

    #[inline(always)]
    fn scalar(&mut self) -> Result<ValueKind, JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(|escaped| ValueKind::String { escaped }),
            Some(b'-' | b'0'..=b'9') => self.number().map(|()| ValueKind::Number),
            Some(b't') => self.word("true", ValueKind::True),
            Some(b'f') => self.word("false", ValueKind::False),
            Some(b'n') => self.word("null", ValueKind::Null),
            _ => self.unexpected("a value"),
        }
    }

    /// The object or array at hand with all that is in it.
    fn nested(&mut self) -> Result<(), JsonError> {
        let mut open = Nesting::default();
        loop {
            // Here a value begins.
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    let is_object = bracket == b'{';
                    self.at += 1;
                    self.skip_space();
                    if self.peek() == Some(closing(is_object)) {
                        self.at += 1;
                    } else {
                        open.push(is_object);
                        if is_object {
                            self.key()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.scalar()?;
                }
            }
            // Here a value has ended, and perhaps those around it end as well.
            loop {
                let Some(in_object) = open.innermost() else {
                    return Ok(());
                };
                self.skip_space();
                match self.peek() {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_space();
                        if in_object {
                            self.key()?;
                        }
                        break;
                    }
                    Some(byte) if byte == closing(in_object) => {
                        self.at += 1;
                        open.pop();
                    }
                    _ if in_object => return self.unexpected("a comma or the end of the object"),
                    _ => return self.unexpected("a comma or the end of the array"),
                }
            }
        }
    }

    /// The string whose quotation mark is at hand; whether it has a backslash.
    #[inline(always)]
    fn string(&mut self) -> Result<bool, JsonError> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            at = next_stop(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    // Escapes come in rows: line breaks by twos, or every character of a text.
                    while self.bytes.get(at) == Some(&b'\\') {
                        at = escape_end(self.bytes, at)?;
                    }
                }
                Some(_) => return Err(JsonError::ControlCharacter { offset: at }),
                None => return Err(JsonError::UnexpectedEnd { offset: at }),
            }
        }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return Err(JsonError::InvalidNumber { offset: self.at });
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    #[inline(always)]
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start {
            return Err(JsonError::InvalidNumber { offset: start });
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str, kind: ValueKind) -> Result<ValueKind, JsonError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(JsonError::Unexpected { offset: self.at, expected: "a value" });
        }
        self.at += word.len();
        Ok(kind)
    }
}

fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// The objects and arrays that are open, one bit each: set for an object, the innermost lowest.
#[derive(Default)]
struct Nesting {
    depth: usize,
    inner: u64,
    outer: Vec<u64>,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.inner >>= 1;
        if self.depth.is_multiple_of(64) {
            self.inner = self.outer.pop().unwrap_or_default();
        }
    }

    /// Whether the innermost is an object; `None` when none is open.
    fn innermost(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.inner & 1 == 1)
    }
}
