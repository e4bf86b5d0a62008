//! The projections answer as the oracle does: for any history, at any moment, in any order of arrival.

mod agreement;
mod generate;
mod oracle;

use agreement::{Projected, check_everything};
use oracle::Oracle;
use proptest::prelude::*;
use proptest::test_runner::Config;
use schemas::Event;

fn take(arrivals: Vec<Event<'static>>) -> Oracle {
    let recorded = generate::recorded(&arrivals);
    Oracle::of(recorded.into_iter().zip(arrivals)).0
}

fn cases(default: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    Config { cases, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(cases(48))]

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

/// What a state says of itself, line by line: what differs can be read in the failure.
fn canonical(projected: &Projected) -> Vec<String> {
    let mut lines = Vec::new();
    let take = &mut |line: &str| lines.push(line.to_owned());
    projected.state.canonical_lines(&projected.ledger, take).expect("memory can be read");
    lines
}

proptest! {
    #![proptest_config(cases(96))]

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
