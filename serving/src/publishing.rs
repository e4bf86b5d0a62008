//! Publishing beside a daemon, once an interval, on a thread of its own. The ledger waits for nothing here: while the
//! cluster is away or slow, what is published lies behind, and that is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use api::PublishingBoard;
use ingest::Handle;

use crate::cluster::ClusterOptions;
use crate::error::ServingError;
use crate::publisher::{Identity, Publisher};

/// How soon it is tried again: after what may pass by itself, and after what needs somebody.
const PAUSE: Duration = Duration::from_secs(2);
const LONG_PAUSE: Duration = Duration::from_secs(30);
/// For so long the states to go on from are held while it cannot go on: they cost memory as the ledger moves away from them.
const HELD_FOR: Duration = Duration::from_secs(60);
/// How long the end waits for what is under way.
const END: Duration = Duration::from_secs(10);

/// What is published, where to, and how often.
#[derive(Clone, Debug)]
pub struct PublishingOptions {
    /// The cluster and the keyspace.
    pub cluster: ClusterOptions,
    /// Which shard the ledger is.
    pub identity: Identity,
    /// What changed is gathered for so long.
    pub interval: Duration,
}

/// Ends when this is dropped; what is under way then is finished by who publishes next.
pub struct Publishing {
    is_over: Arc<AtomicBool>,
    wake: Option<Sender<()>>,
    ended: Receiver<()>,
}

impl Publishing {
    /// Begins.
    ///
    /// # Errors
    /// If a thread cannot be had. A cluster that does not answer is no error.
    pub fn start(
        handle: Handle,
        options: PublishingOptions,
        board: Arc<PublishingBoard>,
    ) -> Result<Publishing, ServingError> {
        let publisher = Publisher::new(handle.clone(), options.identity, options.cluster)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let ((wake, woken), (ends, ended)) = (channel(), channel());
        let of_thread = Arc::clone(&is_over);
        let thread = std::thread::Builder::new().name("publish".to_owned());
        let spawned = thread.spawn(move || {
            run(publisher, &handle, options.interval, &board, (&of_thread, &woken));
            drop(ends);
        });
        spawned.map_err(|error| ServingError::Process(format!("no thread to publish in: {error}")))?;
        Ok(Publishing { is_over, wake: Some(wake), ended })
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        self.wake = None;
        // It comes to its end, or is left to it.
        let _ = self.ended.recv_timeout(END);
    }
}

fn run(
    mut publisher: Publisher,
    handle: &Handle,
    interval: Duration,
    board: &PublishingBoard,
    (is_over, woken): (&AtomicBool, &Receiver<()>),
) {
    let mut failing: Option<Instant> = None;
    let mut pause = Duration::ZERO;
    while let Err(RecvTimeoutError::Timeout) = woken.recv_timeout(pause) {
        let begun = Instant::now();
        match publisher.step(&|| is_over.load(Ordering::Acquire)) {
            Ok(step) => {
                let written = (step.rows > 0).then(|| (step.rows, begun.elapsed().as_secs_f64()));
                failing = None;
                if let Some(since) = board.succeeded(handle.now(), step.position, written) {
                    tracing::info!(position = step.position, %since, "publishing goes on, which had failed since then");
                }
                pause = interval.saturating_sub(begun.elapsed());
            }
            Err(ServingError::Ended) => return,
            Err(error) => {
                let since = *failing.get_or_insert(begun);
                let is_final = error.is_final();
                let why = error.to_string();
                if board.failed(handle.now(), why.clone()) {
                    tracing::warn!(error = why, "not published: the ledger goes on, and it is tried again");
                }
                if is_final || since.elapsed() >= HELD_FOR {
                    publisher.let_go();
                }
                pause = if is_final { LONG_PAUSE } else { PAUSE };
            }
        }
    }
}
