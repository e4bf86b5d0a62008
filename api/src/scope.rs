//! Which question is short and which long: decided here and nowhere else.
//!
//! A short one takes a bounded number of steps, whoever it is about: it is asked in place, while the state stands still.
//! A long one grows with a referrer, a range or the platform: it is asked of a snapshot, with permits of its own, so that
//! neither the writer nor short questions wait for it. What grows with a referrer is short where that referrer is small,
//! which is measured when it is asked ([`projections::State::weight_of`]).

use ingest::STEPS_IN_PLACE_MAX;
use projections::State;
use projections::query::{Budget, Weighs};
use schemas::Uid;

use crate::caller::Caller;
use crate::parameters::UID;

/// What a part of the feed does while the state stands still for it. Before a look that takes more, it is asked of a
/// snapshot instead.
pub(crate) const FEED_PART_IN_PLACE: Budget =
    Budget { given: 256, steps: STEPS_IN_PLACE_MAX as usize, look: STEPS_IN_PLACE_MAX };
/// What a part of the feed does of a snapshot: neither a filter which takes few entries nor an entry with millions of
/// postings is held, or holds a place of the long questions for long.
pub(crate) const FEED_PART_OF_SNAPSHOT: Budget = Budget { given: 1_000, steps: 20_000, look: u64::MAX };

/// What a question looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A few rows, whoever it is about.
    Few,
    /// What grows with a referrer.
    Referrer(Uid, Weighs),
    /// What grows with the ledger, a range of it, or all referrers.
    Ledger,
}

impl Scope {
    /// What the question of an endpoint looks at, by its template. One that is not told of here is long.
    pub(crate) fn of_endpoint(template: &str, caller: &Caller, parameters: &[(String, String)]) -> Scope {
        let weighs = match template {
            "/v1/overview" | "/v1/overview/series" | "/v1/countries" => Weighs::Cells,
            "/v1/account" | "/v1/account/application" | "/v1/account/codes" | "/v1/campaigns" | "/v1/changes" => {
                Weighs::Codes
            }
            "/v1/referrals" | "/v1/codes" | "/v1/codes/{code}" | "/v1/codes/{code}/referrals" => Weighs::Invitees,
            "/v1/cohorts"
            | "/v1/referrals/{invitee}"
            | "/v1/referrals/{invitee}/history"
            | "/v1/rewards"
            | "/v1/rewards/trades"
            | "/v1/offers" => Weighs::Events,
            "/v1/quarantine/{id}" => return Scope::Few,
            _ => return Scope::Ledger,
        };
        let named = || parameters.iter().find(|(name, _)| name == UID.name).and_then(|(_, value)| Uid::parse(value));
        Scope::of(caller.own_data_of().or_else(named), weighs)
    }

    /// What a page of one referrer looks at, which may ask several questions; of all of them, where none is named.
    #[must_use]
    pub fn of_page(referrer: Option<Uid>) -> Scope {
        Scope::of(referrer, Weighs::Events)
    }

    fn of(referrer: Option<Uid>, weighs: Weighs) -> Scope {
        referrer.map_or(Scope::Ledger, |referrer| Scope::Referrer(referrer, weighs))
    }

    /// Whether it may be asked in place.
    pub(crate) fn is_short(self, state: &State) -> bool {
        match self {
            Scope::Few => true,
            Scope::Referrer(referrer, weighs) => {
                state.weight_of(referrer, weighs, STEPS_IN_PLACE_MAX) < STEPS_IN_PLACE_MAX
            }
            Scope::Ledger => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(template: &str, caller: &Caller, uid: Option<&str>) -> Scope {
        let parameters: Vec<(String, String)> =
            uid.into_iter().map(|uid| (UID.name.to_owned(), uid.to_owned())).collect();
        Scope::of_endpoint(template, caller, &parameters)
    }

    #[test]
    fn what_is_asked_of_all_referrers_or_of_the_ledger_is_long_whoever_asks() {
        let (operator, own) = (Caller::operator(), Caller::affiliate(Uid(7)));
        assert_eq!(scope("/v1/changes", &operator, None), Scope::Ledger);
        for template in ["/v1/overview", "/v1/overview/series", "/v1/countries"] {
            assert_eq!(scope(template, &operator, None), Scope::Ledger);
            assert_eq!(scope(template, &operator, Some("9")), Scope::Referrer(Uid(9), Weighs::Cells));
            assert_eq!(scope(template, &own, None), Scope::Referrer(Uid(7), Weighs::Cells));
            // Whoever names another's uid is refused, and may not have what is his weighed by it.
            assert_eq!(scope(template, &own, Some("9")), Scope::Referrer(Uid(7), Weighs::Cells));
        }
        assert_eq!(scope("/v1/cohorts", &operator, None), Scope::Ledger);
        assert_eq!(scope("/v1/cohorts", &own, None), Scope::Referrer(Uid(7), Weighs::Events));
        for template in [
            "/v1/withheld",
            "/v1/clawbacks/trades",
            "/v1/referrers",
            "/v1/restatement",
            "/v1/rewards/export",
            "/v1/trades/explain",
            "/v1/trades/rules",
            "/v1/anything",
        ] {
            assert_eq!(scope(template, &own, Some("7")), Scope::Ledger);
            assert!(!Scope::Ledger.is_short(&State::new()));
        }
    }

    #[test]
    fn a_referrer_of_whom_little_is_known_is_asked_about_in_place() {
        for weighs in [Weighs::Codes, Weighs::Cells, Weighs::Invitees, Weighs::Events] {
            assert!(Scope::Referrer(Uid(7), weighs).is_short(&State::new()));
        }
        assert!(Scope::Few.is_short(&State::new()));
    }
}
