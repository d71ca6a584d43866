use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn the_number_of_passes_changes_nothing(
        text in "([a-c]{0,30}|é|中){0,40}", n in 1..12_usize, limit in 1..40_u64,
    ) {
        let ratios = |limit| {
            let mut counter = Counter { limit, ..Counter::default() };
            let words: Vec<u64> = text.bytes().map(u64::from).collect();
            [Variant::Fixed, Variant::AsRun2022].map(|variant| {
                let characters = counter.character_ratios(&text, text.chars().count(), n, variant);
                (characters, counter.word_repetition_ratio(&words, n))
            })
        };
        prop_assert_eq!(ratios(limit), ratios(MAX_HASHES));
    }
}

#[test]
fn frequencies_of_any_size_are_summed_up() {
    let mut counter = Counter::default();
    let text = format!("{}{}{}", "ab".repeat(500), "cd".repeat(30), "efghij");
    // Pairs: ab 500, ba 499, cd 30, dc 29; bc, de, ef … ij once: D = 11, R = 4.
    let (ratio, _) = counter.character_ratios(&text, text.len(), 2, Variant::Fixed);
    assert_eq!(ratio, (500 + 499 + 30) as f64 / 1065.0);
    let (ratio, _) = counter.character_ratios("aabbcdefghijklmnop", 18, 1, Variant::AsRun2022);
    assert_eq!(ratio, 6.0 / 18.0);
    assert_eq!(counter.character_ratios("", 0, 1, Variant::Fixed), (0.0, 0.0));
}
