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
    }
}
