//! Countries: the assigned ISO 3166-1 alpha-2 codes, and `XK` for Kosovo (SPEC 1).

use std::fmt;

use serde::{Serialize, Serializer};

/// All codes in ascending order, one blank between two.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR \
    CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
    TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country: an assigned ISO 3166-1 alpha-2 code, or `XK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// What stands for "unknown" where a country must be named (SPEC 4.5); never a country itself.
    pub const UNKNOWN_TEXT: &'static str = "ZZ";

    /// Reads a code as it stands in an event: two capital letters, assigned. `None` if it is not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Country> {
        let code: [u8; 2] = text.as_bytes().try_into().ok()?;
        let (mut low, mut high) = (0, ASSIGNED.len().div_ceil(3));
        while low < high {
            let middle = low.midpoint(high);
            match ASSIGNED.as_bytes()[middle * 3..middle * 3 + 2].cmp(&code) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(Country(code)),
            }
        }
        None
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or(Self::UNKNOWN_TEXT)
    }

    /// All countries, in ascending order of their codes.
    pub fn all() -> impl Iterator<Item = Country> {
        ASSIGNED.split_ascii_whitespace().filter_map(Country::parse)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_codes_and_kosovo_are_countries_and_nothing_else_is() {
        assert_eq!(Country::all().count(), 250);
        for code in ["AD", "DE", "XK", "ZW", "US"] {
            assert_eq!(Country::parse(code).map(|country| country.to_string()), Some(code.into()));
        }
        for text in ["", "A", "ZZ", "de", "XX", "EU", "USA", "UK", "D ", "ß"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
    }
}
