//! The answers to the questions of SPEC 4, as plain types. How they are written is the matter of the API, which gives
//! each a shape of its own.

mod account;
mod applications;
mod changes;
mod cohorts;
mod feed;
mod forgone;
mod hint;
mod invitee;
mod metrics;
mod offers;
mod platform;
mod referrals;
mod restatement;
mod rewards;
mod search;
mod status;
mod trades;
mod what_if;

pub use account::{Account, Standing, StandingEvent};
pub use applications::ApplicationRow;
pub use changes::{ChangeKind, ChangeRow, ChangedTerms, Changes};
pub use cohorts::{CohortMonth, CohortRow, Cohorts};
pub use feed::{EntryDetail, FeedEntry, FeedPosting};
pub use forgone::{Forgone, ForgoneRow, ForgoneSums, ForgoneTrade, ForgoneTrades};
pub use hint::Hint;
pub use invitee::{AgreedRates, InviteeRange, TradeRules};
pub use metrics::{Countries, CountryRow, Metrics, Overview, Point, ReferrerRow, Referrers, Series, SeriesBefore};
pub use offers::{CampaignRow, ConditionProgress, OfferRow, RunningPeriod, TierProgress};
pub use platform::{Dated, Phase, PlatformCampaign, PlatformOffer, ProgramRules, Promotion, StandingRow};
pub use referrals::{CodeDetail, CodeRow, ReferralDetail, ReferralRow};
pub use restatement::{Earned, Restatement, RestatementRow, RestatingEvent};
pub use rewards::{RewardKind, RewardRow, Rewards};
pub use search::{FoundKind, FoundRow, Search};
pub use status::{AcceptedTopic, KafkaOffset, QuarantineCounts, Status};
pub use trades::{EventRef, Explained, PostingLine, RateInForce, ReversalLine, Side, TradeKey};
pub use what_if::{AmountChanges, Difference, WhatIfRow};

use schemas::Timestamp;

/// What an answer reflects: the ledger's position, and the latest event time up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The ledger position; 0 where nothing is held yet.
    pub position: u64,
    /// The latest event time among the entries up to it; null where there is none.
    pub event_time: Option<Timestamp>,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
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
