//! What cohorts cost: who registered in the range, and what they did, not what else there is.

use schemas::{Body, Event, Timestamp, Uid};

use super::{Ledger, Steps, code, registration, steps, trade};
use crate::query::{CohortFilter, Links, PageRequest, RangeRequest, View};

/// Invitees that registered in a month of 2000, each with so many trades there.
fn registered(ledger: &mut Ledger, month: i32, uids: std::ops::Range<u64>, trades: u64) {
    let day = Timestamp::EVENT_MIN.day().month_plus(month - 1).plus(1);
    let mut take = |id: String, body: Body<'static>| {
        let time = Timestamp(day.start().0 + ledger.entries.0.len() as i64);
        ledger.take_event(Event { source: "/test".into(), id: id.into(), time, body });
    };
    for uid in uids {
        take(format!("registration {uid}"), registration(uid, None));
        for number in 0..trades {
            take(format!("trade {number} of {uid}"), trade(uid));
        }
    }
}

fn read(ledger: &Ledger, range: RangeRequest) -> Steps {
    let now = Timestamp::EVENT_MIN.plus_days(180);
    let (state, reader, links) = (&ledger.state, &ledger.entries, &Links::default());
    let view = View { state, reader, now, links, is_past: false };
    steps(|| view.cohorts(Uid(1), &CohortFilter::default(), range, &PageRequest::default()).expect("cohorts"))
}

#[test]
fn cohorts_read_the_events_of_those_who_registered_in_the_range_and_traded() {
    let month = |month: i32| Some(Timestamp::EVENT_MIN.day().month_plus(month - 1));
    let march = RangeRequest { from: month(3), to: month(3) };
    let of = |others: u64, idle: u64, active: u64| {
        let mut ledger = Ledger::default();
        ledger.take(code());
        registered(&mut ledger, 2, 10_000..10_000 + others, 5);
        registered(&mut ledger, 3, 20_000..20_000 + idle, 0);
        registered(&mut ledger, 3, 30_000..30_000 + active, 5);
        read(&ledger, march).entries
    };
    // Five trades, and whatever of the registration ends the walk.
    assert_eq!(of(0, 0, 1), of(300, 300, 1));
    let one = of(0, 0, 1);
    assert!((5..=6).contains(&one), "{one}");
    assert_eq!(of(0, 0, 40), 40 * one);
}

#[test]
fn codes_by_which_nobody_registered_since_the_range_began_are_left_out_whole() {
    let month = |month: i32| Some(Timestamp::EVENT_MIN.day().month_plus(month - 1));
    let of = |others: u64| {
        let mut ledger = Ledger::default();
        ledger.take(code());
        registered(&mut ledger, 2, 10_000..10_000 + others, 1);
        read(&ledger, RangeRequest { from: month(3), to: month(3) })
    };
    assert_eq!(of(3), of(300));
}
