use super::*;

fn stage(config: Config) -> Code {
    Code::new(&config).expect("a stage")
}

/// A program that every rule lets pass, and a record around it.
const PROGRAM: &str = "def greet(name):\n    # Says hello, however long the name.\n    \
                       message = 'hello, ' + name\n    print(message)\n    return message\n";

fn reasons(config: &Config, text: &str, record: &str) -> Vec<String> {
    let mut document = Document::new("a", text).with_record(Some(record));
    document.apply(&stage(config.clone()));
    document.reasons().iter().map(|reason| reason.to_string()).collect()
}

fn roots_2022() -> Config {
    Config { variant: Variant::Roots2022, ..Config::default() }
}

#[test]
fn the_licence_rule_is_right_and_the_one_of_2022_inverted() {
    let record = |license: &str| format!(r#"{{"license":"{license}"}}"#);
    let dropped = |config: &Config, record: &str| !reasons(config, PROGRAM, record).is_empty();
    for (license, copyleft) in [
        ("mit", false),
        ("gpl-3.0", true),
        ("apache-2.0", false),
        ("lgpl-2.1", true),
        ("agpl-3.0", true),
    ] {
        assert_eq!(dropped(&Config::default(), &record(license)), copyleft, "{license}");
        assert_eq!(dropped(&roots_2022(), &record(license)), !copyleft, "{license}");
    }
    assert!(dropped(&Config::default(), &record("GPL-2.0-or-later")));
    assert!(dropped(&roots_2022(), &record("GPL-2.0-or-later")), "letter by letter");
    assert!(dropped(&roots_2022(), "{}"));
    assert!(!dropped(&Config::default(), "{}"));
    let careful = Config { on_unknown_license: OnUnknownLicense::Drop, ..Config::default() };
    assert_eq!(reasons(&careful, PROGRAM, "{}"), ["code.license"]);
    let chosen = Config {
        allow_licenses: Some(vec!["MIT".to_owned()]),
        deny_licenses: Some(Vec::new()),
        ..Config::default()
    };
    assert!(!dropped(&chosen, &record("mit")) && dropped(&chosen, &record("apache-2.0")));
}

#[test]
fn metadata_in_a_string_is_read_and_never_run() {
    let record =
        r#"{"meta":"{'repo_name': 'a/b', 'path': 'src/it\\'s.py', 'license': 'gpl-2.0'}"}"#;
    let mut document = Document::new("a", PROGRAM).with_record(Some(record));
    let code = stage(Config { set_language: true, ..Config::default() });
    assert_eq!(document.apply(&code), Verdict::Drop("code.license".into()));
    assert_eq!(document.metric(LICENSE), Some(&"gpl-2.0".into()));
    assert_eq!(document.metric(LANGUAGE), Some(&"Python".into()));
    assert_eq!(document.language(), Some("code"));
    assert!(code.sets_language());
    let record = r#"{"meta":"{'license': __import__('os').getcwd()}"}"#;
    assert_eq!(reasons(&Config::default(), PROGRAM, record), [""; 0]);
}

#[test]
fn what_is_no_code_is_dropped_for_its_extension_first() {
    let config = Config { require_known_extension: true, ..Config::default() };
    assert_eq!(reasons(&config, "x", r#"{"path":"a.txt"}"#)[0], "code.extension");
    assert_eq!(reasons(&config, "x", "{}")[0], "code.extension");
    assert_eq!(reasons(&config, PROGRAM, r#"{"path":"a.c"}"#), [""; 0]);
    let elsewhere = Config { path_field: vec!["file".to_owned()], ..config };
    assert_eq!(reasons(&elsewhere, PROGRAM, r#"{"path":"a.c"}"#), ["code.extension"]);
    assert_eq!(reasons(&elsewhere, PROGRAM, r#"{"file":"a.c"}"#), [""; 0]);
}

#[test]
fn bounds_are_as_strict_as_in_roots() {
    let fails = |text: &str, rule: &str| {
        reasons(&Config::default(), text, "{}").iter().any(|reason| reason == rule)
    };
    assert!(fails(&"x".repeat(100), "code.characters"));
    assert!(!fails(&"x".repeat(101), "code.characters"));
    assert!(!fails(&"x ".repeat(99_999), "code.characters"));
    assert!(fails(&"x ".repeat(100_000), "code.characters"));
    assert!(fails(&"x".repeat(20), "code.longest_line"));
    assert!(!fails(&"x".repeat(21), "code.longest_line"));
    assert!(!fails(&"x".repeat(999), "code.longest_line"));
    assert!(fails(&"x".repeat(1000), "code.longest_line"));
    assert!(!fails(&"x".repeat(1000), "code.longest_split_line"));
    assert!(fails(&"x".repeat(1001), "code.longest_split_line"));
    // `\r` ends a line for one of the two only.
    let carriage = format!("{}\r{}", "x".repeat(600), "x".repeat(600));
    assert!(fails(&carriage, "code.longest_line") && !fails(&carriage, "code.longest_split_line"));
    // Lengths 1 and 7 deviate by exactly 3.
    assert!(fails("a abcdefg", "code.token_length_deviation"));
    assert!(!fails("a abcdefgh", "code.token_length_deviation"));
    // One in four is on the bound; quotients that binary fractions have exactly.
    for config in [
        Config { special_characters_ratio_above: Some(0.25), ..Config::default() },
        Config { special_characters_ratio_below: Some(0.25), ..Config::default() },
    ] {
        let rule = "code.special_characters_ratio".to_owned();
        assert!(reasons(&config, "abc.", "{}").contains(&rule));
        let side = config.special_characters_ratio_above == Some(0.25);
        assert_eq!(!reasons(&config, "ab..", "{}").contains(&rule), side);
    }
    assert!(fails("", "code.special_characters_ratio"));
}

#[test]
fn generated_files_are_dropped_unless_as_in_2022() {
    let generated = format!("\n\n\n\n# This file was Automatically Generated.\n{PROGRAM}");
    let late = format!("\n\n\n\n\n# autogenerated\n{PROGRAM}");
    assert_eq!(reasons(&Config::default(), &generated, "{}"), ["code.autogenerated"]);
    assert_eq!(reasons(&Config::default(), &late, "{}"), [""; 0]);
    let record = r#"{"license":"gpl-3.0"}"#;
    assert_eq!(reasons(&roots_2022(), &generated, record), [""; 0]);
    let config = Config { autogenerated: Autogenerated::Keep, ..Config::default() };
    assert_eq!(reasons(&config, &generated, "{}"), [""; 0]);
    let config = Config { autogenerated: Autogenerated::Drop, ..roots_2022() };
    assert_eq!(reasons(&config, &generated, record), ["code.autogenerated"]);
}

#[test]
fn rules_that_were_never_applied_depend_on_the_variant() {
    let signs = "-- ++ ** // ======================== aaaaaaaaa bbbbbbbb cccccc\n".repeat(3);
    let record = r#"{"license":"gpl-3.0"}"#;
    assert!(!reasons(&roots_2022(), &signs, record).contains(&"code.alpha_ratio".to_owned()));
    let strict = Config { min_alpha_ratio: Threshold::At(0.9), ..roots_2022() };
    assert!(reasons(&strict, &signs, record).contains(&"code.alpha_ratio".to_owned()));
    let long =
        format!("{PROGRAM}{}\n", "internationalization of a word, ".repeat(20)).replace('\n', "; ");
    assert_eq!(reasons(&Config::default(), &long, "{}"), ["code.mean_line_length"]);
    let off = Config { max_mean_line_length: Threshold::Off(()), ..Config::default() };
    assert_eq!(reasons(&off, &long, "{}"), [""; 0]);
}

#[test]
fn a_threshold_is_a_number_null_or_the_word_variant() {
    let yaml = "min_alpha_ratio: null\nmax_mean_line_length: 80\nvariant: \"2022\"\n";
    let config: Config = serde_saphyr::from_str(yaml).expect("a configuration");
    assert_eq!(config.min_alpha_ratio, Threshold::Off(()));
    assert_eq!(config.max_mean_line_length, Threshold::At(80.0));
    for config in [config, Config::default()] {
        let printed = serde_saphyr::to_string(&config).expect("YAML");
        assert_eq!(
            serde_saphyr::from_str::<Config>(&printed).expect("printed"),
            config,
            "{printed}"
        );
        let json = serde_json::to_value(&config).expect("JSON");
        assert_eq!(serde_json::from_value::<Config>(json).expect("printed"), config);
    }
    let printed = serde_saphyr::to_string(&Config::default()).expect("YAML");
    assert!(printed.contains("min_alpha_ratio: variant\n"), "{printed}");
    assert!(serde_saphyr::from_str::<Config>("min_alpha_ratio: none").is_err());
}

#[test]
fn impossible_values_are_refused_by_name() {
    let refused = |config: Config, key: &str| {
        let error = Code::new(&config).err().expect("an error").to_string();
        assert!(error.contains(key), "{error}");
    };
    let default = Config::default;
    refused(Config { special_characters_ratio_below: Some(1.5), ..default() }, "ratio_below (1.5)");
    refused(Config { special_characters_ratio_above: Some(0.7), ..default() }, "ratio_above (0.7)");
    refused(Config { token_length_deviation_above: Some(-1.0), ..default() }, "deviation_above");
    refused(Config { min_characters: Some(200_000), ..default() }, "min_characters");
    refused(Config { min_longest_line: Some(1000), ..default() }, "min_longest_line");
    refused(Config { min_alpha_ratio: Threshold::At(f64::NAN), ..default() }, "min_alpha_ratio");
    refused(Config { parameters: Some("no/such.yaml".into()), ..default() }, "no/such.yaml");
    refused(
        Config { allow_licenses: Some(vec!["mit".to_owned()]), ..roots_2022() },
        "the variant 2022 has no such list",
    );
    refused(
        Config { allow_licenses: Some(vec!["gpl-2.0".to_owned()]), ..default() },
        "gpl-2.0 is both",
    );
}
