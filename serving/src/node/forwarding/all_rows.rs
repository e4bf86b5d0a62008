//! All rows of a shard's list: page after page, as of one position. One page is all in most cases; referrers may be more.

use api::{Problem, ProblemKind};
use axum::http::StatusCode;
use bytes::Bytes;
use ingest::{Clock, SystemClock};
use projections::query::{LIMIT_MAX, positions_of_cursor};
use serde_json::Value;

use super::passed::{CURSOR, Passed};
use super::shard_client::{ShardAt, ShardClient};
use super::together::{ANSWER_BYTES_MAX, NO_ANSWER};

const LIMIT: &str = "limit";
pub(super) const AS_OF: &str = "as_of";
/// So many pages a shard are read.
const PAGES_MAX: usize = 100;

/// What a shard, of this number, is asked for all its rows: whichever page of the one list is asked for, and as of the position
/// that the cursor of that list keeps.
pub(super) fn asked_for(passed: &Passed, cursor: Option<&str>, number: usize) -> Passed {
    let kept = cursor.and_then(positions_of_cursor).and_then(|kept| kept.get(number).copied());
    let whole = passed.of_one(None).with(&[(LIMIT, &LIMIT_MAX.to_string()), (CURSOR, "")]);
    match kept.filter(|_| !passed.has(AS_OF)) {
        Some(position) => whole.with(&[(AS_OF, &position.to_string())]),
        None => whole,
    }
}

/// The whole list that begins with this page. Where there are more, they are asked for as of the position of the first.
pub(super) async fn whole(
    client: &ShardClient,
    shard: ShardAt<'_>,
    asked: &Passed,
    first: Bytes,
) -> Result<Bytes, Problem> {
    let none = || shard.away(NO_ANSWER);
    let read = |body: &Bytes| serde_json::from_slice::<Value>(body).map_err(|_| none());
    let mut list = read(&first)?;
    if cursor_of(&list).is_none() {
        return Ok(first);
    }
    let position = list["as_of"]["position"].as_u64().ok_or_else(none)?.to_string();
    let day = |name: &str| list[name].as_str().unwrap_or_default();
    let mut own = asked.with(&[(AS_OF, &position), ("from", day("from")), ("to", day("to"))]);
    if !asked.has(AS_OF) {
        // What holds is asked now, whenever the shard recorded its last entry.
        own = own.not_before(SystemClock::new().now());
    }
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..PAGES_MAX {
        let page = match &cursor {
            Some(cursor) => own.with(&[(CURSOR, cursor)]),
            None => own.with(&[]),
        };
        let answered = client.ask(shard, &page).await?;
        let status = answered.status();
        if status != StatusCode::OK {
            return Err(shard.away(&format!("asked for more of its list it answers with {status}")));
        }
        let mut page = read(&answered.whole(ANSWER_BYTES_MAX).await.map_err(|why| shard.away(&why))?)?;
        rows.append(page["rows"].as_array_mut().ok_or_else(none)?);
        cursor = cursor_of(&page);
        if cursor.is_none() {
            page["rows"] = Value::Array(rows);
            return serde_json::to_vec(&page).map(Bytes::from).map_err(|error| Problem::internal(&error));
        }
        list = page;
    }
    let (total, most) = (&list["total"], PAGES_MAX * LIMIT_MAX);
    let detail = format!(
        "shard {} has {total} rows, and a list is made of {most} of each at most: ask for fewer days, or for the shards' own \
         lists, with shard=0 and other numbers",
        shard.number
    );
    Err(Problem::of_field(ProblemKind::InvalidParameter, "from", detail))
}

fn cursor_of(list: &Value) -> Option<String> {
    list["next_cursor"].as_str().map(str::to_owned)
}
