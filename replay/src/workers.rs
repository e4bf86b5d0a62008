//! All cores at the work that one late entry makes.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism};

use projections::Workers;

/// So many threads, started for a piece of work and gone behind it: such work is rare and takes long.
#[derive(Clone, Copy)]
pub struct CoreWorkers<'a> {
    threads: usize,
    told: Option<&'a (dyn Fn(u64, u64) + Sync)>,
}

impl<'a> CoreWorkers<'a> {
    /// As many as there are cores.
    #[must_use]
    pub fn all() -> CoreWorkers<'a> {
        CoreWorkers::new(available_parallelism().map_or(1, usize::from))
    }

    /// So many, at least one: the thread that applies works too.
    #[must_use]
    pub fn new(threads: usize) -> CoreWorkers<'a> {
        CoreWorkers { threads: threads.max(1), told: None }
    }

    /// The same, telling how far the work is: families done, of how many.
    #[must_use]
    pub fn telling(self, told: &'a (dyn Fn(u64, u64) + Sync)) -> CoreWorkers<'a> {
        CoreWorkers { told: Some(told), ..self }
    }
}

impl Workers for CoreWorkers<'_> {
    fn count(&self) -> usize {
        self.threads
    }

    fn each(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let take_parts = || {
            loop {
                let part = next.fetch_add(1, Ordering::Relaxed);
                if part >= parts {
                    break;
                }
                work(part);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads.min(parts) {
                // Where the system gives no more threads, those that there are do all.
                if Builder::new().name("correct".to_owned()).spawn_scoped(scope, take_parts).is_err() {
                    break;
                }
            }
            take_parts();
        });
    }

    fn progress(&self, done: u64, of: u64) {
        if let Some(told) = self.told {
            told(done, of);
        }
    }
}

impl fmt::Debug for CoreWorkers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoreWorkers").field("threads", &self.threads).finish_non_exhaustive()
    }
}
