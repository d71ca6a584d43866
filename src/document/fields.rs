//! Looking into what a document came with: columns of its batch and members of its JSON record.

use std::borrow::Cow;
use std::cell::OnceCell;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};

use crate::batch;
use crate::json::{self, Member, ValueKind};

/// The value of a field that a document came with.
#[derive(Debug, Clone, PartialEq)]
pub enum Field<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A truth value.
    Boolean(bool),
}

impl<'a> Field<'a> {
    /// The value as text: a string as it is, a number or truth value as JSON writes it.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Field::Text(text) => text,
            Field::Number(number) => Cow::Owned(number.to_string()),
            Field::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        }
    }
}

/// The fields that a document came with; see [`Document::field`](super::Document::field).
#[derive(Debug)]
pub struct Fields<'a> {
    pub(super) url: Option<&'a str>,
    pub(super) source: Option<&'a str>,
    pub(super) record: Option<&'a str>,
    pub(super) columns: Option<(&'a RecordBatch, usize)>,
    /// The members of the record, scanned at the first need; none of a record that is malformed.
    pub(super) members: OnceCell<Vec<Member>>,
}

impl<'a> Fields<'a> {
    /// As [`Document::field`](super::Document::field).
    pub fn field(&self, path: &str) -> Option<Field<'a>> {
        let own = match path {
            batch::URL => self.url,
            batch::SOURCE => self.source,
            _ => None,
        };
        own.map(|text| Field::Text(Cow::Borrowed(text)))
            .or_else(|| self.columns.and_then(|(columns, row)| column_field(columns, row, path)))
            .or_else(|| record_field(self.record?, self.members()?, path))
    }

    /// The value of a field as text to compare by: as [`Field::into_text`] has it, but whole numbers
    /// to their last digit, however large.
    pub fn exact(&self, path: &str) -> Option<Cow<'a, str>> {
        let value = self.field(path)?;
        let whole = match value {
            Field::Number(_) => self.whole_number(path),
            _ => None,
        };
        Some(whole.unwrap_or_else(|| value.into_text()))
    }

    /// A whole number as it stands in the record or a typed column.
    fn whole_number(&self, path: &str) -> Option<Cow<'a, str>> {
        if let Some((columns, row)) = self.columns
            && let Some(number) = column_value(columns, row, path, array_whole)
        {
            return Some(Cow::Owned(number));
        }
        let record = self.record?;
        let (span, _) = json::find(record, self.members()?, path)?;
        let literal = record.get(span)?;
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(Cow::Borrowed(literal))
    }

    fn members(&self) -> Option<&[Member]> {
        let record = self.record?;
        Some(self.members.get_or_init(|| {
            let mut members = Vec::with_capacity(16);
            // On an error there are none.
            _ = json::scan(record, &mut members);
            members
        }))
    }
}

/// The value of a typed column, or of a field of a struct in one.
fn column_field<'a>(columns: &'a RecordBatch, row: usize, path: &str) -> Option<Field<'a>> {
    column_value(columns, row, path, array_field)
}

/// What `get` finds in the column, or the field of a struct in one, that a path names.
fn column_value<'a, V>(
    columns: &'a RecordBatch,
    row: usize,
    path: &str,
    get: impl Fn(&'a ArrayRef, usize) -> Option<V>,
) -> Option<V> {
    if let Some(column) = columns.column_by_name(path).filter(|_| path != batch::RECORD) {
        return get(column, row);
    }
    let (head, mut rest) = path.split_once('.')?;
    let mut outer = columns.column_by_name(head)?.as_struct_opt()?;
    loop {
        if row >= outer.len() || outer.is_null(row) {
            return None;
        }
        if let Some(column) = outer.column_by_name(rest) {
            return get(column, row);
        }
        let (head, tail) = rest.split_once('.')?;
        outer = outer.column_by_name(head)?.as_struct_opt()?;
        rest = tail;
    }
}

fn array_field(column: &ArrayRef, row: usize) -> Option<Field<'_>> {
    if row >= column.len() || column.is_null(row) {
        return None;
    }
    if let Some(strings) = column.as_any().downcast_ref::<StringViewArray>() {
        return Some(Field::Text(Cow::Borrowed(strings.value(row))));
    }
    if let Some(strings) = column.as_string_opt::<i32>() {
        return Some(Field::Text(Cow::Borrowed(strings.value(row))));
    }
    if let Some(strings) = column.as_string_opt::<i64>() {
        return Some(Field::Text(Cow::Borrowed(strings.value(row))));
    }
    if let Some(flags) = column.as_boolean_opt() {
        return Some(Field::Boolean(flags.value(row)));
    }
    macro_rules! number {
        ($($kind:ty),+) => {
            $(if let Some(numbers) = column.as_primitive_opt::<$kind>() {
                return Some(Field::Number(numbers.value(row) as f64));
            })+
        };
    }
    number!(
        Int8Type,
        Int16Type,
        Int32Type,
        Int64Type,
        UInt8Type,
        UInt16Type,
        UInt32Type,
        UInt64Type,
        Float32Type,
        Float64Type
    );
    None
}

/// A whole number to its last digit.
fn array_whole(column: &ArrayRef, row: usize) -> Option<String> {
    if row >= column.len() || column.is_null(row) {
        return None;
    }
    if let Some(numbers) = column.as_primitive_opt::<UInt64Type>() {
        return Some(numbers.value(row).to_string());
    }
    column.as_primitive_opt::<Int64Type>().map(|numbers| numbers.value(row).to_string())
}

/// The value of a member of a JSON record.
fn record_field<'a>(record: &'a str, members: &[Member], path: &str) -> Option<Field<'a>> {
    let (span, kind) = json::find(record, members, path)?;
    let literal = record.get(span)?;
    match kind {
        ValueKind::String { .. } => json::decode_string(literal).ok().map(Field::Text),
        ValueKind::Number => literal.parse().ok().map(Field::Number),
        ValueKind::True => Some(Field::Boolean(true)),
        ValueKind::False => Some(Field::Boolean(false)),
        ValueKind::Object | ValueKind::Array | ValueKind::Null => None,
    }
}
