//! The `data` of each type of event (SPEC 1), field by field.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::{
    AccountType, AffiliateStatus, KycStatus, Metric, OfferKind, Period, Product, Relationship, Uid, Visibility,
};
use crate::country::Country;
use crate::money::{AssetAmount, Rate, Usd};
use crate::time::Day;

/// `referral.registration.v1`: an account signed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration<'a> {
    /// The account.
    pub uid: Uid,
    /// What kind of account.
    pub account_type: AccountType,
    /// Its country, if known.
    pub country: Option<Country>,
    /// The referral code it signed up with, as typed.
    pub code: Option<Cow<'a, str>>,
    /// Which product groups the referral covers.
    pub relationship: Relationship,
    /// The parent of a sub or other account; always `None` for a major account.
    pub parent_uid: Option<Uid>,
}

/// `referral.kyc.v1`: outcome of an identity check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kyc {
    /// The account.
    pub uid: Uid,
    /// The outcome.
    pub status: KycStatus,
}

/// `referral.deposit.v1`: money came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit<'a> {
    /// The account.
    pub uid: Uid,
    /// How: `p2p`, `crypto`, `fiat`, `cash` count as a deposit; any other text does not.
    pub channel: Cow<'a, str>,
    /// Which asset.
    pub asset: Cow<'a, str>,
    /// How much of it, at least 0.
    pub amount: AssetAmount,
    /// Its value in USD, at least 0.
    pub amount_usd: Usd,
}

impl Deposit<'_> {
    /// Whether it counts for the metric `deposited` (SPEC 3).
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(&*self.channel, "p2p" | "crypto" | "fiat" | "cash")
    }
}

/// `referral.trade.v1`: one executed trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trade<'a> {
    /// The account that traded.
    pub uid: Uid,
    /// What kind of trade.
    pub product: Product,
    /// The market.
    pub symbol: Cow<'a, str>,
    /// Its volume in USD, at least 0.
    pub volume_usd: Usd,
    /// The net fee paid in USD; negative for a maker rebate.
    pub fee_usd: Usd,
    /// The asset the fee was paid in.
    pub fee_asset: Cow<'a, str>,
    /// How much of it.
    pub fee_amount: AssetAmount,
    /// The account's VIP level at this trade, 0 to 20.
    pub vip_level: u8,
}

/// `referral.reversal.v1`: the trade of exactly this uid, source and id is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reversal<'a> {
    /// The account that traded.
    pub uid: Uid,
    /// The trade's `source`.
    pub trade_source: Cow<'a, str>,
    /// The trade's `id`.
    pub trade_id: Cow<'a, str>,
    /// Why.
    pub reason: Cow<'a, str>,
}

/// `referral.vip.v1`: the account's VIP level changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vip {
    /// The account.
    pub uid: Uid,
    /// The level, 0 to 20.
    pub vip_level: u8,
}

/// `referral.affiliate.v1`: a referrer's whole standing and base rates from `time` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affiliate {
    /// The referrer.
    pub uid: Uid,
    /// Its standing.
    pub status: AffiliateStatus,
    /// Base rate of spot and margin.
    pub spot_rate: Rate,
    /// Base rate of futures.
    pub futures_rate: Rate,
    /// Days from an invitee's registration in which its futures trades earn; `None`: without end.
    pub futures_window_days: Option<u16>,
}

/// `referral.code.v1`: a code's whole new state from `time` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code<'a> {
    /// The code, 3 to 20 of `A-Z0-9_`.
    pub code: Cow<'a, str>,
    /// Who owns it.
    pub owner_uid: Uid,
    /// What the invitee gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What the invitee gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// The owner's note, up to 200 code points.
    pub note: Cow<'a, str>,
    /// Whether it becomes the owner's default.
    pub is_default: bool,
}

/// `referral.rebate.v1`: an invitee's own rebate rates from `time` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebate {
    /// The invitee.
    pub uid: Uid,
    /// What it gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What it gets of futures fees.
    pub futures_rebate_rate: Rate,
}

/// `referral.note.v1`: the referrer's note on an invitee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The invitee.
    pub uid: Uid,
    /// The note, up to 200 code points.
    pub note: Cow<'a, str>,
}

/// `referral.program.v1`: platform-wide rules from `time` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Base rate of spot and margin for who has no affiliate event.
    pub default_spot_rate: Rate,
    /// Base rate of futures for who has no affiliate event.
    pub default_futures_rate: Rate,
    /// Futures window for who has no affiliate event; `None`: without end.
    pub default_futures_window_days: Option<u16>,
    /// The highest VIP level whose spot and margin trades earn.
    pub spot_vip_max: u8,
    /// The highest VIP level whose futures trades earn.
    pub futures_vip_max: u8,
}

impl Program {
    /// What holds until a program event says otherwise (SPEC 1).
    pub const BUILT_IN: Program = Program {
        default_spot_rate: Rate(200_000),
        default_futures_rate: Rate(100_000),
        default_futures_window_days: None,
        spot_vip_max: 2,
        futures_vip_max: 1,
    };
}

/// `referral.offer.v1`: an affiliate-exclusive program, its whole new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Its id, in the space of names.
    pub id: Cow<'a, str>,
    /// What it pays for.
    pub kind: OfferKind,
    /// Its title.
    pub title: Cow<'a, str>,
    /// Where to read more.
    pub url: Cow<'a, str>,
    /// Over what it counts.
    pub period: Period,
    /// Its first day, if it has one.
    pub starts: Option<Day>,
    /// Its last day, if it has one.
    pub ends: Option<Day>,
    /// Whether only approved affiliates take part.
    pub affiliates_only: bool,
    /// Its tiers, highest first.
    pub tiers: Vec<Tier<'a>>,
}

/// A tier of an offer: met when all its conditions are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// What reaching it gives.
    pub reward: Cow<'a, str>,
    /// The conditions.
    pub all: Vec<Condition>,
}

/// A condition of a tier: a metric and the least it must come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is measured.
    pub metric: Metric,
    /// The least it must come to.
    pub at_least: Threshold,
}

/// A value to reach: a count, or USD, as the metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Threshold {
    /// Of a count.
    Count(u64),
    /// Of a USD metric.
    Usd(Usd),
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Threshold::Count(count) => serializer.serialize_u64(*count),
            Threshold::Usd(amount) => amount.serialize(serializer),
        }
    }
}

/// `referral.campaign.v1`: a campaign, its whole new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign<'a> {
    /// Its id, in the space of names.
    pub id: Cow<'a, str>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Its title.
    pub title: Cow<'a, str>,
    /// What it is about.
    pub description: Cow<'a, str>,
    /// Where to read more.
    pub url: Cow<'a, str>,
    /// Its first day.
    pub starts: Day,
    /// Its last day.
    pub ends: Day,
}

/// `referral.join.v1`: a referrer joined a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join<'a> {
    /// The referrer.
    pub uid: Uid,
    /// The campaign.
    pub campaign_id: Cow<'a, str>,
}

/// `referral.application.v1`: a user applied to become an affiliate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application<'a> {
    /// Who applied.
    pub uid: Uid,
    /// What they wrote.
    pub message: Cow<'a, str>,
}
