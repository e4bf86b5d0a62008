//! The index's events go from memory to runs on disk while the engine goes on: a thread of its own writes them, and a
//! simulation does at once what it would.

use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};
use ledger::{FrameCursor, LedgerReader, Relieved, RunDraft, Runs};

use crate::published::Published;
use crate::threads::start_thread;

/// Where runs of the index are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunWriting {
    /// On a thread of its own, so that nobody waits for it.
    #[default]
    Apart,
    /// By who appends, who waits for it: each step is then the same in each run of a simulation.
    InStep,
}

/// Has runs written, one at a time.
pub(crate) struct RunKeeper {
    reader: LedgerReader,
    thread: Option<Writer>,
}

struct Writer {
    reader: LedgerReader,
    jobs: Option<Sender<Job>>,
    written: Receiver<Option<Runs>>,
    /// Whether a draft is with the thread.
    is_busy: bool,
    thread: Option<JoinHandle<()>>,
}

enum Job {
    Write(RunDraft),
    /// To be dropped where nobody waits.
    Drop(Relieved),
}

impl RunKeeper {
    pub(crate) fn new(reader: LedgerReader, writing: RunWriting) -> RunKeeper {
        let thread = match writing {
            RunWriting::InStep => None,
            RunWriting::Apart => Writer::start(reader.clone()),
        };
        RunKeeper { reader, thread }
    }

    /// Takes in the runs that are written, and has those written that are due. The state stands at the place given.
    pub(crate) fn keep_if_due(&mut self, published: &Published, end: &FrameCursor) {
        let written = match &mut self.thread {
            Some(thread) => thread.take_written(),
            None => None,
        };
        if let Some(runs) = written {
            self.adopt(published, runs);
        }
        let is_busy = self.thread.as_ref().is_some_and(|thread| thread.is_busy);
        if is_busy || !self.reader.is_relief_due(published.state.read().index()) {
            return;
        }
        let Some(draft) = published.state.write().begin_run(end) else { return };
        match &mut self.thread {
            Some(thread) => thread.write(draft),
            None => {
                if let Some(runs) = write(&self.reader, &draft) {
                    self.adopt(published, runs);
                }
            }
        }
    }

    /// NOTE: never while an entry is applied apart, whose state would then take the place of this one. The writer does both.
    fn adopt(&mut self, published: &Published, runs: Runs) {
        let relieved = published.state_to_change().adopt_runs(runs);
        if let Some(thread) = &self.thread {
            thread.send(Job::Drop(relieved));
        }
    }
}

/// Writes a run, and gives the runs that tell of what it tells of.
fn write(reader: &LedgerReader, draft: &RunDraft) -> Option<Runs> {
    reader.write_run(draft);
    let runs = reader.find_runs(0, draft.last()).filter(|runs| runs.upto() == draft.last());
    tell_trouble(reader);
    runs
}

/// Tells what went wrong with runs, if something did.
pub(crate) fn tell_trouble(reader: &LedgerReader) {
    if let Some(error) = reader.take_run_trouble() {
        tracing::warn!(%error, "the index keeps more in memory than it should: nothing is lost, and it is tried again");
    }
}

impl Writer {
    /// Starts the thread; it ends, with its work done, when this is dropped. Without one, which is said, who appends does it.
    fn start(reader: LedgerReader) -> Option<Writer> {
        let (jobs, taken) = bounded::<Job>(2);
        let (done, written) = bounded(1);
        let writing = reader.clone();
        let thread = start_thread("runs", move || {
            for job in taken {
                match job {
                    // Nobody takes it any more when the engine is gone.
                    Job::Write(draft) => drop(done.send(write(&writing, &draft))),
                    Job::Drop(relieved) => drop(relieved),
                }
            }
        });
        match thread {
            Ok(thread) => Some(Writer { reader, jobs: Some(jobs), written, is_busy: false, thread: Some(thread) }),
            Err(error) => {
                tracing::warn!(%error, "runs of the index are written by who appends: that takes longer now and then");
                None
            }
        }
    }

    fn take_written(&mut self) -> Option<Runs> {
        let written = self.written.try_recv().ok()?;
        self.is_busy = false;
        written
    }

    fn write(&mut self, draft: RunDraft) {
        self.is_busy = true;
        self.send(Job::Write(draft));
    }

    fn send(&self, job: Job) {
        if let Some(jobs) = &self.jobs
            && jobs.send(job).is_err()
        {
            tracing::warn!("nobody writes runs of the index any more");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A run that is not finished is made by the next start.
        self.reader.stop_runs();
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told by the panic itself, and nothing is lost but memory.
            let _ = thread.join();
        }
    }
}
