//! The projections answer as the oracle does: for any history, at any moment, in any order of arrival.

mod agreement;
mod generate;
mod oracle;

use agreement::{Projected, Restated, check_everything, check_restatement};
use ledger::{EventReader, ReadError};
use oracle::Oracle;
use projections::Workers;
use projections::query::{Budget, Pause, PostingWalk};
use projections::views::FeedPosting;
use proptest::prelude::*;
use proptest::sample::Index;
use schemas::{Day, Event};

fn take(arrivals: Vec<Event<'static>>) -> Oracle {
    let recorded = generate::recorded(&arrivals);
    Oracle::of(recorded.into_iter().zip(arrivals)).0
}

proptest! {
    #![proptest_config(generate::cases(48))]

    #[test]
    fn every_answer_is_the_oracles(arrivals in generate::histories(120)) {
        let oracle = take(arrivals);
        let projected = Projected::of(oracle.entries());
        let end = oracle.entries().last().map_or(generate::NOW, |entry| entry.recorded_at);
        for now in [generate::NOW, end, end.plus_days(1)] {
            check_everything(&oracle, &projected, now);
        }
        let books = projected.at(end).books(|_| {}).expect("memory can be read");
        prop_assert!(books.are_in_order(), "{:?}", books);
    }
}

/// Both ends of a restatement and its range: a whole, a single day, a few, and with ends left to the default.
fn ranges() -> impl Strategy<Value = (Option<Day>, Option<Day>)> {
    let today = generate::NOW.day();
    prop_oneof![
        1 => Just((None, None)),
        2 => Just((Some(today.plus(-60)), Some(today.plus(60)))),
        1 => (-10..3i32).prop_map(move |day| (Some(today.plus(day)), Some(today.plus(day)))),
        1 => (-10..3i32, 1..5i32).prop_map(move |(day, days)| (Some(today.plus(day)), Some(today.plus(day + days)))),
        1 => (-6..3i32).prop_map(move |day| (Some(today.plus(day)), None)),
        1 => (-6..3i32).prop_map(move |day| (None, Some(today.plus(day)))),
    ]
}

proptest! {
    #![proptest_config(generate::cases(96))]

    /// Between any two positions, of any account and code, what was learned is what the oracle says, and comes to
    /// the difference of the overviews as of the two.
    #[test]
    fn what_was_learned_between_two_positions_is_the_oracles(
        arrivals in generate::histories_of_amounts(240),
        ends in (any::<Index>(), any::<Index>()),
        asked in proptest::collection::vec((ranges(), proptest::option::of(0..generate::CODES.len())), 2),
    ) {
        let oracle = take(arrivals);
        // Mostly late ones, by when there is something to be learned anew.
        let entries = oracle.entries().len();
        let until = (entries - ends.0.index(entries * 2 / 3)) as u64;
        let since = ends.1.index(until as usize + 1) as u64;
        let projected = Projected::of(&oracle.entries()[..until as usize]);
        for uid in generate::OWNERS {
            for ((from, to), code) in &asked {
                let code = code.map(|at| generate::CODES[at]);
                for (since, code) in [(since, code), (0, None), (since, None)] {
                    let asked = Restated { uid, from: *from, to: *to, code, since, until };
                    check_restatement(&oracle, &projected, generate::NOW, &asked);
                }
            }
        }
    }
}

/// What a state says of itself, line by line: what differs can be read in the failure.
fn canonical(projected: &Projected) -> Vec<String> {
    let mut lines = Vec::new();
    let take = &mut |line: &str| lines.push(line.to_owned());
    projected.state.canonical_lines(&projected.ledger, take).expect("memory can be read");
    lines
}

/// So many threads, each given a part of so few events that every history has many.
struct Threads {
    count: usize,
    events_a_part: usize,
}

impl Workers for Threads {
    fn count(&self) -> usize {
        self.count
    }

    fn events_a_part(&self) -> usize {
        self.events_a_part
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            for worker in 0..self.count {
                // The last parts first: whoever commits may not lean on the order in which parts are done.
                scope.spawn(move || (0..parts).rev().filter(|part| part % self.count == worker).for_each(work));
            }
        });
    }
}

proptest! {
    #![proptest_config(generate::cases(16))]

    /// Who shares the work decides on nothing: the same projections, byte for byte, and the same answers.
    #[test]
    fn the_state_is_the_same_whatever_the_number_of_workers(
        arrivals in generate::histories_of_amounts(240),
        count in 2..5usize,
        events_a_part in 1..6usize,
    ) {
        let oracle = take(arrivals);
        let (alone, shared) =
            (Projected::of(oracle.entries()), Projected::by(oracle.entries(), &Threads { count, events_a_part }));
        prop_assert_eq!(canonical(&alone), canonical(&shared));
        // What each entry posted, too.
        check_everything(&oracle, &shared, generate::NOW);
    }
}

/// The postings of an entry, taken in pieces, of each of which the walk may hold so many accounts and trades.
fn in_pieces(projected: &Projected, position: u64, held_max: usize, budget: Budget) -> Vec<FeedPosting> {
    let view = projected.at(generate::NOW);
    let event = projected.ledger.event(position).expect("memory can be read");
    let mut walk = PostingWalk::new(position, held_max);
    let mut postings: Vec<FeedPosting> = Vec::new();
    loop {
        let before = postings.len();
        let pause = walk.go_on::<ReadError>(&view, &event, &mut Budget { ..budget }, &mut |posting| {
            postings.push(posting.into());
            Ok(())
        });
        assert!(
            walk.held() <= 2 * held_max,
            "{} are held, at most {held_max} accounts and as many trades",
            walk.held()
        );
        // A trade has at most five: its expense, and what two referrers and two invitees are owed.
        assert!(postings.len() - before <= budget.given + 4, "{} postings in one piece", postings.len() - before);
        match pause.expect("memory can be read") {
            Pause::Over => return postings,
            Pause::Spent => {}
            Pause::FarLook => panic!("a look may take any number of steps"),
        }
    }
}

proptest! {
    #![proptest_config(generate::cases(24))]

    /// The postings of an entry come the same in pieces of any size, and no more is held than may be.
    #[test]
    fn postings_come_in_pieces_and_few_are_held(
        arrivals in generate::histories_of_amounts(240),
        held_max in 1..4usize,
        postings in 1..8usize,
        steps in 1..40usize,
    ) {
        let oracle = take(arrivals);
        let projected = Projected::of(oracle.entries());
        for entry in projected.at(generate::NOW).feed(0, usize::MAX).expect("memory can be read") {
            let budget = Budget { given: postings, steps, look: u64::MAX };
            prop_assert_eq!(in_pieces(&projected, entry.position, held_max, budget), entry.postings);
        }
    }
}

proptest! {
    #![proptest_config(generate::cases(96))]

    /// The law of order: any order of arrival with any duplicates gives the same projections, byte for byte.
    #[test]
    fn no_order_and_no_duplicate_changes_a_digit(arrivals in generate::histories(150), seed in any::<u64>()) {
        let oracle = take(arrivals);
        let accepted: Vec<Event<'static>> = oracle.entries().iter().map(|entry| entry.event.clone()).collect();
        let straight = Projected::of(oracle.entries());
        let shuffled_oracle = take(generate::shuffles(seed, &accepted));
        prop_assert_eq!(shuffled_oracle.entries().len(), accepted.len());
        let shuffled = Projected::of(shuffled_oracle.entries());
        prop_assert_eq!(canonical(&straight), canonical(&shuffled));
        let digest = |projected: &Projected| projected.state.digest(&projected.ledger).expect("memory can be read");
        prop_assert_eq!(digest(&straight), digest(&shuffled));
    }

    /// One event more is another digest.
    #[test]
    fn every_event_changes_the_digest(arrivals in generate::histories(60)) {
        let oracle = take(arrivals);
        let mut projected = Projected::default();
        let mut digests = std::collections::BTreeSet::new();
        for entry in oracle.entries() {
            projected.apply(entry.recorded_at, entry.event.clone());
            let digest = projected.state.digest(&projected.ledger).expect("memory can be read");
            prop_assert!(digests.insert(digest), "position {} left the digest as it was", entry.position);
        }
    }
}
