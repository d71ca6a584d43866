//! datatrove's MinHash signatures, bit for bit.
//!
//! `golden/datatrove_minhash.jsonl`: texts written for this test, and what datatrove 0.10.1
//! (`MinhashDedupSignature`, language `eng`, with spaCy 3.8) makes of them with four configurations:
//! how many shingles there are, xxh3-64 of their hashes and of the signature (each number as eight
//! bytes, little-endian), and the signature's first bucket.

use sapwood::dedup::minhash::{Config, MinhashDedup};
use sapwood::document::Document;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

const GOLDEN: &str = include_str!("golden/datatrove_minhash.jsonl");

fn hash_of(numbers: &[u64]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    format!("{:016x}", xxh3_64(&bytes))
}

#[test]
fn signatures_are_those_of_datatrove() {
    let configurations = [
        ("xxhash64", json!({"family": "datatrove"})),
        ("sha1_64", json!({"family": "datatrove", "hash": "sha1"})),
        ("xxhash32", json!({"family": "datatrove", "precision": 32})),
        (
            "n3_20x5_seed7",
            json!({"family": "datatrove", "n": 3, "bands": 20, "rows": 5, "seed": 7}),
        ),
    ];
    let mut compared = 0;
    for line in GOLDEN.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        for (name, configuration) in &configurations {
            let config: Config = serde_json::from_value(configuration.clone()).unwrap();
            let stage = MinhashDedup::new(&config).unwrap();
            let document = Document::new("", text);
            let (mut shingles, mut signature) = (Vec::new(), Vec::new());
            stage.shingles(&document, &mut shingles);
            stage.signature(&document, &mut signature);
            let expected = &case[name];
            assert_eq!(json!(shingles.len()), expected["shingles"], "{name}: {text}");
            assert_eq!(json!(hash_of(&shingles)), expected["shingles_hash"], "{name}: {text}");
            assert_eq!(json!(hash_of(&signature)), expected["signature_hash"], "{name}: {text}");
            let first = expected["first"].as_array().unwrap();
            let found = signature.iter().take(first.len()).map(|number| json!(number));
            assert!(found.eq(first.iter().cloned()), "{name}: {text}");
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * 27);
}
