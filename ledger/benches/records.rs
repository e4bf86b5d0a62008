//! One event to its record and back.
#![expect(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use schemas::{AssetAmount, Body, Dictionary, Event, Product, Timestamp, Trade, Uid, Usd, record};

fn trade() -> Event<'static> {
    Event {
        source: "/exchange/spot".into(),
        id: "9f1c-771".into(),
        time: Timestamp(1_772_357_400_123_456),
        body: Body::Trade(Trade {
            uid: Uid(70_012),
            product: Product::Spot,
            symbol: "BTCUSDT".into(),
            volume_usd: Usd(150_025_000_000),
            fee_usd: Usd(150_025_000),
            fee_asset: "BNB".into(),
            fee_amount: AssetAmount::parse("0.0025").expect("an amount"),
            vip_level: 0,
        }),
    }
}

fn records(criterion: &mut Criterion) {
    let dictionary = Dictionary::new();
    for text in ["/exchange/spot", "BTCUSDT", "BNB"] {
        dictionary.insert(text);
    }
    let trade = trade();
    let mut bytes = Vec::new();
    record::encode(&trade, &dictionary, &mut bytes);
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode a trade", |bencher| {
        bencher.iter(|| record::decode(black_box(&bytes), &dictionary).expect("decodes"));
    });
    let mut out = Vec::with_capacity(256);
    group.bench_function("encode a trade", |bencher| {
        bencher.iter(|| {
            out.clear();
            record::encode(black_box(&trade), &dictionary, &mut out);
        });
    });
    group.finish();
}

criterion_group!(benches, records);
criterion_main!(benches);
