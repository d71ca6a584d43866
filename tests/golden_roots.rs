//! The program equals the facts that the original ROOTS programs were observed to produce: every
//! ratio to the last bit, every redaction to the last byte.

mod common;

use common::{PASS_THROUGH, Workspace, parse};
use serde_json::{Value, json};

fn cases(text: &str) -> Vec<Value> {
    text.lines().map(|line| parse(line.as_bytes())).collect()
}

fn list(words: &Value) -> String {
    let words = words.as_array().into_iter().flatten();
    words.map(|word| format!("{}\n", word.as_str().expect("a word"))).collect()
}

#[test]
fn score_equals_the_measures_of_roots_to_the_last_bit() {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for case in cases(include_str!("golden/roots/ratios.jsonl")) {
        let workspace = Workspace::new();
        let measure = case["measure"].as_str().expect("a measure");
        let language = case["language"].as_str().unwrap_or("en");
        for folder in ["stopwords", "flagged"] {
            workspace.write(&format!("{folder}/{language}.txt"), list(&case["list"]));
        }
        let mut roots = json!({
            "variant": case.get("variant").cloned().unwrap_or("fixed".into()),
            "language": language,
            "stopwords": "stopwords",
            "flagged": "flagged",
        });
        if let Some(length) = case.get("length") {
            roots["character_repetition_length"] = length.clone();
            roots["word_repetition_length"] = length.clone();
        }
        // JSON is YAML.
        let pipeline = json!({"name": "golden", "stages": [{"roots": roots}]});
        workspace.write("pipeline.yaml", pipeline.to_string());
        let record = json!({"id": "case", "text": case["text"]});
        workspace.write("input.jsonl", format!("{record}\n"));
        workspace.call("score pipeline.yaml --input input.jsonl --output scores.jsonl").exits(0);
        let scores = parse(&workspace.read("scores.jsonl"));
        assert_eq!(scores["id"], "case");
        *seen.entry(measure.to_owned()).or_default() += 1;
        if measure == "words" {
            let words = case["expected"].as_array().expect("words").len();
            assert_eq!(scores["roots.number_words"], words, "{case}");
            continue;
        }
        let measured = scores[format!("roots.{measure}")].as_f64().expect("a ratio");
        let expected = case["expected"].as_f64().expect("a ratio");
        assert_eq!(measured.to_bits(), expected.to_bits(), "{measured} {case}");
    }
    let names: Vec<&str> = seen.keys().map(String::as_str).collect();
    let all = [
        "character_repetition_ratio",
        "flagged_words_ratio",
        "special_characters_ratio",
        "stopwords_ratio",
        "word_repetition_ratio",
        "words",
    ];
    assert_eq!(names, all, "a measure has no case");
    assert!(seen.values().all(|count| *count >= 3), "{seen:?}");
}

#[test]
fn run_redacts_as_roots_did() {
    let cases = cases(include_str!("golden/pii.jsonl"));
    for variant in ["roots", "roots-2022"] {
        let of_variant: Vec<&Value> =
            cases.iter().filter(|case| case["variant"] == variant).collect();
        assert!(of_variant.len() >= 10);
        let workspace = Workspace::new();
        let records: String = of_variant
            .iter()
            .enumerate()
            .map(|(number, case)| {
                format!("{}\n", json!({"id": number.to_string(), "text": case["input"]}))
            })
            .collect();
        workspace.write("input.jsonl", records);
        let pipeline = format!("{PASS_THROUGH}stages:\n  - pii: {{variant: {variant}}}\n");
        workspace.write("pipeline.yaml", pipeline.replace("none}", "none, metrics: [pii.*]}"));
        workspace.call("run pipeline.yaml --input input.jsonl --output out").exits(0);
        let written = workspace.records("out/data");
        assert_eq!(written.len(), of_variant.len());
        for (record, case) in written.iter().zip(of_variant) {
            match case.get("redacted_any_of") {
                Some(several) => {
                    let several = several.as_array().expect("texts");
                    assert!(several.contains(&record["text"]), "{record} {case}");
                }
                None => assert_eq!(record["text"], case["redacted"], "{case}"),
            }
            for (tag, metric) in [
                ("EMAIL", "pii.email"),
                ("USER", "pii.user"),
                ("IP_ADDRESS", "pii.ip_address"),
                ("KEY", "pii.key"),
            ] {
                let matches = case["matches"].as_array().expect("matches");
                let count = matches.iter().filter(|found| found[0] == tag).count();
                assert_eq!(record["metrics"][metric], count, "{metric} {record} {case}");
            }
        }
    }
}
