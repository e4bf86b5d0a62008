//! One account: when it signed up, how far it gets, how much it trades, how its VIP level grows.

use schemas::{AccountType, Country, Relationship, Timestamp, Uid};

use crate::dice::Dice;

/// An account of any kind.
pub(crate) struct Account {
    pub(crate) uid: Uid,
    pub(crate) registered: Timestamp,
    pub(crate) kind: AccountType,
    pub(crate) parent: Option<Uid>,
    pub(crate) country: Option<Country>,
    pub(crate) code: CodeUse,
    pub(crate) relationship: Relationship,
    pub(crate) stage: Stage,
    pub(crate) pace: Pace,
    pub(crate) vip: VipCourse,
    /// Whether its registration arrives at all.
    pub(crate) seen: bool,
}

/// The code an account signs up with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeUse {
    None,
    /// By its place among the population's codes.
    Known(u32),
    /// By its place in `UNKNOWN_CODES`.
    Unknown(u8),
}

/// What people type that no code is: the case and blanks count, since codes are compared exactly.
pub(crate) const UNKNOWN_CODES: [&str; 8] =
    ["tributary", "TRIBUTARY ", "TRIBUTORY", "WELCOME100", "none", "-", "https://example.invalid/r/7", "Ω-КОД-码"];

/// How far an account gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Registered,
    Verified,
    Deposited,
    Traded,
}

/// How much an account trades.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pace {
    Whale,
    Heavy,
    Regular,
    Casual,
}

impl Pace {
    pub(crate) const COUNT: usize = 4;
}

/// How an account's VIP level grows with what it has traded so far: a level every so many days, up to a cap.
#[derive(Clone, Copy)]
pub(crate) struct VipCourse {
    pub(crate) from: Timestamp,
    pub(crate) step_days: u8,
    pub(crate) cap: u8,
}

impl VipCourse {
    pub(crate) fn draw(pace: Pace, registered: Timestamp, dice: &mut Dice) -> VipCourse {
        let (cap, step_days) = match pace {
            Pace::Whale => (3 + dice.below(7), 3 + dice.below(5)),
            Pace::Heavy => (dice.below(5), 5 + dice.below(12)),
            Pace::Regular => (dice.low(4), 15 + dice.below(30)),
            Pace::Casual => (u32::from(dice.below(20) == 0), 30 + dice.below(60)),
        };
        VipCourse { from: registered.plus_days(2), step_days: step_days as u8, cap: cap as u8 }
    }

    /// The level at a moment.
    pub(crate) fn level(self, at: Timestamp) -> u8 {
        let steps = (at.0 - self.from.0).max(0) / self.step_micros();
        steps.min(i64::from(self.cap)) as u8
    }

    /// When the level `level` is reached; `None` beyond the cap.
    pub(crate) fn reached(self, level: u8) -> Option<Timestamp> {
        (level <= self.cap).then(|| Timestamp(self.from.0 + i64::from(level) * self.step_micros()))
    }

    fn step_micros(self) -> i64 {
        i64::from(self.step_days.max(1)) * schemas::time::DAY_MICROS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vip_level_grows_by_one_a_step_up_to_its_cap() {
        let course = VipCourse { from: Timestamp(0), step_days: 10, cap: 2 };
        for (days, level) in [(-5, 0), (0, 0), (9, 0), (10, 1), (19, 1), (20, 2), (500, 2)] {
            assert_eq!(course.level(Timestamp(0).plus_days(days)), level, "day {days}");
        }
        assert_eq!(course.reached(2), Some(Timestamp(0).plus_days(20)));
        assert_eq!(course.reached(3), None);
    }
}
