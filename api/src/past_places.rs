//! Places for questions about the past: apart from those of the present, and some for each caller, so that who asks for
//! many holds up neither those who ask about the present nor another who looks back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemas::Uid;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::caller::{Caller, Role};
use crate::problem::{Problem, ProblemKind};

/// How many questions about the past there are at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PastLimits {
    /// So many are answered at a time.
    pub(crate) all: usize,
    /// So many of them are one caller's.
    pub(crate) of_caller: usize,
    /// So many of one caller's are answered or wait; one more is refused.
    pub(crate) of_caller_waiting: usize,
    /// So long one waits.
    pub(crate) patience: Duration,
}

impl Default for PastLimits {
    fn default() -> Self {
        PastLimits { all: 16, of_caller: 4, of_caller_waiting: 128, patience: Duration::from_secs(20) }
    }
}

/// Who asks: all who bear tokens of one role without a uid are one, and so are all where no token is needed.
type Who = (Role, Option<Uid>);

/// The places. Clones are the same.
#[derive(Clone)]
pub(crate) struct PastPlaces {
    limits: PastLimits,
    all: Arc<Semaphore>,
    callers: Arc<Mutex<HashMap<Who, OfCaller>>>,
}

/// The places of one caller, as long as it asks for any.
struct OfCaller {
    places: Arc<Semaphore>,
    asking: usize,
}

/// A place that a question has until it is answered.
pub(crate) struct PastPlace {
    _of_all: OwnedSemaphorePermit,
    _of_caller: OwnedSemaphorePermit,
    _asking: AskingOne,
}

/// One of those that a caller's questions have, or wait for.
struct AskingOne {
    who: Who,
    callers: Arc<Mutex<HashMap<Who, OfCaller>>>,
}

impl Drop for AskingOne {
    fn drop(&mut self) {
        if let Entry::Occupied(mut of_caller) = lock(&self.callers).entry(self.who) {
            of_caller.get_mut().asking -= 1;
            if of_caller.get().asking == 0 {
                of_caller.remove();
            }
        }
    }
}

impl PastPlaces {
    pub(crate) fn new(limits: PastLimits) -> PastPlaces {
        PastPlaces { limits, all: Arc::new(Semaphore::new(limits.all)), callers: Arc::default() }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// 429 if as many questions of this caller wait as may; 503 if none comes free in time.
    pub(crate) async fn take(&self, caller: &Caller) -> Result<PastPlace, Problem> {
        let patient_until = Instant::now() + self.limits.patience;
        let (asking, places) = self.ask(caller)?;
        // Its own first: so nobody waits for a place of all behind more than `of_caller` of another's.
        let of_caller = self.wait(places, patient_until).await?;
        let of_all = self.wait(Arc::clone(&self.all), patient_until).await?;
        Ok(PastPlace { _of_all: of_all, _of_caller: of_caller, _asking: asking })
    }

    fn ask(&self, caller: &Caller) -> Result<(AskingOne, Arc<Semaphore>), Problem> {
        let who = (caller.role(), caller.uid());
        let mut callers = lock(&self.callers);
        let of_caller = callers
            .entry(who)
            .or_insert_with(|| OfCaller { places: Arc::new(Semaphore::new(self.limits.of_caller)), asking: 0 });
        if of_caller.asking >= self.limits.of_caller_waiting {
            let detail = format!(
                "{} questions about the past from this caller are being answered or wait: ask again when some are \
                 answered",
                of_caller.asking
            );
            return Err(Problem::new(ProblemKind::TooMany, detail));
        }
        of_caller.asking += 1;
        Ok((AskingOne { who, callers: Arc::clone(&self.callers) }, Arc::clone(&of_caller.places)))
    }

    async fn wait(&self, places: Arc<Semaphore>, until: Instant) -> Result<OwnedSemaphorePermit, Problem> {
        match timeout_at(until, places.acquire_owned()).await {
            Ok(place) => place.map_err(|error| Problem::internal(&error)),
            Err(_) => {
                let seconds = self.limits.patience.as_secs();
                let detail =
                    format!("no place for a question about the past came free in {seconds} seconds: ask again");
                Err(Problem::new(ProblemKind::Unavailable, detail))
            }
        }
    }
}

fn lock(callers: &Mutex<HashMap<Who, OfCaller>>) -> MutexGuard<'_, HashMap<Who, OfCaller>> {
    callers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PastLimits =
        PastLimits { all: 3, of_caller: 2, of_caller_waiting: 64, patience: Duration::from_secs(3_600) };

    fn affiliate(uid: u64) -> Caller {
        Caller::affiliate(Uid(uid))
    }

    async fn take_all_of(places: &PastPlaces, caller: &Caller) -> Vec<PastPlace> {
        let mut taken = Vec::new();
        for _ in 0..places.limits.of_caller {
            taken.push(places.take(caller).await.expect("a place"));
        }
        taken
    }

    #[tokio::test]
    async fn given_one_caller_asks_for_all_that_there_are_when_another_asks_then_it_is_answered_before() {
        let places = PastPlaces::new(LIMITS);
        let mut taken = take_all_of(&places, &affiliate(7)).await;
        let waiting: Vec<_> = (0..LIMITS.of_caller_waiting - LIMITS.of_caller)
            .map(|_| {
                let places = places.clone();
                tokio::spawn(async move { places.take(&affiliate(7)).await.map(drop) })
            })
            .collect();
        while lock(&places.callers).values().map(|of_caller| of_caller.asking).sum::<usize>() < 64 {
            tokio::task::yield_now().await;
        }
        let another = places.take(&affiliate(9)).await.expect("it has places of its own");
        assert!(waiting.iter().all(|one| !one.is_finished()), "they wait for the first two");
        // One more than may wait is told so at once, and to whom it happened nobody else's is refused.
        let refused = places.take(&affiliate(7)).await.err().expect("too many");
        assert_eq!((refused.kind, refused.status()), (ProblemKind::TooMany, 429));
        drop((another, taken.pop(), taken.pop()));
        for one in waiting {
            assert_eq!(one.await.expect("no panic"), Ok(()));
        }
        assert!(lock(&places.callers).is_empty(), "nothing is kept of those who have gone");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_ask_again_and_has_no_place_any_more() {
        let places = PastPlaces::new(PastLimits { patience: Duration::ZERO, ..LIMITS });
        let taken = take_all_of(&places, &affiliate(7)).await;
        let refused = places.take(&affiliate(7)).await.err().expect("none is free");
        assert_eq!((refused.kind, refused.status()), (ProblemKind::Unavailable, 503));
        drop(taken);
        assert!(places.take(&affiliate(7)).await.is_ok());
    }

    #[tokio::test]
    async fn callers_are_told_apart_by_role_and_uid() {
        let places = PastPlaces::new(PastLimits { all: 8, ..LIMITS });
        let analyst = Caller::new(Role::Analyst, None).expect("a caller");
        let mut taken = take_all_of(&places, &Caller::operator()).await;
        taken.extend(take_all_of(&places, &analyst).await);
        taken.extend(take_all_of(&places, &affiliate(7)).await);
        assert_eq!(lock(&places.callers).len(), 3);
    }
}
