//! The ledger on a real disk: commits, walks, and reads at random. Prints the bytes of an event on disk and
//! of the index in memory.
//!
//! Besides criterion's figures it needs about a gigabyte below the system's folder for temporary files.
#![expect(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ledger::{
    Batch, DiskStorage, EventReader, FrameCursor, Index, Ledger, LedgerOptions, LedgerReader, Outcome, Storage,
};
use schemas::{AssetAmount, Body, Decimal, Event, Product, Timestamp, Trade, Uid, Usd};

const BATCH_EVENTS: u64 = 4_096;
const ACCOUNTS: u64 = 1_000_000;
const SYMBOLS: [&str; 8] = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LTCUSDT", "BNBUSDT"];

/// The trade of a number: a uid out of many, an id as an exchange writes it, ordinary amounts.
fn with_trade<T>(number: u64, use_it: impl FnOnce(&Event<'_>) -> T) -> T {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let id = format!("{:x}-{:x}", mixed >> 44, number);
    let volume = i128::from(mixed % 5_000_000) * 1_000_000;
    let event = Event {
        source: "/exchange/spot".into(),
        id: id.into(),
        time: Timestamp(1_772_357_400_000_000 + number as i64 * 1_234),
        body: Body::Trade(Trade {
            uid: Uid(70_000 + (mixed >> 20) % ACCOUNTS),
            product: Product::Spot,
            symbol: SYMBOLS[(mixed >> 8) as usize % SYMBOLS.len()].into(),
            volume_usd: Usd(volume),
            fee_usd: Usd(volume / 1_000),
            fee_asset: "BNB".into(),
            fee_amount: AssetAmount::of(Decimal::from_i128_with_scale(volume / 600_000_000_000 + 1, 8))
                .expect("an amount"),
            vip_level: 0,
        }),
    };
    use_it(&event)
}

struct Held {
    ledger: Ledger,
    index: Index,
    next: u64,
    bytes: u64,
}

impl Held {
    fn open(folder: &Path) -> Held {
        let storage: Arc<dyn Storage> = Arc::new(DiskStorage::create(folder).expect("a folder"));
        let (ledger, _) = Ledger::open(storage, LedgerOptions::default()).expect("a new ledger");
        Held { ledger, index: Index::new(), next: 0, bytes: 0 }
    }

    fn batch(&mut self) -> Batch {
        let mut batch = Batch::new(self.ledger.dictionary(), Timestamp(0));
        for number in self.next..self.next + BATCH_EVENTS {
            with_trade(number, |event| batch.push_event(event, b"", String::new));
        }
        self.next += BATCH_EVENTS;
        batch
    }

    /// Commits a batch, and gives how long that took: to decide, append and sync, not to apply.
    fn commit(&mut self, batch: Batch) -> Duration {
        let batches = [batch];
        let start = Instant::now();
        let commit = self.ledger.commit(&self.index, &batches, Timestamp(self.next as i64)).expect("commits");
        let took = start.elapsed();
        if let Some(frame) = &commit.frame {
            self.bytes += frame.byte_count();
            for entry in frame.entries(&self.ledger.dictionary()) {
                let (position, event) = entry.expect("decodes");
                self.index.insert(position, &event);
            }
        }
        took
    }

    fn grow_to(&mut self, events: u64) {
        while self.next < events {
            let batch = self.batch();
            self.commit(batch);
        }
    }
}

fn ledger(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut held = Held::open(folder.path());
    held.grow_to(8_000_000);
    println!(
        "{} events of {} accounts: {:.1} bytes an event on disk, {:.1} bytes an event in the index",
        held.next,
        held.index.account_count(),
        per(held.bytes, held.next),
        per(held.index.memory_bytes() as u64, held.next),
    );

    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    group.throughput(Throughput::Elements(BATCH_EVENTS));
    group.bench_function("build a batch of 4096 trades (decoder thread)", |bencher| {
        bencher.iter_custom(|iterations| {
            let next = held.next;
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(held.batch());
            }
            held.next = next;
            start.elapsed()
        });
    });
    group.bench_function("commit 4096 trades, synced", |bencher| {
        bencher.iter_custom(|iterations| {
            (0..iterations)
                .map(|_| {
                    let batch = held.batch();
                    held.commit(batch)
                })
                .sum()
        });
    });
    let mut again = 0;
    group.bench_function("commit 4096 duplicates, synced", |bencher| {
        bencher.iter_custom(|iterations| {
            (0..iterations)
                .map(|_| {
                    let next = std::mem::replace(&mut held.next, again % 1_000 * BATCH_EVENTS);
                    let batch = held.batch();
                    again += 1;
                    held.next = next;
                    held.commit(batch)
                })
                .sum()
        });
    });
    group.bench_function("insert 4096 trades into the index", |bencher| {
        bencher.iter_custom(|iterations| {
            let mut took = Duration::ZERO;
            for _ in 0..iterations {
                let batch = held.batch();
                let batches = [batch];
                let commit = held.ledger.commit(&held.index, &batches, Timestamp(held.next as i64)).expect("commits");
                let frame = commit.frame.expect("a frame");
                let dictionary = held.ledger.dictionary();
                let start = Instant::now();
                for entry in frame.entries(&dictionary) {
                    let (position, event) = entry.expect("decodes");
                    held.index.insert(position, &event);
                }
                took += start.elapsed();
            }
            took
        });
    });

    let reader = held.ledger.reader();
    let last = reader.durable_position();
    group.throughput(Throughput::Elements(last));
    group.sample_size(10);
    group.bench_function("walk all frames and decode every event", |bencher| {
        bencher.iter(|| {
            let dictionary = reader.dictionary();
            let mut count = 0u64;
            for frame in reader.frames(&FrameCursor::START) {
                for entry in frame.expect("a frame").entries(&dictionary) {
                    count += u64::from(matches!(entry.expect("decodes").1.body, Body::Trade(_)));
                }
            }
            assert_eq!(count, last);
        });
    });
    group.bench_function("open to read, every frame checked", |bencher| {
        let storage: Arc<dyn Storage> = Arc::new(DiskStorage::open(folder.path()).expect("a folder"));
        bencher.iter(|| LedgerReader::open_read_only(Arc::clone(&storage)).expect("opens").durable_position());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("read one event at random", |bencher| {
        let mut number = 0u64;
        bencher.iter(|| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            reader.event((number >> 33) % last + 1).expect("reads").time
        });
    });
    group.finish();
}

/// A ratio to print; nothing is decided by it.
#[expect(clippy::float_arithmetic, reason = "a figure for people, not money")]
fn per(total: u64, count: u64) -> f64 {
    total as f64 / count as f64
}

/// Commits of one event each, as commands over HTTP make them.
fn single(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut held = Held::open(folder.path());
    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    group.bench_function("commit one trade, synced", |bencher| {
        bencher.iter_custom(|iterations| {
            (0..iterations)
                .map(|_| {
                    let mut batch = Batch::new(held.ledger.dictionary(), Timestamp(0));
                    with_trade(held.next, |event| batch.push_event(event, b"", String::new));
                    held.next += 1;
                    held.commit(batch)
                })
                .sum()
        });
    });
    // What it is for, so that a run says when it did not do it.
    let mut batch = Batch::new(held.ledger.dictionary(), Timestamp(0));
    with_trade(0, |event| batch.push_event(event, b"", String::new));
    let outcomes = held.ledger.commit(&held.index, &[batch], Timestamp(0)).expect("commits").outcomes;
    assert_eq!(outcomes, [Outcome::Duplicate { of: 1 }]);
    group.finish();
}

criterion_group!(benches, ledger, single);
criterion_main!(benches);
