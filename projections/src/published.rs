//! What of a state is published, as rows that others read: cells by code, country and day with who traded, codes by owner,
//! standings. A row is absolute: it says what is, whatever it said before.
//!
//! [`State::each_published`](crate::State::each_published) tells which rows changed between two states of one ledger, each as it was and as it is. What
//! both states share in memory is not looked at. From the rows of one referrer, of any number of ledgers that divide the
//! families among them, [`ReferrerRows::state`] makes a state that answers overview, series and countries about it.

mod changes;
mod restoring;

use schemas::{Affiliate, Country, Day, Timestamp, Uid, Usd};

pub use self::restoring::{CodeRows, ReferrerRows, SliceRows, UnreadableTraders};

/// So many places of invitees are of one row: the others of the day are in rows of their own.
pub const TRADERS_A_ROW: u32 = 1 << 16;

/// A row that changed between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one is given at a time, and nearly all are cells")]
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
        /// As it was; none where it was not this owner's.
        before: Option<PublishedCode>,
        /// As it is; none where it is this owner's no more.
        now: Option<PublishedCode>,
    },
    /// The standings of a referrer.
    Standings {
        /// The referrer.
        uid: Uid,
        /// As they were, in the order of equals.
        before: Vec<PublishedStanding>,
        /// As they are.
        now: Vec<PublishedStanding>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedCode {
    /// The time of its first event, from which on it is there.
    pub created_at: Timestamp,
    /// The first and the last day that has cells, if any has.
    pub days: Option<(Day, Day)>,
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
    /// What it says.
    pub standing: Affiliate,
}
