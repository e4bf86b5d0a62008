//! The events of SPEC 1 as types. A value of these types is valid in itself: limits and enums hold.
//!
//! Texts borrow from what they were read from (`Cow`), so that reading a trade allocates nothing.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::country::Country;
use crate::money::{AssetAmount, Rate, Usd};
use crate::time::{Day, Timestamp};

/// An account's uid, 1 to 2^53-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u64);

impl Uid {
    /// The largest uid.
    pub const MAX: u64 = (1 << 53) - 1;

    /// Reads a uid in decimal, without sign or leading zeros, as in a query or a token's `sub`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Uid> {
        let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        let uid: u64 = plain.then(|| text.parse().ok()).flatten()?;
        (1..=Uid::MAX).contains(&uid).then_some(Uid(uid))
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// One event: its CloudEvents identity and time, and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// CloudEvents `source`, 1 to 256 code points.
    pub source: Cow<'a, str>,
    /// CloudEvents `id`, 1 to 256 code points.
    pub id: Cow<'a, str>,
    /// When it happened; every rule uses this time.
    pub time: Timestamp,
    /// What happened.
    pub body: Body<'a>,
}

/// Whose sequence of events an event belongs to; with `source` and `id` it is the event's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKey<'a> {
    /// An account.
    Account(Uid),
    /// A code, or the id of an offer or a campaign: one space of names.
    Name(&'a str),
    /// The platform itself (program events).
    Platform,
}

impl Event<'_> {
    /// Whose sequence it belongs to.
    #[must_use]
    pub fn stream(&self) -> StreamKey<'_> {
        match &self.body {
            Body::Registration(data) => StreamKey::Account(data.uid),
            Body::Kyc(data) => StreamKey::Account(data.uid),
            Body::Deposit(data) => StreamKey::Account(data.uid),
            Body::Trade(data) => StreamKey::Account(data.uid),
            Body::Reversal(data) => StreamKey::Account(data.uid),
            Body::Vip(data) => StreamKey::Account(data.uid),
            Body::Affiliate(data) => StreamKey::Account(data.uid),
            Body::Code(data) => StreamKey::Name(&data.code),
            Body::Rebate(data) => StreamKey::Account(data.uid),
            Body::Note(data) => StreamKey::Account(data.uid),
            Body::Program(_) => StreamKey::Platform,
            Body::Offer(data) => StreamKey::Name(&data.id),
            Body::Campaign(data) => StreamKey::Name(&data.id),
            Body::Join(data) => StreamKey::Account(data.uid),
            Body::Application(data) => StreamKey::Account(data.uid),
        }
    }

    /// The order of equals: time, then source, then id, as UTF-8 bytes (SPEC 1). Events of two accounts, or of two
    /// names, may agree in all three; the uid, or the name, decides last, so that no order of arrival does.
    #[must_use]
    pub fn order_key(&self) -> (Timestamp, &str, &str, u64, &str) {
        let (uid, name) = match self.stream() {
            StreamKey::Account(uid) => (uid.0, ""),
            StreamKey::Name(name) => (0, name),
            StreamKey::Platform => (0, ""),
        };
        (self.time, &self.source, &self.id, uid, name)
    }

    /// Its type.
    #[must_use]
    pub fn event_type(&self) -> EventType {
        self.body.event_type()
    }

    /// The same event, borrowing from nothing.
    #[must_use]
    pub fn into_owned(self) -> Event<'static> {
        Event { source: own(self.source), id: own(self.id), time: self.time, body: self.body.into_owned() }
    }
}

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// Declares the types of event once: variant, wire name.
macro_rules! event_types {
    ($($variant:ident = $name:literal, $meaning:literal;)*) => {
        /// The type of an event, as CloudEvents `type` names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType { $(#[doc = $meaning] $variant,)* }

        impl EventType {
            /// All types, in the order of SPEC 1.
            pub const ALL: &'static [EventType] = &[$(EventType::$variant,)*];

            /// The name on the wire, `referral.….v1`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }

            /// The type of a name on the wire.
            #[must_use]
            pub fn from_name(name: &str) -> Option<EventType> {
                match name { $($name => Some(EventType::$variant),)* _ => None }
            }
        }

        impl Body<'_> {
            /// The type of event this is the body of.
            #[must_use]
            pub fn event_type(&self) -> EventType {
                match self { $(Body::$variant(_) => EventType::$variant,)* }
            }
        }
    };
}

event_types! {
    Registration = "referral.registration.v1", "An account signed up.";
    Kyc = "referral.kyc.v1", "Outcome of an identity check.";
    Deposit = "referral.deposit.v1", "Money came in.";
    Trade = "referral.trade.v1", "One executed trade.";
    Reversal = "referral.reversal.v1", "A trade is taken back.";
    Vip = "referral.vip.v1", "The account's VIP level changed.";
    Affiliate = "referral.affiliate.v1", "A referrer's standing and base rates.";
    Code = "referral.code.v1", "A code's whole new state.";
    Rebate = "referral.rebate.v1", "An invitee's own rebate rates.";
    Note = "referral.note.v1", "The referrer's note on an invitee.";
    Program = "referral.program.v1", "Platform-wide rules.";
    Offer = "referral.offer.v1", "An affiliate-exclusive program.";
    Campaign = "referral.campaign.v1", "A campaign.";
    Join = "referral.join.v1", "A referrer joined a campaign.";
    Application = "referral.application.v1", "A user applied to become an affiliate.";
}

/// What happened, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is documented at EventType and at its own struct")]
pub enum Body<'a> {
    Registration(Registration<'a>),
    Kyc(Kyc),
    Deposit(Deposit<'a>),
    Trade(Trade<'a>),
    Reversal(Reversal<'a>),
    Vip(Vip),
    Affiliate(Affiliate),
    Code(Code<'a>),
    Rebate(Rebate),
    Note(Note<'a>),
    Program(Program),
    Offer(Offer<'a>),
    Campaign(Campaign<'a>),
    Join(Join<'a>),
    Application(Application<'a>),
}

impl Body<'_> {
    /// The same body, borrowing from nothing.
    #[must_use]
    pub fn into_owned(self) -> Body<'static> {
        match self {
            Body::Registration(data) => Body::Registration(Registration {
                uid: data.uid,
                account_type: data.account_type,
                country: data.country,
                code: data.code.map(own),
                relationship: data.relationship,
                parent_uid: data.parent_uid,
            }),
            Body::Kyc(data) => Body::Kyc(data),
            Body::Deposit(data) => Body::Deposit(Deposit {
                uid: data.uid,
                channel: own(data.channel),
                asset: own(data.asset),
                amount: data.amount,
                amount_usd: data.amount_usd,
            }),
            Body::Trade(data) => Body::Trade(Trade {
                uid: data.uid,
                product: data.product,
                symbol: own(data.symbol),
                volume_usd: data.volume_usd,
                fee_usd: data.fee_usd,
                fee_asset: own(data.fee_asset),
                fee_amount: data.fee_amount,
                vip_level: data.vip_level,
            }),
            Body::Reversal(data) => Body::Reversal(Reversal {
                uid: data.uid,
                trade_source: own(data.trade_source),
                trade_id: own(data.trade_id),
                reason: own(data.reason),
            }),
            Body::Vip(data) => Body::Vip(data),
            Body::Affiliate(data) => Body::Affiliate(data),
            Body::Code(data) => Body::Code(Code {
                code: own(data.code),
                owner_uid: data.owner_uid,
                spot_rebate_rate: data.spot_rebate_rate,
                futures_rebate_rate: data.futures_rebate_rate,
                note: own(data.note),
                is_default: data.is_default,
            }),
            Body::Rebate(data) => Body::Rebate(data),
            Body::Note(data) => Body::Note(Note { uid: data.uid, note: own(data.note) }),
            Body::Program(data) => Body::Program(data),
            Body::Offer(data) => Body::Offer(Offer {
                id: own(data.id),
                kind: data.kind,
                title: own(data.title),
                url: own(data.url),
                period: data.period,
                starts: data.starts,
                ends: data.ends,
                affiliates_only: data.affiliates_only,
                tiers: data
                    .tiers
                    .into_iter()
                    .map(|tier| Tier { name: own(tier.name), reward: own(tier.reward), all: tier.all })
                    .collect(),
            }),
            Body::Campaign(data) => Body::Campaign(Campaign {
                id: own(data.id),
                visibility: data.visibility,
                title: own(data.title),
                description: own(data.description),
                url: own(data.url),
                starts: data.starts,
                ends: data.ends,
            }),
            Body::Join(data) => Body::Join(Join { uid: data.uid, campaign_id: own(data.campaign_id) }),
            Body::Application(data) => Body::Application(Application { uid: data.uid, message: own(data.message) }),
        }
    }
}

/// Declares an enum whose variants have a text on the wire.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All values, in the order of the contract.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The text on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The value of a text on the wire.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

wire_enum! {
    /// What kind of account signed up. Only a major account can be an invitee.
    AccountType {
        /// A main account.
        Major = "major",
        /// A sub-account of a parent.
        Sub = "sub",
        /// Another function account of a parent.
        Other = "other",
    }
}

wire_enum! {
    /// Which product groups a referral covers (the commission type of a referral).
    Relationship {
        /// Spot and margin.
        Spot = "spot",
        /// Futures.
        Futures = "futures",
        /// Both groups.
        Both = "both",
    }
}

impl Relationship {
    /// Whether trades of the group can earn.
    #[must_use]
    pub fn covers(self, group: ProductGroup) -> bool {
        match self {
            Relationship::Both => true,
            Relationship::Spot => group == ProductGroup::Spot,
            Relationship::Futures => group == ProductGroup::Futures,
        }
    }
}

wire_enum! {
    /// Outcome of an identity check.
    KycStatus {
        /// Passed.
        Verified = "verified",
        /// Failed.
        Rejected = "rejected",
        /// Not decided.
        Pending = "pending",
    }
}

wire_enum! {
    /// What was traded.
    Product {
        /// Spot.
        Spot = "spot",
        /// Margin; uses the spot rates.
        Margin = "margin",
        /// Futures.
        Futures = "futures",
    }
}

/// Which rates a product uses (SPEC 2, product groups).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductGroup {
    /// Spot and margin.
    Spot,
    /// Futures.
    Futures,
}

impl Product {
    /// Which rates it uses.
    #[must_use]
    pub fn group(self) -> ProductGroup {
        match self {
            Product::Spot | Product::Margin => ProductGroup::Spot,
            Product::Futures => ProductGroup::Futures,
        }
    }
}

wire_enum! {
    /// A referrer's standing.
    AffiliateStatus {
        /// Earns at its own rates.
        Approved = "approved",
        /// Earns nothing; its invitees keep their rebates.
        Suspended = "suspended",
    }
}

wire_enum! {
    /// What an offer pays for.
    OfferKind {
        /// A bonus program.
        Bonus = "bonus",
        /// An evaluation.
        Evaluation = "evaluation",
    }
}

wire_enum! {
    /// Over what an offer counts.
    Period {
        /// The running UTC month.
        Month = "month",
        /// The running UTC quarter.
        Quarter = "quarter",
    }
}

wire_enum! {
    /// Who sees a campaign.
    Visibility {
        /// Everyone.
        Public = "public",
        /// Approved affiliates.
        Exclusive = "exclusive",
    }
}

wire_enum! {
    /// What a condition of an offer's tier measures (SPEC 3 and 4.6).
    Metric {
        /// Commission, all products.
        TotalRewards = "total_rewards",
        /// Commission of spot and margin trades.
        SpotCommission = "spot_commission",
        /// Commission of futures trades.
        FuturesCommission = "futures_commission",
        /// Rebates given to invitees.
        SharedCommission = "shared_commission",
        /// Major accounts that registered.
        TotalReferrals = "total_referrals",
        /// Invitees first verified.
        Verified = "verified",
        /// Invitees who first deposited.
        Deposited = "deposited",
        /// Invitees who first traded.
        FirstTimeTrade = "first_time_trade",
        /// Distinct invitees who traded.
        Traded = "traded",
        /// Spot and margin volume.
        SpotVolume = "spot_volume",
        /// Futures volume at VIP level 0 or 1.
        FuturesVolume = "futures_volume",
        /// Volume of all trades.
        TotalVolume = "total_volume",
        /// The same as `first_time_trade`.
        NewTraders = "new_traders",
        /// Total volume of invitees whose first trade lies in the period.
        NewTraderVolume = "new_trader_volume",
        /// Invitees whose registration and first spot or margin trade lie in the period.
        NewSpotTraders = "new_spot_traders",
        /// Invitees whose registration and first futures trade lie in the period.
        NewFuturesTraders = "new_futures_traders",
        /// Positive fees of spot and margin trades, net of reversals.
        SpotFees = "spot_fees",
        /// Positive fees of futures trades, net of reversals.
        FuturesFees = "futures_fees",
        /// Volume of eligible spot and margin trades, net.
        EligibleSpotVolume = "eligible_spot_volume",
        /// Volume of eligible futures trades, net.
        EligibleFuturesVolume = "eligible_futures_volume",
    }
}

impl Metric {
    /// Whether it counts something; the others are USD.
    #[must_use]
    pub fn is_count(self) -> bool {
        match self {
            Metric::TotalReferrals
            | Metric::Verified
            | Metric::Deposited
            | Metric::FirstTimeTrade
            | Metric::Traded
            | Metric::NewTraders
            | Metric::NewSpotTraders
            | Metric::NewFuturesTraders => true,
            Metric::TotalRewards
            | Metric::SpotCommission
            | Metric::FuturesCommission
            | Metric::SharedCommission
            | Metric::SpotVolume
            | Metric::FuturesVolume
            | Metric::TotalVolume
            | Metric::NewTraderVolume
            | Metric::SpotFees
            | Metric::FuturesFees
            | Metric::EligibleSpotVolume
            | Metric::EligibleFuturesVolume => false,
        }
    }
}

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
