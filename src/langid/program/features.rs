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

/// Walks over the features of a text. `known` says by their hash which words stand for themselves; others stand
/// for their shape: `w`, `W` with a capital, `M` in capitals, `$w`, `@w`, `#w`.
///
/// Returns the number of tokens that are no comments.
pub fn walk<'t>(
    text: &'t str,
    known: impl Fn(u64) -> bool,
    mut see: impl FnMut(Feature<'t>),
) -> usize {
    use super::tokens::{END, FOREIGN};
    let mut before: [Option<Atom<'t>>; 2] = [None, None];
    let (mut run, mut count, mut was_first) = (0, 0, false);
    for token in Tokens::new(text) {
        if token.text == END && token.kind == Kind::Mark {
            if let [Some(a), Some(b)] = before {
                see(Feature::Last(a, b));
            }
            before = [None, None];
            run = 0;
            continue;
        }
        count += usize::from(!token.is_comment());
        let mut name = Atom::from(token.text);
        if token.kind == Kind::Word && !known(name.hash) {
            name = shape(token.text).into();
        }
        run = if plain(&token) || token.text == FOREIGN { run + 1 } else { 0 };
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
    count
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
