//! The metrics of SPEC 3, and the answers made of them.

use schemas::{Day, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Shown, shaped};
use super::{AsOf, Hint, List, Standing};

/// The metrics of SPEC 3, of a range of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Metrics {
    /// `spot_commission + futures_commission`.
    pub total_rewards: Usd,
    /// Commission of eligible spot and margin trades, net of reversals.
    pub spot_commission: Usd,
    /// Commission of eligible futures trades, net of reversals.
    pub futures_commission: Usd,
    /// Rebates given to invitees, net of reversals.
    pub shared_commission: Usd,
    /// Major accounts that registered in the range.
    pub total_referrals: u64,
    /// Invitees whose first `verified` KYC lies in the range.
    pub verified: u64,
    /// Invitees whose first deposit by p2p, crypto, fiat or cash lies in the range.
    pub deposited: u64,
    /// Invitees whose first trade lies in the range.
    pub first_time_trade: u64,
    /// Distinct invitees with at least one trade in the range.
    pub traded: u64,
    /// Volume of spot and margin trades, every VIP level, net of reversals.
    pub spot_volume: Usd,
    /// Volume of futures trades made at VIP level 0 or 1, net of reversals.
    pub futures_volume: Usd,
    /// Volume of all trades, every product and level, net of reversals.
    pub total_volume: Usd,
}

shaped!(struct Metrics {
    total_rewards, spot_commission, futures_commission, shared_commission, total_referrals, verified, deposited,
    first_time_trade, traded, spot_volume, futures_volume, total_volume
});

/// `GET /v1/overview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Overview {
    /// The referrer; null for all referrers together.
    pub uid: Option<Uid>,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The figures.
    pub metrics: Metrics,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct Overview { uid, from, to, code, metrics, hint, as_of });

/// One bucket of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Point {
    /// The bucket's first day within the range.
    pub date: Day,
    /// The figures of the bucket, each exact.
    #[serde(flatten)]
    pub metrics: Metrics,
}

shaped!(struct Point { date, metrics });

/// The range before that of a series: as long, up to the day before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeriesBefore {
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The figures of the whole range.
    pub metrics: Metrics,
    /// For each bucket of the series the days that lie before its own by the length of the range.
    pub points: Vec<Point>,
}

shaped!(struct SeriesBefore { from, to, metrics, points });

/// `GET /v1/overview/series`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Series {
    /// The referrer; null for all referrers together.
    pub uid: Option<Uid>,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The length of a bucket.
    #[schema(value_type = String)]
    pub interval: &'static str,
    /// The buckets in order, empty ones too.
    pub points: Vec<Point>,
    /// The range before, where `before=true` asks for it and there are dates for it. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<SeriesBefore>,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// What the answer reflects.
    pub as_of: AsOf,
}

shaped!(struct Series { uid, from, to, code, interval, points, before, hint, as_of });

/// A row of `GET /v1/countries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountryRow {
    /// The country's code; `ZZ` where it is unknown.
    pub country: String,
    /// The figures of its invitees.
    #[serde(flatten)]
    pub metrics: Metrics,
}

shaped!(struct CountryRow { country, metrics });

/// `GET /v1/countries`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Countries {
    /// The referrer; null for all referrers together.
    pub uid: Option<Uid>,
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The rows.
    #[serde(flatten)]
    pub list: List<CountryRow>,
}

shaped!(struct Countries { uid, from, to, hint, list });

/// A row of `GET /v1/referrers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferrerRow {
    /// The owner of codes; the major account of one that is a sub-account.
    pub uid: Uid,
    /// Its standing now.
    pub status: Standing,
    /// How many codes it has, sub-accounts' with them: those in its list of codes.
    pub codes: u64,
    /// The figures of its invitees.
    #[serde(flatten)]
    pub metrics: Metrics,
}

shaped!(struct ReferrerRow { uid, status, codes, metrics });

/// `GET /v1/referrers`: the list, with the range it used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Referrers {
    /// The first day counted.
    pub from: Day,
    /// The last day counted.
    pub to: Day,
    /// Where nobody gave a range and the default one holds nothing: where what there is lies. Absent else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The rows.
    #[serde(flatten)]
    pub list: List<ReferrerRow>,
}

shaped!(struct Referrers { from, to, hint, list });
