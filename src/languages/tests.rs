use std::collections::BTreeSet;

use super::*;

fn shipped() -> &'static Languages {
    Languages::shipped()
}

#[test]
fn the_shipped_table_is_whole() {
    Languages::read(SHIPPED).unwrap();
    let roots: Vec<&Language> = shipped().all().iter().filter(|row| row.roots.is_some()).collect();
    assert_eq!(roots.len(), 45);
    assert!(roots.iter().all(|row| row.family.is_some()));
    assert_eq!(shipped().programs().len(), 14);
    let mut codes = BTreeSet::new();
    for row in shipped().all() {
        assert!(codes.insert(&row.short), "{}", row.short);
        assert!(row.also.iter().all(|code| codes.insert(code)), "{:?}", row.also);
        assert!(row.scripts.iter().all(|script| title_case(script) == *script));
        assert!(!row.scripts.is_empty());
        assert_eq!(shipped().find(&row.short), Some(row));
        assert_eq!(shipped().by_iso639_3(&row.iso639_3), Some(row));
    }
    for member in shipped().groups().iter().flatten() {
        assert!(shipped().by_short(member).is_some_and(|row| row.short == *member), "{member}");
    }
    let form = |form| shipped().forms.values().filter(|&&own| own == form).count();
    assert_eq!((form(1), form(-1)), (267, 267));
}

#[test]
fn a_language_has_a_name_in_each_naming() {
    let name = |label, han| {
        use Naming::{Bcp47, Iso6393, Model, Roots, Short};
        [Model, Short, Bcp47, Iso6393, Roots].map(|naming| shipped().named(label, naming, han))
    };
    assert_eq!(name("hi", None), ["hi", "hi", "hi", "hin_Deva", "indic-hi"]);
    assert_eq!(name("hin_Deva", None), ["hin_Deva", "hi", "hi", "hin_Deva", "indic-hi"]);
    assert_eq!(name("sw", None), ["sw", "sw", "sw", "swh_Latn", "nigercongo-sw"]);
    assert_eq!(name("zh", None), ["zh", "zh", "zh", "cmn_Hani", "zh"]);
    let simplified = Some(Han::Simplified);
    assert_eq!(name("zh", simplified), ["zh", "zh", "zh-Hans", "cmn_Hans", "zhs"]);
    assert_eq!(name("zh-Hant", None), ["zh-Hant", "zh", "zh-Hant", "cmn_Hant", "zht"]);
    assert_eq!(name("zh-Hant", simplified)[2..], ["zh-Hans", "cmn_Hans", "zhs"]);
    assert_eq!(name("ja", simplified), ["ja", "ja", "ja", "jpn_Jpan", "ja"]);
    assert_eq!(name("no", None), ["no", "nb", "nb", "nob_Latn", "nb"]);
    assert_eq!(name("srp_Latn", None)[1..4], ["sr", "sr-Latn", "srp_Latn"]);
    assert_eq!(name("als", None)[3], "gsw_Latn");
    assert_eq!(name("als_Latn", None)[1], "sq");
    assert_eq!(name("unheard", simplified), ["unheard"; 5]);
    for row in shipped().all() {
        for naming in [Naming::Short, Naming::Bcp47, Naming::Iso6393, Naming::Roots] {
            let named = shipped().named(&row.short, naming, None);
            assert_eq!(shipped().short(&named), Some(&*row.short), "{named}");
        }
    }
    assert_eq!(shipped().program_named("C#", Naming::Short), "csharp");
    assert_eq!(shipped().program_named("csharp", Naming::Bcp47), "zxx-x-csharp");
    assert_eq!(shipped().program_named("C#", Naming::Roots), "code");
}

#[test]
fn the_form_of_chinese_is_told_by_its_characters() {
    assert_eq!(shipped().han("这是一个简单的句子，我们来说汉语。"), Some(Han::Simplified));
    assert_eq!(shipped().han("這是一個簡單的句子，我們來說漢語。"), Some(Han::Traditional));
    for text in ["", "plain", "一二三", "国國"] {
        assert_eq!(shipped().han(text), None, "{text}");
    }
}
