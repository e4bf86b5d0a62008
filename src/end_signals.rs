//! The signals that end a daemon: SIGTERM and SIGINT; and the one that must not, SIGXFSZ.

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Failure;
use crate::resources::FILE_SIZE_EXCEEDED;

/// The signals, heard since this was made: one that nobody waits for just now is heard by who waits next.
pub(crate) struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
    /// Heard so that it ends nothing.
    _file_size_exceeded: Signal,
}

impl EndSignals {
    /// Hears them from now on.
    ///
    /// # Errors
    /// If they cannot be heard.
    pub(crate) fn listen(runtime: &Runtime) -> Result<EndSignals, Failure> {
        let _entered = runtime.enter();
        let listen = |kind| signal(kind).context("no signals");
        Ok(EndSignals {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            _file_size_exceeded: listen(SignalKind::from_raw(FILE_SIZE_EXCEEDED))?,
        })
    }

    /// Waits for one.
    pub(crate) async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// One was heard, by which a daemon ends; a second one ends the process at once.
    pub(crate) fn second_ends(mut self) {
        tracing::info!("ending: what is in flight is made durable");
        tokio::spawn(async move {
            self.heard().await;
            std::process::exit(1);
        });
    }
}
