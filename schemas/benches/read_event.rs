//! How fast events are read: a trade of 295 bytes by the strict reader, beside serde_json's untyped `Value`.
//!
//! Run with `cargo bench -p tributary-schemas --bench read_event`.

#![expect(missing_docs, reason = "criterion_group! makes a public function without docs")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use schemas::Timestamp;
use schemas::json::read_event;
use std::hint::black_box;

/// A trade as a producer writes it, of 295 bytes.
const TRADE: &str = r#"{"specversion":"1.0","type":"referral.trade.v1","source":"/exchange/spot","id":"9f1c-7712-45301","time":"2026-03-01T09:30:00.123456Z","data":{"uid":70012345,"product":"spot","symbol":"BTCUSDT","volume_usd":"1500.25","fee_usd":"1.50025","fee_asset":"BNB","fee_amount":"0.00250417","vip_level":0}}"#;

fn read(criterion: &mut Criterion) {
    assert_eq!(TRADE.len(), 295);
    let arrived = Timestamp::parse("2026-03-01T09:31:00Z").expect("a time");
    let mut group = criterion.benchmark_group("read_event");
    group.throughput(Throughput::Elements(1));
    group.bench_function("strict", |bench| {
        bench.iter(|| read_event(black_box(TRADE.as_bytes()), arrived));
    });
    group.bench_function("untyped", |bench| {
        bench.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(TRADE.as_bytes())));
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
