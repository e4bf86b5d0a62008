//! `GET /v1/feed`: entries of the ledger in order with the postings each gave, for services and operators. As
//! NDJSON it ends, or goes on live if asked to; as server-sent events it goes on live.
//!
//! What an entry posted never changes (SPEC 2), so a feed may be read in parts, each under its own short look at
//! the state, or of a snapshot where what comes next has to be looked for among very many; an entry with millions of
//! postings is in very many. The next part is made when the last one is on its way: a client that reads slowly, or goes
//! away, costs no more than one.

mod live;
mod ndjson;
mod text;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use ledger::Position;
use projections::query::FeedFilter;

use self::text::{Feed, Form};
use crate::accept::preferred;
use crate::app::App;
use crate::asking::Asking;
use crate::auth::bearer;
use crate::caller::Privilege;
use crate::live::EVENT_STREAM;
use crate::openapi::Refusals;
use crate::parameters::{AFTER, EVENT_TYPES, EVENT_UID, FEED_LIMIT, FOLLOW, Given, parameters};
use crate::problem::{Problem, ProblemKind};
use crate::query::{Answer, Asked};
use crate::views::FeedEntry;

parameters! { FeedParameters: AFTER, FEED_LIMIT, EVENT_TYPES, EVENT_UID, FOLLOW }

const LIMIT_DEFAULT: usize = 500;
/// The ledger position that an answer reflects.
pub const POSITION_HEADER: HeaderName = HeaderName::from_static("tributary-position");
const LAST_EVENT_ID: &str = "last-event-id";

/// Which entries are asked for.
struct FeedRequest {
    after: Option<Position>,
    limit: Option<usize>,
    filter: FeedFilter,
    follow: bool,
}

impl FeedRequest {
    fn of(asking: &Asked<'_>) -> Result<FeedRequest, Problem> {
        FeedRequest::read(asking.caller, asking.parameters)
    }

    fn read(caller: &crate::caller::Caller, parameters: &[(String, String)]) -> Result<FeedRequest, Problem> {
        caller.require(Privilege::ReadFeed)?;
        let given = Given::of(parameters, FeedParameters::ALL)?;
        Ok(FeedRequest {
            after: given.get(&AFTER)?,
            limit: given.get(&FEED_LIMIT)?,
            filter: FeedFilter { types: given.get(&EVENT_TYPES)?, uid: given.get(&EVENT_UID)? },
            follow: given.get(&FOLLOW)?.unwrap_or_default(),
        })
    }
}

/// The entries asked for, in memory: for the command line.
pub(crate) fn whole(asked: &Asked<'_>) -> Result<Answer, Problem> {
    let request = FeedRequest::of(asked)?;
    if request.follow {
        let detail = "a feed that goes on has to be asked of a daemon: tributary query --url, or curl";
        return Err(Problem::of_field(ProblemKind::InvalidParameter, FOLLOW.name, detail));
    }
    let upto = asked.view.as_of().position;
    let (after, entries) = (request.after.unwrap_or(0), request.limit.unwrap_or(LIMIT_DEFAULT));
    let mut feed = Feed::new(Form::Lines, after, upto, entries, request.filter);
    let mut body = Vec::new();
    while feed.is_more() {
        body.append(&mut feed.next_of_snapshot(asked.view, asked.ledger)?);
    }
    Ok(Answer { media_type: ndjson::MEDIA_TYPE, body })
}

/// Ledger entries after a position, with the postings each gave: NDJSON; with `Accept: text/event-stream`, or with
/// `follow=true`, live.
#[utoipa::path(
    get, path = "/v1/feed", tag = "operation",
    params(
        FeedParameters,
        ("Last-Event-ID" = Option<u64>, Header, description = "Of a live feed of events: the position to go on after. It goes over `after`."),
    ),
    responses(
        (
            status = 200,
            description = "An entry a line, or an event an entry with the position as its id. A live feed of lines has an \
                empty line where nothing else came for 15 seconds.",
            content((FeedEntry = "application/x-ndjson"), (FeedEntry = "text/event-stream")),
            headers(("Tributary-Position" = u64, description = "The position that the ledger is at.")),
        ),
        Refusals
    )
)]
pub(crate) async fn get_feed(State(app): State<App>, headers: HeaderMap, asking: Asking) -> Result<Response, Problem> {
    let request = FeedRequest::read(&asking.caller, &asking.parameters)?;
    let token = bearer(&headers).ok().map(str::to_owned);
    // Whoever takes neither gets lines, as ever: it is told what it is.
    if preferred(&headers, &[ndjson::MEDIA_TYPE, EVENT_STREAM]) == Some(EVENT_STREAM) {
        let after = last_event_id(&headers)?.or(request.after);
        live::answer(app, token, FeedRequest { after, ..request }, Form::Events)
    } else if request.follow {
        live::answer(app, token, request, Form::Lines)
    } else {
        ndjson::answer(app, request).await
    }
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let mut values = headers.get_all(LAST_EVENT_ID).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = digits.filter(|_| values.next().is_none());
    let wrong = || {
        let detail = format!("expected one, {}", AFTER.expected);
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
    fn the_last_event_id_is_a_position() {
        let read = |value: &'static str| {
            let name = HeaderName::from_static(LAST_EVENT_ID);
            last_event_id(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))])).map_err(|no| no.status())
        };
        assert_eq!((read("0"), read("812")), (Ok(Some(0)), Ok(Some(812))));
        for value in ["", "-1", "x", "1.5", "99999999999999999999999"] {
            assert_eq!(read(value), Err(400), "{value}");
        }
        let twice = ["1", "2"].map(|value| (HeaderName::from_static(LAST_EVENT_ID), HeaderValue::from_static(value)));
        assert!(last_event_id(&HeaderMap::from_iter(twice)).is_err());
    }
}
