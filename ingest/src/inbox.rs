//! The way of works to the engine from everybody but the sources: bounded in number and in bytes.

use std::convert::Infallible;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, select};
use ledger::sync::yield_now;

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
    /// Disconnected when the inbox is dropped. NOTE: a bounded channel keeps what nobody took as long as somebody may put
    /// something in, and who waits for an answer may: without this they would wait for ever.
    gone: Receiver<Infallible>,
}

/// Where works wait for the engine. When it is dropped, who waits for an answer is told that the engine stopped.
pub struct Inbox {
    works: Receiver<Work>,
    budget: Budget,
    _there: Sender<Infallible>,
}

/// An inbox that holds so many bytes of events, and the way into it.
pub(crate) fn inbox(bytes_max: usize) -> (InboxSender, Inbox) {
    let ((works, waiting), budget) = (bounded(WORKS_MAX), Budget::new(bytes_max));
    let (there, gone) = bounded(0);
    (InboxSender { works, budget: budget.clone(), gone }, Inbox { works: waiting, budget, _there: there })
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
        self.receive(&answered)
    }

    /// Waits for an answer, or until the inbox is gone: what it was given last is then answered already, or never will be.
    fn receive<T>(&self, answered: &Receiver<T>) -> Result<T, Stopped> {
        if !cfg!(feature = "shuttle") {
            return select! {
                recv(answered) -> answer => answer.map_err(|_| Stopped),
                recv(self.gone) -> _ => answered.try_recv().map_err(|_| Stopped),
            };
        }
        // A scheduler of tests runs all threads on one of the system's: the channels' own wait would stop them all.
        loop {
            let is_gone = self.gone.try_recv() == Err(TryRecvError::Disconnected);
            match answered.try_recv() {
                Ok(answer) => return Ok(answer),
                Err(TryRecvError::Empty) if !is_gone => yield_now(),
                Err(_) => return Err(Stopped),
            }
        }
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
    /// How many works wait now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.works.len()
    }

    /// Whether none waits now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    /// Takes what waits now, for who drives the engine without threads of a pipeline.
    #[must_use]
    pub fn waiting(&self) -> Vec<Work> {
        self.works.try_iter().collect()
    }

    pub(crate) fn receiver(&self) -> &Receiver<Work> {
        &self.works
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.budget.close();
    }
}
