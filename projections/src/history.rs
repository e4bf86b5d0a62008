//! What holds from a moment on: a history of facts in the order of equals (SPEC 1: time, then source, then id).
//!
//! Every fact knows its ledger position, and every question can be asked "up to a position": so the amounts that
//! a trade had when any entry was appended can be computed again, and postings need not be stored.

use ledger::Position;
use ledger::column::Shared;
use schemas::{Event, Timestamp};

/// "As everything stands": a position that no entry reaches.
pub(crate) const PRESENT: Position = Position::MAX;

/// One fact: what holds from `time` on, and the event that says so.
#[derive(Clone, Debug)]
pub(crate) struct Fact<T> {
    pub(crate) time: Timestamp,
    pub(crate) position: Position,
    source: Box<str>,
    id: Box<str>,
    pub(crate) value: T,
}

impl<T> Fact<T> {
    /// The order of equals among the facts of one subject.
    pub(crate) fn order_key(&self) -> (Timestamp, &str, &str) {
        (self.time, &self.source, &self.id)
    }
}

/// The facts of one subject, ascending in the order of equals.
#[derive(Clone, Debug)]
pub(crate) struct History<T> {
    facts: Shared<Vec<Fact<T>>>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        History { facts: Shared::default() }
    }
}

impl<T: Clone> History<T> {
    /// Puts a fact where its order says; the common one, later than all before it, goes to the end.
    pub(crate) fn insert(&mut self, event: &Event<'_>, position: Position, value: T) {
        let fact = Fact { time: event.time, position, source: (&*event.source).into(), id: (&*event.id).into(), value };
        let at = if mutants::mutant!("equals-by-arrival") {
            self.facts.partition_point(|earlier| earlier.time <= fact.time)
        } else {
            self.facts.partition_point(|earlier| earlier.order_key() < fact.order_key())
        };
        self.facts.insert(at, fact);
    }
}

impl<T> History<T> {
    /// The latest fact at or before `time`, among those up to a position.
    pub(crate) fn at(&self, time: Timestamp, upto: Position) -> Option<&Fact<T>> {
        let end = self.facts.partition_point(|fact| fact.time <= time);
        if mutants::mutant!("rate-by-arrival") {
            return self.facts[..end].iter().filter(|fact| fact.position <= upto).max_by_key(|fact| fact.position);
        }
        self.facts[..end].iter().rev().find(|fact| fact.position <= upto)
    }

    /// The time of the next fact after a moment, among those up to a position.
    pub(crate) fn next_after(&self, time: Timestamp, upto: Position) -> Option<Timestamp> {
        let end = self.facts.partition_point(|fact| fact.time <= time);
        self.facts[end..].iter().find(|fact| fact.position <= upto).map(|fact| fact.time)
    }

    /// The facts after a moment, ascending.
    pub(crate) fn after(&self, time: Timestamp) -> &[Fact<T>] {
        &self.facts[self.facts.partition_point(|fact| fact.time <= time)..]
    }

    /// The earliest fact, among those up to a position.
    pub(crate) fn first(&self, upto: Position) -> Option<&Fact<T>> {
        self.facts.iter().find(|fact| fact.position <= upto)
    }

    /// All facts up to a position, ascending.
    pub(crate) fn iter(&self, upto: Position) -> impl DoubleEndedIterator<Item = &Fact<T>> {
        self.facts.iter().filter(move |fact| fact.position <= upto)
    }

    /// How many facts there are.
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether both are the same in memory.
    #[cfg(test)]
    pub(crate) fn is_same(&self, other: &History<T>) -> bool {
        self.facts.is_same(&other.facts)
    }

    /// The positions of all facts, in no promised order.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> + '_ {
        self.facts.iter().map(|fact| fact.position)
    }
}
