//! The feed: each entry with the postings it gave.

use serde_json::{Value, json};

use super::cloud_event::cloud_event;
use super::postings::Posting;
use super::{Known, Position};

impl Known<'_> {
    /// `GET /v1/feed`: all entries after a position.
    pub fn feed(&self, after: Position) -> Vec<Value> {
        let later = self.entries.iter().filter(|entry| entry.position > after);
        later
            .map(|entry| {
                let postings = self.postings(entry.position);
                json!({
                    "position": entry.position,
                    "recorded_at": entry.recorded_at,
                    "event": cloud_event(&entry.event),
                    "postings": postings.iter().map(Posting::shown_in_feed).collect::<Vec<_>>(),
                })
            })
            .collect()
    }
}
