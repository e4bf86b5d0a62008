//! Countries, referrers and cohorts of several ledgers: a row of one key is in many of them, and its figures add up. Which rows
//! stand on a page follows from the sums, so each ledger gives all of its rows.

use super::super::cohorts::{self, CohortFilter};
use super::super::metrics as countries;
use super::super::page::{Order, PageRequest, Place, Sorting, page_of_several};
use super::super::referrer_list::{self, ReferrerSort};
use super::figures::{add, hint_together, one_range};
use super::{Apart, NotOne, latest, same};
use crate::views::{CohortRow, Cohorts, Countries, Hint, List, Referrers};

/// One page of the countries of all ledgers, by their number, each of which gave all that it has. `is_of_the_past` says
/// whether they were asked as of a moment.
///
/// # Errors
/// If they are not the answers to one question, or the cursor is none of this list's.
pub fn countries_together(
    parts: Vec<Countries>,
    request: &PageRequest,
    is_of_the_past: bool,
) -> Result<Countries, NotOne> {
    let range = one_range(parts.iter().map(|part| (part.from, part.to)))?;
    let uids: Vec<_> = parts.iter().map(|part| part.uid).collect();
    same("whom they count", &uids)?;
    let uid = uids.first().copied().flatten();
    let (hints, lists): (Vec<Option<Hint>>, Vec<_>) = parts.into_iter().map(|part| (part.hint, part.list)).unzip();
    let whole = Whole::of(
        lists,
        |row| row.country.clone(),
        |row, other| {
            add(&mut row.metrics, &other.metrics);
            Ok(())
        },
    )?;
    let question = countries::question(uid, range);
    let list = whole.page((countries::SORTING, countries::place_of), request, &question, is_of_the_past)?;
    let hint = hint_together(range, list.total == 0, hints.iter().flatten());
    Ok(Countries { uid, from: range.from, to: range.to, hint, list })
}

/// The same of referrers, by this column.
///
/// # Errors
/// The same, and if they do not say the same of a referrer's standing and codes.
pub fn referrers_together(
    parts: Vec<Referrers>,
    (sort, order): (ReferrerSort, Order),
    request: &PageRequest,
    is_of_the_past: bool,
) -> Result<Referrers, NotOne> {
    let range = one_range(parts.iter().map(|part| (part.from, part.to)))?;
    let (hints, lists): (Vec<Option<Hint>>, Vec<_>) = parts.into_iter().map(|part| (part.hint, part.list)).unzip();
    let whole = Whole::of(
        lists,
        |row| row.uid,
        |row, other| {
            add(&mut row.metrics, &other.metrics);
            let is_same = (row.status, row.codes) == (other.status, other.codes);
            is_same.then_some(()).ok_or("what holds of a referrer")
        },
    )?;
    let sorting = Sorting { value: order, keys: order };
    let question = referrer_list::question(range, sort, order);
    let place = |row: &_| referrer_list::place_of(row, sort);
    let list = whole.page((sorting, place), request, &question, is_of_the_past)?;
    let hint = hint_together(range, list.total == 0, hints.iter().flatten());
    Ok(Referrers { from: range.from, to: range.to, hint, list })
}

/// The same of cohorts, of these invitees.
///
/// # Errors
/// The same, and if the moments that they were asked at lie in different months.
pub fn cohorts_together(
    parts: Vec<Cohorts>,
    filter: &CohortFilter,
    request: &PageRequest,
    is_of_the_past: bool,
) -> Result<Cohorts, NotOne> {
    let Some(Cohorts { uid, code, country, .. }) = parts.first() else { return Err(Apart::None.into()) };
    let (uid, code, country) = (*uid, code.clone(), country.clone());
    let range = one_range(parts.iter().map(|part| (part.from, part.to)))?;
    let asked = |part: &Cohorts| (part.uid, part.code.clone(), part.country.clone());
    same("whom they count", &parts.iter().map(asked).collect::<Vec<_>>())?;
    let whole = Whole::of(parts.into_iter().map(|part| part.list).collect(), |row| row.month, add_cohort)?;
    same_month_of_now(&whole.rows)?;
    let question = cohorts::question(uid, filter, range);
    let list = whole.page((cohorts::SORTING, cohorts::place_of), request, &question, is_of_the_past)?;
    Ok(Cohorts { uid, code, country, from: range.from, to: range.to, list })
}

fn add_cohort(row: &mut CohortRow, other: CohortRow) -> Result<(), &'static str> {
    if row.months.len() != other.months.len() {
        return Err(MONTH);
    }
    row.registered += other.registered;
    row.verified += other.verified;
    row.deposited += other.deposited;
    row.first_time_trade += other.first_time_trade;
    for (month, other) in row.months.iter_mut().zip(other.months) {
        month.traded += other.traded;
        month.commission += other.commission;
        month.rebate += other.rebate;
        month.volume += other.volume;
    }
    Ok(())
}

const MONTH: &str = "the month that it is";

/// Rows of different ledgers end in one month, that of now.
fn same_month_of_now(rows: &[(usize, CohortRow)]) -> Result<(), Apart> {
    let mut known = None;
    for (number, row) in rows.iter().filter(|(_, row)| !row.months.is_empty()) {
        let last = row.month.month_plus(i32::try_from(row.months.len()).unwrap_or(i32::MAX));
        if *known.get_or_insert(last) != last {
            return Err(Apart::Differ { number: *number, what: MONTH });
        }
    }
    Ok(())
}

/// All rows of a list of several ledgers, each with the number of the first one that has it.
struct Whole<T> {
    rows: Vec<(usize, T)>,
    parts: Vec<List<()>>,
}

impl<T> Whole<T> {
    /// Puts rows of one key together. What `add` cannot add it says in what they differ.
    fn of<K: Ord>(
        parts: Vec<List<T>>,
        key: impl Fn(&T) -> K,
        add: impl Fn(&mut T, T) -> Result<(), &'static str>,
    ) -> Result<Whole<T>, Apart> {
        let mut rows: std::collections::BTreeMap<K, (usize, T)> = std::collections::BTreeMap::new();
        let mut told = Vec::new();
        for (number, List { rows: own, total, next_cursor, as_of }) in parts.into_iter().enumerate() {
            if next_cursor.is_some() || own.len() as u64 != total {
                return Err(Apart::Cut { number });
            }
            for row in own {
                match rows.entry(key(&row)) {
                    std::collections::btree_map::Entry::Vacant(place) => {
                        place.insert((number, row));
                    }
                    std::collections::btree_map::Entry::Occupied(mut known) => {
                        add(&mut known.get_mut().1, row).map_err(|what| Apart::Differ { number, what })?;
                    }
                }
            }
            told.push(List { rows: Vec::new(), total, next_cursor, as_of });
        }
        Ok(Whole { rows: rows.into_values().collect(), parts: told })
    }

    fn page(
        self,
        (sorting, place): (Sorting, impl Fn(&T) -> Place),
        request: &PageRequest,
        question: &impl std::fmt::Debug,
        is_of_the_past: bool,
    ) -> Result<List<T>, NotOne> {
        let positions: Vec<_> = match is_of_the_past {
            true => self.parts.iter().map(|part| part.as_of.position).collect(),
            false => Vec::new(),
        };
        let rows = self.rows.into_iter().map(|(_, row)| (place(&row), row));
        let (rows, total, next_cursor) = page_of_several(rows, sorting, request, question, &positions)?;
        Ok(List { rows, total, next_cursor, as_of: latest(self.parts.iter().map(|part| part.as_of)) })
    }
}
