//! The way of works to the engine from everybody but the sources: bounded in number and in bytes.

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::metrics::Metrics;
use crate::pipeline::budget::Budget;
use crate::work::{Reply, Stopped, Work};

/// So many works may wait.
const WORKS_MAX: usize = 1_024;

/// Where works are put in.
#[derive(Clone)]
pub(crate) struct InboxSender {
    works: Sender<Work>,
    budget: Budget,
}

/// Where works wait for the engine. When it is dropped, who waits for an answer is told that the engine stopped.
pub struct Inbox {
    works: Receiver<Work>,
    budget: Budget,
}

/// An inbox that holds so many bytes of events, and the way into it.
pub(crate) fn inbox(bytes_max: usize) -> (InboxSender, Inbox) {
    let ((works, waiting), budget) = (bounded(WORKS_MAX), Budget::new(bytes_max));
    (InboxSender { works, budget: budget.clone() }, Inbox { works: waiting, budget })
}

impl InboxSender {
    /// Puts in a work, and gives what it is answered with. Waits while there is no room.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(Reply<T>) -> Work,
    ) -> Result<T, Stopped> {
        let permit = self.budget.acquire(bytes).ok_or(Stopped)?;
        let (answer, answered) = bounded(1);
        let reply = move |value: T| {
            drop(permit);
            // Who asked may have gone.
            let _ = answer.send(value);
        };
        self.works.send(work(Box::new(reply))).map_err(|_| Stopped)?;
        answered.recv().map_err(|_| Stopped)
    }

    /// Puts in a work that is not answered.
    pub(crate) fn give(&self, work: Work) -> Result<(), Stopped> {
        self.works.send(work).map_err(|_| Stopped)
    }

    pub(crate) fn measure(&self, metrics: &Metrics) {
        metrics.set_channel("api", self.budget.held(), self.budget.bytes_max());
    }
}

impl Inbox {
    pub(crate) fn receiver(&self) -> &Receiver<Work> {
        &self.works
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.budget.close();
    }
}
