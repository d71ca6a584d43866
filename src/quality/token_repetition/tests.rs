use proptest::prelude::*;

use super::*;

fn words(config: &Config, text: &str) -> Repetition {
    TokenRepetition::new(config).unwrap().measure(&Document::new("a", text.to_owned()))
}

#[test]
fn thirty_two_times_in_a_row_are_too_many() {
    let stage = TokenRepetition::new(&Config::default()).unwrap();
    for piece in ["ha ", "buy it now ", "a b c d e f g h i j k l m "] {
        let kept = format!("So {}it is", piece.repeat(31));
        assert_eq!(Document::new("a", kept).apply(&stage), Verdict::Keep, "{piece}");
        let dropped = Document::new("a", format!("So {}it is", piece.repeat(32))).apply(&stage);
        assert_eq!(dropped, Verdict::Drop(COVERED.into()), "{piece}");
    }
    let fourteen = "a b c d e f g h i j k l m n ".repeat(40);
    assert_eq!(Document::new("a", fourteen).apply(&stage), Verdict::Keep);
}

#[test]
fn the_most_repeated_piece_is_measured() {
    let config = Config { min_repetitions: 3, max_covered_ratio: None, ..Config::default() };
    let found = words(&config, "x a b a b a b a y c c");
    assert_eq!((found.longest, found.period), (3, 2));
    assert_eq!(found.covered_ratio, 7.0 / 11.0);
    assert_eq!(words(&config, "one two"), Repetition { longest: 1, period: 0, covered_ratio: 0.0 });
    assert_eq!(words(&config, ""), Repetition::default());
}

#[test]
fn characters_see_what_is_no_word() {
    let config = Config { unit: Unit::Characters, ..Config::default() };
    let dashes = format!("a{}b", "-=".repeat(40));
    assert_eq!(words(&config, &dashes).longest, 40);
    assert_eq!(words(&config, &dashes.replace('-', "—")), words(&config, &dashes));
    assert_eq!(words(&Config::default(), &dashes).longest, 1);
}

#[test]
fn impossible_parameters_are_refused() {
    let message = |config: Config| TokenRepetition::new(&config).err().unwrap().to_string();
    let config = Config { max_period: 0, ..Config::default() };
    assert_eq!(message(config), "max_period: must be between 1 and 1000");
    let config = Config { min_repetitions: 1, ..Config::default() };
    assert_eq!(message(config), "min_repetitions: must be 2 or more");
    let config = Config { max_covered_ratio: Some(1.5), ..Config::default() };
    assert_eq!(message(config), "max_covered_ratio: must be between 0 and 1");
}

#[test]
fn steps_are_in_proportion_to_the_text() {
    for unit in [Unit::Words, Unit::Characters] {
        for text in ["a ".repeat(500_000), "aab ".repeat(250_000), "\n".repeat(500_000)] {
            steps::take();
            words(&Config { unit, min_repetitions: 2, ..Config::default() }, &text);
            assert!(steps::take() <= 20 * text.len());
        }
    }
}

/// Tries every start, length and number of copies.
fn naive(items: &[u8], max_period: usize, min_repetitions: usize) -> Repetition {
    let mut found = Repetition { longest: usize::from(!items.is_empty()), ..Repetition::default() };
    let mut covered = vec![false; items.len()];
    for period in 1..=max_period {
        for start in 0..items.len() {
            let mut end = start + period;
            while end < items.len() && items[end] == items[end - period] {
                end += 1;
            }
            if end > items.len() {
                continue;
            }
            let times = (end - start) / period;
            if times > found.longest {
                (found.longest, found.period) = (times, period);
            }
            if times >= min_repetitions {
                covered[start..end].fill(true);
            }
        }
    }
    let number = covered.iter().filter(|covered| **covered).count();
    found.covered_ratio = number as f64 / items.len().max(1) as f64;
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn rows_are_those_that_are_found_one_by_one(
        items in prop::collection::vec(0_u8..3, 0..40),
        max_period in 1_usize..6,
        min_repetitions in 2_usize..5,
    ) {
        prop_assert_eq!(
            repetition(&items, max_period, min_repetitions),
            naive(&items, max_period, min_repetitions)
        );
    }

    #[test]
    fn cover_counts_each_place_once(ranges in prop::collection::vec((0_usize..200, 0_usize..100), 0..6)) {
        let mut cover = Cover::default();
        let mut places = std::collections::BTreeSet::new();
        for (start, length) in ranges {
            cover.mark(start, start + length);
            places.extend(start..start + length);
        }
        prop_assert_eq!(cover.count(), places.len());
    }
}
