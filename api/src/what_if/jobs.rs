//! The what-ifs that were begun: bounded in number while they wait, in number, bytes and age once they are over.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use schemas::Timestamp;

use super::running::{Assignment, Over};
use crate::giving_way::give_way;
use crate::problem::{Problem, ProblemKind};
use crate::query::Answer;
use crate::views::{Shown, WhatIfJob};

/// So many wait for their turn.
const WAITING_MAX: usize = 8;
/// So many that are over are kept.
const KEPT_MAX: usize = 64;
/// The answers kept have so many bytes together, but for the latest one.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What is over is kept for so long.
const KEPT_MICROS: i64 = 3_600_000_000;
/// Progress is kept in these parts of the whole.
const PARTS: u64 = 10_000;

/// One what-if.
pub struct Job {
    id: String,
    parts_done: AtomicU64,
    over: OnceLock<Finished>,
}

struct Finished {
    answer: Answer,
    at: Timestamp,
}

impl Job {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Notes how far it is.
    pub(super) fn progress(&self, done: u64, of: u64) {
        let parts = u128::from(done) * u128::from(PARTS) / u128::from(of.max(1));
        self.parts_done.store(u64::try_from(parts).unwrap_or(PARTS), Ordering::Relaxed);
    }

    /// How it is when it begins.
    pub(super) fn begun(&self) -> Result<Answer, Problem> {
        Answer::json(&WhatIfJob::Running { id: Some(self.id.clone()), progress: 0.0 })
    }

    /// How it is, as the API tells it.
    pub fn answer(&self) -> Result<Answer, Problem> {
        match self.over.get() {
            Some(finished) => Ok(finished.answer.clone()),
            None => Answer::json(&WhatIfJob::Running { id: Some(self.id.clone()), progress: self.part_done() }),
        }
    }

    #[expect(clippy::float_arithmetic, reason = "a progress bar's length is no money")]
    fn part_done(&self) -> f64 {
        // Both are at most ten thousand, which a float holds exactly.
        self.parts_done.load(Ordering::Relaxed).min(PARTS) as f64 / PARTS as f64
    }

    fn finish(&self, over: Over, at: Timestamp) {
        let id = Some(self.id.clone());
        let answer = match over {
            Over::Done(asked, difference) => Answer::json(&WhatIfJob::Done {
                id,
                progress: 1.0,
                by: asked.amounts.by.as_str(),
                from: asked.amounts.days.from,
                to: asked.amounts.days.to,
                all: asked.all,
                rows: difference.rows.shown(),
                sum: difference.sum.shown(),
                as_of: difference.as_of.shown(),
            }),
            Over::Failed { number, reason, field, detail } => {
                Answer::json(&WhatIfJob::Failed { id, progress: self.part_done(), number, reason, field, detail })
            }
        };
        // Texts, numbers and lists always serialize.
        let answer = answer.unwrap_or(Answer { media_type: "application/json", body: b"{}".to_vec() });
        // It is finished once, by the thread that has it.
        let _ = self.over.set(Finished { answer, at });
    }
}

/// All that are known.
#[derive(Clone, Default)]
pub(crate) struct WhatIfJobs {
    shared: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    begun: u64,
    waiting: VecDeque<(Arc<Job>, Assignment)>,
    /// Under way.
    current: Option<Arc<Job>>,
    /// The latest is the last.
    over: VecDeque<Arc<Job>>,
}

impl WhatIfJobs {
    /// Begins one, or has it wait for its turn.
    pub(super) fn begin(&self, assignment: Assignment) -> Result<Arc<Job>, Problem> {
        let now = assignment.ledger.now();
        let mut known = self.known();
        known.forget(now);
        if known.waiting.len() >= WAITING_MAX {
            let detail = format!("{WAITING_MAX} what-ifs wait for their turn already: ask again later");
            return Err(Problem::new(ProblemKind::Unavailable, detail));
        }
        known.begun += 1;
        // The moment tells jobs of one process from those of the one before it.
        let id = format!("{:x}-{}", now.0, known.begun);
        let job = Arc::new(Job { id, parts_done: AtomicU64::new(0), over: OnceLock::new() });
        known.waiting.push_back((Arc::clone(&job), assignment));
        if known.current.is_none() {
            let jobs = self.clone();
            let thread = std::thread::Builder::new().name("what-if".to_owned());
            let taken = known.waiting.pop_front();
            thread.spawn(move || jobs.work(taken)).map_err(|error| Problem::internal(&error))?;
            known.current = Some(Arc::clone(&job));
        }
        Ok(job)
    }

    /// One that is known, however it is.
    pub(super) fn find(&self, id: &str, now: Timestamp) -> Option<Arc<Job>> {
        let mut known = self.known();
        known.forget(now);
        let waiting = known.waiting.iter().map(|(job, _)| job);
        waiting.chain(&known.current).chain(&known.over).find(|job| job.id == id).cloned()
    }

    /// Does one after another, until none waits.
    fn work(&self, mut next: Option<(Arc<Job>, Assignment)>) {
        give_way();
        while let Some((job, assignment)) = next {
            let ledger = assignment.ledger.clone();
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| assignment.work(&job)));
            job.finish(worked.unwrap_or_else(|_| Over::internal(&"it panicked")), ledger.now());
            let mut known = self.known();
            known.over.push_back(job);
            known.forget(ledger.now());
            next = known.waiting.pop_front();
            known.current = next.as_ref().map(|(job, _)| Arc::clone(job));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Forgets what is over for too long, or too many.
    fn forget(&mut self, now: Timestamp) {
        let bytes = |job: &Arc<Job>| job.over.get().map_or(0, |finished| finished.answer.body.len());
        let mut kept: usize = self.over.iter().map(bytes).sum();
        while let Some(oldest) = self.over.front() {
            let is_old = oldest.over.get().is_some_and(|finished| now.0 - finished.at.0 > KEPT_MICROS);
            let is_much = self.over.len() > 1 && kept > KEPT_BYTES_MAX;
            if !is_old && !is_much && self.over.len() <= KEPT_MAX {
                break;
            }
            kept -= bytes(oldest);
            self.over.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(known: &mut Known, id: &str, bytes: usize, at: i64) {
        let job = Job { id: id.to_owned(), parts_done: AtomicU64::new(0), over: OnceLock::new() };
        let answer = Answer { media_type: "application/json", body: vec![b' '; bytes] };
        assert!(job.over.set(Finished { answer, at: Timestamp(at) }).is_ok());
        known.over.push_back(Arc::new(job));
    }

    fn ids(known: &Known) -> Vec<&str> {
        known.over.iter().map(|job| job.id.as_str()).collect()
    }

    #[test]
    fn what_is_over_is_kept_for_an_hour_while_there_is_not_too_much_of_it() {
        let mut known = Known::default();
        for (id, bytes, at) in [("a", 1, 0), ("b", 1, 10), ("c", KEPT_BYTES_MAX, 20), ("d", KEPT_BYTES_MAX + 1, 30)] {
            over(&mut known, id, bytes, at);
        }
        known.forget(Timestamp(30));
        assert_eq!(ids(&known), ["d"], "the latest is kept, however large");
        over(&mut known, "e", 1, 40);
        known.forget(Timestamp(40));
        assert_eq!(ids(&known), ["e"]);
        known.forget(Timestamp(40 + KEPT_MICROS));
        assert_eq!(ids(&known), ["e"]);
        known.forget(Timestamp(41 + KEPT_MICROS));
        assert!(ids(&known).is_empty());
        (0..=KEPT_MAX).for_each(|at| over(&mut known, &at.to_string(), 1, 0));
        known.forget(Timestamp(0));
        assert_eq!((known.over.len(), ids(&known)[0]), (KEPT_MAX, "1"));
    }

    #[test]
    fn progress_is_a_part_of_the_whole() {
        let job = Job { id: String::new(), parts_done: AtomicU64::new(0), over: OnceLock::new() };
        for (done, of, shown) in [(0, 0, 0.0), (1, 4, 0.25), (u64::MAX, u64::MAX, 1.0)] {
            job.progress(done, of);
            assert_eq!(job.part_done().to_bits(), f64::to_bits(shown), "{done} of {of}");
        }
    }
}
