//! How fast exports are written: `cargo bench -p tributary-exports`.
//!
//! The history that the demo shows (2.5 M events; `TRIBUTARY_BENCH_EVENTS` for another size) is appended to a ledger
//! on disk. Each kind (`TRIBUTARY_BENCH_KIND` for one alone) is then written as Parquet and as CSV to a file, three
//! times (`TRIBUTARY_BENCH_EXPORTS`). Medians are
//! printed; nothing is asserted.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use exports::{Export, Filter, Format, Kind, WholeFile};
use ledger::{Batch, DiskStorage, Ledger, LedgerOptions, Storage};
use projections::query::Links;
use projections::{Context, State, View};
use schemas::Timestamp;
use workload::Workload;

const BATCH_EVENTS: usize = 4_096;

fn main() {
    // `cargo test --benches` runs it with `--test`: nothing is measured then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a moment");
    let workload = match asked("TRIBUTARY_BENCH_EVENTS") {
        Some(events) => Workload::sized(1, events, end),
        None => Workload::demo(1, end),
    };
    let times = asked("TRIBUTARY_BENCH_EXPORTS").unwrap_or(3) as usize;
    let folder = tempfile::tempdir().expect("a folder");
    let storage: Arc<dyn Storage> =
        Arc::new(DiskStorage::create(&folder.path().join("ledger")).expect("a folder that can be written"));
    let (ledger, state) = appended(storage, &workload, end);
    let reader = ledger.reader();
    let links = Links::default();
    let view = View { state: &state, reader: &reader, now: end, links: &links, is_past: false };
    let only = std::env::var("TRIBUTARY_BENCH_KIND").ok();
    println!("events {}", state.position());
    let format_wanted = std::env::var("TRIBUTARY_BENCH_FORMAT").ok();
    let wanted = |format: &Format| format_wanted.as_ref().is_none_or(|wanted| wanted == format.as_str());
    for format in [Format::Parquet, Format::Csv].into_iter().filter(wanted) {
        for kind in Kind::ALL.iter().copied().filter(|kind| only.as_ref().is_none_or(|only| only == kind.as_str())) {
            let path = folder.path().join(format!("{}.{}", kind.as_str(), format.as_str()));
            let export = Export { kind, format, filter: Filter::default(), csv_bom: false };
            let mut measured: Vec<(u128, u64, u64)> = (0..times)
                .map(|_| {
                    let began = Instant::now();
                    let mut file = WholeFile::create(&path).expect("a file");
                    let mut go_on = |_| ControlFlow::Continue(());
                    let written = export.write(&view, &reader, &mut file, &mut go_on).expect("an export");
                    file.keep().expect("a file");
                    (began.elapsed().as_micros(), written.rows, written.bytes)
                })
                .collect();
            measured.sort_unstable();
            let (micros, rows, bytes) = measured[times / 2];
            println!(
                "{} as {}: {rows} rows, {bytes} bytes in {} ms, {} rows/s",
                kind.as_str(),
                format.as_str(),
                micros / 1_000,
                u128::from(rows) * 1_000_000 / micros.max(1)
            );
        }
    }
}

fn appended(storage: Arc<dyn Storage>, workload: &Workload, now: Timestamp) -> (Ledger, State) {
    let (mut ledger, _) = Ledger::open(storage, LedgerOptions::default()).expect("a new ledger opens");
    let (reader, dictionary) = (ledger.reader(), ledger.dictionary());
    let mut state = State::new();
    let mut events = workload.events().peekable();
    while events.peek().is_some() {
        let mut batch = Batch::new(dictionary.clone(), now);
        for event in events.by_ref().take(BATCH_EVENTS) {
            batch.push_event(&event, b"", || "bench".to_owned());
        }
        let commit = ledger.commit(state.index(), &[batch], now).expect("the disk takes it");
        if let Some(frame) = &commit.frame {
            state.apply_frame(frame, &dictionary, Context::alone(&reader)).expect("the ledger can be read");
        }
    }
    (ledger, state)
}
