//! Language identification as the default pipeline has it, on the documents that ship with the
//! project, and through the command line.

mod common;

use common::{Workspace, project};
use sapwood::languages::Languages;
use serde_json::{Value, json};

/// The default pipeline's `langid`, with nothing dropped, over the sample.
fn identified(workspace: &Workspace) -> Vec<Value> {
    let yaml = std::fs::read_to_string(project().join("pipelines/roots.yaml")).unwrap();
    let models = format!("{}/", project().join("models").display());
    let yaml = yaml.replace("models/", &models);
    let pipeline: Value = serde_saphyr::from_str(&yaml).unwrap();
    let stages = pipeline["stages"].as_array().unwrap();
    let mut langid = stages.iter().find_map(|stage| stage.get("langid")).unwrap().clone();
    langid["min_score"] = json!(0.0);
    let samples = project().join("samples");
    let pipeline = json!({
        "name": "languages",
        "input": {
            "paths": [samples.join("*.jsonl.*"), samples.join("*.parquet")],
            "fields": {"language": "lang"},
        },
        "stages": [{"normalize": {}}, {"langid": langid}],
        "output": {"path": "out", "compression": "none", "metrics": ["langid.*"]},
    });
    workspace.write("languages.yaml", pipeline.to_string());
    workspace.call("run languages.yaml").exits(0);
    workspace.records("out/data")
}

/// Whether a document is a planted one of so little language that no answer would be wrong: symbols,
/// digits, a word or two, or two or three words over and over.
fn says_little(record: &Value) -> bool {
    let planted = record["meta"]["planted"].as_str().unwrap_or_default();
    planted.starts_with("repeated-") || matches!(planted, "symbols" | "no-language" | "short")
}

#[test]
fn no_language_of_roots_ends_in_another_family_and_programs_end_as_theirs() {
    let workspace = Workspace::new();
    let records = identified(&workspace);
    assert!(records.len() > 900, "{}", records.len());
    let languages = Languages::shipped();
    let (mut texts, mut right, mut programs) = (0, 0, 0);
    for record in records.iter().filter(|record| !says_little(record)) {
        let (truth, label) =
            (&record["meta"]["true_lang"], record["metrics"]["langid.label"].as_str().unwrap());
        let truth = truth.as_str().unwrap();
        let at = (truth, label, &record["id"]);
        if truth == "code" {
            let program = record["meta"]["language"].as_str();
            // Parquet shards have no field for it: there the file's name tells.
            let named = record["url"].as_str().and_then(|url| url.rsplit('.').next());
            let program = program.or(named.and_then(by_extension)).unwrap();
            assert_eq!(languages.program(program), Some(label), "{at:?}");
            programs += 1;
            continue;
        }
        texts += 1;
        right += usize::from(truth == label);
        if label != "unknown" {
            let family =
                |code| languages.find(code).and_then(|language| language.family.as_deref());
            assert_eq!(family(label), family(truth), "{at:?}");
        }
    }
    assert!(programs >= 38, "{programs}");
    // The rest are Rundi and Kinyarwanda, Akan and Twi, and menus without a sentence.
    assert!(right * 100 >= texts * 98, "{right} of {texts}");
}

fn by_extension(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "c" | "h" => "C",
        "cs" => "C#",
        "cc" | "hh" | "cpp" | "hpp" => "C++",
        "go" => "Go",
        "java" => "Java",
        "js" => "JavaScript",
        "lua" => "Lua",
        "php" => "PHP",
        "py" => "Python",
        "rb" => "Ruby",
        "rs" => "Rust",
        "scala" => "Scala",
        "ts" => "TypeScript",
        _ => return None,
    })
}

#[test]
fn mixed_documents_are_flagged_with_their_spans() {
    let workspace = Workspace::new();
    let english = "The river was higher than anyone in the village could remember.\n";
    let french = "La rivière était plus haute que personne ne se le rappelait au village.\n";
    let text = [english, french, french].concat();
    let mixed = json!({"id": "mixed", "text": text});
    let text = english.repeat(3);
    let plain = json!({"id": "plain", "text": text});
    workspace.write("in.jsonl", format!("{mixed}\n{plain}\n"));
    let model = project().join("models/lid.176.ftz");
    let langid =
        json!({"models": [model], "granularity": "line", "naming": "iso639_3", "top_k": 2});
    let pipeline = json!({
        "name": "mixed",
        "input": {"paths": ["in.jsonl"]},
        "stages": [{"langid": langid}],
        "output": {"path": "out", "compression": "none", "metrics": ["langid.*"]},
    });
    workspace.write("mixed.yaml", pipeline.to_string());
    workspace.call("run mixed.yaml").exits(0);
    let records = workspace.records("out/data");
    let metrics: Vec<&Value> = records.iter().map(|record| &record["metrics"]).collect();
    let [mixed, plain] = metrics.as_slice() else { panic!("{records:?}") };
    let first = english.chars().count();
    let end = first + 2 * french.chars().count();
    assert_eq!(mixed["langid.label"], "fra_Latn");
    assert_eq!(mixed["langid.label_2"], "eng_Latn");
    assert_eq!(mixed["langid.spans"], format!("0-{first}:eng_Latn {first}-{end}:fra_Latn"));
    assert_eq!(
        (&plain["langid.label"], &plain["langid.spans"]),
        (&json!("eng_Latn"), &Value::Null)
    );
    assert_eq!(plain["langid.other_share"], 0.0);
}

#[test]
fn mistakes_in_the_models_are_named() {
    let workspace = Workspace::new();
    workspace.write("in.jsonl", "{\"text\": \"a\"}\n");
    let model = project().join("models/lid.176.ftz");
    for (langid, code, parts) in [
        (json!({"models": [{"path": model, "belov": 1}]}), 2, ["belov", "below"]),
        (
            json!({"models": [{"path": model, "also": ["frr_", "xx"]}]}),
            2,
            ["also names", "its model"],
        ),
        (json!({"models": [model], "top_k": 99}), 2, ["top_k is 99", "from 1 to 10"]),
        (json!({"models": [model], "languages": ["frr", "fraa"]}), 2, ["`fraa`", "does not know"]),
    ] {
        let pipeline = json!({
            "name": "p", "input": {"paths": ["in.jsonl"]}, "output": {"path": "out"},
            "stages": [{"langid": langid}],
        });
        workspace.write("p.yaml", pipeline.to_string());
        workspace.call("check p.yaml").exits(code).says(&parts);
    }
}
