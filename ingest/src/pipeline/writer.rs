//! The thread that drives the engine: it gathers what waits into steps, until it is told to end.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Select};
use ledger::Batch;

use super::budget::Budget;
use super::feed::Ready;
use crate::engine::{Engine, EngineError};
use crate::frame_limits::FrameLimits;
use crate::inbox::Inbox;
use crate::published::Published;
use crate::work::Work;

/// How long nothing may come before the engine looks whether a checkpoint is due.
const IDLE: Duration = Duration::from_secs(1);

/// What the writer's thread owns.
pub(super) struct Writer {
    pub(super) engine: Engine,
    pub(super) inbox: Inbox,
    pub(super) ready: Receiver<Ready>,
    /// Disconnected when the pipeline ends.
    pub(super) stopped: Receiver<()>,
    pub(super) published: Arc<Published>,
    pub(super) budget: Budget,
}

impl Writer {
    /// Drives the engine to the end of the pipeline.
    pub(super) fn run(mut self) -> Result<(), EngineError> {
        let done = self.drive();
        // Whoever feeds or waits is sent away; the inbox does the same for the API when it is dropped.
        self.budget.close();
        match &done {
            Ok(()) => self.engine.settle(),
            Err(error) => tracing::error!(%error, "the engine stopped"),
        }
        self.engine.finish();
        done
    }

    fn drive(&mut self) -> Result<(), EngineError> {
        loop {
            let is_over = !self.wait();
            let works = self.gather();
            let is_empty = works.is_empty();
            self.engine.step(works)?;
            self.engine.look_at_clock();
            self.engine.measure_channel("sources", self.budget.held(), self.budget.bytes_max());
            if is_over && is_empty {
                return Ok(());
            }
        }
    }

    /// Waits until there is something to do. False once the pipeline ends: then what is there is the rest.
    fn wait(&self) -> bool {
        let mut select = Select::new();
        select.recv(self.inbox.receiver());
        select.recv(&self.ready);
        select.recv(&self.stopped);
        let _ = select.ready_timeout(IDLE);
        !matches!(self.stopped.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Disconnected))
    }

    /// What waits, as far as one step takes it: commands and requests first, since somebody waits for each.
    fn gather(&self) -> Vec<Work> {
        let limits = self.published.frame_limits();
        let mut gathered = Gathered { works: Vec::new(), events: 0, bytes: 0 };
        while !gathered.is_full(limits)
            && let Ok(work) = self.inbox.receiver().try_recv()
        {
            gathered.add(work);
        }
        while !gathered.is_full(limits)
            && let Ok(Ready { batch, way, reply }) = self.ready.try_recv()
        {
            gathered.add(Work::Batch { batch, way, reply: Some(reply) });
        }
        gathered.works
    }
}

struct Gathered {
    works: Vec<Work>,
    events: usize,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, work: Work) {
        let (events, bytes) = match &work {
            Work::Batch { batch, .. } | Work::Posted { batch, .. } => (Batch::len(batch), batch.bytes()),
            Work::Command { .. } => (1, 0),
            Work::Shipped { piece, .. } => (0, piece.bytes.len()),
            Work::Turn { .. } | Work::Lead { .. } | Work::Checkpoint => (0, 0),
        };
        self.events += events;
        self.bytes += bytes;
        self.works.push(work);
    }

    fn is_full(&self, limits: FrameLimits) -> bool {
        self.events >= limits.events || self.bytes >= limits.bytes
    }
}
