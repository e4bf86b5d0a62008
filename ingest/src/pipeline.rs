//! The threads around the engine: sources read, decoders parse and encode on every core, one writer drives the
//! engine. What is on its way is bounded in bytes, so a source that is ahead waits.
//!
//! A source's batches reach the writer in the order in which the source read them; between sources, and between
//! them and the API, there is no order.

pub(crate) mod budget;
pub(crate) mod buffers;
pub(crate) mod chunk;
pub(crate) mod decoding;
mod feed;
mod sequencer;
mod tally;
mod writer;

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};

use self::budget::Budget;
use self::buffers::Buffers;
use self::decoding::Decoder;
pub use self::feed::Feed;
use self::feed::{Ready, Task};
pub use self::tally::Tally;
use self::writer::Writer;
use crate::engine::EngineError;
use crate::frame_limits::FrameLimits;
use crate::handle::Handle;
use crate::metrics::Failed;
use crate::published::Published;
use crate::start::Started;
use crate::threads::{NoThread, start_thread};

/// What bounds a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipelineOptions {
    /// Bytes that may be on their way from the sources to the ledger.
    pub channel_bytes: usize,
    /// How much the writer gathers for a frame.
    pub frame: FrameLimits,
    /// How many threads decode; 0: as many as there are cores.
    pub decoders: usize,
}

impl Default for PipelineOptions {
    fn default() -> Self {
        PipelineOptions { channel_bytes: 64 << 20, frame: FrameLimits::default(), decoders: 0 }
    }
}

/// A running pipeline. Sources are fed into it; it ends with [`Pipeline::stop`], after the sources.
pub struct Pipeline {
    handle: Handle,
    published: Arc<Published>,
    budget: Budget,
    buffers: Buffers,
    tasks: Sender<Task>,
    ready: Sender<Ready>,
    decoders: Vec<JoinHandle<()>>,
    writer: JoinHandle<Result<(), EngineError>>,
    /// Dropped to tell the decoders that this is all, and then the writer.
    stop_decoders: Sender<()>,
    stop_writer: Sender<()>,
}

impl Pipeline {
    /// Starts the threads around an engine.
    ///
    /// # Errors
    /// If the system gives no thread; then nothing was taken, and the ledger is closed.
    pub fn start(started: Started, options: PipelineOptions) -> Result<Pipeline, NoThread> {
        let Started { engine, inbox, handle, .. } = started;
        let published = handle.published();
        published.set_frame_limits(options.frame);
        let (budget, buffers) = (Budget::new(options.channel_bytes), Buffers::default());
        // What is in these is bounded by the budget.
        let (tasks, tasks_waiting) = unbounded();
        let (ready, ready_waiting) = unbounded();
        let ((stop_decoders, decoders_stopped), (stop_writer, stopped)) = (bounded(0), bounded(0));
        let decoders = (0..decoder_count(options.decoders)).map(|_| {
            let (tasks, stopped) = (tasks_waiting.clone(), decoders_stopped.clone());
            let (decoder, alarm) =
                (Decoder::new(handle.dictionary(), buffers.clone()), Alarm::new(&published, &budget));
            start_thread("decode", move || {
                let _alarm = alarm;
                decode_all(decoder, &tasks, &stopped);
            })
        });
        let decoders = decoders.collect::<Result<_, _>>()?;
        let alarm = Alarm::new(&published, &budget);
        let writer = Writer {
            engine,
            inbox,
            ready: ready_waiting,
            stopped,
            published: Arc::clone(&published),
            budget: budget.clone(),
        };
        let writer = start_thread("write", move || {
            let _alarm = alarm;
            writer.run()
        })?;
        Ok(Pipeline { handle, published, budget, buffers, tasks, ready, decoders, writer, stop_decoders, stop_writer })
    }

    /// The ledger's face.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// A way in for one more source.
    #[must_use]
    pub fn feed(&self) -> Feed {
        let (budget, buffers) = (self.budget.clone(), self.buffers.clone());
        Feed::new(Arc::clone(&self.published), budget, buffers, self.tasks.clone(), self.ready.clone())
    }

    /// Ends the pipeline: what was fed and sent in is made durable and applied, the state is kept, the threads
    /// end. Sources are to be finished before; what they feed from now on is turned away.
    ///
    /// # Errors
    /// Why the engine stopped, if it had.
    pub fn stop(self) -> Result<(), EngineError> {
        let Pipeline { published, budget, ready, decoders, writer, stop_decoders, stop_writer, .. } = self;
        budget.close();
        drop(stop_decoders);
        let decoders: Vec<_> = decoders.into_iter().map(JoinHandle::join).collect();
        drop(stop_writer);
        let done = writer.join();
        drop(ready);
        published.end();
        let panicked = || EngineError::Failed { cause: PANICKED.to_owned() };
        if decoders.iter().any(Result::is_err) {
            return Err(panicked());
        }
        done.map_err(|_| panicked())?
    }
}

const PANICKED: &str = "a thread of the pipeline panicked";

fn decoder_count(asked: usize) -> usize {
    if asked > 0 { asked } else { thread::available_parallelism().map_or(1, usize::from) }
}

/// Decodes what comes, and at the end what is there.
fn decode_all(mut decoder: Decoder, tasks: &Receiver<Task>, stopped: &Receiver<()>) {
    loop {
        select! {
            recv(tasks) -> task => match task {
                Ok(task) => task.decode(&mut decoder),
                Err(_) => return,
            },
            recv(stopped) -> _ => break,
        }
    }
    tasks.try_iter().for_each(|task| task.decode(&mut decoder));
}

/// Says it, and lets nobody wait for ever, when the thread that holds it panics.
pub(crate) struct Alarm {
    published: Arc<Published>,
    budget: Budget,
}

impl Alarm {
    fn new(published: &Arc<Published>, budget: &Budget) -> Alarm {
        Alarm { published: Arc::clone(published), budget: budget.clone() }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if thread::panicking() {
            self.published.fail(PANICKED.to_owned(), Failed::Otherwise);
            self.budget.close();
        }
    }
}
