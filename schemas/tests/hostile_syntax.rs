//! Bytes that are no event: too many, no UTF-8, no JSON, lone surrogates, numbers and levels beyond the limits.

mod verdicts;

use std::iter::repeat_n;

use schemas::json::limits::EVENT_BYTES_MAX;
use schemas::testing::sample;
use schemas::{EventType, Reason};
use verdicts::{assert_accepted, assert_field, assert_reason, kyc};

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
