//! Arrow values as JSON text, for rejected rows of typed inputs and for writing typed columns to
//! JSON lines.
//!
//! | Arrow | JSON |
//! |---|---|
//! | null; a float that is not finite | `null` |
//! | booleans, integers, floats, decimals | the same number, shortest form that reads back equal |
//! | strings | a string |
//! | binaries | a string of base64 (RFC 4648 §4, padded) |
//! | dates, timestamps, times of day | an ISO 8601 string; timestamps with a zone are given in UTC with `Z` |
//! | durations | an integer in the column's unit |
//! | intervals | months as an integer, others as an object of their parts |
//! | lists | an array |
//! | structs, maps with string keys | an object |
//! | other maps | an array of `{"key":…,"value":…}` |
//! | dictionaries, runs, unions | the value that is meant |
//!
//! Recursion goes as deep as the column's type does, never deeper because of a value.

use crate::json::write_string;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DecimalType, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalDayTimeType, IntervalMonthDayNanoType,
    IntervalYearMonthType, RunEndIndexType, Time32MillisecondType, Time32SecondType,
    Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, MapArray, RecordBatch};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use serde::Serialize;

/// Writes the value in one row of a column; a row beyond its end is `null`.
pub fn write_value(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    if row >= array.len() || array.is_null(row) {
        out.extend_from_slice(b"null");
        return;
    }
    match array.data_type() {
        DataType::Boolean => write_plain(&array.as_boolean().value(row), out),
        DataType::Int8 => write_primitive::<Int8Type>(array, row, out),
        DataType::Int16 => write_primitive::<Int16Type>(array, row, out),
        DataType::Int32 => write_primitive::<Int32Type>(array, row, out),
        DataType::Int64 => write_primitive::<Int64Type>(array, row, out),
        DataType::UInt8 => write_primitive::<UInt8Type>(array, row, out),
        DataType::UInt16 => write_primitive::<UInt16Type>(array, row, out),
        DataType::UInt32 => write_primitive::<UInt32Type>(array, row, out),
        DataType::UInt64 => write_primitive::<UInt64Type>(array, row, out),
        // The half-precision type itself can't be serialized; widening it is exact.
        DataType::Float16 => {
            write_plain(&array.as_primitive::<Float16Type>().value(row).to_f32(), out);
        }
        DataType::Float32 => write_primitive::<Float32Type>(array, row, out),
        DataType::Float64 => write_primitive::<Float64Type>(array, row, out),
        DataType::Decimal32(..) => write_decimal::<Decimal32Type>(array, row, out),
        DataType::Decimal64(..) => write_decimal::<Decimal64Type>(array, row, out),
        DataType::Decimal128(..) => write_decimal::<Decimal128Type>(array, row, out),
        DataType::Decimal256(..) => write_decimal::<Decimal256Type>(array, row, out),
        DataType::Utf8 => write_string(array.as_string::<i32>().value(row), out),
        DataType::LargeUtf8 => write_string(array.as_string::<i64>().value(row), out),
        DataType::Utf8View => write_string(array.as_string_view().value(row), out),
        DataType::Binary => write_base64(array.as_binary::<i32>().value(row), out),
        DataType::LargeBinary => write_base64(array.as_binary::<i64>().value(row), out),
        DataType::BinaryView => write_base64(array.as_binary_view().value(row), out),
        DataType::FixedSizeBinary(_) => write_base64(array.as_fixed_size_binary().value(row), out),
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().value(row);
            write_quoted(&date(i64::from(days)), out);
        }
        DataType::Date64 => {
            let moment = array.as_primitive::<Date64Type>().value(row);
            let day = TicksOfDay::MILLISECONDS;
            if moment.rem_euclid(day.per_day()) == 0 {
                write_quoted(&date(moment.div_euclid(day.per_day())), out);
            } else {
                write_quoted(&day.timestamp(moment), out);
            }
        }
        DataType::Timestamp(unit, zone) => {
            let (moment, ticks) = match unit {
                TimeUnit::Second => (value::<TimestampSecondType>(array, row), TicksOfDay::SECONDS),
                TimeUnit::Millisecond => {
                    (value::<TimestampMillisecondType>(array, row), TicksOfDay::MILLISECONDS)
                }
                TimeUnit::Microsecond => {
                    (value::<TimestampMicrosecondType>(array, row), TicksOfDay::MICROSECONDS)
                }
                TimeUnit::Nanosecond => {
                    (value::<TimestampNanosecondType>(array, row), TicksOfDay::NANOSECONDS)
                }
            };
            let mut text = ticks.timestamp(moment);
            if zone.is_some() {
                text.push('Z');
            }
            write_quoted(&text, out);
        }
        DataType::Time32(unit) => match unit {
            TimeUnit::Second => {
                let ticks = i64::from(value::<Time32SecondType>(array, row));
                write_time(TicksOfDay::SECONDS, ticks, out);
            }
            _ => {
                let ticks = i64::from(value::<Time32MillisecondType>(array, row));
                write_time(TicksOfDay::MILLISECONDS, ticks, out);
            }
        },
        DataType::Time64(unit) => match unit {
            TimeUnit::Microsecond => {
                let ticks = value::<Time64MicrosecondType>(array, row);
                write_time(TicksOfDay::MICROSECONDS, ticks, out);
            }
            _ => {
                let ticks = value::<Time64NanosecondType>(array, row);
                write_time(TicksOfDay::NANOSECONDS, ticks, out);
            }
        },
        DataType::Duration(unit) => match unit {
            TimeUnit::Second => write_primitive::<DurationSecondType>(array, row, out),
            TimeUnit::Millisecond => write_primitive::<DurationMillisecondType>(array, row, out),
            TimeUnit::Microsecond => write_primitive::<DurationMicrosecondType>(array, row, out),
            TimeUnit::Nanosecond => write_primitive::<DurationNanosecondType>(array, row, out),
        },
        DataType::Interval(unit) => write_interval(*unit, array, row, out),
        DataType::List(_) => write_list(&*array.as_list::<i32>().value(row), out),
        DataType::LargeList(_) => write_list(&*array.as_list::<i64>().value(row), out),
        DataType::ListView(_) => write_list(&*array.as_list_view::<i32>().value(row), out),
        DataType::LargeListView(_) => write_list(&*array.as_list_view::<i64>().value(row), out),
        DataType::FixedSizeList(..) => write_list(&*array.as_fixed_size_list().value(row), out),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let cells = fields.iter().zip(columns).map(|(field, column)| (field.name(), &**column));
            write_members(cells, row, out);
        }
        DataType::Map(..) => write_map(array.as_map(), row, out),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            // `normalized_keys` would build the keys of all rows for each one.
            let key = dictionary.keys().slice(row, 1);
            match key_of(&*key) {
                Some(key) => write_value(&**dictionary.values(), key, out),
                None => out.extend_from_slice(b"null"),
            }
        }
        DataType::RunEndEncoded(ends, _) => match ends.data_type() {
            DataType::Int16 => write_run::<Int16Type>(array, row, out),
            DataType::Int32 => write_run::<Int32Type>(array, row, out),
            _ => write_run::<Int64Type>(array, row, out),
        },
        DataType::Union(..) => {
            let union = array.as_union();
            write_value(&*union.value(row), 0, out);
        }
        DataType::Null => out.extend_from_slice(b"null"),
    }
}

/// Writes one row of some columns, given by their numbers, as a JSON object. Columns that don't
/// exist are left out; a null is written as `null`.
pub fn write_object(batch: &RecordBatch, row: usize, columns: &[usize], out: &mut Vec<u8>) {
    let schema = batch.schema_ref();
    let cells = columns.iter().filter_map(|&column| {
        Some((schema.fields().get(column)?.name(), &**batch.columns().get(column)?))
    });
    write_members(cells, row, out);
}

fn write_members<'a>(
    cells: impl Iterator<Item = (&'a String, &'a dyn Array)>,
    row: usize,
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    for (index, (name, column)) in cells.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write_value(column, row, out);
    }
    out.push(b'}');
}

fn write_list(values: &dyn Array, out: &mut Vec<u8>) {
    out.push(b'[');
    for row in 0..values.len() {
        if row > 0 {
            out.push(b',');
        }
        write_value(values, row, out);
    }
    out.push(b']');
}

fn write_map(map: &MapArray, row: usize, out: &mut Vec<u8>) {
    let entries = map.value(row);
    let (Some(keys), Some(values)) = (entries.columns().first(), entries.columns().get(1)) else {
        out.extend_from_slice(b"null");
        return;
    };
    let by_name = is_string(keys.data_type());
    out.push(if by_name { b'{' } else { b'[' });
    for entry in 0..entries.len() {
        if entry > 0 {
            out.push(b',');
        }
        if by_name {
            write_value(&**keys, entry, out);
            out.push(b':');
            write_value(&**values, entry, out);
        } else {
            out.extend_from_slice(b"{\"key\":");
            write_value(&**keys, entry, out);
            out.extend_from_slice(b",\"value\":");
            write_value(&**values, entry, out);
            out.push(b'}');
        }
    }
    out.push(if by_name { b'}' } else { b']' });
}

fn is_string(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn write_run<R: RunEndIndexType>(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    match array.as_run_opt::<R>() {
        Some(runs) => write_value(&**runs.values(), runs.get_physical_index(row), out),
        None => out.extend_from_slice(b"null"),
    }
}

/// The number in an array of one dictionary key.
fn key_of(key: &dyn Array) -> Option<usize> {
    match key.data_type() {
        DataType::Int8 => usize::try_from(value::<Int8Type>(key, 0)).ok(),
        DataType::Int16 => usize::try_from(value::<Int16Type>(key, 0)).ok(),
        DataType::Int32 => usize::try_from(value::<Int32Type>(key, 0)).ok(),
        DataType::Int64 => usize::try_from(value::<Int64Type>(key, 0)).ok(),
        DataType::UInt8 => Some(usize::from(value::<UInt8Type>(key, 0))),
        DataType::UInt16 => Some(usize::from(value::<UInt16Type>(key, 0))),
        DataType::UInt32 => usize::try_from(value::<UInt32Type>(key, 0)).ok(),
        DataType::UInt64 => usize::try_from(value::<UInt64Type>(key, 0)).ok(),
        _ => None,
    }
}

fn write_interval(unit: IntervalUnit, array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    let parts = match unit {
        IntervalUnit::YearMonth => {
            return write_primitive::<IntervalYearMonthType>(array, row, out);
        }
        IntervalUnit::DayTime => {
            let interval = value::<IntervalDayTimeType>(array, row);
            format!(r#"{{"days":{},"milliseconds":{}}}"#, interval.days, interval.milliseconds)
        }
        IntervalUnit::MonthDayNano => {
            let interval = value::<IntervalMonthDayNanoType>(array, row);
            let (months, days) = (interval.months, interval.days);
            let nanoseconds = interval.nanoseconds;
            format!(r#"{{"months":{months},"days":{days},"nanoseconds":{nanoseconds}}}"#)
        }
    };
    out.extend_from_slice(parts.as_bytes());
}

fn value<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> T::Native {
    array.as_primitive::<T>().value(row)
}

fn write_primitive<T: ArrowPrimitiveType<Native: Serialize>>(
    array: &dyn Array,
    row: usize,
    out: &mut Vec<u8>,
) {
    write_plain(&value::<T>(array, row), out);
}

fn write_decimal<T: DecimalType>(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(array.as_primitive::<T>().value_as_string(row).as_bytes());
}

/// Writes what serde knows how to write; floats that are not finite become `null`.
fn write_plain<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let start = out.len();
    // Writing a number or a string to memory can't fail; if it did, the JSON must stay whole.
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

/// Writes ASCII text that needs no escapes.
fn write_quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Appends bytes as a JSON string in base64, padded.
pub fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push(b'"');
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for sextet in 0..4 {
            // A group of n bytes needs n + 1 characters; the rest is padding.
            if sextet <= group.len() {
                out.push(ALPHABET[(bits >> (18 - 6 * sextet)) as usize & 63]);
            } else {
                out.push(b'=');
            }
        }
    }
    out.push(b'"');
}

/// How finely a moment is counted: ticks a second, and the digits that show one tick.
#[derive(Clone, Copy)]
struct TicksOfDay {
    per_second: i64,
    digits: usize,
}

impl TicksOfDay {
    const SECONDS: Self = Self { per_second: 1, digits: 0 };
    const MILLISECONDS: Self = Self { per_second: 1_000, digits: 3 };
    const MICROSECONDS: Self = Self { per_second: 1_000_000, digits: 6 };
    const NANOSECONDS: Self = Self { per_second: 1_000_000_000, digits: 9 };

    fn per_day(self) -> i64 {
        self.per_second * 86_400
    }

    /// `YYYY-MM-DDThh:mm:ss[.f]` of a moment since 1970-01-01T00:00:00.
    fn timestamp(self, moment: i64) -> String {
        let mut text = date(moment.div_euclid(self.per_day()));
        text.push('T');
        text.push_str(&self.time(moment.rem_euclid(self.per_day())));
        text
    }

    /// `hh:mm:ss[.f]` of ticks since midnight; a fraction of nought is not shown.
    fn time(self, ticks: i64) -> String {
        let (seconds, fraction) = (ticks / self.per_second, ticks % self.per_second);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if fraction == 0 {
            format!("{hour:02}:{minute:02}:{second:02}")
        } else {
            format!("{hour:02}:{minute:02}:{second:02}.{fraction:0digits$}", digits = self.digits)
        }
    }
}

/// A time of day, or the bare number where it lies outside a day.
fn write_time(unit: TicksOfDay, ticks: i64, out: &mut Vec<u8>) {
    if (0..unit.per_day()).contains(&ticks) {
        write_quoted(&unit.time(ticks), out);
    } else {
        write_plain(&ticks, out);
    }
}

/// `YYYY-MM-DD` in the proleptic Gregorian calendar of a number of days since 1970-01-01; years
/// outside 0 to 9999 have a sign and at least six digits, as ISO 8601 expects of expanded years.
///
/// The arithmetic counts in 400-year cycles of 146 097 days that begin on a 1 March, so that a leap
/// day is the last of its year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date(days: i64) -> String {
    // 719 468 days lie between 0000-03-01 and 1970-01-01. The sum can't overflow: days come from
    // an i32, or from an i64 of at least seconds divided by their number in a day.
    let shifted = days + 719_468;
    let cycle = shifted.div_euclid(146_097);
    let day_of_cycle = shifted.rem_euclid(146_097);
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
    if (0..=9999).contains(&year) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:+07}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests;
