//! Keys that come twice, envelopes that are none, times and data that are wrong, and the order of the reasons.

mod verdicts;

use schemas::json::read_event;
use schemas::testing::{Sample, sample};
use schemas::{EventType, Reason};
use verdicts::{arrived, assert_accepted, assert_field, assert_reason, kyc};

#[test]
fn a_key_of_the_envelope_may_come_once() {
    let valid = kyc().text();
    for (name, json) in [
        ("specversion", "\"1.0\""),
        ("type", "\"referral.kyc.v1\""),
        ("source", "\"/exchange/spot\""),
        ("id", "null"),
        ("time", "1"),
        ("data", "{}"),
        (r"\u0069d", "\"again\""),
        (r"d\u0061ta", "null"),
    ] {
        assert_reason(valid.replacen('{', &format!("{{\"{name}\":{json},"), 1), Reason::Malformed);
    }
    assert_accepted(valid.replacen(
        '{',
        r#"{"subject":1,"subject":2,"Id":1,"Id":2,"uid":1,"uid":2,"tiers":1,"tiers":2,"#,
        1,
    ));
}

#[test]
fn a_key_of_the_events_own_data_may_come_once() {
    for event_type in EventType::ALL.iter().copied() {
        let sample = sample(event_type);
        for (name, json) in &sample.data {
            let twice = format!("\"{name}\":{json},\"{name}\":{json}");
            let once = format!("\"{name}\":{json}");
            assert_reason(sample.text().replacen(&once, &twice, 1), Reason::Malformed);
            // So it is where the type stands behind the data.
            let type_last = type_last(&sample);
            assert_reason(type_last.replacen(&once, &twice, 1), Reason::Malformed);
            assert_reason(sample.text().replacen(&once, &format!("\"{name}\":null,{once}"), 1), Reason::Malformed);
        }
    }
}

fn type_last(sample: &Sample) -> String {
    let Some((_, name)) = sample.envelope.iter().find(|(name, _)| *name == "type") else { return String::new() };
    let rest = sample.clone().with_attribute("type", None).text();
    format!("{},\"type\":{name}}}", &rest[..rest.len() - 1])
}

#[test]
fn a_key_that_only_another_type_names_may_come_twice() {
    let twice =
        r#""symbol":1,"symbol":2,"tiers":[{"name":1,"name":2}],"tiers":[],"note":null,"note":{},"id":1,"id":2,"type":"#;
    let text = kyc().with("ignored", Some("1")).text();
    assert_accepted(text.replace("\"ignored\":", &format!("{twice}1,\"ignored\":")));
    assert_accepted(type_last(&kyc()).replace("\"uid\":", &format!("{twice}1,\"uid\":")));
}

#[test]
fn a_key_that_tiers_name_may_come_once() {
    let offer = |tiers: &str| sample(EventType::Offer).with("tiers", Some(tiers)).text();
    let valid = r#"[{"name":"a","reward":"b","all":[{"metric":"traded","at_least":1}]}]"#;
    assert_accepted(offer(valid));
    for (once, twice) in [
        (r#""name":"a""#, r#""name":"a","name":"a""#),
        (r#""reward":"b""#, r#""reward":"b","reward":"b""#),
        (r#""reward":"b""#, r#""all":[],"reward":"b""#),
        (r#""metric":"traded""#, r#""metric":"traded","m\u0065tric":"traded""#),
        (r#""at_least":1"#, r#""at_least":1,"at_least":1"#),
    ] {
        assert_reason(offer(&valid.replace(once, twice)), Reason::Malformed);
    }
    assert_accepted(offer(&valid.replace(r#""name":"a""#, r#""name":"a","metric":1,"metric":1,"x":1,"x":1"#)));
}

#[test]
fn the_type_may_stand_behind_the_data_and_keys_may_have_escapes() {
    for event_type in EventType::ALL.iter().copied() {
        let sample = sample(event_type);
        let text = sample.text();
        let plain = read_event(text.as_bytes(), arrived()).expect("a valid event");
        let type_last = type_last(&sample);
        assert_eq!(read_event(type_last.as_bytes(), arrived()).expect("a valid event"), plain);
        let escaped = text.replace("\"id\":", r#""\u0069\u0064":"#).replace("\"data\":", r#""\u0064ata":"#);
        assert_eq!(read_event(escaped.as_bytes(), arrived()).expect("a valid event"), plain);
    }
}

#[test]
fn what_is_no_envelope_is_malformed() {
    let (longest, too_long) = ("é".repeat(256), format!("\"{}\"", "é".repeat(257)));
    for (attribute, values) in [
        ("specversion", &[None, Some("1.0"), Some("\"1.1\""), Some("\"1\""), Some("\"\""), Some("null")][..]),
        ("id", &[None, Some("\"\""), Some("null"), Some("7"), Some("[]"), Some("{}"), Some("true"), Some(&*too_long)]),
        ("source", &[None, Some("\"\""), Some("null"), Some("7"), Some("[\"a\"]"), Some(&*too_long)]),
        ("type", &[None, Some("\"\""), Some("null"), Some("7"), Some("{\"a\":1}")]),
    ] {
        for json in values {
            assert_reason(kyc().with_attribute(attribute, *json).text(), Reason::Malformed);
        }
    }
    for attribute in ["id", "source"] {
        assert_accepted(kyc().with_attribute(attribute, Some(&format!("\"{longest}\""))).text());
        assert_accepted(kyc().with_attribute(attribute, Some(r#""\u0000""#)).text());
    }
    // Texts other than source and id may have 2,000 code points.
    assert_reason(kyc().with_attribute("type", Some(&format!("\"{}\"", "t".repeat(2000)))).text(), Reason::UnknownType);
    assert_reason(kyc().with_attribute("type", Some(&format!("\"{}\"", "t".repeat(2001)))).text(), Reason::Malformed);
}

#[test]
fn a_type_that_the_contract_does_not_have_is_unknown() {
    for name in ["referral.trade.v2", "referral.trade", "Referral.trade.v1", " referral.trade.v1", "x"] {
        let text = kyc().with_attribute("type", Some(&format!("\"{name}\""))).text();
        assert_reason(text, Reason::UnknownType);
    }
}

#[test]
fn the_reasons_come_in_their_order() {
    let unknown = ("type", Some("\"nothing\""));
    let worse = |sample: Sample| sample.with_attribute("time", None).with("uid", Some("0"));
    assert_field(&worse(kyc()).text(), "time");
    assert_reason(worse(kyc()).with_attribute(unknown.0, unknown.1).text(), Reason::UnknownType);
    let no_id = worse(kyc()).with_attribute(unknown.0, unknown.1).with_attribute("id", None);
    assert_reason(no_id.text(), Reason::Malformed);
    assert_reason(worse(kyc()).with_attribute("ignored", Some("1e400")).text(), Reason::Malformed);
}

#[test]
fn a_time_that_is_missing_wrong_or_out_of_its_range_is_an_invalid_field() {
    let with_time = |json: Option<&str>| kyc().with_attribute("time", json).text();
    for json in [
        None,
        Some("null"),
        Some("1772357400"),
        Some("\"\""),
        Some("\"2026-03-01\""),
        Some("\"2026-03-01T09:30:60Z\""),
        Some("\"2026-03-01 09:30:00Z\""),
        Some("\"2026-03-01T09:30:00\""),
        Some("\"1999-12-31T23:59:59.999999Z\""),
        Some("\"2000-01-01T00:30:00+01:00\""),
        Some("\"2026-03-02T09:31:00.000001Z\""),
        Some("\"9999-12-31T23:59:59Z\""),
        Some("\"0000-01-01T00:00:00Z\""),
    ] {
        assert_field(&with_time(json), "time");
    }
    for json in [
        "\"2000-01-01T00:00:00Z\"",
        "\"1999-12-31T23:30:00-00:30\"",
        "\"2026-03-02T09:31:00Z\"",
        "\"2026-03-02T09:31:00.0000009z\"",
        "\"2026-03-02t10:31:00+01:00\"",
    ] {
        assert_accepted(with_time(Some(json)));
    }
}

#[test]
fn data_that_is_missing_or_no_object_is_an_invalid_field() {
    let valid = kyc().text();
    let data = format!("\"data\":{}", kyc().data_text());
    for json in ["null", "1", "-1", "1.5", "true", "\"{}\"", "[]", "[{}]"] {
        assert_field(&valid.replace(&data, &format!("\"data\":{json}")), "data");
        let type_behind = type_last(&kyc()).replace(&data, &format!("\"data\":{json}"));
        assert_field(&type_behind, "data");
    }
    assert_field(&valid.replace(&format!(",{data}"), ""), "data");
    assert_field(&valid.replace(&data, "\"data\":{}"), "uid");
}
