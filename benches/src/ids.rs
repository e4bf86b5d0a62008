//! Ids as exchanges give them: ascending with gaps, 16 characters at most, never twice.

use schemas::Timestamp;

use crate::dice::Dice;

/// Gives ids that ascend.
pub(crate) struct Ids {
    last: u64,
}

impl Ids {
    /// Ids of the history: 11 digits.
    pub(crate) fn of_history() -> Ids {
        Ids { last: 40_000_000_000 }
    }

    /// Ids of the live stream: 16 digits, from the moment, so that they never meet the history's or those of
    /// a live stream before.
    pub(crate) fn at(now: Timestamp) -> Ids {
        Ids { last: now.0.max(0) as u64 }
    }

    /// Makes sure that the next id is not below the moment.
    pub(crate) fn advance_to(&mut self, now: Timestamp) {
        self.last = self.last.max(now.0.max(0) as u64);
    }

    fn next(&mut self, dice: &mut Dice) -> u64 {
        self.last += 1 + u64::from(dice.below(4));
        self.last
    }

    /// A decimal id, as an order book's trades have it.
    pub(crate) fn decimal(&mut self, dice: &mut Dice) -> String {
        digits(self.next(dice), 10, "")
    }

    /// A hexadecimal id.
    pub(crate) fn hexadecimal(&mut self, dice: &mut Dice) -> String {
        digits(self.next(dice), 16, "")
    }

    /// A short id behind a prefix of at most 4 characters.
    pub(crate) fn prefixed(&mut self, prefix: &str, dice: &mut Dice) -> String {
        digits(self.next(dice), 36, prefix)
    }
}

/// A number in a base up to 36, behind a prefix; in one allocation, since every event needs one.
fn digits(mut number: u64, base: u64, prefix: &str) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut buffer = [0u8; 64];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = DIGITS[(number % base) as usize];
        number /= base;
        if number == 0 {
            break;
        }
    }
    let digits = std::str::from_utf8(&buffer[at..]).unwrap_or_default();
    let mut id = String::with_capacity(prefix.len() + digits.len());
    id.push_str(prefix);
    id.push_str(digits);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_never_the_same() {
        let mut dice = Dice::new(1, 0);
        let now = Timestamp::parse("2026-03-01T00:00:00Z").expect("a time");
        for mut ids in [Ids::of_history(), Ids::at(now)] {
            let given: Vec<String> = (0..300)
                .flat_map(|_| [ids.decimal(&mut dice), ids.hexadecimal(&mut dice), ids.prefixed("kyc-", &mut dice)])
                .collect();
            assert!(given.iter().all(|id| id.len() <= 16), "{given:?}");
            let distinct: std::collections::HashSet<&String> = given.iter().collect();
            assert_eq!(distinct.len(), given.len());
        }
        assert_eq!(digits(0, 10, "a"), "a0");
        assert_eq!(digits(255, 16, ""), "ff");
    }
}
