//! One invitee looked at closely, beyond what SPEC 4 answers: how its rates came about, what it brought in a range,
//! and the rules that a trade of its was measured by.

use schemas::{Program, Rate, Timestamp};

use super::{EventRef, Explained, RewardRow};
use crate::query::DateRange;

/// The rebate rates of an invitee from a moment on, as agreed and uncapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedRates {
    /// From when on: its registration for those of its code, else the event's time.
    pub since: Timestamp,
    /// What it gets of spot and margin fees.
    pub spot: Rate,
    /// What it gets of futures fees.
    pub futures: Rate,
    /// The event that set them: one of its own, or one of its code.
    pub event: EventRef,
}

/// What an invitee and its sub-accounts brought their referrer in a range of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteeRange {
    /// The range.
    pub range: DateRange,
    /// The referrer's reward records of kind `commission` from this invitee, newest first.
    pub records: Vec<RewardRow>,
    /// The latest trades dated in the range or taken back in it, newest first, each explained.
    pub trades: Vec<Explained>,
    /// How many such trades there are.
    pub trades_total: u64,
}

/// The rules that a trade is measured by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TradeRules {
    /// The platform's rules in force at the trade.
    pub program: Program,
    /// The event that set them; none for those built in.
    pub program_event: Option<EventRef>,
    /// From when on trades of the account count; none while it is not registered.
    pub counts_from: Option<Timestamp>,
    /// When the invitee that it belongs to registered itself; none while one of them is not registered.
    pub invitee_registered_at: Option<Timestamp>,
    /// So many days after the invitee's registration futures trades give nothing any more; none without a window or a
    /// referrer.
    pub futures_window_days: Option<u16>,
    /// Whether the referrer is suspended at the trade.
    pub is_suspended: bool,
}
