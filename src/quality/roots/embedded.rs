//! The data files that are shipped inside the library.

/// The table of thresholds, `filters/roots.yaml`.
pub(super) const PARAMETERS: &str = include_str!("../../../filters/roots.yaml");

/// Takes in `filters/DIRECTORY/LANGUAGE.txt` for each language.
macro_rules! lists {
    ($directory:literal: $($language:literal)*) => {
        &[$((
            $language,
            include_str!(concat!("../../../filters/", $directory, "/", $language, ".txt")),
        )),*]
    };
}

/// The lists of stop words, `filters/stopwords/LANG.txt`, by language.
pub(super) const STOPWORDS: &[(&str, &str)] = lists!("stopwords": "ar" "bn" "ca" "en" "es" "eu" "fr" "gu" "hi" "id" "ig" "kn" "ml" "mr" "ne" "pt" "st" "sw" "ta" "te" "ur" "vi" "yo" "zh" "zu");

/// The lists of flagged words, `filters/flagged/LANG.txt`, by language.
pub(in crate::quality) const FLAGGED: &[(&str, &str)] =
    lists!("flagged": "ar" "bn" "en" "es" "fr" "hi" "id" "pt" "ur" "zh");
