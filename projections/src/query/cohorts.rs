//! Cohorts (SPEC 7): invitees by the calendar month of their registration, what has become of them, and what each month
//! after it brought.
//!
//! No cell tells who registered when, so this costs what there is of the invitees, and nothing of the others: the row of
//! each invitee of the codes in question, some of which are left out whole by when the last one registered; and of the
//! cohorts that stand on the page, the events of each family that ever traded, read once. Held is one number an invitee
//! of the range, and the sums of the months.

use std::collections::BTreeMap;

use ledger::{AccountId, ReadError};
use schemas::{Country, Day, Uid, Usd};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::{DateRange, QueryError, RangeRequest, View};
use crate::accounts::NEVER;
use crate::codes::CodeId;
use crate::firsts::First;
use crate::views::{CohortMonth, CohortRow, Cohorts};

/// The months of a range where nothing is said (SPEC 7).
const RANGE_MONTHS: i32 = 12;

/// By month, ascending.
pub(super) const SORTING: Sorting = Sorting { value: Order::Ascending, keys: Order::Ascending };

/// Which invitees: everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CohortFilter {
    /// Registered with this code.
    pub code: Option<String>,
    /// Country is one of these; `None` in the list is the unknown.
    pub country: Option<Vec<Option<Country>>>,
}

impl View<'_> {
    /// `GET /v1/cohorts`: the invitees of a referrer, or of all referrers together where none is named, by the calendar
    /// month of their registration, ascending; months without one are left out.
    ///
    /// # Errors
    /// If the code is not the referrer's, or not there, the range ends before it begins, the cursor is not this list's,
    /// or the ledger cannot be read.
    pub fn cohorts(
        &self,
        uid: impl Into<Option<Uid>>,
        filter: &CohortFilter,
        range: RangeRequest,
        request: &PageRequest,
    ) -> Result<Cohorts, QueryError> {
        let uid = uid.into();
        let range = range.resolve_months(self.now, RANGE_MONTHS)?;
        let codes = self.codes_asked(uid, filter.code.as_deref())?;
        let cohorts = self.registered_by_month(codes, filter.country.as_deref(), range).into_iter();
        let places = cohorts.map(|(month, invitees)| (place_of_month(month), (month, invitees)));
        let question = question(uid, filter, range);
        let row = |(month, invitees): (Day, Vec<AccountId>)| Ok(self.cohort_row(month, &invitees)?);
        let list = page(places, SORTING, request, &question, self, row)?;
        let text = |country: &Option<Country>| {
            country.map_or_else(|| Country::UNKNOWN_TEXT.to_owned(), |country| country.to_string())
        };
        let country = filter.country.as_ref().map(|countries| countries.iter().map(text).collect());
        Ok(Cohorts { uid, code: filter.code.clone(), country, from: range.from, to: range.to, list })
    }

    /// The invitees of these codes that registered in the range, by the first day of the month.
    fn registered_by_month(
        &self,
        codes: Vec<CodeId>,
        countries: Option<&[Option<Country>]>,
        range: DateRange,
    ) -> BTreeMap<Day, Vec<AccountId>> {
        let mut cohorts: BTreeMap<Day, Vec<AccountId>> = BTreeMap::new();
        for code in codes {
            // Where the last one registered before the range, nobody did in it.
            if self.state.codes.get(code).last_registration.is_none_or(|last| last.day() < range.from) {
                continue;
            }
            for invitee in self.invitees_of(code) {
                let Some(registered) = self.state.account(invitee).registered else { continue };
                let day = registered.time.day();
                if range.contains(day) && countries.is_none_or(|wanted| wanted.contains(&registered.country)) {
                    cohorts.entry(day.month_start()).or_default().push(invitee);
                }
            }
        }
        cohorts
    }

    fn cohort_row(&self, month: Day, invitees: &[AccountId]) -> Result<CohortRow, ReadError> {
        let has = |first: First| {
            invitees.iter().filter(|invitee| self.state.family_first(**invitee, first) != NEVER).count() as u64
        };
        let traders = invitees.iter().copied().filter(|invitee| self.state.account(*invitee).first_trade != NEVER);
        let traders: Vec<AccountId> = traders.collect();
        Ok(CohortRow {
            month,
            registered: invitees.len() as u64,
            verified: has(First::Verified),
            deposited: has(First::Deposited),
            first_time_trade: traders.len() as u64,
            months: self.cohort_months(month, &traders)?,
        })
    }

    /// What these invitees did in each month from one up to that of now; nothing where it is yet to come.
    fn cohort_months(&self, first: Day, traders: &[AccountId]) -> Result<Vec<CohortMonth>, ReadError> {
        let count = usize::try_from(self.now.day().months_since(first) + 1).unwrap_or(0);
        let mut months = vec![CohortMonth::default(); count];
        if months.is_empty() {
            return Ok(months);
        }
        let range = DateRange { from: first, to: self.now.day().month_end() };
        let mut has_traded = vec![false; count];
        for invitee in traders {
            has_traded.fill(false);
            self.walk_family(*invitee, range, &mut |walked| {
                // All that is given lies in the range, whose months there are.
                let Ok(at) = usize::try_from(walked.day.months_since(first)) else { return };
                let Some(month) = months.get_mut(at) else { return };
                let signed = |amount: Usd| if walked.is_reversal { -amount } else { amount };
                month.commission += signed(walked.rated.commission);
                month.rebate += signed(walked.rated.rebate);
                month.volume += signed(walked.trade.volume_usd);
                has_traded[at] |= !walked.is_reversal;
            })?;
            for (month, has_traded) in months.iter_mut().zip(&has_traded) {
                month.traded += u64::from(*has_traded);
            }
        }
        Ok(months)
    }
}

/// A cohort's place in their list.
pub(super) fn place_of(row: &CohortRow) -> Place {
    place_of_month(row.month)
}

fn place_of_month(month: Day) -> Place {
    Place { value: Some(SortValue::Number(i128::from(month.0))), keys: Vec::new() }
}

/// What a cursor of cohorts belongs to.
pub(super) fn question(uid: Option<Uid>, filter: &CohortFilter, range: DateRange) -> impl std::fmt::Debug {
    ("cohorts", uid, filter, range)
}
