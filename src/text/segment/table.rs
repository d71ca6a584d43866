//! The classes of characters and the state machine of word boundaries.

use std::sync::LazyLock;

use icu_properties::props::{ExtendedPictographic, GeneralCategory, GeneralCategoryGroup};
use icu_properties::props::{LineBreak, Script, WordBreak};
use icu_properties::{CodePointMapData, CodePointSetData};

use super::{action, ideographs};
use crate::text::classes::{CODE_POINTS, Pages, mark};

/// The part of a character's byte that is its class, one of [`class`].
const CLASS: u8 = 0x1F;
/// The character is alphanumeric.
pub(super) const ALPHANUMERIC: u8 = 0x20;
/// The character is a letter.
pub(super) const ALPHA: u8 = 0x40;
/// The character is of a script whose words a dictionary finds: Line_Break SA, Han, Hiragana.
pub(super) const COMPLEX: u8 = 0x80;

/// Values of Word_Break, of which Extend and Format are one, and Extended_Pictographic.
mod class {
    pub const OTHER: u8 = 0;
    pub const CR: u8 = 1;
    pub const LF: u8 = 2;
    pub const NEWLINE: u8 = 3;
    pub const EXTEND: u8 = 4;
    pub const ZWJ: u8 = 5;
    pub const REGIONAL: u8 = 6;
    pub const KATAKANA: u8 = 7;
    pub const HEBREW: u8 = 8;
    pub const LETTER: u8 = 9;
    pub const SINGLE_QUOTE: u8 = 10;
    pub const DOUBLE_QUOTE: u8 = 11;
    pub const MID_NUM_LET: u8 = 12;
    pub const MID_LETTER: u8 = 13;
    pub const MID_NUM: u8 = 14;
    pub const NUMERIC: u8 = 15;
    pub const EXTEND_NUM_LET: u8 = 16;
    pub const SPACE: u8 = 17;
    pub const PICTURE: u8 = 18;
    pub const PICTURE_LETTER: u8 = 19;
    /// As [`OTHER`], and runs of these are looked up in the dictionary.
    pub const IDEOGRAPH: u8 = 20;
}

/// What a segment ends in so far. [`JOINER`](state::JOINER) may be added to most.
mod state {
    /// Nothing.
    pub const START: u8 = 0;
    /// Something that nothing is joined to but marks.
    pub const OTHER: u8 = 1;
    pub const CR: u8 = 2;
    pub const NEWLINE: u8 = 3;
    pub const SPACE: u8 = 4;
    pub const LETTER: u8 = 5;
    pub const HEBREW: u8 = 6;
    pub const NUMERIC: u8 = 7;
    pub const KATAKANA: u8 = 8;
    pub const EXTEND_NUM_LET: u8 = 9;
    /// One regional indicator, without a partner yet.
    pub const REGIONAL: u8 = 10;
    /// A Hebrew letter and a single quote that belongs to it.
    pub const HEBREW_QUOTE: u8 = 11;
    /// A letter and something that is joined if a letter follows.
    pub const LETTER_MID: u8 = 12;
    /// A Hebrew letter and a double quote, joined if a Hebrew letter follows.
    pub const HEBREW_MID: u8 = 13;
    /// A number and something that is joined if a number follows.
    pub const NUMERIC_MID: u8 = 14;
    /// The last character is a zero-width joiner.
    pub const JOINER: u8 = 16;
}

/// The part of a transition that is its action.
pub(super) const ACTION: u16 = 7;
/// The part of a transition that is the next state, where it stands in an index.
pub(super) const STATE: u16 = 0x3E0;
/// The index of the state at the start of a segment.
pub(super) const START: u16 = (state::START as u16) << 5;

const fn transition(state: u8, class: u8) -> u16 {
    let (next, action) = step(state, class);
    (next as u16) << 5 | action
}

/// The state of a segment that begins with a character.
const fn first(class: u8) -> u8 {
    match class {
        class::CR => state::CR,
        class::LF | class::NEWLINE => state::NEWLINE,
        class::SPACE => state::SPACE,
        class::LETTER | class::PICTURE_LETTER => state::LETTER,
        class::HEBREW => state::HEBREW,
        class::NUMERIC => state::NUMERIC,
        class::KATAKANA => state::KATAKANA,
        class::EXTEND_NUM_LET => state::EXTEND_NUM_LET,
        class::REGIONAL => state::REGIONAL,
        class::ZWJ => state::OTHER | state::JOINER,
        _ => state::OTHER,
    }
}

/// The rules, WB3 to WB999 of UAX #29.
const fn step(state: u8, class: u8) -> (u8, u16) {
    use action::{BREAK, BREAK_BOTH, BREAK_DEFERRED, COMPLETE, DEFER, JOIN};
    let (base, joiner) = (state & !state::JOINER, state & state::JOINER != 0);
    let deferred = matches!(base, state::LETTER_MID | state::HEBREW_MID | state::NUMERIC_MID);
    let next = first(class);
    let otherwise = (next, if deferred { BREAK_BOTH } else { BREAK });
    let letter = matches!(class, class::LETTER | class::HEBREW | class::PICTURE_LETTER);
    match (base, class) {
        (state::START, _) => return (next, JOIN),
        // WB3, WB3a and WB3b
        (state::CR, class::LF) => return (next, JOIN),
        (state::CR | state::NEWLINE, _) => return otherwise,
        (_, class::CR | class::LF | class::NEWLINE) => return otherwise,
        // WB3d
        (state::SPACE, class::SPACE) => return (next, JOIN),
        // WB4
        (state::SPACE, class::EXTEND) => return (state::OTHER, JOIN),
        (state::SPACE, class::ZWJ) => return (state::OTHER | state::JOINER, JOIN),
        (_, class::EXTEND) => return (base, JOIN),
        (_, class::ZWJ) => return (base | state::JOINER, JOIN),
        // WB7 over a joiner; where WB3c alone holds, what was deferred still ends
        (state::LETTER_MID, class::PICTURE_LETTER) => return (next, COMPLETE),
        // WB3c
        (_, class::PICTURE | class::PICTURE_LETTER) if joiner => {
            return (next, if deferred { BREAK_DEFERRED } else { JOIN });
        }
        _ => {}
    }
    let joined = match base {
        // WB5, WB6, WB7a, WB7b, WB9, WB13a
        state::LETTER | state::HEBREW => match class {
            class::MID_LETTER | class::MID_NUM_LET => return (state::LETTER_MID, DEFER),
            class::SINGLE_QUOTE if base == state::HEBREW => return (state::HEBREW_QUOTE, JOIN),
            class::SINGLE_QUOTE => return (state::LETTER_MID, DEFER),
            class::DOUBLE_QUOTE if base == state::HEBREW => return (state::HEBREW_MID, DEFER),
            _ => letter || class == class::NUMERIC || class == class::EXTEND_NUM_LET,
        },
        // WB8, WB10, WB12, WB13a
        state::NUMERIC => match class {
            class::MID_NUM | class::MID_NUM_LET | class::SINGLE_QUOTE => {
                return (state::NUMERIC_MID, DEFER);
            }
            _ => letter || class == class::NUMERIC || class == class::EXTEND_NUM_LET,
        },
        // WB13, WB13a
        state::KATAKANA => matches!(class, class::KATAKANA | class::EXTEND_NUM_LET),
        // WB13a, WB13b
        state::EXTEND_NUM_LET => {
            letter || matches!(class, class::NUMERIC | class::KATAKANA | class::EXTEND_NUM_LET)
        }
        // WB15, WB16
        state::REGIONAL if class == class::REGIONAL => return (state::OTHER, JOIN),
        // WB7
        state::HEBREW_QUOTE => letter,
        state::LETTER_MID if letter => return (next, COMPLETE),
        // WB7c
        state::HEBREW_MID if class == class::HEBREW => return (next, COMPLETE),
        // WB11
        state::NUMERIC_MID if class == class::NUMERIC => return (next, COMPLETE),
        _ => false,
    };
    if joined { (next, JOIN) } else { otherwise }
}

static TRANSITIONS: [u16; 1024] = {
    let mut table = [0; 1024];
    let mut index = 0;
    while index < 1024 {
        table[index] = transition((index >> 5) as u8, (index & 0x1F) as u8);
        index += 1;
    }
    table
};

/// The transition from a state, given as in [`START`] or [`STATE`], for the byte of a character.
#[inline(always)]
pub(super) fn next(state: u16, kind: u8) -> u16 {
    TRANSITIONS[usize::from((state & STATE) | u16::from(kind & CLASS))]
}

/// Whether the byte of a character says that it begins a run of the dictionary, and that a segment
/// ends before it whatever comes there.
#[inline(always)]
pub(super) fn is_ideograph(kind: u8) -> bool {
    kind & CLASS == class::IDEOGRAPH
}

/// Whether the byte of a character says that it goes on with any segment.
#[inline(always)]
pub(super) fn is_extend(kind: u8) -> bool {
    matches!(kind & CLASS, class::EXTEND | class::ZWJ)
}

/// Whether a segment that was deferred is not decided yet in a state.
#[inline(always)]
pub(super) fn is_deferred(state: u16) -> bool {
    let base = (state & STATE) >> 5 & !u16::from(state::JOINER);
    base >= u16::from(state::LETTER_MID)
}

/// The byte of every character: its class, and [`ALPHANUMERIC`], [`ALPHA`], [`COMPLEX`].
pub(super) static KINDS: LazyLock<Pages> = LazyLock::new(|| {
    let mut codes = vec![0; CODE_POINTS];
    for (value, class) in [
        (WordBreak::CR, class::CR),
        (WordBreak::LF, class::LF),
        (WordBreak::Newline, class::NEWLINE),
        (WordBreak::Extend, class::EXTEND),
        (WordBreak::Format, class::EXTEND),
        (WordBreak::ZWJ, class::ZWJ),
        (WordBreak::RegionalIndicator, class::REGIONAL),
        (WordBreak::Katakana, class::KATAKANA),
        (WordBreak::HebrewLetter, class::HEBREW),
        (WordBreak::ALetter, class::LETTER),
        (WordBreak::SingleQuote, class::SINGLE_QUOTE),
        (WordBreak::DoubleQuote, class::DOUBLE_QUOTE),
        (WordBreak::MidNumLet, class::MID_NUM_LET),
        (WordBreak::MidLetter, class::MID_LETTER),
        (WordBreak::MidNum, class::MID_NUM),
        (WordBreak::Numeric, class::NUMERIC),
        (WordBreak::ExtendNumLet, class::EXTEND_NUM_LET),
        (WordBreak::WSegSpace, class::SPACE),
    ] {
        for range in CodePointMapData::<WordBreak>::new().iter_ranges_for_value(value) {
            mark(&mut codes, range, class);
        }
    }
    for range in CodePointSetData::new::<ExtendedPictographic>().iter_ranges() {
        for code in
            codes.get_mut(*range.start() as usize..*range.end() as usize + 1).into_iter().flatten()
        {
            *code = match *code {
                class::OTHER => class::PICTURE,
                class::LETTER => class::PICTURE_LETTER,
                other => other,
            };
        }
    }
    let categories = CodePointMapData::<GeneralCategory>::new();
    for range in categories.iter_ranges_for_group(GeneralCategoryGroup::Letter) {
        mark(&mut codes, range, ALPHA | ALPHANUMERIC);
    }
    for range in categories.iter_ranges_for_group(GeneralCategoryGroup::Number) {
        mark(&mut codes, range, ALPHANUMERIC);
    }
    for range in
        CodePointMapData::<LineBreak>::new().iter_ranges_for_value(LineBreak::ComplexContext)
    {
        mark(&mut codes, range, COMPLEX);
    }
    for script in [Script::Han, Script::Hiragana] {
        for range in CodePointMapData::<Script>::new().iter_ranges_for_value(script) {
            mark(&mut codes, range, COMPLEX);
        }
    }
    for (code, kind) in codes.iter_mut().enumerate() {
        if *kind & (CLASS | COMPLEX) == class::OTHER | COMPLEX && ideographs::is_member(code as u32)
        {
            *kind |= class::IDEOGRAPH;
        }
    }
    Pages::new(&codes)
});
