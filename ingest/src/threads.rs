//! Threads under names, and what is said where the system gives none.

use std::thread::{Builder, JoinHandle};

/// The system gives no thread, as where a limit of processes or of memory is reached.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no thread `{name}` ({cause}): raise its limits (ulimit -u, ulimit -v), or ask for fewer")]
pub struct NoThread {
    /// What the thread was to be called.
    name: String,
    cause: std::io::Error,
}

/// Starts a thread under a name that the system's tools show.
pub(crate) fn start_thread<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, NoThread> {
    Builder::new().name(name.to_owned()).spawn(run).map_err(|cause| NoThread { name: name.to_owned(), cause })
}
