//! Sound things that targets begin with: a hostile history, ledgers of it in memory, and engines on them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore, KeepPolicy, KeptCheckpoints};
use ingest::metrics::Metrics;
use ingest::traces::Way;
use ingest::{
    CheckpointOpener, CheckpointPolicy, Clock, Handle, Keeping, PastOptions, RunWriting, StartOptions, Started, Work,
    start,
};
use ledger::{Actor, Batch, LedgerOptions, MemoryStorage, QuarantineId, Storage};
use parking_lot::Mutex;
use projections::OneWorker;
use projections::query::Links;
use schemas::Timestamp;
use schemas::json::read_event;
use workload::Workload;

/// 2026-04-01T00:00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_775_001_600_000_000);

/// A clock that goes on by a second each time it is asked.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

/// The lines of a hostile history: late, double, broken.
pub(super) fn lines(seed: u64, events: u64) -> Vec<Vec<u8>> {
    Workload::hostile(seed, events, NOW.plus_days(-1)).lines().collect()
}

/// The list of the last checkpoint in memory. Clones are the same store.
#[derive(Clone, Default)]
pub(super) struct LastCheckpoint(pub(super) Arc<Mutex<Option<Checkpoint>>>);

impl CheckpointStore for LastCheckpoint {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        *self.0.lock() = Some(checkpoint.clone());
        Ok(())
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Ok(self.0.lock().clone())
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        *self.0.lock() = None;
        Ok(())
    }
}

/// How a ledger in memory is started: small segments, and runs from so many events on.
pub(super) fn options(storage: &MemoryStorage, run_events: u64) -> StartOptions {
    StartOptions {
        storage: Arc::new(storage.clone()),
        ledger: LedgerOptions { segment_bytes: 6 << 10, run_events, ..LedgerOptions::default() },
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::InStep,
        past: PastOptions::default(),
        clock: Arc::new(Told(AtomicI64::new(NOW.0))),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(OneWorker),
        inbox_bytes: 16 << 20,
    }
}

/// The same with checkpoints: the list of the last one, and parts in a storage of their own.
pub(super) fn with_checkpoints(options: StartOptions, last: &LastCheckpoint, parts: &MemoryStorage) -> StartOptions {
    let last = last.clone();
    let opener: CheckpointOpener = Box::new(move || Some(Box::new(last) as Box<dyn CheckpointStore>));
    let kept = Arc::new(KeptCheckpoints::new(Arc::new(parts.clone()), KeepPolicy::NONE));
    StartOptions { checkpoints: Some(opener), past: PastOptions { kept: Some(kept), ..options.past }, ..options }
}

/// Lines as a batch, by somebody.
pub(super) fn batch(handle: &Handle, lines: &[Vec<u8>]) -> Batch {
    let mut batch = handle.batch();
    for line in lines {
        match read_event(line, NOW) {
            Ok(event) => batch.push_event(&event, line, || "a request".to_owned()),
            Err(rejection) => batch.push_rejected(rejection, line.clone(), "a request".to_owned()),
        }
    }
    batch
}

/// Takes a batch in.
pub(super) fn step(started: &mut Started, batch: Batch) -> bool {
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).is_ok()
}

/// An engine that has taken in lines, so many at a time, with all that frames of every version say.
pub(super) fn filled(options: StartOptions, lines: &[Vec<u8>], a_step: usize) -> Started {
    let mut started = start(options, &mut |_| {}).expect("a new ledger starts");
    for (at, lines) in lines.chunks(a_step).enumerate() {
        let mut batch = batch(&started.handle, lines);
        if at % 3 > 0 {
            batch.set_topic_identity("events", *b"sixteen bytes id");
            batch.set_offset("events", 0, at as i64);
            batch.set_offset_check("events", 0, at as u64);
        }
        if at % 3 > 1 {
            let who = Some("the one who sends".to_owned());
            batch.set_actor(Some(Actor { who, role: "service".to_owned(), address: None, request_id: None }));
        }
        assert!(step(&mut started, batch), "a sound ledger takes sound lines");
    }
    let mut act = started.handle.batch();
    act.discard(QuarantineId(2), "an operator", "not wanted");
    assert!(step(&mut started, act), "a sound ledger takes what an operator decides");
    started
}

/// The files of a storage, by their names.
pub(super) fn files(storage: &MemoryStorage) -> Vec<(String, Vec<u8>)> {
    let mut names = storage.list().expect("memory lists");
    names.sort();
    names.into_iter().filter_map(|name| Some((name.clone(), storage.contents(&name).ok()??))).collect()
}

/// A storage of files.
pub(super) fn storage_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> MemoryStorage {
    let storage = MemoryStorage::new();
    for (name, bytes) in files {
        let file = storage.create(name, bytes.len() as u64).expect("memory makes files");
        file.write_at(0, bytes).and_then(|()| file.sync()).expect("memory takes bytes");
    }
    storage.sync_names().expect("memory syncs");
    storage
}
