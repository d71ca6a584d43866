//! Languages: what they are called in models, corpora and standards, and what they are written in.
//!
//! The facts are data, in `filters/languages.yaml`, where their sources stand. Everything that is
//! looked up by language finds it by any of a language's codes.

mod codes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::codes::{Code, CodeError, Parts, title_case};

const SHIPPED: &str = include_str!("../../filters/languages.yaml");

/// A language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// ISO 639-1 where there is one, else ISO 639-3; of Chinese, `zh` in any script.
    pub short: String,
    /// In English.
    pub name: String,
    /// ISO 639-3; of a macrolanguage the member that language identification models name.
    pub iso639_3: String,
    /// ISO 15924, the usual one first; at least one.
    pub scripts: Vec<String>,
    /// The family, roughly, as ROOTS grouped languages.
    pub family: Option<String>,
    /// What the language is called in ROOTS' data sets, such as `indic-hi`.
    pub roots: Option<String>,
    /// Other codes for the same.
    pub also: Vec<String>,
}

impl Language {
    /// The script in which it is mostly written.
    pub fn script(&self) -> &str {
        self.scripts.first().map_or("", |script| script)
    }

    /// Other codes than ISO 639-3, the short one first.
    pub fn aliases(&self) -> Vec<String> {
        let short = (self.short != self.iso639_3).then(|| self.short.clone());
        short.into_iter().chain(self.also.iter().cloned()).collect()
    }
}

/// How languages are called in what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// As the model calls them.
    #[default]
    Model,
    /// ISO 639-1 where there is one, else ISO 639-3: `fr`, `nso`, `zh`. Programs: `python`.
    Short,
    /// BCP 47, with the script where it is not the usual one or there is none: `fr`, `zh-Hans`,
    /// `zh-Hant`, `sr-Latn`. Programs: `zxx-x-python`.
    Bcp47,
    /// ISO 639-3 and script, as in FineWeb-2 and GlotLID: `fra_Latn`, `cmn_Hans`. Programs:
    /// `zxx_python`.
    #[serde(rename = "iso639_3")]
    Iso6393,
    /// As in ROOTS' data sets: `fr`, `indic-hi`, `nigercongo-sw`, `zhs`, `zht`; others by their
    /// short code. Programs: `code`.
    Roots,
}

/// What is known of languages; see `filters/languages.yaml`.
#[derive(Debug)]
pub struct Languages {
    rows: Vec<Language>,
    by_short: HashMap<String, usize>,
    by_iso639_3: HashMap<String, usize>,
    by_roots: HashMap<String, usize>,
    /// Short name and name of each programming language.
    programs: Vec<(String, String)>,
    groups: Vec<Vec<String>>,
    /// 1 for characters that are simplified ones only, -1 for traditional ones only.
    forms: HashMap<char, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    languages: BTreeMap<String, Row>,
    programs: BTreeMap<String, Program>,
    groups: Vec<Vec<String>>,
    chinese: Chinese,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    iso639_3: String,
    scripts: Vec<String>,
    family: Option<String>,
    roots: Option<String>,
    #[serde(default)]
    also: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chinese {
    simplified: String,
    traditional: String,
}

/// A form in which Chinese is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Han {
    /// `Hans`
    Simplified,
    /// `Hant`
    Traditional,
}

impl Languages {
    /// What is known without being told: `filters/languages.yaml` as it was when the program was
    /// built.
    pub fn shipped() -> &'static Self {
        static SHIPPED_LANGUAGES: OnceLock<Languages> = OnceLock::new();
        // A test reads the file; it can't be broken in a program that was built.
        SHIPPED_LANGUAGES.get_or_init(|| Self::read(SHIPPED).unwrap_or_else(|_| Self::none()))
    }

    fn none() -> Self {
        Self::of(File {
            languages: BTreeMap::new(),
            programs: BTreeMap::new(),
            groups: Vec::new(),
            chinese: Chinese { simplified: String::new(), traditional: String::new() },
        })
    }

    fn read(yaml: &str) -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str(yaml).map(Self::of)
    }

    fn of(file: File) -> Self {
        let rows: Vec<Language> = file
            .languages
            .into_iter()
            .map(|(short, row)| Language {
                short,
                name: row.name,
                iso639_3: row.iso639_3,
                scripts: row.scripts,
                family: row.family,
                roots: row.roots,
                also: row.also,
            })
            .collect();
        let mut by_short = HashMap::new();
        let mut by_iso639_3 = HashMap::new();
        let mut by_roots = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            for code in &row.also {
                by_short.entry(code.clone()).or_insert(index);
            }
            by_iso639_3.insert(row.iso639_3.clone(), index);
            by_roots.extend(row.roots.clone().map(|roots| (roots, index)));
        }
        by_short.extend(rows.iter().enumerate().map(|(index, row)| (row.short.clone(), index)));
        let programs = file.programs.into_iter().map(|(short, row)| (short, row.name)).collect();
        let simplified = file.chinese.simplified.chars().map(|character| (character, 1));
        let traditional = file.chinese.traditional.chars().map(|character| (character, -1));
        let forms = simplified.chain(traditional).collect();
        let groups = file.groups;
        Self { rows, by_short, by_iso639_3, by_roots, programs, groups, forms }
    }

    /// All natural languages.
    pub fn all(&self) -> &[Language] {
        &self.rows
    }

    /// The language with this code of ISO 639-3.
    pub fn by_iso639_3(&self, code: &str) -> Option<&Language> {
        self.rows.get(*self.by_iso639_3.get(code)?)
    }

    /// The language with this short code, or with another code of two or three letters that is not
    /// of ISO 639-3.
    pub fn by_short(&self, code: &str) -> Option<&Language> {
        self.rows.get(*self.by_short.get(code)?)
    }

    /// The language that a code means, in whatever form: `hi`, `hin`, `hin_Deva`, `hi-IN`,
    /// `__label__hi`, `indic-hi`. Codes without a script are first taken for short ones: `als` is
    /// Alemannic, as in fastText's models, and `als_Latn` is Albanian.
    pub fn find(&self, code: &str) -> Option<&Language> {
        let code = code.strip_prefix("__label__").unwrap_or(code);
        if let Some(&index) = self.by_short.get(code).or_else(|| self.by_roots.get(code)) {
            return self.rows.get(index);
        }
        let Parts { language, script } = Parts::of(code)?;
        let own = |by: &HashMap<String, usize>| by.get(&language).copied();
        let index = match script {
            Some(_) => own(&self.by_iso639_3).or_else(|| own(&self.by_short)),
            None => own(&self.by_short).or_else(|| own(&self.by_iso639_3)),
        };
        self.rows.get(index?)
    }

    /// The short code of a language by any of its codes, where another one is known.
    ///
    /// # Examples
    ///
    /// ```
    /// use sapwood::languages::Languages;
    ///
    /// let languages = Languages::shipped();
    /// assert_eq!(languages.short("nigercongo-sw"), Some("sw"));
    /// assert_eq!(languages.short("cmn_Hant"), Some("zh"));
    /// assert_eq!(languages.short("klingon"), None);
    /// ```
    pub fn short(&self, code: &str) -> Option<&str> {
        self.find(code).map(|language| language.short.as_str())
    }

    /// What `look_up` finds for a code, or else for the short code of the same language: for tables
    /// whose keys somebody chose.
    pub fn look_up<T>(&self, code: &str, look_up: impl Fn(&str) -> Option<T>) -> Option<T> {
        look_up(code).or_else(|| look_up(self.short(code).filter(|short| *short != code)?))
    }

    /// The short name of a programming language by its name: `csharp` for `C#`.
    pub fn program(&self, name: &str) -> Option<&str> {
        let found = self.programs.iter().find(|(short, own)| own == name || short == name);
        found.map(|(short, _)| short.as_str())
    }

    /// The programming languages, each with its short name and its name.
    pub fn programs(&self) -> &[(String, String)] {
        &self.programs
    }

    /// Groups of languages that are easily taken for each other, by their short codes.
    pub fn groups(&self) -> &[Vec<String>] {
        &self.groups
    }

    /// Whether Chinese text is in simplified or traditional characters, by those that are written
    /// in one of the two only; `None` if there are none of them, or as many of both.
    pub fn han(&self, text: &str) -> Option<Han> {
        let characters = text.chars().filter(|&character| character >= '\u{4E00}');
        let balance: i64 = characters.filter_map(|character| self.forms.get(&character)).sum();
        match balance {
            0 => None,
            1.. => Some(Han::Simplified),
            _ => Some(Han::Traditional),
        }
    }

    /// What a language is called in `naming`, given a model's label for it and, for Chinese, its
    /// form, which counts for more than what the label says of it. Labels that are not known here stay as they are.
    pub fn named(&self, label: &str, naming: Naming, han: Option<Han>) -> String {
        let Some(language) = self.find(label).filter(|_| naming != Naming::Model) else {
            return label.to_owned();
        };
        let said = Parts::of(label).and_then(|parts| parts.script);
        let chinese = language.short == "zh";
        let script = match han.filter(|_| chinese) {
            Some(Han::Simplified) => Some("Hans".to_owned()),
            Some(Han::Traditional) => Some("Hant".to_owned()),
            None => said,
        };
        match naming {
            Naming::Model | Naming::Short => language.short.clone(),
            Naming::Bcp47 => match script {
                Some(script) if script != language.script() => {
                    format!("{}-{script}", language.short)
                }
                _ => language.short.clone(),
            },
            Naming::Iso6393 => {
                let script = script.as_deref().unwrap_or(language.script());
                format!("{}_{script}", language.iso639_3)
            }
            Naming::Roots if chinese => match script.as_deref() {
                Some("Hans") => "zhs".to_owned(),
                Some("Hant") => "zht".to_owned(),
                _ => language.short.clone(),
            },
            Naming::Roots => language.roots.as_ref().unwrap_or(&language.short).clone(),
        }
    }

    /// What a programming language is called in `naming`, by its name or short name.
    pub fn program_named(&self, name: &str, naming: Naming) -> String {
        let short = self.program(name).unwrap_or(name);
        match naming {
            Naming::Model | Naming::Short => short.to_owned(),
            Naming::Bcp47 if short == "code" => "zxx".to_owned(),
            Naming::Bcp47 => format!("zxx-x-{short}"),
            Naming::Iso6393 => format!("zxx_{short}"),
            Naming::Roots => "code".to_owned(),
        }
    }
}
