//! Positions of more than 32 bits: a state that has come that far is the one it would be at the beginning.

#[path = "../../ledger/tests/ledger/far_ledger.rs"]
mod far_ledger;
mod generate;
mod kept;

use std::sync::Arc;

use ledger::{Batch, FrameCursor, Ledger, LedgerOptions, LedgerReader, MemoryStorage, POSITION_MAX, Position};
use projections::{Context, State};
use proptest::prelude::*;
use schemas::Event;

/// A ledger of these arrivals, of which the first stands at a position, and the state that was kept beside it.
fn ledger_from(position: Position, arrivals: &[Event<'static>]) -> (LedgerReader, State) {
    let memory = MemoryStorage::default();
    let open = || {
        Ledger::open(Arc::new(memory.clone()), LedgerOptions { segment_bytes: 1 << 18, ..LedgerOptions::default() })
            .expect("memory opens")
            .0
    };
    let recorded = generate::recorded(arrivals);
    let (mut ledger, mut state) = (open(), State::new());
    for (place, (event, now)) in arrivals.iter().zip(recorded).enumerate() {
        let mut batch = Batch::new(ledger.dictionary(), now);
        batch.push_event(event, b"raw", || "test".to_owned());
        let commit = ledger.commit(state.index(), &[batch], now).expect("memory takes it");
        let mut frame = commit.frame.expect("a frame");
        if place == 0 {
            drop(ledger);
            far_ledger::move_to(&memory, position);
            ledger = open();
            frame = ledger.reader().frames(&FrameCursor::START).next().expect("a frame").expect("it reads");
        }
        let reader = ledger.reader();
        state.apply_frame(&frame, &ledger.dictionary(), Context::alone(&reader)).expect("memory can be read");
    }
    (ledger.reader(), state)
}

fn canonical(state: &State, reader: &LedgerReader) -> Vec<String> {
    let mut lines = Vec::new();
    state.canonical_lines(reader, &mut |line| lines.push(line.to_owned())).expect("memory can be read");
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn given_positions_around_and_beyond_32_bits_the_state_is_that_of_a_ledger_from_the_beginning(
        arrivals in generate::histories(80).prop_filter("some event", |arrivals| !arrivals.is_empty()),
        from in prop_oneof![Just((1 << 32) - 30), Just(1 << 33), Just(POSITION_MAX - 1_000)],
    ) {
        let ((near_reader, near), (far_reader, far)) = (ledger_from(1, &arrivals), ledger_from(from, &arrivals));
        prop_assert_eq!(far.position() - from, near.position() - 1);
        prop_assert_eq!(canonical(&far, &far_reader), canonical(&near, &near_reader));
        let restored = kept::state_of(&kept::parts_of(&far), &far_reader).expect("it was just written");
        prop_assert_eq!(restored.position(), far.position());
        prop_assert_eq!(canonical(&restored, &far_reader), canonical(&near, &near_reader));
        let mut again = State::new();
        for frame in far_reader.frames(&FrameCursor::START) {
            let frame = frame.expect("memory can be read");
            again.apply_frame(&frame, &far_reader.dictionary(), Context::alone(&far_reader)).expect("it applies");
        }
        prop_assert_eq!(canonical(&again, &far_reader), canonical(&near, &near_reader));
    }
}
