//! What is asked, or planned, while the state stands still is bounded too: a part of the feed, and the plan of an excerpt.
//! What takes more is known beforehand.

use std::num::NonZeroU64;

use super::bounded::{STEPS_A_STEP, early, with_invitees};
use super::*;
use crate::query::{Budget, FeedFilter, FeedPiece, FeedWalk};

/// As many steps as a part in place takes, and as one look of it may take.
const LIMIT: u64 = 128;
const IN_PLACE: Budget = Budget { given: 40, steps: LIMIT as usize, look: LIMIT };
const OF_COPY: Budget = Budget { given: 1_000, steps: 20_000, look: u64::MAX };

/// A feed that is given part by part, with how that went.
struct Given {
    walk: FeedWalk,
    /// The entries in order, with how many postings each has.
    entries: Vec<(Position, usize)>,
    /// So many parts had to be of a copy, and the most that one of them read.
    far: (usize, u64),
}

impl Given {
    fn after(after: Position, uid: Option<u64>) -> Given {
        let filter = FeedFilter { types: None, uid: uid.map(Uid) };
        Given { walk: FeedWalk::new(after, filter), entries: Vec::new(), far: (0, 0) }
    }

    fn part(&mut self, ledger: &Ledger, budget: Budget) -> u64 {
        let links = Links::default();
        let now = Timestamp::EVENT_MIN;
        let view = View { state: &ledger.state, reader: &ledger.entries, now, links: &links, is_past: false };
        let (walk, entries) = (&mut self.walk, &mut self.entries);
        let read = steps(|| {
            let mut give = |piece: FeedPiece<'_>| {
                match piece {
                    FeedPiece::Entry { position, .. } => entries.push((position, 0)),
                    FeedPiece::Posting(_) => entries.last_mut().expect("an entry has begun").1 += 1,
                    FeedPiece::End => {}
                }
                Ok(())
            };
            walk.go_on::<ReadError>(&view, Position::MAX, usize::MAX, budget, &mut give).expect("memory can be read")
        });
        read.rows + read.entries
    }

    /// Gives all that there is: in place what may be.
    fn all(&mut self, ledger: &Ledger) {
        while self.walk.is_within_entry() || self.walk.after() < ledger.state.position() {
            let read = self.part(ledger, IN_PLACE);
            assert!(read <= 2 * LIMIT * STEPS_A_STEP, "{read} steps of a part in place");
            if self.walk.waits_for_far_look() {
                let read = self.part(ledger, OF_COPY);
                assert!(!self.walk.waits_for_far_look(), "of a copy any look is made");
                self.far = (self.far.0 + 1, self.far.1.max(read));
            }
        }
    }
}

/// The whole feed at once.
fn at_once(ledger: &Ledger) -> Vec<(Position, usize)> {
    let links = Links::default();
    let now = Timestamp::EVENT_MIN;
    let view = View { state: &ledger.state, reader: &ledger.entries, now, links: &links, is_past: false };
    let entries = view.feed(0, usize::MAX).expect("memory can be read");
    entries.into_iter().map(|entry| (entry.position, entry.postings.len())).collect()
}

#[test]
fn a_part_of_the_feed_in_place_is_bounded_whatever_the_entry() {
    let mut ledger = with_invitees(200);
    for _ in 0..1_000 {
        ledger.activity(1_000);
    }
    ledger.take_event(early("rules", early_program(1, 0).body));
    let mut given = Given::after(0, None);
    given.all(&ledger);
    assert_eq!(given.entries, at_once(&ledger));
    assert!(given.entries.last().is_some_and(|(_, postings)| *postings > 2_000), "it reaches all trades");
    let (parts, read) = given.far;
    assert!(parts >= 1, "its accounts and the trades of the busy one are looked for in a copy");
    assert!(read > 2 * LIMIT * STEPS_A_STEP, "{read} steps would be too many in place");
}

#[test]
fn the_feed_of_a_busy_account_looks_at_a_copy_where_it_is_far_behind_and_not_where_it_is_live() {
    let mut ledger = with_invitees(2);
    for _ in 0..200 {
        ledger.activity(1_000);
    }
    let mut behind = Given::after(0, Some(1_000));
    behind.all(&ledger);
    assert_eq!((behind.entries.len(), behind.far.0), (1 + 201 * 6, 1), "one look finds very many");
    let mut live = Given::after(ledger.state.position(), Some(1_000));
    for _ in 0..3 {
        ledger.activity(1_000);
        ledger.activity(1_001);
        for given in [&mut live, &mut behind] {
            let before = given.entries.len();
            given.all(&ledger);
            assert_eq!(given.entries.len() - before, 6);
        }
    }
    assert_eq!((live.far.0, behind.far.0), (0, 1), "what came since is looked at in place");
}

#[test]
fn a_trade_under_a_long_chain_of_parents_is_rated_in_a_copy() {
    let mut ledger = beside(0);
    ledger.take(registration(5_000, None));
    for uid in 5_001..5_300 {
        ledger.take(registration(uid, Some(uid - 1)));
    }
    ledger.take(trade(5_299));
    let mut given = Given::after(ledger.state.position() - 1, None);
    given.all(&ledger);
    assert_eq!((given.entries.len(), given.entries[0].1, given.far.0), (1, 2, 1));
}

#[test]
fn the_plan_of_an_excerpt_takes_no_more_than_its_weight_tells() {
    for invitees in [0, 1, 10, 300] {
        let mut ledger = with_invitees(invitees);
        ledger.take_event(early("rules", early_program(1, 0).body));
        let position = ledger.state.position();
        for uid in [1, 1_000, 101_000, 77] {
            let weight = ledger.state.weight_of_excerpt(Uid(uid), u64::MAX);
            let mut told = 0;
            let weighing = steps(|| told = ledger.state.weight_of_excerpt(Uid(uid), LIMIT));
            assert_eq!(told, weight.min(LIMIT));
            assert!(weighing.entries == 0 && weighing.rows <= 4 * LIMIT, "{uid} of {invitees}: {weighing:?}");
            let mut plan = None;
            let read = steps(|| plan = ledger.state.plan_excerpt(Uid(uid), position, NonZeroU64::MAX));
            let plan = plan.expect("it is light enough");
            // The entry of a fact of an account is among its events too.
            assert!(plan.size() <= 2 * weight, "{uid} of {invitees}: {} in the plan, told was {weight}", plan.size());
            assert!(read.rows <= (weight + 1) * STEPS_A_STEP, "{uid} of {invitees}: {read:?}, told was {weight}");
        }
        let is_long = ledger.state.weight_of_excerpt(Uid(1), LIMIT) == LIMIT;
        assert_eq!(is_long, invitees > 1, "{invitees} invitees with a sub-account and 12 events each");
    }
}
