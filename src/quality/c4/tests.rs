use proptest::prelude::*;

use super::*;
use crate::document::Value;

fn apply(config: &Config, text: &str) -> (Verdict, String, Vec<(&'static str, Value)>) {
    let c4 = C4::new(config).unwrap();
    let mut document = Document::new("a", text.to_owned());
    let verdict = document.apply(&c4);
    (verdict, document.text().to_owned(), document.metrics().to_vec())
}

fn metric(metrics: &[(&'static str, Value)], name: &str) -> i64 {
    match metrics.iter().find(|(metric, _)| *metric == name) {
        Some((_, Value::Integer(value))) => *value,
        other => panic!("{name}: {other:?}"),
    }
}

fn lenient() -> Config {
    Config { min_sentences: None, ..Config::default() }
}

/// The texts that datatrove 0.10.1 makes of these, with `min_num_sentences` -1.
#[test]
fn lines_are_kept_as_datatrove_keeps_them() {
    let long = format!("{} is long enough.", "x".repeat(1000));
    let cases = [
        (
            "Home\r\n  A first line of text.  \r\nNo end here\n\"Is this one?\"\n",
            "A first line of text.\n\"Is this one?\"",
        ),
        (
            "It says so here.[12] And there[citation needed] too.[edit]\nThe end is open. [3]\n\
             [1] [2] [3].",
            "It says so here. And there too.\n  .",
        ),
        (
            "This one trails off...\nThis one does not.. \nTwo words.\nThree words here!",
            "This one does not..\nThree words here!",
        ),
        (
            "Please enable JavaScript to go on.\nOur priVacy Policy is here.\n\
             This site uses coo\u{212A}ies a lot.\nA good line stays here.",
            "A good line stays here.",
        ),
        ("Lorem ipsum\nShort {.\nThis is kept as it is.", "This is kept as it is."),
        (&format!("{long}\n{}y is too long here.", "y".repeat(1000)), &long),
        (
            "一句话在这里。\nBoth of them end.\u{2028}And this does too.\u{1c}Not the fourth\u{b}\
             But the fifth does!",
            "Both of them end.\nAnd this does too.\nBut the fifth does!",
        ),
        (
            "java[1]script is hidden in here.\nA line [\u{663}] has digits.\n\
             An [x] is no citation.",
            "A line  has digits.\nAn [x] is no citation.",
        ),
    ];
    for (text, expected) in cases {
        let (verdict, kept, _) = apply(&lenient(), text);
        assert_eq!((verdict, kept.as_str()), (Verdict::Keep, expected));
    }
}

#[test]
fn marks_at_the_end_of_lines_need_not_be_asked_for() {
    let config = Config { require_terminal_punctuation: false, ..lenient() };
    let text = "It says so here.[12] And there[citation needed] too.[edit]\n\
                The end is open. [3]\n[1] [2] [3].";
    let (_, kept, _) = apply(&config, text);
    assert_eq!(kept, "It says so here. And there too.\nThe end is open. \n  .");
    let config = Config { terminal_punctuation: Some("。".to_owned()), ..lenient() };
    assert_eq!(apply(&config, "a b c.\n一 句 话。").1, "一 句 话。");
}

#[test]
fn the_first_of_two_fatal_lines_is_the_reason() {
    for (text, reason) in [
        ("Please enable javascript { here.\nLOREM Ipsum of { a kind.", LOREM_IPSUM),
        ("A { comes here first.\nThen lorem ipsum comes too.", CURLY_BRACKET),
        ("Then lorem ipsum comes first.\nA { comes too late.", LOREM_IPSUM),
    ] {
        let (verdict, kept, _) = apply(&lenient(), text);
        assert_eq!(verdict, Verdict::Drop(reason.into()), "{text}");
        assert_eq!(kept, text);
    }
}

#[test]
fn five_sentences_are_enough() {
    let text = "One is here. Two is here. Three is here. Four is here. Five is here.";
    assert_eq!(apply(&Config::default(), text).0, Verdict::Keep);
    let (verdict, kept, _) = apply(&Config::default(), &text[..text.len() - 14]);
    assert_eq!(verdict, Verdict::Drop(TOO_FEW_SENTENCES.into()));
    assert!(kept.ends_with("Four is here."));
}

#[test]
fn nothing_left_is_a_reason_of_its_own() {
    for text in ["", "   \n\n", "Home"] {
        assert_eq!(apply(&lenient(), text).0, Verdict::Drop(EMPTY.into()));
    }
}

#[test]
fn each_line_is_counted_by_the_first_rule_that_it_fails() {
    let text = format!(
        "{} {{ b\nNo end\nTwo words.\nSome javascript {{ here.\nThe use of cookies is fine.\n\
         A line that stays.\n",
        "w".repeat(1001)
    );
    let (verdict, kept, metrics) = apply(&lenient(), &text);
    assert_eq!((verdict, kept.as_str()), (Verdict::Keep, "A line that stays."));
    for (name, expected) in [
        (LINES, 6),
        (REMOVED_LINES, 5),
        (LONG_WORDS, 1),
        (NO_TERMINAL, 1),
        (FEW_WORDS, 1),
        (JAVASCRIPT, 1),
        (POLICY, 1),
        (LOREM_IPSUM, 0),
        (CURLY_BRACKET, 0),
        (SENTENCES, 1),
        (REMOVED_CHARACTERS, (text.len() - kept.len()) as i64),
    ] {
        assert_eq!(metric(&metrics, name), expected, "{name}");
    }
}

#[test]
fn rules_that_are_off_remove_nothing() {
    let config = Config {
        remove_citations: false,
        require_terminal_punctuation: false,
        min_words_per_line: None,
        max_word_characters: None,
        drop_lorem_ipsum: false,
        remove_javascript_lines: false,
        drop_curly_brackets: false,
        remove_policy_lines: false,
        ..lenient()
    };
    let text = format!("Lorem ipsum [1]\njavascript {{\nterms of use\n{}", "w".repeat(2000));
    let (verdict, kept, metrics) = apply(&config, &text);
    assert_eq!((verdict, kept), (Verdict::Keep, text));
    assert_eq!(metric(&metrics, REMOVED_CHARACTERS), 0);
}

#[test]
fn sentences_are_kept_one_by_one() {
    let config = Config { unit: Unit::Sentences, ..lenient() };
    let text = "A first one is here. Not two. Please turn javascript on.  And a last one.\nOpen";
    let (_, kept, metrics) = apply(&config, text);
    assert_eq!(kept, "A first one is here. And a last one.");
    assert_eq!(metric(&metrics, SENTENCES), 2);
    assert_eq!(metric(&metrics, LINES), 5);
}

#[test]
fn words_are_cut_as_is_asked_for() {
    let text = "one,two,three。";
    let config = Config { terminal_punctuation: Some("。".to_owned()), ..lenient() };
    assert_eq!(apply(&config, text).0, Verdict::Drop(EMPTY.into()));
    let config = Config { words: Some(WordsConfig::default()), ..config };
    assert_eq!(apply(&config, text).0, Verdict::Keep);
}

/// The answers of dolma 1.2.1.
#[test]
fn dolma_counts_every_line_and_removes_none() {
    let config = Config { variant: Variant::Dolma, ..Config::default() };
    let text = "Lorem ipsum\n\n A whole line here.  \nIt ends so...\nnot'\r\nJavaScripts {";
    let (verdict, kept, metrics) = apply(&config, text);
    assert_eq!((verdict, kept.as_str()), (Verdict::Keep, text));
    for (name, expected) in [
        (LINES, 6),
        (NO_TERMINAL, 4),
        (FEW_WORDS, 4),
        (CURLY_BRACKET, 1),
        (LOREM_IPSUM, 1),
        (ANY_JAVASCRIPT, 1),
    ] {
        assert_eq!(metric(&metrics, name), expected, "{name}");
    }
    let (_, _, metrics) = apply(&config, "");
    assert_eq!(metric(&metrics, LINES), 1);
    assert_eq!(metric(&metrics, NO_TERMINAL), 1);
}

#[test]
fn no_terminal_punctuation_at_all_is_refused() {
    let config = Config { terminal_punctuation: Some(String::new()), ..Config::default() };
    let error = C4::new(&config).err().unwrap().to_string();
    assert_eq!(error, "terminal_punctuation: must be one character or more");
}

#[test]
fn steps_are_in_proportion_to_the_text() {
    let line = "A word, [1] and {so} on. ".repeat(40_000);
    let spaceless = "[x".repeat(500_000);
    for text in [line, spaceless, "\n".repeat(500_000), "é".repeat(500_000)] {
        for unit in [Unit::Lines, Unit::Sentences] {
            let config = Config { unit, require_terminal_punctuation: false, ..lenient() };
            steps::take();
            apply(&config, &text);
            let steps = steps::take();
            assert!(steps <= 8 * text.len(), "{steps} for {}", text.len());
        }
    }
}

/// The rules as datatrove words them, one after the other on strings.
fn naive(text: &str) -> Result<String, &'static str> {
    let citation = CITATION.as_ref().unwrap();
    let white = crate::text::whitespace::is_python_whitespace;
    let mut kept = Vec::new();
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}'];
    for line in text.replace("\r\n", "\n").split(ends) {
        let line = python_strip(line);
        let words: Vec<&str> = line.split(white).filter(|word| !word.is_empty()).collect();
        let line = citation.replace_all(line, "");
        let lower = line.to_lowercase();
        if words.iter().any(|word| word.chars().count() > 4)
            || !line.ends_with(['.', '?', '!', '"', '\''])
            || line.ends_with("...")
            || words.len() < 2
        {
            continue;
        }
        if lower.contains("lorem ipsum") {
            return Err(LOREM_IPSUM);
        }
        if lower.contains('{') {
            return Err(CURLY_BRACKET);
        }
        kept.push(line.into_owned());
    }
    let text = kept.join("\n");
    let text = python_strip(&text);
    if text.is_empty() { Err(EMPTY) } else { Ok(text.to_owned()) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_text_is_cut_as_the_rules_say(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "a", "bb", "ccccc", "é", "一", " ", " ", "\n", "\n", "\r", "\u{2028}", "\u{1f}",
                ".", ". ", "\"", "!", "...", "[1]", "[]", "[edit]", "{", "[", "\u{85}",
            ]),
            0..24,
        ),
    ) {
        let text = pieces.concat();
        let config = Config {
            max_word_characters: Some(4),
            min_words_per_line: Some(2),
            ..lenient()
        };
        let (verdict, kept, _) = apply(&config, &text);
        match naive(&text) {
            Ok(expected) => prop_assert_eq!((verdict, kept), (Verdict::Keep, expected)),
            Err(reason) => prop_assert_eq!((verdict, kept), (Verdict::Drop(reason.into()), text)),
        }
    }

    #[test]
    fn words_of_a_table_and_without_one_are_the_same(text in "[ab é.\n]{0,40}") {
        let config = Config { min_words_per_line: Some(2), max_word_characters: Some(5), ..lenient() };
        let (_, kept, _) = apply(&config, &text);
        let table = Document::new("a", text.clone());
        let words = table.view().words(Segmentation::Whitespace);
        let mut line_words = LineWords { words: Some(words), next: 0 };
        let mut without = LineWords { words: None, next: 0 };
        for line in table.view().split_lines().iter() {
            let piece = &text[line.range()];
            prop_assert_eq!(
                line_words.test(piece, line.end as usize, &config),
                without.test(piece, line.end as usize, &config)
            );
        }
        prop_assert!(kept.len() <= text.len());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,60}|[\\PC\\n]{0,60}", dolma in any::<bool>(), unit in any::<bool>()) {
        let config = Config {
            variant: if dolma { Variant::Dolma } else { Variant::Datatrove },
            unit: if unit { Unit::Lines } else { Unit::Sentences },
            ..Config::default()
        };
        apply(&config, &text);
    }
}
