//! Splits a body into its events, each as its own text stood there.
//!
//! Only the grammar of JSON is looked at here, whatever the depth: a number beyond binary64, a lone surrogate or a
//! key given twice is the matter of the one event that holds it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::body::looks_like;
use crate::problem::{Problem, ProblemKind};

/// The most events of a body. No body of 32 MiB holds so many valid ones: the shortest have over 100 bytes.
const EVENTS_MAX: usize = 500_000;

/// How events lie in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As one JSON value: an event, or a list of events.
    Json,
    /// One event a line.
    Lines,
}

/// An event's own text, with the number that names it: its place in a list, its line.
pub(super) type Numbered<'a> = (usize, &'a [u8]);

/// The events of a body, in order.
///
/// # Errors
/// If the body is to be JSON and is not UTF-8 or no JSON, or has more events than can be valid.
pub(super) fn split(body: &[u8], layout: Layout) -> Result<Vec<Numbered<'_>>, Problem> {
    match layout {
        Layout::Json => Ok((1..).zip(split_json(body)?.into_iter().map(str::as_bytes)).collect()),
        Layout::Lines => split_lines(body),
    }
}

/// The one event of a body.
///
/// # Errors
/// If it is not UTF-8 or no JSON, or holds no event or several.
pub(crate) fn single(body: &[u8]) -> Result<&str, Problem> {
    match split_json(body)?.as_slice() {
        [event] => Ok(event),
        events => {
            let detail = format!("expected one event; came {}", events.len());
            Err(Problem::new(ProblemKind::InvalidBody, detail))
        }
    }
}

/// The lines without their ends; those of white space only are no events. What is wrong with a line is its own matter.
fn split_lines(body: &[u8]) -> Result<Vec<Numbered<'_>>, Problem> {
    // A byte order mark is the matter of the first line, as in a file.
    if let Some(looks) = looks_like(body).filter(|_| !body.starts_with(b"\xef\xbb\xbf")) {
        return Err(Problem::new(ProblemKind::InvalidBody, format!("the body is no NDJSON: {looks}")));
    }
    let lines = (1..).zip(body.split(|byte| *byte == b'\n'));
    let events = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let events: Vec<_> = events.map(|(at, line)| (at, line.strip_suffix(b"\r").unwrap_or(line))).collect();
    if events.len() > EVENTS_MAX { Err(too_many()) } else { Ok(events) }
}

fn too_many() -> Problem {
    Problem::new(ProblemKind::TooLarge, format!("the body holds more than {EVENTS_MAX} events: send it in parts"))
}

/// The texts of the events in a body, in order: its elements if it is a list, else itself.
fn split_json(body: &[u8]) -> Result<Vec<&str>, Problem> {
    let invalid = |detail: String| {
        let detail = looks_like(body).map_or(detail, |looks| format!("the body is no JSON: {looks}"));
        Problem::new(ProblemKind::InvalidBody, detail)
    };
    let text = std::str::from_utf8(body)
        .map_err(|error| invalid(format!("the body is not UTF-8 from byte {} on", error.valid_up_to())))?;
    if text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('[') {
        let Batch(events) = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                return too_many();
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
            assert_eq!(split_json(body.as_bytes()), Ok(events), "{:.80}", body);
        }
    }

    #[test]
    fn a_body_that_is_no_json_or_not_utf_8_is_refused_whole() {
        let refused = |body: &[u8]| split_json(body).expect_err("a refusal").status();
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
    fn lines_are_events_each_alone_whatever_they_hold() {
        let body = b"{\"a\":1}\r\n\n \t\r\nnonsense\n\xff\n{}";
        let lines: &[(usize, &[u8])] = &[(1, b"{\"a\":1}"), (4, b"nonsense"), (5, b"\xff"), (6, b"{}")];
        assert_eq!(split(body, Layout::Lines).as_deref(), Ok(lines));
        assert_eq!(split(b"\n \n", Layout::Lines).as_deref(), Ok(&[][..]));
        let more = "0\n".repeat(EVENTS_MAX + 1);
        assert_eq!(split(more.as_bytes(), Layout::Lines).expect_err("a refusal").status(), 413);
    }

    #[test]
    fn a_body_with_more_events_than_can_be_valid_is_too_large() {
        let most = format!("[{}0]", "0,".repeat(EVENTS_MAX - 1));
        assert_eq!(split_json(most.as_bytes()).map(|events| events.len()), Ok(EVENTS_MAX));
        let more = format!("[0,{}", &most[1..]);
        assert_eq!(split_json(more.as_bytes()).expect_err("a refusal").status(), 413);
    }
}
