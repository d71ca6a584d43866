//! The two sets of punctuation of datatrove's filters, as code points.
//!
//! Source: `utils/text.py` of datatrove 0.10.1. Its Gopher filter takes a word of nothing but
//! characters of either set for a symbol; its FineWeb filter takes the second for ends of lines.

/// A set of characters, one bit a code point up to the last.
pub struct CharacterSet {
    bits: [u64; WORDS],
}

/// Beyond the last character of either set.
const END: usize = 0x1DAC0;
const WORDS: usize = END / 64;

impl CharacterSet {
    const fn new(lists: &[&[(u32, u32)]]) -> Self {
        let mut bits = [0; WORDS];
        let mut list = 0;
        while list < lists.len() {
            let mut range = 0;
            while range < lists[list].len() {
                let (first, last) = lists[list][range];
                let mut code = first as usize;
                while code <= last as usize {
                    bits[code / 64] |= 1 << (code % 64);
                    code += 1;
                }
                range += 1;
            }
            list += 1;
        }
        Self { bits }
    }

    /// Whether a character is in the set.
    #[inline]
    pub fn contains(&self, character: char) -> bool {
        let code = character as usize;
        self.bits.get(code / 64).is_some_and(|bits| bits >> (code % 64) & 1 != 0)
    }

    /// Whether a text has no other characters than these.
    #[inline]
    pub fn contains_all(&self, text: &str) -> bool {
        text.chars().all(|character| self.contains(character))
    }
}

/// The 281 characters that make a word a symbol: [`PUNCTUATION`] and [`TERMINAL_PUNCTUATION`]. The
/// full-width digit `１` is one of them, `•`, `‘` and `→` are not.
pub static SYMBOLS: CharacterSet =
    CharacterSet::new(&[PUNCTUATION_RANGES, TERMINAL_PUNCTUATION_RANGES]);

/// The 129 characters of datatrove's `PUNCTUATION`: ASCII punctuation, controls other than tab and
/// line feed, and a choice of quotation marks and full-width signs.
pub static PUNCTUATION: CharacterSet = CharacterSet::new(&[PUNCTUATION_RANGES]);

/// The 159 characters that end a sentence in some script. `…`, `:` and quotation marks do not.
pub static TERMINAL_PUNCTUATION: CharacterSet = CharacterSet::new(&[TERMINAL_PUNCTUATION_RANGES]);

#[rustfmt::skip]
const PUNCTUATION_RANGES: &[(u32, u32)] = &[
    (0x0000, 0x0008), (0x000B, 0x001F), (0x0021, 0x002F), (0x003A, 0x0040), (0x005B, 0x0060),
    (0x007B, 0x009F), (0x00AB, 0x00AB), (0x00B4, 0x00B4), (0x00BB, 0x00BB), (0x2013, 0x2014),
    (0x2019, 0x2019), (0x201C, 0x201E), (0x2026, 0x2026), (0x2236, 0x2236), (0x2501, 0x2501),
    (0x25BA, 0x25BA), (0x3001, 0x3002), (0x3008, 0x300D), (0x3010, 0x3011), (0xFF01, 0xFF01),
    (0xFF05, 0xFF05), (0xFF08, 0xFF09), (0xFF0C, 0xFF0C), (0xFF0E, 0xFF0E), (0xFF11, 0xFF11),
    (0xFF1A, 0xFF1B), (0xFF1F, 0xFF1F), (0xFF5E, 0xFF5E),
];

#[rustfmt::skip]
const TERMINAL_PUNCTUATION_RANGES: &[(u32, u32)] = &[
    (0x0021, 0x0021), (0x002E, 0x002E), (0x003F, 0x003F), (0x0589, 0x0589), (0x061D, 0x061F),
    (0x06D4, 0x06D4), (0x0700, 0x0702), (0x07F9, 0x07F9), (0x0837, 0x0837), (0x0839, 0x0839),
    (0x083D, 0x083E), (0x0964, 0x0965), (0x104A, 0x104B), (0x1362, 0x1362), (0x1367, 0x1368),
    (0x166E, 0x166E), (0x1735, 0x1736), (0x17D4, 0x17D6), (0x17D9, 0x17DA), (0x1803, 0x1803),
    (0x1809, 0x1809), (0x1944, 0x1945), (0x1AA8, 0x1AAB), (0x1B5A, 0x1B5B), (0x1B5E, 0x1B5F),
    (0x1B7D, 0x1B7E), (0x1C3B, 0x1C3C), (0x1C7E, 0x1C7F), (0x203C, 0x203D), (0x2047, 0x2049),
    (0x2E2E, 0x2E2E), (0x2E3C, 0x2E3C), (0x2E53, 0x2E54), (0x3002, 0x3002), (0xA4FF, 0xA4FF),
    (0xA60E, 0xA60F), (0xA6F3, 0xA6F3), (0xA6F7, 0xA6F7), (0xA876, 0xA877), (0xA8CE, 0xA8CF),
    (0xA92F, 0xA92F), (0xA9C8, 0xA9C9), (0xAA5D, 0xAA5F), (0xAAF0, 0xAAF1), (0xABEB, 0xABEB),
    (0xFE52, 0xFE52), (0xFE56, 0xFE57), (0xFF01, 0xFF01), (0xFF0E, 0xFF0E), (0xFF1F, 0xFF1F),
    (0xFF61, 0xFF61), (0x10A56, 0x10A57), (0x10F55, 0x10F59), (0x10F86, 0x10F89),
    (0x11047, 0x11048), (0x110BE, 0x110C1), (0x11141, 0x11143), (0x111C5, 0x111C6),
    (0x111CD, 0x111CD), (0x111DE, 0x111DF), (0x11238, 0x11239), (0x1123B, 0x1123C),
    (0x112A9, 0x112A9), (0x1144B, 0x1144C), (0x115C2, 0x115C3), (0x115C9, 0x115D7),
    (0x11641, 0x11642), (0x1173C, 0x1173E), (0x11944, 0x11944), (0x11946, 0x11946),
    (0x11A42, 0x11A43), (0x11A9B, 0x11A9C), (0x11C41, 0x11C42), (0x11EF7, 0x11EF8),
    (0x11F43, 0x11F44), (0x16A6E, 0x16A6F), (0x16AF5, 0x16AF5), (0x16B37, 0x16B38),
    (0x16B44, 0x16B44), (0x16E98, 0x16E98), (0x1BC9F, 0x1BC9F), (0x1DA88, 0x1DA88),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn size(set: &CharacterSet) -> usize {
        ('\0'..=char::MAX).filter(|&character| set.contains(character)).count()
    }

    #[test]
    fn the_sets_have_the_sizes_of_the_originals() {
        assert_eq!(size(&PUNCTUATION), 129);
        assert_eq!(size(&TERMINAL_PUNCTUATION), 159);
        assert_eq!(size(&SYMBOLS), 281);
    }

    #[test]
    fn no_letter_is_a_symbol() {
        assert!(!('\0'..=char::MAX).any(|c| SYMBOLS.contains(c) && c.is_alphabetic()));
        assert!(SYMBOLS.contains_all("…１.\u{1DA88}") && !SYMBOLS.contains_all("…•"));
    }
}
