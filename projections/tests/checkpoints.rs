//! Replay from zero equals checkpoint and tail, at any place; and what is not to be trusted is thrown away.

mod agreement;
mod generate;
mod oracle;

use std::sync::Arc;

use ledger::{Batch, FrameCursor, Ledger, LedgerOptions, LedgerReader, MemoryStorage};
use projections::State;
use projections::checkpoint::{Checkpoint, CheckpointError};
use proptest::prelude::*;
use schemas::Event;

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
            state.apply_frame(frame, &ledger.dictionary(), &reader).expect("memory can be read");
        }
    }
    (reader, state)
}

fn go_on(mut state: State, from: &FrameCursor, reader: &LedgerReader) -> State {
    for frame in reader.frames(from) {
        let frame = frame.expect("memory can be read");
        state.apply_frame(&frame, &reader.dictionary(), reader).expect("memory can be read");
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
    fn a_restart_from_any_checkpoint_is_a_replay_from_zero(
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
            state.apply_frame(&frame, &reader.dictionary(), &reader).expect("memory can be read");
            cursor = frame.cursor_after();
        }
        let checkpoint = Checkpoint::of(&state, &cursor);
        let (restored, from) = checkpoint.restore(&reader).expect("it was just taken");
        prop_assert_eq!(from, cursor);
        prop_assert_eq!(Checkpoint::of(&restored, &from).content().len(), checkpoint.content().len());
        let went_on = go_on(restored, &from, &reader);
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

    /// Any byte changed is found out, by the checksum; any content cut short is refused, not believed.
    #[test]
    fn a_damaged_checkpoint_is_refused(arrivals in generate::histories(40), at in any::<prop::sample::Index>()) {
        let (reader, state) = ledger_of(&arrivals, 5);
        let checkpoint = Checkpoint::of(&state, &reader.end());
        let mut content = checkpoint.content().to_vec();
        let at = at.index(content.len());
        content[at] ^= 0x40;
        let damaged = Checkpoint::from_kept(content, &checkpoint.checksum());
        prop_assert!(matches!(damaged, Err(CheckpointError::Checksum)));
        let short = checkpoint.content()[..at].to_vec();
        let checksum = *blake3::hash(&short).as_bytes();
        let short = Checkpoint::from_kept(short, &checksum).expect("the checksum is the content's");
        prop_assert!(short.restore(&reader).is_err());
    }
}

#[test]
fn a_checkpoint_of_another_version_is_refused() {
    let (reader, state) = ledger_of(&generate::history(1, 20), 5);
    let mut content = Checkpoint::of(&state, &reader.end()).content().to_vec();
    content[0] += 1;
    let checksum = *blake3::hash(&content).as_bytes();
    let other = Checkpoint::from_kept(content, &checksum).expect("the checksum is the content's");
    assert!(matches!(other.restore(&reader), Err(CheckpointError::Version { .. })));
}
