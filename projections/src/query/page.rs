//! Pages of a list. A cursor holds the sort value and the key of the last row shown, not a count of rows: so
//! paging misses and repeats nothing while events arrive. It also holds a digest of the question it belongs to.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use ledger::Position;

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
    fn compare(self, one: &Place, other: &Place) -> Ordering {
        let by_value = match (&one.value, &other.value) {
            (Some(one), Some(other)) => self.value.of(one.cmp(other)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_value.then_with(|| self.keys.of(one.keys.cmp(&other.keys)))
    }
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    question: String,
    after: Place,
    /// The earlier position that the list is asked about; none for the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Position>,
}

/// A digest of the question, for its cursors.
fn question_digest(question: &impl std::fmt::Debug) -> String {
    let hash = blake3::hash(format!("{question:?}").as_bytes());
    hash.to_hex()[..16].to_owned()
}

/// Cuts one page out of all rows of a list, and makes the rows of that page alone.
pub(crate) fn page<K, T>(
    mut places: Vec<(Place, K)>,
    sorting: Sorting,
    request: &PageRequest,
    question: &impl std::fmt::Debug,
    view: &View<'_>,
    mut make: impl FnMut(K) -> Result<T, QueryError>,
) -> Result<List<T>, QueryError> {
    let total = places.len() as u64;
    let question = question_digest(question);
    if let Some(cursor) = &request.cursor {
        let cursor = read_cursor(cursor, &question)?;
        if cursor.as_of != view.kept_position() {
            return Err(invalid_cursor("it belongs to a list as of another position: leave `as_of` as it was"));
        }
        places.retain(|(place, _)| sorting.compare(place, &cursor.after) == Ordering::Greater);
    }
    let more = places.len() > request.limit;
    if more {
        places.select_nth_unstable_by(request.limit, |(one, _), (other, _)| sorting.compare(one, other));
        places.truncate(request.limit);
    }
    places.sort_unstable_by(|(one, _), (other, _)| sorting.compare(one, other));
    let last = places.last().map(|(place, _)| place.clone()).filter(|_| more);
    let next_cursor = last.map(|after| write_cursor(&Cursor { question, after, as_of: view.kept_position() }));
    let rows = places.into_iter().map(|(_, key)| make(key)).collect::<Result<_, _>>()?;
    Ok(List { rows, total, next_cursor, as_of: view.as_of() })
}

fn write_cursor(cursor: &Cursor) -> String {
    // A cursor holds texts and integers only, which always serialize.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(cursor).unwrap_or_default())
}

fn read_cursor(text: &str, question: &str) -> Result<Cursor, QueryError> {
    let cursor = decode_cursor(text).ok_or_else(|| invalid_cursor("not a cursor that a list gave"))?;
    if cursor.question != question {
        return Err(invalid_cursor("it belongs to another question: filters and sort must stay as they were"));
    }
    Ok(cursor)
}

fn decode_cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn invalid_cursor(detail: &str) -> QueryError {
    QueryError::Invalid { field: "cursor", detail: detail.to_owned() }
}

/// The earlier position that a cursor keeps, so that the next page is asked as of it; none for a list of the
/// present, or for what is no cursor.
#[must_use]
pub fn position_of_cursor(text: &str) -> Option<Position> {
    decode_cursor(text)?.as_of
}
