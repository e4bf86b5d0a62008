//! What of a state is published, as rows that others read: cells by code, country and day with who traded, codes by owner with
//! who registered with them, standings, the platform's rules. A row is absolute: it says what is, whatever it said before.
//!
//! [`State::each_published`](crate::State::each_published) tells which rows changed between two states of one ledger, each as it was and as it is. What
//! both states share in memory is not looked at. From the rows of one referrer, of any number of ledgers that divide the
//! families among them, [`ReferrerRows::state`] makes a state that answers overview, series, countries, referrals, codes,
//! the account, campaigns and offers about it.
//!
//! What holds hangs on the moment that is asked. A row says what holds when its state was recorded, and what is known to come:
//! so it answers for that moment and any later one, until it is written again.

mod changes;
mod invitees;
mod parts;
mod promotions;
mod restoring;
mod terms;

use schemas::{Affiliate, Country, Day, Event, Program, Rate, Relationship, Timestamp, Uid, Usd};

pub use self::restoring::{CodeRows, ReferrerRows, SliceRows, UnreadableTraders};

/// So many places of invitees are of one row: the others of the day are in rows of their own.
pub const TRADERS_A_ROW: u32 = 1 << 16;
/// So many invitees of a code, one after another in the order in which they came, are to be kept together at most.
pub const INVITEES_A_BUCKET: u32 = 1 << 13;
/// So many elements of a list are of one row: the others are in rows of their own, its further parts.
pub const LISTED_A_ROW: usize = 64;

/// A row that changed between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishedChange<'s> {
    /// What the invitees of a code and a country did on a day.
    Cell {
        /// The code.
        code: &'s str,
        /// The country; none where it is unknown.
        country: Option<Country>,
        /// The UTC day.
        day: Day,
        /// Which places of invitees: chunk `k` has those from `k` times [`TRADERS_A_ROW`] on. The sums and counts of the
        /// day are in chunk 0.
        chunk: u16,
        /// The cell as it was; all zeros where there was none.
        before: PublishedCell,
        /// The cell as it is.
        now: PublishedCell,
    },
    /// A code of an owner.
    Code {
        /// Who earns by it: its owner, or the major account behind that one.
        owner: Uid,
        /// The code.
        code: &'s str,
        /// Which part of its terms: part `k` has those from `k` times [`LISTED_A_ROW`] on. All else is the same in all.
        part: u32,
        /// As it was; none where it was not this owner's.
        before: Option<PublishedCode>,
        /// As it is; none where it is this owner's no more.
        now: Option<PublishedCode>,
    },
    /// A major account that registered with a code.
    Invitee {
        /// The code.
        code: &'s str,
        /// How many had registered with it before, in the order in which they came.
        place: u32,
        /// Which part of what is known to come: part `k` has of each list what stands from `k` times [`LISTED_A_ROW`] on. All
        /// else is the same in all.
        part: u32,
        /// As it was; none where it was not there.
        before: Option<PublishedInvitee>,
        /// As it is; none where there is no such part any more.
        now: Option<PublishedInvitee>,
    },
    /// The standings of a referrer.
    Standings {
        /// The referrer.
        uid: Uid,
        /// Which part of them, likewise.
        part: u32,
        /// As they were, in the order of equals.
        before: Vec<PublishedStanding>,
        /// As they are.
        now: Vec<PublishedStanding>,
    },
    /// An offer or a campaign.
    Promotion {
        /// Which of both.
        kind: PromotionKind,
        /// Its id.
        id: &'s str,
        /// Which part of its states, likewise.
        part: u32,
        /// As they were, in the order of equals.
        before: Vec<PublishedPromotion>,
        /// As they are.
        now: Vec<PublishedPromotion>,
    },
    /// A referrer joined a campaign.
    Joined {
        /// The referrer.
        uid: Uid,
        /// The campaign, known or not.
        campaign: &'s str,
    },
    /// The platform's rules.
    Rules {
        /// Which part of them, likewise.
        part: u32,
        /// As they were, in the order of equals.
        before: Vec<PublishedRules>,
        /// As they are.
        now: Vec<PublishedRules>,
    },
}

/// Sums and counts of a cell (SPEC 3), net of reversals, and who traded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedCell {
    /// Commission of spot and margin trades.
    pub spot_commission: Usd,
    /// Commission of futures trades.
    pub futures_commission: Usd,
    /// Rebates of the invitees.
    pub shared_commission: Usd,
    /// Volume of spot and margin trades.
    pub spot_volume: Usd,
    /// Volume of futures trades that counts as such.
    pub futures_volume: Usd,
    /// Volume of all trades.
    pub total_volume: Usd,
    /// How many registered.
    pub referrals: u64,
    /// How many were verified for the first time.
    pub verified: u64,
    /// How many deposited for the first time.
    pub deposited: u64,
    /// How many traded for the first time.
    pub first_trades: u64,
    /// The places, among the invitees of its code and country, of those that traded: a roaring bitmap in the portable
    /// format, empty where nobody did. A place is an invitee's for good as long as it is counted there.
    pub traders: Vec<u8>,
}

/// A code, as its owner has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedCode {
    /// The time of its first event, from which on it is there.
    pub created_at: Timestamp,
    /// The first and the last day that has cells, if any has.
    pub days: Option<(Day, Day)>,
    /// How many major accounts registered with it, in the ledger that says so.
    pub invitees: u32,
    /// In the order of equals: its latest event that made it the default, its latest one, and all that are known to come.
    pub terms: Vec<PublishedTerms>,
}

/// What an event of a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedTerms {
    /// From when on it holds.
    pub time: Timestamp,
    /// The event's source.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// What an invitee gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What an invitee gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// The owner's note.
    pub note: String,
    /// Whether it is the owner's default.
    pub is_default: bool,
}

/// An invitee of a code, with its sub-accounts, as a row of the referral list tells it (SPEC 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedInvitee {
    /// The major account.
    pub uid: Uid,
    /// When it registered.
    pub registered_at: Timestamp,
    /// Its country; none if unknown.
    pub country: Option<Country>,
    /// Which product groups the referral covers.
    pub relationship: Relationship,
    /// Its first `verified` KYC.
    pub verified_at: Option<Timestamp>,
    /// Its first deposit that counts.
    pub first_deposit_at: Option<Timestamp>,
    /// Its first trade at or after its registration, where anybody owns the code.
    pub first_trade_at: Option<Timestamp>,
    /// What the referrer earned from it, all time, net.
    pub commission: Usd,
    /// What it earned itself, all time, net.
    pub rebate: Usd,
    /// Its volume, all time, all products, net.
    pub volume: Usd,
    /// Its VIP level; 0 if none is known.
    pub vip_level: u8,
    /// The rebate rates agreed, uncapped: of spot and margin, of futures.
    pub rebate_rates: (Rate, Rate),
    /// The referrer's note; empty if none.
    pub note: String,
    /// The levels that are known to come, ascending by time.
    pub vip_levels_to_come: Vec<(Timestamp, u8)>,
    /// The rates that are known to come, likewise.
    pub rebate_rates_to_come: Vec<(Timestamp, (Rate, Rate))>,
    /// The notes that are known to come, likewise.
    pub notes_to_come: Vec<(Timestamp, String)>,
}

/// A standing of a referrer, and the event that brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedStanding {
    /// From when on it holds.
    pub time: Timestamp,
    /// The event's source.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// Where the event stands in its ledger.
    pub position: u64,
    /// What it says.
    pub standing: Affiliate,
}

/// Rules of the platform, and the event that set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedRules {
    /// From when on they hold.
    pub time: Timestamp,
    /// The event's source.
    pub source: String,
    /// The event's id.
    pub id: String,
    /// What they are.
    pub rules: Program,
}

/// What is on offer to referrers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromotionKind {
    /// An offer, with tiers to reach.
    Offer,
    /// A campaign, to be joined.
    Campaign,
}

impl PromotionKind {
    /// As it stands in a row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PromotionKind::Offer => "offer",
            PromotionKind::Campaign => "campaign",
        }
    }
}

/// A state of an offer or of a campaign: the event that says it, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedPromotion(pub Event<'static>);
