//! Pages of a list. A cursor holds the sort value and the key of the last row shown, not a count of rows: so
//! paging misses and repeats nothing while events arrive. It also holds a digest of the question it belongs to.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use ledger::Position;

use super::cursor::{read_cursor, write_cursor};
use super::{QueryError, View};
use crate::views::List;

/// How many rows a page has where nothing is said.
pub const LIMIT_DEFAULT: usize = 50;
/// The most rows a page can have.
pub const LIMIT_MAX: usize = 500;

/// Which page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        PageRequest { limit: LIMIT_DEFAULT, cursor: None }
    }
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Ascending.
    Ascending,
    /// Descending.
    #[default]
    Descending,
}

impl Order {
    fn of(self, ordering: Ordering) -> Ordering {
        match self {
            Order::Ascending => ordering,
            Order::Descending => ordering.reverse(),
        }
    }
}

/// What a row is sorted by. Texts sort by code point, which for UTF-8 is by byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SortValue {
    /// A number, a moment or a day.
    Number(i128),
    /// A text.
    Text(String),
}

/// A row's place in a list: its sort value (rows without one come last in either direction), then its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) value: Option<SortValue>,
    pub(crate) keys: Vec<SortValue>,
}

/// How places compare in a list.
#[derive(Clone, Copy)]
pub(crate) struct Sorting {
    /// The direction of the sort value.
    pub(crate) value: Order,
    /// The direction of the keys that follow it.
    pub(crate) keys: Order,
}

impl Sorting {
    pub(super) fn compare(self, one: &Place, other: &Place) -> Ordering {
        let by_value = self.compare_values(one.value.as_ref(), other.value.as_ref());
        by_value.then_with(|| self.keys.of(one.keys.cmp(&other.keys)))
    }

    fn compare_values(self, one: Option<&SortValue>, other: Option<&SortValue>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => self.value.of(one.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    question: String,
    after: Place,
    /// The earlier position that the list is asked about; none for the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Position>,
    /// The same of a list of several ledgers: a position each, by their number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    positions: Vec<Position>,
}

/// A digest of the question, for its cursors.
fn question_digest(question: &impl std::fmt::Debug) -> String {
    let hash = blake3::hash(format!("{question:?}").as_bytes());
    hash.to_hex()[..16].to_owned()
}

/// One page while all rows of its list pass by, in any order: only those that may stand on it are kept.
pub(crate) struct Paging<K> {
    sorting: Sorting,
    limit: usize,
    question: String,
    /// Where the page before ended.
    after: Option<Place>,
    /// All rows of the list, those of other pages too.
    total: u64,
    kept: Vec<(Place, K)>,
    /// What lies behind this stands neither on the page nor next to it.
    bound: Option<Place>,
}

impl<K> Paging<K> {
    /// The page that is asked for, before any row.
    ///
    /// # Errors
    /// If the cursor is not one of this list.
    pub(crate) fn begin(
        sorting: Sorting,
        request: &PageRequest,
        question: &impl std::fmt::Debug,
        view: &View<'_>,
    ) -> Result<Paging<K>, QueryError> {
        let question = question_digest(question);
        let after = match &request.cursor {
            Some(cursor) => {
                let cursor = cursor_of(cursor, &question)?;
                if !cursor.positions.is_empty() {
                    return Err(invalid_cursor("it belongs to a list of several ledgers: give it to who gave it"));
                }
                if cursor.as_of != view.kept_position() {
                    return Err(invalid_cursor("it belongs to a list as of another position: leave `as_of` as it was"));
                }
                Some(cursor.after)
            }
            None => None,
        };
        Ok(Paging { sorting, limit: request.limit, question, after, total: 0, kept: Vec::new(), bound: None })
    }

    /// Shows a row to the page. Its keys are asked for only where its value does not rule it out.
    pub(crate) fn add(&mut self, value: Option<SortValue>, keys: impl FnOnce() -> Vec<SortValue>, row: K) {
        self.total += 1;
        let sorting = self.sorting;
        let is_behind =
            |bound: &Place| sorting.compare_values(value.as_ref(), bound.value.as_ref()) == Ordering::Greater;
        if self.bound.as_ref().is_some_and(is_behind) {
            return;
        }
        let place = Place { value, keys: keys() };
        let is_shown = |after: &Place| sorting.compare(&place, after) != Ordering::Greater;
        if self.after.as_ref().is_some_and(is_shown) {
            return;
        }
        self.kept.push((place, row));
        if self.kept.len() / 2 > self.limit {
            self.cut();
        }
    }

    /// Keeps the rows of the page, and one more if there is any.
    fn cut(&mut self) {
        if self.kept.len() <= self.limit + 1 {
            return;
        }
        let sorting = self.sorting;
        self.kept.select_nth_unstable_by(self.limit, |(one, _), (other, _)| sorting.compare(one, other));
        self.kept.truncate(self.limit + 1);
        self.bound = self.kept.last().map(|(place, _)| place.clone());
    }

    /// The rows of the page in their order, and whether others follow.
    fn sorted(&mut self) -> (Vec<(Place, K)>, bool) {
        self.cut();
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_unstable_by(|(one, _), (other, _)| self.sorting.compare(one, other));
        let more = kept.len() > self.limit;
        if more && mutants::mutant!("cursor-skips-a-row") {
            kept.swap(self.limit - 1, self.limit);
        }
        kept.truncate(self.limit);
        (kept, more)
    }

    /// Makes the rows of the page.
    ///
    /// # Errors
    /// What `make` fails with.
    pub(crate) fn finish<T>(
        mut self,
        view: &View<'_>,
        make: impl FnMut(K) -> Result<T, QueryError>,
    ) -> Result<List<T>, QueryError> {
        let (kept, more) = self.sorted();
        let Paging { question, total, .. } = self;
        let last = kept.last().map(|(place, _)| place.clone()).filter(|_| more);
        let as_of = view.kept_position();
        let next_cursor = last.map(|after| write_cursor(&Cursor { question, after, as_of, positions: Vec::new() }));
        let rows = kept.into_iter().map(|(_, row)| row).map(make).collect::<Result<_, _>>()?;
        Ok(List { rows, total, next_cursor, as_of: view.as_of() })
    }
}

/// Cuts one page out of all rows of a list, and makes the rows of that page alone.
pub(crate) fn page<K, T>(
    places: impl IntoIterator<Item = (Place, K)>,
    sorting: Sorting,
    request: &PageRequest,
    question: &impl std::fmt::Debug,
    view: &View<'_>,
    make: impl FnMut(K) -> Result<T, QueryError>,
) -> Result<List<T>, QueryError> {
    let mut paging = Paging::begin(sorting, request, question, view)?;
    for (Place { value, keys }, row) in places {
        paging.add(value, || keys, row);
    }
    paging.finish(view, make)
}

/// The same of a list of several ledgers, all of whose rows are there; of the past, as of a position of each. The rows of the
/// page, how many there are in all, and the cursor behind the page.
pub(super) fn page_of_several<T>(
    places: impl IntoIterator<Item = (Place, T)>,
    sorting: Sorting,
    request: &PageRequest,
    question: &impl std::fmt::Debug,
    positions: &[Position],
) -> Result<(Vec<T>, u64, Option<String>), QueryError> {
    let digest = question_digest(question);
    let cursor = request.cursor.as_deref().map(|cursor| cursor_of(cursor, &digest)).transpose()?;
    if cursor.as_ref().is_some_and(|cursor| cursor.as_of.is_some() || cursor.positions != positions) {
        return Err(invalid_cursor("it belongs to a list as of other positions: leave `as_of` as it was"));
    }
    let after = cursor.map(|cursor| cursor.after);
    let limit = request.limit;
    let mut paging = Paging { sorting, limit, question: digest, after, total: 0, kept: Vec::new(), bound: None };
    for (Place { value, keys }, row) in places {
        paging.add(value, || keys, row);
    }
    let (kept, more) = paging.sorted();
    let last = kept.last().map(|(place, _)| place.clone()).filter(|_| more);
    let next_cursor = last.map(|after| cursor_of_several(question, after, positions));
    Ok((kept.into_iter().map(|(_, row)| row).collect(), paging.total, next_cursor))
}

fn cursor_of(text: &str, question: &str) -> Result<Cursor, QueryError> {
    let cursor: Cursor = read_cursor(text).ok_or_else(|| {
        invalid_cursor("not a cursor that a list gave, or not whole: give `next_cursor` as it stands in the answer")
    })?;
    if cursor.question != question {
        return Err(invalid_cursor("it belongs to another question: filters and sort must stay as they were"));
    }
    Ok(cursor)
}

fn invalid_cursor(detail: &str) -> QueryError {
    QueryError::Invalid { field: "cursor", detail: detail.to_owned() }
}

/// The earlier position that a cursor keeps, so that the next page is asked as of it; none for a list of the
/// present, or for what is no cursor.
#[must_use]
pub fn position_of_cursor(text: &str) -> Option<Position> {
    read_cursor::<Cursor>(text)?.as_of
}

/// The cursor behind a place in a list of several ledgers: of the present, or as of a position of each.
pub(super) fn cursor_of_several(question: &impl std::fmt::Debug, after: Place, positions: &[Position]) -> String {
    write_cursor(&Cursor { question: question_digest(question), after, as_of: None, positions: positions.to_vec() })
}

/// The cursor that one of several ledgers, of this number, is given for one of the list of all, which keeps a position of
/// each; none for any other cursor, or where it keeps none of that number.
#[must_use]
pub fn cursor_of_one(text: &str, number: usize) -> Option<String> {
    let Cursor { question, after, positions, .. } = read_cursor::<Cursor>(text)?;
    let as_of = Some(*positions.get(number)?);
    Some(write_cursor(&Cursor { question, after, as_of, positions: Vec::new() }))
}

/// The positions that a cursor of a list of several ledgers keeps, by their number; none for any other cursor.
#[must_use]
pub fn positions_of_cursor(text: &str) -> Option<Vec<Position>> {
    let Cursor { positions, .. } = read_cursor::<Cursor>(text)?;
    (!positions.is_empty()).then_some(positions)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order() -> impl Strategy<Value = Order> {
        prop_oneof![Just(Order::Ascending), Just(Order::Descending)]
    }

    proptest! {
        /// Few values, so that many rows share one; some rows have none.
        #[test]
        fn pages_one_after_the_other_are_the_whole_list_sorted(
            values in prop::collection::vec(prop::option::of(0i128..6), 0..200),
            limit in 1usize..12,
            value in order(),
            keys in order(),
        ) {
            let sorting = Sorting { value, keys };
            let places: Vec<Place> = values
                .iter()
                .enumerate()
                .map(|(key, value)| {
                    Place { value: value.map(SortValue::Number), keys: vec![SortValue::Number(key as i128)] }
                })
                .collect();
            let mut wanted = places.clone();
            wanted.sort_by(|one, other| sorting.compare(one, other));
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let (question, kept) = (String::new(), Vec::new());
                let mut paging = Paging { sorting, limit, question, after, total: 0, kept, bound: None };
                for place in &places {
                    paging.add(place.value.clone(), || place.keys.clone(), place.clone());
                }
                prop_assert_eq!(paging.total, places.len() as u64);
                let (page, more) = paging.sorted();
                prop_assert!(page.len() == limit || !more);
                prop_assert!(page.iter().all(|(place, row)| place == row));
                after = page.last().map(|(place, _)| place.clone());
                seen.extend(page.into_iter().map(|(place, _)| place));
                if !more {
                    break;
                }
            }
            prop_assert_eq!(seen, wanted);
        }
    }
}
