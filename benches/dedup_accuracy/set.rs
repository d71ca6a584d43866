//! A set of documents of which it is known what belongs together: read, or made (`make.rs`).

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sapwood::batch::Batch;
use sapwood::document::Field;
use sapwood::shard::{ReadOptions, listing};
use serde_json::json;

use crate::common::Failure;
use crate::groups;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A text of its own.
    Base,
    /// A copy of `of`, byte for byte.
    Exact,
    /// A copy of `of` of which this share of the words is edited.
    Near(f64),
    /// Another document than `of`, with which it shares text, by this recipe.
    Negative(&'static str),
}

/// A document of a set.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: String,
    pub text: String,
    pub language: String,
    pub group: &'static str,
    /// Length in words.
    pub words: usize,
    pub kind: Kind,
    /// The document that it is a copy of, or that it must be told from.
    pub of: Option<usize>,
}

impl Entry {
    pub fn new(id: String, text: String, language: &str) -> Self {
        let group = groups::group(&text, language);
        let words = crate::edits::cut(&text).len();
        Self { id, text, language: language.to_owned(), group, words, kind: Kind::Base, of: None }
    }

    pub fn copy_of(mut self, kind: Kind, of: usize) -> Self {
        (self.kind, self.of) = (kind, Some(of));
        self
    }

    /// The document whose copy this is.
    pub fn original(&self) -> Option<usize> {
        self.of.filter(|_| matches!(self.kind, Kind::Exact | Kind::Near(_)))
    }
}

/// A text as it was read.
pub struct Text {
    pub id: String,
    pub text: String,
    pub language: String,
    /// `meta.kind`, `meta.of` and `meta.edit_rate`.
    kind: Option<String>,
    of: Option<String>,
    rate: f64,
    /// Whether it was damaged on purpose, or is a copy of another.
    pub planted: bool,
}

/// All texts of some files.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Text>, Failure> {
    let mut options = ReadOptions::default();
    options.fields.language = "lang".to_owned();
    let mut texts = Vec::new();
    let mut add = |batch: &Batch| {
        for document in batch.documents() {
            let fields = document.fields();
            let word = |path: &str| fields.field(path).map(|it| it.into_text().into_owned());
            let number = |path: &str| match fields.field(path) {
                Some(Field::Number(number)) => number,
                _ => 0.0,
            };
            let kind = word("meta.kind");
            texts.push(Text {
                id: document.id().to_owned(),
                text: document.text().to_owned(),
                language: document.language().unwrap_or("und").to_owned(),
                of: word("meta.of"),
                rate: number("meta.edit_rate"),
                planted: word("meta.planted").is_some()
                    || kind.as_ref().is_some_and(|kind| kind != "base"),
                kind,
            });
        }
    };
    for (number, shard) in listing::list(paths, None)?.shards.iter().enumerate() {
        let mut reader = shard.open(number as u32, &options)?;
        while let Some(block) = reader.next_block()? {
            block.parse(&options)?.batch.iter().for_each(&mut add);
        }
    }
    Ok(texts)
}

/// The recipes of documents that must be told apart.
pub const RECIPES: [&str; 8] = [
    "boilerplate",
    "short page in long",
    "notices",
    "licence header",
    "version half new",
    "template",
    "template pages",
    "untranslated part",
];

/// The set that some texts are, by the truth that stands beside each in `meta`.
pub fn as_told(texts: Vec<Text>) -> Result<Vec<Entry>, Failure> {
    let numbers: HashMap<String, usize> =
        texts.iter().enumerate().map(|(number, text)| (text.id.clone(), number)).collect();
    let entry = |text: Text| {
        let kind = match text.kind.as_deref() {
            None | Some("base") => Kind::Base,
            Some("exact_dup") => Kind::Exact,
            Some("near_dup") => Kind::Near(text.rate),
            Some(other) => match RECIPES.iter().find(|recipe| **recipe == other) {
                Some(recipe) => Kind::Negative(recipe),
                None => return Err(format!("{}: meta.kind is none that is known", text.id).into()),
            },
        };
        let of = text.of.as_ref().and_then(|of| numbers.get(of)).copied();
        if of.is_none() && matches!(kind, Kind::Exact | Kind::Near(_)) {
            return Err(format!("{}: meta.of names no document of the input", text.id).into());
        }
        let entry = Entry::new(text.id, text.text, &text.language);
        Ok(Entry { kind, of, ..entry })
    };
    texts.into_iter().map(entry).collect()
}

/// Writes a set as JSON lines, with the truth in `meta`, as [`as_told`] reads it.
pub fn write(set: &[Entry], path: &Path) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    for entry in set {
        let mut meta = match entry.kind {
            Kind::Base => json!({ "kind": "base" }),
            Kind::Exact => json!({ "kind": "exact_dup" }),
            Kind::Near(rate) => json!({ "kind": "near_dup", "edit_rate": rate }),
            Kind::Negative(recipe) => json!({ "kind": recipe }),
        };
        if let Some(of) = entry.of {
            meta["of"] = json!(set[of].id);
        }
        let record = json!({
            "id": entry.id, "text": entry.text, "lang": entry.language, "meta": meta,
        });
        writeln!(file, "{record}")?;
    }
    Ok(file.flush()?)
}
