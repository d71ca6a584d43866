//! Validators: what a rule can ask of a candidate beyond its pattern, by name.
//!
//! A validator is a pure function of the *compact* form of a candidate: its letters and digits in
//! order, without spaces, dashes, dots, slashes, brackets and whatever else stood between them.
//! Digits of every script are ASCII digits there, full-width letters are ASCII letters, and the
//! case of letters is that of the text. It answers whether the number can be a real one: check
//! digits, ranges that were given out, dates that exist. It must not panic on any string, for rules
//! can be written with any pattern.
//!
//! To add one, write `fn(&str) -> bool` in a file of its own here, with its source, and add a line
//! to [`CHECKS`]; rules name it as `validator`.

mod card;
mod iban;
mod luhn;
mod national;
mod random;
mod wallet;

/// A validator.
pub type Check = fn(&str) -> bool;

/// All validators by the names that rules know them under, in alphabetical order.
pub const CHECKS: &[(&str, Check)] = &[
    ("ae_emirates_id", national::ae::ae_emirates_id),
    ("ar_cuit", national::ar::ar_cuit),
    ("au_abn", national::au::au_abn),
    ("au_tfn", national::au::au_tfn),
    ("base58check", wallet::base58check),
    ("be_national_number", national::be::be_national_number),
    ("bech32", wallet::bech32),
    ("br_cnpj", national::br::br_cnpj),
    ("br_cpf", national::br::br_cpf),
    ("ca_sin", national::ca::ca_sin),
    ("card", card::card),
    ("cl_rut", national::cl::cl_rut),
    ("cn_resident_id", national::cn::cn_resident_id),
    ("de_steuer_id", national::de::de_steuer_id),
    ("eg_national_id", national::eg::eg_national_id),
    ("es_dni", national::es::es_dni),
    ("es_nie", national::es::es_nie),
    ("ethereum", wallet::ethereum),
    ("fi_henkilotunnus", national::fi::fi_henkilotunnus),
    ("fr_nir", national::fr::fr_nir),
    ("gb_nhs", national::gb::gb_nhs),
    ("gb_nino", national::gb::gb_nino),
    ("genuine", random::genuine),
    ("iban", iban::iban),
    ("id_nik", national::id::id_nik),
    ("in_aadhaar", national::india::in_aadhaar),
    ("in_pan", national::india::in_pan),
    ("it_codice_fiscale", national::it::it_codice_fiscale),
    ("jp_my_number", national::jp::jp_my_number),
    ("ke_kra_pin", national::ke::ke_kra_pin),
    ("ke_national_id", national::ke::ke_national_id),
    ("kr_rrn", national::kr::kr_rrn),
    ("luhn", luhn::luhn),
    ("mx_curp", national::mx::mx_curp),
    ("ng_bvn", national::ng::ng_bvn),
    ("ng_nin", national::ng::ng_nin),
    ("nl_bsn", national::nl::nl_bsn),
    ("pk_cnic", national::pk::pk_cnic),
    ("pl_pesel", national::pl::pl_pesel),
    ("pt_nif", national::pt::pt_nif),
    ("random", random::random),
    ("sa_national_id", national::sa::sa_national_id),
    ("se_personnummer", national::se::se_personnummer),
    ("tr_kimlik", national::tr::tr_kimlik),
    ("us_itin", national::us::us_itin),
    ("us_ssn", national::us::us_ssn),
    ("vn_cccd", national::vn::vn_cccd),
    ("za_id", national::za::za_id),
];

/// The validator of a name.
pub fn check(name: &str) -> Option<Check> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|&(_, check)| check)
}

/// The digits of a compact candidate, if it is made of ASCII digits only.
pub(crate) fn digits(compact: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| byte - b'0');
    compact.bytes().map(digit).collect::<Option<Vec<u8>>>().filter(|digits| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(CHECKS.is_sorted_by(|(one, _), (other, _)| one < other));
        assert!(check("luhn").is_some());
        assert!(check("luhm").is_none());
    }

    proptest! {
        #[test]
        fn any_string_is_taken(text in prop_oneof![any::<String>(), "[A-Za-z0-9]{0,40}", "[0-9]{0,40}"]) {
            for (_, check) in CHECKS {
                check(&text);
            }
        }
    }
}
