//! Whatever stands in a text, it is an event or it has its reason: sizes, bytes, JSON, levels, keys, envelope.

use std::iter::repeat_n;

use schemas::json::limits::EVENT_BYTES_MAX;
use schemas::json::read_event;
use schemas::testing::{Sample, sample};
use schemas::{EventType, Reason, Timestamp};

fn arrived() -> Timestamp {
    Timestamp::parse("2026-03-01T09:31:00Z").expect("a time")
}

/// The reason and the field of a refused text; `None` if it is an event.
fn verdict(text: &[u8]) -> Option<(Reason, Option<String>)> {
    read_event(text, arrived()).err().map(|rejection| (rejection.reason, rejection.field))
}

#[track_caller]
fn assert_reason(text: impl AsRef<[u8]>, reason: Reason) {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(&text[..text.len().min(400)]);
    assert_eq!(verdict(text), Some((reason, None)), "{shown}");
}

#[track_caller]
fn assert_field(text: &str, field: &str) {
    assert_eq!(verdict(text.as_bytes()), Some((Reason::InvalidField, Some(field.to_owned()))), "{text}");
}

#[track_caller]
fn assert_accepted(text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(&text[..text.len().min(400)]);
    assert_eq!(verdict(text), None, "{shown}");
}

fn kyc() -> Sample {
    sample(EventType::Kyc)
}

/// A valid event with one more attribute that nobody asks for.
fn with_ignored(json: &str) -> String {
    kyc().with_attribute("ignored", Some(json)).text()
}

/// A valid event with one more field of `data` that nobody asks for.
fn with_ignored_field(json: &str) -> String {
    kyc().with("ignored", Some(json)).text()
}

fn padded_to(bytes: usize) -> String {
    let empty = with_ignored("\"\"").len();
    with_ignored(&format!("\"{}\"", "x".repeat(bytes - empty)))
}

#[test]
fn an_event_may_have_a_mebibyte_and_not_a_byte_more() {
    assert_accepted(padded_to(EVENT_BYTES_MAX));
    assert_accepted(padded_to(EVENT_BYTES_MAX) + "\n");
    assert_accepted(padded_to(EVENT_BYTES_MAX) + "\r\n");
    assert_reason(padded_to(EVENT_BYTES_MAX + 1), Reason::TooLarge);
    assert_reason(padded_to(EVENT_BYTES_MAX) + " ", Reason::TooLarge);
    assert_reason(padded_to(EVENT_BYTES_MAX) + "\n\n", Reason::TooLarge);
    assert_reason(padded_to(2 << 20), Reason::TooLarge);
}

#[test]
fn too_large_comes_before_every_other_reason() {
    for filler in [&b"x"[..], b"\0", b"\xff", b"[", b" "] {
        assert_reason(filler.repeat(EVENT_BYTES_MAX + 1), Reason::TooLarge);
    }
}

#[test]
fn what_is_no_json_is_malformed() {
    let valid = kyc().text();
    let inner = &valid[1..valid.len() - 1];
    for text in [
        String::new(),
        " \t ".into(),
        "\0".into(),
        "{".into(),
        "{}".into(),
        "[]".into(),
        "null".into(),
        "\"text\"".into(),
        "12".into(),
        format!("[{valid}]"),
        format!("{valid}{valid}"),
        format!("{valid},"),
        format!("{valid}\0"),
        format!("\0{valid}"),
        format!("\u{feff}{valid}"),
        format!("{valid}\u{feff}"),
        format!("\u{a0}{valid}"),
        format!("{{{inner},}}"),
        format!("{{,{inner}}}"),
        format!("{{{inner}"),
        format!("// a comment\n{valid}"),
        format!("/* a comment */{valid}"),
        valid.replace(':', "="),
        valid.replace('"', "'"),
        valid.replace("\"uid\"", "uid"),
        valid.replace("\"verified\"", "verified"),
        valid[..valid.len() - 1].to_owned(),
        valid[..valid.len() / 2].to_owned(),
    ] {
        assert_reason(text, Reason::Malformed);
    }
}

#[test]
fn an_ignored_value_has_to_be_json_too() {
    for json in [
        "",
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        "undefined",
        "None",
        "True",
        "tru",
        "nulll",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "-",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "1 2",
        "'x'",
        "\"x",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "{a:1}",
        "{\"a\" 1}",
        "\"\n\"",
        "\"\t\"",
        "\"\0\"",
        "\"\u{1f}\"",
        "/**/1",
    ] {
        assert_reason(with_ignored(json), Reason::Malformed);
        assert_reason(with_ignored_field(json), Reason::Malformed);
        assert_reason(with_ignored_field(&format!("[{{\"a\":{json}}}]")), Reason::Malformed);
    }
}

#[test]
fn a_number_must_fit_into_binary64_wherever_it_stands() {
    let digits_400 = "9".repeat(400);
    for json in
        ["1e400", "-1e400", "1e309", "1.8e308", "1.7976931348623159e308", "0.1e99999999999999999999", &digits_400]
    {
        assert_reason(with_ignored(json), Reason::Malformed);
        assert_reason(with_ignored_field(&format!("{{\"a\":[{json}]}}")), Reason::Malformed);
        assert_reason(kyc().with("uid", Some(json)).text(), Reason::Malformed);
        assert_reason(kyc().with_attribute("time", Some(json)).text(), Reason::Malformed);
    }
    let long_one = format!("1{}e-400", "0".repeat(400));
    let digits_300 = "9".repeat(300);
    for json in [
        "1e308",
        "-1.7976931348623157e308",
        "1.7976931348623158e308",
        "1e-400",
        "0e400",
        "-0",
        "0.0",
        &digits_300,
        &long_one,
        "18446744073709551616",
        "-9223372036854775809",
    ] {
        assert_accepted(with_ignored(json));
        assert_accepted(with_ignored_field(json));
        assert_field(&kyc().with("uid", Some(json)).text(), "uid");
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_malformed_wherever_they_stand() {
    let bad: &[&[u8]] =
        &[b"\xff", b"\x80", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xfe\xff"];
    for bytes in bad {
        for text in
            [with_ignored("\"@\""), with_ignored_field("\"@\""), with_ignored_field("{\"@\":1}"), with_ignored("1@")]
        {
            let mut text = text.into_bytes();
            let at = text.iter().position(|byte| *byte == b'@').expect("the mark");
            text.splice(at..=at, bytes.iter().copied());
            assert_reason(text, Reason::Malformed);
        }
    }
}

#[test]
fn a_lone_surrogate_is_malformed_wherever_it_stands() {
    for text in [r"\ud800", r"\uDFFF", r"\ud800x", r"\ud800\n", r"\ud800\ud800", r"\udc00\ud800", r"\ud83dA"] {
        assert_reason(with_ignored(&format!("\"{text}\"")), Reason::Malformed);
        assert_reason(with_ignored_field(&format!("[\"{text}\"]")), Reason::Malformed);
        assert_reason(with_ignored_field(&format!("{{\"{text}\":1}}")), Reason::Malformed);
        assert_reason(kyc().with_attribute("id", Some(&format!("\"{text}\""))).text(), Reason::Malformed);
    }
    assert_accepted(kyc().with_attribute("id", Some(r#""\ud83d\ude00""#)).text());
}

#[test]
fn a_hundred_levels_are_read_and_the_next_is_malformed() {
    let nested = |open: &str, close: &str, levels: usize| {
        let opened: String = repeat_n(open, levels).collect();
        let closed: String = repeat_n(close, levels).collect();
        // An innermost object that is opened by a key needs a value.
        format!("{opened}{}{closed}", if open.ends_with(':') { "1" } else { "" })
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")] {
        let levels_each = open.matches(['[', '{']).count();
        // The event is level 1, its data level 2.
        assert_accepted(with_ignored(&nested(open, close, 99 / levels_each)));
        assert_reason(with_ignored(&nested(open, close, 99 / levels_each + 1)), Reason::Malformed);
        assert_reason(with_ignored_field(&nested(open, close, 98 / levels_each + 1)), Reason::Malformed);
    }
    assert_accepted(with_ignored_field(&nested("[", "]", 98)));
    assert_field(&kyc().with("uid", Some(&nested("[", "]", 98))).text(), "uid");
    assert_reason(kyc().with("uid", Some(&nested("[", "]", 99))).text(), Reason::Malformed);
    assert_reason(with_ignored(&"[".repeat(500_000)), Reason::Malformed);
    assert_reason("[".repeat(EVENT_BYTES_MAX), Reason::Malformed);
    assert_reason("{\"a\":".repeat(100_000), Reason::Malformed);
}

#[test]
fn levels_are_counted_in_tiers_as_well() {
    let offer = |inner: &str| {
        let tiers = format!(
            r#"[{{"name":"a","reward":"b","all":[{{"metric":"traded","at_least":1,"x":{inner}}}],"y":{inner}}}]"#
        );
        sample(EventType::Offer).with("tiers", Some(&tiers)).text()
    };
    // Event, data, tiers, tier, all, condition: a list in a condition begins at level 7.
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_accepted(offer(&nested(94)));
    assert_reason(offer(&nested(95)), Reason::Malformed);
}

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
