//! Rewards (SPEC 4.3): one record a UTC day, counterparty and product.

use std::collections::BTreeMap;

use ledger::ReadError;
use schemas::{Day, Product, Trade, Uid, Usd};

use super::page::{Order, PageRequest, Place, SortValue, Sorting, page};
use super::walk::WalkedTrade;
use super::{DateRange, QueryError, RangeRequest, View};
use crate::history::PRESENT;
use crate::views::{RewardKind, RewardRow, Rewards};

/// The days of a range of rewards where nothing is said (SPEC 4.3).
const RANGE_DAYS: i32 = 7;
/// About how many records of an export are held at a time.
const RECORDS_HELD: usize = 250_000;

/// Newest first, then counterparty, then product.
pub(super) const SORTING: Sorting = Sorting { value: Order::Descending, keys: Order::Ascending };

#[derive(Default)]
pub(super) struct Record {
    trades: u64,
    fee_usd: Usd,
    amount: Usd,
}

impl Record {
    /// Adds a trade, or its taking back, with what it gave.
    pub(super) fn add(&mut self, walked: &WalkedTrade<'_>, amount: Usd) {
        if walked.is_reversal {
            self.fee_usd -= walked.trade.fee_usd;
            self.amount -= amount;
        } else {
            self.trades += 1;
            self.fee_usd += walked.trade.fee_usd;
            self.amount += amount;
        }
    }
}

/// A record of either kind, with both who are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarnedRecord {
    /// The invitee that traded.
    pub invitee_uid: Uid,
    /// The day.
    pub date: Day,
    /// What the referrer earned, or what the invitee got back.
    pub kind: RewardKind,
    /// The product.
    pub product: Product,
    /// The trades that gave a non-zero amount of the kind that day.
    pub trades: u64,
    /// Their fees, net of reversals.
    pub fee_usd: Usd,
    /// What they gave, net of reversals.
    pub amount: Usd,
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
        let asked = range;
        let range = asked.resolve(self.now, RANGE_DAYS)?;
        let rows = self.reward_records(uid, kind, range)?.into_iter().map(|((day, counterparty, name), record)| {
            (place_of(day, counterparty, name), (day, counterparty, record))
        });
        let list = page(rows, SORTING, request, &question(uid, kind, range), self, |(day, counterparty, record)| {
            Ok(row(kind, day, counterparty, record))
        })?;
        let hint = self.hint_of_rewards(asked, range, list.total == 0, (uid, kind))?;
        Ok(Rewards { uid, kind, from: range.from, to: range.to, hint, list })
    }

    /// Gives all records of a range, in the order of the list: what an export writes. Some days are held at a time,
    /// so many that their records are about `RECORDS_HELD`.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_record<E: From<ReadError>>(
        &self,
        uid: Uid,
        kind: RewardKind,
        range: DateRange,
        visit: &mut dyn FnMut(RewardRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut days = RECORDS_HELD / self.invitees_by_uid(uid).len().max(1);
        let mut to = range.to;
        loop {
            // A day at least; and no more than all days that there are.
            let from = to.plus(1 - days.clamp(1, 10_000_000) as i32).max(range.from);
            let mut records: Vec<_> = self.reward_records(uid, kind, DateRange { from, to })?.into_iter().collect();
            records.sort_by(|((one, ..), _), ((other, ..), _)| other.cmp(one));
            match records.len() {
                found if found > RECORDS_HELD => days /= 2,
                found if found < RECORDS_HELD / 4 => days = days.saturating_mul(2),
                _ => {}
            }
            for ((day, counterparty, _), record) in records {
                visit(row(kind, day, counterparty, record))?;
            }
            if from == range.from {
                return Ok(());
            }
            to = from.plus(-1);
        }
    }

    /// Gives the records of both kinds that a referrer's invitees made in the range: by invitee, then day, product
    /// and kind. The records of one invitee are held at a time.
    ///
    /// # Errors
    /// If the ledger cannot be read; and what `visit` refuses.
    pub fn each_reward<E: From<ReadError>>(
        &self,
        referrer: Uid,
        range: DateRange,
        visit: &mut dyn FnMut(EarnedRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        for (head, _) in self.invitees_by_uid(referrer) {
            let mut records: BTreeMap<(Day, &str, &str), (Product, RewardKind, Record)> = BTreeMap::new();
            self.walk_family(head, range, &mut |walked| {
                let WalkedTrade { day, trade: Trade { product, .. }, rated, .. } = walked;
                let earned = [(RewardKind::Commission, rated.commission), (RewardKind::Shared, rated.rebate)];
                for (kind, amount) in earned.into_iter().filter(|(_, amount)| !amount.is_zero()) {
                    let record = records.entry((*day, product.as_str(), kind.as_str()));
                    record.or_insert_with(|| (*product, kind, Record::default())).2.add(walked, amount);
                }
            })?;
            let invitee_uid = self.state.uid(head);
            for ((date, ..), (product, kind, Record { trades, fee_usd, amount })) in records {
                visit(EarnedRecord { invitee_uid, date, kind, product, trades, fee_usd, amount })?;
            }
        }
        Ok(())
    }

    pub(super) fn reward_records(&self, uid: Uid, kind: RewardKind, range: DateRange) -> Result<Records, ReadError> {
        let mut records = Records::new();
        let Some(account) = self.account(uid) else { return Ok(records) };
        let mut add = |walked: &WalkedTrade<'_>| {
            let Some((referrer, _)) = walked.rated.referrer else { return };
            let (amount, counterparty) = match kind {
                RewardKind::Commission => (walked.rated.commission, walked.attribution.head),
                RewardKind::Shared => (walked.rated.rebate, referrer),
            };
            if amount.is_zero() {
                return;
            }
            let product = walked.trade.product;
            let key = (walked.day, self.state.uid(counterparty), product.as_str());
            let (_, record) = records.entry(key).or_insert_with(|| (product, Record::default()));
            record.add(walked, amount);
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

/// The place of a record in the list.
pub(super) fn place_of(day: Day, counterparty: Uid, product: &str) -> Place {
    let keys = vec![SortValue::Number(i128::from(counterparty.0)), SortValue::Text(product.to_owned())];
    Place { value: Some(SortValue::Number(i128::from(day.0))), keys }
}

/// What a cursor of the list belongs to.
pub(super) fn question(uid: Uid, kind: RewardKind, range: DateRange) -> impl std::fmt::Debug {
    ("rewards", uid, kind, range)
}

pub(super) fn row(kind: RewardKind, date: Day, counterparty: Uid, (product, record): (Product, Record)) -> RewardRow {
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
