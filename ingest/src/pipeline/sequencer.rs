//! Puts back into order what several threads decoded: a source's batches leave in the order in which the source
//! read them.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// Things with numbers 0, 1, 2, …, given in any order and let out in that of the numbers.
pub(crate) struct Sequencer<T> {
    state: Mutex<Waiting<T>>,
}

struct Waiting<T> {
    next: u64,
    early: BTreeMap<u64, T>,
}

impl<T> Default for Sequencer<T> {
    fn default() -> Self {
        Sequencer { state: Mutex::new(Waiting { next: 0, early: BTreeMap::new() }) }
    }
}

impl<T> Sequencer<T> {
    /// Gives one. It is let out, and those after it that wait for it, if all before it were. What lets them out
    /// must not wait for others: it is called under the lock, since else two threads could swap what they hold.
    pub(crate) fn give(&self, number: u64, item: T, mut let_out: impl FnMut(T)) {
        let mut waiting = self.state.lock();
        if mutants::mutant!("batches-out-of-their-order") {
            return let_out(item);
        }
        if number != waiting.next {
            waiting.early.insert(number, item);
            return;
        }
        let_out(item);
        waiting.next += 1;
        loop {
            let next = waiting.next;
            let Some(item) = waiting.early.remove(&next) else { break };
            let_out(item);
            waiting.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_order_given_they_leave_in_that_of_their_numbers() {
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 0, 4, 2, 3], [2, 4, 0, 3, 1]] {
            let (sequencer, mut out) = (Sequencer::default(), Vec::new());
            for (given, number) in order.into_iter().enumerate() {
                sequencer.give(number, number, |number| out.push(number));
                let first_missing = (0..).find(|number| !order[..=given].contains(number));
                assert_eq!(Some(out.len() as u64), first_missing, "{order:?} after {given}");
            }
            assert_eq!(out, [0, 1, 2, 3, 4], "{order:?}");
        }
    }
}
