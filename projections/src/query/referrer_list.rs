//! Every referrer with anything in a range (SPEC 7, everybody's numbers).
//!
//! It costs the codes that there are and the cells that their days in the range have; no invitee is looked at, and only
//! the rows that may stand on the page are kept.

use std::collections::HashMap;

use ledger::AccountId;

use super::columns::columns;
use super::metrics::RANGE_DAYS;
use super::page::{Order, PageRequest, Paging, Place, SortValue, Sorting};
use super::{DateRange, QueryError, RangeRequest, View};
use crate::history::PRESENT;
use crate::views::{Metrics, ReferrerRow, Referrers};

columns! {
    ReferrerSort:
    TotalRewards = "total_rewards",
    Uid = "uid",
    Status = "status",
    Codes = "codes",
    SpotCommission = "spot_commission",
    FuturesCommission = "futures_commission",
    SharedCommission = "shared_commission",
    TotalReferrals = "total_referrals",
    Verified = "verified",
    Deposited = "deposited",
    FirstTimeTrade = "first_time_trade",
    Traded = "traded",
    SpotVolume = "spot_volume",
    FuturesVolume = "futures_volume",
    TotalVolume = "total_volume",
}

/// What the codes of one referrer come to.
#[derive(Clone, Copy, Default)]
struct OfCodes {
    /// Those whose time has come.
    codes: u64,
    metrics: Metrics,
}

impl View<'_> {
    /// `GET /v1/referrers`: each owner of a code with anything in the range. Codes of a sub-account are its major
    /// account's.
    ///
    /// # Errors
    /// If the range ends before it begins, or the cursor is not this list's.
    pub fn referrer_list(
        &self,
        range: RangeRequest,
        sort: ReferrerSort,
        order: Order,
        request: &PageRequest,
    ) -> Result<Referrers, QueryError> {
        let asked = range;
        let range = asked.resolve(self.now, RANGE_DAYS)?;
        let sorting = Sorting { value: order, keys: order };
        let mut paging = Paging::begin(sorting, request, &question(range, sort, order), self)?;
        for (referrer, of_codes) in self.by_owner(range) {
            if of_codes.metrics != Metrics::default() {
                let row = self.referrer_row(referrer, &of_codes);
                paging.add(Some(sort_value(&row, sort)), || keys(&row), row);
            }
        }
        let list = paging.finish(self, Ok)?;
        let hint = self.hint(asked, range, list.total == 0, (None, None))?;
        Ok(Referrers { from: range.from, to: range.to, hint, list })
    }

    fn by_owner(&self, range: DateRange) -> HashMap<AccountId, OfCodes> {
        let mut by_owner: HashMap<AccountId, OfCodes> = HashMap::new();
        for (code, row) in self.state.codes.iter() {
            let Some(owner) = self.state.code_owner(code, PRESENT) else { continue };
            let of_codes = by_owner.entry(owner).or_default();
            of_codes.codes += u64::from(self.created_at(code).is_some());
            for (_, slice) in &row.slices {
                slice.add_metrics(range.from, range.to, &mut of_codes.metrics);
            }
        }
        by_owner
    }

    fn referrer_row(&self, referrer: AccountId, of_codes: &OfCodes) -> ReferrerRow {
        ReferrerRow {
            uid: self.state.uid(referrer),
            status: self.standing_now(referrer),
            codes: of_codes.codes,
            metrics: of_codes.metrics,
        }
    }
}

/// A referrer's place in their list, by this column.
pub(super) fn place_of(row: &ReferrerRow, sort: ReferrerSort) -> Place {
    Place { value: Some(sort_value(row, sort)), keys: keys(row) }
}

/// What a cursor of referrers belongs to.
pub(super) fn question(range: DateRange, sort: ReferrerSort, order: Order) -> impl std::fmt::Debug {
    ("referrers", range, sort, order)
}

fn keys(row: &ReferrerRow) -> Vec<SortValue> {
    vec![SortValue::Number(i128::from(row.uid.0))]
}

fn sort_value(row: &ReferrerRow, sort: ReferrerSort) -> SortValue {
    let metrics = &row.metrics;
    let count = |count: u64| SortValue::Number(i128::from(count));
    match sort {
        ReferrerSort::Uid => count(row.uid.0),
        ReferrerSort::Status => SortValue::Text(row.status.as_str().to_owned()),
        ReferrerSort::Codes => count(row.codes),
        ReferrerSort::TotalRewards => SortValue::Number(metrics.total_rewards.0),
        ReferrerSort::SpotCommission => SortValue::Number(metrics.spot_commission.0),
        ReferrerSort::FuturesCommission => SortValue::Number(metrics.futures_commission.0),
        ReferrerSort::SharedCommission => SortValue::Number(metrics.shared_commission.0),
        ReferrerSort::TotalReferrals => count(metrics.total_referrals),
        ReferrerSort::Verified => count(metrics.verified),
        ReferrerSort::Deposited => count(metrics.deposited),
        ReferrerSort::FirstTimeTrade => count(metrics.first_time_trade),
        ReferrerSort::Traded => count(metrics.traded),
        ReferrerSort::SpotVolume => SortValue::Number(metrics.spot_volume.0),
        ReferrerSort::FuturesVolume => SortValue::Number(metrics.futures_volume.0),
        ReferrerSort::TotalVolume => SortValue::Number(metrics.total_volume.0),
    }
}
