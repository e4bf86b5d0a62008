//! What the tests are made of: a ledger in memory, a clock that is told, events as texts.
#![allow(dead_code, reason = "each test uses some of it")]

pub mod broker;
pub mod real;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore, KeepPolicy, KeptCheckpoints};
use ingest::files::{Input, import};
use ingest::metrics::Metrics;
use ingest::{
    CheckpointOpener, CheckpointPolicy, Clock, Handle, Keeping, PastOptions, Pipeline, PipelineOptions,
    ReadOnlyOptions, RunWriting, StartOptions, Started, Tally, start,
};
use ledger::{Batch, LedgerOptions, MemoryStorage, QuarantineFilter, QuarantineState, QuarantinedEvent, Storage};
use projections::OneWorker;
use projections::query::Links;
use schemas::Timestamp;
use schemas::json::read_event;

/// 2026-04-01T00:00:00Z.
pub const NOW: i64 = 1_775_001_600_000_000;

/// What is open in quarantine, whole, oldest first.
pub fn kept(handle: &Handle) -> Vec<QuarantinedEvent> {
    let open = QuarantineFilter { state: Some(QuarantineState::Open), ..QuarantineFilter::default() };
    let rows = handle.quarantine_rows(&open, None, usize::MAX).expect("read");
    rows.into_iter().map(|row| handle.reader().quarantined(row.location).expect("read")).collect()
}

/// A clock that says what it is told, and goes on by a microsecond each time it is asked.
pub struct Told(AtomicI64);

impl Told {
    pub fn new() -> Arc<Told> {
        Arc::new(Told(AtomicI64::new(NOW)))
    }

    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// The list of the last checkpoint in memory. Clones are the same store.
#[derive(Clone, Default)]
pub struct Kept(pub Arc<parking_lot::Mutex<Option<Checkpoint>>>);

impl CheckpointStore for Kept {
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

/// A store as a start opens it.
pub fn opened(store: impl CheckpointStore + 'static) -> Option<CheckpointOpener> {
    Some(Box::new(|| Some(Box::new(store))))
}

/// The parts of checkpoints in a storage, and none along the way.
pub fn parts_in(storage: &(impl Storage + Clone + 'static)) -> Arc<KeptCheckpoints> {
    Arc::new(KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy::NONE))
}

pub fn options(storage: &(impl Storage + Clone + 'static)) -> StartOptions {
    StartOptions {
        storage: Arc::new(storage.clone()),
        ledger: LedgerOptions { segment_bytes: 1 << 20, ..LedgerOptions::default() },
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::Apart,
        // In the ledger's own folder: where the disk fails, it fails them too.
        past: PastOptions { kept: Some(parts_in(storage)), ..PastOptions::default() },
        clock: Told::new(),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(OneWorker),
        inbox_bytes: 64 << 20,
    }
}

/// Beside whoever writes, without checkpoints; it looks for what is new when it is told to.
pub fn read_only(storage: &(impl Storage + Clone + 'static)) -> ReadOnlyOptions {
    ReadOnlyOptions {
        storage: Arc::new(storage.clone()),
        run_events: LedgerOptions::default().run_events,
        checkpoints: None,
        past: PastOptions::default(),
        clock: Told::new(),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        refresh_micros: i64::MAX,
    }
}

pub fn started(storage: &(impl Storage + Clone + 'static)) -> Started {
    start(options(storage), &mut |_| {}).expect("a ledger that can be started")
}

/// A pipeline around a ledger in memory.
pub fn pipeline() -> Pipeline {
    Pipeline::start(started(&MemoryStorage::new()), PipelineOptions::default()).expect("threads")
}

/// The digest of all projections, and how many events were duplicates and in quarantine.
pub fn numbers(handle: &Handle) -> (String, u64, u64) {
    handle.read(|view| {
        let digest = view.state.digest(view.reader).expect("a ledger that can be read");
        let status = view.status();
        (digest, status.duplicate.values().sum(), status.quarantined.values().sum())
    })
}

/// A batch of these events, as a POST brings them.
pub fn batch(handle: &Handle, lines: &[impl AsRef<[u8]>]) -> Batch {
    let mut batch = handle.batch();
    for line in lines {
        let line = line.as_ref();
        match read_event(line, handle.now()) {
            Ok(event) => batch.push_event(&event, line, || "a request".to_owned()),
            Err(rejection) => batch.push_rejected(rejection, line.to_vec(), "a request".to_owned()),
        }
    }
    batch
}

/// Imports a text as a file of this name.
pub fn import_text(pipeline: &Pipeline, name: &str, text: &[u8]) -> Tally {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    let go_on = &mut |_: &ingest::files::ImportProgress<'_>| ControlFlow::Continue(());
    import(pipeline.feed(), &[Input::File(path)], go_on).expect("imported").tally
}

/// The lines of a hostile history: late, double, broken.
pub fn hostile(seed: u64, events: u64) -> Vec<Vec<u8>> {
    let end = Timestamp(NOW).plus_days(-1);
    workload::Workload::hostile(seed, events, end).lines().collect()
}

/// The lines as a file.
pub fn text(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

pub fn registration(uid: u64, code: &str) -> String {
    event(
        "registration",
        &format!("r{uid}"),
        &format!(r#"{{"uid":{uid},"account_type":"major","country":"DE","code":"{code}"}}"#),
    )
}

pub fn code(code: &str, owner: u64) -> String {
    event(
        "code",
        &format!("c-{code}"),
        &format!(r#"{{"code":"{code}","owner_uid":{owner},"spot_rebate_rate":"0.05","futures_rebate_rate":"0.02"}}"#),
    )
}

pub fn trade(uid: u64, id: &str, fee: &str) -> String {
    event(
        "trade",
        id,
        &format!(
            r#"{{"uid":{uid},"product":"spot","symbol":"BTCUSDT","volume_usd":"1000","fee_usd":"{fee}","fee_asset":"USDT","fee_amount":"{fee}","vip_level":0}}"#
        ),
    )
}

pub fn event(kind: &str, id: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","type":"referral.{kind}.v1","source":"/test","id":"{id}","time":"2026-03-01T00:00:00Z","data":{data}}}"#
    )
}

/// Waits until something holds that another thread brings about; fails the test after half a minute.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < until, "waited for: {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
