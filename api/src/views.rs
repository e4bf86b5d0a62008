//! The answers' shapes, field for field as in SPEC 4. A serializable type is a border: the projections give plain
//! answers, and only what is written out has a shape.

mod account;
mod actor;
mod audit;
mod changes;
mod cohorts;
mod feed;
mod forgone;
mod hint;
mod intake;
mod invitee;
mod metrics;
mod offers;
mod referrals;
mod restatement;
mod rewards;
mod search;
mod shown;
mod status;
mod trades;
mod what_if;

pub use account::{Account, Application, Standing, StandingEvent};
pub use actor::Actor;
pub use audit::{AuditEvent, AuditRow};
pub use changes::{ChangeKind, ChangeRow, ChangedTerms, Changes};
pub use cohorts::{CohortMonth, CohortRow, Cohorts};
pub use feed::{EntryDetail, FeedEntry, FeedPosting};
pub use forgone::{Forgone, ForgoneRow, ForgoneSums, ForgoneTrade, ForgoneTrades};
pub use hint::Hint;
pub use intake::{Intake, IntakeDay};
pub use invitee::{AgreedRates, ReferralHistory};
pub use metrics::{Countries, CountryRow, Metrics, Overview, Point, ReferrerRow, Referrers, Series, SeriesBefore};
pub use offers::{CampaignRow, ConditionProgress, OfferRow, RunningPeriod, TierProgress};
pub use referrals::{AccountCodes, CodeDetail, CodeRow, CodeSplit, ReferralDetail, ReferralRow};
pub use restatement::{Earned, Restatement, RestatementRow, RestatingEvent};
pub use rewards::{RewardKind, RewardRow, RewardTrade, RewardTrades, Rewards};
pub use search::{FoundKind, FoundRow, Search};
pub use shown::Shown;
pub use status::{AcceptedTopic, KafkaOffset, QuarantineAct, QuarantineCounts, QuarantineRow, Status};
pub use trades::{
    EventRef, Explained, PostingLine, RateInForce, ReversalLine, Side, TradeKey, TradeRules, WhyNothing, event_json,
};
pub use what_if::{AmountChanges, AmountKey, WhatIfJob, WhatIfRow};

use schemas::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use shown::shaped;

/// What an answer reflects: the ledger's position, and the latest event time up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AsOf {
    /// The ledger position; 0 where nothing is held yet.
    pub position: u64,
    /// The latest event time among the entries up to it; null where there is none.
    pub event_time: Option<Timestamp>,
}

shaped!(struct AsOf { position, event_time });

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct List<T> {
    /// The page's rows.
    pub rows: Vec<T>,
    /// How many rows the whole list has.
    pub total: u64,
    /// What to give as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

impl<T: Shown> Shown for projections::views::List<T> {
    type Shape = List<T::Shape>;

    fn shown(self) -> Self::Shape {
        let projections::views::List { rows, total, next_cursor, as_of } = self;
        List { rows: rows.shown(), total, next_cursor, as_of: as_of.shown() }
    }
}
