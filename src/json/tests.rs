//! Single cases: what each thing is by definition.

use super::oracle::agrees;
use super::*;

pub(super) fn scanned(line: &str) -> Result<Vec<Member>, JsonError> {
    let mut members = Vec::new();
    scan(line, &mut members).map(|()| members)
}

fn found<'a>(line: &'a str, path: &str) -> Option<&'a str> {
    let members = scanned(line).unwrap();
    find(line, &members, path).map(|(span, _)| &line[span])
}

pub(super) fn spliced(line: &str, edits: &[Edit<'_>]) -> String {
    let members = scanned(line).unwrap();
    let mut out = b"before ".to_vec();
    splice(line, &members, edits, &mut out);
    String::from_utf8(out.split_off("before ".len())).unwrap()
}

pub(super) fn literal(text: &str) -> String {
    let mut out = Vec::new();
    write_string(text, &mut out);
    String::from_utf8(out).unwrap()
}

pub(super) fn text(value: &str) -> NewValue<'_> {
    NewValue::Text(value)
}

#[test]
fn members_lie_where_they_stand() {
    let line = " {\"a\" : \"x\\n\",\"\\u0062\":-1.5e+3 , \"c\":[1,{\"d\":{}}],\"\":{},\"t\":true,\"f\":false,\"n\":null}\r";
    let members = scanned(line).unwrap();
    let seen: Vec<_> = members
        .iter()
        .map(|member| (&line[member.key.clone()], &line[member.value.clone()], member.kind))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", r#""x\n""#, ValueKind::String { escaped: true }),
            (r"\u0062", "-1.5e+3", ValueKind::Number),
            ("c", r#"[1,{"d":{}}]"#, ValueKind::Array),
            ("", "{}", ValueKind::Object),
            ("t", "true", ValueKind::True),
            ("f", "false", ValueKind::False),
            ("n", "null", ValueKind::Null),
        ]
    );
    assert_eq!(members.iter().filter(|member| member.key_escaped).count(), 1);
    assert!(members[1].has_key(line, "b") && !members[1].has_key(line, r"\u0062"));
}

#[test]
fn each_fault_has_its_error_and_place() {
    use JsonError::*;
    let cases = [
        ("", NotAnObject { offset: 0 }),
        ("  [1]", NotAnObject { offset: 2 }),
        ("{", UnexpectedEnd { offset: 1 }),
        (r#"{"a"#, UnexpectedEnd { offset: 3 }),
        (r#"{"a\"#, UnexpectedEnd { offset: 4 }),
        (r#"{"a":[1"#, UnexpectedEnd { offset: 7 }),
        (r#"{"a":1} x"#, TrailingBytes { offset: 8 }),
        (r#"{"a":1}{"a":1}"#, TrailingBytes { offset: 7 }),
        ("{\"a\":\"x\ty\"}", ControlCharacter { offset: 7 }),
        ("{\"a\0\":1}", ControlCharacter { offset: 3 }),
        (r#"{"a":"\x"}"#, InvalidEscape { offset: 6 }),
        (r#"{"a":"\u12g4"}"#, InvalidEscape { offset: 6 }),
        (r#"{"a":"\n\u123"}"#, InvalidEscape { offset: 8 }),
        (r#"{"a":01}"#, InvalidNumber { offset: 6 }),
        (r#"{"a":1.}"#, InvalidNumber { offset: 7 }),
        (r#"{"a":-}"#, InvalidNumber { offset: 6 }),
        (r#"{"a":1e}"#, InvalidNumber { offset: 7 }),
        (r#"{"a":tru}"#, Unexpected { offset: 5, expected: "a value" }),
        (r#"{"a":}"#, Unexpected { offset: 5, expected: "a value" }),
        (r#"{"a":1,}"#, Unexpected { offset: 7, expected: "a key" }),
        (r#"{"a" 1}"#, Unexpected { offset: 5, expected: "a colon" }),
        (r#"{"a":[1,]}"#, Unexpected { offset: 8, expected: "a value" }),
        (r#"{"a":[1}}"#, Unexpected { offset: 7, expected: "a comma or the end of the array" }),
        (
            r#"{"a":{"b":1]}"#,
            Unexpected { offset: 11, expected: "a comma or the end of the object" },
        ),
        (
            r#"{"a":1 "b":2}"#,
            Unexpected { offset: 7, expected: "a comma or the end of the object" },
        ),
    ];
    for (line, expected) in cases {
        assert_eq!(scanned(line), Err(expected), "{line}");
        agrees(line);
    }
}

#[test]
fn errors_leave_no_members_and_show_no_text() {
    let mut members = Vec::new();
    let error = scan(r#"{"secret":1,"other":"secret\q"}"#, &mut members).unwrap_err();
    assert!(members.is_empty());
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn numbers_keep_their_literals() {
    for number in [
        "123456789012345678901234567890",
        "123456789012345678901234567890.12e400",
        "1e400",
        "-0",
        "1.10",
        "-0.0E-07",
    ] {
        let line = format!(r#"{{"n":{number},"text":"a"}}"#);
        agrees(&line);
        assert_eq!(found(&line, "n"), Some(number));
        let edits = [Edit::Set { key: "text", value: text("b") }];
        assert_eq!(spliced(&line, &edits), format!(r#"{{"n":{number},"text":"b"}}"#));
    }
}

#[test]
fn lone_surrogates_are_refused_only_when_decoded() {
    for escape in [r"\ud800", r"\udc00", r"\ud800\ud800", r"\ud800x", r"\ud800\n", r"\ud800\ue000"]
    {
        let line = format!(r#"{{"text":"ab{escape}"}}"#);
        agrees(&line);
        let mut decoded = String::from("kept");
        let error = decode_string_into(found(&line, "text").unwrap(), &mut decoded).unwrap_err();
        assert_eq!(error, JsonError::LoneSurrogate { offset: 3 }, "{escape}");
        assert_eq!(decoded, "kept");
    }
    assert_eq!(decode_string(r#""\ud83c\uDF33""#).unwrap(), "🌳");
    assert_eq!(decode_string(r#""\udbff\udfff""#).unwrap(), "\u{10ffff}");
    assert_eq!(found(r#"{"\ud800":1,"a":2}"#, "a"), Some("2"));
}

#[test]
fn depth_costs_one_record_only() {
    for (open, inner, close) in [("[", "", "]"), (r#"{"a":"#, "1", "}"), (r#"[{"":"#, "[]", "}]")] {
        for depth in [1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 192, 100_000] {
            let value = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            let line = format!(r#"{{"deep":{value},"text":"x"}}"#);
            assert_eq!(found(&line, "deep"), Some(value.as_str()), "{open} {depth}");
            assert!(scanned(&line[..line.len() - 16]).is_err());
        }
    }
    assert!(scanned(&format!(r#"{{"a":{}"#, "[".repeat(100_000))).is_err());
    // The wrong bracket far below must be told as such after all the levels above it.
    let wrong = format!(r#"{{"a":[{}1{}}}]}}"#, "{\"a\":".repeat(70), "}".repeat(70));
    assert!(scanned(&wrong).is_err());
}

#[test]
fn paths_prefer_whole_keys_and_last_members() {
    let line = r#"{"meta":{"lang":"no"},"meta":{"lang":1,"lang":2,"a":{"b":{"c":3},"b.c":4}},"x.y":5,"x":{"y":6},"s":"t"}"#;
    assert_eq!(found(line, "meta.lang"), Some("2"));
    assert_eq!(found(line, "x.y"), Some("5"));
    assert_eq!(found(line, "meta.a.b.c"), Some("4"));
    assert_eq!(found(line, "meta.a.b"), Some(r#"{"c":3}"#));
    for absent in ["", ".", "meta.", ".meta", "meta.none", "s.t", "meta.lang.x", "meta.a.b.d"] {
        assert_eq!(found(line, absent), None, "{absent}");
    }
    assert_eq!(found(r#"{"":{"":{"a":1}}}"#, "..a"), Some("1"));
    assert_eq!(found(r#"{"m\u0065ta":{"l\u0061ng":"fr"}}"#, "meta.lang"), Some(r#""fr""#));
}

#[test]
fn identifiers_are_scalars() {
    let line = r#"{"s":"a\tb","n":1.10,"t":true,"z":null,"o":{},"l":"\udfff"}"#;
    let members = scanned(line).unwrap();
    let scalar = |path| {
        let (span, kind) = find(line, &members, path).unwrap();
        scalar_text(line, span, kind)
    };
    assert_eq!(scalar("s").unwrap().as_deref(), Some("a\tb"));
    assert_eq!(scalar("n").unwrap().as_deref(), Some("1.10"));
    assert_eq!(scalar("t").unwrap().as_deref(), Some("true"));
    assert_eq!(scalar("z").unwrap(), None);
    assert_eq!(scalar("o").unwrap(), None);
    assert!(scalar("l").is_err());
}

#[test]
fn literals_escape_no_more_than_they_must() {
    let escaped = literal("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é🌳\u{2028}");
    assert_eq!(escaped, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}é🌳\u{2028}\"");
    assert!(matches!(decode_string("\"plain é\""), Ok(std::borrow::Cow::Borrowed("plain é"))));
    assert_eq!(decode_string(r#""\/\b\f""#).unwrap(), "/\u{8}\u{c}");
    for not_one_string in [
        "",
        "\"",
        "a",
        "\"a",
        "a\"",
        "\"a\"b\"",
        "\"a\\\"",
        "\"\n\"",
        "\"\\u00\"",
        "\"\\u123g\"",
        "\"\\ug123\"",
    ] {
        assert!(decode_string(not_one_string).is_err(), "{not_one_string:?}");
    }
}

#[test]
fn floats_read_back_as_they_were() {
    let written = |value: f64| {
        let mut out = Vec::new();
        write_f64(value, &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(written(1.0), "1.0");
    assert_eq!(written(0.1 + 0.2), "0.30000000000000004");
    assert_eq!(written(-0.0), "-0.0");
    assert_eq!(written(f64::NAN), "null");
    assert_eq!(written(f64::INFINITY), "null");
    for value in [f64::MIN_POSITIVE, f64::MAX, 5e-324, 1e21, 123456.789] {
        assert_eq!(written(value).parse(), Ok(value));
    }
}

#[test]
fn edits_touch_nothing_else() {
    let line = "{ \"id\" : 7 , \"text\":\"a\\/b\",\"id\": 8,\"n\":1.10 } ";
    let set = |key, value| Edit::Set { key, value: text(value) };
    let cases: &[(&[Edit<'_>], &str)] = &[
        (&[], line),
        (&[set("text", "\"")], "{ \"id\" : 7 , \"text\":\"\\\"\",\"id\": 8,\"n\":1.10 } "),
        (&[set("id", "x")], "{ \"id\" : 7 , \"text\":\"a\\/b\",\"id\": \"x\",\"n\":1.10 } "),
        (
            &[set("new", "x"), Edit::Set { key: "b", value: NewValue::Json("[1]") }],
            "{ \"id\" : 7 , \"text\":\"a\\/b\",\"id\": 8,\"n\":1.10,\"new\":\"x\",\"b\":[1] } ",
        ),
        (&[Edit::Remove { key: "id" }], "{ \"text\":\"a\\/b\",\"n\":1.10 } "),
        (&[Edit::Remove { key: "n" }], "{ \"id\" : 7 , \"text\":\"a\\/b\",\"id\": 8 } "),
        (
            &[Edit::Remove { key: "text" }, Edit::Remove { key: "none" }],
            "{ \"id\" : 7,\"id\": 8,\"n\":1.10 } ",
        ),
        (&[Edit::Remove { key: "n" }, set("n", "x"), Edit::Remove { key: "id" }], {
            "{ \"text\":\"a\\/b\",\"n\":\"x\" } "
        }),
        (
            &[
                Edit::Remove { key: "id" },
                Edit::Remove { key: "text" },
                set("n", "x"),
                Edit::Remove { key: "n" },
                set("z", "1"),
                set("z", "2"),
            ],
            "{ \"z\":\"2\" } ",
        ),
    ];
    for (edits, expected) in cases {
        assert_eq!(spliced(line, edits), *expected, "{edits:?}");
    }
    assert_eq!(spliced("{ } ", &[set("a", "b"), set("c", "d")]), r#"{ "a":"b","c":"d"} "#);
    assert_eq!(spliced("{}\r", &[]), "{}\r");
}

#[test]
fn an_inner_edit_yields_to_the_outer() {
    let line = r#"{"a":{"text":"old","n":[1,2]},"b":1}"#;
    let members = scanned(line).unwrap();
    let inner = Edit::set(line, &members, "a.text", text("new"));
    assert!(matches!(inner, Edit::Replace { .. }));
    assert_eq!(
        spliced(line, std::slice::from_ref(&inner)),
        r#"{"a":{"text":"new","n":[1,2]},"b":1}"#
    );
    let outer = Edit::Set { key: "a", value: NewValue::Json("0") };
    for edits in [[inner.clone(), outer.clone()], [outer, inner.clone()]] {
        assert_eq!(spliced(line, &edits), r#"{"a":0,"b":1}"#);
    }
    assert_eq!(spliced(line, &[inner.clone(), Edit::Remove { key: "a" }]), r#"{"b":1}"#);
    let again = Edit::set(line, &members, "a.text", text("newer"));
    assert!(spliced(line, &[inner, again]).contains(r#""newer""#));
    let absent = Edit::set(line, &members, "a.lang", text("fr"));
    let with_lang = spliced(line, &[absent]);
    assert_eq!(with_lang, r#"{"a":{"text":"old","n":[1,2]},"b":1,"a.lang":"fr"}"#);
    assert_eq!(found(&with_lang, "a.lang"), Some(r#""fr""#));
}
