use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Int32Builder, ListBuilder, MapBuilder};
use arrow_array::builder::{ListViewBuilder, StringBuilder};
use arrow_array::types::{IntervalDayTime, IntervalMonthDayNano};
use arrow_array::*;
use arrow_buffer::i256;
use arrow_schema::Field;
use proptest::prelude::*;

use super::*;

/// The value of every row.
fn json(array: &dyn Array) -> Vec<String> {
    let text = |row| {
        let mut out = Vec::new();
        write_value(array, row, &mut out);
        serde_json::from_slice::<serde_json::Value>(&out).expect("whole JSON");
        String::from_utf8(out).unwrap()
    };
    (0..array.len()).map(text).collect()
}

#[test]
fn numbers_and_booleans() {
    assert_eq!(json(&BooleanArray::from(vec![Some(true), None])), ["true", "null"]);
    assert_eq!(json(&Int8Array::from(vec![i8::MIN])), ["-128"]);
    assert_eq!(json(&Int16Array::from(vec![-3])), ["-3"]);
    assert_eq!(json(&Int32Array::from(vec![7])), ["7"]);
    assert_eq!(json(&Int64Array::from(vec![i64::MIN])), ["-9223372036854775808"]);
    assert_eq!(json(&UInt8Array::from(vec![255])), ["255"]);
    assert_eq!(json(&UInt16Array::from(vec![65535])), ["65535"]);
    assert_eq!(json(&UInt32Array::from(vec![u32::MAX])), ["4294967295"]);
    assert_eq!(json(&UInt64Array::from(vec![u64::MAX])), ["18446744073709551615"]);
    assert_eq!(json(&Float32Array::from(vec![0.1, f32::INFINITY])), ["0.1", "null"]);
    assert_eq!(json(&Float64Array::from(vec![0.1, 1e300, f64::NAN])), ["0.1", "1e+300", "null"]);
    let halves = Float16Array::from_iter_values(
        [1.5_f32, -0.25].map(<Float16Type as ArrowPrimitiveType>::Native::from_f32),
    );
    assert_eq!(json(&halves), ["1.5", "-0.25"]);
    assert_eq!(json(&NullArray::new(1)), ["null"]);
    let mut out = Vec::new();
    write_value(&Int8Array::from(vec![1]), 1, &mut out);
    assert_eq!(out, b"null");
}

#[test]
fn decimals_keep_their_digits() {
    let small = Decimal32Array::from(vec![-5]).with_precision_and_scale(9, 2).unwrap();
    assert_eq!(json(&small), ["-0.05"]);
    let medium = Decimal64Array::from(vec![12345]).with_precision_and_scale(18, 0).unwrap();
    assert_eq!(json(&medium), ["12345"]);
    let large = Decimal128Array::from(vec![1230, -1]).with_precision_and_scale(38, 3).unwrap();
    assert_eq!(json(&large), ["1.230", "-0.001"]);
    let coarse = Decimal128Array::from(vec![12]).with_precision_and_scale(38, -2).unwrap();
    assert_eq!(json(&coarse), ["1200"]);
    let huge = Decimal256Array::from(vec![i256::from_i128(i128::MAX)]);
    let huge = huge.with_precision_and_scale(76, 1).unwrap();
    assert_eq!(json(&huge), ["17014118346046923173168730371588410572.7"]);
}

#[test]
fn strings_are_escaped() {
    let values = ["a\"\\\n\u{1}", "żółć 🌳"];
    let expected = ["\"a\\\"\\\\\\n\\u0001\"", "\"żółć 🌳\""];
    assert_eq!(json(&StringArray::from_iter_values(values)), expected);
    assert_eq!(json(&LargeStringArray::from_iter_values(values)), expected);
    assert_eq!(json(&StringViewArray::from_iter_values(values)), expected);
}

#[test]
fn binaries_are_base64() {
    // The test vectors of RFC 4648, section 10.
    let values: Vec<&[u8]> = vec![b"", b"f", b"fo", b"foo", b"foob", b"fooba", b"foobar"];
    let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]
        .map(|text| format!("\"{text}\""));
    assert_eq!(json(&BinaryArray::from_iter_values(&values)), expected);
    assert_eq!(json(&LargeBinaryArray::from_iter_values(&values)), expected);
    assert_eq!(json(&BinaryViewArray::from_iter_values(&values)), expected);
    let fixed = FixedSizeBinaryArray::try_from_iter([[0xfb, 0xff]].into_iter()).unwrap();
    assert_eq!(json(&fixed), ["\"+/8=\""]);
}

#[test]
fn dates_and_times_are_iso_8601() {
    let days = Date32Array::from(vec![0, -1, 11_016, 19_782, -719_529, 2_932_897]);
    let expected =
        ["1970-01-01", "1969-12-31", "2000-02-29", "2024-02-29", "-000001-12-31", "+010000-01-01"]
            .map(|text| format!("\"{text}\""));
    assert_eq!(json(&days), expected);
    let moments = Date64Array::from(vec![86_400_000, 1]);
    assert_eq!(json(&moments), ["\"1970-01-02\"", "\"1970-01-01T00:00:00.001\""]);
    assert_eq!(json(&TimestampSecondArray::from(vec![-1])), ["\"1969-12-31T23:59:59\""]);
    let milliseconds = TimestampMillisecondArray::from(vec![1_709_210_096_007]);
    assert_eq!(json(&milliseconds), ["\"2024-02-29T12:34:56.007\""]);
    let zoned = TimestampMicrosecondArray::from(vec![1]).with_timezone("+02:00");
    assert_eq!(json(&zoned), ["\"1970-01-01T00:00:00.000001Z\""]);
    let extremes = TimestampNanosecondArray::from(vec![i64::MAX, i64::MIN]);
    let expected = ["\"2262-04-11T23:47:16.854775807\"", "\"1677-09-21T00:12:43.145224192\""];
    assert_eq!(json(&extremes), expected);
    json(&TimestampSecondArray::from(vec![i64::MAX, i64::MIN]));
    assert_eq!(json(&Time32SecondArray::from(vec![86_399])), ["\"23:59:59\""]);
    assert_eq!(json(&Time32MillisecondArray::from(vec![1_500])), ["\"00:00:01.500\""]);
    assert_eq!(json(&Time64MicrosecondArray::from(vec![1])), ["\"00:00:00.000001\""]);
    assert_eq!(json(&Time64NanosecondArray::from(vec![1, -1])), ["\"00:00:00.000000001\"", "-1"]);
}

#[test]
fn durations_and_intervals_are_numbers() {
    assert_eq!(json(&DurationSecondArray::from(vec![5])), ["5"]);
    assert_eq!(json(&DurationMillisecondArray::from(vec![5])), ["5"]);
    assert_eq!(json(&DurationMicrosecondArray::from(vec![5])), ["5"]);
    assert_eq!(json(&DurationNanosecondArray::from(vec![-5])), ["-5"]);
    assert_eq!(json(&IntervalYearMonthArray::from(vec![14])), ["14"]);
    let day_time = IntervalDayTimeArray::from(vec![IntervalDayTime::new(1, 2)]);
    assert_eq!(json(&day_time), [r#"{"days":1,"milliseconds":2}"#]);
    let all = IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(1, 2, 3)]);
    assert_eq!(json(&all), [r#"{"months":1,"days":2,"nanoseconds":3}"#]);
}

#[test]
fn lists_of_every_kind() {
    let values = || vec![Some(vec![Some(1), None]), None, Some(vec![])];
    let expected = ["[1,null]", "null", "[]"];
    assert_eq!(json(&ListArray::from_iter_primitive::<Int32Type, _, _>(values())), expected);
    let large = LargeListArray::from_iter_primitive::<Int32Type, _, _>(values());
    assert_eq!(json(&large), expected);
    // A slice must not show the rows before it.
    assert_eq!(json(&large.slice(1, 2)), expected[1..]);
    let mut views = ListViewBuilder::new(Int32Builder::new());
    let mut fixed = FixedSizeListBuilder::new(Int32Builder::new(), 2);
    views.append_value([Some(1), None]);
    fixed.values().append_value(1);
    fixed.values().append_null();
    fixed.append(true);
    assert_eq!(json(&views.finish()), ["[1,null]"]);
    assert_eq!(json(&fixed.finish()), ["[1,null]"]);
    let mut nested = ListBuilder::new(ListBuilder::new(Int32Builder::new()));
    nested.append_value([Some([Some(1)]), None]);
    assert_eq!(json(&nested.finish()), ["[[1],null]"]);
}

#[test]
fn structs_and_maps() {
    let fields = vec![
        (
            Arc::new(Field::new("a\"", DataType::Int32, true)),
            Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("b", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec!["x", "y"])) as ArrayRef,
        ),
    ];
    let expected = [r#"{"a\"":1,"b":"x"}"#, r#"{"a\"":null,"b":"y"}"#];
    assert_eq!(json(&StructArray::from(fields)), expected);
    let mut names = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    names.keys().append_value("k");
    names.values().append_value(1);
    names.append(true).unwrap();
    names.append(true).unwrap();
    names.append(false).unwrap();
    assert_eq!(json(&names.finish()), [r#"{"k":1}"#, "{}", "null"]);
    let mut numbers = MapBuilder::new(None, Int32Builder::new(), Int32Builder::new());
    numbers.keys().append_value(2);
    numbers.values().append_null();
    numbers.append(true).unwrap();
    assert_eq!(json(&numbers.finish()), [r#"[{"key":2,"value":null}]"#]);
}

#[test]
fn dictionaries_runs_and_unions_give_the_value_meant() {
    let words: DictionaryArray<Int8Type> =
        vec![Some("x"), None, Some("y"), Some("x")].into_iter().collect();
    assert_eq!(json(&words), ["\"x\"", "null", "\"y\"", "\"x\""]);
    assert_eq!(json(&words.slice(2, 2)), ["\"y\"", "\"x\""]);
    let runs: RunArray<Int32Type> = ["a", "a", "b"].into_iter().collect();
    assert_eq!(json(&runs.slice(1, 2)), ["\"a\"", "\"b\""]);
    let mut union = builder::UnionBuilder::new_dense();
    union.append::<Int32Type>("number", 1).unwrap();
    union.append::<Float64Type>("fraction", 0.5).unwrap();
    assert_eq!(json(&union.build().unwrap()), ["1", "0.5"]);
}

#[test]
fn an_object_has_the_columns_asked_for_in_that_order() {
    let batch = RecordBatch::try_from_iter([
        ("a", Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef),
        ("b", Arc::new(StringArray::from(vec![Some("x"), None])) as ArrayRef),
    ])
    .unwrap();
    let mut out = Vec::new();
    write_object(&batch, 1, &[1, 0, 9], &mut out);
    assert_eq!(out, br#"{"b":null,"a":2}"#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn strings_and_floats_read_back_equal(text in ".{0,40}", number in any::<f64>()) {
        let strings = StringViewArray::from_iter_values([&text]);
        prop_assert_eq!(serde_json::from_str::<String>(&json(&strings)[0]).unwrap(), text);
        let numbers = json(&Float64Array::from(vec![number]));
        match number.is_finite() {
            true => prop_assert_eq!(numbers[0].parse::<f64>().unwrap(), number),
            false => prop_assert_eq!(&numbers[0], "null"),
        }
    }

    #[test]
    fn days_follow_each_other(day in -1_000_000_i64..3_000_000) {
        // Each day's text is its predecessor's with one step of the calendar.
        let parts = |text: &str| -> (i64, i64, i64) {
            let mut numbers = text.rsplitn(3, '-').map(|part| part.parse::<i64>().unwrap_or(0));
            let (day, month) = (numbers.next().unwrap(), numbers.next().unwrap());
            (numbers.next().unwrap(), month, day)
        };
        let ((year, month, before), (next_year, next_month, after)) =
            (parts(&date(day)), parts(&date(day + 1)));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let expected = if before < length {
            (year, month, before + 1)
        } else if month < 12 {
            (year, month + 1, 1)
        } else {
            (year + 1, 1, 1)
        };
        prop_assert_eq!((next_year, next_month, after), expected);
    }
}
