//! What is still to come: deliveries on their way and steps of accounts, by the moment they are due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use schemas::{Event, Timestamp};

/// What is due at a moment.
pub(crate) enum Due {
    /// An event arrives, whatever its own time.
    Arrival(Box<Event<'static>>),
    /// An event is sent: it may be delayed or doubled as any other.
    Sending(Box<Event<'static>>),
    /// An account, by its place in the population, does its next step.
    Step(u32, Step),
}

/// The steps of an account after its registration.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// Its identity is checked; `tries` checks came to nothing before.
    Check { tries: u8 },
    /// It pays in for the first time.
    FirstDeposit,
    /// It begins to trade.
    Activation,
    /// It reaches a VIP level.
    Vip { level: u8 },
}

struct Entry {
    at: Timestamp,
    number: u64,
    due: Due,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.number == other.number
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// By moment; what was entered first goes first among equals.
    fn cmp(&self, other: &Entry) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// Everything that is due, earliest first.
#[derive(Default)]
pub(crate) struct Agenda {
    entries: BinaryHeap<Reverse<Entry>>,
    entered: u64,
}

impl Agenda {
    pub(crate) fn enter(&mut self, at: Timestamp, due: Due) {
        self.entered += 1;
        self.entries.push(Reverse(Entry { at, number: self.entered, due }));
    }

    /// When the earliest is due.
    pub(crate) fn peek(&self) -> Option<Timestamp> {
        self.entries.peek().map(|Reverse(entry)| entry.at)
    }

    /// Takes the earliest.
    pub(crate) fn take(&mut self) -> Option<(Timestamp, Due)> {
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_goes_first_and_equals_go_as_entered() {
        let mut agenda = Agenda::default();
        for (at, account) in [(5, 0), (3, 1), (5, 2), (4, 3), (3, 4)] {
            agenda.enter(Timestamp(at), Due::Step(account, Step::Activation));
        }
        let mut order = Vec::new();
        while let Some((_, due)) = agenda.take() {
            if let Due::Step(account, _) = due {
                order.push(account);
            }
        }
        assert_eq!(order, [1, 4, 3, 0, 2]);
    }
}
