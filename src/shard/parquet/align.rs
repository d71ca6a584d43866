//! Making rows of different shards fit one schema.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};

use crate::batch::{EXTRA, ID, OPTIONAL, TEXT};

/// Why rows don't fit a schema.
#[derive(Debug, thiserror::Error)]
pub enum AlignError {
    /// A column has one type here and another there.
    #[error("column {column} has type {found} here and {expected} elsewhere")]
    Type {
        /// The column.
        column: String,
        /// The type that the schema, or the first of two schemas, has.
        expected: DataType,
        /// The type that the rows, or the second of two schemas, have.
        found: DataType,
    },
    /// The rows have a column that the schema has not; leaving it out would lose data.
    #[error("column {column} is not in the schema that the rows should fit")]
    Unexpected {
        /// The column.
        column: String,
    },
    /// The schema wants a value in every row, and the rows have none.
    #[error("column {column} must not be null, but there are rows without it")]
    Missing {
        /// The column.
        column: String,
    },
    /// Arrow refused the columns, which is a bug.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// The schema that the rows of both schemas fit, by [`align`].
///
/// Columns of a batch come in a batch's order (`id`, `text`, the optional ones, all others in the
/// order in which the first and then the second schema has them, `extra`). A column that one side
/// lacks, or may have nulls, may have nulls. Where one side has only nulls (type `Null`), the
/// other's type counts. Metadata of the schemas is dropped, that of a column is the first one's.
///
/// # Errors
/// [`AlignError::Type`] if a column has different types.
pub fn unify(first: &Schema, second: &Schema) -> Result<SchemaRef, AlignError> {
    let mut fields: Vec<FieldRef> = Vec::new();
    for field in first.fields() {
        fields.push(match second.field_with_name(field.name()) {
            Ok(other) => Arc::new(unify_fields(field, other)?),
            Err(_) => nullable(field),
        });
    }
    for field in second.fields() {
        if first.field_with_name(field.name()).is_err() {
            fields.push(nullable(field));
        }
    }
    fields.sort_by_key(|field| place(field.name()));
    Ok(Arc::new(Schema::new(fields)))
}

/// Reorders columns as a schema has them, and adds those that are missing as nulls.
///
/// # Errors
/// If a column has another type, if the schema lacks a column that the rows have, or if a column
/// that must not be null is missing or holds nulls.
pub fn align(rows: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, AlignError> {
    for field in rows.schema_ref().fields() {
        if schema.field_with_name(field.name()).is_err() {
            return Err(AlignError::Unexpected { column: field.name().clone() });
        }
    }
    let columns: Vec<ArrayRef> =
        schema.fields().iter().map(|field| align_column(rows, field)).collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

fn align_column(rows: &RecordBatch, field: &Field) -> Result<ArrayRef, AlignError> {
    let missing = || AlignError::Missing { column: field.name().clone() };
    let column = match rows.column_by_name(field.name()) {
        Some(column) if column.data_type() == field.data_type() => Arc::clone(column),
        Some(column) if column.data_type() != &DataType::Null => {
            return Err(AlignError::Type {
                column: field.name().clone(),
                expected: field.data_type().clone(),
                found: column.data_type().clone(),
            });
        }
        _ if field.is_nullable() || rows.num_rows() == 0 => {
            new_null_array(field.data_type(), rows.num_rows())
        }
        _ => return Err(missing()),
    };
    if !field.is_nullable() && column.is_nullable() {
        return Err(missing());
    }
    Ok(column)
}

fn unify_fields(first: &Field, second: &Field) -> Result<Field, AlignError> {
    let data_type = match (first.data_type(), second.data_type()) {
        (DataType::Null, other) | (other, DataType::Null) => other,
        (one, other) if one == other => one,
        (expected, found) => {
            return Err(AlignError::Type {
                column: first.name().clone(),
                expected: expected.clone(),
                found: found.clone(),
            });
        }
    };
    let nullable = first.is_nullable()
        || second.is_nullable()
        || first.data_type() == &DataType::Null
        || second.data_type() == &DataType::Null;
    Ok(first.clone().with_data_type(data_type.clone()).with_nullable(nullable))
}

fn nullable(field: &Field) -> FieldRef {
    Arc::new(field.clone().with_nullable(true))
}

/// Where a column stands in a batch.
fn place(name: &str) -> usize {
    let leading = [ID, TEXT].into_iter().chain(OPTIONAL).position(|column| column == name);
    match leading {
        Some(place) => place,
        None if name == EXTRA => usize::MAX,
        None => 2 + OPTIONAL.len(),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, NullArray, StringViewArray};

    use super::*;

    fn field(name: &str, data_type: DataType, nullable: bool) -> Field {
        Field::new(name, data_type, nullable)
    }

    fn rows(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn strings(values: &[&str]) -> ArrayRef {
        Arc::new(StringViewArray::from_iter_values(values))
    }

    #[test]
    fn schemas_unify_in_the_order_of_a_batch() {
        let view = || DataType::Utf8View;
        let first = Schema::new(vec![
            field("extra", view(), true),
            field("score", DataType::Int64, false),
            field("text", view(), false),
            field("nothing", DataType::Null, true),
        ]);
        let second = Schema::new(vec![
            field("text", view(), false),
            field("url", view(), true),
            field("other", DataType::Boolean, false),
            field("nothing", DataType::Int64, false),
        ]);
        let unified = unify(&first, &second).unwrap();
        let names: Vec<&str> = unified.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["text", "url", "score", "nothing", "other", "extra"]);
        assert!(!unified.field(0).is_nullable());
        assert!(unified.field(2).is_nullable() && unified.field(4).is_nullable());
        assert_eq!(unified.field(3).data_type(), &DataType::Int64);
        assert!(unified.field(3).is_nullable());
    }

    #[test]
    fn rows_are_reordered_and_filled_with_nulls() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            field("text", DataType::Utf8View, false),
            field("score", DataType::Int64, true),
            field("nothing", DataType::Int64, true),
        ]));
        let rows =
            rows(vec![("nothing", Arc::new(NullArray::new(2))), ("text", strings(&["a", "b"]))]);
        let aligned = align(&rows, &schema).unwrap();
        assert_eq!(aligned.schema_ref(), &schema);
        assert_eq!(aligned.column(0), &strings(&["a", "b"]));
        assert_eq!(aligned.column(1).null_count(), 2);
        assert_eq!(aligned.column(2).null_count(), 2);
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_names_the_column() {
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            field("text", DataType::Utf8View, false),
            field("score", DataType::Int64, true),
        ]));
        let text = strings(&["a"]);
        let wrong = rows(vec![("text", text.clone()), ("score", text.clone())]);
        let error = align(&wrong, &schema).unwrap_err();
        assert!(matches!(&error, AlignError::Type { column, .. } if column == "score"), "{error}");
        let more = rows(vec![("text", text), ("more", Arc::new(Int64Array::from(vec![1])))]);
        let error = align(&more, &schema).unwrap_err();
        assert!(matches!(&error, AlignError::Unexpected { column } if column == "more"), "{error}");
        let less = rows(vec![("score", Arc::new(Int64Array::from(vec![1])))]);
        let error = align(&less, &schema).unwrap_err();
        assert!(matches!(&error, AlignError::Missing { column } if column == "text"), "{error}");
        let other = Schema::new(vec![field("score", DataType::Int32, true)]);
        assert!(matches!(unify(&schema, &other), Err(AlignError::Type { .. })));
    }
}
