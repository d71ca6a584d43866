//! The engine: one pass over a text, all rules, spans that do not overlap.

use std::collections::BTreeMap;

use memchr::memmem;

use super::candidates::{Chain, Form, Group, Joint, compact};
use super::checks::Check;
use super::context::{Contexts, Lists, Says, Surroundings};
use super::detectors::{self, Found, byte, byte_before, email, phone, secret};
use super::patterns::Patterns;
use super::rules::{Finder, MAX_GROUPS, MAX_LENGTH, MIN_TOKEN, Rule, Rules, Window};
use super::{scan, steps};
use crate::languages::Languages;
use crate::stage::intern;

/// A find in a text.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Span {
    /// What it is: `EMAIL`, `PHONE` …
    pub tag: &'static str,
    /// The name of the rule that found it.
    pub detector: &'static str,
    /// Offset of its first byte in the text.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
    /// How sure it is, from 0 to 1.
    pub score: f64,
}

/// Which addresses of the network count.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Addresses {
    /// Those that are someone's.
    #[default]
    Public,
    /// Private, local and reserved ones too.
    All,
}

/// How the engine looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The lowest score that is reported, from 0 to 1.
    pub threshold: f64,
    /// Which IP addresses count.
    pub addresses: Addresses,
    /// The tags that are looked for; all if there are none.
    pub tags: Option<Vec<String>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: DEFAULT_THRESHOLD, addresses: Addresses::Public, tags: None }
    }
}

/// Half sure: the shipped rules put below it what needs a word nearby, and above it what does not.
pub const DEFAULT_THRESHOLD: f64 = 0.5;

/// A rule as the engine uses it.
#[derive(Debug)]
struct Ready {
    rule: Rule,
    tag: &'static str,
    name: &'static str,
    lists: Lists,
    /// `languages`, as short codes.
    languages: Vec<String>,
}

/// Finds personal data in texts. Made once and shared by all threads.
///
/// # Examples
///
/// ```
/// use sapwood::pii::engine::{Engine, Options};
/// use sapwood::pii::rules::Rules;
///
/// let engine = Engine::new(&Rules::shipped()?, &Options::default())?;
/// let text = "Call +33 6 91 76 93 45 or write to jane@example.org";
/// let found: Vec<_> = engine.find(text, Some("en")).iter().map(|span| span.tag).collect();
/// assert_eq!(found, ["PHONE", "EMAIL"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Engine {
    rules: Vec<Ready>,
    contexts: Contexts,
    numbers: Patterns,
    tokens: Patterns,
    builtin: Builtin,
    options: Options,
    literals: Vec<memmem::Finder<'static>>,
    pem: memmem::Finder<'static>,
    dots: [memmem::Finder<'static>; 2],
}

/// The rule of each grammar that is built in, if there is one.
#[derive(Debug, Default)]
struct Builtin {
    birth_date: Option<usize>,
    coordinates: Option<usize>,
    email: Option<usize>,
    entropy: Option<usize>,
    handle: Option<usize>,
    ipv4: Option<usize>,
    ipv6: Option<usize>,
    jwt: Option<usize>,
    mac: Option<usize>,
    obfuscated_email: Option<usize>,
    phone: Option<usize>,
    private_key: Option<usize>,
    url_credentials: Option<usize>,
}

impl Builtin {
    fn slot(&mut self, detector: &str) -> Option<&mut Option<usize>> {
        Some(match detector {
            "birth_date" => &mut self.birth_date,
            "coordinates" => &mut self.coordinates,
            "email" => &mut self.email,
            "entropy" => &mut self.entropy,
            "handle" => &mut self.handle,
            "ipv4" => &mut self.ipv4,
            "ipv6" => &mut self.ipv6,
            "jwt" => &mut self.jwt,
            "mac" => &mut self.mac,
            "obfuscated_email" => &mut self.obfuscated_email,
            "phone" => &mut self.phone,
            "private_key" => &mut self.private_key,
            "url_credentials" => &mut self.url_credentials,
            _ => return None,
        })
    }
}

/// Why an engine can't be made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(String);

impl Engine {
    /// Prepares rules.
    ///
    /// # Errors
    /// If a tag of the options is no rule's, or the rules together are too large.
    pub fn new(rules: &Rules, options: &Options) -> Result<Self, EngineError> {
        let tags = rules.tags();
        if let Some(unknown) =
            options.tags.iter().flatten().find(|tag| !tags.contains(&tag.as_str()))
        {
            let help = crate::text::nearest::nearest(unknown, tags.iter().copied());
            return Err(EngineError(format!(
                "tags: no rule finds `{unknown}`; {}",
                help.unwrap_or_default()
            )));
        }
        let wanted =
            |rule: &&Rule| options.tags.as_ref().is_none_or(|tags| tags.contains(&rule.tag));
        let rules = Rules {
            words: rules.words.clone(),
            rules: rules.rules.iter().filter(wanted).cloned().collect(),
        };
        let (contexts, lists) = Contexts::new(&rules).map_err(EngineError)?;
        let mut builtin = Builtin::default();
        for (number, rule) in rules.rules.iter().enumerate() {
            if let Finder::Builtin(detector) = rule.finder
                && let Some(slot) = builtin.slot(detector)
            {
                *slot = Some(number);
            }
        }
        let numbers = Patterns::new(&rules, Window::Number).map_err(EngineError)?;
        let tokens = Patterns::new(&rules, Window::Token).map_err(EngineError)?;
        let mut literals: Vec<&String> =
            rules.rules.iter().flat_map(|rule| &rule.literals).collect();
        literals.sort_unstable();
        literals.dedup();
        let literals =
            literals.iter().map(|it| memmem::Finder::new(it.as_bytes()).into_owned()).collect();
        let languages = Languages::shipped();
        let rules = rules.rules.into_iter().zip(lists).map(|(rule, lists)| Ready {
            tag: intern(&rule.tag),
            name: intern(&rule.name),
            languages: rule
                .languages
                .iter()
                .map(|language| languages.short(language).unwrap_or(language).to_owned())
                .collect(),
            lists,
            rule,
        });
        Ok(Self {
            rules: rules.collect(),
            contexts,
            numbers,
            tokens,
            builtin,
            options: options.clone(),
            literals,
            pem: memmem::Finder::new(secret::PEM),
            dots: [memmem::Finder::new(" dot "), memmem::Finder::new(" DOT ")],
        })
    }

    /// The tags that it looks for, in alphabetical order.
    pub fn tags(&self) -> Vec<&'static str> {
        let mut tags: Vec<&str> = self.rules.iter().map(|ready| ready.tag).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The finds in a text, from left to right; none overlap. `language` is the document's, by any
    /// of its codes, if it is known: it says which countries' numbers are likely.
    pub fn find(&self, text: &str, language: Option<&str>) -> Vec<Span> {
        let mut search = Search::new(self, text, language);
        search.run();
        resolve(search.found)
    }

    /// Whether a text could be taken for personal data in any surroundings.
    pub(super) fn could_find(&self, text: &str) -> bool {
        let mut search = Search::new(self, text, None);
        search.always = true;
        search.run();
        !search.found.is_empty()
    }
}

/// A find that may overlap others.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    span: Span,
    priority: i32,
}

/// The sure before the less sure, then by priority, then the longer, then the first.
fn resolve(mut candidates: Vec<Candidate>) -> Vec<Span> {
    if candidates.len() > 1 {
        candidates.sort_by(|a, b| {
            let length = |it: &Candidate| it.span.end - it.span.start;
            b.span
                .score
                .total_cmp(&a.span.score)
                .then(b.priority.cmp(&a.priority))
                .then(length(b).cmp(&length(a)))
                .then(a.span.start.cmp(&b.span.start))
                .then(a.span.detector.cmp(b.span.detector))
        });
    }
    let mut taken: BTreeMap<usize, Span> = BTreeMap::new();
    for Candidate { span, .. } in candidates {
        let before = taken.range(..span.end).next_back();
        if before.is_none_or(|(_, earlier)| earlier.end <= span.start) {
            taken.insert(span.start, span);
        }
    }
    taken.into_values().collect()
}

/// One search through one text.
struct Search<'s> {
    engine: &'s Engine,
    text: &'s str,
    /// The short code of the document's language.
    language: Option<&'s str>,
    regions: &'static [&'static str],
    found: Vec<Candidate>,
    chain: Chain,
    form: Form,
    compact: String,
    around: Surroundings,
    /// Whether every rule is taken to have a word nearby that makes it sure.
    always: bool,
    /// Up to where tokens, addresses, e-mail and telephone numbers were looked for.
    token_end: usize,
    colon_end: usize,
    at_end: usize,
    phone_end: usize,
}

impl<'s> Search<'s> {
    fn new(engine: &'s Engine, text: &'s str, language: Option<&'s str>) -> Self {
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

    fn run(&mut self) {
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
