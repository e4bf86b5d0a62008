//! How connections are bounded, which can be exchanged while a server runs.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How connections are bounded. Each can be set (`[http]` in the settings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// So many connections are open at a time. One more takes the place of the one that has been idle longest, of
    /// those that have shown no token first; where none is idle it is refused with 503.
    pub connections_max: usize,
    /// So many more are taken when all are in use: they get answers of probes and metrics, and else a refusal.
    pub connections_reserved: usize,
    /// Of one address so many are open at a time; one more takes the place of an idle one of that address, or is
    /// refused with 429. Trusted proxies, which stand for many, are not bounded by it.
    pub connections_per_address: usize,
    /// A connection that has shown no token is closed when it has been idle for so long: before its first request,
    /// within half of one, or after an answer.
    pub header_timeout: Duration,
    /// A connection that has shown a token is closed when it has been idle for so long.
    pub idle_timeout: Duration,
    /// A client that takes nothing of an answer for so long is given up.
    pub stall_timeout: Duration,
    /// When the server is told to end, what is under way has so long to be answered.
    pub end_timeout: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        ServeLimits {
            connections_max: 1_024,
            connections_reserved: 32,
            connections_per_address: 256,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(60),
            end_timeout: Duration::from_secs(20),
        }
    }
}

/// The limits that are in force. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitsInForce(Arc<RwLock<Arc<ServeLimits>>>);

impl LimitsInForce {
    pub(super) fn new(limits: ServeLimits) -> LimitsInForce {
        LimitsInForce(Arc::new(RwLock::new(Arc::new(limits))))
    }

    /// Those of this moment.
    pub(super) fn now(&self) -> Arc<ServeLimits> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds connections to others from now on. One that is open keeps the times that it began with.
    pub(super) fn exchange(&self, limits: ServeLimits) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(limits);
    }
}
