//! Disorder on the way: some of a history's events fall behind others, as where partitions are read at different
//! paces or a producer sends again what it could not send before.

use std::collections::{BTreeMap, VecDeque};

use schemas::Event;

use crate::dice::{Dice, Share};

/// Holds back a share of the events that pass through, each for a number of events that is drawn for it.
pub(crate) struct Disorder {
    share: Share,
    /// The most events that one may fall behind.
    behind_max: u32,
    dice: Dice,
    /// How many events have passed or were held back.
    seen: u64,
    /// Those held back, by the number of the event behind which they arrive.
    held: BTreeMap<u64, VecDeque<Event<'static>>>,
}

impl Disorder {
    pub(crate) fn new(share: Share, behind_max: u32, dice: Dice) -> Disorder {
        Disorder { share, behind_max: behind_max.max(1), dice, seen: 0, held: BTreeMap::new() }
    }

    /// The next to arrive; `next` gives the events in their order. Nothing is lost: at the end those held back come.
    pub(crate) fn next(&mut self, mut next: impl FnMut() -> Option<Event<'static>>) -> Option<Event<'static>> {
        loop {
            if let Some(event) = self.due(self.seen) {
                return Some(event);
            }
            let Some(event) = next() else { return self.due(u64::MAX) };
            self.seen += 1;
            if !self.dice.hit(self.share) {
                return Some(event);
            }
            let due = self.seen + 1 + u64::from(self.dice.below(self.behind_max));
            self.held.entry(due).or_default().push_back(event);
        }
    }

    /// One that was held back until this many events had been seen.
    fn due(&mut self, seen: u64) -> Option<Event<'static>> {
        let mut first = self.held.first_entry().filter(|first| *first.key() <= seen)?;
        let event = first.get_mut().pop_front();
        if first.get().is_empty() {
            first.remove();
        }
        event
    }
}
