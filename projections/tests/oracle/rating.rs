//! What a trade comes to (SPEC 2): whose it is, whether it is eligible, its amounts, or the reason why nothing.

use schemas::{ProductGroup, Rate, Reversal, Trade, Uid};

use super::attribution::{Attribution, Home};
use super::order::earliest;
use super::rates::Base;
use super::{Entry, Known};

/// Why a trade has no commission: the first that holds, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    NotRegistered,
    BeforeRegistration,
    SelfReferral,
    NotAttributed,
    Relationship,
    VipLevel,
    FeeNotPositive,
    WindowEnded,
    Suspended,
    RateZero,
}

impl Reason {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Reason::NotRegistered => "not_registered",
            Reason::BeforeRegistration => "before_registration",
            Reason::SelfReferral => "self_referral",
            Reason::NotAttributed => "not_attributed",
            Reason::Relationship => "relationship",
            Reason::VipLevel => "vip_level",
            Reason::FeeNotPositive => "fee_not_positive",
            Reason::WindowEnded => "window_ended",
            Reason::Suspended => "suspended",
            Reason::RateZero => "rate_zero",
        }
    }
}

/// The amounts of a trade, in units of 10^-8 USD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    pub total: i128,
    pub commission: i128,
    pub rebate: i128,
}

/// A rate and the event that it comes from; `None` for what is built in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sourced<'a> {
    pub rate: Rate,
    pub event: Option<&'a Entry>,
}

/// Everything the rules say about one trade.
#[derive(Clone, Debug)]
pub(super) struct Rated<'a> {
    pub entry: &'a Entry,
    pub trade: &'a Trade<'static>,
    /// `None` while the account leads to no major account.
    pub home: Option<Home>,
    /// The next four are there only for an attributed trade.
    pub referrer: Option<Uid>,
    pub base: Option<Sourced<'a>>,
    pub rebate: Option<Sourced<'a>>,
    pub eligible: bool,
    pub reason: Option<Reason>,
    pub amounts: Amounts,
    /// What takes it back, if anything does.
    pub reversal: Option<(&'a Entry, &'a Reversal<'static>)>,
}

impl Rated<'_> {
    fn because(self, reason: Reason) -> Self {
        Rated { reason: Some(reason), ..self }
    }

    /// Whether it counts for its invitee at all: not while nobody is registered, not before the registration.
    pub(super) fn counts(&self) -> bool {
        self.home.is_some_and(|home| self.entry.event.time >= home.registered_at)
    }
}

/// `cut(fee × rate)` of a positive fee: what lies beyond 8 decimals is dropped.
fn cut(fee: i128, rate: Rate) -> i128 {
    fee * i128::from(rate.0) / 1_000_000
}

impl<'a> Known<'a> {
    /// Rates one trade by everything that is known.
    pub(super) fn rate(self, entry: &'a Entry, trade: &'a Trade<'static>) -> Rated<'a> {
        let rated = Rated {
            entry,
            trade,
            home: self.home(trade.uid),
            referrer: None,
            base: None,
            rebate: None,
            eligible: false,
            reason: None,
            amounts: Amounts::default(),
            reversal: self.reversal(entry, trade),
        };
        let Some(home) = rated.home else { return rated.because(Reason::NotRegistered) };
        if entry.event.time < home.registered_at {
            return rated.because(Reason::BeforeRegistration);
        }
        match self.attribution(home.invitee) {
            Attribution::Itself => rated.because(Reason::SelfReferral),
            Attribution::Nobody => rated.because(Reason::NotAttributed),
            Attribution::Referrer(referrer) => self.rate_attributed(rated, home, referrer),
        }
    }

    fn rate_attributed(self, rated: Rated<'a>, home: Home, referrer: Uid) -> Rated<'a> {
        let group = rated.trade.product.group();
        let base = self.base(referrer, rated.entry.event.time);
        let agreed = self.agreed(home.invitee, rated.entry.event.time).expect("an attributed invitee has a known code");
        let base_rate = base.rate(group);
        let rebate_rate = agreed.rate(group).min(base_rate);
        let rated = Rated {
            referrer: Some(referrer),
            base: Some(Sourced { rate: base_rate, event: base.event }),
            rebate: Some(Sourced { rate: rebate_rate, event: Some(agreed.event) }),
            ..rated
        };
        if let Some(reason) = self.hindrance(&rated, home, &base) {
            return rated.because(reason);
        }
        let fee = rated.trade.fee_usd.0;
        let rebate = cut(fee, rebate_rate);
        let commission = if base.is_suspended() { 0 } else { cut(fee, base_rate) - rebate };
        let reason = match commission {
            0 if base.is_suspended() => Some(Reason::Suspended),
            0 => Some(Reason::RateZero),
            _ => None,
        };
        Rated { eligible: true, reason, amounts: Amounts { total: commission + rebate, commission, rebate }, ..rated }
    }

    /// Why an attributed trade is not eligible, if it is not.
    fn hindrance(self, rated: &Rated<'a>, home: Home, base: &Base<'a>) -> Option<Reason> {
        let trade = rated.trade;
        let time = rated.entry.event.time;
        let (program, _) = self.program(time);
        let (registered, registration) = self.registration(home.invitee)?;
        let vip_max = match trade.product.group() {
            ProductGroup::Spot => program.spot_vip_max,
            ProductGroup::Futures => program.futures_vip_max,
        };
        let window_ended = match (trade.product.group(), base.futures_window_days) {
            (ProductGroup::Futures, Some(days)) => time >= registered.event.time.plus_days(i64::from(days)),
            (ProductGroup::Futures, None) | (ProductGroup::Spot, _) => false,
        };
        [
            (!registration.relationship.covers(trade.product.group()), Reason::Relationship),
            (trade.vip_level > vip_max, Reason::VipLevel),
            (trade.fee_usd.0 <= 0, Reason::FeeNotPositive),
            (window_ended, Reason::WindowEnded),
        ]
        .into_iter()
        .find_map(|(holds, reason)| holds.then_some(reason))
    }

    /// The earliest reversal that names exactly this trade.
    fn reversal(self, entry: &Entry, trade: &Trade<'_>) -> Option<(&'a Entry, &'a Reversal<'static>)> {
        earliest(self.reversals().filter(|(_, data)| {
            data.uid == trade.uid && data.trade_source == entry.event.source && data.trade_id == entry.event.id
        }))
    }

    /// All trades of accounts that lead to this invitee, whether or not they count.
    pub(super) fn trades_of(self, invitee: Uid) -> Vec<Rated<'a>> {
        self.trades()
            .filter(|(_, trade)| self.home(trade.uid).is_some_and(|home| home.invitee == invitee))
            .map(|(entry, trade)| self.rate(entry, trade))
            .collect()
    }
}
