//! The feed: ledger entries with the postings each gave.

use schemas::{Event, Timestamp, Usd};

use super::{AsOf, Side, TradeKey};

/// A posting of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPosting {
    /// `commission_expense` or `payable:<uid>`.
    pub account: String,
    /// The side.
    pub side: Side,
    /// The amount, above 0.
    pub amount: Usd,
    /// The trade it belongs to.
    pub trade: TradeKey,
}

/// A ledger entry as the feed shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Where it stands in the ledger.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The event.
    pub event: Event<'static>,
    /// The postings it gave.
    pub postings: Vec<FeedPosting>,
}

/// `GET /v1/entries/{position}`: one entry with the first of its postings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDetail {
    /// The entry.
    pub entry: FeedEntry,
    /// Whether it gave more postings than these.
    pub has_more: bool,
    /// What the answer reflects.
    pub as_of: AsOf,
}
