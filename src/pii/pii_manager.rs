//! What BigScience's pii-manager finds: the library that was written for ROOTS and not used for it.
//!
//! Source: `pii-manager` of BigScience's data-tooling repository (2022, Apache-2.0): tasks by
//! language and country, most with check digits, some with words nearby. Kept of it: an e-mail
//! address ends after three letters of its top level and has no `+`; a telephone number needs
//! spaces and a word within 16 characters before; of a Chinese resident id the check sign X is
//! missed.

use std::sync::LazyLock;

use regex::Regex;

use super::checks::check;

/// A find of pii-manager.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Entity {
    /// The kind: `CREDIT_CARD`, `GOV_ID` …
    pub kind: &'static str,
    /// The task that found it.
    pub name: &'static str,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset after its last byte.
    pub end: usize,
    /// The country of the task; `None` for those of any.
    pub country: Option<&'static str>,
}

/// What pii-manager writes in place of a find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `<GOV_ID>`
    Replace,
    /// `<GOV_ID:value>`: the value stays. For looking at results, not for what is handed out.
    Tag,
}

type Check = fn(&str) -> bool;

/// A task: its kind, name, language, country, pattern, check, and the words that must stand before.
struct Task {
    kind: &'static str,
    name: &'static str,
    language: Option<&'static str>,
    country: Option<&'static str>,
    pattern: Regex,
    check: Check,
    words: &'static [&'static str],
}

/// How many characters before a find its words may stand.
const NEAR: usize = 16;

/// In the order in which they are asked: special before general.
static TASKS: LazyLock<Vec<Task>> = LazyLock::new(|| {
    let any: Check = |_| true;
    let named = |name: &'static str| check(name).unwrap_or(|_| false);
    let task = |kind, name, language, country, pattern: &str, check| Task {
        kind,
        name,
        language,
        country,
        pattern: Regex::new(pattern).expect("a constant pattern"),
        check,
        words: &[],
    };
    let phone = r"(?:\+|\b00)[ .-]?\d{1,3}[ .-]\d{2,4}(?:[ .-]\d{2,4}){1,4}\b";
    let sin = r"\b\d{3}[ -]\d{3}[ -]\d{3}\b";
    vec![
        task(
            "CREDIT_CARD",
            "standard credit card",
            None,
            None,
            r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b",
            named("card"),
        ),
        task(
            "BITCOIN_ADDRESS",
            "bitcoin address",
            None,
            None,
            r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{8,87})\b",
            |value| {
                let name = if value.starts_with("bc1") { "bech32" } else { "base58check" };
                check(name).is_some_and(|check| check(value))
            },
        ),
        Task {
            words: &["ip"],
            ..task(
                "IP_ADDRESS",
                "ip address",
                None,
                None,
                r"\b(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\b",
                any,
            )
        },
        task(
            "EMAIL_ADDRESS",
            "regex for email_address",
            None,
            None,
            r"[\w.=-]+@[\w.-]+\.\w{2,3}",
            any,
        ),
        task(
            "BANK_ACCOUNT",
            "spanish bank account",
            Some("es"),
            Some("es"),
            r"\b\d{4}[ -]?\d{4}[ -]?\d{2}[ -]?\d{10}\b",
            is_spanish_account,
        ),
        task(
            "GOV_ID",
            "regex for gov_id",
            Some("en"),
            Some("us"),
            r"\b\d{3}-\d{2}-\d{4}\b",
            |value| !["000", "333", "666"].iter().any(|area| value.starts_with(area)),
        ),
        task(
            "GOV_ID",
            "australian business number",
            Some("en"),
            Some("au"),
            r"\b\d{2} \d{3} \d{3} \d{3}\b",
            is_business_number,
        ),
        task("GOV_ID", "social insurance number", Some("en"), Some("ca"), sin, named("luhn")),
        task("GOV_ID", "social insurance number", Some("fr"), Some("ca"), sin, named("luhn")),
        task(
            "GOV_ID",
            "aadhaar",
            Some("en"),
            Some("in"),
            r"\b[2-9]\d{3} ?\d{4} ?\d{4}\b",
            has_verhoeff_digit,
        ),
        task(
            "GOV_ID",
            "Spanish DNI",
            Some("es"),
            Some("es"),
            r"\b\d{8}-?[A-KJ-NP-TV-Z]\b",
            is_spanish_id,
        ),
        task(
            "GOV_ID",
            "Spanish DNI",
            Some("es"),
            Some("es"),
            r"\b[X-Z]\d{7}-?[A-KJ-NP-TV-Z]\b",
            is_spanish_id,
        ),
        task(
            "GOV_ID",
            "curp",
            Some("es"),
            Some("mx"),
            r"\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d\b",
            is_curp,
        ),
        task(
            "GOV_ID",
            "cadastro pessoa fisica",
            Some("pt"),
            Some("br"),
            r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b",
            is_cpf,
        ),
        task(
            "GOV_ID",
            "número de identificação fiscal",
            Some("pt"),
            Some("pt"),
            r"\b(?:PT ?)?\d{3} ?\d{3} ?\d{3}\b",
            is_nif,
        ),
        task("GOV_ID", "ric or passport", Some("zh"), Some("cn"), r"\b\d{17}\d\b", is_resident_id),
        task("GOV_ID", "ric or passport", Some("zh"), Some("cn"), r"\b[GDSPHM]\d{8}\b", any),
        Task {
            words: &["ph", "phone", "fax"],
            ..task("PHONE_NUMBER", "international phone number", Some("en"), None, phone, any)
        },
        Task {
            words: &["tf", "tel", "telf", "teléfono", "telefono", "fax"],
            ..task("PHONE_NUMBER", "international phone number", Some("es"), None, phone, any)
        },
        task(
            "PHONE_NUMBER",
            "phone number",
            Some("zh"),
            Some("cn"),
            r"\b(?:\d{3,4}-\d{7,8}|1[3-9]\d{9})\b",
            any,
        ),
    ]
});

/// Finds of all tasks of a language and a country, of one kind if it is given; from left to right.
/// Of those that overlap that of the first task stays.
pub fn find(text: &str, language: &str, country: Option<&str>, kind: Option<&str>) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let wanted = |task: &&Task| {
        kind.is_none_or(|kind| kind == task.kind)
            && task.language.is_none_or(|of| of == language)
            && task
                .country
                .is_none_or(|of| country.is_none_or(|country| country.eq_ignore_ascii_case(of)))
    };
    for task in TASKS.iter().filter(wanted) {
        for matched in task.pattern.find_iter(text) {
            let (start, end) = (matched.start(), matched.end());
            let compact: String =
                matched.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
            let free = found.iter().all(|other| other.end <= start || end <= other.start);
            let checked = match task.kind {
                "GOV_ID" | "BANK_ACCOUNT" | "CREDIT_CARD" | "BITCOIN_ADDRESS" => {
                    (task.check)(&compact)
                }
                _ => true,
            };
            if free && checked && is_named(text, start, task.words) {
                found.push(Entity {
                    kind: task.kind,
                    name: task.name,
                    start,
                    end,
                    country: task.country,
                });
            }
        }
    }
    found.sort_by_key(|entity| entity.start);
    found
}

/// The text with its finds in one of pii-manager's forms.
pub fn rewrite(text: &str, entities: &[Entity], mode: Mode) -> String {
    let mut new = String::with_capacity(text.len());
    let mut from = 0;
    for entity in entities {
        new.push_str(text.get(from..entity.start).unwrap_or_default());
        let value = text.get(entity.start..entity.end).unwrap_or_default();
        match mode {
            Mode::Replace => new.push_str(&format!("<{}>", entity.kind)),
            Mode::Tag => new.push_str(&format!("<{}:{value}>", entity.kind)),
        }
        from = entity.end;
    }
    new.push_str(text.get(from..).unwrap_or_default());
    new
}

fn is_named(text: &str, start: usize, words: &[&str]) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let near: String = {
        let mut last: Vec<char> = before.chars().rev().take(NEAR).collect();
        last.reverse();
        last.into_iter().flat_map(char::to_lowercase).collect()
    };
    words.is_empty()
        || near
            .split(|character: char| !character.is_alphanumeric())
            .any(|word| words.contains(&word))
}

fn values(compact: &str) -> Vec<u32> {
    compact.chars().filter_map(|character| character.to_digit(36)).collect()
}

fn weighted(digits: &[u32], weights: impl IntoIterator<Item = u32>) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Australian Business Number: the first digit less one, weights, modulo 89 (Australian Business
/// Register).
fn is_business_number(compact: &str) -> bool {
    let mut digits = values(compact);
    let Some(first) = digits.first_mut().filter(|first| **first > 0) else {
        return false;
    };
    *first -= 1;
    digits.len() == 11
        && weighted(&digits, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
}

/// Verhoeff 1969: the dihedral group of ten elements.
fn has_verhoeff_digit(compact: &str) -> bool {
    let multiply = |a: u32, b: u32| match (a / 5, b / 5) {
        (0, 0) => (a + b) % 5,
        (0, _) => (a + b) % 5 + 5,
        (_, 0) => (a + 5 - b) % 5 + 5,
        _ => (a + 5 - b) % 5,
    };
    const TURN: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let turned = |digit: u32, times: usize| {
        (0..times % 8).fold(digit, |digit, _| TURN.get(digit as usize).copied().unwrap_or(0))
    };
    let digits = values(compact);
    let product = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, &digit)| multiply(sum, turned(digit, at)));
    product == 0
}

/// DNI and NIE: the letter is the number modulo 23 (Real Decreto 1553/2005).
fn is_spanish_id(compact: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let number = compact.replacen('X', "0", usize::from(compact.starts_with('X')));
    let number = number.replacen('Y', "1", usize::from(number.starts_with('Y')));
    let number = number.replacen('Z', "2", usize::from(number.starts_with('Z')));
    let (Some(digits), Some(letter)) = (number.get(..8), number.as_bytes().get(8)) else {
        return false;
    };
    let value = digits.parse::<usize>().ok();
    value.and_then(|value| LETTERS.get(value % 23)).is_some_and(|expected| expected == letter)
}

/// Código Cuenta Cliente: two digits modulo 11.
fn is_spanish_account(compact: &str) -> bool {
    const WEIGHTS: [u32; 10] = [1, 2, 4, 8, 5, 10, 9, 7, 3, 6];
    let digits = values(compact);
    let control = |digits: &[u32], weights: &[u32]| match 11
        - weighted(digits, weights.iter().copied()) % 11
    {
        11 => 0,
        10 => 1,
        other => other,
    };
    let [bank, account] = [digits.get(..8), digits.get(10..20)].map(Option::unwrap_or_default);
    digits.len() == 20
        && digits.get(8) == Some(&control(bank, WEIGHTS.get(2..).unwrap_or_default()))
        && digits.get(9) == Some(&control(account, &WEIGHTS))
}

/// Clave Única de Registro de Población: weights 18 to 2 in an alphabet with Ñ.
fn is_curp(compact: &str) -> bool {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
    let signs: Vec<u32> = compact
        .chars()
        .filter_map(|sign| ALPHABET.chars().position(|known| known == sign).map(|at| at as u32))
        .collect();
    let Some((&last, first)) = signs.split_last().filter(|(_, first)| first.len() == 17) else {
        return false;
    };
    (10 - weighted(first, (2..=18).rev()) % 10) % 10 == last
}

/// Cadastro de Pessoas Físicas: two digits modulo 11.
fn is_cpf(compact: &str) -> bool {
    let digits = values(compact);
    let control = |count: usize| {
        let sum = weighted(digits.get(..count).unwrap_or_default(), (2..=count as u32 + 1).rev());
        sum * 10 % 11 % 10
    };
    digits.len() == 11 && digits.get(9) == Some(&control(9)) && digits.get(10) == Some(&control(10))
}

/// Número de Identificação Fiscal: one digit modulo 11.
fn is_nif(compact: &str) -> bool {
    let digits = values(compact.strip_prefix("PT").unwrap_or(compact));
    let Some((&last, first)) = digits.split_last().filter(|(_, first)| first.len() == 8) else {
        return false;
    };
    (11 - weighted(first, (2..=9).rev()) % 11) % 11 % 10 == last
}

/// Chinese resident identity number (GB 11643-1999), ISO 7064 MOD 11-2.
fn is_resident_id(compact: &str) -> bool {
    let digits = values(compact);
    let sum = digits.iter().fold(0, |sum, digit| (sum * 2 + digit) % 11);
    digits.len() == 18 && sum == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        language: String,
        country: Option<String>,
        kind: String,
        text: String,
        replace: Option<String>,
        tag: Option<String>,
        /// Value and offset in code points.
        extract: Option<Vec<(String, usize)>>,
    }

    #[test]
    fn golden_cases() {
        let cases = include_str!("../../tests/golden/pii_manager.jsonl");
        let mut count = 0;
        for line in cases.lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            let entities =
                find(&case.text, &case.language, case.country.as_deref(), Some(&case.kind));
            if let Some(expected) = case.replace {
                assert_eq!(rewrite(&case.text, &entities, Mode::Replace), expected);
                count += 1;
            }
            if let Some(expected) = case.tag {
                assert_eq!(rewrite(&case.text, &entities, Mode::Tag), expected);
                count += 1;
            }
            if let Some(expected) = case.extract {
                let found: Vec<(String, usize)> = entities
                    .iter()
                    .map(|it| {
                        (
                            case.text[it.start..it.end].to_owned(),
                            case.text[..it.start].chars().count(),
                        )
                    })
                    .collect();
                assert_eq!(found, expected, "{}", case.text);
                count += 1;
            }
        }
        assert_eq!(count, 38);
    }
}
