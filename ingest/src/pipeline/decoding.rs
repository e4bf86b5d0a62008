//! From a chunk to a batch of the ledger: every event is read strictly and encoded, once, on whatever thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{Actor, Batch};
use projections::commands::COMMAND_SOURCE;
use schemas::json::Predictor;
use schemas::{Dictionary, Reason, Rejection, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use super::buffers::Buffers;
use super::chunk::{AcceptedTopic, Chunk, Lines, Messages};

/// Decodes chunks; one a thread, since it learns how events are laid out.
pub(crate) struct Decoder {
    dictionary: Arc<Dictionary>,
    predictor: Predictor,
    /// Where what was decoded is given back.
    buffers: Buffers,
}

impl Decoder {
    pub(crate) fn new(dictionary: Arc<Dictionary>, buffers: Buffers) -> Decoder {
        Decoder { dictionary, predictor: Predictor::new(), buffers }
    }

    /// Decodes a chunk; what is no valid event is in the batch as rejected.
    pub(crate) fn decode(&mut self, chunk: Chunk) -> Batch {
        let (batch, buffer) = match chunk {
            Chunk::Lines(lines) => (self.decode_lines(&lines), lines.text),
            Chunk::Messages(messages) => (self.decode_messages(&messages), messages.values),
        };
        self.buffers.give_back(buffer);
        batch
    }

    fn decode_lines(&mut self, lines: &Lines) -> Batch {
        let mut batch = Batch::new(Arc::clone(&self.dictionary), lines.arrived);
        batch.reserve(lines.line_ends, lines.text.len());
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', &lines.text).map(|end| end + 1).chain([lines.text.len()]);
        for (number, end) in (lines.first_line..).zip(ends) {
            let line = &lines.text[start..end];
            if !is_blank(line) {
                let origin = || format!("{}:{number}", lines.name);
                self.decode_event(&mut batch, (line, without_line_end(line)), lines.arrived, None, origin);
            }
            start = end;
        }
        batch
    }

    fn decode_messages(&mut self, messages: &Messages) -> Batch {
        let mut batch = Batch::new(Arc::clone(&self.dictionary), messages.arrived);
        batch.reserve(messages.heads.len(), messages.values.len());
        // Messages come in long runs of one partition; a place is kept once a run.
        let mut reached: BTreeMap<(usize, i32), (i64, Option<u64>)> = BTreeMap::new();
        let mut start = 0;
        for (at, head) in messages.heads.iter().enumerate() {
            let value = &messages.values[start..head.value_end];
            start = head.value_end;
            let origin = || format!("{}[{}]@{}", messages.topics[head.topic], head.partition, head.offset);
            if head.has_value {
                self.decode_event(&mut batch, (value, value), messages.arrived, messages.actor.as_deref(), origin);
            } else {
                let rejection = Rejection::new(Reason::Malformed, "the message has no value: it is a tombstone");
                batch.push_rejected(rejection, Vec::new(), origin());
            }
            let place = (head.topic, head.partition);
            let ends_run = messages.heads.get(at + 1).is_none_or(|next| (next.topic, next.partition) != place);
            if ends_run {
                let check = head.has_value.then(|| xxh3_64(value));
                reached.insert(place, (head.offset + 1, check));
            }
        }
        for (topic, partition, next_offset) in &messages.passed {
            // What lies before it is no message.
            reached.insert((*topic, *partition), (*next_offset, None));
        }
        for AcceptedTopic { topic, old, new, by } in &messages.accepted {
            batch.accept_topic(&messages.topics[*topic], *old, *new, by);
        }
        for (topic, id) in &messages.identities {
            batch.set_topic_identity(&messages.topics[*topic], *id);
        }
        for ((topic, partition), (next_offset, check)) in reached {
            let topic = &messages.topics[topic];
            batch.set_offset(topic, partition, next_offset);
            if let Some(check) = check {
                batch.set_offset_check(topic, partition, check);
            }
        }
        batch
    }

    fn decode_event(
        &mut self,
        batch: &mut Batch,
        (text, raw): (&[u8], &[u8]),
        arrived: Timestamp,
        actor: Option<&Actor>,
        origin: impl Fn() -> String,
    ) {
        match self.predictor.read_event(text, arrived) {
            Ok(event) => {
                batch.push_event(&event, raw, origin);
                // Of a command alone a message says who gave it.
                if let Some(actor) = actor.filter(|_| event.source == COMMAND_SOURCE) {
                    batch.set_actor(Some(actor.clone()));
                }
            }
            Err(rejection) => batch.push_rejected(rejection, raw.to_vec(), origin()),
        }
    }
}

/// Whether a line is white space only, and so no event (SPEC 1).
fn is_blank(line: &[u8]) -> bool {
    match line.first() {
        None => true,
        // By far the most lines.
        Some(b'{') => false,
        Some(_) => std::str::from_utf8(line).is_ok_and(|text| text.trim().is_empty()),
    }
}

fn without_line_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_white_space_only_are_no_events() {
        for (line, blank) in [
            (&b""[..], true),
            (b"\n", true),
            (b" \t\r\n", true),
            ("\u{a0}\u{2003}\n".as_bytes(), true),
            (b"{}", false),
            (b" {}\n", false),
            (b"\0\n", false),
            (b"\xff\n", false),
            ("\u{feff}\n".as_bytes(), false),
        ] {
            assert_eq!(is_blank(line), blank, "{line:?}");
        }
    }

    #[test]
    fn what_is_kept_of_a_line_is_without_its_line_end() {
        for (line, kept) in [("a\n", "a"), ("a\r\n", "a"), ("a\r", "a\r"), ("a", "a"), ("a\r\r\n", "a\r"), ("\n", "")] {
            assert_eq!(without_line_end(line.as_bytes()), kept.as_bytes(), "{line:?}");
        }
    }
}
