//! Stop words for `remove_references`.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use super::CatalogueError;
use crate::languages::Languages;
use crate::stage::Resource;

/// The share of stop words that a line must be above in ROOTS, by language.
pub(super) const RATIOS: &[(&str, f64)] = &[
    ("ar", 0.07),
    ("bn", 0.002),
    ("ca", 0.25),
    ("en", 0.3),
    ("es", 0.4),
    ("eu", 0.05),
    ("fr", 0.27),
    ("hi", 0.01),
    ("id", 0.15),
    ("pt", 0.2),
    ("ur", 0.01),
    ("vi", 0.08),
    ("zh", 0.1691),
];

/// The ratio of a language, if ROOTS had one.
pub(super) fn ratio(language: &str) -> Option<f64> {
    RATIOS.iter().find(|(known, _)| *known == language).map(|(_, ratio)| *ratio)
}

macro_rules! shipped {
    ($($language:literal)*) => {
        &[$((
            $language,
            include_str!(concat!("../../../filters/stopwords/", $language, ".txt")),
        )),*]
    };
}

/// The lists of the languages that have a ratio.
const SHIPPED: &[(&str, &str)] =
    shipped!("ar" "bn" "ca" "en" "es" "eu" "fr" "hi" "id" "pt" "ur" "vi" "zh");

/// Lists of stop words by language.
#[derive(Debug, Default)]
pub(super) struct Stopwords {
    languages: BTreeMap<String, HashSet<Box<str>>>,
}

impl Stopwords {
    /// The lists that come with the library.
    pub(super) fn shipped() -> Self {
        let mut stopwords = Self::default();
        SHIPPED.iter().for_each(|(language, list)| stopwords.add(language, list));
        stopwords
    }

    /// Every `LANG.txt` of a directory; names that don't begin with two lower-case letters are none.
    pub(super) fn read(
        directory: &Path,
        resources: &mut Vec<Resource>,
    ) -> Result<Self, CatalogueError> {
        let unreadable =
            |path: &Path, source| CatalogueError::Unreadable { path: path.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(|source| unreadable(directory, source))? {
            let path = entry.map_err(|source| unreadable(directory, source))?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let primary = stem.split(['-', '_']).next().unwrap_or_default();
            if path.extension().is_some_and(|extension| extension == "txt")
                && primary.len() >= 2
                && primary.bytes().all(|byte| byte.is_ascii_lowercase())
            {
                files.push((stem.to_owned(), path));
            }
        }
        files.sort();
        let mut stopwords = Self::default();
        for (language, path) in files {
            let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
            resources.push(Resource::of("stopwords", &path, &bytes));
            let list = String::from_utf8(bytes)
                .map_err(|_| CatalogueError::NotUtf8 { path: path.clone() })?;
            stopwords.add(&language, &list);
        }
        Ok(stopwords)
    }

    fn add(&mut self, language: &str, list: &str) {
        let list = list.strip_prefix('\u{FEFF}').unwrap_or(list);
        let words = self.languages.entry(language.to_owned()).or_default();
        words.extend(list.lines().filter(|word| !word.is_empty()).map(Box::from));
    }

    /// The list of a language.
    pub(super) fn get(&self, language: &str) -> Option<&HashSet<Box<str>>> {
        Languages::shipped().look_up(language, |code| self.languages.get(code))
    }

    /// The languages that have a list.
    pub(super) fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// What the lists take, in bytes, roughly.
    pub(super) fn memory(&self) -> u64 {
        self.languages.values().flatten().map(|word| word.len() as u64 + 48).sum()
    }
}
