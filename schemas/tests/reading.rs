//! The strict reader takes what the contract shows, and gives it its types.

use schemas::json::{read_event, write_event};
use schemas::{AssetAmount, Body, Product, Timestamp, Trade, Uid, Usd};

const ARRIVED: &str = "2026-03-01T09:31:00Z";

fn arrived() -> Timestamp {
    Timestamp::parse(ARRIVED).expect("a time")
}

#[test]
fn the_contracts_own_example_is_read_and_written_back() {
    let text = r#"{"specversion":"1.0","type":"referral.trade.v1","source":"/exchange/spot","id":"9f1c-771","time":"2026-03-01T09:30:00.123456Z",
 "data":{"uid":70012,"product":"spot","symbol":"BTCUSDT","volume_usd":"1500.25","fee_usd":"1.50025","fee_asset":"BNB","fee_amount":"0.0025","vip_level":0}}"#;
    let event = read_event(text.as_bytes(), arrived()).expect("a valid event");
    assert_eq!((&*event.source, &*event.id), ("/exchange/spot", "9f1c-771"));
    assert_eq!(event.time.to_string(), "2026-03-01T09:30:00.123456Z");
    let trade = Trade {
        uid: Uid(70012),
        product: Product::Spot,
        symbol: "BTCUSDT".into(),
        volume_usd: Usd::parse("1500.25").expect("an amount"),
        fee_usd: Usd::parse("1.50025").expect("an amount"),
        fee_asset: "BNB".into(),
        fee_amount: AssetAmount::parse("0.0025").expect("an amount"),
        vip_level: 0,
    };
    assert_eq!(event.body, Body::Trade(trade));
    let mut written = Vec::new();
    write_event(&event, &mut written);
    assert_eq!(String::from_utf8(written).expect("text"), text.replace("\n ", ""));
}
