//! What operators see of a ledger: positions, and what became of every event read.

use ledger::{Quarantine, QuarantineState};

use super::View;
use crate::views::{AcceptedTopic, KafkaOffset, QuarantineCounts, Status};

impl View<'_> {
    /// `GET /v1/status`, as far as the ledger tells it.
    #[must_use]
    pub fn status(&self) -> Status {
        let counters = &self.state.counters;
        let quarantine = self.quarantine();
        let reads = quarantine.reads_by_reason().into_iter();
        let duplicate = counters.duplicates.iter().map(|(source, count)| (source.to_string(), *count)).collect();
        let offsets = counters.places.next_offsets().map(|(topic, partition, next_offset)| KafkaOffset {
            topic: topic.to_owned(),
            partition,
            next_offset,
        });
        let accepted = counters.places.acceptances().iter().map(|acceptance| AcceptedTopic {
            topic: acceptance.topic.clone(),
            by: acceptance.by.clone(),
            at: acceptance.at,
        });
        Status {
            position: self.state.position,
            accepted: self.state.position,
            duplicate,
            quarantined: reads.map(|(reason, reads)| (reason.as_str().to_owned(), reads)).collect(),
            quarantine: QuarantineCounts {
                open: quarantine.len(QuarantineState::Open),
                discarded: quarantine.len(QuarantineState::Discarded),
                replaced: quarantine.len(QuarantineState::Replaced),
            },
            trades_before_registration: counters.trades_before_registration,
            offsets: offsets.collect(),
            topics_accepted: accepted.collect(),
            as_of: self.as_of(),
        }
    }

    /// What is in quarantine: rows, whose events the ledger holds.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        self.state.quarantine()
    }
}
