//! One invitee in a range of days.

use schemas::{Day, Rate, Timestamp, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::Shown;
use super::{AsOf, EventRef, Explained, RewardRow};

/// Rebate rates of an invitee as they were agreed, uncapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgreedRates {
    /// From when on: its registration for those of its code, else the event's time.
    pub since: Timestamp,
    /// What it gets of spot and margin fees.
    pub spot_rebate_rate: Rate,
    /// What it gets of futures fees.
    pub futures_rebate_rate: Rate,
    /// The event that set them: one of its own, or one of its code.
    pub event: EventRef,
}

impl Shown for projections::views::AgreedRates {
    type Shape = AgreedRates;

    fn shown(self) -> AgreedRates {
        let projections::views::AgreedRates { since, spot, futures, event } = self;
        AgreedRates { since, spot_rebate_rate: spot, futures_rebate_rate: futures, event: event.shown() }
    }
}

/// `GET /v1/referrals/{invitee}/history`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferralHistory {
    /// The invitee.
    pub invitee_uid: Uid,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The referrer's reward records of kind `commission` from it and its sub-accounts in the range, newest first.
    pub records: Vec<RewardRow>,
    /// The latest trades dated in the range or taken back in it, newest first, each explained: `limit` of them.
    pub trades: Vec<Explained>,
    /// How many such trades there are.
    pub trades_total: u64,
    /// Its rebate rates up to now, by time, whatever the range.
    pub rates: Vec<AgreedRates>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
