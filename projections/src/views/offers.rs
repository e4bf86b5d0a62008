//! Offers with their progress, and campaigns (SPEC 4.6).

use schemas::{Day, Metric, OfferKind, Period, Threshold, Visibility};

/// The days an offer counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningPeriod {
    /// Month or quarter.
    pub kind: Period,
    /// The first day, cut to the offer's own dates.
    pub from: Day,
    /// The last day, cut to the offer's own dates.
    pub to: Day,
}

/// A condition: what it has come to, and the target.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A tier's progress.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A row of `GET /v1/offers`.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A row of `GET /v1/campaigns`.
#[derive(Clone, Debug, PartialEq, Eq)]
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
