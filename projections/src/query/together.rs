//! The answers of several ledgers that divide the families among them, made one: the answer, to the digit, that one ledger of
//! all their events would give. Each of them was asked the same, for as long a page.

mod codes;
mod figures;
mod offers;
mod referrals;
mod rewards;
mod rows;

use std::cmp::Ordering;

use ledger::Position;

pub use self::codes::{code_together, codes_together};
pub use self::figures::{overview_together, series_together};
pub use self::offers::offers_together;
pub use self::referrals::referrals_together;
pub use self::rewards::{DaySums, days_in_doubt, rewards_together};
pub use self::rows::{cohorts_together, countries_together, referrers_together};
use super::QueryError;
use super::page::{Place, Sorting, cursor_of_several};
use crate::views::{AsOf, List};

/// Why answers of several ledgers are none together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Apart {
    /// One says otherwise what all know: it has not read yet what another has, or its day is another.
    #[error("ledgers 0 and {number} differ in {what}")]
    Differ {
        /// The ledger that differs from ledger 0, by its number.
        number: usize,
        /// In what.
        what: &'static str,
    },
    /// A row that can be in one ledger alone is in two: one of them holds what the other has not read yet.
    #[error("two ledgers have a row of one place in the list")]
    Twice,
    /// A list of which all rows are needed has more.
    #[error("ledger {number} gave a part of its list")]
    Cut {
        /// The ledger, by its number.
        number: usize,
    },
    /// There is no answer.
    #[error("no ledger has answered")]
    None,
}

/// Why there is no one answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOne {
    /// The answers are none together.
    #[error(transparent)]
    Apart(#[from] Apart),
    /// The question is refused.
    #[error(transparent)]
    Refused(#[from] QueryError),
}

/// What all ledgers have to say alike, from ledger 1 on.
fn same<T: PartialEq>(what: &'static str, all: &[T]) -> Result<(), Apart> {
    match all.iter().position(|one| Some(one) != all.first()) {
        Some(number) => Err(Apart::Differ { number, what }),
        None => Ok(()),
    }
}

/// What the answer reflects: no position of one ledger, and the latest event time of all.
fn as_of<T>(parts: &[List<T>]) -> AsOf {
    latest(parts.iter().map(|part| part.as_of))
}

fn latest(parts: impl Iterator<Item = AsOf>) -> AsOf {
    AsOf { position: 0, event_time: parts.filter_map(|part| part.event_time).max() }
}

/// The cursor behind the last row, if more follow; of the past it keeps where each ledger stood.
fn next_cursor<T>(
    question: &impl std::fmt::Debug,
    last: Option<Place>,
    parts: &[List<T>],
    is_of_the_past: bool,
) -> Option<String> {
    let positions: Vec<Position> = match is_of_the_past {
        true => parts.iter().map(|part| part.as_of.position).collect(),
        false => Vec::new(),
    };
    last.map(|after| cursor_of_several(question, after, &positions))
}

/// One list of lists of which each row lies in one ledger alone, cut to a page of so many rows.
fn merged<T>(
    mut parts: Vec<List<T>>,
    (sorting, place_of): (Sorting, impl Fn(&T) -> Place),
    question: &impl std::fmt::Debug,
    (limit, is_of_the_past): (usize, bool),
) -> Result<List<T>, Apart> {
    let total = parts.iter().map(|part| part.total).sum();
    let is_cut = parts.iter().any(|part| part.next_cursor.is_some());
    let taken = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.rows));
    let mut rows: Vec<(Place, T)> = taken.map(|row| (place_of(&row), row)).collect();
    rows.sort_by(|(one, _), (other, _)| sorting.compare(one, other));
    if rows.windows(2).any(|pair| sorting.compare(&pair[0].0, &pair[1].0) == Ordering::Equal) {
        return Err(Apart::Twice);
    }
    // What a ledger has behind its own page comes behind all of it.
    let more = is_cut || rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().map(|(place, _)| place.clone()).filter(|_| more);
    let next_cursor = next_cursor(question, last, &parts, is_of_the_past);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    Ok(List { rows, total, next_cursor, as_of: as_of(&parts) })
}
