//! One invitee looked at closely: how its rates came about, and what it brought in a range of days.

use std::collections::{BTreeMap, BTreeSet};

use ledger::Position;
use schemas::{Day, Product, Timestamp, Uid};

use super::rewards::{Record, row};
use super::walk::WalkedTrade;
use super::{QueryError, RangeRequest, View};
use crate::history::PRESENT;
use crate::views::{AgreedRates, InviteeRange, RewardKind, RewardRow};

/// The days of a range where nothing is said.
const RANGE_DAYS: i32 = 30;

impl View<'_> {
    /// The rebate rates of an invitee up to now, as agreed and uncapped: those of its code at its registration,
    /// unless an earlier event of its own says otherwise, then each of its own, by time.
    ///
    /// # Errors
    /// If the account is not an invitee of this referrer.
    pub fn agreed_rates(&self, uid: Uid, invitee: Uid) -> Result<Vec<AgreedRates>, QueryError> {
        let invitee = self.invitee_of(uid, invitee)?;
        let registered_at = invitee.registered.time;
        let own = self.state.rebates.get(&invitee.head);
        let is_own_before = own.is_some_and(|own| own.at(registered_at, PRESENT).is_some());
        let terms = &self.state.codes.get(invitee.code).terms;
        let of_code = terms.at(registered_at, PRESENT).or_else(|| terms.first(PRESENT)).filter(|_| !is_own_before);
        let of_code = of_code.map(|fact| {
            let rates = (fact.value.spot_rebate_rate, fact.value.futures_rebate_rate);
            (registered_at, rates, fact.position)
        });
        let own = own.into_iter().flat_map(|own| own.iter(PRESENT)).filter(|fact| fact.time <= self.now).map(|fact| {
            let rates = (fact.value.spot_rebate_rate, fact.value.futures_rebate_rate);
            (fact.time, rates, fact.position)
        });
        let agreed = |(since, (spot, futures), position): (Timestamp, _, Position)| {
            Ok(AgreedRates { since, spot, futures, event: self.event_ref(position)? })
        };
        of_code.into_iter().chain(own).map(agreed).collect()
    }

    /// What an invitee brought in a range, the last 30 UTC days by default, with its latest trades there.
    ///
    /// # Errors
    /// If the account is not an invitee of this referrer, or the range ends before it begins.
    pub fn invitee_range(
        &self,
        uid: Uid,
        invitee: Uid,
        range: RangeRequest,
        trades_max: usize,
    ) -> Result<InviteeRange, QueryError> {
        let range = range.resolve(self.now, RANGE_DAYS)?;
        let head = self.invitee_of(uid, invitee)?.head;
        let mut records: BTreeMap<(Day, &'static str), (Product, Record)> = BTreeMap::new();
        let mut latest: BTreeSet<(Timestamp, Position)> = BTreeSet::new();
        let mut trades_total = 0;
        self.walk_family(head, range, &mut |walked: &WalkedTrade<'_>| {
            // A trade that is taken back in the range as well is one trade.
            if !walked.is_reversal || !range.contains(walked.trade_event.time.day()) {
                trades_total += 1;
            }
            latest.insert((walked.trade_event.time, walked.position));
            if latest.len() > trades_max {
                latest.pop_first();
            }
            let amount = walked.rated.commission;
            if !amount.is_zero() {
                let product = walked.trade.product;
                let record = records.entry((walked.day, product.as_str()));
                record.or_insert_with(|| (product, Record::default())).1.add(walked, amount);
            }
        })?;
        let invitee = self.state.uid(head);
        let records = records.into_iter().map(|((day, _), record)| row(RewardKind::Commission, day, invitee, record));
        let mut records: Vec<RewardRow> = records.collect();
        // Stable: products of a day stay in their order.
        records.sort_by_key(|record| std::cmp::Reverse(record.date));
        let dated = latest.into_iter().map(|(_, position)| Ok((self.reader.event(position)?, position)));
        let mut dated = dated.collect::<Result<Vec<_>, QueryError>>()?;
        dated.sort_by(|(one, _), (other, _)| other.order_key().cmp(&one.order_key()));
        let explained = dated.iter().map(|(event, position)| self.explained(*position, event));
        Ok(InviteeRange { range, records, trades: explained.collect::<Result<_, _>>()?, trades_total })
    }
}
