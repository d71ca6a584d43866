//! Within what documents are compared.

use std::hash::Hasher;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use crate::document::Document;

/// Fields within whose values documents are compared: a document is a duplicate only of one with
/// the same values. Nothing: of any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Within {
    /// Of any document, across all sources.
    #[default]
    Everything,
    /// A field: `source`, `language`, or any other of the record, such as `meta.dump`.
    Field(String),
    /// Several fields.
    Fields(Vec<String>),
}

impl Within {
    /// The fields.
    pub fn fields(&self) -> &[String] {
        match self {
            Within::Everything => &[],
            Within::Field(field) => std::slice::from_ref(field),
            Within::Fields(fields) => fields,
        }
    }

    /// A hash of the document's values; 0 if documents are compared with all others. Documents
    /// without a value belong together.
    pub fn hash(&self, document: &Document<'_>) -> u64 {
        let fields = self.fields();
        if fields.is_empty() {
            return 0;
        }
        let mut hasher = Xxh3Default::new();
        for field in fields {
            // The language is what the stages have decided, not what the document came with.
            let language = (field == "language").then(|| document.language()).flatten();
            match language {
                Some(language) => hasher.write(language.as_bytes()),
                None => {
                    if let Some(value) = document.fields().exact(field) {
                        hasher.write(value.as_bytes());
                    }
                }
            }
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }
}
