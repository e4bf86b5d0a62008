//! The shape of the answer about cohorts (SPEC 7).

use schemas::{Day, Uid, Usd};
use serde::Serialize;
use utoipa::ToSchema;

use super::List;
use super::shown::{Shown, shaped};

/// What the invitees of a cohort did in one calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CohortMonth {
    /// Distinct invitees of the cohort with at least one trade in it.
    pub traded: u64,
    /// Commission of eligible trades, net of reversals dated in it.
    pub commission: Usd,
    /// Rebates given to them, net of reversals dated in it.
    pub rebate: Usd,
    /// Volume of all their trades, every product and level, net of reversals dated in it.
    pub volume: Usd,
}

shaped!(struct CohortMonth { traded, commission, rebate, volume });

/// A row of `GET /v1/cohorts`: those who registered in one UTC month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CohortRow {
    /// The month of their registration.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-03")]
    pub month: String,
    /// How many registered in it.
    pub registered: u64,
    /// How many of them have passed an identity check by now, whenever.
    pub verified: u64,
    /// How many of them have deposited by now, whenever.
    pub deposited: u64,
    /// How many of them have traded by now, whenever.
    pub first_time_trade: u64,
    /// What they did, month by month: `months[k]` is of the k-th calendar month after that of the registration, up to the
    /// month of now.
    pub months: Vec<CohortMonth>,
}

impl Shown for projections::views::CohortRow {
    type Shape = CohortRow;

    fn shown(self) -> CohortRow {
        let month = self.month_text();
        let projections::views::CohortRow { month: _, registered, verified, deposited, first_time_trade, months } =
            self;
        CohortRow { month, registered, verified, deposited, first_time_trade, months: months.shown() }
    }
}

/// `GET /v1/cohorts`: the list, with the range it used, in whole months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cohorts {
    /// The referrer; null for all referrers together.
    pub uid: Option<Uid>,
    /// The code it is narrowed to, if any.
    pub code: Option<String>,
    /// The countries it is narrowed to, if any; `ZZ` is the unknown.
    pub country: Option<Vec<String>>,
    /// The first day of the first month.
    pub from: Day,
    /// The last day of the last month.
    pub to: Day,
    /// The rows, by month.
    #[serde(flatten)]
    pub list: List<CohortRow>,
}

impl Shown for projections::views::Cohorts {
    type Shape = Cohorts;

    fn shown(self) -> Cohorts {
        let projections::views::Cohorts { uid, code, country, from, to, list } = self;
        Cohorts { uid, code, country, from, to, list: list.shown() }
    }
}
