//! What operators see of a ledger: positions, and what became of every event read.

use ledger::{QuarantineHead, QuarantineId};

use super::View;
use crate::views::{KafkaOffset, Status};

impl View<'_> {
    /// `GET /v1/status`, as far as the ledger tells it.
    #[must_use]
    pub fn status(&self) -> Status {
        let counters = &self.state.counters;
        let duplicate = counters.duplicates.iter().map(|(source, count)| (source.to_string(), *count)).collect();
        let offsets = counters.places.next_offsets().map(|(topic, partition, next_offset)| KafkaOffset {
            topic: topic.to_owned(),
            partition,
            next_offset,
        });
        Status {
            position: self.state.position,
            accepted: self.state.position,
            duplicate,
            quarantined: counters.quarantined_by_reason(),
            trades_before_registration: counters.trades_before_registration,
            offsets: offsets.collect(),
            as_of: self.as_of(),
        }
    }

    /// What is in quarantine after an id, oldest first: heads, whose bytes the ledger holds.
    pub fn quarantine(&self, after: Option<QuarantineId>) -> impl Iterator<Item = &QuarantineHead> {
        let first = after.map_or(QuarantineId(0), |after| QuarantineId(after.0.saturating_add(1)));
        self.state.counters.quarantine.range(first..).map(|(_, head)| head)
    }

    /// How many events are in quarantine.
    #[must_use]
    pub fn quarantine_len(&self) -> usize {
        self.state.counters.quarantine.len()
    }
}
