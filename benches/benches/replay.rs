//! The figures of the ledger and the projections: `cargo bench -p tributary-workload --bench replay`.
//!
//! A seeded history (1 M invitees and 20 M events; `TRIBUTARY_BENCH_EVENTS` for another size) is appended to a ledger
//! on disk, then replayed into all projections on one thread and on two, five times each
//! (`TRIBUTARY_BENCH_REPLAYS`). Then the overview of referrers over 30 days is asked in process, and states as of
//! earlier positions are made from checkpoints kept along the way. Medians are printed; nothing is asserted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use checkpoints::{KeepPolicy, KeptCheckpoints};
use ledger::{Batch, DiskStorage, FrameCursor, Ledger, LedgerOptions, LedgerReader, Storage};
use projections::query::{Links, RangeRequest};
use projections::{Context, State, View};
use replay::what_if::{Rules, WhatIf, what_if};
use replay::{Past, PastStates, Until, replay};
use schemas::{Body, Event, Timestamp, Uid};
use workload::Workload;

const BATCH_EVENTS: usize = 4096;
const RULES: &str = r#"
[[drop]]
type = "referral.program.v1"

[[add]]
type = "referral.program.v1"
time = "2025-01-01T00:00:00Z"
data = { default_spot_rate = "0.25", default_futures_rate = "0.10", default_futures_window_days = 90, spot_vip_max = 2, futures_vip_max = 1 }
"#;
const OVERVIEWS: usize = 20_000;

fn main() {
    // `cargo test --benches` runs it with `--test`: nothing is measured then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted: Option<u64> = std::env::var("TRIBUTARY_BENCH_EVENTS").ok().and_then(|events| events.parse().ok());
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a moment");
    let workload = match wanted {
        Some(events) => Workload::sized(1, events, end),
        None => Workload::large(1, end),
    };
    let replays = std::env::var("TRIBUTARY_BENCH_REPLAYS").ok().and_then(|replays| replays.parse().ok()).unwrap_or(5);
    let folder = tempfile::tempdir().expect("a folder");
    let storage: Arc<dyn Storage> = Arc::new(DiskStorage::create(folder.path()).expect("a folder that can be written"));
    let (mut ledger, _) = Ledger::open(storage, LedgerOptions::default()).expect("a new ledger opens");
    let mut owners: Vec<Uid> = Vec::new();
    let state = append(&mut ledger, workload.events(), &mut owners, end);
    let reader = ledger.reader();
    let events = state.position();
    println!("events {events}, accounts {}", state.account_count());
    println!("on disk: {:.1} bytes an event", per(u128::from(bytes_written(&reader)), events));
    drop(state);

    for threads in [1, 2] {
        let mut rates = Vec::new();
        let mut last = None;
        for _ in 0..replays {
            drop(last.take());
            let before = resident_bytes();
            let began = Instant::now();
            let state = replayed(&reader, threads);
            let rate = u128::from(events) * 1_000_000 / began.elapsed().as_micros().max(1);
            rates.push(rate);
            let held = resident_bytes().saturating_sub(before);
            println!(
                "replay: {rate} events/s; state by its own count {} MB, resident grew by {} MB",
                state.memory_bytes() / 1_000_000,
                held / 1_000_000
            );
            last = Some(state);
        }
        rates.sort_unstable();
        println!("replay, median of {replays}: {} events/s on {threads} thread(s)", rates[replays / 2]);
        if let Some(state) = last.filter(|_| threads == 1) {
            println!("{:?}", state.memory());
            overviews(&state, &reader, &owners, end);
        }
    }
    as_of(&reader, owners[owners.len() / 2]);
    under_other_rules(&reader, end, replays);
}

/// A what-if with other rules of the platform: what its replay takes beside the state as it is.
fn under_other_rules(reader: &LedgerReader, arrived: Timestamp, times: usize) {
    let rules = Rules::of_toml(RULES).expect("rules");
    let before = replayed(reader, 2);
    let asked = WhatIf { rules, ..WhatIf::default() };
    let mut rates: Vec<u128> = (0..times)
        .map(|_| {
            let began = Instant::now();
            let worked = what_if(&asked, reader, &|ask| ask(&before), arrived, 2, &mut |_| true);
            std::hint::black_box(worked.expect("the rules fit in").0);
            u128::from(before.position()) * 1_000_000 / began.elapsed().as_micros().max(1)
        })
        .collect();
    rates.sort_unstable();
    println!("what-if, median of {times}: {} events/s on 2 threads, beside the state as it is", rates[times / 2]);
}

fn append(
    ledger: &mut Ledger,
    events: impl Iterator<Item = Event<'static>>,
    owners: &mut Vec<Uid>,
    now: Timestamp,
) -> State {
    let mut state = State::new();
    let reader = ledger.reader();
    let dictionary = ledger.dictionary();
    let mut batch = Batch::new(dictionary.clone(), now);
    let (mut commit_time, mut apply_time) = (Duration::ZERO, Duration::ZERO);
    let mut put = |batch: &Batch, state: &mut State| {
        let began = Instant::now();
        let commit = ledger.commit(state.index(), std::slice::from_ref(batch), now).expect("the disk takes it");
        commit_time += began.elapsed();
        let began = Instant::now();
        if let Some(frame) = &commit.frame {
            state.apply_frame(frame, &dictionary, Context::alone(&reader)).expect("the ledger can be read");
        }
        apply_time += began.elapsed();
    };
    for event in events {
        if let Body::Code(code) = &event.body {
            owners.push(code.owner_uid);
        }
        batch.push_event(&event, b"", || "bench".to_owned());
        if batch.len() == BATCH_EVENTS {
            put(&batch, &mut state);
            batch = Batch::new(dictionary.clone(), now);
        }
    }
    put(&batch, &mut state);
    let events = state.position();
    println!(
        "commit {:.0} ns an event, apply {:.0} ns an event",
        per(commit_time.as_nanos(), events),
        per(apply_time.as_nanos(), events)
    );
    owners.sort_unstable();
    owners.dedup();
    state
}

fn replayed(reader: &LedgerReader, threads: usize) -> State {
    let mut state = State::new();
    replay(reader, &mut state, FrameCursor::START, Until::End, threads, &mut |_| {}).expect("the ledger can be read");
    state
}

/// States as of positions, each just before the next checkpoint was kept: the most that has to be replayed.
fn as_of(reader: &LedgerReader, uid: Uid) {
    let folder = tempfile::tempdir().expect("a folder");
    let storage = Arc::new(DiskStorage::create(folder.path()).expect("a folder that can be written"));
    let kept = Arc::new(KeptCheckpoints::new(storage, KeepPolicy::default()));
    let mut keeping = Duration::ZERO;
    let mut state = State::new();
    replay(reader, &mut state, FrameCursor::START, Until::End, 2, &mut |step| {
        if kept.is_due(step.state.position()) {
            let began = Instant::now();
            let checkpoint = kept.write(step.state, &step.frame.cursor_after()).expect("the disk takes it");
            kept.keep(&checkpoint).expect("the disk takes it");
            kept.sweep().expect("the disk takes it");
            keeping += began.elapsed();
        }
    })
    .expect("the ledger can be read");
    drop(state);
    let positions = kept.positions().expect("listed");
    let bytes: u64 = std::fs::read_dir(folder.path())
        .expect("listed")
        .map(|entry| entry.and_then(|entry| entry.metadata()).map_or(0, |file| file.len()))
        .sum();
    println!(
        "checkpoints kept along the way: {} of {} MB in all, {} ms each to keep",
        positions.len(),
        bytes / 1_000_000,
        keeping.as_millis() / (positions.len() as u128).max(1)
    );
    let ends = positions.iter().skip(1).map(|position| position - 1).chain([reader.durable_position()]);
    for position in ends {
        let began = Instant::now();
        let past = Past::make(reader, Some(&kept), position, 2, &mut |_| {}).expect("the ledger can be read");
        println!("as of {position}, cold: {} ms", began.elapsed().as_millis());
        drop(past);
    }
    let states = PastStates::new(reader.clone(), Some(kept), 2, 2);
    let links = Links::default();
    let position = reader.durable_position() / 2;
    drop(states.at(position).expect("a state"));
    let mut times: Vec<u128> = (0..1_000)
        .map(|_| {
            let began = Instant::now();
            let (past, _) = states.at(position).expect("a state");
            std::hint::black_box(past.past().view(reader, &links).overview(uid, RangeRequest::default(), None)).ok();
            began.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    println!("as of {position}, warm: overview {} ns median, {} ns p99", times[500], times[990]);
}

/// Bytes of all frames: what the ledger has written, without what it has set aside.
fn bytes_written(reader: &LedgerReader) -> u64 {
    reader.frames(&FrameCursor::START).map(|frame| frame.expect("the ledger can be read").byte_count()).sum()
}

fn overviews(state: &State, reader: &LedgerReader, owners: &[Uid], now: Timestamp) {
    let links = Links::default();
    let view = View { state, reader, now, links: &links, is_past: false };
    let mut times: Vec<u128> = Vec::with_capacity(OVERVIEWS);
    for turn in 0..OVERVIEWS {
        let uid = owners[turn * 7919 % owners.len()];
        let began = Instant::now();
        let overview = view.overview(uid, RangeRequest::default(), None);
        times.push(began.elapsed().as_nanos());
        std::hint::black_box(&overview);
    }
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 1000] / 100;
    println!(
        "overview over 30 days, {OVERVIEWS} times over {} referrers: median {}.{} µs, p99 {}.{} µs, p99.9 {}.{} µs",
        owners.len(),
        at(500) / 10,
        at(500) % 10,
        at(990) / 10,
        at(990) % 10,
        at(999) / 10,
        at(999) % 10,
    );
}

#[expect(clippy::float_arithmetic, reason = "a bench's figure is no money")]
fn per(total: u128, count: u64) -> f64 {
    total as f64 / count.max(1) as f64
}

/// What the process holds in memory of its own, without the files it maps.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}
