//! `GET /v1/feed`: entries of the ledger in order with the postings each gave, for services and operators. As
//! NDJSON it ends; as server-sent events it goes on live.
//!
//! What an entry posted never changes (SPEC 2), so a feed may be read in parts, each under its own short look at
//! the state.

mod live;
mod ndjson;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use ledger::Position;
use projections::View;
use projections::views::FeedEntry;

use crate::app::App;
use crate::asking::Asking;
use crate::caller::Privilege;
use crate::openapi::Refusals;
use crate::parameters::{AFTER, FEED_LIMIT, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::{Answer, Asked};

parameters! { FeedParameters: AFTER, FEED_LIMIT }

const LIMIT_DEFAULT: usize = 500;
/// So many entries are read in one look at the state.
const PART_ENTRIES_MAX: usize = 250;
/// The ledger position that an answer reflects.
pub const POSITION_HEADER: HeaderName = HeaderName::from_static("tributary-position");
const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: &str = "last-event-id";

/// Which entries are asked for.
struct FeedRequest {
    after: Option<Position>,
    limit: Option<usize>,
}

impl FeedRequest {
    fn of(asking: &Asked<'_>) -> Result<FeedRequest, Problem> {
        FeedRequest::read(asking.caller, asking.parameters)
    }

    fn read(caller: &crate::caller::Caller, parameters: &[(String, String)]) -> Result<FeedRequest, Problem> {
        caller.require(Privilege::ReadFeed)?;
        let given = Given::of(parameters, FeedParameters::ALL)?;
        Ok(FeedRequest { after: given.get(&AFTER)?, limit: given.get(&FEED_LIMIT)? })
    }
}

/// Entries as lines of JSON.
fn lines(view: &View<'_>, after: Position, limit: usize, out: &mut Vec<u8>) -> Result<Option<Position>, Problem> {
    let entries = view.feed(after, limit).map_err(|error| Problem::internal(&error))?;
    for entry in &entries {
        write_json(entry, out)?;
        out.push(b'\n');
    }
    Ok(entries.last().map(|entry| entry.position))
}

fn write_json(entry: &FeedEntry, out: &mut Vec<u8>) -> Result<(), Problem> {
    serde_json::to_writer(out, entry).map_err(|error| Problem::internal(&error))
}

/// The entries asked for, in memory: for the command line.
pub(crate) fn whole(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let request = FeedRequest::of(asked)?;
    let mut body = Vec::new();
    lines(asked.view, request.after.unwrap_or(0), request.limit.unwrap_or(LIMIT_DEFAULT), &mut body)?;
    Ok(Answer { media_type: ndjson::MEDIA_TYPE, body })
}

/// Ledger entries after a position, with the postings each gave: NDJSON, or with `Accept: text/event-stream` live.
#[utoipa::path(
    get, path = "/v1/feed", tag = "operation",
    params(
        FeedParameters,
        ("Last-Event-ID" = Option<u64>, Header, description = "Of a live feed: the position to go on after. It goes over `after`."),
    ),
    responses(
        (
            status = 200, description = "An entry a line, or an event an entry with the position as its id.",
            content((FeedEntry = "application/x-ndjson"), (FeedEntry = "text/event-stream")),
            headers(("Tributary-Position" = u64, description = "The position that the ledger is at.")),
        ),
        Refusals
    )
)]
pub(crate) async fn get_feed(State(app): State<App>, headers: HeaderMap, asking: Asking) -> Result<Response, Problem> {
    let request = FeedRequest::read(&asking.caller, &asking.parameters)?;
    if accepts_event_stream(&headers) {
        let after = last_event_id(&headers)?.or(request.after);
        live::answer(app, after, request.limit)
    } else {
        ndjson::answer(app, request.after.unwrap_or(0), request.limit.unwrap_or(LIMIT_DEFAULT)).await
    }
}

fn accepts_event_stream(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = values.flat_map(|value| value.split(','));
    ranges.any(|range| range.split(';').next().is_some_and(|range| range.trim().eq_ignore_ascii_case(EVENT_STREAM)))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let wrong = || {
        let detail = format!("expected {}", AFTER.expected);
        Problem::of_field(ProblemKind::InvalidHeader, "Last-Event-ID", detail)
    };
    digits.and_then(|digits| digits.parse().ok()).map(Some).ok_or_else(wrong)
}

fn position_value(position: Position) -> HeaderValue {
    HeaderValue::from(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_feed_is_asked_for_by_its_media_type() {
        for (accept, is_live) in [
            (&[][..], false),
            (&["*/*"], false),
            (&["application/x-ndjson"], false),
            (&["text/event-stream"], true),
            (&["application/json;q=0.1, Text/Event-Stream;q=0.5"], true),
            (&["text/html", "text/event-stream"], true),
        ] {
            let values = accept.iter().map(|value| (header::ACCEPT, HeaderValue::from_static(value)));
            assert_eq!(accepts_event_stream(&values.collect()), is_live, "{accept:?}");
        }
    }

    #[test]
    fn the_last_event_id_is_a_position() {
        let read = |value: &'static str| {
            let name = HeaderName::from_static(LAST_EVENT_ID);
            last_event_id(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))])).map_err(|no| no.status())
        };
        assert_eq!((read("0"), read("812")), (Ok(Some(0)), Ok(Some(812))));
        for value in ["", "-1", "x", "1.5", "99999999999999999999999"] {
            assert_eq!(read(value), Err(400), "{value}");
        }
    }
}
