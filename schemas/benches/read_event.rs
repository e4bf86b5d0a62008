//! How fast events are read: a trade of 295 bytes by the strict reader, by layout prediction, and beside them as
//! serde_json's untyped `Value`; then a stream of a thousand different trades, in which no branch is learnt by heart.
//!
//! Run with `cargo bench -p tributary-schemas --bench read_event`.

#![expect(missing_docs, reason = "criterion_group! makes a public function without docs")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use schemas::Timestamp;
use schemas::json::{Predictor, read_event};
use std::hint::black_box;

/// A trade as a producer writes it, of 295 bytes.
const TRADE: &str = r#"{"specversion":"1.0","type":"referral.trade.v1","source":"/exchange/spot","id":"9f1c-7712-45301","time":"2026-03-01T09:30:00.123456Z","data":{"uid":70012345,"product":"spot","symbol":"BTCUSDT","volume_usd":"1500.25","fee_usd":"1.50025","fee_asset":"BNB","fee_amount":"0.00250417","vip_level":0}}"#;

/// A thousand trades of about that size; every value differs, also in its length.
fn stream() -> Vec<String> {
    let products = ["spot", "margin", "futures"];
    let symbols = ["BTCUSDT", "ETHUSDT", "DOGEUSDT", "SOLUSDC", "XRPEUR"];
    (0..1000u64)
        .map(|count| {
            let mixed = count.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
            let pick = |texts: &[&'static str], by: u64| texts[(mixed / by) as usize % texts.len()];
            let whole = mixed % 10u64.pow(1 + (mixed % 6) as u32);
            TRADE
                .replace("9f1c-7712-45301", &format!("{mixed:x}-{count}"))
                .replace("30:00.123456Z", &format!("{:02}:{:02}.{:06}Z", count % 31, mixed % 60, mixed % 1_000_000))
                .replace("70012345", &(1 + mixed % 90_000_000).to_string())
                .replace("\"spot\"", &format!("\"{}\"", pick(&products, 7)))
                .replace("BTCUSDT", pick(&symbols, 11))
                .replace("1500.25", &format!("{whole}.{:02}", mixed % 100))
                .replace("1.50025", &format!("{}.{:05}", whole / 1000, mixed % 100_000))
                .replace("0.00250417", &format!("0.{:08}", mixed % 100_000_000))
                .replace("\"vip_level\":0", &format!("\"vip_level\":{}", mixed % 4))
        })
        .collect()
}

fn read(criterion: &mut Criterion) {
    assert_eq!(TRADE.len(), 295);
    let arrived = Timestamp::parse("2026-03-01T09:31:00Z").expect("a time");
    let mut group = criterion.benchmark_group("read_event");
    group.throughput(Throughput::Elements(1));
    group.bench_function("strict", |bench| {
        bench.iter(|| read_event(black_box(TRADE.as_bytes()), arrived));
    });
    group.bench_function("predicted", |bench| {
        let mut predictor = Predictor::new();
        bench.iter(|| predictor.read_event(black_box(TRADE.as_bytes()), arrived).map(black_box).is_ok());
    });
    group.bench_function("untyped", |bench| {
        bench.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(TRADE.as_bytes())));
    });

    let trades = stream();
    group.throughput(Throughput::Elements(trades.len() as u64));
    group.bench_function("strict, a thousand different", |bench| {
        bench.iter(|| {
            trades.iter().filter(|trade| read_event(trade.as_bytes(), arrived).map(black_box).is_ok()).count()
        });
    });
    group.bench_function("predicted, a thousand different", |bench| {
        let mut predictor = Predictor::new();
        bench.iter(|| {
            let is_read = |trade: &&String| predictor.read_event(trade.as_bytes(), arrived).map(black_box).is_ok();
            trades.iter().filter(is_read).count()
        });
        assert!(predictor.predicted() > 0, "the stream has one layout");
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
