//! Equality with ICU, and linear time.

use icu_properties::CodePointMapData;
use icu_properties::props::WordBreak;
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};
use proptest::prelude::*;

use super::words::{dictionary_boundaries, steps, unicode_boundaries};
use super::*;
use crate::text::classes::{is_alphanumeric, is_python_alpha, python_split};

fn icu_unicode() -> WordSegmenterBorrowed<'static> {
    WordSegmenter::new_for_non_complex_scripts(WordBreakInvariantOptions::default())
}

fn icu_dictionary() -> WordSegmenterBorrowed<'static> {
    WordSegmenter::new_dictionary(WordBreakInvariantOptions::default())
}

#[test]
fn probe() {
    let icu = icu_unicode();
    for text in [
        "a:b",
        "a：b",
        "a︓b",
        "a﹕b",
        "中国人",
        "ไทย",
        "カタ",
        "a_カ",
        "ひらがな漢字",
        "é",
        "a\u{200d}😀",
        "1\u{37e}2",
    ] {
        println!(
            "{text} icu {:?} own {:?}",
            icu.segment_str(text).collect::<Vec<_>>(),
            unicode_boundaries(text)
        );
    }
    let mut bad = 0;
    for c in '\0'..=char::MAX {
        let text = format!("a{c}a1{c}1{c}{c}\u{308}{c}א{c}א_{c}_カ{c}カ\u{200d}{c} {c}");
        let icu: Vec<usize> = icu.segment_str(&text).collect();
        if icu != unicode_boundaries(&text) {
            bad += 1;
            let kind = super::table::KINDS.get(c);
            if kind & 0x80 == 0 || bad < 3 {
                println!(
                    "{:04X} {kind:x} {text:?}\n icu {icu:?}\n own {:?}",
                    c as u32,
                    unicode_boundaries(&text)
                );
            }
        }
    }
    println!("bad {bad}");
    let mut bad = 0;
    let icu = icu_dictionary();
    for c in '\0'..=char::MAX {
        let text = format!("a{c}a1{c}1{c}{c}\u{308}{c}א{c}א_{c}_カ{c}カ\u{200d}{c} {c}");
        let icu: Vec<usize> = icu.segment_str(&text).collect();
        if icu != dictionary_boundaries(&text) {
            bad += 1;
            let kind = super::table::KINDS.get(c);
            if bad < 5 {
                println!(
                    "D {:04X} {kind:x} {text:?}\n icu {icu:?}\n own {:?}",
                    c as u32,
                    dictionary_boundaries(&text)
                );
            }
        }
    }
    println!("bad dictionary {bad}");
}
