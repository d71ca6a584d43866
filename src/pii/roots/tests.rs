use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::document::Document;
use crate::document::Value;
use crate::pii::{Config, Pii};
use crate::stage::{Stage, Verdict};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    variant: Variant,
    input: String,
    redacted: Option<String>,
    redacted_any_of: Option<Vec<String>>,
    /// Tag and matched string, in the order of [`Tag::ALL`] and the text.
    matches: Vec<(String, String)>,
}

fn stage(variant: Variant) -> Pii {
    let variant = match variant {
        Variant::Roots => crate::pii::Variant::Roots,
        Variant::Roots2022 => crate::pii::Variant::Roots2022,
    };
    Pii::new(&Config { variant, ..Config::default() }).unwrap()
}

#[test]
fn golden_cases() {
    let cases = include_str!("../../../tests/golden/pii.jsonl").lines();
    let mut count = 0;
    for (number, line) in cases.enumerate() {
        let case: Case = serde_json::from_str(line).unwrap();
        let mut document = Document::new("x", case.input.as_str());
        let roots = Roots::new(case.variant);
        let spans: Vec<_> = roots
            .find(&case.input)
            .iter()
            .map(|span| (span.tag.name().to_owned(), case.input[span.start..span.end].to_owned()))
            .collect();
        assert_eq!(spans, case.matches, "case {number}");
        assert_eq!(document.apply(&stage(case.variant)), Verdict::Keep);
        match (case.redacted, case.redacted_any_of) {
            (Some(redacted), None) => assert_eq!(document.text(), redacted, "case {number}"),
            (None, Some(any)) => {
                assert!(any.iter().any(|one| one == document.text()), "case {number}")
            }
            _ => panic!("case {number} has no one answer"),
        }
        count += 1;
    }
    assert_eq!(count, 28);
}

#[test]
fn where_chance_decided_addresses_come_before_users() {
    let redacted = |text: &str| {
        let roots = Roots::new(Variant::Roots2022);
        roots.redact(text, &roots.find(text))
    };
    assert_eq!(redacted("@@double and user@@host.com"), "@PI:USER and PI:EMAIL");
    assert_eq!(redacted("@user.name@example.com mention"), "@PI:EMAIL mention");
}

#[test]
fn every_document_is_counted_and_clean_text_is_left_alone() {
    let stage = stage(Variant::Roots);
    let mut document = Document::new("x", "nothing to see here");
    assert_eq!(document.apply(&stage), Verdict::Keep);
    assert!(!document.text_changed());
    for metric in stage.metrics() {
        assert_eq!(document.metric(metric.name), Some(&Value::Integer(0)), "{}", metric.name);
    }
    let mut document = Document::new("x", "a@b.co from ::1 as @somebody, 555-123-4567; c@d.org");
    document.apply(&stage);
    assert_eq!(document.text(), "PI:EMAIL from PI:IP_ADDRESS as PI:USER, PI:KEY; PI:EMAIL");
    for (metric, count) in
        [("pii.email", 2), ("pii.ip_address", 1), ("pii.key", 1), ("pii.user", 1)]
    {
        assert_eq!(document.metric(metric), Some(&Value::Integer(count)), "{metric}");
    }
}

#[test]
fn addresses_and_not_dates_or_times() {
    let found = |text: &str| -> Vec<String> {
        let spans = Roots::new(Variant::Roots).find(text);
        spans
            .iter()
            .filter(|span| span.tag == Tag::IpAddress)
            .map(|span| text[span.start..span.end].to_owned())
            .collect()
    };
    for address in ["127.0.0.1", "::1", "fe80::1%eth0", "1:2:3:4:5:6:7:8"] {
        assert_eq!(found(&format!("at {address} now")), [address]);
    }
    // An earlier form of the alternation is content with less, as in the original.
    assert_eq!(found("2001:db8::ff00:42:8329"), ["2001:db8::ff00"]);
    assert_eq!(found("::ffff:10.0.0.1"), ["::ffff:10"]);
    // The tenth of November of the year twelve, followed by a boundary.
    for other in
        ["10.11.12.13", "1.2.3", "256.1.1.1", "12:30:45", "::", "a::b", "1.2.3.4)", "x1.2.3.4"]
    {
        assert!(found(other).is_empty(), "{other}");
    }
}

/// A pattern as the originals use it, run without any of the short cuts of this module.
enum Plain {
    /// The boundaries are spent by a match.
    Consuming(Regex),
    /// The boundaries are looked at: what stands before, and the group with what follows.
    Looking(Regex, Regex),
}

impl Plain {
    fn new(before: &str, group: &str, after: &str, consuming: bool) -> Self {
        let after = if after.is_empty() { String::new() } else { format!("(?:$|{after})") };
        if consuming {
            Plain::Consuming(Regex::new(&format!("(?m)(?:^|{before})({group}){after}")).unwrap())
        } else {
            let anchored = format!(r"(?m)\A({group}){after}");
            Plain::Looking(
                Regex::new(&format!(r"(?:\A|\n|{before})\z")).unwrap(),
                Regex::new(&anchored).unwrap(),
            )
        }
    }

    fn find(&self, text: &str) -> Vec<(usize, usize)> {
        match self {
            Plain::Consuming(pattern) => pattern
                .captures_iter(text)
                .map(|captures| captures.get(1).unwrap())
                .map(|group| (group.start(), group.end()))
                .collect(),
            Plain::Looking(before, pattern) => {
                let (mut found, mut from) = (Vec::new(), 0);
                for start in (0..text.len()).filter(|&start| text.is_char_boundary(start)) {
                    if start >= from
                        && before.is_match(&text[..start])
                        && let Some(captures) = pattern.captures(&text[start..])
                    {
                        from = start + captures.get(1).unwrap().end();
                        found.push((start, from));
                    }
                }
                found
            }
        }
    }
}

type Patterns = [(Tag, Plain); 4];

fn plain(variant: Variant) -> Patterns {
    let wide = r#"[\x08\s@?,!;:'")(.\p{Han}]"#;
    let mixture = r"(?:[A-Za-z]+[\p{Nd}\p{Pd}/+=:_]+|[\p{Nd}\p{Pd}/+=:]+[A-Za-z]+){4,}";
    let series = r"(?:(?:\p{Nd}{3,}|[A-Z]+\p{Nd}+[A-Z]*|\p{Nd}+[A-Z]+\p{Nd}*)[ \p{Pd}]?){3,}";
    let octet = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)";
    let h = "[0-9a-fA-F]{1,4}";
    let narrow = "(?:25[0-5]|(?:2[0-4]|1{0,1}[0-9]){0,1}[0-9])";
    let four = format!(r"(?:{narrow}\.){{3,3}}{narrow}");
    let address = format!(
        r"{octet}(?:\.{octet}){{3}}|(?:{h}:){{7,7}}{h}|(?:{h}:){{1,7}}:|(?:{h}:){{1,6}}:{h}|(?:{h}:){{1,5}}(?::{h}){{1,2}}|(?:{h}:){{1,4}}(?::{h}){{1,3}}|(?:{h}:){{1,3}}(?::{h}){{1,4}}|(?:{h}:){{1,2}}(?::{h}){{1,5}}|{h}:(?::{h}){{1,6}}|:(?:(?::{h}){{1,7}}|:)|fe80:(?::[0-9a-fA-F]{{0,4}}){{0,4}}%[0-9a-zA-Z]{{1,}}|::(?:ffff(?::0{{1,4}}){{0,1}}:){{0,1}}{four}|(?:{h}:){{1,4}}:{four}"
    );
    let (email, user) = match variant {
        Variant::Roots2022 => (
            Plain::new(
                r#"[\s\x08'"@,?!;:)(.\p{Han}]"#,
                r#"[^\s@,?!;:)(]+@[^,\s!?;,]+[^\s\x08'"@,?!;:)(.]"#,
                r"[\s\x08@,?!;:)(.\p{Han}]",
                true,
            ),
            Plain::new(r#"[\s@,?!;:'")(\p{Han}]"#, r#"@[^\s@,?!;:'")(]{3,}"#, "", true),
        ),
        Variant::Roots => (
            Plain::new(
                r#"[\x08\s@,?!;:)('".\p{Han}<]"#,
                r#"[^\x08\s@?!;,:)('"<]+@[^\x08\s@!?;,/]*[^\x08\s@?!;,/:)('">.]\.\p{L}\w{1,}"#,
                r#"[\x08\s@,?!;:)('".\p{Han}>]"#,
                false,
            ),
            Plain::new(r#"[)(\s@,?!;:'"\p{Han}]"#, r#"@[^)(\s@,?!;:'"]{3,}"#, "", false),
        ),
    };
    [
        (Tag::Email, email),
        (Tag::IpAddress, Plain::new(wide, &address, r#"[\s@,?!;:'"(.\p{Han}]"#, true)),
        (Tag::Key, Plain::new(wide, &format!("{mixture}|{series}"), wide, true)),
        (Tag::User, user),
    ]
}

fn is_date(address: &str) -> bool {
    // Of the five shapes only day, month and year can be made of what an address is made of.
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\A[0-3][0-9]\.[0-3][0-9]\.(?:[0-9]{2}|[12][0-9]{3})(?:$|[:.])").unwrap()
    });
    DATE.is_match(address)
}

fn check(plain: &Patterns, stage: &Roots, text: &str) -> Result<(), TestCaseError> {
    let spans = stage.find(text);
    for (tag, plain) in plain {
        let mut expected = plain.find(text);
        if *tag == Tag::IpAddress {
            expected.retain(|&(start, end)| {
                text[start..end].contains(|character: char| character.is_ascii_digit())
                    && !is_date(&text[start..end])
            });
        }
        let found: Vec<_> = spans
            .iter()
            .filter(|span| span.tag == *tag)
            .map(|span| (span.start, span.end))
            .collect();
        prop_assert_eq!(found, expected, "{:?} in {:?}", tag, text);
    }
    Ok(())
}

/// Text near addresses, keys and boundaries.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        r"[aB1:\-_ .\n]{0,40}",
        r"[a1/_:]{0,30}",
        r"[A1 \-]{0,30}",
        r"[A1٣‐ :中,]{0,30}",
        r"[ab@., \n]{0,30}",
        r#"[ab@.中"'<>é/:_\n\u{8}]{0,30}"#,
        r"[f1:.% ]{0,30}",
        "(([0-9a]{1,4}:){1,8}|::|([12]?[0-9]{1,2}\\.){3}[0-9]{1,3}|fe80|%e|[ ,.:)]){0,9}",
        "([0-9]{2,4}|[A-Z]{1,2}|[a-z]{1,2}|[ ]|[-:_/]|\n){0,24}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn short_cuts_find_what_the_plain_patterns_find(
        texts in proptest::collection::vec(texts(), 1..8),
        variant in prop_oneof![Just(Variant::Roots), Just(Variant::Roots2022)],
    ) {
        static BOTH: LazyLock<[(Patterns, Roots); 2]> = LazyLock::new(|| {
            [Variant::Roots, Variant::Roots2022].map(|variant| (plain(variant), Roots::new(variant)))
        });
        let (plain, stage) = &BOTH[usize::from(variant == Variant::Roots2022)];
        for text in &texts {
            check(plain, stage, text)?;
        }
        check(plain, stage, &texts.concat())?;
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        static STAGE: LazyLock<Roots> = LazyLock::new(|| Roots::new(Variant::Roots));
        let spans = STAGE.find(&text);
        STAGE.redact(&text, &spans);
    }
}
