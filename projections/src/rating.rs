//! From a trade to its amounts (SPEC 2): eligibility, rates in force, commission and rebate, or why nothing.
//!
//! Pure: the trade, what its account counts as, and the facts up to a position go in; amounts come out.

use ledger::{AccountId, Position};
use schemas::{ProductGroup, Timestamp, Trade, Usd};

use crate::attribution::{Attribution, Owner};
use crate::codes::CodeId;
use crate::state::State;
use crate::terms::{RateInForce, Terms};

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
    /// All of them, in the order in which they are looked at.
    pub const ALL: [WhyNothing; 10] = [
        WhyNothing::NotRegistered,
        WhyNothing::BeforeRegistration,
        WhyNothing::SelfReferral,
        WhyNothing::NotAttributed,
        WhyNothing::Relationship,
        WhyNothing::VipLevel,
        WhyNothing::FeeNotPositive,
        WhyNothing::WindowEnded,
        WhyNothing::Suspended,
        WhyNothing::RateZero,
    ];

    /// Those of trades that somebody would have earned from: the code of the registration has an owner.
    pub const WITHHOLDING: [WhyNothing; 8] = [
        WhyNothing::BeforeRegistration,
        WhyNothing::SelfReferral,
        WhyNothing::Relationship,
        WhyNothing::VipLevel,
        WhyNothing::FeeNotPositive,
        WhyNothing::WindowEnded,
        WhyNothing::Suspended,
        WhyNothing::RateZero,
    ];

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

/// What of a trade it is rated by, besides its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) group: ProductGroup,
    pub(crate) vip_level: u8,
    pub(crate) fee_usd: Usd,
}

impl Figures {
    pub(crate) fn of(trade: &Trade<'_>) -> Figures {
        Figures { group: trade.product.group(), vip_level: trade.vip_level, fee_usd: trade.fee_usd }
    }
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
        self.rate_figures(attribution, &Figures::of(trade), time, upto)
    }

    /// The same of a trade of which just the figures are at hand.
    pub(crate) fn rate_figures(
        &self,
        attribution: Option<&Attribution>,
        trade: &Figures,
        time: Timestamp,
        upto: Position,
    ) -> Rated {
        rate_under(attribution, trade, time, |attribution, referrer| {
            self.terms(attribution, referrer, trade.group, time, upto)
        })
    }
}

/// Rates a trade; its terms are asked for where it counts for a referrer.
pub(crate) fn rate_under(
    attribution: Option<&Attribution>,
    trade: &Figures,
    time: Timestamp,
    terms: impl FnOnce(&Attribution, (AccountId, CodeId)) -> Terms,
) -> Rated {
    let Some(attribution) = attribution else {
        return Rated::nothing(WhyNothing::NotRegistered);
    };
    if time < attribution.since {
        return Rated::nothing(WhyNothing::BeforeRegistration);
    }
    let referrer = match (attribution.owner, attribution.code) {
        (Owner::Oneself, _) => return Rated::nothing(WhyNothing::SelfReferral),
        (Owner::Nobody, _) | (Owner::Referrer(_), None) => return Rated::nothing(WhyNothing::NotAttributed),
        (Owner::Referrer(referrer), Some(code)) => (referrer, code),
    };
    rate_by(attribution, referrer, trade, time, &terms(attribution, referrer))
}

/// Rates a trade that counts by the terms that hold for it.
pub(crate) fn rate_by(
    attribution: &Attribution,
    referrer: (AccountId, CodeId),
    trade: &Figures,
    time: Timestamp,
    terms: &Terms,
) -> Rated {
    let mut rated = Rated {
        referrer: Some(referrer),
        base: Some(terms.base),
        rebate_rate: Some(terms.rebate),
        eligible: false,
        reason: why_not_eligible(attribution, trade, time, terms),
        commission: Usd::ZERO,
        rebate: Usd::ZERO,
    };
    if rated.reason.is_some() {
        return rated;
    }
    rated.eligible = true;
    rated.rebate = trade.fee_usd.cut_share(terms.rebate.rate);
    if terms.is_suspended && !mutants::mutant!("suspended-referrer-earns") {
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
fn why_not_eligible(attribution: &Attribution, trade: &Figures, time: Timestamp, terms: &Terms) -> Option<WhyNothing> {
    let group = trade.group;
    if !attribution.relationship.covers(group) {
        return Some(WhyNothing::Relationship);
    }
    if trade.vip_level > terms.vip_max || (trade.vip_level == terms.vip_max && mutants::mutant!("vip-limit-off-by-one"))
    {
        return Some(WhyNothing::VipLevel);
    }
    if trade.fee_usd <= Usd::ZERO {
        return Some(WhyNothing::FeeNotPositive);
    }
    let window = terms.window_days.filter(|_| group == ProductGroup::Futures);
    // The invitee's own registration, also for a sub-account: opening one does not open the window again (SPEC 2).
    let opened = if mutants::mutant!("window-opened-again-by-a-sub-account") {
        attribution.since
    } else {
        attribution.registered_at
    };
    if window.is_some_and(|days| time >= opened.plus_days(i64::from(days))) {
        return Some(WhyNothing::WindowEnded);
    }
    None
}
