use std::path::{Path, PathBuf};

use super::import::parse as import;
use super::*;
use proptest::prelude::*;

const FULL: &str = "\
# a comment
language: fra
script: Latn
aliases: [fr]
min_language_score: null
max_duplicate_line_ratio: 0.25
max_top_ngram_ratios: {2: 0.2, 3: 0.18, 4: null}
max_duplicate_ngram_ratios: null
min_line_punctuation_ratio: 0.12
max_newline_ratio: 0.3
min_mean_word_length: 3
max_mean_word_length: 10.5
min_alpha_words_ratio: 0.8
stop_words: [\"de\", \"no\"]
";

fn parse(text: &str) -> Result<Profile, ProfileError> {
    Profile::parse(text, Path::new("fra_Latn.yaml"))
}

#[test]
fn a_profile_is_read_and_null_is_off() {
    let profile = parse(FULL).unwrap();
    assert_eq!(profile.code(), "fra_Latn");
    assert_eq!(profile.min_language_score, None);
    assert_eq!(profile.max_top_ngram_ratios, BTreeMap::from([(2, 0.2), (3, 0.18)]));
    assert!(profile.max_duplicate_ngram_ratios.is_empty());
    assert_eq!(profile.min_mean_word_length, Some(3.0));
    assert_eq!(profile.stop_words, Some(vec!["de".to_owned(), "no".to_owned()]));
}

#[test]
fn mistakes_are_named_with_file_line_and_key() {
    for (from, to, parts) in [
        ("max_newline_ratio", "max_newlin_ratio", &["fra_Latn.yaml:10:", "max_newlin_ratio"][..]),
        ("max_newline_ratio: 0.3\n", "", &["fra_Latn.yaml:", "max_newline_ratio"]),
        ("0.12", "high", &["fra_Latn.yaml:9:"]),
        ("0.12", "1.2", &["fra_Latn.yaml:9: min_line_punctuation_ratio: 1.2 is not a ratio"]),
        ("0.12", "-0.1", &["fra_Latn.yaml:9: min_line_punctuation_ratio"]),
        ("0.12", ".nan", &["fra_Latn.yaml:9: min_line_punctuation_ratio"]),
        ("10.5", "3141", &["fra_Latn.yaml:12: max_mean_word_length: 3141"]),
        ("10.5", "2", &["fra_Latn.yaml:11: min_mean_word_length: 3 is not below"]),
        ("length: 3", "length: 0", &["fra_Latn.yaml:11: min_mean_word_length: 0"]),
        ("3: 0.18", "5: 0.18", &["fra_Latn.yaml:7: max_top_ngram_ratios: 5 is not a length"]),
        ("2: 0.2", "2: 2", &["fra_Latn.yaml:7: max_top_ngram_ratios: of 2: 2 is not a ratio"]),
        ("\"no\"", "\"de\"", &["fra_Latn.yaml:14: stop_words: `de` occurs twice"]),
        ("\"no\"", "\"n o\"", &["fra_Latn.yaml:14: stop_words: `n o` is not a word"]),
        ("language: fra", "language: fr", &["fra_Latn.yaml:2: language"]),
        ("Latn", "latn", &["fra_Latn.yaml:3: script"]),
    ] {
        let error = parse(&FULL.replace(from, to)).unwrap_err().to_string();
        for part in parts {
            assert!(error.contains(part), "{from} -> {to}: {error}");
        }
    }
    assert!(parse("").is_err());
    assert!(parse("- a\n").is_err());
}

fn arbitrary() -> impl Strategy<Value = Profile> {
    let ratio = || proptest::option::of(0.0..=1.0_f64);
    let words = proptest::collection::btree_set("[^\\s]{1,6}", 0..6);
    (
        (ratio(), ratio(), ratio(), ratio(), ratio()),
        proptest::collection::btree_map(2..=4_u8, 0.0..=1.0_f64, 0..4),
        proptest::collection::btree_map(5..=10_u8, 0.0..=1.0_f64, 0..4),
        (proptest::option::of(1.0..5.0_f64), proptest::option::of(5.0..=50.0_f64)),
        proptest::option::of(words),
    )
        .prop_map(
            |((score, line, punctuation, newline, alpha), top, duplicate, means, words)| Profile {
                min_language_score: score,
                max_duplicate_line_ratio: line,
                max_top_ngram_ratios: top,
                max_duplicate_ngram_ratios: duplicate,
                min_line_punctuation_ratio: punctuation,
                max_newline_ratio: newline,
                min_mean_word_length: means.0,
                max_mean_word_length: means.1,
                min_alpha_words_ratio: alpha,
                stop_words: words.map(|words| words.into_iter().collect()),
                ..Profile::off(&Code::parse("fr").unwrap())
            },
        )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(profile in arbitrary(), head in "\\PC{0,20}") {
        let yaml = profile.to_yaml();
        let read = parse(&yaml).map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}")))?;
        prop_assert_eq!(&read, &profile);
        prop_assert_eq!(read.to_yaml(), yaml);
        let comments = BTreeMap::from([("stop_words", head.clone())]);
        prop_assert_eq!(parse(&profile.to_commented_yaml(&head, &comments)).ok(), Some(profile));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}", code in "\\PC{0,12}") {
        let _ = parse(&text);
        let _ = import(&text, Path::new("fra_Latn.yml"));
        let _ = Code::parse(&code);
        prop_assert!(Profiles::default().get(&code).is_none());
    }
}

fn of(code: &str) -> (Profile, PathBuf) {
    (Profile::off(&Code::parse(code).unwrap()), PathBuf::from(format!("{code}.yaml")))
}

#[test]
fn a_profile_is_found_by_any_code_of_its_language() {
    let codes =
        ["fra_Latn", "por_Latn", "srp_Cyrl", "srp_Latn", "cmn_Hans", "cmn_Hant", "npi_Deva"];
    let profiles = Profiles::new(codes.map(of).to_vec()).unwrap();
    assert_eq!(profiles.len(), 7);
    for (code, expected) in [
        ("fr", Some("fra_Latn")),
        ("fra", Some("fra_Latn")),
        ("fra_Latn", Some("fra_Latn")),
        ("FR-ca", Some("fra_Latn")),
        ("__label__fra_Latn", Some("fra_Latn")),
        ("fra_Cyrl", None),
        ("pt-BR", Some("por_Latn")),
        ("pt_PT", Some("por_Latn")),
        ("sr", Some("srp_Cyrl")),
        ("srp", Some("srp_Cyrl")),
        ("srp_Latn", Some("srp_Latn")),
        ("sr-Latn", Some("srp_Latn")),
        ("zh", Some("cmn_Hans")),
        ("cmn_Hani", Some("cmn_Hans")),
        ("zhs", Some("cmn_Hans")),
        ("zht", Some("cmn_Hant")),
        ("zh-TW", Some("cmn_Hant")),
        ("zh_hant", Some("cmn_Hant")),
        ("ne", Some("npi_Deva")),
        ("nep", Some("npi_Deva")),
        ("de", None),
        ("unknown", None),
        ("", None),
    ] {
        let found = profiles.get(code).map(Profile::code);
        assert_eq!(found.as_deref(), expected, "{code}");
    }
}

#[test]
fn one_profile_of_chinese_serves_every_script() {
    let profiles = Profiles::new(vec![of("cmn_Hani")]).unwrap();
    for code in ["zh", "zht", "zh-TW", "cmn_Hans", "cmn_Hani"] {
        assert!(profiles.get(code).is_some(), "{code}");
    }
}

#[test]
fn two_profiles_must_not_claim_one_language() {
    let error = Profiles::new(vec![of("fr"), of("fra_Latn")]).unwrap_err().to_string();
    assert!(error.contains("fr.yaml") && error.contains("fra_Latn.yaml"), "{error}");
    let (mut greedy, path) = of("fra_Latn");
    greedy.aliases.push("por".to_owned());
    assert!(Profiles::new(vec![(greedy, path), of("por_Latn")]).is_err());
}

#[test]
fn a_folder_is_read_and_hashed() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Profiles::read(folder.path()), Err(ProfileError::Empty { .. })));
    assert!(matches!(Profiles::read(&folder.path().join("no")), Err(ProfileError::Io { .. })));
    std::fs::write(folder.path().join("README.md"), "not a profile").unwrap();
    std::fs::write(folder.path().join("fra_Latn.yaml"), FULL).unwrap();
    let one = Profiles::read(folder.path()).unwrap();
    assert_eq!(one.get("fr").unwrap().max_newline_ratio, Some(0.3));
    std::fs::write(folder.path().join("fra_Latn.yaml"), FULL.replace("0.3", "0.4")).unwrap();
    let other = Profiles::read(folder.path()).unwrap();
    assert_ne!(one.resources()[0].xxh3, other.resources()[0].xxh3);
    assert_eq!(one.resources()[0].bytes, FULL.len() as u64);
    std::fs::write(folder.path().join("eng_Latn.yml"), "language: eng\n").unwrap();
    let error = Profiles::read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("eng_Latn.yml:"), "{error}");
}

const PUBLISHED: &str = "\
dup_line_frac: 0.25
dup_n_grams:
- - 5
  - 0.15
- - 6
  - 1.5
language_score: 0.8
line_punct_thr: 0.1
max_avg_word_length: 11
max_non_alpha_words_ratio: 0.8
min_avg_word_length: 2
new_line_ratio: 0.2
stopwords:
- de
- \"\\xE0\"
- 'no'
top_n_grams:
- - 2
  - 0.16
- - 3
  - 0.14
";

fn imported(from: &str, to: &str) -> Imported {
    import(&PUBLISHED.replace(from, to), Path::new("dir/fra_Latn.yml")).unwrap()
}

#[test]
fn a_published_file_becomes_a_profile() {
    let Imported { profile, remarks, .. } = imported("", "");
    assert_eq!(remarks, [""; 0]);
    assert_eq!((profile.code().as_str(), profile.aliases.join(" ")), ("fra_Latn", "fr".into()));
    assert_eq!(profile.min_language_score, Some(0.8));
    assert_eq!(profile.max_duplicate_line_ratio, Some(0.25));
    assert_eq!(profile.max_top_ngram_ratios, BTreeMap::from([(2, 0.16), (3, 0.14)]));
    assert_eq!(profile.max_duplicate_ngram_ratios, BTreeMap::from([(5, 0.15)]));
    assert_eq!(profile.min_line_punctuation_ratio, Some(0.1));
    assert_eq!(profile.max_newline_ratio, Some(0.2));
    assert_eq!(profile.min_mean_word_length, Some(2.0));
    assert_eq!(profile.max_mean_word_length, Some(11.0));
    assert_eq!(profile.min_alpha_words_ratio, Some(0.8));
    let words = ["de", "\u{e0}", "no"].map(str::to_owned).to_vec();
    assert_eq!(profile.stop_words, Some(words));
}

#[test]
fn values_that_switch_a_rule_off_become_null() {
    assert_eq!(imported("frac: 0.25", "frac: 0").profile.max_duplicate_line_ratio, None);
    assert_eq!(imported("frac: 0.25", "frac: 1.32").profile.max_duplicate_line_ratio, None);
    assert_eq!(imported("thr: 0.1", "thr: -1").profile.min_line_punctuation_ratio, None);
    assert_eq!(imported("thr: 0.1", "thr: 0").profile.min_line_punctuation_ratio, None);
    assert_eq!(imported("min_avg_word_length: 2", "min_avg_word_length: 0").remarks, [""; 0]);
    for (from, to) in [("frac: 0.25", "frac: 0"), ("thr: 0.1", "thr: -1")] {
        assert_eq!(imported(from, to).remarks, [""; 0], "{to}");
    }
}

#[test]
fn what_makes_no_sense_is_disabled_with_a_remark() {
    let disabled = |from, to: &str, part: &str| {
        let Imported { profile, remarks, .. } = imported(from, to);
        assert!(remarks.len() == 1 && remarks[0].contains(part), "{to}: {remarks:?}");
        profile
    };
    let profile = disabled("max_avg_word_length: 11", "max_avg_word_length: 3141", "3141");
    assert_eq!((profile.min_mean_word_length, profile.max_mean_word_length), (Some(2.0), None));
    let profile = disabled("max_avg_word_length: 11", "max_avg_word_length: 2", "not below");
    assert_eq!((profile.min_mean_word_length, profile.max_mean_word_length), (None, None));
    let profile = disabled("new_line_ratio: 0.2", "new_line_ratio: 7.25", "7.25");
    assert_eq!(profile.max_newline_ratio, None);
    let profile = disabled("alpha_words_ratio: 0.8", "alpha_words_ratio: 1.0", "one number");
    assert_eq!(profile.min_alpha_words_ratio, None);
    let profile = disabled("- de", "- 'd e'", "`d e`");
    assert_eq!(profile.stop_words.unwrap().len(), 2);
    let profile = disabled("- de\n- \"\\xE0\"\n", "", "fewer than two");
    assert_eq!(profile.stop_words, None);
    let profile = disabled("- - 2\n  - 0.16", "- - 2\n  - 0", "any such n-gram");
    assert_eq!(profile.max_top_ngram_ratios, BTreeMap::from([(3, 0.14)]));
}

#[test]
fn a_bad_file_names_line_and_key() {
    let error = |name: &str, from: &str, to: &str| {
        import(&PUBLISHED.replace(from, to), Path::new(name)).unwrap_err().to_string()
    };
    let found = error("fra_Latn.yml", "line_punct_thr: 0.1", "line_punct_thr: high");
    assert!(found.starts_with("fra_Latn.yml:8:"), "{found}");
    let found = error("fra_Latn.yml", "line_punct_thr: 0.1\n", "");
    assert!(found.contains("line_punct_thr"), "{found}");
    let found = error("fra_Latn.yml", "line_punct_thr", "line_punkt_thr");
    assert!(found.contains("line_punkt_thr"), "{found}");
    let found = error("fra_Latn.yml", "language_score: 0.8", "language_score: 8");
    assert!(found.contains("fra_Latn.yml:7: language_score: 8"), "{found}");
    let found = error("fra_Latn.yml", "- - 2\n", "- - 3\n");
    assert!(found.contains("top_n_grams: 3 is there twice"), "{found}");
    let found = error("fra_Latn.yml", "- - 2\n", "- - 12\n");
    assert!(found.contains("top_n_grams: 12"), "{found}");
    for name in ["french.yml", "fr.yml", "fra_latn.yml", "fra_Latn_x.yml"] {
        let found = error(name, "", "");
        assert!(found.contains(name) && found.contains("of the form fra_Latn"), "{found}");
    }
}

#[test]
fn a_folder_is_imported_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(import_fineweb2(folder.path()).is_err());
    for name in ["fra_Latn.yml", "bad_Latn.yml", "srp_Latn.yml", "kaz_Arab.yml", "kaz_Cyrl.yml"] {
        let text = if name.starts_with("bad") { "a: 1" } else { PUBLISHED };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let files = import_fineweb2(folder.path()).unwrap();
    let aliases: Vec<String> = files
        .iter()
        .flatten()
        .map(|file| format!("{}:{}", file.profile.code(), file.profile.aliases.join(",")))
        .collect();
    // Serbian is there in one script only, so its code means that one.
    assert_eq!(aliases, ["fra_Latn:fr", "kaz_Arab:", "kaz_Cyrl:kk", "srp_Latn:sr"]);
    assert!(files[0].as_ref().unwrap_err().to_string().contains("bad_Latn.yml:1:"));
}

#[test]
fn languages_of_a_folder_share_their_codes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["fil_Latn.yml", "tgl_Latn.yml", "fas_Arab.yml", "zho_Hani.yml"] {
        std::fs::write(folder.path().join(name), PUBLISHED).unwrap();
    }
    let files = import_fineweb2(folder.path()).unwrap();
    let files: Vec<(Profile, PathBuf)> =
        files.into_iter().flatten().map(|file| (file.profile, file.path)).collect();
    let profiles = Profiles::new(files).unwrap();
    for (code, expected) in [
        ("tl", Some("fil_Latn")),
        ("fil", Some("fil_Latn")),
        ("tgl", Some("tgl_Latn")),
        ("fa", Some("fas_Arab")),
        ("pes_Arab", Some("fas_Arab")),
        ("zh-TW", Some("zho_Hani")),
        ("cmn_Hani", Some("zho_Hani")),
    ] {
        assert_eq!(profiles.get(code).map(Profile::code).as_deref(), expected, "{code}");
    }
}

mod in_stages {
    use super::*;
    use crate::document::Document;
    use crate::quality::fineweb::{self, FineWeb};
    use crate::quality::gopher::{self, Gopher, GopherRepetition};
    use crate::stage::{Stage, Verdict};

    /// A folder with a French profile, in which some lines are replaced.
    fn folder(changes: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let text = changes.iter().fold(FULL.to_owned(), |text, (from, to)| text.replace(from, to));
        std::fs::write(folder.path().join("fra_Latn.yaml"), text).unwrap();
        folder
    }

    fn verdict(stage: &dyn Stage, text: &str, language: &str) -> Verdict {
        Document::new("x", text.to_owned()).with_language(Some(language)).apply(stage)
    }

    #[test]
    fn the_profile_of_its_language_replaces_the_thresholds() {
        let folder = folder(&[("length: 3", "length: 4"), ("\"no\"", "\"la\"")]);
        let config = gopher::quality::Config {
            min_words: Some(1),
            profiles: Some(folder.path().to_owned()),
            ..Default::default()
        };
        let gopher = Gopher::new(&config).unwrap();
        let (good, short) = ("maisons de la banlieue", "on de la nuit");
        for language in ["fr", "fra_Latn", "fr-CA"] {
            assert_eq!(verdict(&gopher, good, language), Verdict::Keep, "{language}");
            let dropped = Verdict::Drop("gopher.mean_word_length".into());
            assert_eq!(verdict(&gopher, short, language), dropped, "{language}");
        }
        // Without a profile English stop words are asked for.
        assert_eq!(verdict(&gopher, good, "de"), Verdict::Drop("gopher.stop_words".into()));
        assert_eq!(gopher.resources().len(), 1);
    }

    #[test]
    fn what_the_configuration_says_of_a_language_wins() {
        let folder = folder(&[("length: 3", "length: 4"), ("\"no\"", "\"la\"")]);
        let own =
            gopher::quality::Overrides { min_mean_word_length: Some(2.0), ..Default::default() };
        let config = gopher::quality::Config {
            min_words: Some(1),
            profiles: Some(folder.path().to_owned()),
            languages: [("fr".to_owned(), own)].into(),
            ..Default::default()
        };
        let gopher = Gopher::new(&config).unwrap();
        for language in ["fr", "fra_Latn"] {
            assert_eq!(verdict(&gopher, "on de la nuit", language), Verdict::Keep, "{language}");
            let dropped = Verdict::Drop("gopher.stop_words".into());
            assert_eq!(verdict(&gopher, "the and be", language), dropped, "{language}");
        }
    }

    #[test]
    fn null_switches_rules_off() {
        let folder = folder(&[
            ("line_ratio: 0.25", "line_ratio: null"),
            ("{2: 0.2, 3: 0.18, 4: null}", "null"),
            ("punctuation_ratio: 0.12", "punctuation_ratio: null"),
            ("max_newline_ratio: 0.3", "max_newline_ratio: null"),
            ("[\"de\", \"no\"]", "null"),
        ]);
        let profiles = Some(folder.path().to_owned());
        let text = "un mot\nun mot\nun mot\nun mot";
        let config = gopher::repetition::Config {
            profiles: profiles.clone(),
            max_duplicate_line_char_ratio: None,
            max_duplicate_paragraph_char_ratio: None,
            ..Default::default()
        };
        let stage = GopherRepetition::new(&config).unwrap();
        assert_eq!(verdict(&stage, text, "fr"), Verdict::Keep);
        assert!(matches!(verdict(&stage, text, "de"), Verdict::Drop(_)));
        let config = fineweb::Config {
            profiles: profiles.clone(),
            max_duplicate_char_ratio: None,
            max_short_line_ratio: None,
            ..Default::default()
        };
        let stage = FineWeb::new(&config).unwrap();
        assert_eq!(verdict(&stage, text, "fr"), Verdict::Keep);
        assert!(matches!(verdict(&stage, text, "de"), Verdict::Drop(_)));
        let config = gopher::quality::Config { profiles, min_words: Some(1), ..Default::default() };
        assert_eq!(verdict(&Gopher::new(&config).unwrap(), "rien ici", "fr"), Verdict::Keep);
    }

    #[test]
    fn n_grams_are_held_against_the_profile() {
        let folder = folder(&[("{2: 0.2, 3: 0.18, 4: null}", "{3: 0.9}")]);
        let config = gopher::repetition::Config {
            profiles: Some(folder.path().to_owned()),
            ..Default::default()
        };
        let stage = GopherRepetition::new(&config).unwrap();
        // Its most frequent pair is a third of the text.
        let text = "un deux trois quatre";
        assert_eq!(verdict(&stage, text, "fr"), Verdict::Keep);
        let dropped = Verdict::Drop("gopher.top_2_gram_ratio".into());
        assert_eq!(verdict(&stage, text, "de"), dropped);
    }

    #[test]
    fn a_broken_folder_is_an_error_of_the_stage() {
        let folder = folder(&[("0.12", "12")]);
        let profiles = Some(folder.path().to_owned());
        let config = gopher::quality::Config { profiles: profiles.clone(), ..Default::default() };
        let error = Gopher::new(&config).unwrap_err().to_string();
        assert!(error.contains("fra_Latn.yaml:9: min_line_punctuation_ratio"), "{error}");
        let config = fineweb::Config { profiles, ..Default::default() };
        assert!(FineWeb::new(&config).is_err());
    }
}
