//! An entry that reaches far while it is applied apart: which one it is and how far that is, for who looks.

use ledger::Position;
use ledger::sync::Mutex;
use projections::Workers;
use schemas::{EventType, Timestamp};

use crate::metrics::Metrics;

/// What reaches further than this is told of in the log when it begins and when it is over.
const TOLD_FROM: u64 = 1_000_000;

/// An entry that reaches far and is being applied, while everybody sees the state before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppliedApart {
    /// The entry.
    pub position: Position,
    /// Its type.
    pub event_type: EventType,
    /// When it was begun.
    pub since: Timestamp,
    /// About how many accounts and entries there are to be looked at for it.
    pub reach: u64,
    /// So many families are done.
    pub families_done: u64,
    /// Of so many; 0 where that is not known yet.
    pub families: u64,
}

/// The entry that is being applied apart, if one is: there is never more than one.
#[derive(Default)]
pub(crate) struct Apart(Mutex<Option<AppliedApart>>);

impl Apart {
    pub(crate) fn now(&self) -> Option<AppliedApart> {
        *self.0.lock()
    }

    pub(crate) fn begin(&self, begun: AppliedApart, metrics: &Metrics) {
        if begun.reach >= TOLD_FROM {
            let AppliedApart { position, event_type, reach, .. } = begun;
            tracing::info!(position, r#type = event_type.name(), reach, "an entry reaches far: it is applied apart");
        }
        *self.0.lock() = Some(begun);
        metrics.set_apart(begun.position, 0, 0);
    }

    fn progress(&self, done: u64, of: u64, metrics: &Metrics) {
        if let Some(now) = self.0.lock().as_mut() {
            (now.families_done, now.families) = (done, of);
            metrics.set_apart(now.position, done, of);
        }
    }

    /// It is over; it was applied, or could not be.
    pub(crate) fn end(&self, now: Timestamp, metrics: &Metrics) {
        let Some(was) = self.0.lock().take() else { return };
        let micros = now.0 - was.since.0;
        metrics.set_apart(0, 0, 0);
        metrics.applied_apart(micros);
        if was.reach >= TOLD_FROM {
            let AppliedApart { position, event_type, .. } = was;
            let seconds = micros / 1_000_000;
            tracing::info!(position, r#type = event_type.name(), seconds, "what was applied apart is done");
        }
    }
}

/// Workers that tell how far they are.
pub(crate) struct Telling<'a> {
    pub(crate) workers: &'a dyn Workers,
    pub(crate) apart: &'a Apart,
    pub(crate) metrics: &'a Metrics,
}

impl Workers for Telling<'_> {
    fn count(&self) -> usize {
        self.workers.count()
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        self.workers.each(parts, work);
    }

    fn progress(&self, done: u64, of: u64) {
        self.apart.progress(done, of, self.metrics);
        self.workers.progress(done, of);
    }
}
