//! Every field of every type is held to its rule, and what the contract lets pass does pass.

use schemas::json::read_event;
use schemas::testing::{sample, wrong_fields};
use schemas::{Body, EventType, Reason, Relationship, Timestamp};

fn arrived() -> Timestamp {
    Timestamp::parse("2026-03-01T09:31:00Z").expect("a time")
}

#[test]
fn a_wrong_field_is_named_with_what_was_expected() {
    for wrong in wrong_fields() {
        let text = wrong.sample.text();
        let context = format!("{:?}: {} as {:?}", wrong.event_type, wrong.field, wrong.json);
        let rejection = read_event(text.as_bytes(), arrived()).expect_err(&context);
        assert_eq!(
            (rejection.reason, rejection.field.as_deref()),
            (Reason::InvalidField, Some(wrong.field)),
            "{context}"
        );
        assert!(rejection.detail.contains("expected"), "{context}: {}", rejection.detail);
        assert!(rejection.detail.len() < 700, "{context}: {}", rejection.detail);
    }
}

#[test]
fn the_first_wrong_field_in_the_contracts_order_is_named() {
    for event_type in EventType::ALL.iter().copied() {
        let wrong = wrong_fields();
        let mut of_type = wrong.iter().filter(|wrong| wrong.event_type == event_type);
        let first = of_type.next().expect("every type has a field").field;
        let mut all_wrong = sample(event_type);
        for (_, json) in &mut all_wrong.data {
            *json = "{}".into();
        }
        all_wrong.data.reverse();
        let rejection = read_event(all_wrong.text().as_bytes(), arrived()).expect_err("no field is right");
        assert_eq!(rejection.field.as_deref(), Some(first));
    }
}

#[test]
fn what_the_contract_lets_pass_does_pass() {
    use EventType::{
        Affiliate, Application, Campaign, Code, Deposit, Kyc, Note, Offer, Program, Registration, Reversal, Trade, Vip,
    };
    let text = |letter: &str, count: usize| format!("\"{}\"", letter.repeat(count));
    let (longest, longest_note, longest_name) = (text("𝄞", 2000), text("𝄞", 200), text("𝄞", 256));
    for (event_type, field, values) in [
        (Kyc, "uid", &["1", "9007199254740991"][..]),
        (Vip, "vip_level", &["0", "20"]),
        (Trade, "vip_level", &["0", "20"]),
        (
            Trade,
            "volume_usd",
            &["\"0\"", "\"-0\"", "\"-0.00000000\"", "\"999999999999999.99999999\"", "\"0.00000001\""],
        ),
        (Trade, "fee_usd", &["\"-0\"", "\"-1.5\"", "\"-999999999999999.99999999\"", "\"0.50000000\"", "\"1\\u002e5\""]),
        (
            Trade,
            "fee_amount",
            &["\"-0.000000000000000001\"", "\"1234567890.123456789012345678\"", "\"1234567890123456789012345678\""],
        ),
        (Trade, "symbol", &["\"\"", &longest]),
        (Deposit, "channel", &["\"\"", "\"carrier pigeon\"", &longest]),
        (Deposit, "amount", &["\"0\"", "\"-0\"", "\"-0.000\""]),
        (Affiliate, "spot_rate", &["\"0\"", "\"-0\"", "\"1\"", "\"1.000000\"", "\"0.000001\"", "\"0.123456\""]),
        (Affiliate, "futures_window_days", &["null", "0", "36500"]),
        (Program, "default_futures_window_days", &["null", "0", "36500"]),
        (Program, "spot_vip_max", &["0", "20"]),
        (Registration, "country", &["null", "\"XK\"", "\"DE\""]),
        (Registration, "code", &["null", "\"\"", "\"any text at all\"", &longest]),
        (Code, "code", &["\"A_9\"", "\"ABCDEFGHIJKLMNOPQRST\"", "\"\\u0041BC\""]),
        (Code, "note", &["\"\"", "\"\\u0000\"", &longest_note]),
        (Note, "note", &["\"\"", &longest_note]),
        (Reversal, "trade_id", &["\"\"", &longest]),
        (Offer, "id", &["\"x\"", &longest_name]),
        (Offer, "starts", &["null", "\"2024-02-29\"", "\"9999-12-31\""]),
        (Offer, "tiers", &["[]", r#"[{"name":"","reward":"","all":[{"metric":"total_rewards","at_least":"-1.5"}]}]"#]),
        (Campaign, "id", &["\"MARKET_1\"", &longest_name]),
        (Application, "message", &["\"\"", &longest]),
    ] {
        for json in values {
            let text = sample(event_type).with(field, Some(json)).text();
            if let Err(rejection) = read_event(text.as_bytes(), arrived()) {
                panic!("{event_type:?} with {field} {json}: {rejection}");
            }
        }
    }
}

#[test]
fn what_may_be_left_out_has_its_default() {
    let read = |text: &str| read_event(text.as_bytes(), arrived()).expect("a valid event").into_owned().body;
    let bare = sample(EventType::Registration).with("country", None).with("code", None).with("relationship", None);
    let Body::Registration(data) = read(&bare.text()) else { panic!("a registration") };
    assert_eq!((data.country, data.code, data.relationship), (None, None, Relationship::Both));

    let bare = sample(EventType::Code).with("note", None).with("is_default", None);
    let Body::Code(data) = read(&bare.text()) else { panic!("a code") };
    assert_eq!((&*data.note, data.is_default), ("", false));

    let bare = sample(EventType::Affiliate).with("futures_window_days", None);
    let Body::Affiliate(data) = read(&bare.text()) else { panic!("an affiliate") };
    assert_eq!(data.futures_window_days, None);

    let bare = sample(EventType::Offer).with("starts", None).with("ends", None);
    let Body::Offer(data) = read(&bare.text()) else { panic!("an offer") };
    assert_eq!((data.starts, data.ends), (None, None));
}

#[test]
fn a_note_without_its_note_wipes_nothing() {
    let bare = sample(EventType::Note).with("note", None).text();
    let rejection = read_event(bare.as_bytes(), arrived()).expect_err("no note");
    assert_eq!((rejection.reason, rejection.field.as_deref()), (Reason::InvalidField, Some("note")));
}

#[test]
fn a_parent_is_required_for_sub_and_other_accounts_and_ignored_for_major_ones() {
    for account_type in ["\"sub\"", "\"other\""] {
        let sample = sample(EventType::Registration).with("account_type", Some(account_type));
        for json in [None, Some("null"), Some("\"70001\""), Some("0")] {
            let text = sample.clone().with("parent_uid", json).text();
            let rejection = read_event(text.as_bytes(), arrived()).expect_err("no parent");
            assert_eq!((rejection.reason, rejection.field.as_deref()), (Reason::InvalidField, Some("parent_uid")));
        }
    }
    let major = sample(EventType::Registration).with("account_type", Some("\"m\\u0061jor\""));
    for json in [None, Some("null"), Some("70001"), Some("-1"), Some("\"x\""), Some("{}"), Some("1e3")] {
        let text = major.clone().with("parent_uid", json).text();
        let event = read_event(text.as_bytes(), arrived()).expect("a major account has no parent");
        let Body::Registration(data) = event.body else { panic!("a registration") };
        assert_eq!(data.parent_uid, None, "{json:?}");
    }
}

#[test]
fn unknown_attributes_and_fields_are_ignored() {
    for event_type in EventType::ALL.iter().copied() {
        let plain = sample(event_type);
        let mut more = plain.clone().with("extra", Some(r#"{"uid":[1.5,null,"\ud83d\ude00"]}"#)).with("UID", Some("0"));
        more =
            more.with_attribute("datacontenttype", Some("\"application/json\"")).with_attribute("subject", Some("7"));
        let plain_text = plain.text();
        let more_text = more.text();
        assert_eq!(read_event(more_text.as_bytes(), arrived()), read_event(plain_text.as_bytes(), arrived()));
    }
}
