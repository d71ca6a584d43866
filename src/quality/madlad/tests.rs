use proptest::prelude::*;

use super::*;

fn datamap() -> Config {
    Config {
        words: WordsConfig::all(crate::text::segment::SegmentationChoice::Unicode),
        cursed: Vec::new(),
        ..Config::default()
    }
}

fn measure(config: &Config, text: &str) -> Found {
    Madlad::new(config).unwrap().measure(&Document::new("a", text.to_owned()))
}

fn verdict(config: &Config, text: &str) -> Verdict {
    Document::new("a", text.to_owned()).apply(&Madlad::new(config).unwrap())
}

fn drop_for(reason: &'static str) -> Verdict {
    Verdict::Drop(reason.into())
}

/// The answers of datamap-rs's rules 2, 3 and 4.
#[test]
fn sentences_are_questionable_as_in_datamap() {
    let long = format!(
        "Hi!There is no break here?But here it is. And again ?! And once more?\u{a0}Then a third. \
         A fourth one is here. {}. Last one is long enough",
        "x".repeat(501)
    );
    let cases = [
        ("", [0, 0, 0, 0, 0], drop_for(TOO_FEW_SENTENCES)),
        ("one", [1, 0, 1, 0, 1], drop_for(TOO_FEW_SENTENCES)),
        ("No. No. No. No.", [4, 0, 4, 0, 4], drop_for(TOO_FEW_SENTENCES)),
        (
            "A first sentence is here and it is long. Short one! Is This List Case With Many Words \
             In Upper Case As Titles Have Them? 12345/67 (89) 10+11 > 1213 {14}. The end of it... \
             all is here now",
            [6, 1, 3, 1, 5],
            drop_for(QUESTIONABLE),
        ),
        (&long, [7, 0, 4, 0, 4], drop_for(QUESTIONABLE)),
    ];
    for (text, expected, decision) in cases {
        let found = measure(&datamap(), text);
        let numbers =
            [found.sentences, found.list_case, found.length, found.technical, found.questionable];
        assert_eq!(numbers, expected, "{text}");
        assert_eq!(verdict(&datamap(), text), decision, "{text}");
    }
}

#[test]
fn a_fifth_may_be_questionable() {
    let good = "This sentence is long enough. ";
    assert_eq!(verdict(&datamap(), &format!("{}Not this.", good.repeat(4))), Verdict::Keep);
    let text = format!("{}Not this. Nor this.", good.repeat(4));
    assert_eq!(verdict(&datamap(), &text), drop_for(QUESTIONABLE));
    let config = Config { max_questionable_ratio: None, ..datamap() };
    assert_eq!(verdict(&config, &text), Verdict::Keep);
}

#[test]
fn short_documents_pass_untested_if_they_shall() {
    let config = Config { drop_short: false, ..datamap() };
    assert_eq!(verdict(&config, "No. No. No. No."), Verdict::Keep);
    assert_eq!(verdict(&config, "No. No. No. No. No."), drop_for(QUESTIONABLE));
}

#[test]
fn lengths_are_of_characters_if_asked_for() {
    let text = "это двадцать букв да";
    assert_eq!(measure(&datamap(), &text[..24]).length, 0);
    let config = Config { unit: LengthUnit::Characters, ..datamap() };
    assert_eq!(measure(&config, &text[..24]).length, 1);
    assert_eq!(measure(&config, text).length, 0);
}

#[test]
fn strings_and_patterns_make_a_sentence_questionable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("strings.txt");
    fs::write(&path, " shop \n\n").unwrap();
    let config = Config {
        cursed_file: Some(path.clone()),
        cursed_patterns: vec![r"\| *$".to_owned()],
        ..Config::default()
    };
    assert_eq!(Madlad::new(&config).unwrap().resources().len(), 1);
    let text = "Lorem ipsum dolor. In a shop here. In a Shop. At the end |";
    assert_eq!(measure(&config, text).cursed, 3);
    let message = |config: &Config| Madlad::new(config).err().unwrap().to_string();
    fs::write(&path, [0xFF]).unwrap();
    assert!(message(&config).contains("is not UTF-8"));
    let config = Config { cursed_file: Some(directory.path().join("none")), ..Config::default() };
    assert!(message(&config).contains("cannot be read"));
    let config = Config { cursed_patterns: vec!["(".to_owned()], ..Config::default() };
    assert!(message(&config).starts_with("cursed_patterns: "));
    let config = Config { min_sentence_length: Some(501), ..Config::default() };
    assert_eq!(message(&config), "min_sentence_length: must be no more than max_sentence_length");
}

#[test]
fn rules_that_are_off_question_nothing() {
    let config = Config {
        max_capitalised_ratio: None,
        min_sentence_length: None,
        max_sentence_length: None,
        max_technical_ratio: None,
        ..datamap()
    };
    assert_eq!(measure(&config, "1. 2. (3). A B C D E F G H I J K L M N.").questionable, 0);
}

#[test]
fn steps_are_in_proportion_to_the_text() {
    for text in
        [". ".repeat(500_000), "\n".repeat(500_000), ".".repeat(1_000_000), "A 1. ".repeat(200_000)]
    {
        steps::take();
        measure(&Config::default(), &text);
        assert!(steps::take() <= 8 * text.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn sentences_are_those_of_the_regular_expression(text in "[ab.!? \n\u{a0}é]{0,30}|\\PC{0,30}") {
        let mut found = Vec::new();
        visit_sentences(&text, |start, end| found.push(&text[start..end]));
        let split = regex::Regex::new(r"[.!?]+\s+").unwrap();
        let expected: Vec<&str> =
            split.split(&text).filter(|sentence| !sentence.trim().is_empty()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn list_case_is_that_of_each_sentence_alone(text in "[ab AB.!é]{0,40}") {
        let config = Config { min_list_words: 2, ..datamap() };
        let mut expected = 0;
        visit_sentences(&text, |start, end| {
            let document = Document::new("a", &text[start..end]);
            let words = document.view().words(crate::text::segment::Segmentation::Unicode);
            let upper = words.iter().filter(|word| {
                document.text()[word.range()].starts_with(char::is_uppercase)
            });
            let upper = upper.count();
            expected += usize::from(words.len() >= 2 && 2 * upper > words.len());
        });
        prop_assert_eq!(measure(&config, &text).list_case, expected);
    }
}

#[test]
fn upper_case_is_that_of_the_standard_library() {
    for character in '\0'..=char::MAX {
        let text = character.to_string();
        assert_eq!(is_capitalised(&text, 0), character.is_uppercase(), "{character:?}");
    }
}
