//! What it costs to tell what was not earned: the reversals of the range, or the trades made since it began; no account that
//! has done nothing since.

use schemas::{Body, Event, Reversal, Timestamp, Uid};

use super::{Ledger, Steps, code, registration, steps, trade};
use crate::query::{ForgoneBy, ForgoneFilter, ForgoneKind, Links, PageRequest, RangeRequest, View};

/// Invitees with so many trades each on a day of 2000.
fn traded(ledger: &mut Ledger, day: i64, uids: std::ops::Range<u64>, trades: u64) {
    let mut take = |id: String, body: Body<'static>| {
        let time = Timestamp(Timestamp::EVENT_MIN.plus_days(day).0 + ledger.entries.0.len() as i64);
        ledger.take_event(Event { source: "/test".into(), id: id.into(), time, body });
    };
    for uid in uids {
        take(format!("registration {uid}"), registration(uid, None));
        for number in 0..trades {
            take(format!("trade {number} of {uid}"), trade(uid));
        }
    }
}

fn take_back(ledger: &mut Ledger, day: i64, uids: std::ops::Range<u64>) {
    for uid in uids {
        let trade_id = format!("trade 0 of {uid}").into();
        let reversal = Reversal { uid: Uid(uid), trade_source: "/test".into(), trade_id, reason: "bust".into() };
        let time = Timestamp(Timestamp::EVENT_MIN.plus_days(day).0 + ledger.entries.0.len() as i64);
        let id = format!("reversal of {uid}").into();
        ledger.take_event(Event { source: "/test".into(), id, time, body: Body::Reversal(reversal) });
    }
}

fn read(ledger: &Ledger, kind: &ForgoneKind, day: i64) -> Steps {
    let now = Timestamp::EVENT_MIN.plus_days(180);
    let (state, reader, links) = (&ledger.state, &ledger.entries, &Links::default());
    let view = View { state, reader, now, links, is_past: false };
    let day = Timestamp::EVENT_MIN.plus_days(day).day();
    let range = RangeRequest { from: Some(day), to: Some(day) };
    let (filter, page) = (ForgoneFilter::default(), PageRequest::default());
    steps(|| view.forgone(kind, &filter, range, ForgoneBy::Referrer, &page).expect("a list"))
}

#[test]
fn clawbacks_read_two_entries_for_each_reversal_of_the_range() {
    let of = |others: u64, taken_back: u64| {
        let mut ledger = Ledger::default();
        ledger.take(code());
        traded(&mut ledger, 1, 10_000..10_000 + others + taken_back, 5);
        take_back(&mut ledger, 2, 10_000..10_000 + others);
        take_back(&mut ledger, 3, 10_000 + others..10_000 + others + taken_back);
        read(&ledger, &ForgoneKind::Clawbacks(None), 3)
    };
    assert_eq!(of(3, 4).entries, 8);
    assert_eq!(of(300, 4), of(3, 4));
}

#[test]
fn what_is_withheld_reads_what_was_traded_since_the_range_began() {
    let of = |quiet: u64, active: u64| {
        let mut ledger = Ledger::default();
        ledger.take(code());
        traded(&mut ledger, 1, 10_000..10_000 + quiet, 5);
        traded(&mut ledger, 3, 20_000..20_000 + active, 5);
        read(&ledger, &ForgoneKind::Withheld(None), 3).entries
    };
    let one = of(0, 1);
    // Five trades, and what ends the walk.
    assert!((5..=6).contains(&one), "{one}");
    assert_eq!((of(300, 1), of(300, 40)), (one, 40 * one));
}
