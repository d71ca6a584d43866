//! Numbering plans, from `filters/phones.tsv`.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;

use crate::languages::Languages;

const SHIPPED: &str = include_str!("../../../../filters/phones.tsv");

/// In which countries a language is spoken that have many of its documents: the languages of ROOTS
/// and those that are common on the web. The first is tried first.
const SPOKEN: &[(&str, &[&str])] = &[
    ("ak", &["GH"]),
    ("am", &["ET"]),
    (
        "ar",
        &[
            "EG", "SA", "MA", "DZ", "AE", "IQ", "JO", "TN", "LB", "SY", "KW", "QA", "YE", "LY",
            "OM", "SD", "PS", "BH",
        ],
    ),
    ("as", &["IN"]),
    ("bg", &["BG"]),
    ("bm", &["ML"]),
    ("bn", &["BD", "IN"]),
    ("ca", &["ES", "AD"]),
    ("cs", &["CZ"]),
    ("da", &["DK"]),
    ("de", &["DE", "AT", "CH"]),
    ("el", &["GR", "CY"]),
    ("en", &["US", "GB", "CA", "AU", "IN", "NG", "ZA", "IE", "NZ", "KE", "GH", "PH", "SG"]),
    ("es", &["ES", "MX", "AR", "CO", "CL", "PE", "VE", "EC", "GT", "BO", "UY", "PY", "CR", "DO"]),
    ("et", &["EE"]),
    ("eu", &["ES"]),
    ("fa", &["IR", "AF"]),
    ("fi", &["FI"]),
    ("fon", &["BJ"]),
    ("fr", &["FR", "BE", "CH", "CA", "MA", "DZ", "TN", "SN", "CI", "CM", "CD", "ML", "BJ"]),
    ("gl", &["ES"]),
    ("gu", &["IN"]),
    ("ha", &["NG", "NE"]),
    ("he", &["IL"]),
    ("hi", &["IN"]),
    ("hr", &["HR"]),
    ("hu", &["HU"]),
    ("id", &["ID"]),
    ("ig", &["NG"]),
    ("it", &["IT", "CH"]),
    ("ja", &["JP"]),
    ("ki", &["KE"]),
    ("kn", &["IN"]),
    ("ko", &["KR"]),
    ("lg", &["UG"]),
    ("ln", &["CD", "CG"]),
    ("lt", &["LT"]),
    ("lv", &["LV"]),
    ("ml", &["IN"]),
    ("mr", &["IN"]),
    ("ms", &["MY"]),
    ("nb", &["NO"]),
    ("ne", &["NP"]),
    ("nl", &["NL", "BE"]),
    ("no", &["NO"]),
    ("nso", &["ZA"]),
    ("ny", &["MW", "ZM"]),
    ("or", &["IN"]),
    ("pa", &["IN", "PK"]),
    ("pl", &["PL"]),
    ("pt", &["BR", "PT", "AO", "MZ"]),
    ("rn", &["BI"]),
    ("ro", &["RO", "MD"]),
    ("ru", &["RU", "KZ", "BY"]),
    ("rw", &["RW"]),
    ("sk", &["SK"]),
    ("sl", &["SI"]),
    ("sn", &["ZW"]),
    ("sq", &["AL"]),
    ("sr", &["RS"]),
    ("st", &["ZA", "LS"]),
    ("sv", &["SE", "FI"]),
    ("sw", &["KE", "TZ", "UG", "CD"]),
    ("ta", &["IN", "LK"]),
    ("te", &["IN"]),
    ("th", &["TH"]),
    ("tn", &["ZA", "BW"]),
    ("tr", &["TR"]),
    ("ts", &["ZA", "MZ"]),
    ("tum", &["MW"]),
    ("tw", &["GH"]),
    ("uk", &["UA"]),
    ("ur", &["PK", "IN"]),
    ("vi", &["VN"]),
    ("wo", &["SN"]),
    ("xh", &["ZA"]),
    ("yo", &["NG", "BJ"]),
    ("zh", &["CN", "TW", "HK", "SG"]),
    ("zu", &["ZA"]),
];

/// The regions in which a language is spoken, by any of its codes; none if it is not known.
pub(in crate::pii) fn regions_of(language: &str) -> &'static [&'static str] {
    let of = |code: &str| {
        let at = SPOKEN.binary_search_by_key(&code, |(language, _)| language).ok()?;
        SPOKEN.get(at).map(|&(_, regions)| regions)
    };
    of(language).or_else(|| Languages::shipped().short(language).and_then(of)).unwrap_or(&[])
}

/// How numbers are grouped: with which digits they begin, and the lengths of the groups.
type Formats = Vec<(Option<Regex>, Vec<usize>)>;

/// A region's plan. Its patterns are compiled when they are first needed: most are never.
#[derive(Debug)]
struct Plan {
    prefix: &'static str,
    shortest: usize,
    longest: usize,
    number: &'static str,
    formats: &'static str,
    number_regex: OnceLock<Option<Regex>>,
    formats_ready: OnceLock<Formats>,
}

/// How a number fits a plan.
#[derive(Debug, Clone, Copy)]
pub(in crate::pii) struct Fit {
    /// It is grouped as the plan has it.
    pub grouped: bool,
    /// It has the prefix that is dialled within the country.
    pub prefixed: bool,
}

/// All plans.
#[derive(Debug)]
pub(in crate::pii) struct Plans {
    plans: HashMap<&'static str, Plan>,
    codes: HashMap<&'static str, Vec<&'static str>>,
    /// The regions of all languages, each once, in order.
    spoken: Vec<&'static str>,
}

impl Plans {
    /// The plans that come with the library.
    pub fn shipped() -> &'static Self {
        static PLANS: LazyLock<Plans> = LazyLock::new(|| Plans::parse(SHIPPED));
        &PLANS
    }

    fn parse(table: &'static str) -> Self {
        let mut plans = HashMap::new();
        let mut codes: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let &[region, code, prefix, lengths, number, formats] = fields.as_slice() else {
                continue;
            };
            let (shortest, longest) = lengths.split_once('-').unwrap_or_default();
            let plan = Plan {
                prefix,
                shortest: shortest.parse().unwrap_or(usize::MAX),
                longest: longest.parse().unwrap_or(0),
                number,
                formats,
                number_regex: OnceLock::new(),
                formats_ready: OnceLock::new(),
            };
            // `001` stands for several codes of no country.
            let name = if region == "001" { code } else { region };
            plans.insert(name, plan);
            codes.entry(code).or_default().push(name);
        }
        let mut spoken: Vec<&str> =
            SPOKEN.iter().flat_map(|&(_, regions)| regions).copied().collect();
        spoken.sort_unstable();
        spoken.dedup();
        Self { plans, codes, spoken }
    }

    /// The country code with which digits begin.
    pub fn code_of<'d>(&self, digits: &'d str) -> Option<&'d str> {
        (1..=3).filter_map(|length| digits.get(..length)).find(|code| self.codes.contains_key(code))
    }

    fn of_code(&self, code: &str) -> impl Iterator<Item = &Plan> {
        let regions = self.codes.get(code).into_iter().flatten();
        regions.filter_map(|region| self.plans.get(region))
    }

    /// Whether there are such numbers, with or without the prefix.
    pub fn is_valid(&self, code: &str, national: &str) -> bool {
        self.of_code(code).any(|plan| {
            plan.holds(national)
                || plan.without_prefix(national).is_some_and(|bare| plan.holds(bare))
        })
    }

    /// Whether numbers are of that length.
    pub fn is_possible(&self, code: &str, national: &str) -> bool {
        self.of_code(code)
            .any(|plan| (plan.shortest.max(6)..=plan.longest).contains(&national.len()))
    }

    /// Whether a number is set apart for fiction, which made-up numbers are taken from: 555-0100 to
    /// 555-0199 in North America (ATIS-0300115).
    pub fn is_fictional(&self, code: &str, national: &str) -> bool {
        let national = if national.len() == 11 {
            national.strip_prefix('1').unwrap_or(national)
        } else {
            national
        };
        code == "1" && national.len() == 10 && national.get(3..8) == Some("55501")
    }

    /// The same for a number within a region.
    pub fn is_fictional_in(&self, region: &str, digits: &str) -> bool {
        matches!(region, "US" | "CA") && self.is_fictional("1", digits)
    }

    /// How digits in groups of these lengths fit the plan of a region; `None` if there is no such
    /// number.
    pub fn fit(&self, region: &str, digits: &str, lengths: &[usize]) -> Option<Fit> {
        let plan = self.plans.get(region)?;
        if let Some(bare) = plan.without_prefix(digits).filter(|bare| plan.holds(bare)) {
            let grouped = plan.is_grouped(bare, lengths, plan.prefix.len());
            return Some(Fit { grouped, prefixed: true });
        }
        plan.holds(digits)
            .then(|| Fit { grouped: plan.is_grouped(digits, lengths, 0), prefixed: false })
    }

    /// Whether any region that has a language has such numbers, grouped so.
    pub fn fits_any(&self, digits: &str, lengths: &[usize]) -> bool {
        // Short ones are grouped in every way somewhere.
        let grouped = lengths.len() > 1;
        digits.len() >= 9
            && self.spoken.iter().any(|region| {
                let fit = self.fit(region, digits, lengths);
                fit.is_some_and(|fit| if grouped { fit.grouped } else { fit.prefixed })
            })
    }
}

impl Plan {
    fn holds(&self, national: &str) -> bool {
        if !(self.shortest..=self.longest).contains(&national.len()) {
            return false;
        }
        let regex = self.number_regex.get_or_init(|| anchored(self.number, true));
        regex.as_ref().is_some_and(|regex| regex.is_match(national))
    }

    fn without_prefix<'d>(&self, digits: &'d str) -> Option<&'d str> {
        (!self.prefix.is_empty()).then(|| digits.strip_prefix(self.prefix)).flatten()
    }

    /// Whether groups are those of a format, where the prefix stands with the first group or alone.
    fn is_grouped(&self, national: &str, lengths: &[usize], prefix: usize) -> bool {
        let formats = self.formats_ready.get_or_init(|| self.read_formats());
        let mut own = lengths.to_vec();
        if prefix > 0 {
            match own.first_mut() {
                Some(first) if *first > prefix => *first -= prefix,
                Some(first) if *first == prefix => drop(own.remove(0)),
                _ => return false,
            }
        }
        if own.len() == 1 {
            return true;
        }
        // The first digits behind one mark and all others in one: `030 1234567`.
        // In Italy the zero is part of the number.
        let dialled = prefix > 0 || national.starts_with('0');
        let area = own.len() == 2 && national.len() >= 9 && dialled && own[0] <= 5 && own[1] >= 5;
        area || formats.iter().any(|(leading, groups)| {
            *groups == own && leading.as_ref().is_none_or(|leading| leading.is_match(national))
        })
    }

    fn read_formats(&self) -> Formats {
        let entries = self.formats.split(';').filter_map(|entry| entry.rsplit_once('='));
        entries
            .map(|(leading, groups)| {
                let leading = (!leading.is_empty()).then(|| anchored(leading, false)).flatten();
                (leading, groups.split('-').filter_map(|group| group.parse().ok()).collect())
            })
            .collect()
    }
}

fn anchored(pattern: &str, to_the_end: bool) -> Option<Regex> {
    let end = if to_the_end { r"\z" } else { "" };
    // Numbers are in ASCII digits here.
    let ascii = pattern.replace(r"\d", "[0-9]");
    Regex::new(&format!(r"\A(?:{ascii}){end}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_whole() {
        let plans = Plans::shipped();
        assert!(plans.plans.len() > 240);
        for (name, plan) in &plans.plans {
            assert!(anchored(plan.number, true).is_some(), "{name}");
            assert!(plan.shortest <= plan.longest, "{name}");
            for (_, groups) in plan.read_formats() {
                assert!(groups.len() > 1 && groups.iter().all(|&group| group > 0), "{name}");
            }
        }
        assert!(SPOKEN.is_sorted_by_key(|(language, _)| language));
        for region in SPOKEN.iter().flat_map(|(_, regions)| *regions) {
            assert!(plans.plans.contains_key(region), "{region}");
        }
    }

    #[test]
    fn regions_by_any_code() {
        assert_eq!(regions_of("fra_Latn").first(), Some(&"FR"));
        assert_eq!(regions_of("pt").first(), Some(&"BR"));
        assert!(regions_of("tlh").is_empty());
    }
}
