//! Replay from zero equals kept state and tail, at any place; and bytes that are no state are refused.

mod agreement;
mod generate;
mod kept;
mod oracle;

use std::sync::Arc;

use kept::{parts_of, state_of};
use ledger::{Batch, FrameCursor, Ledger, LedgerOptions, LedgerReader, MemoryStorage};
use projections::{ContentError, Context, State};
use proptest::prelude::*;
use schemas::{Body, Event};

/// A ledger of these arrivals, a few events a frame, and the state that was kept beside it.
fn ledger_of(arrivals: &[Event<'static>], frame_events: usize) -> (LedgerReader, State) {
    let storage = Arc::new(MemoryStorage::default());
    let (mut ledger, _) = Ledger::open(storage, LedgerOptions { segment_bytes: 1 << 18, ..LedgerOptions::default() })
        .expect("memory opens");
    let mut state = State::new();
    let recorded = generate::recorded(arrivals);
    let reader = ledger.reader();
    for (events, times) in arrivals.chunks(frame_events).zip(recorded.chunks(frame_events)) {
        let now = *times.last().expect("a chunk is not empty");
        let mut batch = Batch::new(ledger.dictionary(), now);
        events.iter().for_each(|event| batch.push_event(event, b"raw", || "test".to_owned()));
        batch.set_offset("events", 3, 17);
        batch.set_topic_identity("events", [9; 16]);
        batch.set_offset_check("events", 3, 1_717);
        let commit = ledger.commit(state.index(), &[batch], now).expect("memory takes it");
        if let Some(frame) = &commit.frame {
            state.apply_frame(frame, &ledger.dictionary(), Context::alone(&reader)).expect("memory can be read");
        }
    }
    (reader, state)
}

/// Spoils what was kept.
type Spoil<'a> = &'a dyn Fn(&mut Vec<Vec<u8>>);

fn go_on(mut state: State, from: &FrameCursor, reader: &LedgerReader) -> State {
    for frame in reader.frames(from) {
        let frame = frame.expect("memory can be read");
        state.apply_frame(&frame, &reader.dictionary(), Context::alone(reader)).expect("memory can be read");
    }
    state
}

fn canonical(state: &State, reader: &LedgerReader) -> Vec<String> {
    let mut lines = Vec::new();
    state.canonical_lines(reader, &mut |line| lines.push(line.to_owned())).expect("memory can be read");
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_kept_state_goes_on_as_a_replay_from_zero(
        arrivals in generate::histories(120),
        frame_events in 1usize..20,
        stop_after in 0usize..40,
    ) {
        let (reader, live) = ledger_of(&arrivals, frame_events);
        let replayed = go_on(State::new(), &FrameCursor::START, &reader);
        prop_assert_eq!(canonical(&live, &reader), canonical(&replayed, &reader));

        let mut state = State::new();
        let mut cursor = FrameCursor::START;
        for frame in reader.frames(&FrameCursor::START).take(stop_after) {
            let frame = frame.expect("memory can be read");
            state.apply_frame(&frame, &reader.dictionary(), Context::alone(&reader)).expect("memory can be read");
            cursor = frame.cursor_after();
        }
        let kept = parts_of(&state);
        let restored = state_of(&kept, &reader).expect("it was just written");
        prop_assert_eq!(parts_of(&restored), kept);
        let went_on = go_on(restored, &cursor, &reader);
        prop_assert_eq!(canonical(&went_on, &reader), canonical(&live, &reader));
        prop_assert_eq!(went_on.next_offset("events", 3), live.next_offset("events", 3));
        prop_assert_eq!(went_on.topic_identity("events"), live.topic_identity("events"));
        prop_assert_eq!(went_on.offset_check("events", 3), live.offset_check("events", 3));
        let answers = |state: &State| {
            let links = projections::query::Links::default();
            let view = projections::View { state, reader: &reader, now: generate::NOW, links: &links, is_past: false };
            (view.status(), view.feed(0, usize::MAX).expect("memory can be read"))
        };
        prop_assert_eq!(answers(&went_on), answers(&live));
    }

    /// Content that is cut short anywhere, of which a part is missing or twice there, or with something
    /// after it, is refused, not believed.
    #[test]
    fn what_is_no_state_is_refused(
        arrivals in generate::histories(40),
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
    ) {
        let (reader, state) = ledger_of(&arrivals, 5);
        let kept = parts_of(&state);
        let (at, other) = (at.index(kept.len()), other.index(kept.len()));
        let spoilt = |spoil: Spoil<'_>| {
            let mut parts = kept.clone();
            spoil(&mut parts);
            (parts != kept).then(|| state_of(&parts, &reader).map(|_| ()))
        };
        let spoils: [Spoil<'_>; 6] = [
            &|parts| parts.truncate(at),
            &|parts| drop(parts.remove(at)),
            &|parts| parts.push(vec![0]),
            &|parts| parts.insert(other, kept[at].clone()),
            &|parts| parts[at].truncate(byte.index(kept[at].len())),
            &|parts| parts[at].push(0),
        ];
        for (number, spoil) in spoils.into_iter().enumerate() {
            let refused = spoilt(spoil);
            prop_assert!(
                matches!(refused, None | Some(Err(ContentError::Malformed | ContentError::Index(_)))),
                "{number}: {refused:?}"
            );
        }
    }

    /// Facts are read again from the ledger: where that does not hold their entries, there is no state.
    #[test]
    fn a_state_of_entries_that_are_not_there_is_refused(arrivals in generate::histories(40)) {
        let (reader, state) = ledger_of(&arrivals, 5);
        let (empty, _) = ledger_of(&[], 5);
        prop_assume!(arrivals.iter().any(|event| matches!(event.body, Body::Program(_))));
        let kept = parts_of(&state);
        prop_assert!(state_of(&kept, &reader).is_ok());
        prop_assert!(matches!(state_of(&kept, &empty), Err(ContentError::Ledger(_))));
    }
}
