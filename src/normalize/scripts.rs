//! Where invisible joiners and breaks mean something: the scripts and symbols next to which they
//! are kept.

use icu_normalizer::properties::{CanonicalCombiningClassMap, CanonicalCombiningClassMapBorrowed};

/// What a character makes of an invisible character next to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// A letter or sign of a script whose shapes U+200C and U+200D choose.
    Joining,
    /// As [`Joining`](Self::Joining), of a script that also marks word ends with U+200B.
    JoiningSpaceless,
    /// A letter of a script that is written without spaces, in which U+200B marks word ends.
    Spaceless,
    /// A pictograph, which U+200D ties to the next one.
    Emoji,
    /// A combining mark of no script in particular: it would move to another base if what stands
    /// before it were removed.
    Mark,
    /// A selector or tag that belongs to the character before it.
    Selector,
    /// Anything else.
    Other,
}

impl Neighbour {
    /// Whether U+200C and U+200D choose shapes here.
    pub(super) fn joins(self) -> bool {
        matches!(self, Self::Joining | Self::JoiningSpaceless)
    }

    /// Whether U+200B marks word ends here.
    pub(super) fn spaceless(self) -> bool {
        matches!(self, Self::Spaceless | Self::JoiningSpaceless)
    }

    /// Whether the character only modifies the one before it.
    pub(super) fn attaches(self) -> bool {
        matches!(self, Self::Mark | Self::Selector)
    }
}

/// Inclusive ranges of code points, ascending, by Unicode 16 blocks.
#[rustfmt::skip]
const BLOCKS: [(u32, u32, Neighbour); 51] = {
    use Neighbour::{Emoji, Joining, JoiningSpaceless, Selector, Spaceless};
    [
        (0x00A9, 0x00A9, Emoji), (0x00AE, 0x00AE, Emoji),
        // Arabic, Syriac, Thaana, N'Ko, Samaritan, Mandaic
        (0x0600, 0x08FF, Joining),
        // Devanagari to Malayalam, Sinhala
        (0x0900, 0x0DFF, Joining),
        // Thai, Lao
        (0x0E00, 0x0EFF, Spaceless),
        // Tibetan
        (0x0F00, 0x0FFF, Joining),
        // Myanmar
        (0x1000, 0x109F, JoiningSpaceless),
        // Tagalog to Tagbanwa
        (0x1700, 0x177F, Joining),
        // Khmer
        (0x1780, 0x17FF, JoiningSpaceless),
        // Mongolian, but its free variation selectors are letters' business all the same
        (0x1800, 0x18AF, Joining),
        // Limbu
        (0x1900, 0x194F, Joining),
        // Tai Le, New Tai Lue
        (0x1950, 0x19DF, Spaceless),
        // Khmer symbols
        (0x19E0, 0x19FF, JoiningSpaceless),
        // Buginese
        (0x1A00, 0x1A1F, Joining),
        // Tai Tham
        (0x1A20, 0x1AAF, JoiningSpaceless),
        // Balinese, Sundanese, Batak, Lepcha
        (0x1B00, 0x1C4F, Joining),
        // Sundanese supplement, Vedic
        (0x1CC0, 0x1CFF, Joining),
        (0x203C, 0x203C, Emoji), (0x2049, 0x2049, Emoji), (0x2122, 0x2122, Emoji), (0x2139, 0x2139, Emoji),
        (0x2194, 0x21AA, Emoji), (0x2300, 0x23FF, Emoji), (0x24C2, 0x24C2, Emoji),
        // U+25CC is what a lone Indic sign is shown on
        (0x25A0, 0x25CB, Emoji), (0x25CC, 0x25CC, Joining), (0x25CD, 0x27BF, Emoji),
        (0x2934, 0x2935, Emoji), (0x2B00, 0x2BFF, Emoji), (0x3030, 0x3030, Emoji), (0x303D, 0x303D, Emoji),
        (0x3297, 0x3297, Emoji), (0x3299, 0x3299, Emoji),
        // Syloti Nagri, Indic number forms, Phags-pa, Saurashtra, Devanagari extended, Kayah Li,
        // Rejang
        (0xA800, 0xA95F, Joining),
        // Javanese
        (0xA980, 0xA9DF, Joining),
        // Myanmar extended B, Cham, Myanmar extended A
        (0xA9E0, 0xA9FF, JoiningSpaceless), (0xAA00, 0xAA5F, Joining), (0xAA60, 0xAA7F, JoiningSpaceless),
        // Tai Viet
        (0xAA80, 0xAADF, Spaceless),
        // Meetei Mayek
        (0xAAE0, 0xAAFF, Joining), (0xABC0, 0xABFF, Joining),
        // Arabic presentation forms; U+FEFF is none
        (0xFB50, 0xFDFF, Joining), (0xFE00, 0xFE0F, Selector), (0xFE70, 0xFEFE, Joining),
        // Kharoshthi, Manichaean, Pahlavi, Hanifi Rohingya, Sogdian, Old Uyghur, Chorasmian
        (0x10A00, 0x10FDF, Joining),
        // Brahmi to the other Brahmic scripts of the supplementary plane
        (0x11000, 0x11FFF, Joining),
        (0x16100, 0x1613F, Joining),
        // Adlam, Arabic mathematical letters
        (0x1E900, 0x1E95F, Joining), (0x1EE00, 0x1EEFF, Joining),
        (0x1F000, 0x1FAFF, Emoji),
        // Tags (in flags) and further variation selectors
        (0xE0020, 0xE01EF, Selector),
    ]
};

static COMBINING_CLASS: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMap::new();

/// What a character makes of an invisible character next to it.
pub(super) fn neighbour(c: char) -> Neighbour {
    let code = u32::from(c);
    if code < 0xA9 {
        return Neighbour::Other;
    }
    let block = BLOCKS.partition_point(|&(_, last, _)| last < code);
    match BLOCKS.get(block) {
        Some(&(first, _, neighbour)) if first <= code => neighbour,
        _ if COMBINING_CLASS.get_u8(c) != 0 => Neighbour::Mark,
        _ => Neighbour::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_ascend_without_overlap() {
        assert!(BLOCKS.iter().all(|(first, last, _)| first <= last));
        assert!(BLOCKS.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn characters_are_told_apart() {
        for (c, expected) in [
            ('a', Neighbour::Other),
            ('я', Neighbour::Other),
            ('漢', Neighbour::Other),
            ('ی', Neighbour::Joining),
            ('ക', Neighbour::Joining),
            ('\u{09CD}', Neighbour::Joining),
            ('ก', Neighbour::Spaceless),
            ('ក', Neighbour::JoiningSpaceless),
            ('👩', Neighbour::Emoji),
            ('\u{1F3FD}', Neighbour::Emoji),
            ('\u{FE0F}', Neighbour::Selector),
            ('\u{0301}', Neighbour::Mark),
            ('\u{05B7}', Neighbour::Mark),
        ] {
            assert_eq!(neighbour(c), expected, "U+{:04X}", u32::from(c));
        }
    }
}
