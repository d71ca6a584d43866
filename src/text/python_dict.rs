//! Members of a Python dict that somebody wrote into a string.
//!
//! ROOTS kept the metadata of a document as `str(dict)`, such as `{'path': 'a.py', 'license':
//! 'mit'}`, and read it back by evaluating it, which runs whatever a corpus holds. Here it is only
//! scanned. JSON objects without escaped surrogates are read too.

/// The value of a member of the outermost dict: a string as it is, a number as it is written.
/// `None` if the text is no dict, has no such member, or the value is `None`, `null` or a
/// container. Of equal keys the last counts, as in Python.
///
/// # Examples
///
/// ```
/// use sapwood::text::python_dict::member;
/// let meta = r#"{'repo_name': 'a/b', 'size': 12, 'license': "it's", 'more': {'license': 'x'}}"#;
/// assert_eq!(member(meta, "license").as_deref(), Some("it's"));
/// assert_eq!(member(meta, "size").as_deref(), Some("12"));
/// assert_eq!(member(meta, "more"), None);
/// ```
pub fn member(text: &str, key: &str) -> Option<String> {
    let mut scanner = Scanner { rest: text.trim() };
    scanner.take('{')?;
    let mut found = None;
    loop {
        if scanner.take('}').is_some() {
            return found.filter(|_| scanner.rest.is_empty());
        }
        let wanted = scanner.string()? == key;
        scanner.take(':')?;
        let value = scanner.value()?;
        if wanted {
            found = value;
        }
        if scanner.take(',').is_none() {
            scanner.take('}')?;
            return found.filter(|_| scanner.rest.is_empty());
        }
    }
}

struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    /// Passes over a sign, and the white space before and behind it.
    fn take(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(sign)?.trim_start();
        Some(())
    }

    /// Passes over a string and decodes it.
    fn string(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let mut decoded = String::new();
        let mut rest = self.rest.get(1..)?;
        loop {
            let (plain, behind) = rest.split_at(rest.find([quote, '\\'])?);
            decoded.push_str(plain);
            rest = behind.get(1..)?;
            if behind.starts_with(quote) {
                self.rest = rest;
                return Some(decoded);
            }
            rest = escape(rest, &mut decoded)?;
        }
    }

    /// Passes over a value. The inner `None` is a value that is no text.
    fn value(&mut self) -> Option<Option<String>> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '\'' | '"' => self.string().map(Some),
            '{' | '[' | '(' => self.container().map(|()| None),
            _ => {
                let end = self.rest.find([',', '}', ']', ')']).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                let word = word.trim_end();
                Some((!matches!(word, "None" | "null" | "")).then(|| word.to_owned()))
            }
        }
    }

    /// Passes over a container and all that is in it.
    fn container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let at = self.rest.find(['{', '[', '(', '}', ']', ')', '\'', '"'])?;
            self.rest = self.rest.get(at..)?;
            match self.rest.chars().next()? {
                '\'' | '"' => {
                    self.string()?;
                    continue;
                }
                '{' | '[' | '(' => depth += 1,
                _ => depth = depth.checked_sub(1)?,
            }
            self.rest = self.rest.get(1..)?;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// Decodes what follows a backslash; gives what comes behind it.
fn escape<'t>(text: &'t str, decoded: &mut String) -> Option<&'t str> {
    let sign = text.chars().next()?;
    let rest = text.get(sign.len_utf8()..)?;
    let digits = match sign {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    if digits > 0 {
        let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
        decoded.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return rest.get(digits..);
    }
    match sign {
        'n' => decoded.push('\n'),
        't' => decoded.push('\t'),
        'r' => decoded.push('\r'),
        'b' => decoded.push('\u{8}'),
        'f' => decoded.push('\u{C}'),
        '\\' | '\'' | '"' | '/' => decoded.push(sign),
        _ => {
            decoded.push('\\');
            decoded.push(sign);
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_are_found_at_the_top_only() {
        let meta = r"{'a': [1, {'license': 'x'}, (')', '}')], 'license': 'm\'it\n\u00e9\x41', 'n': -1.5, 'o': None}";
        assert_eq!(member(meta, "license").as_deref(), Some("m'it\né\u{41}"));
        assert_eq!(member(meta, "n").as_deref(), Some("-1.5"));
        assert_eq!(member(meta, "o"), None);
        assert_eq!(member(meta, "a"), None);
        assert_eq!(member(meta, "b"), None);
        assert_eq!(member("{'a': '1', 'a': '2',}", "a").as_deref(), Some("2"));
        assert_eq!(member(r#"{"a": "b", "c": true}"#, "c").as_deref(), Some("true"));
    }

    #[test]
    fn what_is_no_dict_has_no_members() {
        for text in ["", "{", "a", "{'a'", "{'a': 'b'", "{'a': 'b'} + 1", "{'a': __import__('os')}"]
        {
            assert_eq!(member(text, "a"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}\\[\\]()'\",:\\\\aux0é ]{0,40}") {
            member(&text, "a");
        }

        #[test]
        fn what_debug_writes_is_read_back(value in "[a-zé'\"\\\\\n\t ]{0,20}") {
            // Rust and Python escape these characters alike.
            let text = format!("{{'x': 1, 'key': {value:?}}}");
            prop_assert_eq!(member(&text, "key"), Some(value));
        }
    }
}
