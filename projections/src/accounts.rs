//! What is held of each account, as one row of plain integers. The row's index is the account's dense id.

use ledger::{AccountId, Position};
use schemas::{AccountType, Country, Relationship, Timestamp, Uid, Usd};

use crate::codes::CodeId;

/// "Never": later than any event's time.
pub(crate) const NEVER: Timestamp = Timestamp(i64::MAX);

/// The registration of an account: at most one is ever accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub(crate) time: Timestamp,
    pub(crate) position: u32,
    pub(crate) account_type: AccountType,
    pub(crate) relationship: Relationship,
    pub(crate) country: Option<Country>,
    pub(crate) code: Option<CodeId>,
    pub(crate) parent: Option<AccountId>,
}

impl Registered {
    pub(crate) fn is_by(&self, upto: Position) -> bool {
        Position::from(self.position) <= upto
    }
}

/// The latest event that carries a VIP level: its place in the order of equals, and the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VipMark {
    pub(crate) time: Timestamp,
    pub(crate) position: u32,
    pub(crate) level: u8,
}

/// One account. Sums and firsts of a family (a major account and its sub-accounts) stand at the major account.
#[derive(Clone, Debug)]
pub(crate) struct AccountRow {
    pub(crate) uid: Uid,
    pub(crate) registered: Option<Registered>,
    /// The earliest `verified` KYC of this account alone, as stamped.
    pub(crate) first_verified: Timestamp,
    /// The earliest deposit that counts of this account alone, as stamped.
    pub(crate) first_deposit: Timestamp,
    /// The latest trade of this account alone, whether or not it counts; `Timestamp(i64::MIN)` if none.
    pub(crate) last_trade: Timestamp,
    /// The latest trade or reversal of this account alone; `Timestamp(i64::MIN)` if none.
    pub(crate) last_activity: Timestamp,
    /// The latest event of this account alone that carries a VIP level; trades before registration excepted.
    pub(crate) vip: Option<VipMark>,
    /// The family's first trade that counts; kept while the family is attributed.
    pub(crate) first_trade: Timestamp,
    /// The place of an attributed family within the slice of its code and country, once given never changed.
    pub(crate) ordinal: Option<u32>,
    /// What the family earned for the referrer, for itself, and its volume: all time, net.
    pub(crate) commission: Usd,
    pub(crate) rebate: Usd,
    pub(crate) volume: Usd,
    /// Whether any registration names this account as parent.
    pub(crate) has_children: bool,
    /// Whether a reversal waits for a trade of this account.
    pub(crate) has_pending_reversals: bool,
    /// By how many microseconds a trade or reversal ever came after one of a later time; 0 if all came in order.
    pub(crate) lateness: i64,
}

impl AccountRow {
    pub(crate) fn new(uid: Uid) -> AccountRow {
        AccountRow {
            uid,
            registered: None,
            first_verified: NEVER,
            first_deposit: NEVER,
            last_trade: Timestamp(i64::MIN),
            last_activity: Timestamp(i64::MIN),
            vip: None,
            first_trade: NEVER,
            ordinal: None,
            commission: Usd::ZERO,
            rebate: Usd::ZERO,
            volume: Usd::ZERO,
            has_children: false,
            has_pending_reversals: false,
            lateness: 0,
        }
    }

    /// Whether, where a trade or reversal is stamped `time`, all that arrived before it lie before `from`: a walk
    /// back through the account's events may stop there.
    pub(crate) fn all_before(&self, time: Timestamp, from: Timestamp) -> bool {
        // What arrived before it is at most as late as any ever was: none lies after `time + lateness`.
        time.0.saturating_add(self.lateness) < from.0
    }
}
