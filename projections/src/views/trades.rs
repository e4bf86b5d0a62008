//! One trade explained (SPEC 4.4).

use schemas::{Event, Rate, Timestamp, Uid, Usd};

use super::AsOf;
use crate::rating::WhyNothing;

/// An event, named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRef {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: String,
    /// CloudEvents `type`.
    pub event_type: &'static str,
    /// When it happened.
    pub time: Timestamp,
    /// Where it stands in the ledger.
    pub position: u64,
}

/// A rate, and the event that set it; null for a built-in default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateInForce {
    /// The rate; a rebate rate as capped.
    pub rate: Rate,
    /// The event that set it.
    pub event: Option<EventRef>,
}

/// Which side of an account a posting is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Debit.
    Debit,
    /// Credit.
    Credit,
}

impl Side {
    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Debit => "debit",
            Side::Credit => "credit",
        }
    }
}

/// A posting made for a trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingLine {
    /// The entry that made it.
    pub position: u64,
    /// `commission_expense` or `payable:<uid>`.
    pub account: String,
    /// The side.
    pub side: Side,
    /// The amount, above 0.
    pub amount: Usd,
}

/// The reversal that took a trade back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalLine {
    /// CloudEvents `source` of the reversal.
    pub source: String,
    /// CloudEvents `id` of the reversal.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// Why.
    pub reason: String,
    /// Where it stands in the ledger.
    pub position: u64,
}

/// A trade's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TradeKey {
    /// The account that traded.
    pub uid: Uid,
    /// CloudEvents `source` of the trade.
    pub source: String,
    /// CloudEvents `id` of the trade.
    pub id: String,
}

/// One trade explained: its amounts as they stand now, the rates in force with the event that set each, and
/// every posting made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The trade.
    pub event: Event<'static>,
    /// Where it stands in the ledger.
    pub position: u64,
    /// The account that traded.
    pub account_uid: Uid,
    /// The invitee: the major account behind it; null where it is not registered.
    pub invitee_uid: Option<Uid>,
    /// The parent of a sub or other account.
    pub parent_uid: Option<Uid>,
    /// Who earns; null if the trade is not attributed.
    pub referrer_uid: Option<Uid>,
    /// The code in the invitee's registration, whoever owns it.
    pub code: Option<String>,
    /// The referrer's base rate; null if the trade is not attributed.
    pub base_rate: Option<RateInForce>,
    /// The invitee's rebate rate, capped at the base rate; null if the trade is not attributed.
    pub rebate_rate: Option<RateInForce>,
    /// Whether it is an eligible trade (SPEC 2).
    pub eligible: bool,
    /// Why there is no commission; null where there is one.
    pub reason: Option<WhyNothing>,
    /// `commission + rebate`.
    pub total: Usd,
    /// What the referrer earns.
    pub commission: Usd,
    /// What the invitee earns.
    pub rebate: Usd,
    /// Every posting made for it, by position.
    pub postings: Vec<PostingLine>,
    /// The reversal that took it back, if any.
    pub reversal: Option<ReversalLine>,
    /// What the answer reflects; absent inside another answer, which bears its own.
    pub as_of: Option<AsOf>,
}
