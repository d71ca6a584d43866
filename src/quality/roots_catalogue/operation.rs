//! An operation as a pipeline file names it.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an operation can be given beside its name. Each takes those that its description in the
/// documentation names, and refuses the others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// The language whose stop words `remove_references` looks up; without it, the document's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The share of stop words, 0 to 1, that a line must be above to be text and no reference, for
    /// `remove_references`; without it, what ROOTS had for the language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What `strip_substrings` deletes, tried in this order at every place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substrings: Option<Vec<String>>,
    /// The fewest bytes of UTF-8, for `filter_small_docs_bytes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_bytes: Option<u64>,
    /// The fewest pieces between single spaces, for `filter_small_docs`; 15 without it, as in ROOTS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_words: Option<u64>,
}

/// One operation: its name, written as a plain string, or a map of the name to its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The name as ROOTS had it, such as `remove_references_fr`.
    pub name: String,
    /// What it is given beside.
    pub parameters: Parameters,
}

impl Operation {
    /// An operation without parameters.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), parameters: Parameters::default() }
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.parameters == Parameters::default() {
            return serializer.serialize_str(&self.name);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.name, &self.parameters)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = Operation;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of an operation, or `name: {parameters}`")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Operation, E> {
                Ok(Operation::named(name))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Operation, M::Error> {
                let (name, parameters) = map
                    .next_entry::<String, Option<Parameters>>()?
                    .ok_or_else(|| de::Error::custom("an operation has no name"))?;
                if let Some(other) = map.next_key::<String>()? {
                    let message = format!("`{name}` and `{other}` must be two entries of the list");
                    return Err(de::Error::custom(message));
                }
                Ok(Operation { name, parameters: parameters.unwrap_or_default() })
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

impl JsonSchema for Operation {
    fn schema_name() -> Cow<'static, str> {
        "CatalogueOperation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let plain: Vec<&str> = NAMES.iter().filter(|name| !name.contains('{')).copied().collect();
        let pattern = format!(
            "^({}|remove_references_[a-z]+|split_sentences_[a-z]+|filter_small_docs_bytes_[0-9]+)$",
            plain.join("|")
        );
        let parameters = generator.subschema_for::<Parameters>();
        json_schema!({
            "description": "An operation of ROOTS: its name, or a map of the name to its parameters.",
            "anyOf": [
                {"type": "string", "pattern": pattern},
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "propertyNames": {"pattern": pattern},
                    "additionalProperties": {"anyOf": [parameters, {"type": "null"}]},
                },
            ],
        })
    }
}

/// The names that there are; `{…}` stands for what ROOTS put into the name.
pub const NAMES: &[&str] = &[
    "replace_newline_with_space",
    "remove_lines_with_code",
    "remove_html_spans",
    "remove_html_spans_sanad",
    "remove_wiki_mojibake",
    "strip_substrings",
    "strip_substrings_en_wiktionary",
    "remove_references",
    "remove_references_{language}",
    "split_sentences",
    "split_sentences_{language}",
    "remove_duplicate_lines",
    "filter_remove_empty_docs",
    "filter_wiki_user_titles",
    "filter_wiki_non_text_type",
    "filter_small_docs",
    "filter_small_docs_bytes",
    "filter_small_docs_bytes_{bytes}",
    "filter_small_docs_by_language",
];

/// Operations of ROOTS that need more than one document, and what to do instead.
pub(super) const BARRIERS: &[(&str, &str)] = &[
    (
        "dedup_document",
        "put the stage `exact_dedup: {normalize: roots}` after the operations before it, and the \
         operations after it in a second `roots_catalogue`",
    ),
    (
        "dedup_document_on_url_…_cointelegraph_com",
        "put the stage `exact_dedup: {by: url, url_rule: cointelegraph}` in its place",
    ),
    (
        "dedup_document_on_url_…_qut_edu_au",
        "put the stage `exact_dedup: {by: url, url_rule: qut_edu_au}` in its place",
    ),
    (
        "dedup_document_on_url",
        "put the stage `exact_dedup: {by: url, url_rule: host_and_path}` in its place",
    ),
    ("dedup_template_soft", "put the stage `line_dedup: {mode: templates}` in its place"),
    ("dedup_pseudocrawl_newspapers", "put the stage `line_dedup: {mode: newspapers}` in its place"),
    ("concatenate_lm_fr_ester", "joining documents to one is not there"),
];

/// The languages that ROOTS had `split_sentences_…` for.
pub(super) const SENTENCE_LANGUAGES: &[&str] = &[
    "ar", "bn", "ca", "en", "es", "eu", "fr", "gu", "hi", "id", "kn", "ml", "mr", "pa", "pt", "ta",
    "te", "vi", "zhs", "zht",
];
