//! How fast events get in: `cargo bench -p tributary-ingest`. Each rate is of one run over the same events, with the
//! rates of what it is made of beside it.
//!
//! `TRIBUTARY_BENCH_EVENTS` sets how many events (1,000,000), `TRIBUTARY_BENCH_DIR` where the ledgers are made.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ingest::files::{Input, import};
use ingest::metrics::Metrics;
use ingest::{CheckpointPolicy, Pipeline, PipelineOptions, StartOptions, SystemClock, start};
use ledger::{Batch, DiskStorage, LedgerOptions};
use projections::query::Links;
use schemas::Timestamp;
use schemas::dictionary::Dictionary;
use schemas::json::{Predictor, read_event};
use workload::{Share, Shares, Workload};

fn main() {
    // `cargo test` builds benches and runs them with `--test`: nothing is measured then.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted = std::env::var("TRIBUTARY_BENCH_EVENTS").ok().and_then(|text| text.parse().ok());
    let folder = std::env::var_os("TRIBUTARY_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).expect("a folder");
    let events = Events::draw(wanted.unwrap_or(1_000_000));
    println!("{} lines, {} bytes, {} bytes a line", events.lines, events.text.len(), events.text.len() / events.lines);
    parse(&events);
    files(&events, folder.path());
}

/// A history as NDJSON.
struct Events {
    text: Vec<u8>,
    lines: usize,
}

impl Events {
    fn draw(count: u64) -> Events {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        let workload = Workload::sized(1, count, end);
        let none = Share::NONE;
        let shares = Shares { broken_lines: none, blank_lines: none, ..workload.shares.clone() };
        let workload = Workload { shares, ..workload };
        let (mut text, mut lines) = (Vec::new(), 0);
        let mut source = workload.lines();
        while source.write_next(&mut text) {
            lines += 1;
        }
        Events { text, lines }
    }

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split_inclusive(|byte| *byte == b'\n')
    }

    fn rate(&self, name: &str, run: impl FnOnce()) {
        let begun = Instant::now();
        run();
        let micros = begun.elapsed().as_micros().max(1);
        println!("{name:44} {:>10} events/s", self.lines as u128 * 1_000_000 / micros);
    }
}

/// What reading the events alone costs, on one thread.
fn parse(events: &Events) {
    let now = Timestamp::parse("2026-04-01T00:00:00Z").expect("a time");
    events.rate("strict reader, one thread", || {
        assert!(events.each().all(|line| read_event(line, now).is_ok()));
    });
    events.rate("predicting reader, one thread", || {
        let mut predictor = Predictor::new();
        assert!(events.each().all(|line| predictor.read_event(line, now).is_ok()));
    });
    events.rate("predicting reader and encoding, one thread", || {
        let (mut predictor, dictionary) = (Predictor::new(), Arc::new(Dictionary::new()));
        let mut batch = Batch::new(Arc::clone(&dictionary), now);
        for line in events.each() {
            let event = predictor.read_event(line, now).expect("valid");
            batch.push_event(&event, line, String::new);
            if batch.len() == 1_000 {
                batch = Batch::new(Arc::clone(&dictionary), now);
            }
        }
    });
}

/// Files into a ledger on disk, durable and applied.
fn files(events: &Events, folder: &Path) {
    let plain = folder.join("events.ndjson");
    std::fs::write(&plain, &events.text).expect("written");
    let zstd = folder.join("events.ndjson.zst");
    std::fs::write(&zstd, zstd::encode_all(&events.text[..], 1).expect("compressed")).expect("written");
    let gzip = folder.join("events.ndjson.gz");
    let file = std::fs::File::create(&gzip).expect("made");
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &events.text).expect("compressed");
    encoder.finish().expect("written");
    for (name, path) in [("import, plain", &plain), ("import, zstd", &zstd), ("import, gzip", &gzip)] {
        let data = folder.join(name);
        let pipeline = open(&data);
        events.rate(name, || {
            let inputs = [Input::File(path.clone())];
            let imported = import(pipeline.feed(), &inputs, &mut |_| ControlFlow::Continue(())).expect("imported");
            assert_eq!(imported.tally.events(), events.lines as u64);
        });
        pipeline.stop().expect("stopped");
        let again = Instant::now();
        let started = started(&data);
        let replayed = started.replayed;
        println!(
            "{:44} {:>10} events/s, {} ms with opening",
            "  replay",
            replayed.events_per_second(),
            again.elapsed().as_millis()
        );
        drop(started.engine);
        let bytes: u64 = std::fs::read_dir(&data)
            .expect("read")
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|entry| entry.len())
            .sum();
        println!("{:44} {:>10} bytes", "  on disk, set aside", bytes);
        std::fs::remove_dir_all(&data).expect("removed");
    }
}

fn started(data: &Path) -> ingest::Started {
    let storage = DiskStorage::create(data).expect("made");
    let options = StartOptions {
        storage: Arc::new(storage),
        ledger: LedgerOptions::default(),
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy::default(),
        clock: Arc::new(SystemClock::new()),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        inbox_bytes: 64 << 20,
    };
    start(options, &mut |_| {}).expect("started")
}

fn open(data: &Path) -> Pipeline {
    Pipeline::start(started(data), PipelineOptions::default())
}
