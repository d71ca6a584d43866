//! Which licences are wanted.

use std::collections::BTreeSet;

/// What is known of a document's licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Denied,
    Unknown,
    Allowed,
}

/// The rule for licences.
#[derive(Debug, Clone)]
pub(super) enum Policy {
    /// Denied and allowed identifiers; if none is named as allowed, all others are.
    Lists { allow: BTreeSet<String>, deny: BTreeSet<String>, unknown: BTreeSet<String> },
    /// The rule of 2022: only what should have been denied is allowed, letter by letter.
    Inverted(BTreeSet<String>),
}

impl Policy {
    pub(super) fn new(
        allow: &[String],
        deny: &[String],
        unknown: &[String],
    ) -> Result<Self, String> {
        let ids = |key: &str, list: &[String]| -> Result<BTreeSet<String>, String> {
            let ids: BTreeSet<String> = list.iter().map(|id| normalize(id)).collect();
            match ids.contains("") {
                true => Err(format!("{key}: a licence is empty")),
                false => Ok(ids),
            }
        };
        let allow = ids("allow_licenses", allow)?;
        let deny = ids("deny_licenses", deny)?;
        if let Some(id) = allow.intersection(&deny).next() {
            return Err(format!("{id} is both in allow_licenses and in deny_licenses"));
        }
        Ok(Policy::Lists { allow, deny, unknown: ids("licenses.unknown", unknown)? })
    }

    pub(super) fn inverted(deny: &[String]) -> Self {
        Policy::Inverted(deny.iter().cloned().collect())
    }

    /// What is known of a licence: an identifier, or an expression of SPDX.
    ///
    /// `A OR B` is as good as the better of both, `A AND B` as the worse; an exception (`WITH`)
    /// changes nothing. `A/B` is the old way of writing `A OR B`. What is no expression is looked up
    /// as a whole.
    pub(super) fn judge(&self, license: Option<&str>) -> Standing {
        match self {
            Policy::Inverted(kept) => match license.is_some_and(|license| kept.contains(license)) {
                true => Standing::Allowed,
                false => Standing::Denied,
            },
            Policy::Lists { .. } => match license.map(str::trim) {
                None | Some("") => Standing::Unknown,
                Some(license) => self.expression(license).unwrap_or_else(|| self.id(license)),
            },
        }
    }

    fn id(&self, id: &str) -> Standing {
        let Policy::Lists { allow, deny, unknown } = self else { return Standing::Unknown };
        let id = normalize(id);
        if deny.contains(&id) {
            Standing::Denied
        } else if unknown.contains(&id) {
            Standing::Unknown
        } else if allow.is_empty() || allow.contains(&id) {
            Standing::Allowed
        } else {
            Standing::Denied
        }
    }

    /// Evaluates an expression without recursion, by precedence of its operators.
    fn expression(&self, license: &str) -> Option<Standing> {
        let mut values = Vec::new();
        let mut operators: Vec<Token<'_>> = Vec::new();
        let mut operand_next = true;
        for token in tokens(license) {
            if operand_next != matches!(token, Token::Id(_) | Token::Open) {
                return None;
            }
            match token {
                Token::Id(id) => {
                    // The name of an exception says nothing by itself.
                    match operators.last() {
                        Some(Token::With) => {
                            operators.pop();
                        }
                        _ => values.push(self.id(id)),
                    }
                    operand_next = false;
                }
                Token::Open => operators.push(token),
                Token::Close => {
                    while operators.last()? != &Token::Open {
                        combine(&mut values, operators.pop()?)?;
                    }
                    operators.pop();
                }
                Token::Or | Token::And | Token::With => {
                    while operators.last().is_some_and(|last| last.binds() >= token.binds()) {
                        combine(&mut values, operators.pop()?)?;
                    }
                    operators.push(token);
                    operand_next = true;
                }
            }
        }
        while let Some(operator) = operators.pop() {
            combine(&mut values, operator)?;
        }
        match values.as_slice() {
            [value] if !operand_next => Some(*value),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Id(&'t str),
    Or,
    And,
    With,
    Open,
    Close,
}

impl Token<'_> {
    /// How strongly an operator binds; a parenthesis not at all.
    fn binds(self) -> u8 {
        match self {
            Token::Or => 1,
            Token::And => 2,
            Token::With => 3,
            Token::Id(_) | Token::Open | Token::Close => 0,
        }
    }
}

fn combine(values: &mut Vec<Standing>, operator: Token<'_>) -> Option<()> {
    let (right, left) = (values.pop()?, values.pop()?);
    values.push(match operator {
        Token::Or => left.max(right),
        Token::And => left.min(right),
        _ => return None,
    });
    Some(())
}

fn tokens(license: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = license;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match first {
            '(' | ')' | '/' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || "()/".contains(c)).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(match word {
            "(" => Token::Open,
            ")" => Token::Close,
            "/" => Token::Or,
            _ if word.eq_ignore_ascii_case("or") => Token::Or,
            _ if word.eq_ignore_ascii_case("and") => Token::And,
            _ if word.eq_ignore_ascii_case("with") => Token::With,
            _ => Token::Id(word),
        })
    })
}

/// One spelling for identifiers that mean the same licence text.
fn normalize(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    let id = ["-only", "-or-later", "+"].iter().find_map(|end| id.strip_suffix(end)).unwrap_or(&id);
    // GPL-3, GPLv3 and GPL 3 are written for GPL-3.0.
    for family in ["gpl", "lgpl", "agpl"] {
        let Some(version) = id.strip_prefix(family) else { continue };
        let version = version.trim_start_matches(['-', ' ']).trim_start_matches('v');
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match version.split_once('.') {
            None if number(version) => return format!("{family}-{version}.0"),
            Some((major, minor)) if number(major) && number(minor) => {
                return format!("{family}-{version}");
            }
            _ => {}
        }
    }
    id.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(allow: &[&str]) -> Policy {
        let owned = |list: &[&str]| list.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
        let deny = ["lgpl-3.0", "agpl-3.0", "lgpl-2.1", "gpl-3.0", "gpl-2.0"];
        Policy::new(&owned(allow), &owned(&deny), &owned(&["noassertion"])).expect("a policy")
    }

    #[test]
    fn no_copyleft_drops_copyleft() {
        let policy = policy(&[]);
        for license in [
            "gpl-3.0",
            "GPL-3.0-or-later",
            "LGPL-2.1+",
            "AGPLv3",
            "GPL-2",
            "gpl 3",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "MIT AND GPL-3.0",
            "(GPL-2.0 OR LGPL-3.0) AND MIT",
        ] {
            assert_eq!(policy.judge(Some(license)), Standing::Denied, "{license}");
        }
        for license in [
            "mit",
            "apache-2.0",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "GPL-2.0 OR (MIT AND BSD-3-Clause)",
            "GPL-2.0 AND MIT OR MIT",
            "MIT License",
        ] {
            assert_eq!(policy.judge(Some(license)), Standing::Allowed, "{license}");
        }
        for license in [None, Some(""), Some(" "), Some("NOASSERTION"), Some("MIT AND noassertion")]
        {
            assert_eq!(policy.judge(license), Standing::Unknown, "{license:?}");
        }
    }

    #[test]
    fn with_an_allow_list_all_others_are_denied() {
        let policy = policy(&["MIT", "Apache-2.0"]);
        assert_eq!(policy.judge(Some("mit")), Standing::Allowed);
        assert_eq!(policy.judge(Some("BSD-3-Clause")), Standing::Denied);
        assert_eq!(policy.judge(Some("BSD-3-Clause OR MIT")), Standing::Allowed);
        assert_eq!(policy.judge(Some("(MIT")), Standing::Denied);
        assert_eq!(policy.judge(Some("MIT OR")), Standing::Denied);
        assert_eq!(policy.judge(None), Standing::Unknown);
    }

    #[test]
    fn lists_that_make_no_sense_are_refused() {
        let id = |id: &str| vec![id.to_owned()];
        assert!(Policy::new(&id("GPL-3.0-only"), &id("gpl-3.0"), &[]).is_err());
        assert!(Policy::new(&id(" "), &[], &[]).is_err());
    }

    proptest! {
        #[test]
        fn every_string_has_a_standing(text in "([A-Za-z0-9.+ -]|\\(|\\)|/| OR | AND | WITH |é){0,30}") {
            policy(&["mit"]).judge(Some(&text));
        }

        #[test]
        fn parentheses_around_the_whole_change_nothing(
            text in "(mit|gpl-2.0|noassertion)( (OR|AND) (mit|gpl-2.0|noassertion)){0,4}",
        ) {
            let policy = policy(&[]);
            prop_assert_eq!(policy.judge(Some(&text)), policy.judge(Some(&format!("({text})"))));
        }
    }
}
