//! One search: marks, rows of groups, grammars and patterns in their windows, scores.

use super::{Addresses, Candidate, Engine, Span};
use crate::languages::Languages;
use crate::pii::candidates::{Chain, Form, Group, Joint, compact};
use crate::pii::checks::Check;
use crate::pii::context::{Says, Surroundings};
use crate::pii::detectors::{self, Found, byte, byte_before, email, phone, secret};
use crate::pii::rules::{MAX_GROUPS, MAX_LENGTH, MIN_TOKEN};
use crate::pii::{scan, steps};

/// One search through one text.
pub(super) struct Search<'s> {
    engine: &'s Engine,
    text: &'s str,
    /// The short code of the document's language.
    language: Option<&'s str>,
    regions: &'static [&'static str],
    pub(super) found: Vec<Candidate>,
    chain: Chain,
    form: Form,
    compact: String,
    around: Surroundings,
    /// Whether every rule is taken to have a word nearby that makes it sure.
    pub(super) always: bool,
    /// Up to where tokens, addresses, e-mail and telephone numbers were looked for.
    token_end: usize,
    colon_end: usize,
    at_end: usize,
    phone_end: usize,
}

impl<'s> Search<'s> {
    pub(super) fn new(engine: &'s Engine, text: &'s str, language: Option<&'s str>) -> Self {
        let short = language.map(|code| Languages::shipped().short(code).unwrap_or(code));
        Self {
            engine,
            text,
            language: short,
            regions: short.map_or(&[], phone::regions_of),
            found: Vec::new(),
            chain: Chain::default(),
            form: Form::default(),
            compact: String::new(),
            around: Surroundings::default(),
            always: false,
            token_end: 0,
            colon_end: 0,
            at_end: 0,
            phone_end: 0,
        }
    }

    pub(super) fn run(&mut self) {
        let text = self.text;
        let mut chain_end = 0;
        scan::marks(text, |at| match byte(text, at) {
            b'@' => {
                self.at_sign(at);
                at + 1
            }
            b'(' | b'[' | b'{' | b'<' => {
                self.bracket(at);
                at + 1
            }
            _ => {
                let mut chain = std::mem::take(&mut self.chain);
                chain.fill(text, chain_end, at);
                chain_end = chain.end();
                self.numbers(&chain);
                self.groups(&chain);
                // An `@` within the row is a mark of its own.
                self.chain = chain;
                chain_end
            }
        });
        for finder in &self.engine.literals {
            let mut end = 0;
            for at in finder.find_iter(text.as_bytes()) {
                if at >= end {
                    end = self.literal(at);
                }
            }
        }
        if let Some(rule) = self.engine.builtin.private_key {
            let mut keys = Vec::new();
            secret::private_keys(text, &self.engine.pem, |found| keys.push(found));
            keys.into_iter().for_each(|found| self.add(rule, found));
        }
        if let Some(rule) = self.engine.builtin.obfuscated_email {
            for finder in &self.engine.dots {
                let mut floor = 0;
                for at in finder.find_iter(text.as_bytes()) {
                    if let Some(found) = detectors::obfuscated::bare(text, floor, at) {
                        floor = found.end;
                        self.add(rule, found);
                    }
                }
            }
        }
    }

    /// Scores what a rule found and keeps it if it reaches the threshold.
    fn add(&mut self, rule: usize, found: Found) {
        let Some(ready) = self.engine.rules.get(rule) else {
            return;
        };
        let span = (found.start, found.end);
        let says = self.says(rule, span);
        let rule = &ready.rule;
        let alone = if found.weak {
            0.0
        } else {
            let at_home =
                self.language.is_some_and(|code| ready.languages.iter().any(|it| it == code));
            if at_home { rule.score.max(rule.language_score) } else { rule.score }
        };
        let score = match says {
            Says::No => 0.0,
            Says::Nothing => alone,
            Says::Yes => rule.context_score.max(alone),
        };
        if score < self.engine.options.threshold || score <= 0.0 || found.start >= found.end {
            return;
        }
        let span = Span {
            tag: ready.tag,
            detector: ready.name,
            start: found.start,
            end: found.end,
            score,
        };
        self.found.push(Candidate { span, priority: rule.priority });
    }

    fn says(&mut self, rule: usize, span: (usize, usize)) -> Says {
        let Some(ready) = self.engine.rules.get(rule) else {
            return Says::Nothing;
        };
        if self.always {
            return Says::Yes;
        }
        self.engine.contexts.ask(self.text, span, &ready.rule, &ready.lists, &mut self.around)
    }

    fn at_sign(&mut self, at: usize) {
        let builtin = &self.engine.builtin;
        if let Some(rule) = builtin.url_credentials
            && let Some(found) = detectors::url::credentials(self.text, self.at_end, at)
            && !is_replacement(self.text, found.start, found.end)
        {
            self.add(rule, found);
        }
        let found = email::email(self.text, self.at_end, at)
            .filter(|_| !detectors::url::is_userinfo(self.text, self.at_end, at))
            .filter(|(_, found)| !is_replacement(self.text, found.start, at));
        let rule = match found {
            Some((email::Kind::Email, _)) => builtin.email,
            Some((email::Kind::Federated, _)) => builtin.handle,
            None => None,
        };
        if let (Some(rule), Some((_, found))) = (rule, found) {
            self.at_end = found.end;
            self.add(rule, found);
        } else if let Some(rule) = builtin.handle
            && let Some(found) = detectors::handle::handle(self.text, at)
        {
            self.add(rule, found);
        }
        self.at_end = self.at_end.max(at + 1);
    }

    fn bracket(&mut self, at: usize) {
        if let Some(rule) = self.engine.builtin.obfuscated_email
            && let Some(found) = detectors::obfuscated::bracketed(self.text, self.at_end, at)
        {
            self.at_end = found.end;
            self.add(rule, found);
        }
    }

    /// Patterns on all rows of neighbouring groups.
    fn numbers(&mut self, chain: &Chain) {
        for (first, start) in chain.groups.iter().enumerate() {
            if is_cut(chain, first.checked_sub(1)) {
                continue;
            }
            let mut digits = 0;
            for (last, end) in chain.groups.iter().enumerate().skip(first).take(MAX_GROUPS) {
                digits += end.digits;
                let length = end.ascii_end - start.ascii_start;
                if length > MAX_LENGTH {
                    break;
                }
                if digits > 0 && !is_cut(chain, Some(last)) {
                    self.number(chain, first, last);
                }
            }
        }
    }

    fn number(&mut self, chain: &Chain, first: usize, last: usize) {
        let (Some(start), Some(end)) = (chain.groups.get(first), chain.groups.get(last)) else {
            return;
        };
        let Some(ascii) = chain.ascii.get(start.ascii_start..end.ascii_end) else {
            return;
        };
        let engine = self.engine;
        if !engine.numbers.may_match(ascii) {
            return;
        }
        steps::count(ascii.len());
        let mut compacted = false;
        for rule in engine.numbers.matches(ascii) {
            if !compacted {
                compact(ascii, &mut self.compact);
                compacted = true;
            }
            if self.passes(rule) {
                let weak = is_crowded(chain, first, last);
                self.add(rule, Found { start: start.start, end: end.end, weak });
            }
        }
    }

    /// Whether the compact form passes a rule's validator.
    fn passes(&self, rule: usize) -> bool {
        let check: Option<Check> = self.engine.rules.get(rule).and_then(|ready| ready.rule.check);
        check.is_none_or(|check| check(&self.compact))
    }

    /// The grammars that begin with a digit.
    fn groups(&mut self, chain: &Chain) {
        let mut left: usize = chain.groups.iter().map(|group| group.digits).sum();
        for group in chain.groups.iter().filter(|group| group.digits > 0) {
            self.token(group);
            self.addresses(group);
            if left >= MIN_PHONE {
                self.phone(group);
            }
            left -= group.digits;
            self.places_and_dates(group);
        }
    }

    fn token(&mut self, group: &Group) {
        if group.start < self.token_end {
            return;
        }
        let text = self.text;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let dotted =
            |byte: u8| plain(byte) || matches!(byte, b'.' | b'/' | b'+' | b'=' | b':' | b'~');
        let floor = self.token_end;
        let end = detectors::run(text, group.start, usize::MAX, plain);
        let start = detectors::run_back(text, floor, group.start, usize::MAX, plain);
        self.token_end = end;
        if let Some(rule) = self.engine.builtin.jwt
            && let Some(found) = secret::web_token(text, start, end)
        {
            self.token_end = found.end;
            self.add(rule, found);
            return;
        }
        self.token_rules(start, end);
        // With what stands inside: dots, slashes, signs of base64. Long ones are data.
        let long_end = detectors::run(text, end, MAX_TOKEN, dotted);
        if long_end > end && matches!(byte(text, end), b'.' | b'/' | b'+' | b'=' | b':') {
            let long_start = detectors::run_back(text, floor, start, MAX_TOKEN, dotted);
            let mut long_end = long_end;
            while long_end > end && matches!(byte_before(text, long_end), b'.' | b':' | b'/') {
                long_end -= 1;
            }
            self.token_rules(start, long_end);
            if long_start < start {
                self.token_rules(long_start, long_end);
            }
            self.token_end = self.token_end.max(long_end.min(end + MAX_TOKEN));
        }
    }

    /// A token without digits that begins with a literal.
    fn literal(&mut self, start: usize) -> usize {
        let end = detectors::run(self.text, start, MAX_TOKEN, is_token);
        let inside = is_token(byte_before(self.text, start));
        let token = self.text.get(start..end).unwrap_or_default();
        if !inside && !token.bytes().any(|byte| byte.is_ascii_digit()) {
            self.token_rules(start, end);
        }
        end
    }

    fn token_rules(&mut self, start: usize, end: usize) {
        let Some(token) = self
            .text
            .get(start..end)
            .filter(|token| (MIN_TOKEN..=MAX_TOKEN).contains(&token.len()))
        else {
            return;
        };
        steps::count(token.len());
        let engine = self.engine;
        if engine.tokens.may_match(token) {
            for rule in engine.tokens.matches(token) {
                compact(token, &mut self.compact);
                if self.passes(rule) {
                    self.add(rule, Found::sure(start, end));
                }
            }
        }
        if let Some(rule) = engine.builtin.entropy
            && secret::is_random(token)
        {
            self.add(rule, Found { start, end, weak: true });
        }
    }

    fn addresses(&mut self, group: &Group) {
        let text = self.text;
        let public = self.engine.options.addresses == Addresses::Public;
        let length = group.end - group.start;
        let next = byte(text, group.end);
        if let Some(rule) = self.engine.builtin.ipv4
            && next == b'.'
            && length <= 3
            && group.is_digits()
            && let Some(found) = detectors::ip::version_4(text, group.start, public)
        {
            self.add(rule, found);
        }
        if group.start < self.colon_end || length > 12 {
            return;
        }
        let before = byte_before(text, group.start);
        let joined = |byte: u8| byte == b':' || byte == b'-' || byte == b'.';
        if !joined(next) && !joined(before) {
            return;
        }
        if (next == b':' || before == b':')
            && let Some(rule) = self.engine.builtin.ipv6
            && let Some(found) = detectors::ip::version_6(text, self.colon_end, group.start, public)
        {
            self.colon_end = found.end;
            self.add(rule, found);
            return;
        }
        if let Some(rule) = self.engine.builtin.mac
            && let Some(found) = detectors::mac::mac(text, self.colon_end, group.start)
        {
            self.colon_end = found.end;
            self.add(rule, found);
        }
    }

    fn phone(&mut self, group: &Group) {
        let Some(rule) = self.engine.builtin.phone else {
            return;
        };
        if group.start < self.phone_end || !group.is_digits() {
            return;
        }
        let text = self.text;
        let plans = phone::Plans::shipped();
        let (mut start, mut before) = (group.start, char_before(text, group.start));
        if matches!(before, Some('(' | '（')) {
            start -= before.map_or(0, char::len_utf8);
            before = char_before(text, start);
        }
        if matches!(before, Some('+' | '＋')) {
            let plus = start - before.map_or(0, char::len_utf8);
            if let Some(found) = phone::international(text, plus, start, plans) {
                self.phone_end = found.end;
                self.add(rule, found);
            }
            return;
        }
        let regions = self.regions;
        let found = phone::national(text, start, regions, plans, || {
            self.says(rule, (start, group.end)) == Says::Yes
        });
        if let Some(found) = found {
            self.add(rule, found);
        }
    }

    fn places_and_dates(&mut self, group: &Group) {
        let text = self.text;
        let length = group.ascii_end - group.ascii_start;
        if length > 4 {
            return;
        }
        let next = text.get(group.end..).and_then(|rest| rest.chars().next());
        if let Some(rule) = self.engine.builtin.coordinates
            && length <= 3
            && matches!(next, Some('.' | ',' | '°' | '٫'))
        {
            let mut form = std::mem::take(&mut self.form);
            let found = detectors::coordinates::coordinates(text, group.start, &mut form);
            self.form = form;
            if let Some(found) = found {
                self.add(rule, found);
            }
        }
        if let Some(rule) = self.engine.builtin.birth_date
            && length != 3
        {
            let mut form = std::mem::take(&mut self.form);
            let found = detectors::birth::date(text, group.start, &mut form);
            self.form = form;
            if let Some(found) = found {
                self.add(rule, found);
            }
        }
    }
}

/// The fewest digits of a telephone number that is not of a service.
const MIN_PHONE: usize = 7;

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The longest token that is looked at: a web token of some claims.
const MAX_TOKEN: usize = 4096;

fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|before| before.chars().next_back())
}

/// Whether a span is a tag that was put in for something: `PI:EMAIL`.
fn is_replacement(text: &str, start: usize, end: usize) -> bool {
    let inside = text.get(start..end).unwrap_or_default();
    let tag = inside
        .strip_prefix("PI:")
        .or_else(|| text.get(..start).filter(|before| before.ends_with("PI:")).map(|_| inside));
    tag.is_some_and(|tag| {
        !tag.is_empty()
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit())
    })
}

/// Whether what stands after a group belongs to it, so that nothing can end there.
fn is_cut(chain: &Chain, group: Option<usize>) -> bool {
    group.and_then(|at| chain.groups.get(at)).is_some_and(|group| group.joint == Joint::Tight)
}

/// Whether more digits stand beside a number whose own groups are apart by white space: then it is
/// a row of a table as likely.
fn is_crowded(chain: &Chain, first: usize, last: usize) -> bool {
    if first == last {
        return false;
    }
    let loose = |at: usize| chain.groups.get(at).is_some_and(|group| group.joint == Joint::Loose);
    let digits =
        |at: usize| chain.groups.get(at).is_some_and(|group| group.is_digits() && group.digits > 2);
    let inside = (first..last).any(loose);
    let before = first.checked_sub(1).is_some_and(|at| digits(at) && loose(at));
    let after = loose(last) && digits(last + 1);
    inside && (before || after)
}
