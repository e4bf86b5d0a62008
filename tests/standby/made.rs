//! Ledgers with many small segments and checkpoints along the way, as a daemon of years has them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use checkpoints::{KeepPolicy, KeptCheckpoints};
use ingest::metrics::Metrics;
use ingest::traces::Way;
use ingest::{CheckpointPolicy, Clock, Keeping, PastOptions, RunWriting, StartOptions, Started, Work, start};
use ledger::{DiskStorage, LedgerOptions};
use projections::OneWorker;
use projections::query::Links;
use schemas::Timestamp;
use schemas::json::read_event;

use crate::daemon_support::history;

/// So many events lie between two checkpoints.
pub const INTERVAL: u64 = 500;
/// Segments have so many bytes.
const SEGMENT_BYTES: u64 = 48 << 10;
const EVENTS: u64 = 4_000;
const A_FRAME: usize = 50;

/// A clock that goes on by a second each time it is asked, from the end of the histories on.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::SeqCst))
    }
}

/// Makes a ledger of a history.
pub fn make(data: &Path, seed: u64) {
    let storage = |name: &str| Arc::new(DiskStorage::create(&data.join(name)).expect("a folder"));
    let along = KeptCheckpoints::new(storage("past"), KeepPolicy { interval: INTERVAL, count: 16 });
    let options = StartOptions {
        storage: storage("ledger"),
        ledger: LedgerOptions { segment_bytes: SEGMENT_BYTES, ..LedgerOptions::default() },
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::InStep,
        past: PastOptions { kept: Some(Arc::new(along)), ..PastOptions::default() },
        clock: Arc::new(Told(AtomicI64::new(history::end().0))),
        links: Links { base: "https://example.com/r/".to_owned() },
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(OneWorker),
        inbox_bytes: 64 << 20,
    };
    let mut started = start(options, &mut |_| {}).expect("started");
    for lines in history::hostile(seed, EVENTS).chunks(A_FRAME) {
        append(&mut started, lines);
        started.engine.step(vec![Work::Checkpoint]).expect("kept");
    }
}

fn append(started: &mut Started, lines: &[Vec<u8>]) {
    let mut batch = started.handle.batch();
    for line in lines.iter().filter(|line| history::is_event(line)) {
        match read_event(line, history::end()) {
            Ok(event) => batch.push_event(&event, line, || "a test".to_owned()),
            Err(rejection) => batch.push_rejected(rejection, line.clone(), "a test".to_owned()),
        }
    }
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}
