//! From a trade to its amounts (SPEC 2): eligibility, rates in force, commission and rebate, or why nothing.
//!
//! Pure: the trade, what its account counts as, and the facts up to a position go in; amounts come out.

use ledger::{AccountId, Position};
use schemas::{AffiliateStatus, ProductGroup, Program, Rate, Timestamp, Trade, Usd};

use crate::attribution::{Attribution, Owner};
use crate::codes::CodeId;
use crate::state::State;

/// Why a trade has no commission: exactly one reason, the first that holds in this order (SPEC 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNothing {
    /// The account, or a parent of it, is not registered.
    NotRegistered,
    /// The trade is stamped earlier than the registration.
    BeforeRegistration,
    /// The code is the invitee's own.
    SelfReferral,
    /// No code, or one that nobody owns.
    NotAttributed,
    /// The referral does not cover the product group.
    Relationship,
    /// The VIP level is above the limit in force.
    VipLevel,
    /// No fee, or a maker rebate.
    FeeNotPositive,
    /// The futures window has ended.
    WindowEnded,
    /// The referrer is suspended.
    Suspended,
    /// The trade is eligible and its commission comes to 0.
    RateZero,
}

impl WhyNothing {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            WhyNothing::NotRegistered => "not_registered",
            WhyNothing::BeforeRegistration => "before_registration",
            WhyNothing::SelfReferral => "self_referral",
            WhyNothing::NotAttributed => "not_attributed",
            WhyNothing::Relationship => "relationship",
            WhyNothing::VipLevel => "vip_level",
            WhyNothing::FeeNotPositive => "fee_not_positive",
            WhyNothing::WindowEnded => "window_ended",
            WhyNothing::Suspended => "suspended",
            WhyNothing::RateZero => "rate_zero",
        }
    }
}

/// A rate, and the entry that set it; none for a built-in default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateInForce {
    pub(crate) rate: Rate,
    pub(crate) set_by: Option<Position>,
}

/// What a trade comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rated {
    /// The referrer and the code, where the trade is attributed and not before its registration.
    pub(crate) referrer: Option<(AccountId, CodeId)>,
    /// The referrer's base rate, for an attributed trade.
    pub(crate) base: Option<RateInForce>,
    /// The invitee's rebate rate capped at the base rate, for an attributed trade.
    pub(crate) rebate_rate: Option<RateInForce>,
    pub(crate) eligible: bool,
    pub(crate) reason: Option<WhyNothing>,
    pub(crate) commission: Usd,
    pub(crate) rebate: Usd,
}

impl Rated {
    fn nothing(reason: WhyNothing) -> Rated {
        Rated {
            referrer: None,
            base: None,
            rebate_rate: None,
            eligible: false,
            reason: Some(reason),
            commission: Usd::ZERO,
            rebate: Usd::ZERO,
        }
    }

    /// `commission + rebate`.
    pub(crate) fn total(&self) -> Usd {
        self.commission + self.rebate
    }
}

/// The base rates of a referrer at a moment.
struct BaseTerms {
    base: RateInForce,
    window_days: Option<u16>,
    suspended: bool,
}

impl State {
    /// Rates one trade by the facts up to a position.
    pub(crate) fn rate(
        &self,
        attribution: Option<&Attribution>,
        trade: &Trade<'_>,
        time: Timestamp,
        upto: Position,
    ) -> Rated {
        let Some(attribution) = attribution else {
            return Rated::nothing(WhyNothing::NotRegistered);
        };
        if time < attribution.since {
            return Rated::nothing(WhyNothing::BeforeRegistration);
        }
        let (referrer, code) = match (attribution.owner, attribution.code) {
            (Owner::Oneself, _) => return Rated::nothing(WhyNothing::SelfReferral),
            (Owner::Nobody, _) | (Owner::Referrer(_), None) => return Rated::nothing(WhyNothing::NotAttributed),
            (Owner::Referrer(referrer), Some(code)) => (referrer, code),
        };
        let group = trade.product.group();
        let program = self.program_at(time, upto);
        let terms = self.base_terms(referrer, group, time, upto);
        let agreed = self.agreed_rebate(attribution, code, group, time, upto);
        let rebate_rate = RateInForce { rate: agreed.rate.min(terms.base.rate), set_by: agreed.set_by };
        let mut rated = Rated {
            referrer: Some((referrer, code)),
            base: Some(terms.base),
            rebate_rate: Some(rebate_rate),
            eligible: false,
            reason: None,
            commission: Usd::ZERO,
            rebate: Usd::ZERO,
        };
        rated.reason =
            self.why_not_eligible(attribution, trade, time, program.map_or(&Program::BUILT_IN, |(p, _)| p), &terms);
        if rated.reason.is_some() {
            return rated;
        }
        rated.eligible = true;
        rated.rebate = trade.fee_usd.cut_share(rebate_rate.rate);
        if terms.suspended {
            rated.reason = Some(WhyNothing::Suspended);
            return rated;
        }
        rated.commission = trade.fee_usd.cut_share(terms.base.rate) - rated.rebate;
        if rated.commission.is_zero() {
            rated.reason = Some(WhyNothing::RateZero);
        }
        rated
    }

    /// The first condition of eligibility that does not hold, in the order of SPEC 2.
    fn why_not_eligible(
        &self,
        attribution: &Attribution,
        trade: &Trade<'_>,
        time: Timestamp,
        program: &Program,
        terms: &BaseTerms,
    ) -> Option<WhyNothing> {
        let group = trade.product.group();
        let vip_max = match group {
            ProductGroup::Spot => program.spot_vip_max,
            ProductGroup::Futures => program.futures_vip_max,
        };
        if !attribution.relationship.covers(group) {
            return Some(WhyNothing::Relationship);
        }
        if trade.vip_level > vip_max {
            return Some(WhyNothing::VipLevel);
        }
        if trade.fee_usd <= Usd::ZERO {
            return Some(WhyNothing::FeeNotPositive);
        }
        let window = terms.window_days.filter(|_| group == ProductGroup::Futures);
        // The invitee's own registration, also for a sub-account: opening one does not open the window again (SPEC 2).
        if window.is_some_and(|days| time >= attribution.registered_at.plus_days(i64::from(days))) {
            return Some(WhyNothing::WindowEnded);
        }
        None
    }

    /// The platform-wide rules in force at a moment, and the entry that set them.
    pub(crate) fn program_at(&self, time: Timestamp, upto: Position) -> Option<(&Program, Position)> {
        self.program.at(time, upto).map(|fact| (&fact.value, fact.position))
    }

    fn base_terms(&self, referrer: AccountId, group: ProductGroup, time: Timestamp, upto: Position) -> BaseTerms {
        let affiliate = self.affiliates.get(&referrer).and_then(|history| history.at(time, upto));
        let (spot, futures, window_days, set_by, suspended) = match affiliate {
            Some(fact) => (
                fact.value.spot_rate,
                fact.value.futures_rate,
                fact.value.futures_window_days,
                Some(fact.position),
                fact.value.status == AffiliateStatus::Suspended,
            ),
            None => {
                let program = self.program_at(time, upto);
                let (rules, set_by) = match program {
                    Some((rules, position)) => (rules, Some(position)),
                    None => (&Program::BUILT_IN, None),
                };
                let window = rules.default_futures_window_days;
                (rules.default_spot_rate, rules.default_futures_rate, window, set_by, false)
            }
        };
        let rate = match group {
            ProductGroup::Spot => spot,
            ProductGroup::Futures => futures,
        };
        BaseTerms { base: RateInForce { rate, set_by }, window_days, suspended }
    }

    /// The base rate of a referrer at a moment, and whether it is suspended.
    pub(crate) fn base_rate(&self, referrer: AccountId, group: ProductGroup, time: Timestamp) -> (Rate, bool) {
        let terms = self.base_terms(referrer, group, time, crate::history::PRESENT);
        (terms.base.rate, terms.suspended)
    }

    /// The rebate rate agreed with an invitee at a moment, uncapped: its own, else its code's at its registration.
    pub(crate) fn agreed_rebate(
        &self,
        attribution: &Attribution,
        code: CodeId,
        group: ProductGroup,
        time: Timestamp,
        upto: Position,
    ) -> RateInForce {
        let own = self.rebates.get(&attribution.head).and_then(|history| history.at(time, upto));
        if let Some(fact) = own {
            let rate = match group {
                ProductGroup::Spot => fact.value.spot_rebate_rate,
                ProductGroup::Futures => fact.value.futures_rebate_rate,
            };
            return RateInForce { rate, set_by: Some(fact.position) };
        }
        let terms = &self.codes.get(code).terms;
        match terms.at(attribution.registered_at, upto).or_else(|| terms.first(upto)) {
            Some(fact) => {
                let rate = match group {
                    ProductGroup::Spot => fact.value.spot_rebate_rate,
                    ProductGroup::Futures => fact.value.futures_rebate_rate,
                };
                RateInForce { rate, set_by: Some(fact.position) }
            }
            None => RateInForce { rate: Rate::ZERO, set_by: None },
        }
    }
}
