//! The plot of `tributary demo`: a month that was closed, and what came to be known about it afterwards. Its few events
//! go into the history at the moments at which they arrive; everybody in it has uids of their own.

use std::borrow::Cow;

use schemas::{
    AccountType, Affiliate, AffiliateStatus, AssetAmount, Body, Code, Day, Deposit, Event, Kyc, KycStatus, Product,
    Rate, Registration, Relationship, Reversal, Timestamp, Trade, Uid, Usd,
};

use crate::population::referrer::{DEMO_CODE, DEMO_UID};
use crate::workload::Workload;

/// A month is closed on its successor's third day.
const CLOSED_ON: i32 = 2;
/// So many days after the close all of the story is known.
const KNOWN_AFTER: i32 = 12;

/// Who trades in the story, and what came late about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The first day of the month that was closed.
    pub first: Day,
    /// Its last day.
    pub last: Day,
    /// The moment it was closed.
    pub closed: Timestamp,
    /// The invitee of the demo referrer whose trades arrived late.
    pub invitee: Uid,
    /// The first of these trades, made when the contract was just signed: source and id, with the invitee.
    pub trade: (&'static str, &'static str),
    /// The affiliate who was suspended.
    pub suspended: Uid,
    /// A trade of that one's invitee while it was: the invitee, source and id.
    pub unpaid: (Uid, &'static str, &'static str),
}

const SPOT: &str = "/exchange/spot";
const FRIEND: Uid = Uid(70_012);
const SUSPENDED: Uid = Uid(808);
const SUSPENDED_CODE: &str = "HARBOR";
const SUSPENDED_FRIEND: Uid = Uid(70_013);

impl Workload {
    /// The story of the demo, if the history is long enough for it: its month, and the twelve days after the close, have
    /// to lie within the days of trading.
    #[must_use]
    pub fn story(&self) -> Option<Story> {
        let known = self.end.day().plus(-(CLOSED_ON + KNOWN_AFTER));
        let last = known.month_start().plus(-1);
        let first = last.month_start();
        let story = Story {
            first,
            last,
            closed: last.plus(1 + CLOSED_ON).start(),
            invitee: FRIEND,
            trade: (SPOT, "story-4"),
            suspended: SUSPENDED,
            unpaid: (SUSPENDED_FRIEND, SPOT, "harbor-2"),
        };
        (self.start().day() < first).then_some(story)
    }
}

impl Story {
    /// Its events, each with the moment at which it arrives, in this order.
    #[must_use]
    pub fn events(&self) -> Vec<(Timestamp, Event<'static>)> {
        let day = |number: i32| self.first.plus(number - 1);
        let mut all = Vec::new();
        let mut at_once = |event: Event<'static>| all.push((event.time, event));
        at_once(registration(FRIEND, DEMO_CODE, at(day(2), 9, 14), "story-registration"));
        at_once(verified(FRIEND, at(day(2), 9, 31), "story-kyc"));
        at_once(deposit(FRIEND, 25_000, at(day(2), 10, 2), "story-deposit"));
        at_once(trade(FRIEND, "story-1", at(day(3), 11, 40), "1500.25", "1.50025"));
        at_once(trade(FRIEND, "story-2", at(day(12), 8, 5), "820000", "820"));
        at_once(trade(FRIEND, "story-3", at(day(19), 16, 55), "64000.5", "64.0005"));
        at_once(affiliate(SUSPENDED, AffiliateStatus::Approved, 350_000, at(day(1), 8, 0), "harbor-approved"));
        at_once(code(SUSPENDED, SUSPENDED_CODE, at(day(1), 8, 5), "harbor-code"));
        at_once(registration(SUSPENDED_FRIEND, SUSPENDED_CODE, at(day(4), 12, 0), "harbor-registration"));
        at_once(trade(SUSPENDED_FRIEND, "harbor-1", at(day(9), 13, 0), "40000", "40"));
        at_once(affiliate(SUSPENDED, AffiliateStatus::Suspended, 350_000, at(day(16), 10, 0), "harbor-suspended"));
        at_once(trade(SUSPENDED_FRIEND, "harbor-2", at(day(21), 13, 0), "52000", "52"));

        // After the close: a gateway delivers what it held back, the risk desk takes a wash trade back on the day
        // on which it was found, and a contract is entered that was signed weeks ago.
        let closed = self.closed.day();
        let gateway = at(closed.plus(2), 10, 12);
        for (id, late, volume, fee) in [
            ("story-4", at(day(20), 0, 30), "91000", "91"),
            ("story-5", at(self.last.plus(-1), 3, 46), "12800.75", "12.80075"),
            ("story-6", at(self.last, 22, 58), "230000", "230"),
        ] {
            all.push((gateway, trade(FRIEND, id, late, volume, fee)));
        }
        let found = at(self.last, 23, 30);
        all.push((at(closed.plus(5), 9, 20), reversal(FRIEND, "story-2", found, "story-clawback")));
        let signed = at(day(20), 0, 0);
        all.push((
            at(closed.plus(8), 15, 3),
            affiliate(DEMO_UID, AffiliateStatus::Approved, 420_000, signed, "story-contract"),
        ));
        all.sort_by_key(|(arrival, _)| *arrival);
        all
    }
}

fn at(day: Day, hour: i64, minute: i64) -> Timestamp {
    Timestamp(day.start().0 + (hour * 60 + minute) * 60_000_000)
}

fn event(source: &'static str, id: &'static str, time: Timestamp, body: Body<'static>) -> Event<'static> {
    Event { source: Cow::Borrowed(source), id: Cow::Borrowed(id), time, body }
}

fn registration(uid: Uid, code: &'static str, time: Timestamp, id: &'static str) -> Event<'static> {
    let data = Registration {
        uid,
        account_type: AccountType::Major,
        country: schemas::Country::parse("PT"),
        code: Some(Cow::Borrowed(code)),
        relationship: Relationship::Both,
        parent_uid: None,
    };
    event("/accounts", id, time, Body::Registration(data))
}

fn verified(uid: Uid, time: Timestamp, id: &'static str) -> Event<'static> {
    event("/identity", id, time, Body::Kyc(Kyc { uid, status: KycStatus::Verified }))
}

fn deposit(uid: Uid, dollars: i64, time: Timestamp, id: &'static str) -> Event<'static> {
    let data = Deposit {
        uid,
        channel: Cow::Borrowed("fiat"),
        asset: Cow::Borrowed("USD"),
        amount: AssetAmount::parse(&dollars.to_string()).unwrap_or_default(),
        amount_usd: Usd(i128::from(dollars) * Usd::UNITS),
    };
    event("/wallet", id, time, Body::Deposit(data))
}

/// A spot trade whose fee was paid in USDT.
fn trade(uid: Uid, id: &'static str, time: Timestamp, volume: &str, fee: &str) -> Event<'static> {
    let data = Trade {
        uid,
        product: Product::Spot,
        symbol: Cow::Borrowed("BTCUSDT"),
        volume_usd: Usd::parse(volume).unwrap_or(Usd::ZERO),
        fee_usd: Usd::parse(fee).unwrap_or(Usd::ZERO),
        fee_asset: Cow::Borrowed("USDT"),
        fee_amount: AssetAmount::parse(fee).unwrap_or_default(),
        vip_level: 0,
    };
    event(SPOT, id, time, Body::Trade(data))
}

fn reversal(uid: Uid, trade_id: &'static str, time: Timestamp, id: &'static str) -> Event<'static> {
    let data = Reversal {
        uid,
        trade_source: Cow::Borrowed(SPOT),
        trade_id: Cow::Borrowed(trade_id),
        reason: Cow::Borrowed("wash trade"),
    };
    event("/risk", id, time, Body::Reversal(data))
}

fn affiliate(uid: Uid, status: AffiliateStatus, spot: u32, time: Timestamp, id: &'static str) -> Event<'static> {
    let data =
        Affiliate { uid, status, spot_rate: Rate(spot), futures_rate: Rate(300_000), futures_window_days: Some(365) };
    event("/affiliates", id, time, Body::Affiliate(data))
}

fn code(owner_uid: Uid, code: &'static str, time: Timestamp, id: &'static str) -> Event<'static> {
    let data = Code {
        code: Cow::Borrowed(code),
        owner_uid,
        spot_rebate_rate: Rate(100_000),
        futures_rebate_rate: Rate(50_000),
        note: Cow::Borrowed("Harbor community"),
        is_default: true,
    };
    event("/referral", id, time, Body::Code(data))
}

#[cfg(test)]
mod tests {
    use schemas::json::{read_event, write_event};

    use super::*;

    /// Every day of two years may be the last of a history of 90 days.
    #[test]
    fn whenever_the_history_ends_the_story_lies_within_it_and_its_events_are_valid_when_they_arrive() {
        let first = Timestamp::parse("2026-01-01T07:30:00Z").expect("a time");
        let mut line = Vec::new();
        for days in 0..731 {
            let workload = Workload::demo(1, first.plus_days(days));
            let story = workload.story().expect("90 days are enough");
            assert!(story.first.start() > workload.start(), "{}", workload.end);
            let events = story.events();
            assert!(events.is_sorted_by_key(|(arrival, _)| *arrival));
            for (arrival, event) in &events {
                assert!(event.time <= *arrival && *arrival <= workload.end, "{} {event:?}", workload.end);
                line.clear();
                write_event(event, &mut line);
                let read = read_event(&line, *arrival).map_err(|rejection| rejection.to_string());
                assert_eq!(read.as_ref(), Ok(event));
            }
            let late = events.iter().filter(|(arrival, _)| *arrival >= story.closed).count();
            assert_eq!(late, 5, "three trades, a clawback, a contract");
        }
    }

    #[test]
    fn a_history_that_is_too_short_has_none() {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        assert_eq!(Workload::sized(1, 30_000, end).story(), None);
    }
}
