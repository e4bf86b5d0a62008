//! The history as NDJSON, as files and topics hold it: most events in one spelling, some in another that means
//! the same, and broken and blank lines in between.

use schemas::json::{data_value, write_event};
use schemas::{Event, Timestamp, Uid};
use serde_json::json;

use crate::dice::Dice;
use crate::faults::Fault;
use crate::shares::Shares;
use crate::streams::History;
use crate::workload::Workload;

/// The lines of a workload, in order of arrival.
pub struct Lines {
    history: History,
    shares: Shares,
    dice: Dice,
    /// Where in the list of faults the next one is taken.
    next_fault: usize,
    /// An event that waits behind the broken or blank line before it.
    held: Option<Event<'static>>,
    faults: u64,
    blanks: u64,
}

/// Lines above a mebibyte are the rarest: one among so many broken ones.
const LARGE_ONE_IN: u64 = 2_000;

impl Lines {
    pub(crate) fn new(workload: &Workload) -> Lines {
        Lines {
            history: workload.events(),
            shares: workload.shares.clone(),
            dice: Dice::new(workload.seed, 4),
            next_fault: 0,
            held: None,
            faults: 0,
            blanks: 0,
        }
    }

    /// Appends the next line and its line end; false at the end, when nothing was appended.
    pub fn write_next(&mut self, out: &mut Vec<u8>) -> bool {
        if let Some(event) = self.held.take() {
            self.write_spelled(&event, out);
            return true;
        }
        let Some(event) = self.history.next() else { return false };
        let roll = self.dice.below(1_000_000);
        let (broken, blank) = (self.shares.broken_lines.0, self.shares.blank_lines.0);
        if roll < broken {
            self.write_fault(event.time, out);
            self.held = Some(event);
        } else if roll < broken + blank {
            out.extend_from_slice(self.dice.pick(&["", " ", "\t", "\r"]).as_bytes());
            out.push(b'\n');
            self.blanks += 1;
            self.held = Some(event);
        } else {
            self.write_spelled(&event, out);
        }
        true
    }

    /// When the line given last arrived; it never goes back.
    #[must_use]
    pub fn arrival(&self) -> Timestamp {
        self.history.arrival()
    }

    /// How many broken lines were given so far: as many as go to quarantine, conflicts not counted.
    #[must_use]
    pub fn faults_given(&self) -> u64 {
        self.faults
    }

    /// How many lines of white space were given so far, which are no events.
    #[must_use]
    pub fn blanks_given(&self) -> u64 {
        self.blanks
    }

    fn write_fault(&mut self, time: Timestamp, out: &mut Vec<u8>) {
        self.faults += 1;
        let ordinary = Fault::ALL.len() - 1;
        let fault = if self.faults.is_multiple_of(LARGE_ONE_IN) {
            Fault::TooLarge
        } else {
            self.next_fault = (self.next_fault + 1) % ordinary;
            Fault::ALL[self.next_fault]
        };
        let uid = Uid(70_000_001 + u64::from(self.dice.below(1_000)));
        fault.write(uid, &format!("x-{}", self.faults), time, out);
        out.push(b'\n');
    }

    fn write_spelled(&mut self, event: &Event<'static>, out: &mut Vec<u8>) {
        if self.dice.hit(self.shares.respelled_lines) {
            write_respelled(event, self.dice.below(4), out);
        } else {
            write_event(event, out);
        }
        out.push(b'\n');
    }
}

impl Iterator for Lines {
    /// A line without its line end.
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::with_capacity(320);
        self.write_next(&mut line).then(|| {
            line.pop();
            line
        })
    }
}

/// The same event in another spelling.
fn write_respelled(event: &Event<'static>, spelling: u32, out: &mut Vec<u8>) {
    let data = data_value(event);
    let (source, id, name) = (json!(event.source), json!(event.id), event.event_type().name());
    let time = event.time;
    let text = match spelling {
        // Another order of keys, and attributes that CloudEvents allows besides.
        0 => format!(
            "{{\"id\":{id},\"source\":{source},\"specversion\":\"1.0\",\"datacontenttype\":\"application/json\",\
             \"subject\":\"account\",\"time\":\"{time}\",\"type\":\"{name}\",\"data\":{data},\"traceparent\":\"00-0af7-01\"}}"
        ),
        // Blanks between the pieces, and a carriage return at the end.
        1 => format!(
            "{{ \"specversion\": \"1.0\", \"type\": \"{name}\", \"source\": {source}, \"id\": {id}, \
             \"time\": \"{time}\", \"data\": {data} }}\r"
        ),
        // The time in another zone, in lower case and finer than a microsecond.
        2 => format!(
            "{{\"specversion\":\"1.0\",\"type\":\"{name}\",\"source\":{source},\"id\":{id},\"time\":\"{}\",\"data\":{data}}}",
            in_zone(time)
        ),
        // Slashes escaped, as some writers do.
        _ => format!(
            "{{\"specversion\":\"1.0\",\"type\":\"{name}\",\"source\":{},\"id\":{id},\"time\":\"{time}\",\"data\":{data}}}",
            source.to_string().replace('/', "\\/")
        ),
    };
    out.extend_from_slice(text.as_bytes());
}

/// The moment as India's clocks show it.
fn in_zone(time: Timestamp) -> String {
    const OFFSET: i64 = (5 * 60 + 30) * 60 * 1_000_000;
    let shifted = Timestamp(time.0 + OFFSET);
    let micros = time.0.rem_euclid(1_000_000);
    let whole = Timestamp(shifted.0 - micros).to_string();
    format!("{}.{micros:06}789+05:30", whole.trim_end_matches('Z').replace('T', "t"))
}

#[cfg(test)]
mod tests {
    use schemas::json::read_event;

    use super::*;

    #[test]
    fn another_spelling_means_the_same_event() {
        let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
        for event in Workload::hostile(11, 3_000, end).events() {
            for spelling in 0..4 {
                let mut line = Vec::new();
                write_respelled(&event, spelling, &mut line);
                let read = read_event(&line, end).map_err(|rejection| rejection.to_string());
                assert_eq!(read.as_ref(), Ok(&event), "{}", String::from_utf8_lossy(&line));
            }
        }
    }
}
