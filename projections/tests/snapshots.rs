//! A copy of a state stands still while the state goes on, and each goes on as if the other were not there.

mod agreement;
mod generate;
mod kept;
mod oracle;

use agreement::Projected;
use ledger::Position;
use oracle::Oracle;
use projections::{Context, State};
use proptest::prelude::*;

/// All that a state says of itself: its canonical lines, and what is kept of it.
fn said(state: &State, projected: &Projected) -> (Position, Vec<String>, Vec<Vec<u8>>) {
    let mut lines = Vec::new();
    let take = &mut |line: &str| lines.push(line.to_owned());
    state.canonical_lines(&projected.ledger, take).expect("memory can be read");
    (state.position(), lines, kept::parts_of(state))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_copy_says_what_the_state_said_and_goes_on_as_it_did(
        arrivals in generate::histories(150),
        copied_at in prop::collection::btree_set(0usize..150, 1..6),
    ) {
        let recorded = generate::recorded(&arrivals);
        let (oracle, _) = Oracle::of(recorded.into_iter().zip(arrivals));
        let mut projected = Projected::default();
        let mut copies = Vec::new();
        for (number, entry) in oracle.entries().iter().enumerate() {
            if copied_at.contains(&number) {
                copies.push((number, projected.state.clone(), said(&projected.state, &projected)));
            }
            projected.apply(entry.recorded_at, entry.event.clone());
        }
        let at_last = said(&projected.state, &projected);
        for (number, mut copy, said_then) in copies {
            prop_assert_eq!(&said(&copy, &projected), &said_then);
            for entry in &oracle.entries()[number..] {
                let context = Context::alone(&projected.ledger);
                let applied = copy.apply_event(entry.position, entry.recorded_at, &entry.event, context);
                applied.expect("memory can be read");
            }
            prop_assert_eq!(&said(&copy, &projected), &at_last);
        }
        prop_assert_eq!(&said(&projected.state, &projected), &at_last);
    }
}
