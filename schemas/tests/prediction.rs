//! Layout prediction changes nothing but the time it takes: whatever comes before, a text gives what the
//! strict reader gives.

use proptest::prelude::*;
use schemas::json::{Predictor, read_event, write_event};
use schemas::testing::{Damage, damage, event, event_of, sample, wrong_fields};
use schemas::{Event, EventType, Timestamp};
use serde_json::{Map, Value};

fn arrived() -> Timestamp {
    Timestamp::parse("2026-03-01T09:31:00Z").expect("a time")
}

fn latest() -> Timestamp {
    arrived().plus_days(1)
}

/// How a producer lays out its events.
#[derive(Clone, Copy, Debug)]
enum Producer {
    /// As this program writes them.
    Canonical,
    /// With a blank behind each comma and colon, `data` before `type`, as many libraries do.
    Sorted,
    /// Over several lines.
    Pretty,
    /// With attributes and fields that the contract does not know, and a line end behind.
    Talkative,
}

const PRODUCERS: [Producer; 4] = [Producer::Canonical, Producer::Sorted, Producer::Pretty, Producer::Talkative];

impl Producer {
    fn text(self, event: &Event<'_>) -> Vec<u8> {
        let mut canonical = Vec::new();
        write_event(event, &mut canonical);
        match self {
            Producer::Canonical => canonical,
            Producer::Sorted => sorted(&value(&canonical)).into_bytes(),
            Producer::Pretty => serde_json::to_vec_pretty(&value(&canonical)).expect("JSON"),
            Producer::Talkative => {
                let mut event = value(&canonical);
                event["subject"] = event["id"].clone();
                event["schema"] = 1.into();
                event["datacontenttype"] = "application/json".into();
                event["data"]["comment"] = event["source"].clone();
                format!("{event}\n").into_bytes()
            }
        }
    }
}

fn value(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("JSON")
}

fn sorted(event: &Value) -> String {
    let object = |fields: &Map<String, Value>| {
        let mut parts: Vec<String> = fields
            .iter()
            .map(|(name, value)| match value.as_object() {
                Some(fields) => format!("\"{name}\": {}", flat(fields)),
                None => format!("\"{name}\": {value}"),
            })
            .collect();
        parts.sort();
        format!("{{{}}}", parts.join(", "))
    };
    event.as_object().map(object).unwrap_or_default()
}

fn flat(fields: &Map<String, Value>) -> String {
    let parts: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", parts.join(", "))
}

fn texts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let events = prop_oneof![3 => event_of(EventType::Trade, latest()), 2 => event(latest())];
    let damages = prop_oneof![3 => Just(Vec::<Damage>::new()), 2 => prop::collection::vec(damage(), 1..3)];
    let text = (events, prop::sample::select(PRODUCERS.to_vec()), damages).prop_map(|(event, producer, damages)| {
        let mut text = producer.text(&event);
        for damage in damages {
            damage.apply(&mut text);
        }
        text
    });
    prop::collection::vec(text, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_reads_the_same_with_and_without_prediction(texts in texts()) {
        let mut predictor = Predictor::new();
        for text in &texts {
            prop_assert_eq!(predictor.read_event(text, arrived()), read_event(text, arrived()));
        }
    }

    #[test]
    fn damage_to_a_text_of_a_known_layout_is_seen(
        event in event_of(EventType::Trade, latest()),
        producer in prop::sample::select(PRODUCERS.to_vec()),
        damages in prop::collection::vec(prop::collection::vec(damage(), 1..3), 1..20),
    ) {
        let mut predictor = Predictor::new();
        let valid = producer.text(&event);
        for damages in damages {
            predictor.read_event(&valid, arrived()).expect("a valid event");
            let mut text = valid.clone();
            damages.iter().for_each(|damage| damage.apply(&mut text));
            prop_assert_eq!(predictor.read_event(&text, arrived()), read_event(&text, arrived()));
        }
    }

    #[test]
    fn any_value_in_a_place_of_a_known_layout_is_judged_the_same(
        event_type in prop::sample::select(EventType::ALL),
        place in any::<prop::sample::Index>(),
        json in prop_oneof![
            "-?[0-9]{1,25}", "-?[0-9]{1,3}\\.[0-9]{1,20}", "[0-9]e[0-9]{1,3}", "\"-?[0-9.]{0,25}\"", "\"[ -~é\\x00-\\x1f]{0,30}\"",
            "true|false|null|NaN|\\[\\]|\\{\\}|1 |\"a\" |\"a\",\"uid\":1",
        ],
    ) {
        let mut predictor = Predictor::new();
        let mut sample = sample(event_type);
        predictor.read_event(sample.text().as_bytes(), arrived()).expect("a valid event");
        let index = place.index(sample.data.len() + sample.envelope.len());
        match sample.envelope.len().checked_sub(index + 1) {
            Some(attribute) => sample.envelope[attribute].1 = json,
            None => { let field = index - sample.envelope.len(); sample.data[field].1 = json }
        }
        let text = sample.text();
        prop_assert_eq!(predictor.read_event(text.as_bytes(), arrived()), read_event(text.as_bytes(), arrived()));
    }
}

#[test]
fn every_wrong_field_is_refused_as_the_strict_reader_does() {
    let mut predictor = Predictor::new();
    for wrong in wrong_fields() {
        let valid = sample(wrong.event_type).text();
        predictor.read_event(valid.as_bytes(), arrived()).expect("a valid event");
        let text = wrong.sample.text();
        assert_eq!(predictor.read_event(text.as_bytes(), arrived()), read_event(text.as_bytes(), arrived()), "{text}");
    }
}

#[test]
fn a_producers_second_trade_is_predicted_whatever_its_layout() {
    for separator in [",", ", ", " ,\n\t"] {
        let mut predictor = Predictor::new();
        for count in 0..10u64 {
            let uid = (count * 7 + 1).to_string();
            let text = sample(EventType::Trade).with("uid", Some(&uid)).text().replace(',', separator);
            let event = predictor.read_event(text.as_bytes(), arrived()).expect("a valid event");
            assert_eq!(Ok(event), read_event(text.as_bytes(), arrived()));
            assert_eq!(predictor.predicted(), count);
        }
    }
}

#[test]
fn many_layouts_in_turn_are_predicted_and_layouts_without_end_do_no_harm() {
    let mut predictor = Predictor::new();
    let types = [EventType::Trade, EventType::Deposit, EventType::Kyc, EventType::Vip];
    for _ in 0..10 {
        for event_type in types {
            predictor.read_event(sample(event_type).text().as_bytes(), arrived()).expect("a valid event");
        }
    }
    assert_eq!(predictor.predicted(), 9 * 4);
    for count in 0..1000 {
        let text = sample(EventType::Trade).with_attribute("count", Some(&count.to_string())).text();
        assert_eq!(predictor.read_event(text.as_bytes(), arrived()), read_event(text.as_bytes(), arrived()));
    }
}

#[test]
fn odd_but_valid_texts_teach_nothing_wrong() {
    let trade = sample(EventType::Trade).text();
    let odd = [
        trade.replace("\"id\":", r#""\u0069d":"#),
        trade.replace("\"id\":", r#""\u0069d":"#).replace("9f1c-771", "9f1c-772"),
        trade.replace("\"uid\":", r#""u\u0069d":"#),
        trade.replace("\"type\":", r#""typ\u0065":"#),
        trade.replace("9f1c-771", r#"9f\"1c"#),
        trade.replace("9f1c-771", r#"\",\"id\":\""#),
        trade.replace("BTCUSDT", r"BTC\\"),
        trade.replace("BTCUSDT", r"BTC\/USDT"),
        trade.replacen('{', r#"{"a\"b":1,"#, 1),
        trade.replacen('{', r#"{"list":[1,{"id":"x"},"]}"],"#, 1),
        trade.replacen('{', r#"{"object":{"id":"x","data":{}},"#, 1),
        trade.replacen('{', r#"{"id2":"x","id2":"y","#, 1),
        trade.replacen('{', r#"{"number":-1.5e3,"truth":true,"none":null,"#, 1),
        trade.replace("{\"uid\":70012", r#"{"list":[],"uid":70012,"object":{}"#),
        trade.replace("{\"uid\":70012", r#"{"uid":70012 ,"empty":"""#),
        trade.replace("70012", "9007199254740991"),
        trade.replace('{', " { ").replace('}', " } "),
        sample(EventType::Offer).text(),
        sample(EventType::Registration).with("code", None).with("country", Some("null")).text(),
        sample(EventType::Code).text(),
        sample(EventType::Affiliate).with("futures_window_days", Some("null")).text(),
    ];
    for first in &odd {
        assert!(read_event(first.as_bytes(), arrived()).is_ok(), "{first}");
        for second in &odd {
            let mut predictor = Predictor::new();
            for text in [first, second, first, second] {
                let predicted = predictor.read_event(text.as_bytes(), arrived());
                assert_eq!(predicted, read_event(text.as_bytes(), arrived()), "{first}\n{second}");
            }
        }
    }
}
