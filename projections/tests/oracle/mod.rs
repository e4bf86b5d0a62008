//! The naive second reading of the contract: every answer of SPEC 4 recomputed from the set of accepted events by
//! scanning all of them, with no cache and no index. It is derived from the contract's text alone and shares no
//! rule with the projections, so that a difference between the two is a question about the text.
//!
//! An [`Oracle`] takes events in order of arrival and accepts or refuses them. [`Oracle::at`] gives what is
//! [`Known`] as of a position at a moment; each query is a method of that. Amounts are `i128` in units of
//! 0.00000001 USD, rates are millionths.

#![allow(dead_code, unused_imports, reason = "each test target asks its own part of the oracle")]

mod acceptance;
mod account;
mod applications;
mod attribution;
mod campaigns;
mod changes;
mod cloud_event;
mod codes;
mod cohorts;
mod everybody;
mod explain;
mod feed;
mod forgone;
mod hint;
mod metrics;
mod offers;
mod order;
mod overview;
mod portrait;
mod postings;
mod range;
mod rates;
mod rating;
mod referrals;
mod restatement;
mod rewards;

use schemas::{Event, Timestamp, Usd};
use serde_json::{Value, json};

pub use acceptance::Outcome;
pub use forgone::{Forgone, ForgoneAsked};
pub use overview::Interval;
pub use postings::{Account, Posting};
pub use referrals::Filter;
pub use rewards::Kind;

/// The position of an accepted event: 1, 2, 3, …
pub type Position = u64;

/// What a query answers: the body, field for field as the API's, or why there is none.
pub type Answer = Result<Value, Refusal>;

/// Why a query has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 404: it does not exist, or is not the referrer's.
    NotFound,
    /// 400: `from` lies after `to`.
    FromAfterTo,
}

/// An accepted event, where it stands and when it came.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub position: Position,
    /// When it was appended.
    pub recorded_at: Timestamp,
    /// The event.
    pub event: Event<'static>,
}

/// The accepted events, in order of position.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    entries: Vec<Entry>,
}

impl Oracle {
    /// Takes in a sequence of arrivals; says what became of each.
    pub fn of(arrivals: impl IntoIterator<Item = (Timestamp, Event<'static>)>) -> (Oracle, Vec<Outcome>) {
        let mut oracle = Oracle::default();
        let outcomes = arrivals.into_iter().map(|(at, event)| oracle.take(at, event)).collect();
        (oracle, outcomes)
    }

    /// Takes in one arrival and says what became of it.
    pub fn take(&mut self, recorded_at: Timestamp, event: Event<'static>) -> Outcome {
        let outcome = acceptance::judge(&self.entries, &event);
        if let Outcome::Accepted { position } = outcome {
            self.entries.push(Entry { position, recorded_at, event });
        }
        outcome
    }

    /// All that was accepted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last position.
    pub fn end(&self) -> Position {
        self.entries.len() as Position
    }

    /// What positions 1 to `position` say at the moment `now`.
    ///
    /// # Panics
    /// Beyond the end: a test asks for what is there.
    pub fn at(&self, position: Position, now: Timestamp) -> Known<'_> {
        Known { entries: &self.entries[..position as usize], now }
    }

    /// The same as it would have been answered right after `position` was recorded (SPEC 6).
    ///
    /// # Panics
    /// For position 0 and beyond the end.
    pub fn as_of(&self, position: Position) -> Known<'_> {
        self.at(position, self.entries[position as usize - 1].recorded_at)
    }
}

/// A set of accepted events and the moment at which it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    entries: &'a [Entry],
    now: Timestamp,
}

impl Known<'_> {
    /// The position that an answer reflects, and the latest event time in it.
    fn as_of(&self) -> Value {
        let event_time = self.entries.iter().map(|entry| entry.event.time).max();
        json!({ "position": self.entries.len(), "event_time": event_time })
    }

    /// A whole list: what the API gives without a limit.
    fn list(&self, rows: Vec<Value>) -> Value {
        json!({ "total": rows.len(), "rows": rows, "next_cursor": null, "as_of": self.as_of() })
    }
}

/// A whole list that also repeats what was asked, such as its range.
fn with(mut answer: Value, asked: Value) -> Value {
    if let (Some(answer), Value::Object(asked)) = (answer.as_object_mut(), asked) {
        answer.extend(asked);
    }
    answer
}

/// An amount as the API writes it.
fn usd(units: i128) -> String {
    Usd(units).to_string()
}

/// What stands in the oracle's answers where the contract leaves a text open: a link's, a hint's sentence.
pub const LINK: &str = "<link>";

/// The same answer with every `link`, `share_link` and `detail` that is there replaced by [`LINK`], to hold a real answer
/// against the oracle's; and without every `actor`, for who did something is no part of an event.
pub fn without_link_texts(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(fields) => {
            fields.remove("actor");
            for (name, value) in fields.iter_mut() {
                let is_open = matches!(name.as_str(), "link" | "share_link" | "detail") && value.is_string();
                *value = if is_open { json!(LINK) } else { without_link_texts(value.take()) };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_link_texts(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    answer
}
