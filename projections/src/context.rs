//! What entries are applied with: the ledger that earlier ones are read from, and the hands that share large work.

use std::fmt;

use ledger::EventReader;

/// What a state is given to apply entries with. It decides on nothing: the numbers are the same with any of them.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Gives every entry applied so far.
    pub reader: &'a dyn EventReader,
    /// Share what one late entry reaches.
    pub workers: &'a dyn Workers,
}

impl<'a> Context<'a> {
    /// A ledger, and who shares the work.
    #[must_use]
    pub fn new(reader: &'a dyn EventReader, workers: &'a dyn Workers) -> Context<'a> {
        Context { reader, workers }
    }

    /// A ledger, and the thread that applies alone.
    #[must_use]
    pub fn alone(reader: &'a dyn EventReader) -> Context<'a> {
        Context { reader, workers: &OneWorker }
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("workers", &self.workers.count()).finish_non_exhaustive()
    }
}

/// Who shares large work. The projections start no thread: whoever applies brings them.
pub trait Workers: Sync {
    /// How many work at a time; at least 1.
    fn count(&self) -> usize;

    /// So many events, or a few more, are a part: enough that handing one out costs nothing beside it. At least 1.
    fn events_a_part(&self) -> usize {
        4_096
    }

    /// Does `work(0)` up to `work(parts - 1)`, each once, in any order and at the same time, and returns when all are
    /// done. A part may ask for nothing of another.
    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync));

    /// Is told how far a large piece of work is: families done, of all that it reaches; 0 of 0 where it
    /// begins and that is not known yet. Told by the thread that applies.
    fn progress(&self, _done: u64, _of: u64) {}
}

/// The thread that applies does all itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneWorker;

impl Workers for OneWorker {
    fn count(&self) -> usize {
        1
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..parts).for_each(work);
    }
}
