//! The rules for single characters: what is removed, what becomes a space or a line end.

use super::scripts::{Neighbour, neighbour};
use super::{Config, Unicode, Whitespace};

/// What the rules make of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Keep,
    Remove,
    Space,
    LineEnd,
    /// U+200C, U+200D or U+200B: its neighbours decide.
    Context,
}

/// What a byte says about the character that it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// The rules leave every such character alone.
    Clean,
    /// Some such characters are affected: decode it.
    Decode,
}

/// A text after the rules.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rewritten {
    /// The new text; `None` if the rules changed nothing.
    pub text: Option<String>,
    /// Code points removed.
    pub removed: usize,
    /// Whether the text that came in was all ASCII.
    pub ascii: bool,
}

/// The rules for single characters under one configuration.
#[derive(Debug)]
pub(super) struct Rules {
    control_characters: bool,
    zero_width: bool,
    bidi_controls: bool,
    line_ends: bool,
    whitespace: bool,
    quads: bool,
    leads: [Lead; 256],
}

impl Rules {
    pub(super) fn new(config: &Config) -> Self {
        let whitespace = config.whitespace == Whitespace::Roots;
        let mut rules = Self {
            control_characters: config.control_characters,
            zero_width: config.zero_width,
            bidi_controls: config.bidi_controls,
            line_ends: config.line_ends,
            whitespace,
            // NFC turns U+2000 and U+2001 into U+2002 and U+2003, which are mapped.
            quads: whitespace && config.unicode == Unicode::Nfc,
            leads: [Lead::Clean; 256],
        };
        // Every affected character lies below U+FFFD: four-byte characters are never affected.
        let mut buffer = [0; 4];
        for c in '\0'..='\u{FFFD}' {
            if rules.action(c) != Action::Keep {
                rules.leads[usize::from(c.encode_utf8(&mut buffer).as_bytes()[0])] = Lead::Decode;
            }
        }
        rules
    }

    fn action(&self, c: char) -> Action {
        match c {
            '\t' | '\n' => Action::Keep,
            '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' if self.line_ends => {
                Action::LineEnd
            }
            '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' => Action::Keep,
            '\u{84}' | '\u{A0}' | '\u{2002}' | '\u{2003}' | '\u{2005}' | '\u{2008}'
            | '\u{2009}' | '\u{200A}' | '\u{202F}' | '\u{3000}' | '\u{FFFC}'
                if self.whitespace =>
            {
                Action::Space
            }
            '\u{2000}' | '\u{2001}' if self.quads => Action::Space,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' if self.control_characters => Action::Remove,
            '\u{AD}' | '\u{2060}' | '\u{FEFF}' if self.zero_width => Action::Remove,
            '\u{200B}'..='\u{200D}' if self.zero_width => Action::Context,
            '\u{61C}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
                if self.bidi_controls =>
            {
                Action::Remove
            }
            _ => Action::Keep,
        }
    }

    /// The start of the first character at or after `from` whose lead byte calls for a look, and
    /// whether all bytes up to there are ASCII.
    fn next_suspect(&self, bytes: &[u8], from: usize) -> (usize, bool) {
        const WIDTH: usize = 32;
        let mut at = from;
        let mut ascii = true;
        let rest = bytes.get(from..).unwrap_or_default();
        for chunk in rest.chunks(WIDTH) {
            // A chunk of printable ASCII, line feeds and tabs, without a branch per byte.
            let odd = chunk.iter().fold(0, |odd, &byte| {
                odd | (u8::from(byte.wrapping_sub(0x20) >= 0x5F)
                    & u8::from(byte != b'\n')
                    & u8::from(byte != b'\t'))
            });
            if odd != 0 {
                for (offset, &byte) in chunk.iter().enumerate() {
                    if self.leads[usize::from(byte)] == Lead::Decode {
                        return (at + offset, ascii && byte.is_ascii());
                    }
                    ascii &= byte.is_ascii();
                }
            }
            at += chunk.len();
        }
        (bytes.len(), ascii)
    }

    /// Applies the rules to a text.
    pub(super) fn rewrite(&self, text: &str) -> Rewritten {
        let bytes = text.as_bytes();
        let mut edits = Edits { text, out: String::new(), copied: 0, changed: false };
        let mut removed = 0;
        let mut ascii = true;
        let mut at = 0;
        // The nearest base character before `looked_back`, which need not be looked for again.
        let mut base = Neighbour::Other;
        let mut looked_back = 0;
        loop {
            let (suspect, clean) = self.next_suspect(bytes, at);
            ascii &= clean;
            let rest = &text[suspect..];
            let Some(c) = rest.chars().next() else { break };
            let end = suspect + c.len_utf8();
            match self.action(c) {
                Action::Keep => at = end,
                Action::Space => {
                    edits.replace(suspect, end, " ");
                    at = end;
                }
                Action::LineEnd => {
                    let pair = c == '\r' && bytes.get(end) == Some(&b'\n');
                    removed += usize::from(pair);
                    at = end + usize::from(pair);
                    edits.replace(suspect, at, "\n");
                }
                Action::Remove | Action::Context => {
                    let run = rest
                        .char_indices()
                        .map(|(offset, c)| (offset, c, self.action(c)))
                        .find(|(_, _, action)| !matches!(action, Action::Remove | Action::Context));
                    let (length, next) = match run {
                        Some((offset, _, Action::Keep)) => (offset, rest[offset..].chars().next()),
                        Some((offset, ..)) => (offset, None),
                        None => (rest.len(), None),
                    };
                    let next = next.map_or(Neighbour::Other, neighbour);
                    if let Some(found) = self.base_before(&text[looked_back..suspect]) {
                        base = found;
                    }
                    at = suspect + length;
                    looked_back = at;
                    for (offset, c) in rest[..length].char_indices() {
                        if self.action(c) == Action::Remove || !means_something(c, base, next) {
                            let start = suspect + offset;
                            edits.replace(start, start + c.len_utf8(), "");
                            removed += 1;
                        }
                    }
                }
            }
        }
        Rewritten { text: edits.finish(), removed, ascii }
    }

    /// What the last character that is no mark, selector or removed character stands for.
    fn base_before(&self, text: &str) -> Option<Neighbour> {
        text.chars().rev().find_map(|c| match self.action(c) {
            Action::Remove | Action::Context => None,
            Action::Space | Action::LineEnd => Some(Neighbour::Other),
            Action::Keep => Some(neighbour(c)).filter(|neighbour| !neighbour.attaches()),
        })
    }
}

/// Whether U+200B, U+200C or U+200D means something between two characters.
fn means_something(c: char, before: Neighbour, after: Neighbour) -> bool {
    if after == Neighbour::Mark {
        return true;
    }
    match c {
        '\u{200B}' => before.spaceless() || after.spaceless(),
        '\u{200C}' => before.joins() || after.joins(),
        '\u{200D}' => {
            before.joins()
                || after.joins()
                || (before == Neighbour::Emoji && after == Neighbour::Emoji)
        }
        _ => false,
    }
}

/// A text under way, copied only from the first edit on.
struct Edits<'t> {
    text: &'t str,
    out: String,
    copied: usize,
    changed: bool,
}

impl Edits<'_> {
    fn replace(&mut self, start: usize, end: usize, with: &str) {
        if !self.changed {
            self.changed = true;
            self.out.reserve(self.text.len());
        }
        self.out.push_str(&self.text[self.copied..start]);
        self.out.push_str(with);
        self.copied = end;
    }

    fn finish(mut self) -> Option<String> {
        self.changed.then(|| {
            self.out.push_str(&self.text[self.copied..]);
            self.out
        })
    }
}
