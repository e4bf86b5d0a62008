//! Lists in rows of so many elements each: what grows is no row that grows.

use super::{LISTED_A_ROW, PublishedCode, PublishedInvitee};

/// What lists of a row hang on.
pub(super) trait Listed: Sized + PartialEq {
    /// How many elements its longest list has.
    fn longest(&self) -> usize;
    /// The same with these elements of each list alone.
    fn part(&self, number: usize) -> Self;
}

/// The elements of a part.
fn of_part<T: Clone>(list: &[T], number: usize) -> Vec<T> {
    list.iter().skip(number * LISTED_A_ROW).take(LISTED_A_ROW).cloned().collect()
}

impl Listed for PublishedCode {
    fn longest(&self) -> usize {
        self.terms.len()
    }

    fn part(&self, number: usize) -> PublishedCode {
        PublishedCode { terms: of_part(&self.terms, number), ..*self }
    }
}

impl Listed for PublishedInvitee {
    fn longest(&self) -> usize {
        self.vip_levels_to_come.len().max(self.rebate_rates_to_come.len()).max(self.notes_to_come.len())
    }

    fn part(&self, number: usize) -> PublishedInvitee {
        PublishedInvitee {
            vip_levels_to_come: of_part(&self.vip_levels_to_come, number),
            rebate_rates_to_come: of_part(&self.rebate_rates_to_come, number),
            notes_to_come: of_part(&self.notes_to_come, number),
            note: self.note.clone(),
            ..*self
        }
    }
}

/// The parts that are another, each as it was and as it is. What is there has one part at least.
pub(super) fn parts_apart<T: Listed>(before: Option<&T>, now: Option<&T>) -> Vec<(u32, Option<T>, Option<T>)> {
    let parts = |row: Option<&T>| row.map_or(0, |row| row.longest().div_ceil(LISTED_A_ROW).max(1));
    let (parts_before, parts_now) = (parts(before), parts(now));
    let all = 0..parts_before.max(parts_now);
    let apart = all.filter_map(|number| {
        let part = |row: Option<&T>, parts: usize| row.filter(|_| number < parts).map(|row| row.part(number));
        let (before, now) = (part(before, parts_before), part(now, parts_now));
        // Parts are fewer than positions of a ledger by far.
        (before != now).then_some((number as u32, before, now))
    });
    apart.collect()
}

/// The same of a list alone.
pub(super) fn lists_apart<T: Clone + PartialEq>(before: &[T], now: &[T]) -> Vec<(u32, Vec<T>, Vec<T>)> {
    let all = 0..before.len().max(now.len()).div_ceil(LISTED_A_ROW);
    let apart = all.filter_map(|number| {
        let (before, now) = (of_part(before, number), of_part(now, number));
        (before != now).then_some((number as u32, before, now))
    });
    apart.collect()
}

#[cfg(test)]
mod tests {
    use schemas::{Rate, Timestamp};

    use super::super::PublishedTerms;
    use super::*;

    fn code(terms: usize) -> PublishedCode {
        let terms = (0..terms).map(|number| PublishedTerms {
            time: Timestamp(number as i64),
            source: String::new(),
            id: number.to_string(),
            spot_rebate_rate: Rate::ZERO,
            futures_rebate_rate: Rate::ZERO,
            note: String::new(),
            is_default: false,
        });
        PublishedCode { created_at: Timestamp(0), days: None, invitees: 3, terms: terms.collect() }
    }

    #[test]
    fn a_list_that_grows_is_more_rows_and_only_those_that_changed_are_told() {
        let numbers = |before: Option<&PublishedCode>, now: Option<&PublishedCode>| -> Vec<u32> {
            parts_apart(before, now).iter().map(|(number, ..)| *number).collect()
        };
        let (none, some, many) = (code(0), code(LISTED_A_ROW), code(10 * LISTED_A_ROW + 1));
        assert_eq!(numbers(None, Some(&none)), [0], "what is there has a row");
        assert_eq!(numbers(None, Some(&some)), [0]);
        assert_eq!(numbers(Some(&some), Some(&many)), (1..=10).collect::<Vec<u32>>());
        assert!(numbers(Some(&many), Some(&many.clone())).is_empty());
        let shorter = parts_apart(Some(&many), Some(&none));
        assert_eq!(shorter.len(), 11);
        assert!(
            shorter[1..].iter().all(|(_, before, now)| before.is_some() && now.is_none()),
            "further parts are none"
        );
        let terms: Vec<PublishedTerms> = parts_apart(None, Some(&many))
            .into_iter()
            .filter_map(|(_, _, now)| now)
            .flat_map(|now| now.terms)
            .collect();
        assert_eq!(terms, many.terms);
        assert!(
            parts_apart(None, Some(&many)).iter().all(|(_, _, now)| now.as_ref().is_some_and(|now| now.invitees == 3))
        );
    }

    #[test]
    fn a_list_alone_has_no_row_where_it_has_no_element() {
        let many: Vec<usize> = (0..LISTED_A_ROW * 2 + 5).collect();
        assert!(lists_apart::<usize>(&[], &[]).is_empty());
        let apart = lists_apart(&many[..LISTED_A_ROW + 5], &many);
        assert_eq!(apart.iter().map(|(number, ..)| *number).collect::<Vec<u32>>(), [1, 2]);
        assert_eq!(apart[0].1, many[LISTED_A_ROW..LISTED_A_ROW + 5]);
    }
}
