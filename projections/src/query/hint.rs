//! What is said where a range that nobody gave holds nothing, though other days hold something.

use std::collections::BTreeMap;

use schemas::{Day, Uid, Usd};

use super::{DateRange, QueryError, RangeRequest, View};
use crate::views::{Hint, RewardKind, RewardRow};

impl View<'_> {
    /// The hint of an answer about a referrer, one of its codes, or everybody. `is_empty` says whether the range that
    /// was used holds nothing.
    ///
    /// # Errors
    /// If the code is not the referrer's.
    pub(super) fn hint(
        &self,
        asked: RangeRequest,
        used: DateRange,
        is_empty: bool,
        (uid, code): (Option<Uid>, Option<&str>),
    ) -> Result<Option<Hint>, QueryError> {
        if !is_empty || !is_default(asked) {
            return Ok(None);
        }
        Ok(self.days_held(uid, code)?.map(|held| Hint::of(used, held)))
    }

    /// The hint of a list of rewards: of the days whose amounts come to something.
    pub(super) fn hint_of_rewards(
        &self,
        asked: RangeRequest,
        used: DateRange,
        is_empty: bool,
        (uid, kind): (Uid, RewardKind),
    ) -> Result<Option<Hint>, QueryError> {
        if !is_empty || !is_default(asked) {
            return Ok(None);
        }
        let mut by_day: BTreeMap<Day, Usd> = BTreeMap::new();
        match kind {
            RewardKind::Commission => {
                for code in self.codes_asked(Some(uid), None)? {
                    for (_, slice) in &self.state.codes.get(code).slices {
                        for (day, earned) in slice.earned(Day::FIRST, Day::LAST) {
                            *by_day.entry(day).or_default() += earned.commission;
                        }
                    }
                }
            }
            // Of one family's own trades.
            RewardKind::Shared => {
                let ever = DateRange { from: Day::FIRST, to: Day::LAST };
                for ((day, ..), record) in self.reward_records(uid, kind, ever)? {
                    let RewardRow { amount, .. } = super::rewards::row(kind, day, uid, record);
                    *by_day.entry(day).or_default() += amount;
                }
            }
        }
        let mut days = by_day.into_iter().filter(|(_, amount)| !amount.is_zero()).map(|(day, _)| day);
        let Some(from) = days.next() else { return Ok(None) };
        let to = days.next_back().unwrap_or(from);
        Ok(Some(Hint::of(used, DateRange { from, to })))
    }
}

fn is_default(asked: RangeRequest) -> bool {
    asked.from.is_none() && asked.to.is_none()
}
