//! Bytes that may be on their way from the sources to the ledger: who wants to add to them waits until there is
//! room. This alone bounds the memory between source and ledger, whatever the lag.

use std::sync::Arc;

use ledger::sync::{Condvar, Mutex};

/// A number of bytes that may be held at once.
#[derive(Clone)]
pub(crate) struct Budget {
    shared: Arc<Shared>,
}

struct Shared {
    bytes_max: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    held: usize,
    /// So many have come to wait, and so many of them were let through: first come, first served.
    tickets: u64,
    served: u64,
    is_closed: bool,
}

/// Bytes held. They are given back when it is dropped.
pub(crate) struct Permit {
    shared: Arc<Shared>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes_max: usize) -> Budget {
        let shared = Shared { bytes_max: bytes_max.max(1), state: Mutex::default(), changed: Condvar::new() };
        Budget { shared: Arc::new(shared) }
    }

    /// Waits until so many bytes may be held. What is more than the whole budget is let through alone. `None` once
    /// the budget is closed.
    pub(crate) fn acquire(&self, bytes: usize) -> Option<Permit> {
        let bytes = bytes.min(self.shared.bytes_max);
        let mut state = self.shared.state.lock();
        let ticket = state.tickets;
        state.tickets += 1;
        while !state.is_closed && (state.served != ticket || state.held + bytes > self.shared.bytes_max) {
            self.shared.changed.wait(&mut state);
        }
        if state.is_closed {
            return None;
        }
        state.served += 1;
        state.held += bytes;
        drop(state);
        // The next in line may fit as well.
        self.shared.changed.notify_all();
        Some(Permit { shared: Arc::clone(&self.shared), bytes })
    }

    /// Lets nobody through any more; who waits is sent away.
    pub(crate) fn close(&self) {
        self.shared.state.lock().is_closed = true;
        self.shared.changed.notify_all();
    }

    /// The bytes that are held now.
    pub(crate) fn held(&self) -> usize {
        self.shared.state.lock().held
    }

    /// The bytes that may be held.
    pub(crate) fn bytes_max(&self) -> usize {
        self.shared.bytes_max
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.state.lock().held -= self.bytes;
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crossbeam_channel::bounded;

    use super::*;

    #[test]
    fn who_finds_no_room_waits_until_there_is() {
        let budget = Budget::new(100);
        let first = budget.acquire(80).expect("open");
        let (sender, receiver) = bounded(1);
        let waiting = budget.clone();
        let waiter = thread::spawn(move || {
            let permit = waiting.acquire(30).expect("open");
            sender.send(waiting.held()).expect("received");
            drop(permit);
        });
        assert!(receiver.try_recv().is_err());
        drop(first);
        assert_eq!(receiver.recv(), Ok(30));
        waiter.join().expect("no panic");
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn more_than_the_whole_budget_is_let_through_alone() {
        let budget = Budget::new(100);
        let whole = budget.acquire(1_000).expect("open");
        assert_eq!(budget.held(), 100);
        drop(whole);
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn a_closed_budget_sends_everybody_away() {
        let budget = Budget::new(10);
        let held = budget.acquire(10).expect("open");
        let waiting = budget.clone();
        let waiter = thread::spawn(move || waiting.acquire(5).is_none());
        budget.close();
        assert!(waiter.join().expect("no panic"));
        assert!(budget.acquire(0).is_none());
        drop(held);
    }
}
