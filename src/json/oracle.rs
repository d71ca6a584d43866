//! `serde_json` as the oracle of what is valid, what it means and what an edit must leave.

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::tests::{literal, scanned, spliced, text};
use super::*;

/// The scanner accepts exactly what `serde_json` accepts as a raw value, if that is an object.
pub(super) fn agrees(line: &str) {
    let oracle = serde_json::from_str::<&RawValue>(line);
    let expected = oracle.as_ref().is_ok_and(|raw| raw.get().starts_with('{'));
    let members = scanned(line);
    assert_eq!(members.is_ok(), expected, "{line:?}: {members:?}, {oracle:?}");
    if let Err(error) = members {
        assert!(error.offset() <= line.len(), "{line:?}: {error}");
    }
}

/// Text in which the characters that JSON cares about are frequent.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            6 => prop::char::range('a', 'z'),
            3 => prop::sample::select(vec!['"', '\\', '\n', '\t', '/', '\u{8}', '\0', '\u{1f}', ' ']),
            1 => any::<char>(),
        ],
        0..40,
    )
    .prop_map(String::from_iter)
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(vec!["a", "b", "c", "é\"\n", ""]).prop_map(str::to_owned), 1 => any_text()]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// A record with repeated keys, spacing and, in half of them, every character of a string escaped.
fn any_record() -> impl Strategy<Value = String> {
    let spaces = prop::sample::select(vec!["", "", " ", "\t \r\n"]);
    let members = prop::collection::vec((any_key(), any_value(), spaces, any::<bool>()), 0..7);
    members.prop_map(|members| {
        let mut line = String::from("{");
        for (index, (key, value, space, escape)) in members.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let mut key = Value::from(key.as_str()).to_string();
            let mut value = value.to_string();
            if *escape {
                key = ascii_literal(&key);
                if value.starts_with('"') {
                    value = ascii_literal(&value);
                }
            }
            line += &format!("{comma}{space}{key}{space}:{space}{value}{space}");
        }
        line + "}"
    })
}

fn ascii_literal(literal: &str) -> String {
    let text: String = serde_json::from_str(literal).unwrap();
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
    format!("\"{}\"", units.collect::<String>())
}

/// A valid record with a few of its bytes changed for others that mean something in JSON.
fn damaged_record() -> impl Strategy<Value = String> {
    let pieces = [
        "", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "+", "u", "d800",
        " ", "\n", "\0", "true", "null", "é",
    ];
    let change = (any::<prop::sample::Index>(), prop::sample::select(pieces.to_vec()), 0usize..3);
    (any_record(), prop::collection::vec(change, 1..4)).prop_map(|(line, changes)| {
        let mut characters: Vec<char> = line.chars().collect();
        for (place, piece, taken) in changes {
            let from = place.index(characters.len() + 1);
            let to = (from + taken).min(characters.len());
            characters.splice(from..to, piece.chars());
        }
        String::from_iter(characters)
    })
}

/// All of it at once must hold for any line, valid or not.
fn does_not_panic(line: &str) {
    let _ = decode_string(line);
    if let Ok(members) = scanned(line) {
        for path in ["", "a", "a.b", ".", "a.b.c"] {
            let found = find(line, &members, path);
            found.map(|(span, kind)| scalar_text(line, span, kind).is_ok());
        }
        let edits = [Edit::Remove { key: "a" }, Edit::set(line, &members, "b.c", text("x"))];
        splice(line, &members, &edits, &mut Vec::new());
    }
}

proptest! {
    #[test]
    fn accepts_what_serde_json_accepts(line in damaged_record()) {
        agrees(&line);
        does_not_panic(&line);
    }

    #[test]
    fn accepts_what_serde_json_accepts_of_anything(line in r#"[{}\[\]",:0-9eE+.\\u\-tfn é\t]{0,24}"#) {
        agrees(&line);
        agrees(&format!("{{\"a\":{line}}}"));
        agrees(&format!("{{\"a\":\"{line}\"}}"));
        does_not_panic(&line);
    }

    #[test]
    fn accepts_the_numbers_serde_json_accepts(number in r"-?[0-9]{0,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
        agrees(&format!("{{\"a\":{number}}}"));
        agrees(&format!("{{\"a\":[{number} ]}}"));
    }

    #[test]
    fn no_line_makes_it_panic(line in any::<String>()) {
        agrees(&line);
        does_not_panic(&line);
    }

    #[test]
    fn finds_what_serde_json_reads(line in any_record()) {
        let members = scanned(&line).unwrap();
        let parsed: Map<String, Value> = serde_json::from_str(&line).unwrap();
        let mut read = Map::new();
        for member in &members {
            let key = decode_string(&line[member.key.start - 1..member.key.end + 1]).unwrap();
            let value: Value = serde_json::from_str(&line[member.value.clone()]).unwrap();
            match (&value, member.kind) {
                (Value::String(expected), ValueKind::String { escaped }) => {
                    let raw = &line[member.value.clone()];
                    prop_assert_eq!(&decode_string(raw).unwrap(), expected);
                    prop_assert_eq!(escaped, raw.contains('\\'));
                }
                (Value::Number(_), ValueKind::Number)
                | (Value::Object(_), ValueKind::Object)
                | (Value::Array(_), ValueKind::Array)
                | (Value::Bool(true), ValueKind::True)
                | (Value::Bool(false), ValueKind::False)
                | (Value::Null, ValueKind::Null) => {}
                (value, kind) => prop_assert!(false, "{value:?} is no {kind:?}"),
            }
            read.insert(key.into_owned(), value);
        }
        prop_assert_eq!(&read, &parsed);
        for (key, value) in &parsed {
            let (span, _) = find(&line, &members, key).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Value>(&line[span]).unwrap(), value);
            for (inner, value) in value.as_object().into_iter().flatten() {
                let path = format!("{key}.{inner}");
                if !key.contains('.') && !parsed.contains_key(&path) {
                    let (span, _) = find(&line, &members, &path).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Value>(&line[span]).unwrap(), value);
                }
            }
        }
    }

    #[test]
    fn edits_a_record_as_a_map(
        line in any_record(),
        edits in prop::collection::vec((any_key(), prop::option::of((any_value(), any::<bool>()))), 0..5),
    ) {
        let mut expected: Map<String, Value> = serde_json::from_str(&line).unwrap();
        for (key, value) in &edits {
            match value {
                Some((value, _)) => {
                    expected.insert(key.clone(), value.clone());
                }
                None => {
                    expected.remove(key);
                }
            }
        }
        let literals: Vec<_> = edits
            .iter()
            .map(|(_, value)| value.as_ref().map(|(value, _)| value.to_string()))
            .collect();
        let made: Vec<_> = edits
            .iter()
            .zip(&literals)
            .map(|((key, value), literal)| match (value, literal) {
                (Some((Value::String(value), true)), _) => Edit::Set { key, value: text(value) },
                (_, Some(literal)) => Edit::Set { key, value: NewValue::Json(literal) },
                _ => Edit::Remove { key },
            })
            .collect();
        let out = spliced(&line, &made);
        let read: Map<String, Value> = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(read, expected, "{} -> {}", line, out);

        // Members whose keys no edit names stand there in their order, byte for byte.
        let untouched = |line: &str| {
            let members = scanned(line).unwrap();
            let kept = members.iter().filter(|m| !edits.iter().any(|(key, _)| m.has_key(line, key)));
            kept.map(|m| line[m.key.start..m.value.end].to_owned()).collect::<Vec<_>>()
        };
        prop_assert_eq!(untouched(&out), untouched(&line));
    }

    #[test]
    fn replacing_a_span_leaves_the_rest(line in any_record(), new in any_text(), key in any_key()) {
        let members = scanned(&line).unwrap();
        for member in &members {
            let mut paths = vec![key.clone()];
            paths.push(format!("{key}.a"));
            for path in paths {
                if let Some((span, _)) = find(&line, &members, &path) {
                    let edit = Edit::set(&line, &members, &path, text(&new));
                    let expected = format!("{}{}{}", &line[..span.start], literal(&new), &line[span.end..]);
                    prop_assert_eq!(spliced(&line, &[edit]), expected);
                }
            }
            let span = member.value.clone();
            let same = Edit::Replace { span: span.clone(), value: NewValue::Json(&line[span]) };
            prop_assert_eq!(&spliced(&line, &[same]), &line);
        }
    }

    #[test]
    fn strings_round_trip(value in any_text()) {
        let written = literal(&value);
        prop_assert_eq!(&serde_json::from_str::<String>(&written).unwrap(), &value);
        prop_assert_eq!(&serde_json::to_string(&value).unwrap(), &written);
        prop_assert_eq!(&decode_string(&written).unwrap(), &value);
        let escaped = ascii_literal(&written);
        prop_assert_eq!(&decode_string(&escaped).unwrap(), &value);
    }
}
