//! Which programming language a text is a program in, so that source files are not taken for Latin.
//!
//! The extension of a file's name decides if there is one and it has one meaning; else the text
//! does, by a softmax regression over its tokens (keywords, operators, first and last tokens of
//! lines) whose weights are data, as are the extensions: `filters/programs.yaml`. It is ours and
//! follows no other program. Most prose is let go by a first look that only counts bytes.

#[doc(hidden)]
pub mod features;
#[doc(hidden)]
pub mod gate;
mod table;
#[cfg(test)]
mod tests;
#[doc(hidden)]
pub mod tokens;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use self::table::{Extension, Shares, Table};

/// The name of programs and markup in any language that has no name in the table: shell, HTML,
/// JSON, SQL, assembly.
pub const OTHER: &str = "Other";
/// The name, in the table, of natural language.
const PROSE: &str = "prose";
/// The table that comes with the library.
const SHIPPED: &str = include_str!("../../filters/programs.yaml");

/// By what a language was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The end of the file's name.
    Extension,
    /// The text.
    Content,
}

/// A programming language that was detected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected<'p> {
    /// `C`, `C++`, `C#`, `Go`, `Java`, `JavaScript`, `Lua`, `PHP`, `Python`, `Ruby`, `Rust`, `Scala`,
    /// `TypeScript`, or [`OTHER`].
    pub language: &'p Arc<str>,
    /// From 0 to 1. By extension alone, or by a first line such
    /// as `<?php` or `#!/bin/sh`, it is 1. By content it is the probability that the regression
    /// gives to the language, among all programming languages, markup and prose; where an extension
    /// leaves several languages, among these. As with all such models it is too sure of itself on
    /// texts that are unlike those it was fitted to.
    pub score: f64,
    /// By what the language was told.
    pub by: By,
}

/// Why a table of programming languages could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramsError {
    /// The file could not be read.
    #[error("programming languages: {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is malformed or makes no sense.
    #[error("{origin}: {message}; see filters/programs.yaml for what is expected")]
    Table {
        /// The file.
        origin: String,
        /// What is wrong, and where.
        message: String,
    },
}

/// Detects programs and their languages.
///
/// By the text alone it needs some lines: a handful without a keyword that is the language's own may be
/// taken for a language that looks like it.
///
/// # Examples
///
/// ```
/// use sapwood::langid::program::{By, Programs};
///
/// let programs = Programs::shipped();
/// let text = "use std::fmt;\n\npub struct Bed {\n    plants: Vec<u32>,\n}\n\nimpl Bed {\n    \
///     pub fn water(&mut self, litres: u32) {\n        let n = litres;\n    }\n}\n";
/// let found = programs.detect(text, None).map(|found| (&**found.language, found.by));
/// assert_eq!(found, Some(("Rust", By::Content)));
/// assert!(programs.detect("La forêt dort sous la neige; rien ne bouge.", None).is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Programs {
    table: Table,
}

impl Programs {
    /// The detector with the table that comes with the library, read once a process.
    pub fn shipped() -> &'static Self {
        static PROGRAMS: OnceLock<Programs> = OnceLock::new();
        PROGRAMS.get_or_init(|| {
            // A test reads it; it is part of the library and depends on nothing else.
            #[allow(clippy::expect_used)]
            Self::parse(SHIPPED, "filters/programs.yaml").expect("the shipped table is valid")
        })
    }

    /// A detector with the table in a file, which is written as `filters/programs.yaml` is.
    ///
    /// # Errors
    ///
    /// If the file can't be read, has keys that are not known or lacks some, or makes no sense.
    pub fn from_file(path: &Path) -> Result<Self, ProgramsError> {
        let yaml = std::fs::read_to_string(path)
            .map_err(|source| ProgramsError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&yaml, &path.display().to_string())
    }

    /// A detector with a table; `origin` names it in errors.
    ///
    /// # Errors
    ///
    /// If the table is malformed or makes no sense.
    pub fn parse(yaml: &str, origin: &str) -> Result<Self, ProgramsError> {
        let broken = |message| ProgramsError::Table { origin: origin.to_owned(), message };
        Ok(Self { table: Table::parse(yaml).map_err(broken)? })
    }

    /// Every language that can be answered, in order of their names, and [`OTHER`] as the last.
    pub fn languages(&self) -> &[Arc<str>] {
        &self.table.names
    }

    /// Memory that the detector holds, in bytes, roughly.
    pub fn memory(&self) -> u64 {
        self.table.memory()
    }

    /// The programming language of a text; `None` for natural language, and where nothing can be
    /// told. `name` is the path of the file that the text comes from or an address (`https://…`).
    ///
    /// An address says less than a path: what a server sends for `page.php` is seldom PHP. So there
    /// the text must look like a program too. Of long texts four pieces of 4 KiB are looked at.
    pub fn detect(&self, text: &str, name: Option<&str>) -> Option<Detected<'_>> {
        let (name, address) = name.and_then(file_name).unzip();
        match name.and_then(|name| self.table.extension(name)) {
            None => self.by_content(text),
            Some(Extension::Several(candidates)) => self.among(text, candidates),
            Some(&Extension::One(language)) if address == Some(true) => {
                self.among(text, &[language])
            }
            Some(&Extension::One(language)) => self.certain(language),
            // Pages that servers send are text by the time they are documents.
            Some(Extension::Other) if address == Some(true) => self.by_content(text),
            Some(Extension::Other) => self.certain(self.table.names.len() - 1),
        }
    }

    fn certain(&self, language: usize) -> Option<Detected<'_>> {
        let language = self.table.names.get(language)?;
        Some(Detected { language, score: 1.0, by: By::Extension })
    }

    fn shares(&self, text: &str) -> Option<Shares> {
        let shares = gate::may_be_program(text).then(|| self.table.shares(text))??;
        (shares.prose <= self.table.prose_ceiling).then_some(shares)
    }

    fn by_content(&self, text: &str) -> Option<Detected<'_>> {
        if let Some(language) = self.table.opening(text) {
            let language = self.table.names.get(language)?;
            return Some(Detected { language, score: 1.0, by: By::Content });
        }
        let shares = self.shares(text)?;
        self.best(&shares, 1.0, |_| true)
    }

    /// The best of some languages, unless the text looks like none of them.
    fn among(&self, text: &str, candidates: &[usize]) -> Option<Detected<'_>> {
        let shares = self.shares(text)?;
        let share = |&language: &usize| shares.programs.get(language).copied().unwrap_or(0.0);
        let sum: f64 = candidates.iter().map(share).sum();
        if sum < 0.01 {
            return self.best(&shares, 1.0, |_| true);
        }
        self.best(&shares, sum, |language| candidates.contains(&language))
    }

    fn best(
        &self,
        shares: &Shares,
        sum: f64,
        wanted: impl Fn(usize) -> bool,
    ) -> Option<Detected<'_>> {
        let all = self.table.names.iter().zip(&shares.programs).enumerate();
        let best = all.filter(|&(language, _)| wanted(language)).max_by(
            |(_, (a, share)), (_, (b, other))| {
                // The many languages that have no name share one.
                let fair = |name: &Arc<str>, share: f64| {
                    if **name == *OTHER { share * self.table.other_factor } else { share }
                };
                fair(a, **share).total_cmp(&fair(b, **other))
            },
        )?;
        let (_, (language, share)) = best;
        Some(Detected { language, score: (share / sum).clamp(0.0, 1.0), by: By::Content })
    }
}

/// The last part of a path, and whether it is that of an address.
fn file_name(name: &str) -> Option<(&str, bool)> {
    let (path, address) = match name.split_once("://") {
        Some((_, rest)) => {
            let rest = rest.split(['?', '#']).next()?;
            // What ends a host is no extension.
            (rest.split_once('/')?.1, true)
        }
        None => (name, false),
    };
    Some((path.rsplit(['/', '\\']).next()?, address))
}
