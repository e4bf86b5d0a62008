//! Who trades next: few accounts make most of the trades, and there is a long tail.

use crate::dice::Dice;
use crate::population::account::Pace;

/// The accounts that have begun to trade, by pace.
#[derive(Default)]
pub(crate) struct Traders {
    by_pace: [Vec<u32>; Pace::COUNT],
}

impl Traders {
    /// An account begins to trade.
    pub(crate) fn add(&mut self, pace: Pace, account: u32) {
        self.by_pace[pace as usize].push(account);
    }

    /// An account that has begun to trade; `None` while there is none. Three trades in ten are the whales'.
    pub(crate) fn pick(&self, dice: &mut Dice) -> Option<u32> {
        let first = match dice.below(20) {
            0..6 => Pace::Whale,
            6..13 => Pace::Heavy,
            13..18 => Pace::Regular,
            _ => Pace::Casual,
        } as usize;
        let accounts = (0..Pace::COUNT).map(|next| &self.by_pace[(first + next) % Pace::COUNT]);
        let accounts = accounts.into_iter().find(|accounts| !accounts.is_empty())?;
        // Who came first trades more.
        Some(accounts[dice.low(accounts.len() as u32) as usize])
    }
}
