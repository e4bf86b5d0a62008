//! The feed: ledger entries with the postings each gave.

use schemas::{Timestamp, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::trades::{Side, TradeKey, event_json};
use super::{Actor, AsOf};

/// A posting of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

shaped!(struct FeedPosting { account, side, amount, trade });

/// A ledger entry as the feed shows it, which writes it piece by piece (`feed/text.rs`) in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedEntry {
    /// Where it stands in the ledger.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who sent it in or gave the command that it comes from; null where that is not kept, as of what came from Kafka.
    pub actor: Option<Actor>,
    /// The event, as a CloudEvent.
    #[schema(value_type = Object)]
    pub event: serde_json::Value,
    /// The postings it gave.
    pub postings: Vec<FeedPosting>,
}

impl Shown for projections::views::FeedEntry {
    type Shape = FeedEntry;

    fn shown(self) -> FeedEntry {
        let projections::views::FeedEntry { position, recorded_at, event, postings } = self;
        // Who it was is told by the ledger.
        FeedEntry { position, recorded_at, actor: None, event: event_json(&event), postings: postings.shown() }
    }
}

/// `GET /v1/entries/{position}`: one entry with the first of its postings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryDetail {
    /// The entry, with at most 200 of the postings it gave.
    #[serde(flatten)]
    pub entry: FeedEntry,
    /// Whether it gave more postings than these; the feed has all of them.
    pub has_more: bool,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct EntryDetail { entry, has_more, as_of });
