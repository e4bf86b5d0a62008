//! The thread of a member that is to lead and takes first, from one that is further, what it lacks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::anyhow;
use ingest::{Handle, ShippedError};
use ledger::FrameCursor;

use super::leader::{Asked, Leader, LeaderError};
use crate::exit::Failure;

/// So long it is waited before one that does not answer is asked again.
const PAUSE: Duration = Duration::from_millis(200);

/// A member that takes. Dropped, it asks no more.
pub(super) struct Taking {
    pub(super) url: String,
    pub(super) term: u64,
    trouble: Arc<Mutex<Option<String>>>,
    is_over: Arc<AtomicBool>,
}

impl Taking {
    /// Begins to take, up to a place.
    pub(super) fn start(leader: Leader, handle: Handle, place: FrameCursor, term: u64) -> Result<Taking, Failure> {
        let (trouble, is_over) = (Arc::<Mutex<Option<String>>>::default(), Arc::<AtomicBool>::default());
        let taking =
            Taking { url: leader.url().to_owned(), term, trouble: Arc::clone(&trouble), is_over: Arc::clone(&is_over) };
        let take = move || {
            while !is_over.load(Ordering::Relaxed) && handle.reader().end().precedes(&place) {
                let why = take(&leader, &handle, term);
                if why.is_some() {
                    std::thread::sleep(PAUSE);
                }
                *trouble.lock().unwrap_or_else(PoisonError::into_inner) = why;
            }
        };
        let started = std::thread::Builder::new().name("take".to_owned()).spawn(take);
        started.map_err(|error| Failure::failed(anyhow!(error).context("no thread to take what is lacking")))?;
        Ok(taking)
    }

    /// Why nothing could be taken, if so.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Takes the next frames. Why there are none, if so.
fn take(leader: &Leader, handle: &Handle, term: u64) -> Option<String> {
    match leader.ask_nameless(&handle.reader().end()) {
        Ok(Asked::Frames(piece, _)) => match handle.take_shipped(piece, term) {
            Ok(_) | Err(ShippedError::Leads | ShippedError::Turned | ShippedError::Stopped(_)) => None,
            Err(ShippedError::Refused(why)) => Some(why),
        },
        Ok(Asked::Nothing(_)) => Some(format!("{} has nothing more just now", leader.url())),
        Ok(Asked::Elsewhere | Asked::Older) => {
            let why = "this ledger has entries that the one which is further does not have: started again, it lays them aside";
            handle.fail_to_follow(why.to_owned());
            None
        }
        Err(LeaderError::Silent(why)) => Some(why),
        Err(LeaderError::Refused(failure)) => Some(failure.in_words()),
    }
}
