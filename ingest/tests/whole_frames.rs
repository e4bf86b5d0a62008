//! Whole frames applied at once, all cores sharing each, as an import has it: the state is the one that pieces come to.

mod support;

use std::sync::Arc;

use ingest::{FrameLimits, Handle, Pipeline, PipelineOptions, StartOptions, Tally, WHOLE_FRAME_EVENTS, start};
use ledger::MemoryStorage;
use replay::CoreWorkers;
use schemas::{Day, Uid};
use support::*;

/// So many events of a hostile history, in frames of which most are large enough to be batches.
const EVENTS: u64 = 12_000;
const FRAME: FrameLimits = FrameLimits { events: 3_000, bytes: 8 << 20 };

struct Taken {
    tally: Tally,
    numbers: (String, u64, u64),
    event_time: Option<i64>,
    overview: String,
}

/// What the ledger's end looks like.
fn seen(handle: &Handle) -> (Option<i64>, String) {
    handle.read(|view| {
        let range = projections::query::RangeRequest { from: Day::parse("2026-01-01"), to: Day::parse("2026-03-31") };
        let overview = view.overview(Uid(7), range, None).expect("an overview");
        (view.as_of().event_time.map(|time| time.0), format!("{overview:?}"))
    })
}

fn taken(storage: &MemoryStorage, lines: &[u8], is_whole: bool) -> Taken {
    let workers = Arc::new(CoreWorkers::new(3));
    let mut started = start(StartOptions { workers, ..options(storage) }, &mut |_| {}).expect("started");
    if is_whole {
        started.engine.apply_whole_frames(WHOLE_FRAME_EVENTS);
    }
    let pipeline = Pipeline::start(started, PipelineOptions { frame: FRAME, ..PipelineOptions::default() });
    let pipeline = pipeline.expect("threads");
    let tally = import_text(&pipeline, "events.ndjson", lines);
    let handle = pipeline.handle();
    let (event_time, overview) = seen(&handle);
    let taken = Taken { tally, numbers: numbers(&handle), event_time, overview };
    pipeline.stop().expect("stopped");
    taken
}

#[test]
fn whole_frames_come_to_what_pieces_of_them_come_to_and_to_what_a_start_finds() {
    for seed in 1..=4 {
        let lines = text(&hostile(seed, EVENTS));
        let (apart, at_once) = (MemoryStorage::new(), MemoryStorage::new());
        let (expected, found) = (taken(&apart, &lines, false), taken(&at_once, &lines, true));
        assert!(expected.tally.accepted > EVENTS / 2, "{:?}", expected.tally);
        assert_eq!(found.tally, expected.tally, "seed {seed}");
        assert_eq!(found.numbers, expected.numbers, "seed {seed}");
        assert_eq!(found.event_time, expected.event_time, "seed {seed}");
        assert_eq!(found.overview, expected.overview, "seed {seed}");
        let again = started(&at_once);
        let frames = again.recovery.frames_checked;
        assert!(
            (2..=found.tally.accepted / u64::from(WHOLE_FRAME_EVENTS)).contains(&frames),
            "{frames} frames of {:?}",
            found.tally
        );
        assert_eq!(numbers(&again.handle), expected.numbers, "seed {seed}, started again");
        assert_eq!(seen(&again.handle), (expected.event_time, expected.overview), "seed {seed}, started again");
    }
}
