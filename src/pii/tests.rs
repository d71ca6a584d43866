use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::document::Value;

fn engine() -> &'static Engine {
    static ENGINE: LazyLock<Engine> =
        LazyLock::new(|| Engine::new(&Rules::shipped().unwrap(), &Options::default()).unwrap());
    &ENGINE
}

fn found(text: &str, language: &str) -> Vec<(&'static str, String)> {
    let spans = engine().find(text, (!language.is_empty()).then_some(language));
    spans.iter().map(|span| (span.tag, text[span.start..span.end].to_owned())).collect()
}

fn actions(action: Action) -> Actions {
    Actions {
        form: TagForm::Roots,
        of_all: action,
        of_tags: Vec::new(),
        pseudonyms: Pseudonyms::new(b"a key for tests, and for nothing else"),
    }
}

#[test]
fn one_of_each() {
    for (tag, value, text) in [
        ("EMAIL", "jane.doe@mail.org", "Write to jane.doe@mail.org."),
        ("EMAIL", "jane [at] mail [dot] org", "Write to jane [at] mail [dot] org."),
        ("CREDENTIALS", "app:s3cr3t", "postgres://app:s3cr3t@db.mail.org/x"),
        ("IP_ADDRESS", "73.34.42.154", "server 73.34.42.154:8080 is up"),
        ("IP_ADDRESS", "2a02:81e4:fdf4::3f56:321", "[2a02:81e4:fdf4::3f56:321]:443"),
        ("MAC_ADDRESS", "3c:22:fb:9a:10:7e", "ether 3c:22:fb:9a:10:7e txqueuelen"),
        ("PHONE", "+33 6 12 34 56 78", "Tél. +33 6 12 34 56 78"),
        ("PHONE", "(200) 946-3642", "Call us at (200) 946-3642 today."),
        ("CARD", "4012 8888 8888 1881", "CC 4012 8888 8888 1881 exp 04/27"),
        ("CARD", "４０１２８８８８８８８８１８８１", "卡号４０１２８８８８８８８８１８８１。"),
        ("IBAN", "GB29 NWBK 6016 1331 9268 19", "IBAN: GB29 NWBK 6016 1331 9268 19."),
        ("IBAN", "DE89370400440532013000", "auf DE89370400440532013000."),
        ("WALLET", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (
            "WALLET",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "(bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4)",
        ),
        ("KEY", "AKIAWELEVNRZNWN6OD2H", "api_key = \"AKIAWELEVNRZNWN6OD2H\""),
        (
            "KEY",
            "ghp_lq2WPPX6a3y7mhs4wqXETaMnAhX3FbtQLxLZ",
            "token: ghp_lq2WPPX6a3y7mhs4wqXETaMnAhX3FbtQLxLZ",
        ),
        ("KEY", "q7Xz0pL2mV9sT4bW8nR1", "secret_key: q7Xz0pL2mV9sT4bW8nR1"),
        ("USER", "@jo_nas", "follow @jo_nas on Twitter"),
        ("COORDINATES", "48.85837, 2.294481", "GPS 48.85837, 2.294481"),
        ("BIRTH_DATE", "5 mars 1980", "née le 5 mars 1980 à Lyon"),
        ("BIRTH_DATE", "٠٥/٠٣/١٩٨٠", "تاريخ الميلاد ٠٥/٠٣/١٩٨٠"),
        ("PASSPORT", "C01X00T47", "Reisepass C01X00T47"),
        ("LICENSE_PLATE", "M AB 1234", "Kennzeichen M AB 1234"),
    ] {
        assert_eq!(found(text, ""), [(tag, value.to_owned())], "{text}");
    }
}

#[test]
fn what_only_looks_like_it() {
    for text in [
        "ISBN 978-3-16-148410-0",
        "doi:10.1000/182",
        "version 2.6.18.92 of the kernel",
        "on 2021-05-03 at 12:34:56",
        "4012 8888 8888 1882",
        "GB29 NWBK 6016 1331 9268 18",
        "std::vector<int>::a1::b2",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "123e4567-e89b-12d3-a456-426614174000",
        "@Override public void run2()",
        "pages 1234-5678, pp. 12-34",
        "costs 1,234,567.89 dollars",
        "10.0.0.1 and 192.168.1.22 and fe80::1",
        "0.123456789, 3.14159265358979",
        "x@localhost and o'tanaka@",
        "passport control in 2019",
        "SELECT * FROM t WHERE id = 4567890123",
    ] {
        assert_eq!(found(text, "en"), [], "{text}");
    }
}

#[test]
fn the_surer_of_two_that_overlap_stays() {
    // A name and password, not an address; a web token, not its parts.
    assert_eq!(found("ftp://joe:secret@mail.org/", "")[0].0, "CREDENTIALS");
    assert_eq!(found("ftp://joe:secret@mail.org/", "").len(), 1);
}

#[test]
fn actions_change_nothing_but_the_finds() {
    let text = "a jane@mail.org b +33 6 12 34 56 78 c";
    let after = |action| actions(action).redact(engine(), text, None).text;
    assert_eq!(after(Action::Tag).as_deref(), Some("a PI:EMAIL b PI:PHONE c"));
    assert_eq!(after(Action::Mask).as_deref(), Some("a ****@****.*** b +** * ** ** ** ** c"));
    assert_eq!(after(Action::Remove).as_deref(), Some("a  b  c"));
    assert_eq!(after(Action::Report), None);
    let fake = after(Action::Fake).unwrap();
    assert!(
        fake.starts_with("a ") && fake.contains(".example b +1-") && fake.ends_with(" c"),
        "{fake}"
    );
    assert_eq!(after(Action::Fake).as_deref(), Some(fake.as_str()));
    let angle = Actions { form: TagForm::Angle, ..actions(Action::Tag) };
    assert_eq!(angle.redact(engine(), text, None).text.as_deref(), Some("a <EMAIL> b <PHONE> c"));
}

#[test]
fn fakes_of_every_kind_are_not_found_again() {
    for text in [
        "jane@mail.org",
        "postgres://app:s3cr3t@db.mail.org/x",
        "server 73.34.42.154",
        "2a02:81e4:fdf4::3f56:321",
        "3c:22:fb:9a:10:7e",
        "call +33 6 12 34 56 78",
        "card 4012 8888 8888 1881",
        "IBAN DE89370400440532013000",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "api_key = AKIAWELEVNRZNWN6OD2H",
        "secret_key: q7Xz0pL2mV9sT4bW8nR1",
        "follow @jo_nas",
        "GPS 48.85837, 2.294481",
        "born 5 March 1980",
        "passport C01X00T47",
        "Kennzeichen M AB 1234",
    ] {
        let once = actions(Action::Fake).redact(engine(), text, Some("en"));
        let new = once.text.unwrap_or_else(|| panic!("{text}: nothing found"));
        assert_eq!(engine().find(&new, Some("en")), [], "{text} became {new}");
        assert_ne!(new, text);
    }
}

#[test]
fn the_stage_counts_reports_and_drops() {
    let config = r#"{"spans": "characters", "actions": {"EMAIL": {"drop_document": {"above": 1}}, "PHONE": "report"}}"#;
    let stage = Pii::new(&serde_json::from_str(config).unwrap()).unwrap();
    let mut document = Document::new("x", "é jane@mail.org, tel +33 6 12 34 56 78");
    assert_eq!(document.apply(&stage), Verdict::Keep);
    assert_eq!(document.text(), "é PI:EMAIL, tel +33 6 12 34 56 78");
    assert_eq!(document.metric("pii.phone"), Some(&Value::Integer(1)));
    assert_eq!(document.metric("pii.card"), Some(&Value::Integer(0)));
    let Some(Value::Text(spans)) = document.metric("pii.spans") else { panic!("no spans") };
    assert!(spans.contains(r#""tag":"EMAIL","detector":"email","start":2,"end":15"#), "{spans}");
    assert!(!spans.contains("jane"));
    let mut document = Document::new("x", "jane@mail.org and joe@mail.org");
    assert_eq!(document.apply(&stage), Verdict::Drop("pii.email".into()));
}

#[test]
fn what_is_wrong_is_told_before_a_run() {
    let error = |config: &str| {
        let config: Config = serde_json::from_str(config).unwrap();
        Pii::new(&config).unwrap_err().to_string()
    };
    assert!(
        error(r#"{"action": "fake", "key_variable": "NO_SUCH_VARIABLE"}"#)
            .contains("`NO_SUCH_VARIABLE`")
    );
    assert!(error(r#"{"tags": ["EMIAL"]}"#).contains("did you mean `EMAIL`?"));
    assert!(error(r#"{"actions": {"PHNE": "mask"}}"#).contains("did you mean `PHONE`?"));
    assert!(error(r#"{"threshold": 0}"#).contains("threshold"));
    assert!(error(r#"{"rules": "no/such.yaml"}"#).contains("no/such.yaml"));
    assert!(error(r#"{"variant": "roots", "action": "mask"}"#).contains("no other parameters"));
    assert!(serde_json::from_str::<Config>(r#"{"actoin": "mask"}"#).is_err());
    assert_eq!(serde_json::from_str::<Config>("{}").unwrap(), Config::default());
}

#[test]
fn the_declared_metrics_are_those_of_the_shipped_tags() {
    let stage = Pii::new(&Config { spans: SpanUnit::Bytes, ..Config::default() }).unwrap();
    let declared: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
    let own: Vec<&str> = stage.metrics().iter().map(|metric| metric.name).collect();
    assert!(own.iter().all(|name| declared.contains(name)), "{own:?}");
}

#[test]
fn datatrove_golden_cases() {
    #[derive(serde::Deserialize)]
    struct Case {
        input: String,
        output: String,
    }
    let config = Config { variant: Variant::Datatrove, ..Config::default() };
    let stage = Pii::new(&config).unwrap();
    let cases = include_str!("../../tests/golden/pii_datatrove.jsonl").lines();
    for line in cases {
        let case: Case = serde_json::from_str(line).unwrap();
        let mut document = Document::new("x", case.input.as_str());
        document.apply(&stage);
        assert_eq!(document.text(), case.output, "{}", case.input);
    }
}

#[test]
fn datatrove_deals_its_replacements_anew_for_each_document() {
    let config = Config { variant: Variant::Datatrove, ..Config::default() };
    let stage = Pii::new(&config).unwrap();
    for (text, expected) in [
        (
            "a@b.org, c@d.org; e@f.org",
            "email@example.com, firstname.lastname@example.org; email@example.com",
        ),
        ("v1.2.3.4.5 and 10.0.0.1 and 01.2.3.4", "v22.214.171.124.5 and 10.0.0.1 and 01.2.3.4"),
        ("8.8.8.8 9.9.9.9", "22.214.171.124 126.96.36.199"),
        ("x@[8.8.8.8]", "email@example.com"),
        ("nothing", "nothing"),
    ] {
        let mut document = Document::new("x", text);
        document.apply(&stage);
        assert_eq!(document.text(), expected);
    }
}

/// Steps for a text made of a piece, per byte of it.
fn steps_per_byte(piece: &str, bytes: usize) -> f64 {
    let text = piece.repeat(bytes / piece.len() + 1);
    steps::take();
    engine().find(&text, None);
    steps::take() as f64 / text.len() as f64
}

#[test]
fn the_effort_for_a_byte_does_not_grow_with_the_text() {
    for piece in [
        "a-",
        "1.",
        "@",
        "a@",
        "1",
        "://",
        "1 ",
        "12-",
        "a.b@",
        "1:",
        "a1",
        "0x",
        "(",
        "[at]",
        "a [at] b [dot] ",
        "+1",
        "+1 (",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ1.",
        "AKIA1",
        "1.1.1.1",
        "::1",
        "é@",
        "١",
        "tel 1 ",
        "born 1 ",
        "1980-",
        "x dot ",
        "4111 1111 ",
        "a:b@",
        "A1B2-C3D4/",
        "1,2",
        "@a@a.com",
    ] {
        let (short, long) = (steps_per_byte(piece, 4_000), steps_per_byte(piece, 64_000));
        assert!(long <= short * 1.25 + 1.0, "{piece}: {short:.1} steps a byte, then {long:.1}");
        assert!(long < 2_500.0, "{piece}: {long:.1} steps a byte");
    }
}

/// Text that is near to personal data of all kinds.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        "[a-c0-9@.: +()-]{0,12}",
        Just("jane@mail.org".to_owned()),
        Just("+33 6 12 34 56 78".to_owned()),
        Just("4012888888881881".to_owned()),
        Just("DE89370400440532013000".to_owned()),
        Just("73.34.42.154".to_owned()),
        Just("2a02:81e4:fdf4::3f56:321".to_owned()),
        Just("tel ".to_owned()),
        Just("passport ".to_owned()),
        Just("born 5 March 1980".to_owned()),
        Just("follow @jo_nas".to_owned()),
        Just("://a:b@c.org".to_owned()),
        Just("token: q7Xz0pL2mV9sT4bW8nR1".to_owned()),
        Just("GPS 48.85837, 2.294481".to_owned()),
        "[ \\n中é٣,/_-]{0,3}",
    ];
    proptest::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn redacting_twice_changes_nothing_more(
        text in texts(),
        action in prop_oneof![Just(Action::Tag), Just(Action::Mask), Just(Action::Remove), Just(Action::Fake)],
    ) {
        let actions = actions(action);
        let once = actions.redact(engine(), &text, Some("en"));
        // What is outside of the spans comes back as it was, in order.
        let new = once.text.as_deref().unwrap_or(&text);
        let mut from = 0;
        let mut at = 0;
        for span in &once.spans {
            let between = &text[from..span.start];
            let place = new[at..].find(between);
            prop_assert!(place.is_some(), "{:?} {:?}", text, new);
            if from == 0 { prop_assert_eq!(place, Some(0)); }
            at += place.unwrap_or(0) + between.len();
            from = span.end;
        }
        prop_assert!(new[at..].ends_with(&text[from..]));
        let twice = actions.redact(engine(), new, Some("en"));
        prop_assert_eq!(twice.text, None, "{:?} became {:?}", text, new);
    }

    #[test]
    fn spans_are_in_order_and_apart(text in prop_oneof![texts(), any::<String>()]) {
        let spans = engine().find(&text, None);
        for span in &spans {
            prop_assert!(text.get(span.start..span.end).is_some_and(|inside| !inside.is_empty()));
        }
        prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
