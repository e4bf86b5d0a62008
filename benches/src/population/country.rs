//! Where accounts come from: a few countries have most of them, some stand for one or two, some are unknown.

use schemas::Country;

use crate::dice::{Dice, Share, Zipf};

/// The countries that most accounts come from, most first.
const COMMON: [&str; 40] = [
    "VN", "TR", "BR", "IN", "NG", "UA", "ID", "FR", "AR", "DE", "PH", "ES", "PK", "MX", "IT", "PL", "TH", "AE", "ZA",
    "CO", "VE", "EG", "KE", "RO", "NL", "PT", "MA", "BD", "CZ", "KZ", "PE", "SE", "AU", "CH", "GH", "GR", "AT", "CL",
    "XK", "LK",
];

/// How countries are drawn.
pub(crate) struct Countries {
    common: Vec<Country>,
    all: Vec<Country>,
    law: Zipf,
    unknown: Share,
}

impl Countries {
    pub(crate) fn new(unknown: Share) -> Countries {
        let common: Vec<Country> = COMMON.into_iter().filter_map(Country::parse).collect();
        let law = Zipf::new(common.len());
        Countries { common, all: Country::all().collect(), law, unknown }
    }

    /// A country, or `None` for an account whose country is not known.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Option<Country> {
        if dice.hit(self.unknown) {
            None
        } else if dice.below(20) == 0 {
            Some(*dice.pick(&self.all))
        } else {
            Some(self.common[self.law.rank(dice)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_country_is_one() {
        assert!(COMMON.iter().all(|code| Country::parse(code).is_some()));
    }
}
