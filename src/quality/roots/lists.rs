//! Lists of stop words and flagged words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::RootsError;
use crate::languages::Languages;
use crate::stage::Resource;
use crate::text::hash::hash_word;

/// The word is in the list of stop words.
pub(super) const STOPWORD: u8 = 1;
/// The word is in the list of flagged words.
pub(super) const FLAGGED: u8 = 2;

/// The words of one language, by hash, with the lists that each is in.
///
/// Two words with the same 64-bit hash are taken for the same word.
#[derive(Debug, Default)]
pub(super) struct WordLists {
    /// Which lists the language has, [`STOPWORD`] and [`FLAGGED`].
    lists: u8,
    /// Open addressing by the upper bits of the hash; 0 is a free slot. At most a quarter is
    /// full, so that most words are done with at the first slot.
    keys: Vec<u64>,
    values: Vec<u8>,
    shift: u32,
}

impl WordLists {
    fn new(words: &BTreeMap<u64, u8>, lists: u8) -> Self {
        let slots = (words.len() * 4).next_power_of_two().max(2);
        let shift = u64::BITS - slots.trailing_zeros();
        let mut made = Self { lists, keys: vec![0; slots], values: vec![0; slots], shift };
        for (&key, &value) in words {
            let mut slot = (key >> shift) as usize;
            while made.keys[slot] != 0 {
                slot = (slot + 1) % slots;
            }
            made.keys[slot] = key;
            made.values[slot] = value;
        }
        made
    }

    /// Whether the language has a list.
    pub(super) fn has(&self, list: u8) -> bool {
        self.lists & list != 0
    }

    /// The lists that the word with this hash is in.
    #[inline]
    pub(super) fn get(&self, key: u64) -> u8 {
        let mut slot = key.checked_shr(self.shift).unwrap_or(0) as usize;
        while let Some(&found) = self.keys.get(slot) {
            // The key or a free slot, whose value is 0: which of them cannot be predicted.
            if found.min(found ^ key) == 0 {
                return self.values.get(slot).copied().unwrap_or(0);
            }
            slot = if slot + 1 == self.keys.len() { 0 } else { slot + 1 };
        }
        0
    }

    fn memory(&self) -> u64 {
        (self.keys.len() * 9) as u64
    }
}

/// All lists, by language.
#[derive(Debug, Default)]
pub(super) struct Lists {
    languages: BTreeMap<String, WordLists>,
    empty: WordLists,
}

impl Lists {
    /// The lists of a language, maybe none.
    pub(super) fn get(&self, language: Option<&str>) -> &WordLists {
        let find = |code: &str| self.languages.get(code);
        language
            .and_then(|language| Languages::shipped().look_up(language, find))
            .unwrap_or(&self.empty)
    }

    pub(super) fn memory(&self) -> u64 {
        self.languages.values().map(WordLists::memory).sum()
    }
}

/// Gathers lists of both kinds before they are laid out for look-up.
#[derive(Debug, Default)]
pub(super) struct ListsBuilder {
    languages: BTreeMap<String, (u8, BTreeMap<u64, u8>)>,
}

impl ListsBuilder {
    /// Adds a list: one word or phrase a line, taken as it stands, since ROOTS looks words up as
    /// they stand; empty lines are skipped.
    pub(super) fn add(&mut self, list: u8, language: &str, text: &str) {
        let (lists, words) = self.languages.entry(language.to_owned()).or_default();
        *lists |= list;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for word in text.lines().filter(|word| !word.is_empty()) {
            *words.entry(hash_word(word.as_bytes())).or_default() |= list;
        }
    }

    /// Adds every `LANG.txt` of a directory, and says which files that were. `LANG` begins with
    /// lower-case letters, so that licences and notes beside the lists (`LICENSE.txt`) are no lists.
    pub(super) fn add_directory(
        &mut self,
        list: u8,
        role: &'static str,
        directory: &Path,
        resources: &mut Vec<Resource>,
    ) -> Result<(), RootsError> {
        if !directory.is_dir() {
            return Err(RootsError::MissingDirectory { role, path: directory.to_owned() });
        }
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| RootsError::Unreadable { path, source }
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
            let path = entry.map_err(unreadable(directory))?.path();
            if let Some(language) = language_of(&path) {
                files.push((language.to_owned(), path));
            }
        }
        files.sort();
        for (language, path) in files {
            let text = read(&path, role, resources)?;
            self.add(list, &language, &text);
        }
        Ok(())
    }

    pub(super) fn build(self) -> Lists {
        let languages = self
            .languages
            .into_iter()
            .map(|(language, (lists, words))| (language, WordLists::new(&words, lists)))
            .collect();
        Lists { languages, empty: WordLists::default() }
    }
}

/// The language that a list is for by its name; `None` if it is no list.
fn language_of(path: &Path) -> Option<&str> {
    if path.extension()? != "txt" {
        return None;
    }
    let language = path.file_stem()?.to_str()?;
    let primary = language.split(['-', '_']).next()?;
    (primary.len() >= 2 && primary.bytes().all(|byte| byte.is_ascii_lowercase()))
        .then_some(language)
}

/// Reads a data file and records it.
pub(super) fn read(
    path: &Path,
    role: &str,
    resources: &mut Vec<Resource>,
) -> Result<String, RootsError> {
    let bytes = fs::read(path)
        .map_err(|source| RootsError::Unreadable { path: path.to_owned(), source })?;
    resources.push(Resource::of(role, path, &bytes));
    String::from_utf8(bytes).map_err(|_| RootsError::NotUtf8 { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_the_lists_that_have_them() {
        let mut builder = ListsBuilder::default();
        let many: String = (0..1000).map(|number| format!("word{number}\n")).collect();
        builder.add(STOPWORD, "en", &format!("\u{FEFF}the\r\n\nof course\nboth\n{many}"));
        builder.add(FLAGGED, "en", "damn\nboth");
        builder.add(FLAGGED, "xx", "");
        let lists = builder.build();
        let english = lists.get(Some("en"));
        let look_up = |word: &str| english.get(hash_word(word.as_bytes()));
        assert_eq!(look_up("the"), STOPWORD);
        assert_eq!(look_up("of course"), STOPWORD);
        assert_eq!(look_up("damn"), FLAGGED);
        assert_eq!(look_up("both"), STOPWORD | FLAGGED);
        assert_eq!(look_up("The"), 0);
        assert!((0..1000).all(|number| look_up(&format!("word{number}")) == STOPWORD));
        assert!((1000..3000).all(|number| look_up(&format!("word{number}")) == 0));
        let other = lists.get(Some("xx"));
        assert!(other.has(FLAGGED) && !other.has(STOPWORD));
        assert_eq!(other.get(hash_word(b"the")), 0);
        assert!(!lists.get(None).has(FLAGGED));
        assert_eq!(lists.get(None).get(hash_word(b"the")), 0);
    }

    #[test]
    fn only_language_codes_name_lists() {
        for name in ["en.txt", "zh-Hant.txt", "eng_Latn.txt", "nso.txt"] {
            assert!(language_of(Path::new(name)).is_some(), "{name}");
        }
        for name in ["LICENSE-justext.txt", "README.md", "en.md", ".txt", "x.txt", "en"] {
            assert!(language_of(Path::new(name)).is_none(), "{name}");
        }
    }
}
