//! Offers with their progress, and campaigns (SPEC 4.6).

use schemas::{Day, Metric, OfferKind, Period, Threshold, Visibility};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};

/// The days an offer counts now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunningPeriod {
    /// Month or quarter.
    pub kind: Period,
    /// The first day, cut to the offer's own dates.
    pub from: Day,
    /// The last day, cut to the offer's own dates.
    pub to: Day,
}

shaped!(struct RunningPeriod { kind, from, to });

/// A condition: what it has come to, and the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConditionProgress {
    /// What is measured.
    pub metric: Metric,
    /// What it has come to.
    pub current: Threshold,
    /// What it must come to.
    pub target: Threshold,
    /// Whether it has.
    pub met: bool,
}

shaped!(struct ConditionProgress { metric, current, target, met });

/// A tier's progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierProgress {
    /// Its name.
    pub name: String,
    /// What reaching it gives.
    pub reward: String,
    /// Its conditions.
    pub conditions: Vec<ConditionProgress>,
    /// Whether all are met.
    pub met: bool,
}

shaped!(struct TierProgress { name, reward, conditions, met });

/// A row of `GET /v1/offers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferRow {
    /// The offer.
    pub id: String,
    /// What it pays for.
    pub kind: OfferKind,
    /// Its title.
    pub title: String,
    /// Where to read more.
    pub url: String,
    /// Over what it counts now.
    pub period: RunningPeriod,
    /// Whether this referrer takes part.
    pub eligible: bool,
    /// Its tiers, highest first.
    pub tiers: Vec<TierProgress>,
    /// The first tier from the top that is met.
    pub reached: Option<String>,
    /// The tier above it; the lowest if none is reached; null at the top.
    pub next: Option<String>,
}

shaped!(struct OfferRow { id, kind, title, url, period, eligible, tiers, reached, next });

/// A row of `GET /v1/campaigns`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CampaignRow {
    /// The campaign.
    pub id: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Where to read more.
    pub url: String,
    /// Its first day.
    pub starts: Day,
    /// Its last day.
    pub ends: Day,
    /// Whether this referrer joined.
    pub joined: bool,
    /// What to share; null before joining.
    pub share_link: Option<String>,
}

shaped!(struct CampaignRow { id, visibility, title, description, url, starts, ends, joined, share_link });
