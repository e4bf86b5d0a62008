//! A source's way into the pipeline.

use std::sync::Arc;

use crossbeam_channel::{Sender, bounded};
use ledger::{Batch, Outcome};
use schemas::Timestamp;

use super::Alarm;
use super::budget::{Budget, Permit};
use super::buffers::Buffers;
use super::chunk::{Chunk, Lines};
use super::decoding::Decoder;
use super::sequencer::Sequencer;
use super::tally::{Counts, Tally};
use crate::published::Published;
use crate::traces::{BatchWay, WAY, Way};
use crate::work::{Reply, Stopped};

/// The way of one source into the ledger: what it is fed becomes durable in the order in which it is fed.
pub struct Feed {
    published: Arc<Published>,
    budget: Budget,
    buffers: Buffers,
    tasks: Sender<Task>,
    reordering: Arc<Reordering>,
    counts: Arc<Counts>,
    /// The number of the next chunk.
    next: u64,
}

/// A chunk on its way to a decoder.
pub(super) struct Task {
    chunk: Chunk,
    number: u64,
    reordering: Arc<Reordering>,
    way: Way,
    reply: Reply<Vec<Outcome>>,
}

/// A decoded chunk on its way to the writer.
pub(super) struct Ready {
    pub(super) batch: Batch,
    pub(super) way: Way,
    pub(super) reply: Reply<Vec<Outcome>>,
}

/// Where a source's chunks are put back into their order.
struct Reordering {
    sequencer: Sequencer<Ready>,
    ready: Sender<Ready>,
}

impl Task {
    /// Decodes the chunk, and lets it on to the writer when all before it are.
    pub(super) fn decode(self, decoder: &mut Decoder) {
        let Task { chunk, number, reordering, way, reply } = self;
        let batch = way.step(|span| tracing::info_span!(target: WAY, parent: span, "decode"), || decoder.decode(chunk));
        let ready = Ready { batch, way, reply };
        reordering.sequencer.give(number, ready, |ready| {
            // A writer that is gone has said so.
            let _ = reordering.ready.send(ready);
        });
    }
}

impl Feed {
    pub(super) fn new(
        published: Arc<Published>,
        budget: Budget,
        buffers: Buffers,
        tasks: Sender<Task>,
        ready: Sender<Ready>,
    ) -> Feed {
        let reordering = Arc::new(Reordering { sequencer: Sequencer::default(), ready });
        Feed { published, budget, buffers, tasks, reordering, counts: Arc::default(), next: 0 }
    }

    /// Feeds whole lines of NDJSON, the last with or without its line end. `name` and the number of the first
    /// line, from 1, tell where an event came from. Waits while there is no room.
    ///
    /// # Errors
    /// If the ledger takes nothing more.
    pub fn push_lines(&mut self, name: &Arc<str>, first_line: u64, text: Vec<u8>) -> Result<(), Stopped> {
        let line_ends = memchr::memchr_iter(b'\n', &text).count();
        let lines = Lines { name: Arc::clone(name), first_line, line_ends, text, arrived: self.now() };
        self.push(Chunk::Lines(lines))
    }

    /// What became of the events fed so far that are durable.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.counts.tally()
    }

    /// Waits until everything fed is durable and applied, and says what became of it.
    ///
    /// # Errors
    /// If the ledger took not all of it.
    pub fn finish(mut self) -> Result<Tally, Stopped> {
        self.flush()?;
        Ok(self.tally())
    }

    /// Waits until everything fed so far is durable and applied.
    ///
    /// # Errors
    /// If the ledger took not all of it.
    pub fn flush(&mut self) -> Result<(), Stopped> {
        let (done, waiting) = bounded::<()>(1);
        let nothing = Lines { name: "".into(), first_line: 1, line_ends: 0, text: Vec::new(), arrived: self.now() };
        self.give(
            Chunk::Lines(nothing),
            Way::default(),
            Box::new(move |_| {
                // Who flushes may have gone.
                let _ = done.send(());
            }),
        )?;
        waiting.recv().map_err(|_| Stopped)
    }

    /// What a source's own thread holds, so that a panic in it is told.
    pub(crate) fn alarm(&self) -> Alarm {
        Alarm::new(&self.published, &self.budget)
    }

    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published)
    }

    /// Buffers to read into; decoders give them back.
    pub(crate) fn buffers(&self) -> &Buffers {
        &self.buffers
    }

    /// The moment by which what is read now is judged.
    pub(crate) fn now(&self) -> Timestamp {
        self.published.moments.arrival()
    }

    /// Feeds a chunk. Waits while there is no room.
    pub(crate) fn push(&mut self, mut chunk: Chunk) -> Result<(), Stopped> {
        let (way, messages) = match &mut chunk {
            Chunk::Lines(_) => BatchWay::none().fetched(0),
            Chunk::Messages(taken) => std::mem::replace(&mut taken.way, BatchWay::none()).fetched(taken.heads.len()),
        };
        let room = || self.budget.acquire(chunk.bytes());
        let permit = way.step(|span| tracing::info_span!(target: WAY, parent: span, "wait"), room).ok_or(Stopped)?;
        let counts = Arc::clone(&self.counts);
        let reply = move |outcomes: Vec<Outcome>| {
            messages.into_iter().for_each(|message| message.became(&outcomes));
            count(&counts, &outcomes, permit);
        };
        self.give(chunk, way, Box::new(reply))
    }

    fn give(&mut self, chunk: Chunk, way: Way, reply: Reply<Vec<Outcome>>) -> Result<(), Stopped> {
        let task = Task { chunk, number: self.next, reordering: Arc::clone(&self.reordering), way, reply };
        self.next += 1;
        self.tasks.send(task).map_err(|_| Stopped)
    }
}

/// Counts what became of a chunk, and makes room for the next.
fn count(counts: &Counts, outcomes: &[Outcome], permit: Permit) {
    counts.add(outcomes);
    drop(permit);
}
