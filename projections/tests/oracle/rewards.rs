//! The rewards records (SPEC 4.3): one a UTC day, counterparty and product.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schemas::{AccountType, Day, Uid};
use serde_json::{Value, json};

use super::attribution::Attribution;
use super::hint::hinted;
use super::portrait::{Movement, Portrait};
use super::range::Span;
use super::{Answer, Known, usd, with};

/// Which rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the user earned as a referrer.
    Commission,
    /// What it got back of its own fees as an invitee.
    Shared,
}

impl Kind {
    /// The text in a query.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Commission => "commission",
            Kind::Shared => "shared",
        }
    }

    fn amount(self, movement: &Movement<'_>) -> i128 {
        match self {
            Kind::Commission => movement.commission(),
            Kind::Shared => movement.rebate(),
        }
    }

    fn counterparty_field(self) -> &'static str {
        match self {
            Kind::Commission => "invitee_uid",
            Kind::Shared => "referrer_uid",
        }
    }
}

/// What one record adds up.
#[derive(Default)]
struct Record {
    trades: u64,
    fee: i128,
    amount: i128,
}

const DEFAULT_DAYS: i32 = 7;

impl Known<'_> {
    /// `GET /v1/rewards`: the whole list, newest day first, then by counterparty and product.
    pub fn rewards(&self, uid: Uid, kind: Kind, from: Option<Day>, to: Option<Day>) -> Answer {
        let span = Span::asked(from, to, DEFAULT_DAYS, self.now.day())?;
        let mut records: BTreeMap<(Day, Uid, &str), Record> = BTreeMap::new();
        for (counterparty, portrait) in self.counterparties(uid, kind) {
            for movement in &portrait.movements {
                let amount = kind.amount(movement);
                if amount == 0 || !span.holds(movement.time) {
                    continue;
                }
                let key = (movement.time.day(), counterparty, movement.rated.trade.product.as_str());
                let record = records.entry(key).or_default();
                record.trades += u64::from(movement.is_trade());
                record.fee += movement.fee();
                record.amount += amount;
            }
        }
        let mut rows: Vec<((Day, Uid, &str), Record)> = records.into_iter().collect();
        // They ascend in day, counterparty and product; the sort is stable.
        rows.sort_by_key(|((date, _, _), _)| Reverse(*date));
        let rows = rows.into_iter().map(|((date, counterparty, product), record)| {
            let row = json!({
                "date": date, "kind": kind.as_str(), "product": product, "trades": record.trades,
                "fee_usd": usd(record.fee), "amount": usd(record.amount),
            });
            with(row, json!({ kind.counterparty_field(): counterparty }))
        });
        let rows: Vec<Value> = rows.collect();
        let is_empty = rows.is_empty();
        let answer = with(with(self.list(rows), span.shown()), json!({ "uid": uid, "kind": kind.as_str() }));
        Ok(hinted(answer, (from, to), is_empty, self.days_rewarded(uid, kind)))
    }

    /// The days whose amounts come to something.
    fn days_rewarded(&self, uid: Uid, kind: Kind) -> BTreeSet<Day> {
        let mut by_day: BTreeMap<Day, i128> = BTreeMap::new();
        for (_, portrait) in self.counterparties(uid, kind) {
            for movement in &portrait.movements {
                *by_day.entry(movement.time.day()).or_default() += kind.amount(movement);
            }
        }
        by_day.into_iter().filter(|(_, amount)| *amount != 0).map(|(day, _)| day).collect()
    }

    /// The invitees whose trades gave this user its rewards, each beside the other party.
    fn counterparties(&self, uid: Uid, kind: Kind) -> Vec<(Uid, Portrait<'_>)> {
        match kind {
            Kind::Commission => {
                self.portraits(uid, None).into_iter().map(|portrait| (portrait.uid, portrait)).collect()
            }
            Kind::Shared => {
                let is_major = self
                    .registration(uid)
                    .is_some_and(|(_, registration)| registration.account_type == AccountType::Major);
                match self.attribution(uid) {
                    Attribution::Referrer(referrer) if is_major => vec![(referrer, self.portrait(uid))],
                    Attribution::Referrer(_) | Attribution::Itself | Attribution::Nobody => Vec::new(),
                }
            }
        }
    }
}
