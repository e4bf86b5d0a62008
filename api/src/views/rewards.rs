//! Rewards (SPEC 4.3).

use schemas::{Day, Product, Timestamp, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{AsOf, Hint, List, TradeKey};

/// Which rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    /// What a user earned as a referrer.
    Commission,
    /// What a user got back of its own fees as an invitee.
    Shared,
}

shaped!(
    enum RewardKind {
        Commission,
        Shared,
    }
);

/// One record: a UTC day, a counterparty and a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RewardRow {
    /// The day.
    pub date: Day,
    /// Which rewards.
    pub kind: RewardKind,
    /// The counterparty of `commission`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitee_uid: Option<Uid>,
    /// The counterparty of `shared`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer_uid: Option<Uid>,
    /// The product.
    pub product: Product,
    /// The trades that gave a non-zero amount of the kind that day.
    pub trades: u64,
    /// Their fees, net of reversals.
    pub fee_usd: Usd,
    /// What they gave, net of reversals.
    pub amount: Usd,
}

shaped!(struct RewardRow { date, kind, invitee_uid, referrer_uid, product, trades, fee_usd, amount });

/// `GET /v1/rewards`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rewards {
    /// The user.
    pub uid: Uid,
    /// Which rewards.
    pub kind: RewardKind,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The rows.
    #[serde(flatten)]
    pub list: List<RewardRow>,
}

shaped!(struct Rewards { uid, kind, from, to, hint, list });

/// A trade that a record counts, or the taking back of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RewardTrade {
    /// The trade, whose explanation tells the amount.
    pub trade: TradeKey,
    /// When the trade was made.
    pub time: Timestamp,
    /// Whether it stands here because it was taken back on this day.
    pub is_reversal: bool,
    /// Its fee, negative where it was taken back.
    pub fee_usd: Usd,
    /// What it gave, negative where it was taken back.
    pub amount: Usd,
}

impl Shown for projections::query::RewardTrade {
    type Shape = RewardTrade;

    fn shown(self) -> RewardTrade {
        let projections::query::RewardTrade { trade, time, is_reversal, fee_usd, amount } = self;
        RewardTrade { trade: trade.shown(), time, is_reversal, fee_usd, amount }
    }
}

/// `GET /v1/rewards/trades`: what a record is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RewardTrades {
    /// The user whose record it is.
    pub uid: Uid,
    /// The trades, by their times; together they come to the record's fee and amount.
    pub rows: Vec<RewardTrade>,
    /// What the answer reflects.
    pub as_of: AsOf,
}
