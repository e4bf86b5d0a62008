//! When the daily flow goes: more by day than by night, less at weekends, growing over the history.

use chrono::{Datelike, Weekday};
use schemas::Timestamp;

use crate::dice::Dice;

/// How busy each hour of a UTC day is.
const HOURS: [u64; 24] =
    [60, 55, 52, 50, 50, 54, 62, 75, 90, 105, 112, 118, 122, 128, 140, 145, 140, 132, 122, 112, 100, 88, 76, 66];

const HOUR: i64 = 3_600_000_000;

/// The moments of the flow, in order; so many in all, spread over so many days.
pub(crate) struct Calendar {
    start: Timestamp,
    /// How many moments lie before the end of each hour.
    until_hour: Vec<u64>,
    hour: usize,
    given: u64,
    next: Option<Timestamp>,
    dice: Dice,
}

impl Calendar {
    pub(crate) fn new(start: Timestamp, days: u32, count: u64, dice: Dice) -> Calendar {
        let mut weight = 0;
        let cumulated: Vec<u64> = (0..u64::from(days))
            .flat_map(|day| (0..24).map(move |hour| (day, hour)))
            .map(|(day, hour)| {
                let growth = 100 + 80 * day / u64::from(days);
                let weekday = start.plus_days(day as i64).day().to_date().weekday();
                let week = if matches!(weekday, Weekday::Sat | Weekday::Sun) { 70 } else { 100 };
                weight += growth * week * HOURS[hour];
                weight
            })
            .collect();
        let until_hour = cumulated.into_iter().map(|until| share_of(count, until, weight)).collect();
        let mut calendar = Calendar { start, until_hour, hour: 0, given: 0, next: None, dice };
        calendar.step();
        calendar
    }

    /// The next moment, if there is one.
    pub(crate) fn peek(&self) -> Option<Timestamp> {
        self.next
    }

    /// Goes on to the moment after.
    pub(crate) fn step(&mut self) {
        while self.until_hour.get(self.hour).is_some_and(|until| *until <= self.given) {
            self.hour += 1;
        }
        let Some(until) = self.until_hour.get(self.hour) else {
            self.next = None;
            return;
        };
        let before = self.hour.checked_sub(1).map_or(0, |hour| self.until_hour[hour]);
        let (slots, slot) = ((until - before) as i64, (self.given - before) as i64);
        let width = HOUR / slots;
        let offset = self.hour as i64 * HOUR + slot * width + self.dice.micros(width);
        self.next = Some(Timestamp(self.start.0 + offset));
        self.given += 1;
    }
}

fn share_of(count: u64, part: u64, whole: u64) -> u64 {
    (u128::from(count) * u128::from(part) / u128::from(whole.max(1))) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_exactly_so_many_moments_in_order_within_the_days() {
        let start = Timestamp::parse("2026-01-01T00:00:00Z").expect("a time");
        for count in [0, 1, 2, 100, 12_345] {
            let mut calendar = Calendar::new(start, 10, count, Dice::new(1, 0));
            let mut moments = Vec::new();
            while let Some(moment) = calendar.peek() {
                moments.push(moment);
                calendar.step();
            }
            assert_eq!(moments.len() as u64, count);
            assert!(moments.is_sorted());
            assert!(moments.iter().all(|moment| (start..start.plus_days(10)).contains(moment)));
        }
    }
}
