//! Of a batch, nothing is read again but what takes a trade back, what stands aside, and what an entry of it reaches.

use schemas::{Affiliate, AffiliateStatus, Note, Program};

use super::*;
use crate::FrameEvents;

/// Trades of each invitee in a batch.
const TRADES: u64 = 20;
const INVITEES: std::ops::Range<u64> = 1_000..1_050;
const INVITEE_COUNT: u64 = INVITEES.end - INVITEES.start;
/// Entries before the batch.
const BEFORE: u64 = 1 + 2 * INVITEE_COUNT + 2;

fn at(position: Position) -> Timestamp {
    Timestamp(Timestamp::EVENT_MIN.0 + position as i64 * 1_000_000)
}

/// What is read for a batch of a ledger in which invitees registered and traded, the first of whom deposited and has a
/// sub-account. In the batch each invitee trades on, and in the midst of that `between` comes, each with its time.
fn entries_read(between: &[(Timestamp, Body<'static>)]) -> u64 {
    let mut ledger = beside(0);
    for uid in INVITEES {
        ledger.take(registration(uid, None));
        ledger.take(trade(uid));
    }
    ledger.take(registration(900, Some(INVITEES.start)));
    ledger.take(deposit(INVITEES.start));
    let first = BEFORE + 1;
    assert_eq!(ledger.state.position(), BEFORE);
    let mut push = |time: Option<Timestamp>, body: Body<'static>| {
        let position = ledger.entries.0.len() as Position + 1;
        let (time, id) = (time.unwrap_or(at(position)), position.to_string().into());
        ledger.entries.0.push(Event { source: "/test".into(), id, time, body });
    };
    for round in 0..TRADES {
        INVITEES.for_each(|uid| push(None, trade(uid)));
        if round == TRADES / 2 {
            between.iter().cloned().for_each(|(time, body)| push(Some(time), body));
        }
    }
    let events: Vec<(Position, Event<'static>)> =
        (first..).zip(ledger.entries.0[first as usize - 1..].iter().cloned()).collect();
    let frame = FrameEvents::of(at(first), events.len(), events.into_iter().map(Ok::<_, ReadError>));
    let frame = frame.expect("nothing fails here");
    let context = Context::alone(&ledger.entries);
    steps(|| ledger.state.apply_batch(&[&frame], context).expect("memory can be read")).entries
}

/// When the entries in the midst of the batch come, at the latest.
fn midst() -> Timestamp {
    at(BEFORE + 1 + (TRADES / 2 + 1) * INVITEE_COUNT)
}

fn note(uid: u64) -> Body<'static> {
    Body::Note(Note { uid: Uid(uid), note: "a friend".into() })
}

fn standing() -> Body<'static> {
    Body::Affiliate(Affiliate {
        uid: Uid(1),
        status: AffiliateStatus::Approved,
        spot_rate: Rate::ONE,
        futures_rate: Rate::ONE,
        futures_window_days: None,
    })
}

#[test]
fn trades_are_read_once_beside_what_takes_back_and_what_holds_from_now_on() {
    assert_eq!(entries_read(&[]), 0);
    let reversal = Reversal {
        uid: Uid(INVITEES.start),
        trade_source: "/test".into(),
        trade_id: (BEFORE + 1).to_string().into(),
        reason: "bust".into(),
    };
    let beside = vec![
        (midst(), standing()),
        (midst(), code()),
        (midst(), deposit(INVITEES.start)),
        (midst(), note(INVITEES.start + 1)),
        (midst(), Body::Reversal(reversal)),
    ];
    let read = entries_read(&beside);
    assert!((1..=6).contains(&read), "the reversal, the note, and the trade twice: {read} entries");
}

#[test]
fn rules_of_the_platform_find_the_trades_of_the_batch_before_them() {
    // They are what they were, so no trade is rated again.
    assert_eq!(entries_read(&[(midst().plus_days(-1), Body::Program(Program::BUILT_IN))]), 0);
}

#[test]
fn what_holds_from_before_trades_of_the_batch_reads_the_accounts_that_it_reaches() {
    let read = entries_read(&[(midst().plus_days(-1), standing())]);
    assert!(read >= INVITEE_COUNT * TRADES, "{read} entries");
}
