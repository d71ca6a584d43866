//! What of a text's tokens is counted.

use xxhash_rust::xxh3::xxh3_64;

use super::tokens::{Kind, Token, Tokens};

/// How many plain words in a row, with nothing but spaces between, make a run.
const RUN: usize = 5;

/// What a token is counted as, with its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom<'t> {
    name: &'t str,
    hash: u64,
}

impl<'t> From<&'t str> for Atom<'t> {
    fn from(name: &'t str) -> Self {
        Self { name, hash: hash(name) }
    }
}

/// The hash of a token, by which words are looked up.
pub fn hash(token: &str) -> u64 {
    xxh3_64(token.as_bytes())
}

/// A countable thing: one token, or several in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature<'t> {
    /// A token: `=>`.
    One(Atom<'t>),
    /// The first token of a line: `^ import`.
    First(Atom<'t>),
    /// The first two tokens of a line: `^ def w`.
    FirstTwo(Atom<'t>, Atom<'t>),
    /// Two tokens in a row: `w :=`.
    Two(Atom<'t>, Atom<'t>),
    /// Three tokens in a row: `w : w`.
    Three(Atom<'t>, Atom<'t>, Atom<'t>),
    /// The last two tokens of a line: `) { $`.
    Last(Atom<'t>, Atom<'t>),
    /// Plain words in a row: `~`.
    Run,
}

impl Feature<'_> {
    /// By what the feature is looked up.
    pub fn key(self) -> u64 {
        match self {
            Self::One(a) => a.hash,
            Self::First(a) => mix(mix(0, 1), a.hash),
            Self::FirstTwo(a, b) => mix(mix(mix(0, 2), a.hash), b.hash),
            Self::Two(a, b) => mix(mix(mix(0, 3), a.hash), b.hash),
            Self::Three(a, b, c) => mix(mix(mix(mix(0, 4), a.hash), b.hash), c.hash),
            Self::Last(a, b) => mix(mix(mix(0, 5), a.hash), b.hash),
            Self::Run => mix(0, 6),
        }
    }

    /// The feature that is written so, as `Display` does.
    pub fn parse(written: &str) -> Option<Feature<'_>> {
        let mut tokens = written.split(' ').filter(|token| !token.is_empty());
        let all = [tokens.next(), tokens.next(), tokens.next()];
        if tokens.next().is_some() {
            return None;
        }
        Some(match all {
            [Some("~"), None, None] => Feature::Run,
            [Some("^"), Some(a), None] => Feature::First(a.into()),
            [Some("^"), Some(a), Some(b)] => Feature::FirstTwo(a.into(), b.into()),
            [Some(a), Some(b), Some("$")] => Feature::Last(a.into(), b.into()),
            [Some(a), Some(b), Some(c)] => Feature::Three(a.into(), b.into(), c.into()),
            [Some(a), Some(b), None] => Feature::Two(a.into(), b.into()),
            [Some(a), None, None] => Feature::One(a.into()),
            _ => return None,
        })
    }
}

impl std::fmt::Display for Feature<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(a) => write!(f, "{}", a.name),
            Self::First(a) => write!(f, "^ {}", a.name),
            Self::FirstTwo(a, b) => write!(f, "^ {} {}", a.name, b.name),
            Self::Two(a, b) => write!(f, "{} {}", a.name, b.name),
            Self::Three(a, b, c) => write!(f, "{} {} {}", a.name, b.name, c.name),
            Self::Last(a, b) => write!(f, "{} {} $", a.name, b.name),
            Self::Run => write!(f, "~"),
        }
    }
}

fn mix(seed: u64, value: u64) -> u64 {
    (seed ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_add(value)
}

/// What of a text there is outside comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tokens.
    pub tokens: usize,
    /// Bytes of tokens other than strings.
    pub bytes: usize,
    /// Of these, bytes of words in other scripts and of plain words in runs.
    pub natural: usize,
}

/// Walks over the features of a text. `known` says by their hash which words stand for themselves; others stand
/// for their shape: `w`, `W` with a capital, `M` in capitals, `$w`, `@w`, `#w`.
///
pub fn walk<'t>(
    text: &'t str,
    known: impl Fn(u64) -> bool,
    mut see: impl FnMut(Feature<'t>),
) -> Tally {
    use super::tokens::{END, FOREIGN};
    let mut before: [Option<Atom<'t>>; 2] = [None, None];
    let (mut run, mut run_bytes, mut was_first) = (0, 0, false);
    let mut tally = Tally::default();
    for token in Tokens::new(text) {
        if token.text == END && token.kind == Kind::Mark {
            if let [Some(a), Some(b)] = before {
                see(Feature::Last(a, b));
            }
            before = [None, None];
            (run, run_bytes) = (0, 0);
            continue;
        }
        if !token.is_comment() {
            tally.tokens += 1;
            if !token.is_string() {
                tally.bytes += token.bytes;
            }
        }
        let mut name = Atom::from(token.text);
        if token.kind == Kind::Word && !known(name.hash) {
            name = shape(token.text).into();
        }
        let foreign = token.text == FOREIGN && token.kind == Kind::Mark;
        if foreign || plain(&token) {
            run += 1;
            run_bytes += if foreign { 0 } else { token.bytes };
        } else if !matches!(token.text, "," | "." | "-") {
            (run, run_bytes) = (0, 0);
        }
        if foreign {
            tally.natural += token.bytes;
        } else if run == RUN {
            tally.natural += run_bytes;
        } else if run > RUN {
            tally.natural += token.bytes;
        }
        if run >= RUN {
            see(Feature::Run);
        }
        see(Feature::One(name));
        if token.first {
            see(Feature::First(name));
        }
        if let Some(b) = before[1] {
            see(Feature::Two(b, name));
            if was_first {
                see(Feature::FirstTwo(b, name));
            }
            if let Some(a) = before[0] {
                see(Feature::Three(a, b, name));
            }
        }
        was_first = token.first;
        before = [before[1], Some(name)];
    }
    tally
}

/// Whether a token looks like a word of a sentence.
fn plain(token: &Token<'_>) -> bool {
    token.kind == Kind::Word
        && token.spaced
        && token.text.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
        && token.text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

fn shape(word: &str) -> &'static str {
    let bytes = word.as_bytes();
    match bytes.first() {
        Some(b'$') => "$w",
        Some(b'@') => "@w",
        Some(b'#') => "#w",
        Some(byte) if byte.is_ascii_uppercase() => {
            if bytes.len() > 1 && !bytes.iter().any(u8::is_ascii_lowercase) { "M" } else { "W" }
        }
        _ => "w",
    }
}
