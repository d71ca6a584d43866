//! A folder of profiles, found by any code of their language.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::{Profile, ProfileError};
use crate::languages::{Languages, Parts};
use crate::stage::Resource;

/// Profiles by language.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    /// Sorted by language and script.
    profiles: Vec<Profile>,
    /// Every code as it stands in a profile: `fra`, `fra_Latn`, the aliases.
    codes: HashMap<String, usize>,
    resources: Vec<Resource>,
}

impl Profiles {
    /// Reads all profiles of a folder: its files that end in `.yaml` or `.yml`.
    ///
    /// # Errors
    /// If the folder or a file can't be read, a file is no profile, a value makes no sense, two
    /// profiles claim one language, or there is none.
    pub fn read(folder: &Path) -> Result<Self, ProfileError> {
        let mut profiles = Vec::new();
        let files = files(folder)?;
        if files.is_empty() {
            return Err(ProfileError::Empty { path: folder.to_owned() });
        }
        let mut digest = Xxh3Default::new();
        let mut bytes = 0;
        for path in files {
            let text =
                std::fs::read_to_string(&path).map_err(|error| ProfileError::io(&path, &error))?;
            digest.update(text.as_bytes());
            digest.update(&(text.len() as u64).to_le_bytes());
            bytes += text.len() as u64;
            profiles.push((Profile::parse(&text, &path)?, path));
        }
        let mut collection = Self::new(profiles)?;
        collection.resources.push(Resource {
            role: "profiles".to_owned(),
            path: folder.display().to_string(),
            xxh3: format!("{:032x}", digest.digest128()),
            bytes,
        });
        Ok(collection)
    }

    /// A collection of profiles, each with the file that it stands for in errors.
    ///
    /// # Errors
    /// If two profiles claim one language or alias.
    pub fn new(mut profiles: Vec<(Profile, PathBuf)>) -> Result<Self, ProfileError> {
        profiles.sort_by(|(a, _), (b, _)| {
            // Of several scripts, the one with other codes is the usual one and comes first.
            let key = |profile: &Profile| {
                (profile.language.clone(), profile.aliases.is_empty(), profile.script.clone())
            };
            key(a).cmp(&key(b))
        });
        let mut codes: HashMap<String, usize> = HashMap::new();
        for (index, (profile, path)) in profiles.iter().enumerate() {
            let own = *codes.entry(profile.language.clone()).or_insert(index);
            let other = profiles.get(own).filter(|(other, _)| other.language != profile.language);
            let mut claimed = other.map(|(_, first)| (profile.language.clone(), first.clone()));
            for code in profile.aliases.iter().cloned().chain([profile.code()]) {
                if let Some(first) = codes.insert(code.clone(), index)
                    && first != index
                {
                    let first = profiles.get(first).map(|(_, path)| path.clone());
                    claimed = Some((code, first.unwrap_or_default()));
                }
            }
            if let Some((code, first)) = claimed {
                return Err(ProfileError::Twice { code, first, second: path.clone() });
            }
        }
        let profiles = profiles.into_iter().map(|(profile, _)| profile).collect();
        Ok(Self { profiles, codes, resources: Vec::new() })
    }

    /// The profile of a language, by any code that language identification or documents give it:
    /// `fr`, `fra`, `fra_Latn`, `pt-BR`. A code with a script finds a profile in that script only.
    pub fn get(&self, code: &str) -> Option<&Profile> {
        self.profiles.get(self.position(code)?)
    }

    /// The place of the profile that [`get`](Profiles::get) finds among all.
    fn position(&self, code: &str) -> Option<usize> {
        self.codes.get(code).copied().or_else(|| self.search(code))
    }

    fn search(&self, code: &str) -> Option<usize> {
        let Parts { language, script } = Parts::of(code)?;
        let index = *self.codes.get(&language)?;
        let Some(script) = script else { return Some(index) };
        let language = &self.profiles.get(index)?.language;
        // `Hani` says only that a text is Chinese.
        let same = |profile: &Profile| {
            profile.script == script
                || (script == "Hani" && matches!(profile.script.as_str(), "Hans" | "Hant"))
                || (profile.script == "Hani" && matches!(script.as_str(), "Hans" | "Hant"))
        };
        self.profiles.iter().position(|profile| &profile.language == language && same(profile))
    }

    /// All profiles, sorted by language; of one language the usual script first.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.profiles.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty()
    }

    /// The folder that they were read from, with a hash of all files.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }
}

/// What a stage holds documents against, by language: its own parameters, those that a profile makes
/// of them, and what the configuration says of single languages.
#[derive(Debug, Clone)]
pub struct ByLanguage<P> {
    base: P,
    languages: BTreeMap<String, P>,
    profiles: Profiles,
    /// The parameters of each profile.
    profiled: Vec<P>,
}

impl<P> ByLanguage<P> {
    /// Puts parameters together. `build` makes those of a language, for the base `None`, from a
    /// profile and an entry of `languages`, of which the second wins.
    ///
    /// # Errors
    /// Those of `build`, and of the profiles' folder.
    pub fn new<O, E: From<ProfileError>>(
        folder: Option<&Path>,
        languages: &BTreeMap<String, O>,
        build: impl Fn(Option<&str>, Option<&Profile>, Option<&O>) -> Result<P, E>,
    ) -> Result<Self, E> {
        let profiles = folder.map(Profiles::read).transpose()?.unwrap_or_default();
        let mut profiled = Vec::with_capacity(profiles.len());
        for (index, profile) in profiles.iter().enumerate() {
            // `fr` in the configuration is meant for documents in `fra_Latn` too.
            let own = languages.iter().find(|(code, _)| profiles.position(code) == Some(index));
            let name = own.map_or_else(|| profile.code(), |(code, _)| code.clone());
            profiled.push(build(Some(&name), Some(profile), own.map(|(_, own)| own))?);
        }
        let built = languages.iter().map(|(code, own)| {
            Ok((code.clone(), build(Some(code), profiles.get(code), Some(own))?))
        });
        let languages = built.collect::<Result<_, E>>()?;
        Ok(Self { base: build(None, None, None)?, languages, profiles, profiled })
    }

    /// The parameters of a language: its own, else those of its profile, else those of all.
    pub fn get(&self, language: Option<&str>) -> &P {
        let Some(language) = language else { return &self.base };
        if let Some(own) = Languages::shipped().look_up(language, |code| self.languages.get(code)) {
            return own;
        }
        let profiled = self.profiles.position(language).and_then(|at| self.profiled.get(at));
        profiled.unwrap_or(&self.base)
    }

    /// All parameters, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &P> {
        self.languages.values().chain(&self.profiled).chain([&self.base])
    }

    /// The folder of the profiles, with a hash of all files.
    pub fn resources(&self) -> Vec<Resource> {
        self.profiles.resources.clone()
    }
}

/// The YAML files of a folder, sorted.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, ProfileError> {
    let failed = |error| ProfileError::io(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if yaml && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
