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
use workload::Workload;

use crate::daemon_support::history;

/// So many events lie between two checkpoints of a ledger that is made small.
pub const INTERVAL: u64 = 500;
const EVENTS: u64 = 4_000;

/// How a ledger is cut.
struct Cut {
    segment_bytes: u64,
    interval: u64,
    a_frame: usize,
    /// From so many events on the index gives them to a file.
    run_events: u64,
}

/// A clock that goes on by a second each time it is asked, from the end of the histories on.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::SeqCst))
    }
}

/// Makes a ledger of a history in which much is awkward.
pub fn make(data: &Path, seed: u64) {
    let lines = history::hostile(seed, EVENTS).into_iter();
    put(data, lines, &Cut { segment_bytes: 48 << 10, interval: INTERVAL, a_frame: 50, run_events: 400 });
}

/// Makes one of so many events, cut as a daemon that has much to do cuts it.
pub fn make_of(data: &Path, events: u64) {
    let workload = Workload::sized(1, events, history::end());
    let segment_bytes = LedgerOptions::default().segment_bytes.min((events * 20).max(1 << 16));
    let run_events = (events / 8).max(1);
    put(data, workload.lines(), &Cut { segment_bytes, interval: (events / 5).max(1), a_frame: 4_096, run_events });
}

fn put(data: &Path, lines: impl Iterator<Item = Vec<u8>>, cut: &Cut) {
    let storage = |name: &str| Arc::new(DiskStorage::create(&data.join(name)).expect("a folder"));
    let along = KeptCheckpoints::new(storage("past"), KeepPolicy { interval: cut.interval, count: 16 });
    let options = StartOptions {
        storage: storage("ledger"),
        ledger: LedgerOptions {
            segment_bytes: cut.segment_bytes,
            run_events: cut.run_events,
            ..LedgerOptions::default()
        },
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::InStep,
        past: PastOptions { kept: Some(Arc::new(along)), ..PastOptions::default() },
        clock: Arc::new(Told(AtomicI64::new(history::end().0))),
        links: Links { base: "https://exchange.example/r/".to_owned() },
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(OneWorker),
        inbox_bytes: 64 << 20,
    };
    let mut started = start(options, &mut |_| {}).expect("started");
    let (mut lines, mut last) = (lines.peekable(), 0);
    while lines.peek().is_some() {
        append(&mut started, &lines.by_ref().take(cut.a_frame).collect::<Vec<_>>());
        let interval = started.handle.position() / cut.interval;
        if interval > last {
            started.engine.step(vec![Work::Checkpoint]).expect("kept");
            last = interval;
        }
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
