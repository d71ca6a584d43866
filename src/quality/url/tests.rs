use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::document::Value;
use crate::shard::Compression;
use crate::shard::compression::Encoder;

/// A folder with lists.
struct Lists(TempDir);

impl Lists {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The lists of all kinds, `kind: entries`, as a configuration.
    fn config(&self, lists: &[(&str, &str)]) -> Config {
        let mut config = Config::default();
        for (kind, entries) in lists {
            let path = self.write(kind, entries.replace(' ', "\n"));
            match *kind {
                "domains" => config.domains.push(path),
                "subdomains" => config.subdomains.push(path),
                "urls" => config.urls.push(path),
                "words" => config.words.push(path),
                "soft_words" => config.soft_words.push(path),
                "subwords" => config.subwords.push(path),
                "allow" => config.allow.push(path),
                other => panic!("{other}"),
            }
        }
        config
    }
}

fn reasons(filter: &UrlFilter, url: &str) -> Vec<String> {
    let mut document = Document::new("x", "y").with_url(Some(url));
    document.apply(filter);
    document.reasons().iter().map(|reason| reason.to_string()).collect()
}

const ALL: &[(&str, &str)] = &[
    ("domains", "bad.co.uk github.io 10.0.0.9 bücher.de"),
    ("subdomains", "evil.example.org 10.0.0.1 [2001:DB8::1] localhost xn--e1afmkfd.example.org"),
    ("urls", "http://www.example.org/Bad/ example.net:8080/x?q=1"),
    ("words", "awful Ear-Wax ужас"),
    ("soft_words", "meh bleh naja"),
    ("subwords", "wors-t"),
];

#[test]
fn every_rule_has_its_reason() {
    let lists = Lists::new();
    let filter = UrlFilter::new(&lists.config(ALL)).unwrap();
    for (url, expected) in [
        ("https://example.org/page", &[][..]),
        ("https://bad.co.uk", &[DOMAIN]),
        ("https://a.b.BAD.co.uk./x", &[DOMAIN]),
        ("https://verybad.co.uk/x", &[]),
        ("//page.github.io/x", &[DOMAIN]),
        ("https://www.BÜCHER.de/x", &[DOMAIN]),
        ("https://xn--bcher-kva.de/x", &[DOMAIN]),
        // An address is a host, never a registered domain.
        ("http://10.0.0.9/", &[]),
        ("http://10.0.0.1:8080/", &[SUBDOMAIN]),
        ("http://[2001:db8:0:0::1]/", &[SUBDOMAIN]),
        ("http://user@localhost/", &[SUBDOMAIN]),
        ("evil.example.org/x", &[SUBDOMAIN]),
        ("http://deep.below.evil.example.org/x", &[SUBDOMAIN]),
        ("http://devil.example.org/x", &[]),
        ("http://пример.example.org/x", &[SUBDOMAIN]),
        ("https://example.org:443/bad#top", &[URL]),
        ("https://example.org/bad/page", &[]),
        ("http://www.example.net:8080/x?q=1", &[URL]),
        ("http://www.example.net/x?q=1", &[]),
        ("http://example.org/so-AWFUL.html", &[WORD]),
        ("http://example.org/unawful", &[]),
        ("http://example.org/earwax", &[WORD]),
        ("http://example.org/%D1%83%D0%B6%D0%B0%D1%81", &[WORD]),
        ("http://example.org/meh/meh", &[]),
        ("http://example.org/meh/Bleh", &[SOFT_WORDS]),
        ("http://example.org/the-w-o-r_s/table", &[SUBWORD]),
        ("not a url, but awful", &[WORD]),
        ("http://awful.bad.co.uk/meh-naja?worst", &[DOMAIN, WORD, SOFT_WORDS, SUBWORD]),
    ] {
        assert_eq!(reasons(&filter, url), expected, "{url}");
    }
}

#[test]
fn datatrove_keeps_the_case_of_the_url() {
    let lists = Lists::new();
    let config = Config { variant: Variant::Datatrove, ..lists.config(ALL) };
    let filter = UrlFilter::new(&config).unwrap();
    for (url, expected) in [
        ("https://a.bad.co.uk/x", &[DOMAIN][..]),
        ("https://a.BAD.co.uk/x", &[]),
        ("https://page.github.io/x", &[DOMAIN]),
        ("http://evil.example.org/x", &[SUBDOMAIN]),
        ("http://deep.evil.example.org/x", &[]),
        ("http://10.0.0.1/", &[]),
        ("http://localhost/", &[]),
        ("http://www.example.org/Bad/", &[URL]),
        ("http://www.example.org/Bad", &[]),
        ("http://example.org/awful", &[WORD]),
        ("http://example.org/AWFUL", &[]),
        ("http://example.org/ear-wax", &[]),
        ("http://example.org/Meh/bleh", &[]),
        ("http://example.org/meh/bleh", &[SOFT_WORDS]),
        ("http://example.org/WO-RST", &[SUBWORD]),
        ("http://example.org/wo%72st", &[]),
    ] {
        assert_eq!(reasons(&filter, url), expected, "{url}");
    }
}

#[test]
fn metrics_are_annotated_and_the_threshold_has_a_margin() {
    let lists = Lists::new();
    let config = lists.config(&[("soft_words", "meh bleh naja")]);
    let filter =
        UrlFilter::new(&Config { soft_word_threshold: Some(3), ..config.clone() }).unwrap();
    let mut document =
        Document::new("x", "y").with_url(Some("http://WWW.example.co.uk/meh/naja/meh"));
    assert_eq!(document.apply(&filter), Verdict::Keep);
    assert_eq!(document.metric(REGISTERED_DOMAIN), Some(&Value::from("example.co.uk")));
    assert_eq!(document.metric(SOFT_WORDS), Some(&Value::Integer(2)));
    assert_eq!(document.tests()[0].bound, Bound::AtMost(2.0));

    let off = UrlFilter::new(&Config { soft_word_threshold: None, ..config.clone() }).unwrap();
    assert!(reasons(&off, "http://a.org/meh/bleh/naja").is_empty());
    let error = UrlFilter::new(&Config { soft_word_threshold: Some(0), ..config }).err().unwrap();
    assert!(matches!(error, UrlError::Threshold));
}

#[test]
fn what_is_allowed_passes_every_rule() {
    let lists = Lists::new();
    let config = lists.config(&[
        ("domains", "good.org bad.org"),
        ("words", "awful"),
        ("allow", "good.org fine.bad.org"),
    ]);
    let filter = UrlFilter::new(&config).unwrap();
    for url in ["http://www.good.org/awful", "http://fine.bad.org", "http://a.FINE.bad.org/"] {
        let mut document = Document::new("x", "y").with_url(Some(url));
        assert_eq!(document.apply(&filter), Verdict::Keep, "{url}");
        assert_eq!(document.notes(), [ALLOWED]);
    }
    assert_eq!(reasons(&filter, "http://bad.org/?good.org"), [DOMAIN]);
    let only = Config { domains: Vec::new(), words: Vec::new(), ..config };
    assert!(matches!(UrlFilter::new(&only), Err(UrlError::NoList)));
}

#[test]
fn a_document_without_a_url_is_counted() {
    let lists = Lists::new();
    let config = lists.config(&[("words", "awful")]);
    for (on_missing, verdict) in
        [(OnMissing::Keep, Verdict::Keep), (OnMissing::Drop, Verdict::Drop(MISSING.into()))]
    {
        let filter = UrlFilter::new(&Config { on_missing, ..config.clone() }).unwrap();
        for url in [None, Some(""), Some(" \n")] {
            let mut document = Document::new("x", "y").with_url(url);
            assert_eq!(document.apply(&filter), verdict);
            assert_eq!(document.notes(), [MISSING]);
        }
    }
    let filter = UrlFilter::new(&config).unwrap();
    let mut document = Document::new("x", "y").with_url(Some("/only/a/path"));
    assert_eq!(document.apply(&filter), Verdict::Keep);
    assert_eq!(document.notes(), [NO_HOST]);
    assert_eq!(document.metric(REGISTERED_DOMAIN), None);
}

#[test]
fn suffixes_of_companies_count_if_wanted() {
    let lists = Lists::new();
    let config = lists.config(&[("domains", "github.io page.github.io")]);
    for (private_suffixes, domain) in [(false, "github.io"), (true, "page.github.io")] {
        let filter = UrlFilter::new(&Config { private_suffixes, ..config.clone() }).unwrap();
        let mut document = Document::new("x", "y").with_url(Some("http://page.github.io/"));
        assert_eq!(document.apply(&filter), Verdict::Drop(DOMAIN.into()));
        assert_eq!(document.metric(REGISTERED_DOMAIN), Some(&Value::from(domain)));
        let other = reasons(&filter, "http://other.github.io/");
        assert_eq!(other.is_empty(), private_suffixes, "{other:?}");
    }
}

#[test]
fn a_folder_of_lists_is_found_by_its_names() {
    let lists = Lists::new();
    let gzip = |text: &[u8]| Encoder::new(Compression::Gzip, 6).unwrap().frame(text).unwrap();
    let zstd = |text: &[u8]| Encoder::new(Compression::Zstd, 3).unwrap().frame(text).unwrap();
    lists.write("domains", gzip(b"bad.org\nevil.example.org\n"));
    lists.write("urls.gz", gzip(b"example.org/x\n"));
    lists.write("banned_words.txt", "awful\n");
    lists.write("soft_banned_words.txt.zst", zstd(b"meh\nbleh\n"));
    lists.write("other.txt", "fine\n");
    let config = Config { lists: Some(lists.0.path().to_owned()), ..Config::default() };
    let filter = UrlFilter::new(&config).unwrap();
    for (url, reason) in [
        ("http://a.bad.org", DOMAIN),
        ("http://evil.example.org", SUBDOMAIN),
        ("http://example.org/x", URL),
        ("http://a.org/awful", WORD),
        ("http://a.org/meh-bleh", SOFT_WORDS),
    ] {
        assert_eq!(reasons(&filter, url), [reason], "{url}");
    }
    assert!(Arc::ptr_eq(filter.domains.as_ref().unwrap(), filter.subdomains.as_ref().unwrap()));
    let roles: Vec<_> = filter.resources().into_iter().map(|resource| resource.role).collect();
    assert_eq!(roles, ["domains", "urls", "words", "soft_words"]);
    assert_eq!(filter.remarks(), ["no list for subwords, so not tested: url.subword"]);

    let empty = TempDir::new().unwrap();
    let config = Config { lists: Some(empty.path().to_owned()), ..Config::default() };
    assert!(matches!(UrlFilter::new(&config), Err(UrlError::EmptyFolder { .. })));
}

#[test]
fn lists_are_recorded_with_their_content() {
    let lists = Lists::new();
    let content = b"bad.org\n";
    let filter = UrlFilter::new(&lists.config(&[("domains", "bad.org\n")])).unwrap();
    let resource = &filter.resources()[0];
    assert_eq!(resource.xxh3, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(content)));
    assert_eq!((resource.bytes, resource.role.as_str()), (8, "domains"));
    assert!(resource.path.ends_with("domains"));
    assert!((8..1024).contains(&filter.memory()));
}

#[test]
fn malformed_entries_are_counted_and_left_out() {
    let lists = Lists::new();
    let long = "x".repeat(100_000);
    let content = format!("http://bad.org/\nbad.org:80\n\nbad org\n# note\n{long}\nworse.org\n");
    let path = lists.write("d", [content.as_bytes(), b"\xFF\xFE.org\n"].concat());
    let words = lists.write("w", "---\n!\n");
    let config = Config { domains: vec![path], words: vec![words], ..Config::default() };
    let filter = UrlFilter::new(&config).unwrap();
    assert!(reasons(&filter, "http://bad.org/").is_empty());
    assert_eq!(reasons(&filter, "http://worse.org/"), [DOMAIN]);
    assert_eq!(
        filter.remarks(),
        [
            "domains: 5 of 6 lines cannot be entries and are left out",
            "words: 2 of 2 lines cannot be entries and are left out",
            "words: the list is empty",
            "no list for subdomains, urls, soft_words, subwords, so not tested: url.subdomain, \
             url.url, url.soft_words, url.subword",
        ]
    );
}

#[test]
fn lists_that_cannot_be_read_are_errors() {
    let lists = Lists::new();
    let error = |config: Config| UrlFilter::new(&config).err().unwrap().to_string();
    assert!(error(Config::default()).starts_with("no list is given"));
    let with = |path: PathBuf| Config { words: vec![path], ..Config::default() };
    assert!(error(with(lists.0.path().join("none"))).starts_with("words: "));
    assert!(error(with(lists.0.path().to_owned())).ends_with("it is not a regular file"));
    let gzip = Encoder::new(Compression::Gzip, 6).unwrap().frame(&[b'x'; 4000]).unwrap();
    let cut = lists.write("cut.gz", &gzip[..gzip.len() - 5]);
    assert!(error(with(cut)).contains("cut.gz cannot be read"));
    let mut archive = vec![0; 1024];
    archive[257..262].copy_from_slice(b"ustar");
    let tar = lists.write("x.tar", archive);
    assert!(error(with(tar)).contains("tar archive"));
}

#[test]
fn a_huge_url_takes_linear_time_and_is_no_host() {
    let lists = Lists::new();
    for variant in [Variant::Sapwood, Variant::Datatrove] {
        let filter = UrlFilter::new(&Config { variant, ..lists.config(ALL) }).unwrap();
        for piece in ["a.", "%", "@", "é.", "/meh", "[:]"] {
            let url = format!("http://{}/bleh-meh", piece.repeat(300_000));
            assert_eq!(reasons(&filter, &url), [SOFT_WORDS], "{piece}");
        }
    }
}

/// The rules of datatrove in a few lines, on a host that is known.
fn expected(host: &str, path: &str) -> Vec<&'static str> {
    let url = format!("http://{host}/{path}");
    let mut found = Vec::new();
    let labels: Vec<&str> = host.split('.').collect();
    if labels[labels.len() - 2..] == ["bad", "org"] {
        found.push(DOMAIN);
    }
    if host == "evil.fine.org" {
        found.push(SUBDOMAIN);
    }
    let words: BTreeSet<&str> = url.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    if words.contains("awful") {
        found.push(WORD);
    }
    if ["meh", "bleh"].iter().all(|word| words.contains(word)) {
        found.push(SOFT_WORDS);
    }
    if url.replace(|c: char| !c.is_ascii_alphanumeric(), "").to_lowercase().contains("worst") {
        found.push(SUBWORD);
    }
    found
}

/// Both variants with all lists.
static BOTH: LazyLock<[UrlFilter; 2]> = LazyLock::new(|| {
    let lists = Lists::new();
    [Variant::Sapwood, Variant::Datatrove]
        .map(|variant| UrlFilter::new(&Config { variant, ..lists.config(ALL) }).unwrap())
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_url_panics(urls in prop::collection::vec("\\PC{0,60}", 8)) {
        for url in &urls {
            for filter in BOTH.iter() {
                reasons(filter, url);
                for text in ["http://", "//", "http://[", "http://a@", "xn--", "%", "http://例."] {
                    reasons(filter, &format!("{text}{url}"));
                    reasons(filter, &format!("{url}{text}"));
                }
            }
        }
    }

    #[test]
    fn hosts_in_their_one_form_stay_as_they_are(host in "[\\PC]{1,12}(\\.[a-zé食]{1,4}){0,3}\\.?") {
        if let Some(name) = host::canonical(&host) {
            prop_assert!(name.is_ascii());
            let again = host::canonical(&name);
            prop_assert_eq!(again.as_deref(), Some(name.as_ref()));
        }
    }

    #[test]
    fn decisions_are_those_of_the_definition(
        cases in prop::collection::vec(
            ("((evil|a)\\.)?(bad|fine)\\.org", "((awful|meh|bleh|wor|st|Worst|x)[-/.]?){0,4}"),
            40,
        )
    ) {
        let lists = Lists::new();
        let config = lists.config(&[
            ("domains", "bad.org"),
            ("subdomains", "evil.fine.org"),
            ("words", "awful"),
            ("soft_words", "meh bleh"),
            ("subwords", "worst"),
        ]);
        for variant in [Variant::Sapwood, Variant::Datatrove] {
            let filter = UrlFilter::new(&Config { variant, ..config.clone() }).unwrap();
            for (host, path) in &cases {
                let url = format!("http://{host}/{path}");
                prop_assert_eq!(reasons(&filter, &url), expected(host, path), "{}", url);
            }
        }
    }
}
