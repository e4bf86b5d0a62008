//! The locks and atomics by which threads share a ledger and what is published of it.
//!
//! With the feature `shuttle` they are those of a scheduler of tests, which decides at each of them which thread goes on, so
//! that a run repeats itself and many orders are tried (`ingest/tests/interleavings.rs`). Without it, which is how every
//! program is built, they are parking_lot's and the system's own.

#[cfg(feature = "shuttle")]
mod scheduled;

#[cfg(not(feature = "shuttle"))]
pub use self::own::*;
#[cfg(feature = "shuttle")]
pub use self::scheduled::*;

#[cfg(not(feature = "shuttle"))]
mod own {
    pub use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
    pub use std::thread::yield_now;

    pub use parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

    /// Lets go of a lock for writing so that who waits for it is next, and the writer behind them.
    pub fn unlock_fair<T>(guard: RwLockWriteGuard<'_, T>) {
        RwLockWriteGuard::unlock_fair(guard);
    }
}
