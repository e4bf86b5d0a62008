//! Splits a body into its events, each as its own text stood there.
//!
//! Only the grammar of JSON is looked at here, whatever the depth: a number beyond binary64, a lone surrogate or a
//! key given twice is the matter of the one event that holds it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::problem::{Problem, ProblemKind};

/// The most events of a body. No body of 32 MiB holds so many valid ones: the shortest have over 100 bytes.
const EVENTS_MAX: usize = 500_000;

/// The texts of the events in a body, in order: its elements if it is a list, else itself.
///
/// # Errors
/// If the body is not UTF-8 or no JSON, or has more events than can be valid.
pub(super) fn split(body: &[u8]) -> Result<Vec<&str>, Problem> {
    let invalid = |detail: String| Problem::new(ProblemKind::InvalidBody, detail);
    let text = std::str::from_utf8(body)
        .map_err(|error| invalid(format!("the body is not UTF-8 from byte {} on", error.valid_up_to())))?;
    if text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('[') {
        let Batch(events) = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                let detail = format!("the body holds more than {EVENTS_MAX} events: send it in parts");
                return Problem::new(ProblemKind::TooLarge, detail);
            }
            invalid(format!("the body is no JSON: {error}"))
        })?;
        return Ok(events);
    }
    let event: &RawValue =
        serde_json::from_str(text).map_err(|error| invalid(format!("the body is no JSON: {error}")))?;
    Ok(vec![event.get()])
}

struct Batch<'a>(Vec<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Batch<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Batch<'a>, D::Error> {
        /// Takes the elements, as long as they are not too many.
        struct Elements;

        impl<'de> Visitor<'de> for Elements {
            type Value = Vec<&'de str>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of events")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<&'de str>, A::Error> {
                let mut events = Vec::new();
                while let Some(event) = elements.next_element::<&'de RawValue>()? {
                    if events.len() == EVENTS_MAX {
                        return Err(A::Error::custom("too many events"));
                    }
                    events.push(event.get());
                }
                Ok(events)
            }
        }

        deserializer.deserialize_seq(Elements).map(Batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_one_event_or_a_list_each_with_its_own_text() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (body, events) in [
            (r#" {"a" : 1} "#, vec![r#"{"a" : 1}"#]),
            ("[]", vec![]),
            (" [ {\"a\":1} ,\n[ 2 ], 3,null,\"x\" ]\r\n", vec!["{\"a\":1}", "[ 2 ]", "3", "null", "\"x\""]),
            ("5", vec!["5"]),
            // What one event has wrong in itself is no matter of the body.
            (
                r#"[{"a":1,"a":2},{"n":1e400},{"s":"\ud800"},{"z":-0}]"#,
                vec![r#"{"a":1,"a":2}"#, r#"{"n":1e400}"#, r#"{"s":"\ud800"}"#, r#"{"z":-0}"#],
            ),
            (&format!("[{deep},{{}}]"), vec![&deep, "{}"]),
        ] {
            assert_eq!(split(body.as_bytes()), Ok(events), "{:.80}", body);
        }
    }

    #[test]
    fn a_body_that_is_no_json_or_not_utf_8_is_refused_whole() {
        let refused = |body: &[u8]| split(body).expect_err("a refusal").status();
        for body in [
            "",
            " \n",
            "[",
            "{",
            "[{}",
            "[{},]",
            "[{}]]",
            "{}{}",
            "[{} {}]",
            "[01]",
            "[1.]",
            "[\"\n\"]",
            "nul",
            "[\"\\u12g4\"]",
            "[NaN]",
            "\u{feff}[]",
            "\u{feff}{}",
            "[{\"a\":1}",
            "// x\n[]",
        ] {
            assert_eq!(refused(body.as_bytes()), 400, "{body:?}");
        }
        assert_eq!(refused(b"[\"\xff\"]"), 400);
        assert_eq!(refused(b"[\"\xed\xa0\x80\"]"), 400);
    }

    #[test]
    fn a_body_with_more_events_than_can_be_valid_is_too_large() {
        let most = format!("[{}0]", "0,".repeat(EVENTS_MAX - 1));
        assert_eq!(split(most.as_bytes()).map(|events| events.len()), Ok(EVENTS_MAX));
        let more = format!("[0,{}", &most[1..]);
        assert_eq!(split(more.as_bytes()).expect_err("a refusal").status(), 413);
    }
}
