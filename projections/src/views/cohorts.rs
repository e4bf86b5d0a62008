//! The answer about cohorts (SPEC 7, everybody's numbers).

use schemas::{Day, Uid, Usd};

use super::List;

/// What the invitees of a cohort did in one calendar month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CohortMonth {
    /// Distinct invitees with a trade in it.
    pub traded: u64,
    /// What the referrers earned from them, in USD, net of reversals dated in it.
    pub commission: Usd,
    /// What they got back of their own fees, in USD, net.
    pub rebate: Usd,
    /// The volume of all their trades, in USD, every product and level, net.
    pub volume: Usd,
}

/// Those who registered in one calendar month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortRow {
    /// The first day of the month.
    pub month: Day,
    /// How many registered in it.
    pub registered: u64,
    /// How many of them passed an identity check, whenever.
    pub verified: u64,
    /// How many of them deposited, whenever.
    pub deposited: u64,
    /// How many of them traded, whenever.
    pub first_time_trade: u64,
    /// What they did month by month: first in that of their registration, last in that of now.
    pub months: Vec<CohortMonth>,
}

impl CohortRow {
    /// The month as it is written: `2026-03`.
    #[must_use]
    pub fn month_text(&self) -> String {
        let mut text = self.month.to_string();
        text.truncate("2026-03".len());
        text
    }
}

/// Invitees by the month of their registration, with the range that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohorts {
    /// The referrer; none for all referrers together.
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
    pub list: List<CohortRow>,
}
