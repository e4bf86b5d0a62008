//! Rewards (SPEC 4.3): one record a UTC day, counterparty and product.

use std::collections::BTreeMap;

use schemas::{Day, Product, Uid, Usd};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::walk::Dated;
use super::{DateRange, QueryError, RangeRequest, View};
use crate::history::PRESENT;
use crate::views::{RewardKind, RewardRow, Rewards};

/// The days of a range of rewards where nothing is said (SPEC 4.3).
const RANGE_DAYS: i32 = 7;

#[derive(Default)]
struct Record {
    trades: u64,
    fee_usd: Usd,
    amount: Usd,
}

type Records = BTreeMap<(Day, Uid, &'static str), (Product, Record)>;

impl View<'_> {
    /// `GET /v1/rewards`: a page of records, newest first, then counterparty, then product.
    ///
    /// # Errors
    /// If the range ends before it begins, or the cursor is not this list's.
    pub fn rewards(
        &self,
        uid: Uid,
        kind: RewardKind,
        range: RangeRequest,
        request: &PageRequest,
    ) -> Result<Rewards, QueryError> {
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let rows = self.reward_records(uid, kind, range)?.into_iter().map(|((day, counterparty, name), record)| {
            let keys = vec![SortValue::Number(i128::from(counterparty.0)), SortValue::Text(name.to_owned())];
            (Place { value: Some(SortValue::Number(i128::from(day.0))), keys }, (day, counterparty, record))
        });
        let sorting = Sorting { value: Order::Descending, keys: Order::Ascending };
        let question = ("rewards", uid, kind, range);
        let list = page(rows.collect(), sorting, request, &question, self, |(day, counterparty, record)| {
            Ok(row(kind, day, counterparty, record))
        })?;
        Ok(Rewards { uid, kind, from: range.from, to: range.to, list })
    }

    /// All records of a range, newest first: what an export writes.
    ///
    /// # Errors
    /// If the range ends before it begins.
    pub fn all_rewards(&self, uid: Uid, kind: RewardKind, range: RangeRequest) -> Result<Vec<RewardRow>, QueryError> {
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let mut records: Vec<_> = self.reward_records(uid, kind, range)?.into_iter().collect();
        records.sort_by(|((one, ..), _), ((other, ..), _)| other.cmp(one));
        Ok(records.into_iter().map(|((day, counterparty, _), record)| row(kind, day, counterparty, record)).collect())
    }

    fn reward_records(&self, uid: Uid, kind: RewardKind, range: DateRange) -> Result<Records, QueryError> {
        let mut records = Records::new();
        let Some(account) = self.account(uid) else { return Ok(records) };
        let mut add = |dated: &Dated<'_>| {
            let Some((referrer, _)) = dated.rated.referrer else { return };
            let (amount, counterparty) = match kind {
                RewardKind::Commission => (dated.rated.commission, dated.attribution.head),
                RewardKind::Shared => (dated.rated.rebate, referrer),
            };
            if amount.is_zero() {
                return;
            }
            let product = dated.trade.product;
            let key = (dated.day, self.state.uid(counterparty), product.as_str());
            let (_, record) = records.entry(key).or_insert_with(|| (product, Record::default()));
            if dated.is_reversal {
                record.fee_usd -= dated.trade.fee_usd;
                record.amount -= amount;
            } else {
                record.trades += 1;
                record.fee_usd += dated.trade.fee_usd;
                record.amount += amount;
            }
        };
        match kind {
            RewardKind::Commission => {
                for code in self.state.codes_of(account, PRESENT) {
                    for invitee in self.invitees_of(code) {
                        self.walk_family(invitee, range, &mut add)?;
                    }
                }
            }
            // A sub-account is never an invitee itself; what it trades is its major account's.
            RewardKind::Shared => {
                let is_major = self.state.major(account, PRESENT).is_some_and(|major| major.head == account);
                if is_major {
                    self.walk_family(account, range, &mut add)?;
                }
            }
        }
        Ok(records)
    }
}

fn row(kind: RewardKind, date: Day, counterparty: Uid, (product, record): (Product, Record)) -> RewardRow {
    RewardRow {
        date,
        kind,
        invitee_uid: (kind == RewardKind::Commission).then_some(counterparty),
        referrer_uid: (kind == RewardKind::Shared).then_some(counterparty),
        product,
        trades: record.trades,
        fee_usd: record.fee_usd,
        amount: record.amount,
    }
}
