use super::*;
use proptest::prelude::*;

#[test]
fn a_rewrite_of_everything_is_no_change() {
    let text = "one\ntwo\nthree";
    let rewritten = |ranges: &[Range<usize>]| {
        let mut rewrite = Rewrite::new(text, '\n');
        ranges.iter().for_each(|range| rewrite.keep(range.clone()));
        rewrite.finish()
    };
    assert_eq!(rewritten(&[0..3, 4..7, 8..13]), None);
    assert_eq!(rewritten(&[0..3, 4..7]).as_deref(), Some("one\ntwo"));
    assert_eq!(rewritten(&[4..7, 8..13]).as_deref(), Some("two\nthree"));
    assert_eq!(rewritten(&[0..3, 8..13]).as_deref(), Some("one\nthree"));
    assert_eq!(rewritten(&[]).as_deref(), Some(""));
    assert_eq!(Rewrite::new("", '\n').finish(), None);
}

#[test]
fn ratios_beyond_one_are_refused_by_name() {
    let error = check_ratio("max_share", Some(1.5)).unwrap_err();
    assert_eq!(error.to_string(), "max_share: must be between 0 and 1");
    assert!(check_ratio("max_share", Some(f64::NAN)).is_err());
    assert_eq!(check_ratio("max_share", None), Ok(()));
}

fn segmentations() -> impl Strategy<Value = Segmentation> {
    prop_oneof![
        Just(Segmentation::Unicode),
        Just(Segmentation::Whitespace),
        Just(Segmentation::Dictionary),
        Just(Segmentation::Spaces),
    ]
}

proptest! {
    #[test]
    fn a_rewrite_is_the_pieces_joined(lines in prop::collection::vec(("[ab]{0,3}", 0..3), 0..8)) {
        let text = lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n");
        let mut rewrite = Rewrite::new(&text, '\n');
        let (mut start, mut expected) = (0, Vec::new());
        for (line, what) in &lines {
            match what {
                0 => {
                    rewrite.keep(start..start + line.len());
                    expected.push(line.clone());
                }
                1 => {
                    rewrite.push("x");
                    expected.push("x".to_owned());
                }
                _ => {}
            }
            start += line.len() + 1;
        }
        let expected = expected.join("\n");
        let found = rewrite.finish().unwrap_or_else(|| text.clone());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn lines_have_as_many_words_as_are_counted(
        line in "[a-c1. \u{1f}é一ก\u{301}'_\u{202f}\u{3000}]{0,20}|\\PC{0,20}",
        words in 0_usize..5,
        segmentation in segmentations(),
    ) {
        prop_assert_eq!(
            has_words(&line, words, segmentation),
            count_words(&line, segmentation) >= words
        );
    }

    #[test]
    fn bytes_are_counted(text in "[a-c]{0,1000}") {
        prop_assert_eq!(count_bytes(&text, |byte| byte == b'a'), text.matches('a').count());
    }

    #[test]
    fn a_first_look_misses_nothing(
        phrases in prop::collection::vec("[a-cé ]{3,5}", 1..4),
        text in "[a-dA-Cé ]{0,80}",
        ignore_case in any::<bool>(),
    ) {
        let Some(prefilter) = Prefilter::new(phrases.iter().map(String::as_str), ignore_case) else {
            return Ok(());
        };
        let automaton = super::phrases(&phrases, ignore_case, MatchKind::Standard).unwrap();
        prop_assert!(prefilter.may_match(&text) || !automaton.is_match(&text));
        let with = [text.as_str(), &phrases[0], &text].concat();
        prop_assert!(prefilter.may_match(&with));
    }

    #[test]
    fn long_words_are_those_of_a_split(
        line in "[a-cé一 \u{1f}\u{3000}]{0,60}",
        characters in 0_usize..12,
    ) {
        let long = line.split(is_python_whitespace).any(|word| word.chars().count() > characters);
        prop_assert_eq!(has_long_word(&line, characters), long);
    }
}

#[test]
fn a_first_look_is_for_few_and_long_phrases() {
    assert!(Prefilter::new(["ab", "abc"], false).is_none());
    let many: Vec<String> = (0..500).map(|number| format!("{number:03}")).collect();
    assert!(Prefilter::new(many.iter().map(String::as_str), false).is_none());
}
