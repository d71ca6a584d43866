//! Cuts a text as if it were a program in any language.
//!
//! What a lexer of one language does exactly is done here for all of them roughly: strings and
//! comments become one token each, words and operators stay. Comments and strings are where
//! programs hold natural language, so what is in them says nothing.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word, with a leading `$`, `@` or `#` if there is one.
    Word,
    /// Anything else: an operator, or what stands for a string, a comment, a number.
    Mark,
}

/// A token: a slice of the text or a name that stands for what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'t> {
    /// The word, the operator, or the name that stands for it.
    pub text: &'t str,
    /// What it is.
    pub kind: Kind,
    /// Whether it is the first of its line.
    pub first: bool,
    /// Whether white space stands before it.
    pub spaced: bool,
    /// How many bytes of the text it takes.
    pub bytes: usize,
}

impl Token<'_> {
    /// Whether it stands for a string.
    pub fn is_string(&self) -> bool {
        self.kind == Kind::Mark && ["\"", "\"\"\"", "'s'", "'c'", "'''", "`"].contains(&self.text)
    }

    /// Whether it stands for a comment.
    pub fn is_comment(&self) -> bool {
        const COMMENTS: [&str; 13] = [
            HASH_COMMENT,
            DASH_COMMENT,
            STAR_COMMENT,
            "//",
            "///",
            "//!",
            "/*",
            "/**",
            "--[[",
            "{-",
            "=begin",
            "```",
            "<!--",
        ];
        self.kind == Kind::Mark && COMMENTS.contains(&self.text)
    }
}

/// What stands for words in other scripts.
pub const FOREIGN: &str = "u";
/// What stands for numbers.
pub const NUMBER: &str = "0";
/// What stands for the end of a line, where there was something in it.
pub const END: &str = "\\n";
const HASH_COMMENT: &str = "#c";
const DASH_COMMENT: &str = "--c";
const STAR_COMMENT: &str = "*c";

/// Longest first.
const OPERATORS: [&str; 62] = [
    "<?php", "<!--", "-->", "===", "!==", "<=>", "...", ">>>", "<<<", "<<-", "|||", "??=", "<?=",
    "<%=", "=>", "->", "::", ":=", "==", "!=", "~=", "<=", ">=", "&&", "||", "++", "--", "+=",
    "-=", "*=", "/=", "|=", ".=", "|>", "<-", "..", "<?", "?>", "<%", "%>", "</", "/>", "{{", "}}",
    "<<", ">>", "**", "${", "#{", "$(", "$$", "#[", "@[", "??", "?.", "!!", "<!", "=~", "[[", "]]",
    "%{", "(?",
];

/// Cuts a text into tokens.
pub struct Tokens<'t> {
    text: &'t str,
    at: usize,
    first: bool,
    any: bool,
}

impl<'t> Tokens<'t> {
    /// The tokens of a text, which begins at the beginning of a line.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, first: true, any: false }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn line(&self) -> &'t [u8] {
        let rest = self.rest();
        rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default()
    }

    fn skip_line(&mut self) {
        self.at += self.line().len();
    }

    /// Goes behind the next `end`; if there is none, to the end of the line.
    fn behind(&mut self, skip: usize, end: &str) {
        let body = self.rest().get(skip..).unwrap_or_default();
        match memchr::memmem::find(body, end.as_bytes()) {
            Some(found) => self.at += skip + found + end.len(),
            None => self.skip_line(),
        }
    }

    /// The length of a string in `quote`s on this line, with them.
    fn string(&self, quote: u8) -> Option<usize> {
        let line = self.line();
        let mut at = 1;
        loop {
            let found = memchr::memchr2(quote, b'\\', line.get(at..)?)?;
            at += found;
            if line.get(at) == Some(&quote) {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    fn word_end(&self, from: usize) -> usize {
        let rest = self.rest();
        let tail = rest.get(from..).unwrap_or_default();
        from + tail.iter().position(|&byte| !is_word(byte)).unwrap_or(tail.len())
    }

    fn slice(&mut self, length: usize) -> &'t str {
        let slice = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        slice
    }

    /// Comments, strings and other things of more than a token, if one begins here.
    fn long(&mut self, first: bool, spaced: bool) -> Option<&'t str> {
        let rest = self.rest();
        let starts = |with: &str| rest.starts_with(with.as_bytes());
        let next = |at: usize| rest.get(at).copied().unwrap_or(b'\n');
        match next(0) {
            b'/' if starts("//") => {
                let mark = if starts("///") {
                    "///"
                } else if starts("//!") {
                    "//!"
                } else {
                    "//"
                };
                // An address is no comment.
                let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
                if before == Some(&b':') {
                    let line = self.line();
                    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
                    self.at += end;
                    return Some("://");
                }
                self.skip_line();
                Some(mark)
            }
            b'/' if starts("/*") => {
                let closed = memchr::memmem::find(rest, b"*/").is_some();
                if first && !closed {
                    self.at = self.text.len();
                } else {
                    self.behind(2, "*/");
                }
                Some(if starts("/**") { "/**" } else { "/*" })
            }
            b'*' if first && matches!(next(1), b' ' | b'\n' | b'\t') => {
                self.skip_line();
                Some(STAR_COMMENT)
            }
            b'*' if first && starts("*/") => {
                self.at += 2;
                Some(STAR_COMMENT)
            }
            b'#' if first && starts("#!") => {
                let line = self.line();
                let program = line.rsplit(|&byte| byte == b'/' || byte == b' ').next();
                let length = line.len() - program.map_or(0, <[u8]>::len);
                self.at += length.max(2);
                Some("#!")
            }
            b'#' if (first || spaced) && matches!(next(1), b' ' | b'\t' | b'\n' | b'#') => {
                self.skip_line();
                Some(HASH_COMMENT)
            }
            b'-' if starts("--[[") => {
                self.behind(4, "]]");
                Some("--[[")
            }
            b'-' if starts("--") && !starts("-->") => {
                let comment = matches!(next(2), b' ' | b'-' | b'\n') || (first && is_word(next(2)));
                comment.then(|| {
                    self.skip_line();
                    DASH_COMMENT
                })
            }
            b'{' if starts("{-") => {
                self.behind(2, "-}");
                Some("{-")
            }
            b'=' if first && starts("=begin") => {
                self.behind(6, "\n=end");
                Some("=begin")
            }
            b'"' if starts("\"\"\"") => {
                self.behind(3, "\"\"\"");
                Some("\"\"\"")
            }
            b'\'' if starts("'''") => {
                self.behind(3, "'''");
                Some("'''")
            }
            b'`' if first && starts("```") => {
                self.behind(3, "\n```");
                Some("```")
            }
            quote @ (b'"' | b'\'' | b'`') => {
                // Behind a letter it is an apostrophe.
                let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
                if quote == b'\'' && before.is_some_and(|&byte| is_word(byte) || byte >= 0x80) {
                    return None;
                }
                let length = self.string(quote)?;
                self.at += length;
                Some(match quote {
                    b'"' => "\"",
                    b'`' => "`",
                    _ if length == 3 => "'c'",
                    _ => "'s'",
                })
            }
            _ => None,
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let mut spaced = self.first;
        loop {
            match *self.rest().first()? {
                b'\n' => {
                    self.at += 1;
                    self.first = true;
                    if std::mem::take(&mut self.any) {
                        let token = Token {
                            text: END,
                            kind: Kind::Mark,
                            first: false,
                            spaced: false,
                            bytes: 1,
                        };
                        return Some(token);
                    }
                    spaced = true;
                }
                byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => {
                    self.at += 1;
                    spaced = true;
                }
                _ => break,
            }
        }
        let first = std::mem::take(&mut self.first);
        self.any = true;
        let start = self.at;
        let mark = |text, end: usize| {
            let bytes = end.saturating_sub(start);
            Token { text, kind: Kind::Mark, first, spaced, bytes }
        };
        if let Some(text) = self.long(first, spaced) {
            return Some(mark(text, self.at));
        }
        let rest = self.rest();
        let byte = *rest.first()?;
        let next = rest.get(1).copied().unwrap_or(b'\n');
        if byte.is_ascii_digit() {
            let tail = rest.iter().position(|&it| !is_word(it) && it != b'.');
            self.at += tail.unwrap_or(rest.len());
            return Some(mark(NUMBER, self.at));
        }
        if byte >= 0x80 {
            let end = rest.iter().position(|&it| it < 0x80 && !is_word(it));
            self.at += end.unwrap_or(rest.len());
            return Some(mark(FOREIGN, self.at));
        }
        let sigil =
            matches!(byte, b'$' | b'@' | b'#') && (next.is_ascii_alphabetic() || next == b'_');
        if is_word(byte) || sigil {
            let end = self.word_end(usize::from(sigil));
            let text = self.slice(end);
            return Some(Token { text, kind: Kind::Word, first, spaced, bytes: end });
        }
        let may = next.is_ascii_punctuation() && !matches!(byte, b')' | b',' | b';' | b'"' | b'\'');
        let mut operators = OPERATORS.iter().filter(|_| may);
        let operator = operators.find(|it| rest.starts_with(it.as_bytes()));
        let text = match operator {
            Some(operator) => {
                self.at += operator.len();
                operator
            }
            None => self.slice(1),
        };
        Some(mark(text, self.at))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
