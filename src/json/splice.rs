//! Writing a record again with some of its values changed.

use std::cmp::Reverse;
use std::ops::Range;

use super::scan::Member;
use super::{find, write_string};

/// A value to be written into a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewValue<'a> {
    /// A text, written as a string literal.
    Text(&'a str),
    /// A literal of any kind, written as it is; it must be valid JSON without a line break.
    Json(&'a str),
}

/// One change of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit<'a> {
    /// Replaces the literal at a span, at any depth, as [`find`] gave it.
    Replace {
        /// The span of the old literal in the record.
        span: Range<usize>,
        /// The new value.
        value: NewValue<'a>,
    },
    /// Sets a member of the top-level object: replaces the value of the last member with this key, or
    /// appends one.
    Set {
        /// The key as text; a dot in it has no meaning.
        key: &'a str,
        /// The new value.
        value: NewValue<'a>,
    },
    /// Removes every member of the top-level object that has this key, if there is any.
    Remove {
        /// The key as text; a dot in it has no meaning.
        key: &'a str,
    },
}

impl<'a> Edit<'a> {
    /// The edit after which [`find`] finds `value` at the dotted `path`: in the place of what it finds
    /// there now, else as a new top-level member whose key is the whole path.
    pub fn set(line: &str, members: &[Member], path: &'a str, value: NewValue<'a>) -> Self {
        match find(line, members, path) {
            Some((span, _)) => Edit::Replace { span, value },
            None => Edit::Set { key: path, value },
        }
    }

    fn key(&self) -> Option<&'a str> {
        match self {
            Edit::Replace { .. } => None,
            Edit::Set { key, .. } | Edit::Remove { key } => Some(key),
        }
    }
}

/// A span of the record and what comes in its place.
struct Patch<'a> {
    span: Range<usize>,
    order: usize,
    value: Option<NewValue<'a>>,
}

/// Appends the record with `edits` applied to `out`; every byte outside of them is as it was.
///
/// `members` must be what [`scan`](super::scan) made of the same `line`. New members stand before the
/// closing brace, in the order of the edits. Of several edits of one key, or of one span, the last
/// counts; an edit of something inside a value that is itself replaced or removed has no effect.
///
/// # Panics
///
/// When a span reaches beyond `line`, so when spans or members are those of another record.
pub fn splice(line: &str, members: &[Member], edits: &[Edit<'_>], out: &mut Vec<u8>) {
    let bytes = line.as_bytes();
    let mut patches = Vec::with_capacity(edits.len());
    let mut appended = Vec::new();
    let mut removed = Vec::new();
    for (order, edit) in edits.iter().enumerate() {
        let (key, value) = match *edit {
            Edit::Replace { ref span, value } => {
                patches.push(Patch { span: span.clone(), order, value: Some(value) });
                continue;
            }
            Edit::Set { key, value } => (key, Some(value)),
            Edit::Remove { key } => (key, None),
        };
        if edits[order + 1..].iter().any(|later| later.key() == Some(key)) {
            continue;
        }
        let mut having = (0..members.len()).rev().filter(|&i| members[i].has_key(line, key));
        match value {
            None => removed.extend(having),
            Some(value) => match having.next() {
                Some(last) => patches.push(Patch {
                    span: members[last].value.clone(),
                    order,
                    value: Some(value),
                }),
                None => appended.push((key, value)),
            },
        }
    }
    let kept = members.len() - removed.len();
    removals(members, removed, &mut patches);
    // Two values begin at the same byte only if they are the same one, where the latest edit counts; what
    // lies inside of a patch comes after it.
    patches.sort_by_key(|patch| (patch.span.start, Reverse(patch.order)));

    let end = match members.last() {
        Some(last) => last.value.end,
        None => line.trim_end().len().saturating_sub(1),
    };
    out.reserve(bytes.len());
    let mut written = 0;
    for Patch { span, value, .. } in patches {
        if span.start < written {
            continue;
        }
        out.extend_from_slice(&bytes[written..span.start]);
        if let Some(value) = value {
            write_value(value, out);
        }
        written = span.end;
    }
    out.extend_from_slice(&bytes[written..end]);
    for (index, (key, value)) in appended.into_iter().enumerate() {
        if kept + index > 0 {
            out.push(b',');
        }
        write_string(key, out);
        out.push(b':');
        write_value(value, out);
    }
    out.extend_from_slice(&bytes[end..]);
}

/// The patches that take members out, each with the comma before it; those at the front, which have
/// none that may go, with the one behind.
fn removals(members: &[Member], mut removed: Vec<usize>, patches: &mut Vec<Patch<'_>>) {
    removed.sort_unstable();
    let start_of = |index: usize| members[index].key.start - 1;
    let front = removed.iter().enumerate().take_while(|&(nth, &index)| nth == index).count();
    if front > 0 {
        let end =
            if front < members.len() { start_of(front) } else { members[front - 1].value.end };
        patches.push(Patch { span: start_of(0)..end, order: 0, value: None });
    }
    for &index in &removed[front..] {
        let span = members[index - 1].value.end..members[index].value.end;
        patches.push(Patch { span, order: 0, value: None });
    }
}

fn write_value(value: NewValue<'_>, out: &mut Vec<u8>) {
    match value {
        NewValue::Text(text) => write_string(text, out),
        NewValue::Json(literal) => out.extend_from_slice(literal.as_bytes()),
    }
}
