//! Laws of cost of what is published: it follows what changed, and not what there is.

use super::*;
use crate::published::PublishedChange;

/// How many rows changed by one trade of an invitee among so many, and what was read for it.
fn a_trade_among(invitees: u64) -> (usize, Steps) {
    let mut ledger = with_siblings(2);
    for uid in 100..100 + invitees {
        ledger.take(registration(uid, None));
        ledger.activity(uid);
    }
    let before = ledger.state.clone();
    ledger.take(trade(100 + invitees / 2));
    let mut changes = 0;
    let read = steps(|| {
        let told: Result<(), ReadError> = ledger.state.each_published(&before, &ledger.entries, &mut |change| {
            changes += 1;
            let is_expected = matches!(
                change,
                PublishedChange::Cell { .. } | PublishedChange::Invitee { .. } | PublishedChange::Code { .. }
            );
            assert!(is_expected, "{change:?}");
            Ok(())
        });
        told.expect("memory can be read");
    });
    (changes, read)
}

#[test]
fn one_trade_is_two_rows_however_many_invitees_there_are_and_their_rows_are_not_looked_at() {
    let (few, many) = (a_trade_among(100), a_trade_among(5_000));
    assert_eq!((few.0, many.0), (2, 2), "its cell and its invitee");
    assert_eq!((few.1.entries, many.1.entries), (0, 0));
    // The place of an invitee among them is searched for: 6 steps more for 50 times as many.
    assert!(many.1.rows <= few.1.rows + 8, "{few:?} and {many:?}");
}
