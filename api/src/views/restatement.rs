//! Restatement (SPEC 6): what was learned between two positions about one period.

use schemas::{Day, Timestamp, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{Hint, List};

/// What a referrer and its invitees earned, or by how much that changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Earned {
    /// What the referrer earned.
    pub commission: Usd,
    /// What its invitees got back.
    pub rebate: Usd,
}

shaped!(struct Earned { commission, rebate });

/// The event of an entry, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RestatingEvent {
    /// CloudEvents `source`.
    pub source: String,
    /// CloudEvents `id`.
    pub id: String,
    /// CloudEvents `type`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub event_type: &'static str,
    /// When it happened.
    pub time: Timestamp,
}

shaped!(struct RestatingEvent { source, id, event_type, time });

/// An entry that changed an amount dated in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RestatementRow {
    /// Where the entry stands in the ledger.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its event.
    pub event: RestatingEvent,
    /// The trades of which it changed an amount dated in the range, their reversals' among them.
    pub trades: u64,
    /// By how much it changed the commission.
    pub commission: Usd,
    /// By how much it changed the rebates.
    pub rebate: Usd,
}

shaped!(struct RestatementRow { position, recorded_at, event, trades, commission, rebate });

/// `GET /v1/restatement`: the entries that changed a period's amounts, and what these came to before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Restatement {
    /// The referrer.
    pub uid: Uid,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The code asked about; null for all.
    pub code: Option<String>,
    /// What was earned by what was known at `as_of`.
    pub before: Earned,
    /// What was earned by what was known at `until`.
    pub after: Earned,
    /// `after` less `before`, which all rows add up to.
    pub difference: Earned,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The rows.
    #[serde(flatten)]
    pub list: List<RestatementRow>,
}

shaped!(struct Restatement { uid, from, to, code, before, after, difference, hint, list });
