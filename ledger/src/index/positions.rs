//! Positions out of several places, counted beforehand.

use crate::position::Position;

/// Positions whose number is known.
pub(super) struct Counted<I> {
    positions: I,
    left: usize,
}

impl<I> Counted<I> {
    /// Of an iterator that gives exactly so many.
    pub(super) fn new(positions: I, left: usize) -> Counted<I> {
        Counted { positions, left }
    }
}

impl<I: Iterator<Item = Position>> Iterator for Counted<I> {
    type Item = Position;

    fn next(&mut self) -> Option<Position> {
        self.left = self.left.saturating_sub(1);
        self.positions.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: DoubleEndedIterator<Item = Position>> DoubleEndedIterator for Counted<I> {
    fn next_back(&mut self) -> Option<Position> {
        self.left = self.left.saturating_sub(1);
        self.positions.next_back()
    }
}

impl<I: Iterator<Item = Position>> ExactSizeIterator for Counted<I> {}
