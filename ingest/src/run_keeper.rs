//! The index's events go from memory to runs on disk while the engine goes on: a thread writes them and another merges
//! them, and a simulation does at once what they would.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, never};
use ledger::{FrameCursor, LedgerReader, Position, Relieved, RunDraft, Runs};

use crate::published::Published;
use crate::threads::{NoThread, start_thread};

/// Where runs of the index are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunWriting {
    /// On threads of their own, so that nobody waits for it.
    #[default]
    Apart,
    /// By who appends, who waits for it: each step is then the same in each run of a simulation.
    InStep,
}

/// Has runs written, one at a time, and merged, one at a time beside it.
pub(crate) struct RunKeeper {
    reader: LedgerReader,
    threads: Option<Threads>,
}

struct Threads {
    reader: LedgerReader,
    writer: Worker<Job, Option<Runs>>,
    /// Merging many events takes minutes, in which new ones come that cannot wait in memory.
    merger: Worker<(), ()>,
    /// Whether a draft is with the writer.
    is_writing: bool,
}

/// A thread with what it is given to do, and what comes of it.
struct Worker<J, D> {
    jobs: Option<Sender<J>>,
    done: Receiver<D>,
    thread: Option<JoinHandle<()>>,
}

enum Job {
    Write(RunDraft),
    /// To be dropped where nobody waits.
    Drop(Relieved),
}

impl RunKeeper {
    pub(crate) fn new(reader: LedgerReader, writing: RunWriting) -> RunKeeper {
        let threads = match writing {
            RunWriting::InStep => None,
            RunWriting::Apart => Threads::start(reader.clone()),
        };
        RunKeeper { reader, threads }
    }

    /// Takes in the runs that are written or merged, and has those written that are due. The state stands at the place
    /// given.
    pub(crate) fn keep_if_due(&mut self, published: &Published, end: &FrameCursor) {
        let ready = match &mut self.threads {
            Some(threads) => threads.take_ready(published),
            None => None,
        };
        if let Some(runs) = ready {
            self.adopt(published, runs);
        }
        let is_writing = self.threads.as_ref().is_some_and(|threads| threads.is_writing);
        if is_writing || !self.reader.is_relief_due(published.state.read().index()) {
            return;
        }
        let Some(draft) = published.state.write().begin_run(end) else { return };
        match &mut self.threads {
            Some(threads) => threads.write(draft),
            None => {
                self.reader.write_run(&draft);
                self.reader.merge_runs();
                if let Some(runs) = written(&self.reader, draft.last()) {
                    self.adopt(published, runs);
                }
            }
        }
    }

    /// NOTE: never while an entry is applied apart, whose state would then take the place of this one. The writer does both.
    fn adopt(&mut self, published: &Published, runs: Runs) {
        let relieved = published.state_to_change().adopt_runs(runs);
        if let Some(threads) = &self.threads {
            threads.writer.give(Job::Drop(relieved));
        }
    }
}

/// The runs that tell of all up to the end of one that was written.
fn written(reader: &LedgerReader, last: Position) -> Option<Runs> {
    let runs = reader.find_runs(0, last).filter(|runs| runs.upto() == last);
    tell_trouble(reader);
    runs
}

/// Tells what went wrong with runs, if something did.
pub(crate) fn tell_trouble(reader: &LedgerReader) {
    if let Some(error) = reader.take_run_trouble() {
        tracing::warn!(%error, "the index keeps more in memory than it should: nothing is lost, and it is tried again");
    }
}

impl Threads {
    /// Starts the threads; they end when this is dropped. Without them, which is said, who appends does it.
    fn start(reader: LedgerReader) -> Option<Threads> {
        let (writing, merging) = (reader.clone(), reader.clone());
        let writer = Worker::start("runs", move |job| match job {
            Job::Write(draft) => {
                writing.write_run(&draft);
                Some(written(&writing, draft.last()))
            }
            Job::Drop(relieved) => {
                drop(relieved);
                None
            }
        });
        let merger = Worker::start("merges", move |()| {
            let merged = merging.merge_runs();
            tell_trouble(&merging);
            merged.then_some(())
        });
        match (writer, merger) {
            (Ok(writer), Ok(merger)) => Some(Threads { reader, writer, merger, is_writing: false }),
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "runs of the index are written by who appends: that takes longer now and then");
                None
            }
        }
    }

    /// Runs to stand on from now on, if there are any that were not there before.
    fn take_ready(&mut self, published: &Published) -> Option<Runs> {
        let mut ready = None;
        if let Ok(runs) = self.writer.done.try_recv() {
            self.is_writing = false;
            self.merger.ask(());
            ready = runs;
        }
        if ready.is_none() && self.merger.done.try_recv().is_ok() {
            let upto = published.state.read().index().runs_upto();
            ready = self.reader.merged_runs(upto);
        }
        ready
    }

    fn write(&mut self, draft: RunDraft) {
        self.is_writing = true;
        self.writer.give(Job::Write(draft));
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A run that is not finished is made by the next start.
        self.reader.stop_runs();
    }
}

impl<J: Send + 'static, D: Send + 'static> Worker<J, D> {
    fn start(name: &str, work: impl Fn(J) -> Option<D> + Send + 'static) -> Result<Worker<J, D>, NoThread> {
        let (jobs, taken) = bounded::<J>(2);
        let (tell, done) = bounded(1);
        let thread = start_thread(name, move || {
            for job in taken {
                if let Some(done) = work(job) {
                    // Nobody takes it any more when the engine is gone.
                    drop(tell.send(done));
                }
            }
        })?;
        Ok(Worker { jobs: Some(jobs), done, thread: Some(thread) })
    }

    /// Gives it something to do, for which there is room.
    fn give(&self, job: J) {
        if let Some(jobs) = &self.jobs
            && jobs.send(job).is_err()
        {
            tracing::warn!("nobody writes runs of the index any more");
        }
    }

    /// Asks for something that it does not need to be asked for twice.
    fn ask(&self, job: J) {
        if let Some(jobs) = &self.jobs {
            drop(jobs.try_send(job));
        }
    }
}

impl<J, D> Drop for Worker<J, D> {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // Nobody takes any more what comes of it.
        self.done = never();
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic itself, and nothing is lost but memory.
            let _ = thread.join();
        }
    }
}
