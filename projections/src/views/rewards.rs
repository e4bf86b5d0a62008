//! Rewards (SPEC 4.3).

use schemas::{Day, Product, Uid, Usd};

use super::{Hint, List};

/// Which rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardKind {
    /// What a user earned as a referrer.
    Commission,
    /// What a user got back of its own fees as an invitee.
    Shared,
}

impl RewardKind {
    /// The kind of a text in a query.
    #[must_use]
    pub fn parse(text: &str) -> Option<RewardKind> {
        match text {
            "commission" => Some(RewardKind::Commission),
            "shared" => Some(RewardKind::Shared),
            _ => None,
        }
    }

    /// The text in a query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RewardKind::Commission => "commission",
            RewardKind::Shared => "shared",
        }
    }
}

/// One record: a UTC day, a counterparty and a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardRow {
    /// The day.
    pub date: Day,
    /// Which rewards.
    pub kind: RewardKind,
    /// The counterparty of `commission`.
    pub invitee_uid: Option<Uid>,
    /// The counterparty of `shared`.
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

/// `GET /v1/rewards`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewards {
    /// The user.
    pub uid: Uid,
    /// Which rewards.
    pub kind: RewardKind,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies.
    pub hint: Option<Hint>,
    /// The rows.
    pub list: List<RewardRow>,
}
