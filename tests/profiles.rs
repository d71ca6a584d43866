//! Language profiles from the outside: importing FineWeb-2's files, fitting a sample, filtering.

mod common;

use common::{Workspace, parse, project};

const PUBLISHED: &str = "\
dup_line_frac: 0.2
dup_n_grams: [[5, 0.1], [6, 0.1], [7, 0.1], [8, 0.1], [9, 0.1], [10, 0.1]]
language_score: 0.7
line_punct_thr: -1
max_avg_word_length: 9
max_non_alpha_words_ratio: 0.7
min_avg_word_length: 2
new_line_ratio: 0.1
stopwords: [de, la]
top_n_grams: [[2, 0.1], [3, 0.1], [4, 0.1]]
";

#[test]
fn published_files_are_imported_and_what_makes_no_sense_is_listed() {
    let workspace = Workspace::new();
    workspace.write("in/fra_Latn.yml", PUBLISHED);
    let odd = PUBLISHED.replace("max_avg_word_length: 9", "max_avg_word_length: 3141");
    workspace.write("in/tel_Telu.yml", odd);
    let call = workspace.call("import-fineweb2 in --output out/profiles").exits(0);
    assert!(call.stdout.contains("wrote 2 profiles"), "{}", call.stdout);
    assert!(call.stdout.contains("tel_Telu: max_avg_word_length: 3141"), "{}", call.stdout);
    assert!(!call.stdout.contains("fra_Latn:"), "{}", call.stdout);
    let french = String::from_utf8(workspace.read("out/profiles/fra_Latn.yaml")).expect("UTF-8");
    for line in [
        "aliases: [\"fr\"]",
        "min_language_score: 0.7",
        "max_top_ngram_ratios: {2: 0.1, 3: 0.1, 4: 0.1}",
        "min_line_punctuation_ratio: null",
        "min_alpha_words_ratio: 0.7",
        "  - \"de\"",
    ] {
        assert!(french.contains(line), "no `{line}` in:\n{french}");
    }
}

#[test]
fn a_bad_file_is_named_and_the_others_go_on() {
    let workspace = Workspace::new();
    workspace.write("in/fra_Latn.yml", PUBLISHED);
    workspace.write("in/por_Latn.yml", PUBLISHED.replace("-1", "much"));
    workspace
        .call("import-fineweb2 in --output out")
        .exits(1)
        .says(&["por_Latn.yml:4", "1 file could not be imported"]);
    assert!(workspace.path("out/fra_Latn.yaml").exists());
    assert!(!workspace.path("out/por_Latn.yaml").exists());
    workspace.write("empty/README.md", "nothing");
    workspace.call("import-fineweb2 empty --output out").exits(2).says(&["holds no profile"]);
    workspace.call("import-fineweb2 nowhere --output out").exits(1).says(&["nowhere"]);
}

/// Twenty-four documents of sentences that are put together from a few words.
fn sample() -> String {
    let subjects = ["the old man", "a small dog", "the girl", "the teacher", "a bird"];
    let verbs = ["went to", "looked at", "waited for", "thought of", "ran from"];
    let places =
        ["the river", "the market in the town", "a house", "the trees", "the end of the road"];
    (0..24)
        .map(|number: usize| {
            let sentences: Vec<String> = (0..6 + number % 5)
                .map(|at| {
                    let pick = number * 7 + at * 3;
                    format!(
                        "{} {} {} and {} {}.",
                        subjects[pick % 5],
                        verbs[(pick / 2 + at) % 5],
                        places[(pick / 3 + number) % 5],
                        verbs[(pick + number) % 5],
                        places[at % 5]
                    )
                })
                .collect();
            let text = sentences.join("\\n");
            format!(
                "{{\"id\":\"{number}\",\"text\":\"{text}\",\"language_score\":0.{}}}\n",
                80 + number % 9
            )
        })
        .collect()
}

#[test]
fn fit_of_a_fixed_sample_gives_fixed_bytes() {
    let workspace = Workspace::new();
    workspace.write("data/sample.jsonl", sample());
    let call = workspace.call("fit --language en --input data/sample.jsonl --output eng.yaml");
    call.exits(0).says(&["derived eng.yaml from 24 documents"]);
    let golden = project().join("tests/golden/fit-eng_Latn.yaml");
    let yaml = String::from_utf8(workspace.read("eng.yaml")).expect("UTF-8");
    // To renew it after a change that is meant: copy what the assertion shows, but for the version.
    let expected = std::fs::read_to_string(&golden).expect("a golden file");
    let expected = expected.replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert!(yaml == expected, "{} should be:\n{yaml}", golden.display());

    // Neither the folder nor the compression matters; standard output is the same file.
    workspace.write("other/sample.jsonl", sample());
    let call = workspace.call("fit --language eng_Latn --input other --words auto").exits(0);
    assert!(call.stdout == yaml, "{}", call.stdout);
}

#[test]
fn a_small_sample_is_a_warning_and_none_an_error() {
    let workspace = Workspace::new();
    let lines: String = sample().lines().take(3).map(|line| format!("{line}\n")).collect();
    workspace.write("small.jsonl", lines);
    let call = workspace.call("fit --language en --input small.jsonl").exits(0);
    assert!(call.stdout.contains("# WARNING: a small sample: 3 documents"), "{}", call.stdout);
    call.says(&["warning: a small sample"]);
    workspace.write("none.jsonl", "{\"id\":\"a\",\"text\":\"two words\"}\n");
    workspace.call("fit --language en --input none.jsonl").exits(1).says(&["nothing to derive"]);
    workspace.call("fit --language en --input no.jsonl").exits(2).says(&["does not exist"]);
    for (arguments, message) in [
        ("--language xx", "`xx`"),
        ("--language mfq", "mfq_Latn"),
        ("--language en --quantile 2", "quantile"),
        ("--language en --fields lines", "`lines`"),
    ] {
        let call = workspace.call(&format!("fit {arguments} --input small.jsonl"));
        call.exits(2).says(&[message]);
    }
}

#[test]
fn a_fitted_profile_keeps_its_sample_in_a_pipeline_and_drops_another_language() {
    let workspace = Workspace::new();
    workspace.write("sample.jsonl", sample().replace("\"id\"", "\"language\":\"en\",\"id\""));
    workspace
        .call("fit --language en --input sample.jsonl --output profiles/eng.yaml")
        .exits(1)
        .says(&["can't write"]);
    workspace.write("profiles/README.md", "");
    workspace.call("fit --language en --input sample.jsonl --output profiles/eng.yaml").exits(0);
    workspace.write(
        "foreign.jsonl",
        format!(
            "{{\"id\":\"f\",\"language\":\"en\",\"text\":\"{}\"}}\n",
            "Quidquid latine dictum sit altum videtur semper."
        ),
    );
    workspace.write(
        "pipeline.yaml",
        "stages:\n  - fineweb: {profiles: profiles, \
         max_short_line_ratio: null, max_duplicate_char_ratio: null}\n  - gopher: {profiles: profiles, \
         min_words: 5}\noutput: {compression: none}\n",
    );
    let call = "run pipeline.yaml --input sample.jsonl --input foreign.jsonl --output out";
    workspace.call(call).exits(0);
    let summary = parse(&workspace.read("out/summary.json"));
    assert_eq!(summary["documents"]["kept"], 24, "{summary}");
    assert_eq!(summary["documents"]["dropped"], 1);
}

#[test]
fn the_shipped_profiles_are_valid() {
    let workspace = Workspace::new();
    let folder = project().join("filters/fineweb2");
    workspace.write(
        "pipeline.yaml",
        format!("stages:\n  - gopher: {{profiles: {}}}\n", folder.display()),
    );
    workspace.call("check pipeline.yaml").exits(0);
    let profiles = sapwood::quality::profile::Profiles::read(&folder).expect("profiles");
    // The languages of ROOTS but Kikuyu, of which there is no text.
    for code in [
        "ak", "ar", "as", "bm", "bn", "ca", "en", "es", "eu", "fon", "fr", "gu", "hi", "id", "ig",
        "kn", "lg", "ln", "ml", "mr", "ne", "nso", "ny", "or", "pa", "pt", "rn", "rw", "sn", "st",
        "sw", "ta", "te", "tn", "ts", "tum", "tw", "ur", "vi", "wo", "xh", "yo", "zh", "zhs",
        "zht", "zu",
    ] {
        let profile = profiles.get(code).unwrap_or_else(|| panic!("no profile for {code}"));
        // In Malayalam too few words are in every text.
        let words = profile.stop_words.as_ref().map(Vec::len);
        assert!(words.map_or(code == "ml", |words| words >= 8), "{code}: {words:?} stop words");
        assert!(profile.max_mean_word_length.is_some(), "{code}");
    }
    assert!(profiles.get("ki").is_none());
}
