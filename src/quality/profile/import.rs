//! Reading the per-language configuration of FineWeb-2 in the shape in which it is published.
//!
//! Source: repository `huggingface/fineweb-2`, `configs/LANGUAGE_Script.yml`, and the filters of
//! datatrove that read them. There a value switches its rule off by what the comparison makes of it:
//! 0 where the code asks whether there is a value, a share of 1 or more where it must not be
//! exceeded, a share of 0 or less where it must be reached.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{
    DUPLICATE_NGRAMS, Profile, ProfileError, TOP_NGRAMS, WORD_LENGTHS, collection, line_of,
    malformed,
};
use crate::languages::Code;

/// A file as FineWeb-2 publishes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    language_score: f64,
    dup_line_frac: f64,
    top_n_grams: Vec<(u8, f64)>,
    dup_n_grams: Vec<(u8, f64)>,
    line_punct_thr: f64,
    new_line_ratio: f64,
    min_avg_word_length: f64,
    max_avg_word_length: f64,
    max_non_alpha_words_ratio: f64,
    stopwords: Vec<String>,
}

/// A file that was read.
#[derive(Debug)]
pub struct Imported {
    /// The file.
    pub path: PathBuf,
    /// Its profile.
    pub profile: Profile,
    /// What of it was left out although the original would have used it, and why; each begins with
    /// the original's key.
    pub remarks: Vec<String>,
}

/// Reads a folder of FineWeb-2's files, `LANGUAGE_Script.yml`, each into a profile or an error;
/// sorted by name.
///
/// # Errors
/// If the folder can't be read or holds no such file.
pub fn import_fineweb2(folder: &Path) -> Result<Vec<Result<Imported, ProfileError>>, ProfileError> {
    let files = collection::files(folder)?;
    if files.is_empty() {
        return Err(ProfileError::Empty { path: folder.to_owned() });
    }
    let mut imported: Vec<_> = files.iter().map(|path| read(path)).collect();
    share_aliases(&mut imported);
    Ok(imported)
}

/// Gives every alias to one profile: a language that comes in one script only is meant by its short
/// code, whatever the script, and what is a language of the folder itself is no alias of another.
fn share_aliases(imported: &mut [Result<Imported, ProfileError>]) {
    let mut scripts: BTreeMap<String, usize> = BTreeMap::new();
    for file in imported.iter().flatten() {
        *scripts.entry(file.profile.language.clone()).or_default() += 1;
    }
    for file in imported.iter_mut().flatten() {
        let profile = &mut file.profile;
        if profile.aliases.is_empty()
            && scripts.get(&profile.language) == Some(&1)
            && let Ok(usual) = Code::parse(&profile.language)
        {
            profile.aliases = own_aliases(&profile.language, usual);
        }
        // `tgl` beside `fil`: the short code is for the one that has it in the table.
        let usual =
            Code::parse(&profile.language).map_or_else(|_| String::new(), |code| code.language);
        if usual != profile.language && scripts.contains_key(&usual) {
            profile.aliases.clear();
        }
        profile.aliases.retain(|alias| !scripts.contains_key(alias));
    }
}

/// The aliases of a code for a file that names its language in its own way, such as by the
/// macrolanguage.
fn own_aliases(language: &str, code: Code) -> Vec<String> {
    let mut aliases = code.aliases;
    if code.language != language && !aliases.is_empty() {
        aliases.retain(|alias| alias != language);
        aliases.push(code.language);
    }
    aliases
}

fn read(path: &Path) -> Result<Imported, ProfileError> {
    let text = std::fs::read_to_string(path).map_err(|error| ProfileError::io(path, &error))?;
    parse(&text, path)
}

/// Reads one file.
pub(super) fn parse(text: &str, path: &Path) -> Result<Imported, ProfileError> {
    let impossible = |key: &'static str, message: String| ProfileError::Impossible {
        path: path.to_owned(),
        line: line_of(text, key),
        key,
        message,
    };
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let malformed_name = || ProfileError::Malformed {
        path: path.to_owned(),
        line: 1,
        message: format!("the file's name `{name}` is not of the form fra_Latn"),
    };
    let code = Code::parse(name).map_err(|_| malformed_name())?;
    // The language stays as it is called there, whatever sapwood's own code for it.
    let language = name.split('_').next().unwrap_or_default().to_owned();
    if language.len() != 3 || name != format!("{language}_{}", code.script) {
        return Err(malformed_name());
    }
    let script = code.script.clone();
    let code = Code { aliases: own_aliases(&language, code), language, script };
    let published: Published =
        serde_saphyr::from_str(text).map_err(|error| malformed(&error, path))?;
    for (key, value) in [
        ("language_score", published.language_score),
        ("dup_line_frac", published.dup_line_frac),
        ("line_punct_thr", published.line_punct_thr),
        ("new_line_ratio", published.new_line_ratio),
        ("min_avg_word_length", published.min_avg_word_length),
        ("max_avg_word_length", published.max_avg_word_length),
        ("max_non_alpha_words_ratio", published.max_non_alpha_words_ratio),
    ] {
        if !value.is_finite() {
            return Err(impossible(key, format!("{value} is not a number")));
        }
    }

    let mut remarks = Vec::new();
    let mut profile = Profile::off(&code);
    profile.min_language_score = Some(published.language_score).filter(|score| *score > 0.0);
    if published.language_score > 1.0 {
        return Err(impossible(
            "language_score",
            format!("{} is not a score of 0 to 1", published.language_score),
        ));
    }
    // Off by truthiness at 0; a share never exceeds 1.
    profile.max_duplicate_line_ratio =
        Some(published.dup_line_frac).filter(|ratio| *ratio > 0.0 && *ratio < 1.0);
    if published.dup_line_frac < 0.0 {
        remarks.push(format!("dup_line_frac: {} drops everything", published.dup_line_frac));
    }
    profile.max_top_ngram_ratios = ngrams(&published.top_n_grams, TOP_NGRAMS)
        .map_err(|message| impossible("top_n_grams", message))?;
    profile.max_duplicate_ngram_ratios = ngrams(&published.dup_n_grams, DUPLICATE_NGRAMS)
        .map_err(|message| impossible("dup_n_grams", message))?;
    for (key, pairs) in
        [("top_n_grams", &published.top_n_grams), ("dup_n_grams", &published.dup_n_grams)]
    {
        for (length, ratio) in pairs.iter().filter(|(_, ratio)| *ratio <= 0.0) {
            remarks.push(format!("{key}: {ratio} for {length} drops what has any such n-gram"));
        }
    }
    profile.min_line_punctuation_ratio =
        Some(published.line_punct_thr).filter(|ratio| *ratio > 0.0 && *ratio <= 1.0);
    if published.line_punct_thr > 1.0 {
        remarks.push(format!("line_punct_thr: {} drops everything", published.line_punct_thr));
    }
    // No share: more than one line end a word is possible, but then the text is a list of words.
    profile.max_newline_ratio =
        Some(published.new_line_ratio).filter(|ratio| *ratio > 0.0 && *ratio < 1.0);
    if published.new_line_ratio >= 1.0 || published.new_line_ratio <= 0.0 {
        remarks.push(format!(
            "new_line_ratio: {} line ends a word is no sensible limit",
            published.new_line_ratio
        ));
    }
    word_lengths(&published, &mut profile, &mut remarks);
    // The name says the opposite: it is the lowest share of words with a letter.
    let alpha = published.max_non_alpha_words_ratio;
    profile.min_alpha_words_ratio = Some(alpha).filter(|ratio| *ratio > 0.0 && *ratio < 1.0);
    if alpha >= 1.0 {
        remarks.push(format!("max_non_alpha_words_ratio: {alpha} drops what has one number"));
    }
    stop_words(published.stopwords, &mut profile, &mut remarks);
    profile.check().map_err(|(key, message)| impossible(key, message))?;
    Ok(Imported { path: path.to_owned(), profile, remarks })
}

fn ngrams(
    pairs: &[(u8, f64)],
    lengths: std::ops::RangeInclusive<u8>,
) -> Result<BTreeMap<u8, f64>, String> {
    let mut ratios = BTreeMap::new();
    for (length, ratio) in pairs {
        if !lengths.contains(length) {
            let (least, most) = (lengths.start(), lengths.end());
            return Err(format!("{length} is not a length of {least} to {most}"));
        }
        if ratios.contains_key(length) {
            return Err(format!("{length} is there twice"));
        }
        if !ratio.is_finite() {
            return Err(format!("{ratio} is not a number"));
        }
        if *ratio > 0.0 && *ratio < 1.0 {
            ratios.insert(*length, *ratio);
        }
    }
    Ok(ratios)
}

fn word_lengths(published: &Published, profile: &mut Profile, remarks: &mut Vec<String>) {
    let mut bound = |key: &str, length: f64| {
        // 0 is off in the original too.
        if length == 0.0 || WORD_LENGTHS.contains(&length) {
            return (length != 0.0).then_some(length);
        }
        remarks.push(format!("{key}: {length} is no mean word length of 1 to 50"));
        None
    };
    profile.min_mean_word_length = bound("min_avg_word_length", published.min_avg_word_length);
    profile.max_mean_word_length = bound("max_avg_word_length", published.max_avg_word_length);
    if let (Some(least), Some(most)) = (profile.min_mean_word_length, profile.max_mean_word_length)
        && least >= most
    {
        remarks.push(format!("min_avg_word_length: {least} is not below the highest, {most}"));
        (profile.min_mean_word_length, profile.max_mean_word_length) = (None, None);
    }
}

fn stop_words(words: Vec<String>, profile: &mut Profile, remarks: &mut Vec<String>) {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if word.is_empty() || word.chars().any(char::is_whitespace) {
            remarks.push(format!("stopwords: `{word}` is not a word"));
        } else if !kept.contains(&word) {
            kept.push(word);
        }
    }
    // FineWeb-2 asks for two different ones.
    if kept.len() < 2 {
        remarks.push("stopwords: fewer than two, so no document could have two".to_owned());
    } else {
        profile.stop_words = Some(kept);
    }
}
