use proptest::prelude::*;

use super::*;

fn datamap() -> Config {
    Config {
        words: WordsConfig::all(crate::text::segment::SegmentationChoice::Unicode),
        phrases: ["items in cart", "^Sign-in", "Read more...$"].map(str::to_owned).to_vec(),
        max_words_for_phrases: None,
        ignore_case: false,
        ..Config::default()
    }
}

fn apply(config: &Config, text: &str) -> (Found, Option<String>) {
    let document = Document::new("a", text.to_owned());
    RefinedWeb::new(config).unwrap().clean(&document)
}

fn verdict(config: &Config, text: &str) -> Verdict {
    Document::new("a", text.to_owned()).apply(&RefinedWeb::new(config).unwrap())
}

/// What datamap-rs's rules leave of these, how many words they take, and whether the document goes.
#[test]
fn lines_go_as_in_datamap() {
    let ratio = Some(REMOVED_WORDS);
    let cases = [
        (
            "HOME ABOUT Us\nA line of text is here.\n3,141 likes\n",
            "A line of text is here.\n",
            5,
            ratio,
        ),
        ("ПРИВЕТ МИР\nA line of text.", "ПРИВЕТ МИР\nA line of text.", 0, None),
        ("12345\n12 34\n1.234.567\n٣٤ ٥", "12 34\n٣٤ ٥", 2, ratio),
        (
            "3 likes\n • 5K views!\n10 Followers now\n1.2m  SHARES\n_3 likes\nx 3 likes",
            "10 Followers now\n_3 likes\nx 3 likes",
            6,
            ratio,
        ),
        ("one\ntwo words\n\n—\nдва слова\n一\n", "two words\n\nдва слова\n", 2, ratio),
        (
            "Sign-in here now\nRead more about it. Read more...\nThere are 3 items in cart today\n\
             items in cart\n",
            "here now\nRead more about it.\nThere are 3 today\n",
            10,
            ratio,
        ),
        ("\n\n", "\n\n", 0, Some(EMPTY)),
        ("one", "", 1, ratio),
    ];
    for (text, expected, removed_words, reason) in cases {
        let (found, kept) = apply(&datamap(), text);
        assert_eq!(kept.as_deref().unwrap_or(text), expected);
        assert_eq!(found.removed_words, removed_words, "{text}");
        let expected = reason.map_or(Verdict::Keep, |reason| Verdict::Drop(reason.into()));
        assert_eq!(verdict(&datamap(), text), expected, "{text}");
    }
}

#[test]
fn upper_case_is_measured_in_characters_if_asked_for() {
    let config = Config { unit: LengthUnit::Characters, ..datamap() };
    let (found, kept) = apply(&config, "ПРИВЕТ МИР\nA line of text.");
    assert_eq!((found.uppercase, kept.as_deref()), (1, Some("A line of text.")));
}

#[test]
fn each_line_is_counted_by_the_first_rule_that_it_fails() {
    let text = "HOME\n123\n7 likes\nshort\nLog in to go on\nLog in\nA line that stays here.";
    let config = Config { max_removed_words_ratio: None, ..Config::default() };
    let mut document = Document::new("a", text);
    assert_eq!(document.apply(&RefinedWeb::new(&config).unwrap()), Verdict::Keep);
    assert_eq!(document.text(), "to go on\nA line that stays here.");
    for (name, expected) in [
        (REMOVED_LINES, 5),
        (UPPERCASE, 1),
        (NUMERIC, 1),
        (COUNTERS, 1),
        (SHORT, 1),
        (SUBSTRINGS, 2),
    ] {
        assert_eq!(
            document.metric(name),
            Some(&crate::document::Value::Integer(expected)),
            "{name}"
        );
    }
    assert_eq!(
        document.metric(REMOVED_WORDS).and_then(crate::document::Value::number),
        Some(9.0 / 17.0)
    );
    let config = Config { remove_phrase_only: false, ..config };
    let mut document = Document::new("a", text);
    document.apply(&RefinedWeb::new(&config).unwrap());
    assert_eq!(document.text(), "A line that stays here.");
}

#[test]
fn a_document_that_loses_too_much_keeps_its_text() {
    let mut document = Document::new("a", "MENU\nA few words only.");
    let stage = RefinedWeb::new(&Config::default()).unwrap();
    assert_eq!(document.apply(&stage), Verdict::Drop(REMOVED_WORDS.into()));
    assert_eq!(document.text(), "MENU\nA few words only.");
}

#[test]
fn rules_that_are_off_remove_nothing() {
    let config = Config {
        max_uppercase_ratio: None,
        max_numeric_ratio: None,
        remove_counters: false,
        min_words_per_line: None,
        phrases: Vec::new(),
        ..Config::default()
    };
    let (found, kept) = apply(&config, "HOME\n123\n7 likes\nshort\nLog in\n \n");
    assert_eq!((found.removed, kept), (0, None));
}

#[test]
fn long_lines_keep_their_phrases() {
    let text = format!("Log in {}", "a ".repeat(9));
    assert_eq!(apply(&Config::default(), &text).0.substrings, 0);
    assert_eq!(apply(&Config::default(), &text[..text.len() - 2]).0.substrings, 1);
}

#[test]
fn phrases_of_a_file_are_added() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("phrases.txt");
    fs::write(&path, "Ganz weg\n^Am Anfang\r\n").unwrap();
    let config = Config { substrings: Some(path.clone()), ..Config::default() };
    let stage = RefinedWeb::new(&config).unwrap();
    assert_eq!(stage.resources().len(), 1);
    let (_, kept) = apply(&config, "am anfang ist ganz weg etwas\nLog in here");
    assert_eq!(kept.as_deref(), Some("ist etwas\nhere"));
    let message = |config: &Config| RefinedWeb::new(config).err().unwrap().to_string();
    fs::write(&path, [0xFF]).unwrap();
    assert!(message(&config).contains("is not UTF-8"));
    let config = Config { substrings: Some(directory.path().join("none")), ..Config::default() };
    assert!(message(&config).contains("cannot be read"));
    let config = Config { max_uppercase_ratio: Some(-0.5), ..Config::default() };
    assert_eq!(message(&config), "max_uppercase_ratio: must be between 0 and 1");
}

#[test]
fn steps_are_in_proportion_to_the_text() {
    for text in [
        "A word, and 1 item in your cart. ".repeat(30_000),
        "\n".repeat(500_000),
        "log in ".repeat(150_000),
        "1".repeat(1_000_000),
        "\u{301}\u{2014} ".repeat(200_000),
    ] {
        steps::take();
        apply(&Config { max_words_for_phrases: None, ..Config::default() }, &text);
        let steps = steps::take();
        assert!(steps <= 12 * text.len(), "{steps} for {}", text.len());
    }
}

/// The rules as datamap-rs words them, one modifier after the other.
fn naive(text: &str) -> String {
    static PATTERNS: LazyLock<[Regex; 4]> = LazyLock::new(|| {
        let things = "likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers";
        [
            &format!(r"^\W*\d(?:,|\.|\d)*(?:K|k|M|m|B|b)?\s+(?:{things})\W*$"),
            r"\s?(?:items in cart)\s?",
            r"\s?(?:Read more\.\.\.)$",
            r"^(?:Sign-in)\s?",
        ]
        .map(|pattern| Regex::new(pattern).unwrap())
    });
    let [counter, any, end, start] = &*PATTERNS;
    let share = |number: usize, line: &str| number as f64 / line.len() as f64;
    let kept = text.split('\n').filter(|line| {
        line.is_empty()
            || share(line.chars().filter(|c| c.is_uppercase()).count(), line) <= 0.5
                && share(line.bytes().filter(u8::is_ascii_digit).count(), line) <= 0.999_999
                && !counter.is_match(&line.to_lowercase())
                && count_words(line, Segmentation::Unicode) >= 2
    });
    let shortened = kept.filter_map(|line| {
        let new = any.replace_all(line, " ");
        let new = end.replace_all(&new, "");
        let new = start.replace_all(&new, "");
        (line.is_empty() || !new.trim().is_empty()).then(|| new.into_owned())
    });
    shortened.collect::<Vec<_>>().join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn any_text_is_cut_as_the_rules_say(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "a", "word", "É", "HOME", "ÀÉÈ", "一", "12", "1.5K", " likes", " Views", " ", " ",
                "\n", "\n", "\n", "items in cart", "Sign-in", "Read more...", "—", "_", "\u{663}",
            ]),
            0..24,
        ),
    ) {
        let text = pieces.concat();
        let (_, kept) = apply(&datamap(), &text);
        prop_assert_eq!(kept.unwrap_or_else(|| text.clone()), naive(&text));
    }

    #[test]
    fn words_that_went_are_those_that_are_missing(text in "[aB1 é\n.]{0,40}|\\PC{0,40}") {
        let (found, kept) = apply(&datamap(), &text);
        let words = |text: &str| count_words(text, Segmentation::Unicode) as i64;
        let left = kept.as_deref().unwrap_or(&text);
        prop_assert_eq!(found.removed_words, words(&text) - words(left));
    }

    #[test]
    fn digits_are_a_share_of_the_line(line in "[1a٣]{1,6}", ratio in 0.0..1.0) {
        for (unit, ratio) in [LengthUnit::Bytes, LengthUnit::Characters]
            .into_iter()
            .flat_map(|unit| [ratio, 0.5, 0.8, 0.999_999, 1.0].map(|ratio| (unit, ratio)))
        {
            let digits = line.matches('1').count();
            let expected = digits as f64 / unit.of(&line) as f64 > ratio;
            prop_assert_eq!(is_numeric(&line, ratio, unit), expected);
        }
    }

    #[test]
    fn no_line_is_spared_by_a_look_at_its_bytes(line in "[aAéÉ一ǅ]{1,8}", ratio in 0.0..1.0) {
        for unit in [LengthUnit::Bytes, LengthUnit::Characters] {
            let upper = line.chars().filter(|c| c.is_uppercase()).count();
            if upper as f64 / unit.of(&line) as f64 > ratio {
                prop_assert!(may_exceed(&line, ratio, unit));
            }
        }
    }
}
