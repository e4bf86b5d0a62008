//! A long life: `cargo bench -p tributary-ingest --bench long` sends events through the engine, as requests send them,
//! and tells at intervals what an event costs and takes by then, as CSV. At the end the very first event comes again.
//!
//! `TRIBUTARY_BENCH_EVENTS` sets how many (20,000,000), of a million invitees from 20 million on; `TRIBUTARY_BENCH_DIR`
//! where the ledger is made: it needs about 80 bytes an event there, checkpoints included. `TRIBUTARY_BENCH_KEEP=1` leaves
//! the ledger behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use checkpoints::{KeepPolicy, KeptCheckpoints, SledStore};
use crossbeam_channel::{Receiver, bounded};
use ingest::metrics::Metrics;
use ingest::{
    CheckpointPolicy, Handle, PastOptions, Pipeline, PipelineOptions, RunWriting, StartOptions, SystemClock, start,
};
use ledger::{Batch, DiskStorage, LedgerOptions, Outcome};
use projections::query::Links;
use schemas::{Event, Timestamp};
use workload::Workload;

/// As many as the writer gathers for a frame.
const BATCH_EVENTS: usize = 10_000;
/// So many rows are told.
const ROWS: u64 = 50;

fn main() {
    // `cargo test` builds benches and runs them with `--test`: nothing is measured then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let count = std::env::var("TRIBUTARY_BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000_000);
    let folder = std::env::var_os("TRIBUTARY_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let mut folder = tempfile::tempdir_in(folder).expect("a folder");
    folder.disable_cleanup(std::env::var("TRIBUTARY_BENCH_KEEP").is_ok_and(|value| value == "1"));
    let pipeline = open(folder.path());
    let (first, sent) = live(&pipeline.handle(), count, folder.path());
    let handle = pipeline.handle();
    let begun = Instant::now();
    let outcome = send(&handle, |batch| batch.push_event(&first, b"", String::new));
    let took = begun.elapsed();
    assert!(matches!(outcome[..], [Outcome::Duplicate { of: 1 }]), "the very first event again came to {outcome:?}");
    println!("the very first event, again after {sent}: a duplicate of position 1, found in {} µs", took.as_micros());
    pipeline.stop().expect("stopped");
    let begun = Instant::now();
    let pipeline = open(folder.path());
    println!("started again in {} ms", begun.elapsed().as_millis());
    pipeline.stop().expect("stopped");
    if std::env::var("TRIBUTARY_BENCH_KEEP").is_ok_and(|value| value == "1") {
        println!("the ledger is left in {}", folder.path().display());
    }
}

/// Sends the workload, and tells how it goes. Its first event, and how many there were.
fn live(handle: &Handle, count: u64, folder: &Path) -> (Event<'static>, u64) {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let large = Workload::large(1, end);
    let workload =
        if count < large.events { Workload::sized(1, count, end) } else { Workload { events: count, ..large } };
    let batches = drawn(workload, handle);
    println!("events,seconds,events_a_second,engine_ns_an_event,anonymous_mib,state_mib,ledger_bytes,checkpoint_bytes");
    let (begun, mut first, mut sent) = (Instant::now(), None, 0);
    let mut row = Row { begun, engine: Duration::ZERO, sent: 0 };
    for (batch, its_first) in batches {
        first.get_or_insert(its_first);
        let (events, submitted) = (batch.len() as u64, Instant::now());
        handle.submit(batch).expect("durable");
        row.engine += submitted.elapsed();
        sent += events;
        if sent - row.sent >= count.div_ceil(ROWS) {
            row.tell(handle, sent, begun, folder);
            row = Row { begun: Instant::now(), engine: Duration::ZERO, sent };
        }
    }
    if sent > row.sent {
        row.tell(handle, sent, begun, folder);
    }
    (first.expect("a workload has events"), sent)
}

/// What came since the last row.
struct Row {
    begun: Instant,
    /// The time that batches took from their sending until they were durable and applied.
    engine: Duration,
    /// How many events had been sent by then.
    sent: u64,
}

impl Row {
    fn tell(&self, handle: &Handle, sent: u64, begun: Instant, folder: &Path) {
        let events = u128::from(sent - self.sent).max(1);
        let state = handle.read(|view| view.state.memory_bytes()) >> 20;
        let rate = events * 1_000_000 / self.begun.elapsed().as_micros().max(1);
        let checkpoints = bytes_below(&folder.join("checkpoint")) + bytes_below(&folder.join("past"));
        println!(
            "{sent},{},{rate},{},{},{state},{},{}",
            begun.elapsed().as_secs(),
            self.engine.as_nanos() / events,
            anonymous_kib() >> 10,
            bytes_below(&folder.join("ledger")) / sent,
            checkpoints / sent,
        );
    }
}

/// Batches with their first event, drawn ahead on a thread of their own.
fn drawn(workload: Workload, handle: &Handle) -> Receiver<(Batch, Event<'static>)> {
    let (sender, receiver) = bounded(4);
    let handle = handle.clone();
    std::thread::spawn(move || {
        let mut events = workload.events().peekable();
        while let Some(first) = events.peek().cloned() {
            let mut batch = handle.batch();
            for event in events.by_ref().take(BATCH_EVENTS) {
                batch.push_event(&event, b"", String::new);
            }
            if sender.send((batch, first)).is_err() {
                return;
            }
        }
    });
    receiver
}

fn send(handle: &Handle, fill: impl FnOnce(&mut Batch)) -> Vec<Outcome> {
    let mut batch = handle.batch();
    fill(&mut batch);
    handle.submit(batch).expect("durable")
}

/// As the command opens it.
fn open(data: &Path) -> Pipeline {
    let folder = |name: &str| DiskStorage::create(&data.join(name)).expect("made");
    let (storage, kept) = (folder("ledger"), KeptCheckpoints::new(Arc::new(folder("past")), KeepPolicy::default()));
    let store = SledStore::open(&data.join("checkpoint")).expect("opened");
    let options = StartOptions {
        storage: Arc::new(storage),
        ledger: LedgerOptions::default(),
        checkpoints: Some(Box::new(move || Some(Box::new(store)))),
        checkpoint_policy: CheckpointPolicy::default(),
        keeping: ingest::Keeping::Apart,
        runs: RunWriting::Apart,
        past: PastOptions { kept: Some(Arc::new(kept)), threads: 2, ..PastOptions::default() },
        clock: Arc::new(SystemClock::new()),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(replay::CoreWorkers::all()),
        inbox_bytes: 64 << 20,
    };
    Pipeline::start(start(options, &mut |_| {}).expect("started"), PipelineOptions::default()).expect("threads")
}

/// What lies on the disk below a folder, what is set aside for a segment included.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_below(&entry.path()),
        Ok(data) => data.len(),
        // It went meanwhile.
        Err(_) => 0,
    });
    sizes.sum()
}

/// The memory of this process without what it maps of files; 0 where the system does not say.
fn anonymous_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}
