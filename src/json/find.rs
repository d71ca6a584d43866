//! Finding a value by its path.

use std::ops::Range;

use super::scan::{Member, ValueKind, scan_object};
use super::{JsonError, decode_string};

/// Finds a value by a dotted path; its span in `line` and what it is.
///
/// At each level the whole path is tried as one key first and only then split at its first dot, so
/// `meta.lang` is the member `"meta.lang"` or, if there is none, the member `"lang"` of the object
/// `"meta"`. Of a repeated key the last counts, as with `serde_json` and Python. Keys are compared after
/// decoding. `members` must be what [`scan`](super::scan) made of the same `line`.
pub fn find(line: &str, members: &[Member], path: &str) -> Option<(Range<usize>, ValueKind)> {
    let last = |key: &str| members.iter().rev().find(|member| member.has_key(line, key));
    if let Some(member) = last(path) {
        return Some((member.value.clone(), member.kind));
    }
    let (head, mut rest) = path.split_once('.')?;
    let object = last(head)?;
    let (mut span, mut kind) = (object.value.clone(), object.kind);
    loop {
        if kind != ValueKind::Object {
            return None;
        }
        let inside = line.get(span.clone())?;
        let split = rest.split_once('.');
        let (mut whole, mut first) = (None, None);
        scan_object(inside, |member| {
            if member.has_key(inside, rest) {
                whole = Some((member.value, member.kind));
            } else if split.is_some_and(|(head, _)| member.has_key(inside, head)) {
                first = Some((member.value, member.kind));
            }
        })
        .ok()?;
        let outward = |within: Range<usize>| span.start + within.start..span.start + within.end;
        if let Some((within, kind)) = whole {
            return Some((outward(within), kind));
        }
        let (within, inner_kind) = first?;
        (span, kind) = (outward(within), inner_kind);
        rest = split?.1;
    }
}

/// The text of a value that can be an identifier: a string decoded, a number, `true` or `false` as its
/// literal; `None` for null, objects and arrays.
///
/// # Errors
///
/// As [`decode_string`], with offsets in `line`'s `span`.
pub fn scalar_text<'a>(
    line: &'a str,
    span: Range<usize>,
    kind: ValueKind,
) -> Result<Option<std::borrow::Cow<'a, str>>, JsonError> {
    let Some(literal) = line.get(span) else {
        return Ok(None);
    };
    match kind {
        ValueKind::String { .. } => decode_string(literal).map(Some),
        ValueKind::Number | ValueKind::True | ValueKind::False => Ok(Some(literal.into())),
        ValueKind::Object | ValueKind::Array | ValueKind::Null => Ok(None),
    }
}

impl Member {
    /// Whether the key, decoded, is `key`. `line` is what was scanned.
    pub fn has_key(&self, line: &str, key: &str) -> bool {
        if !self.key_escaped {
            return line.get(self.key.clone()) == Some(key);
        }
        let literal = line.get(self.key.start.wrapping_sub(1)..self.key.end + 1);
        // A key with a lone surrogate is no text and so equals none.
        literal.and_then(|literal| decode_string(literal).ok()).is_some_and(|text| text == key)
    }
}
