use proptest::prelude::*;

use super::check::Type;
use super::parse::MAX_DEPTH;
use super::tree::{Comparison, Literal, Operator};
use super::*;
use crate::document::Value;
use crate::stage::MetricKind;

fn check(node: &Node, metrics: Option<&[Metric]>) -> Result<Part, Problem> {
    super::check(node, metrics, &[Type::Boolean])
}

const RECORD: &str = r#"{"id":"doc","text":"Ünder the hill","date":"2021-05-01","license":"cc-by",
    "meta":{"title":"a \"quoted\" title","stars":4,"draft":false,"none":null}}"#;

fn document() -> Document<'static> {
    let mut document = Document::new("doc", "Ünder the hill")
        .with_language(Some("en"))
        .with_url(Some("https://example.org/a/b?c=1"))
        .with_record(Some(RECORD));
    document.annotate("m.words", 3_i64);
    document.annotate("m.ratio", 0.25);
    document.annotate("m.nan", f64::NAN);
    document.annotate("m.label", "fr");
    document
}

fn metric(name: &'static str) -> Metric {
    Metric { name, kind: MetricKind::Integer, unit: "", meaning: "" }
}

fn holds(text: &str) -> Option<bool> {
    let tree = parse(text).unwrap_or_else(|problem| panic!("{}", problem.shown("x", text)));
    let part = check(&tree, None).unwrap_or_else(|problem| panic!("{}", problem.shown("x", text)));
    part.holds(&document())
}

#[test]
fn conditions_have_the_values_that_one_expects() {
    for text in [
        "true",
        "m.words >= 3 && m.ratio < 0.5",
        "m.words == 3 && m.words != 4 && m.words <= 3 && !(m.words > 3)",
        "false || true && true",
        "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4 && 8 / 4 / 2 == 1",
        "-2 * -3 == 6 && - - 1 == 1 && -7 % 4 == -3 && 1e3 == 1000 && 2.5E-1 == 0.25",
        "min(3, m.ratio, 7) == 0.25 && max(1, m.words) == 3 && abs(-2) == 2",
        "language == \"en\" && language != 'fr' && m.label == 'fr'",
        "language in [\"en\", 'de'] && language not in ['fr'] && m.words in [1, 3] && -1 in [-1]",
        "starts_with(url, 'https://') && ends_with(url, \"=1\") && contains(url, '.org/')",
        r"matches(url, '^https?://[a-z.]+/\w/') && !matches(text, 'hill.')",
        r"matches(text, '\Ahill|\x{DC}')",
        "text.bytes == 15 && text.characters == 14 && contains(text, 'Ünder')",
        "id == 'doc' && license == 'cc-by' && date >= '2020-01-01' && date < '2022'",
        "field('meta.stars') * 2 == 8 && !field(\"meta.draft\")",
        r#"field("meta.title") == 'a "quoted" title'"#,
        "has(m.words) && !has(m.none) && has(field('meta.title')) && !has(field('meta.none'))",
        "!has(m.nan) && !has(source) && has(language)",
        "(m.words > 2) == true",
        "m.words\n  > 2\n",
    ] {
        assert_eq!(holds(text), Some(true), "{text}");
    }
}

#[test]
fn what_hangs_on_a_missing_value_is_open() {
    for text in [
        "m.none > 1",
        "m.none != 1",
        "!(m.none > 1)",
        "m.none in [1]",
        "m.none not in [1]",
        "m.nan == m.nan",
        "m.none > 1 && true",
        "m.none > 1 || false",
        "m.none + 1 > 0",
        "max(1, m.none) > 0",
        "max(m.none, 1) > 0",
        "1 / 0 > 1",
        "1 % (m.words - 3) == 0",
        "abs(1e308 * 10 - 1e308 * 10) >= 0",
        "source == 'x'",
        "contains(source, 'x')",
        "matches(source, 'x')",
        "field('meta')",
        "field('meta.stars')",
        // Another type than is asked for.
        "field('meta.title') > 4",
        "field('meta.stars') in ['4']",
        "m.label > 4",
    ] {
        assert_eq!(holds(text), None, "{text}");
    }
    // Decided by another part alone, on whatever side.
    assert_eq!(holds("m.none > 1 || true"), Some(true));
    assert_eq!(holds("true || m.none > 1"), Some(true));
    assert_eq!(holds("m.none > 1 && false"), Some(false));
    assert_eq!(holds("has(m.none) && m.none > 1"), Some(false));
}

#[test]
fn mistakes_are_shown_with_their_column_and_a_way_out() {
    let before = [
        metric("gopher.words"),
        metric("gopher.mean_word_length"),
        Metric { kind: MetricKind::Text, ..metric("langid.label") },
    ];
    for (text, column, parts) in [
        ("", 1, &["empty"][..]),
        ("  ", 3, &["empty"]),
        ("gopher.words >", 15, &["expected a number", "ends"]),
        ("gopher.words > 1 and true", 18, &["found `and`", "did you mean `&&`?"]),
        ("gopher.words = 1", 14, &["`=` means nothing", "did you mean `==`?"]),
        ("gopher.words & true", 14, &["did you mean `&&`?"]),
        ("1 < gopher.words < 9", 18, &["do not follow", "`&&`"]),
        ("gopher.words in []", 18, &["expected a number or a text"]),
        ("gopher.words in [1", 19, &["expected `]`"]),
        ("gopher.words not 1", 18, &["`in` after `not`"]),
        ("gopher.words > 50words", 16, &["no number"]),
        ("gopher.words > 1e999", 16, &["no number"]),
        ("language == 'en", 13, &["no ' ends this text"]),
        ("(gopher.words > 1", 18, &["expected `)`"]),
        ("true)", 5, &["expected an operator or the end", "found `)`"]),
        ("true ; false", 6, &["`;` means nothing"]),
        ("stars_with(url, 'h')", 1, &["no function `stars_with`", "did you mean `starts_with`?"]),
        ("gopher.word > 1", 1, &["no stage before this one", "did you mean `gopher.words`?"]),
        ("gopher.lenth > 1", 1, &["gopher."]),
        ("has(meta.title)", 5, &["field(\"meta.title\")", "gopher.words"]),
        ("text.byts > 1", 1, &["did you mean `text.bytes`?"]),
        ("true && langage == 'en'", 9, &["no field `langage`", "did you mean `language`?"]),
        ("q == 'en'", 1, &["no field `q`", "field(\"q\")"]),
        ("langid.label > 1", 1, &["`>` compares a text with a number"]),
        ("langid.label in ['a', 1]", 23, &["a text is looked for, but this is a number"]),
        ("field('x') in ['a', 1]", 21, &["a text is looked for"]),
        ("language in [true]", 14, &["a text is looked for, but this is a condition"]),
        ("true in [1]", 10, &["a condition is looked for"]),
        ("langid.label + 1 > 0", 1, &["`+` takes a number, but this is a text"]),
        ("gopher.words", 1, &["must be a condition, but this is a number"]),
        ("!gopher.words", 2, &["`!` takes a condition"]),
        ("true && gopher.words", 9, &["`&&` takes a condition"]),
        ("true < false", 1, &["`<` has no meaning for conditions"]),
        ("true == 1", 1, &["compares a condition with a number"]),
        ("contains(url)", 1, &["contains takes two texts, but is given 1 arguments"]),
        ("contains(url, 1)", 15, &["contains takes a text, but this is a number"]),
        ("matches(url, language)", 14, &["regular expression as a constant"]),
        ("matches(url, '(')", 14, &["no regular expression", "unclosed group"]),
        ("has(1)", 5, &["has takes the name"]),
        ("has(gopher.word)", 5, &["did you mean `gopher.words`?"]),
        ("field(language)", 7, &["field takes a path"]),
        ("min(1) > 0", 1, &["two numbers or more"]),
        ("abs() > 0", 1, &["abs takes one number"]),
    ] {
        let problem = match parse(text) {
            Ok(tree) => check(&tree, Some(&before)).expect_err(text),
            Err(problem) => problem,
        };
        let shown = problem.shown("keep_if", text).to_string();
        assert!(shown.starts_with(&format!("keep_if, column {column}: ")), "{text}\n{shown}");
        for part in parts {
            assert!(shown.contains(part), "{text}\n{shown}");
        }
        assert!(shown.lines().any(|line| line.trim_start().starts_with('^')), "{shown}");
    }
}

#[test]
fn depth_is_limited_and_length_is_not_a_matter_of_depth() {
    let deep = |text: String| parse(&text).unwrap_err().message;
    let too_deep = format!("more than {MAX_DEPTH} deep");
    for opening in ["(", "!", "-", "abs(", "has(", "1 + (", "true && (", "1 == ("] {
        assert!(deep(opening.repeat(100_000)).contains(&too_deep), "{opening}");
    }
    assert!(deep(format!("1{} > 0", " + 1".repeat(100_000))).contains(&too_deep));
    assert!(parse(&"(".repeat(MAX_DEPTH + 1)).unwrap_err().message.contains(&too_deep));
    let nested = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(holds(&nested(MAX_DEPTH)), Some(true));
    assert_eq!(holds(&format!("true{}", " && true".repeat(20_000))), Some(true));
    let list: Vec<String> = (0..20_000).map(|number| format!("'{number}'")).collect();
    assert_eq!(holds(&format!("language in [{}]", list.join(","))), Some(false));
    assert!(deep(" ".repeat(2 << 20)).contains("bytes"));
}

#[test]
fn quantities_have_values_and_say_what_they_read() {
    let value = |text: &str| Quantity::parse("keep", text).unwrap().value(&document());
    for (text, expected) in [
        ("m.words * 2 + m.ratio", Some(6.25)),
        ("m.words > 2", Some(1.0)),
        ("language == 'de'", Some(0.0)),
        ("-text.characters", Some(-14.0)),
        ("field('meta.stars')", Some(4.0)),
        ("field('meta.draft')", Some(0.0)),
        ("max(m.words, m.ratio)", Some(3.0)),
        ("1e308 * 10", Some(f64::INFINITY)),
        ("m.none", None),
        ("m.nan", None),
        ("m.words / 0", None),
        ("field('meta.title')", None),
        ("m.none > 1", None),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    let quantity = Quantity::parse("keep", "m.b + m.a * m.b - text.bytes").unwrap();
    assert_eq!(quantity.metrics(), ["m.b", "m.a"]);
    assert_eq!(quantity.check(&[metric("m.a"), metric("m.b")]), Ok(()));
    let error = quantity.check(&[metric("m.a"), metric("m.bb")]).unwrap_err();
    assert!(error.starts_with("keep, column 1: ") && error.contains("`m.bb`?"), "{error}");
}

#[test]
fn an_extreme_is_of_one_quantity() {
    let (extreme, quantity) = Quantity::parse_extreme("keep", "min( max(m.words, 5) )").unwrap();
    assert_eq!((extreme, quantity.value(&document())), (Extreme::Least, Some(5.0)));
    for (text, column, part) in [
        ("m.words", 1, "neither max(…) nor min(…)"),
        ("max(m.words, 1)", 1, "one quantity"),
        ("min()", 1, "one quantity"),
        ("max('a')", 5, "must be a number or a condition, but this is a text"),
        ("max(langage)", 5, "did you mean `language`?"),
        ("max(m.words", 12, "expected"),
    ] {
        let error = Quantity::parse_extreme("keep", text).unwrap_err();
        assert!(error.starts_with(&format!("keep, column {column}: ")), "{text}: {error}");
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// Trees that can be written, whatever they mean; spans are left out.
fn trees() -> impl Strategy<Value = Node> {
    fn node(kind: Kind) -> Node {
        Node { span: 0..0, height: 0, kind }
    }
    fn pick<T: std::fmt::Debug + Copy>(all: &'static [T]) -> impl Strategy<Value = T> {
        prop::sample::select(all)
    }
    let number = prop_oneof![Just(0.0), Just(1.0), Just(0.1), 0.0..1e300_f64];
    let text = prop_oneof![".{0,8}", r#"[\\'"nrtd\n\r\t]{0,6}"#];
    let literal = prop_oneof![
        number.prop_map(Literal::Number),
        text.prop_map(Literal::Text),
        any::<bool>().prop_map(Literal::Boolean),
    ];
    let item = prop_oneof![literal.clone(), (-9.0..9.0_f64).prop_map(Literal::Number)];
    let names = ["a", "a.b", "language", "text.bytes", "_x9.2y", "inner", "nothing"];
    let leaf = prop_oneof![
        literal.prop_map(|literal| node(Kind::Literal(literal))),
        pick(const { &["a", "a.b"] }).prop_map(|name| node(Kind::Name(name.to_owned()))),
        prop::sample::select(names.to_vec()).prop_map(|name| node(Kind::Name(name.to_owned()))),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| Box::new([a, b]));
        let several = prop::collection::vec(inner.clone(), 2..4);
        let list = prop::collection::vec(item.clone().prop_map(|item| (item, 0..0)), 1..4);
        prop_oneof![
            boxed.clone().prop_map(|one| node(Kind::Not(one))),
            boxed.clone().prop_map(|one| node(Kind::Negative(one))),
            several.clone().prop_map(|parts| node(Kind::All(parts))),
            several.prop_map(|parts| node(Kind::Any(parts))),
            (pick(Comparison::ALL), pair.clone())
                .prop_map(|(comparison, sides)| node(Kind::Compare(comparison, sides))),
            (pick(Operator::ALL), pair)
                .prop_map(|(operator, sides)| node(Kind::Calculate(operator, sides))),
            (any::<bool>(), boxed, list).prop_map(|(negated, needle, list)| node(Kind::Among {
                negated,
                needle,
                list
            })),
            (pick(Function::ALL), prop::collection::vec(inner, 0..3))
                .prop_map(|(function, arguments)| node(Kind::Call(function, arguments))),
        ]
    })
}

fn without_places(mut node: Node) -> Node {
    node.span = 0..0;
    node.height = 0;
    let one = |inner: Box<Node>| Box::new(without_places(*inner));
    let all = |parts: Vec<Node>| parts.into_iter().map(without_places).collect();
    node.kind = match node.kind {
        Kind::Not(inner) => Kind::Not(one(inner)),
        Kind::Negative(inner) => Kind::Negative(one(inner)),
        Kind::All(parts) => Kind::All(all(parts)),
        Kind::Any(parts) => Kind::Any(all(parts)),
        Kind::Compare(comparison, sides) => {
            Kind::Compare(comparison, Box::new((*sides).map(without_places)))
        }
        Kind::Calculate(operator, sides) => {
            Kind::Calculate(operator, Box::new((*sides).map(without_places)))
        }
        Kind::Among { negated, needle, list } => Kind::Among {
            negated,
            needle: one(needle),
            list: list.into_iter().map(|(item, _)| (item, 0..0)).collect(),
        },
        Kind::Call(function, arguments) => Kind::Call(function, all(arguments)),
        leaf @ (Kind::Literal(_) | Kind::Name(_)) => leaf,
    };
    node
}

/// Expressions of a type, as text, all in parentheses.
fn written(kind: MetricKind, depth: u32) -> BoxedStrategy<String> {
    let number = prop::sample::select(vec!["0", "1", "3", "0.25", "m.words", "m.ratio", "m.none"]);
    let more = ["m.nan", "text.bytes", "field('meta.stars')", "field('meta.title')"];
    let number = prop_oneof![number, prop::sample::select(more.to_vec())];
    let texts =
        ["'en'", "''", "language", "m.label", "source", "url", "field('meta.title')", "date"];
    let texts = prop::sample::select(texts.to_vec());
    let numbers = || written(MetricKind::Float, depth.saturating_sub(1));
    let conditions = || written(MetricKind::Integer, depth.saturating_sub(1));
    match kind {
        MetricKind::Text => texts.prop_map(str::to_owned).boxed(),
        MetricKind::Float if depth == 0 => number.prop_map(str::to_owned).boxed(),
        MetricKind::Float => prop_oneof![
            number.prop_map(str::to_owned),
            (numbers(), prop::sample::select(vec!["+", "-", "*", "/", "%"]), numbers())
                .prop_map(|(a, operator, b)| format!("({a} {operator} {b})")),
            (prop::sample::select(vec!["min", "max"]), numbers(), numbers(), numbers())
                .prop_map(|(name, a, b, c)| format!("{name}({a}, {b}, {c})")),
            numbers().prop_map(|a| format!("abs({a})")),
            numbers().prop_map(|a| format!("-{a}")),
        ]
        .boxed(),
        MetricKind::Integer => {
            let comparison = || prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
            let texts = || written(MetricKind::Text, 0);
            let base = prop_oneof![
                Just("true".to_owned()),
                Just("field('meta.draft')".to_owned()),
                Just("has(m.none)".to_owned()),
                (numbers(), comparison(), numbers()).prop_map(|(a, c, b)| format!("({a} {c} {b})")),
                (texts(), comparison(), texts()).prop_map(|(a, c, b)| format!("({a} {c} {b})")),
                (texts(), any::<bool>()).prop_map(|(a, negated)| {
                    format!("({a} {}in ['fr', 'en'])", if negated { "not " } else { "" })
                }),
                (
                    prop::sample::select(vec!["starts_with", "ends_with", "contains"]),
                    texts(),
                    texts()
                )
                    .prop_map(|(name, a, b)| format!("{name}({a}, {b})")),
            ];
            if depth == 0 {
                return base.boxed();
            }
            prop_oneof![
                base,
                (conditions(), conditions(), conditions())
                    .prop_map(|(a, b, c)| format!("({a} && {b} && {c})")),
                (conditions(), conditions()).prop_map(|(a, b)| format!("({a} || {b})")),
                conditions().prop_map(|a| format!("!{a}")),
            ]
            .boxed()
        }
    }
}

/// A value in the plainest way.
#[derive(Debug, Clone, PartialEq)]
enum Plain {
    Missing,
    Number(f64),
    Text(String),
    Boolean(bool),
}

/// The value of a tree, worked out part by part, all of them, with the truth tables written out.
fn plain(node: &Node, document: &Document<'_>) -> Plain {
    use Plain::{Boolean, Missing, Number, Text};
    let number = |value: f64| if value.is_nan() { Missing } else { Number(value) };
    let of = |node: &Node| plain(node, document);
    let field = |path: &str| match document.field(path) {
        Some(crate::document::Field::Number(value)) => Number(value),
        Some(crate::document::Field::Boolean(value)) => Boolean(value),
        Some(crate::document::Field::Text(value)) => Text(value.into_owned()),
        None => Missing,
    };
    // 0 false, 1 open, 2 true: `&&` is the least, `||` the greatest.
    let rank = |node: &Node| match of(node) {
        Boolean(value) => 2 * i32::from(value),
        _ => 1,
    };
    let ranked = |rank: Option<i32>| match rank {
        Some(0) => Boolean(false),
        Some(2) => Boolean(true),
        _ => Missing,
    };
    match &node.kind {
        Kind::Literal(Literal::Number(value)) => Number(*value),
        Kind::Literal(Literal::Text(value)) => Text(value.clone()),
        Kind::Literal(Literal::Boolean(value)) => Boolean(*value),
        Kind::Name(name) => match name.as_str() {
            "language" => Text("en".to_owned()),
            "text.bytes" => Number(15.0),
            "url" | "source" | "date" => field(name),
            _ => match document.metric(name) {
                Some(Value::Text(value)) => Text(value.to_string()),
                Some(value) => number(value.number().unwrap()),
                None => Missing,
            },
        },
        Kind::Not(inner) => ranked(Some(2 - rank(inner))),
        Kind::All(parts) => ranked(parts.iter().map(rank).min()),
        Kind::Any(parts) => ranked(parts.iter().map(rank).max()),
        Kind::Negative(inner) => match of(inner) {
            Number(value) => Number(-value),
            _ => Missing,
        },
        Kind::Calculate(operator, sides) => match (operator, of(&sides[0]), of(&sides[1])) {
            (Operator::Add, Number(a), Number(b)) => number(a + b),
            (Operator::Subtract, Number(a), Number(b)) => number(a - b),
            (Operator::Multiply, Number(a), Number(b)) => number(a * b),
            (Operator::Divide, Number(a), Number(b)) if b != 0.0 => number(a / b),
            (Operator::Remainder, Number(a), Number(b)) if b != 0.0 => number(a % b),
            _ => Missing,
        },
        Kind::Compare(comparison, sides) => {
            let order = match (of(&sides[0]), of(&sides[1])) {
                (Number(a), Number(b)) => a.partial_cmp(&b).unwrap() as i32,
                (Text(a), Text(b)) => a.cmp(&b) as i32,
                (Boolean(a), Boolean(b)) => a.cmp(&b) as i32,
                _ => return Missing,
            };
            Boolean(match comparison.spelling() {
                "==" => order == 0,
                "!=" => order != 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            })
        }
        Kind::Among { negated, needle, list } => match of(needle) {
            Text(text) => {
                let there = list.iter().any(|(item, _)| *item == Literal::Text(text.clone()));
                Boolean(there != *negated)
            }
            _ => Missing,
        },
        Kind::Call(function, arguments) => {
            let values: Vec<Plain> = arguments.iter().map(of).collect();
            match (function.spelling(), values.as_slice()) {
                ("field", [Text(path)]) => field(path),
                ("has", [value]) => Boolean(*value != Missing),
                ("starts_with", [Text(a), Text(b)]) => Boolean(a.starts_with(b)),
                ("ends_with", [Text(a), Text(b)]) => Boolean(a.ends_with(b)),
                ("contains", [Text(a), Text(b)]) => Boolean(a.contains(b)),
                ("min", [Number(a), Number(b), Number(c)]) => Number(a.min(*b).min(*c)),
                ("max", [Number(a), Number(b), Number(c)]) => Number(a.max(*b).max(*c)),
                ("abs", [Number(a)]) => Number(a.abs()),
                _ => Missing,
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}|[ -~\n]{0,60}") {
        if let Err(problem) = parse(&text).and_then(|tree| check(&tree, None)) {
            prop_assert!(problem.shown("keep_if", &text).to_string().contains("column"));
        }
    }

    #[test]
    fn no_tokens_make_the_parser_panic(tokens in prop::collection::vec(
        prop::sample::select(vec![
            "a.b", "1", "'x'", "\"", "(", ")", "[", "]", ",", "&&", "||", "!", "==", "<", "+", "-",
            "*", "in", "not", "true", "min", "has", "field", "matches", "'('", "é", "\n", ".", "\\",
        ]), 0..30), between in prop::sample::select(vec!["", " "])) {
        let text = tokens.join(between);
        match parse(&text).and_then(|tree| check(&tree, None)) {
            Ok(part) => drop(part.holds(&document())),
            Err(problem) => {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{:?}", problem);
                prop_assert!(problem.shown("keep_if", &text).to_string().contains("column"));
            }
        }
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(tree in trees()) {
        let printed = tree.to_string();
        let read = parse(&printed).map(without_places);
        prop_assert_eq!(read, Ok(tree), "{}", printed);
    }

    #[test]
    fn values_are_those_of_a_plain_evaluator(text in written(MetricKind::Integer, 3)) {
        let tree = parse(&text).unwrap();
        let expected = match plain(&tree, &document()) {
            Plain::Boolean(value) => Some(value),
            _ => None,
        };
        prop_assert_eq!(check(&tree, None).unwrap().holds(&document()), expected, "{}", text);
    }
}
