//! Which entries of the ledger may be those of one account: its own stream, and its codes'. They are looked for back from
//! the end, so that who is up to date looks at what came since, however many there are before.

use std::collections::VecDeque;

use ledger::Position;
use schemas::{StreamKey, Uid};

use super::super::{Budget, PostingWalk, View};

/// What comes next of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The entry at this position may be one of it.
    Entry(Position),
    /// There is nothing more so far.
    Nothing,
    /// It is among more entries than one look of the budget may take.
    TooFar,
}

/// The next entries of an account, as far as they were looked for. What stands in an account's streams up to a position
/// stays as it is, so it holds for any later state.
#[derive(Debug, Default)]
pub(super) struct OfAccount {
    /// Ascending.
    found: VecDeque<Position>,
    /// Up to here all are among those found.
    upto: Position,
}

impl OfAccount {
    /// The first entry after a position, up to another.
    pub(super) fn next(
        &mut self,
        view: &View<'_>,
        uid: Uid,
        after: Position,
        last: Position,
        budget: &mut Budget,
    ) -> Found {
        loop {
            while self.found.front().is_some_and(|position| *position <= after) {
                self.found.pop_front();
            }
            if let Some(position) = self.found.front() {
                return if *position <= last { Found::Entry(*position) } else { Found::Nothing };
            }
            if self.upto.max(after) >= last {
                return Found::Nothing;
            }
            if !self.look(view, uid, after, budget) {
                return Found::TooFar;
            }
        }
    }

    /// Looks for what comes after a position; false where that takes more steps than a look of the budget may.
    fn look(&mut self, view: &View<'_>, uid: Uid, after: Position, budget: &mut Budget) -> bool {
        let from = self.upto.max(after);
        let mut least = Least { positions: Vec::new(), is_cut: false };
        let mut steps = 0;
        let mut look_at = |positions: &mut dyn Iterator<Item = Position>| {
            steps += 1;
            for position in positions.take_while(|position| *position > from) {
                if !budget.allows(steps) {
                    return false;
                }
                steps += 1;
                least.offer(position);
            }
            budget.allows(steps)
        };
        if let Some(account) = view.account(uid) {
            let is_allowed = look_at(&mut view.state.index.positions(account).rev())
                && view.state.codes.named_owner(account).iter().all(|code| {
                    let text = &*view.state.codes.get(*code).text;
                    look_at(&mut view.state.index.stream_positions(StreamKey::Name(text)).rev())
                });
            if !is_allowed {
                return false;
            }
        }
        budget.take_steps(steps);
        (self.found, self.upto) = least.ascending(view.state.position());
        true
    }
}

/// The least of what is offered, so many as a walk may hold.
struct Least {
    positions: Vec<Position>,
    is_cut: bool,
}

impl Least {
    fn offer(&mut self, position: Position) {
        self.positions.push(position);
        if self.positions.len() >= 2 * PostingWalk::HELD_MAX {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.positions.sort_unstable();
        self.is_cut |= self.positions.len() > PostingWalk::HELD_MAX;
        self.positions.truncate(PostingWalk::HELD_MAX);
    }

    /// These, and up to where they are all that there are.
    fn ascending(mut self, end: Position) -> (VecDeque<Position>, Position) {
        self.cut();
        let upto = self.positions.last().copied().filter(|_| self.is_cut).unwrap_or(end);
        (self.positions.into(), upto)
    }
}
