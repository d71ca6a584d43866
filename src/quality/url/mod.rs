//! Drops documents by their URL: block lists of domains, hosts, URLs and words, from files of the
//! user's own.
//!
//! The rules and their order are those of `URLFilter` of datatrove 0.10, with which FineWeb was
//! made. Differences of the default variant: hosts and words are compared in lower case, hosts in
//! punycode; a listed host covers those below it; percent-escapes are resolved before words are
//! looked for, and words may be of any script; URLs are compared without scheme and `www.`. The
//! public suffix list is the one compiled into the crate `psl`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use self::lists::{Account, HashList, Reader};
use crate::document::{Bound, Document};
use crate::stage::{Metric, MetricKind, Resource, Stage, Verdict};

mod host;
mod lists;
mod punycode;
#[cfg(test)]
mod tests;
mod words;

const REGISTERED_DOMAIN: &str = "url.registered_domain";
const SOFT_WORDS: &str = "url.soft_words";
const DOMAIN: &str = "url.domain";
const SUBDOMAIN: &str = "url.subdomain";
const URL: &str = "url.url";
const WORD: &str = "url.word";
const SUBWORD: &str = "url.subword";
const MISSING: &str = "url.missing";
const NO_HOST: &str = "url.no_host";
const ALLOWED: &str = "url.allowed";

/// How URLs are compared with the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// In lower case, hosts in punycode, words of all scripts; a host on the list covers the hosts
    /// below it.
    #[default]
    Sapwood,
    /// As `URLFilter` of datatrove 0.10: the case of the URL is kept while lists of words are in
    /// lower case, so words and hosts in capitals escape (but not parts of words); words are of ASCII;
    /// a host is looked up as it stands, addresses and hosts under no public suffix not at all; a
    /// URL must be equal to the last byte. A blank line, which is an entry there, is none here.
    Datatrove,
}

/// What happens to a document without a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// It is kept, and counted as `url.missing`.
    #[default]
    Keep,
    /// It is dropped for `url.missing`.
    Drop,
}

/// Parameters of `url`. At least one list that drops documents is needed.
///
/// Lists are text files, plain, gzip or zstd by their content, with one entry a line; blank lines
/// and lines that begin with `#` don't count. A line that can't be an entry is left out, and `check`
/// and `run` say how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A folder of lists as datatrove has them, beside the lists that are named one by one:
    /// `domains` (for domains and sub-domains), `urls`, `banned_words.txt`,
    /// `soft_banned_words.txt` and `banned_subwords.txt`, as many as are there; each may have
    /// `.txt`, `.gz` or `.zst` behind its name.
    pub lists: Option<PathBuf>,
    /// Lists of registered domains, such as `example.co.uk`: everything under one is dropped for
    /// `url.domain`. Empty by default, like all lists: sapwood comes with none, since good ones are
    /// the work of others and change every day.
    pub domains: Vec<PathBuf>,
    /// Lists of hosts, such as `bad.example.org`, for `url.subdomain`. May be the same files as
    /// `domains`; they are then held once.
    pub subdomains: Vec<PathBuf>,
    /// Lists of whole URLs, for `url.url`. Scheme, `www.`, the port 80 or 443, the fragment,
    /// slashes at the end and case don't count.
    pub urls: Vec<PathBuf>,
    /// Lists of words, one of which is enough: `url.word`. A word of a URL is a run of letters
    /// and digits; of an entry everything else is taken out.
    pub words: Vec<PathBuf>,
    /// Lists of words of which several are needed: `url.soft_words`.
    pub soft_words: Vec<PathBuf>,
    /// Lists of pieces of text that are looked for anywhere in the URL once everything but letters
    /// and digits is taken out of it: `url.subword`.
    pub subwords: Vec<PathBuf>,
    /// How many different soft words a document is dropped for, at least 1; null switches the rule
    /// off. 2 by default, as in datatrove.
    pub soft_word_threshold: Option<u64>,
    /// Lists of domains and hosts that always pass, with everything below them, such as curated
    /// sources; passing this way is counted as `url.allowed`. Empty by default.
    pub allow: Vec<PathBuf>,
    /// How URLs are compared with the lists: `sapwood` or `datatrove`.
    pub variant: Variant,
    /// Whether suffixes of companies that hand out names below theirs, such as `github.io`, count
    /// as public suffixes, so that `page.github.io` is a registered domain. Off by default, as in
    /// datatrove: block lists name such hosts one by one, and a listed `github.io` then covers all.
    pub private_suffixes: bool,
    /// What happens to a document without a URL: `keep` or `drop`. Kept by default: that a URL is
    /// unknown says nothing against a text.
    pub on_missing: OnMissing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            lists: None,
            domains: Vec::new(),
            subdomains: Vec::new(),
            urls: Vec::new(),
            words: Vec::new(),
            soft_words: Vec::new(),
            subwords: Vec::new(),
            soft_word_threshold: Some(2),
            allow: Vec::new(),
            variant: Variant::default(),
            private_suffixes: false,
            on_missing: OnMissing::default(),
        }
    }
}

impl Config {
    /// Every path that it names, to be replaced by where the file is.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let lists = [
            &mut self.domains,
            &mut self.subdomains,
            &mut self.urls,
            &mut self.words,
            &mut self.soft_words,
            &mut self.subwords,
            &mut self.allow,
        ];
        self.lists.iter_mut().chain(lists.into_iter().flatten())
    }

    /// The configuration with the files of `lists` among the others.
    fn with_folder(&self) -> Result<Self, UrlError> {
        let mut config = self.clone();
        let Some(folder) = &self.lists else {
            return Ok(config);
        };
        let mut found = false;
        let names = [
            ("domains", vec![&mut config.domains, &mut config.subdomains]),
            ("urls", vec![&mut config.urls]),
            ("banned_words", vec![&mut config.words]),
            ("soft_banned_words", vec![&mut config.soft_words]),
            ("banned_subwords", vec![&mut config.subwords]),
        ];
        for (name, lists) in names {
            let Some(path) = list_in(folder, name) else { continue };
            found = true;
            for list in lists {
                list.push(path.clone());
            }
        }
        if found { Ok(config) } else { Err(UrlError::EmptyFolder { path: folder.clone() }) }
    }
}

fn list_in(folder: &Path, name: &str) -> Option<PathBuf> {
    ["", ".txt"]
        .into_iter()
        .flat_map(|ending| ["", ".gz", ".zst"].map(|packed| format!("{name}{ending}{packed}")))
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// Why a [`UrlFilter`] could not be made.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// No list that drops documents.
    #[error(
        "no list is given: name files in domains, subdomains, urls, words, soft_words or \
         subwords, or a folder in lists"
    )]
    NoList,
    /// The folder holds none of the lists.
    #[error(
        "lists: {} has none of domains, urls, banned_words.txt, soft_banned_words.txt and \
         banned_subwords.txt", path.display()
    )]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A list could not be read.
    #[error("{role}: {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The key in the configuration.
        role: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A list is a tar archive.
    #[error("{role}: {} is a tar archive; unpack it and name the files in it", path.display())]
    Archive {
        /// The key in the configuration.
        role: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A threshold that would drop everything.
    #[error("soft_word_threshold is 0, which every URL reaches; null switches the rule off")]
    Threshold,
    /// The lists of sub-words are too large to be searched for at once.
    #[error("subwords: {0}")]
    Subwords(#[from] aho_corasick::BuildError),
}

/// Drops documents whose URL is on a list. Every rule is tested, in the order `url.domain`,
/// `url.subdomain`, `url.url`, `url.word`, `url.soft_words`, `url.subword`.
///
/// # Examples
///
/// ```
/// use sapwood::document::Document;
/// use sapwood::quality::url::{Config, UrlFilter};
/// use sapwood::stage::Verdict;
///
/// let folder = tempfile::tempdir()?;
/// let list = folder.path().join("domains");
/// std::fs::write(&list, "# bad ones\nexample.co.uk\n")?;
/// let filter = UrlFilter::new(&Config { domains: vec![list], ..Config::default() })?;
///
/// let mut document = Document::new("a", "Text.").with_url(Some("https://WWW.example.co.uk/page"));
/// assert_eq!(document.apply(&filter), Verdict::Drop("url.domain".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UrlFilter {
    variant: Variant,
    private_suffixes: bool,
    on_missing: OnMissing,
    soft_word_threshold: Option<u64>,
    domains: Option<Arc<HashList>>,
    subdomains: Option<Arc<HashList>>,
    urls: Option<HashList>,
    words: Option<HashList>,
    soft_words: Option<HashList>,
    subwords: Option<AhoCorasick>,
    allow: Option<HashList>,
    resources: Vec<Resource>,
    remarks: Vec<String>,
}

/// What is looked up for a host, an entry or one of a document.
fn host_key(host: &str, variant: Variant, key: &mut String) -> Option<()> {
    match variant {
        Variant::Sapwood => key.push_str(&host::canonical(host)?),
        Variant::Datatrove => key.push_str(host),
    }
    Some(())
}

/// What is looked up for a URL. `None` if it has no host.
fn url_key(url: &str, variant: Variant, key: &mut String) -> Option<()> {
    if variant == Variant::Datatrove {
        key.push_str(url);
        return Some(());
    }
    let parts = host::split(url, true);
    let name = host::canonical(parts.host)?;
    key.push_str(name.strip_prefix("www.").unwrap_or(&name));
    if !matches!(parts.port, "" | ":" | ":80" | ":443") {
        key.push_str(parts.port);
    }
    let rest = parts.rest.split('#').next().unwrap_or_default();
    key.push_str(&rest.trim_end_matches('/').to_lowercase());
    Some(())
}

impl UrlFilter {
    /// Reads the lists. Relative paths are taken from the working directory.
    ///
    /// # Errors
    /// If there is no list, one can't be read, or the threshold is 0.
    pub fn new(config: &Config) -> Result<Self, UrlError> {
        let config = config.with_folder()?;
        if config.soft_word_threshold == Some(0) {
            return Err(UrlError::Threshold);
        }
        let variant = config.variant;
        let mut reader = Reader::default();
        let mut remarks = Vec::new();
        let host = |line: &str, key: &mut String| host_key(line, variant, key);
        let word = |line: &str, key: &mut String| words::joined(line, variant, key);

        let mut hashes =
            |role, paths: &[PathBuf], entry: &dyn Fn(&str, &mut String) -> Option<()>| {
                if paths.is_empty() {
                    return Ok(None);
                }
                let (list, account) = reader.hashes(role, paths, entry)?;
                remark(role, account, list.len(), &mut remarks);
                Ok::<_, UrlError>(Some(list))
            };
        let domains = hashes("domains", &config.domains, &host)?.map(Arc::new);
        let subdomains = match config.subdomains == config.domains {
            true => domains.clone(),
            false => hashes("subdomains", &config.subdomains, &host)?.map(Arc::new),
        };
        let urls = hashes("urls", &config.urls, &|line, key| url_key(line, variant, key))?;
        let words = hashes("words", &config.words, &word)?;
        let soft_words = hashes("soft_words", &config.soft_words, &word)?;
        let allow =
            hashes("allow", &config.allow, &|line, key| host_key(line, Variant::Sapwood, key))?;
        let subwords = match config.subwords.is_empty() {
            true => None,
            false => {
                let (strings, account) = reader.strings("subwords", &config.subwords, word)?;
                remark("subwords", account, strings.len(), &mut remarks);
                Some(AhoCorasick::new(strings)?)
            }
        };

        let off = [
            (domains.is_none(), "domains", DOMAIN),
            (subdomains.is_none(), "subdomains", SUBDOMAIN),
            (urls.is_none(), "urls", URL),
            (words.is_none(), "words", WORD),
            (soft_words.is_none(), "soft_words", SOFT_WORDS),
            (subwords.is_none(), "subwords", SUBWORD),
        ];
        if off.iter().all(|(is_off, ..)| *is_off) {
            return Err(UrlError::NoList);
        }
        let off: Vec<_> = off.iter().filter(|(is_off, ..)| *is_off).collect();
        if !off.is_empty() {
            let lists: Vec<_> = off.iter().map(|(_, list, _)| *list).collect();
            let rules: Vec<_> = off.iter().map(|(.., rule)| *rule).collect();
            remarks.push(format!(
                "no list for {}, so not tested: {}",
                lists.join(", "),
                rules.join(", ")
            ));
        }
        Ok(Self {
            variant,
            private_suffixes: config.private_suffixes,
            on_missing: config.on_missing,
            soft_word_threshold: config.soft_word_threshold,
            domains,
            subdomains,
            urls,
            words,
            soft_words,
            subwords,
            allow,
            resources: reader.resources,
            remarks,
        })
    }

    /// Whether the registered domain and the host are on their lists.
    fn look_up_host(&self, url: &str, host: Option<&host::Host<'_>>) -> (bool, bool) {
        let has = |list: &Option<Arc<HashList>>, name: &str| {
            list.as_ref().is_some_and(|list| list.has(name))
        };
        match (self.variant, host) {
            (Variant::Sapwood, Some(host)) => (
                host.registered().is_some_and(|domain| has(&self.domains, domain)),
                host.names().any(|name| has(&self.subdomains, name)),
            ),
            (Variant::Sapwood, None) => (false, false),
            (Variant::Datatrove, _) => match host::tldextract(url, self.private_suffixes) {
                Some((domain, name)) => (has(&self.domains, &domain), has(&self.subdomains, &name)),
                None => (false, false),
            },
        }
    }

    /// Whether a listed word is among a URL's, and how many different soft words are.
    fn look_up_words(&self, readable: &str) -> (bool, usize) {
        let mut hard = false;
        let mut soft = Vec::new();
        for word in words::words(readable, self.variant) {
            let hash = xxh3_64(word.as_bytes());
            hard |= self.words.as_ref().is_some_and(|list| list.has_hash(hash));
            if self.soft_words.as_ref().is_some_and(|list| list.has_hash(hash)) {
                soft.push(hash);
            }
        }
        soft.sort_unstable();
        soft.dedup();
        (hard, soft.len())
    }

    fn has_subword(&self, readable: &str) -> bool {
        self.subwords.as_ref().is_some_and(|subwords| {
            let mut joined = String::with_capacity(readable.len());
            words::join_words(readable, self.variant, &mut joined);
            if self.variant == Variant::Datatrove {
                joined.make_ascii_lowercase();
            }
            subwords.is_match(&joined)
        })
    }

    fn is_allowed(&self, host: &host::Host<'_>) -> bool {
        self.allow.as_ref().is_some_and(|allow| {
            host.registered().into_iter().chain(host.names()).any(|name| allow.has(name))
        })
    }
}

/// Remarks what is odd about the lists of a kind.
fn remark(role: &str, account: Account, kept: usize, remarks: &mut Vec<String>) {
    let Account { entries, malformed } = account;
    if malformed > 0 {
        remarks.push(format!(
            "{role}: {malformed} of {entries} lines cannot be entries and are left out"
        ));
    }
    if kept == 0 {
        remarks.push(format!("{role}: the list is empty"));
    }
}

/// The metrics that the stage annotates.
pub const METRICS: &[Metric] = &[
    Metric {
        name: REGISTERED_DOMAIN,
        kind: MetricKind::Text,
        unit: "label",
        meaning: "the public suffix of the URL's host and the label before it, in lower case",
    },
    Metric {
        name: SOFT_WORDS,
        kind: MetricKind::Integer,
        unit: "words",
        meaning: "different soft words in the URL",
    },
];

impl Stage for UrlFilter {
    fn name(&self) -> &str {
        "url"
    }

    fn metrics(&self) -> &[Metric] {
        METRICS
    }

    fn process(&self, document: &mut Document<'_>) -> Verdict {
        let Some(url) = document.url().filter(|url| !url.trim().is_empty()) else {
            document.note(MISSING);
            if self.on_missing == OnMissing::Drop {
                document.fail(MISSING);
            }
            return document.verdict();
        };
        let parts = host::split(url.trim(), true);
        let host = host::parse(parts.host, self.private_suffixes);
        match host.as_ref() {
            Some(host) => {
                if let Some(domain) = host.registered() {
                    document.annotate(REGISTERED_DOMAIN, domain);
                }
            }
            None => document.note(NO_HOST),
        }
        let readable = words::readable(url, self.variant);
        let (word, soft_words) = self.look_up_words(&readable);
        if self.soft_words.is_some() {
            document.annotate(SOFT_WORDS, soft_words);
        }
        if host.as_ref().is_some_and(|host| self.is_allowed(host)) {
            document.note(ALLOWED);
            return document.verdict();
        }

        let (domain, subdomain) = self.look_up_host(url, host.as_ref());
        if domain {
            document.fail(DOMAIN);
        }
        if subdomain {
            document.fail(SUBDOMAIN);
        }
        if let Some(urls) = &self.urls {
            let mut key = String::new();
            let trimmed = if self.variant == Variant::Sapwood { url.trim() } else { url };
            if url_key(trimmed, self.variant, &mut key).is_some() && urls.has(&key) {
                document.fail(URL);
            }
        }
        if word {
            document.fail(WORD);
        }
        if let (Some(threshold), Some(_)) = (self.soft_word_threshold, &self.soft_words) {
            let most = threshold.saturating_sub(1) as f64;
            document.test(SOFT_WORDS, soft_words as f64, Bound::AtMost(most));
        }
        if self.has_subword(&readable) {
            document.fail(SUBWORD);
        }
        document.verdict()
    }

    fn resources(&self) -> Vec<Resource> {
        self.resources.clone()
    }

    fn memory(&self) -> u64 {
        let shared = self.domains.as_ref().zip(self.subdomains.as_ref());
        let shared = shared.is_some_and(|(domains, subdomains)| Arc::ptr_eq(domains, subdomains));
        let arcs = [&self.domains, if shared { &None } else { &self.subdomains }];
        let lists = [&self.urls, &self.words, &self.soft_words, &self.allow];
        arcs.into_iter().flatten().map(|list| list.memory()).sum::<u64>()
            + lists.into_iter().flatten().map(HashList::memory).sum::<u64>()
            + self.subwords.as_ref().map_or(0, |subwords| subwords.memory_usage() as u64)
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }
}
