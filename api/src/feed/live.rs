//! A feed that goes on: server-sent events, each with its position as id, so that a client that was cut off resumes
//! where it was; or lines of JSON.

use axum::response::Response;
use bytes::Bytes;
use ledger::Position;

use super::text::{Feed, Form};
use super::{FeedRequest, POSITION_HEADER, ndjson, position_value};
use crate::app::App;
use crate::live::{EVENT_STREAM, LiveParts, answer_live};
use crate::problem::Problem;

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Form::Events => EVENT_STREAM,
            Form::Lines => ndjson::MEDIA_TYPE,
        }
    }

    /// What stands before the first entry: a client of events that was cut off comes again after two seconds.
    fn beginning(self) -> Option<Bytes> {
        match self {
            Form::Events => Some(Bytes::from_static(b"retry: 2000\n\n")),
            Form::Lines => None,
        }
    }

    /// A client of events that is cut off then goes on after this position.
    fn keep_alive(self, reached: Position) -> Bytes {
        match self {
            Form::Events => Bytes::from(format!("id: {reached}\n\n")),
            Form::Lines => Bytes::from_static(b"\n"),
        }
    }
}

/// The entries after a position that a filter takes.
struct Entries {
    app: App,
    form: Form,
    /// None while the next part is made, and once that failed.
    feed: Option<Feed>,
    reached: Position,
}

pub(super) fn answer(app: App, token: Option<String>, request: FeedRequest, form: Form) -> Result<Response, Problem> {
    let position = app.ledger()?.position();
    let place = app.live_feeds().take()?;
    let reached = request.after.unwrap_or(position);
    let entries = request.limit.unwrap_or(usize::MAX);
    let feed = Some(Feed::new(form, reached, Position::MAX, entries, request.filter));
    let entries = Entries { app: app.clone(), form, feed, reached };
    let mut response = answer_live(&app, (place, token), form.media_type(), None, entries)?;
    response.headers_mut().insert(POSITION_HEADER, position_value(position));
    Ok(response)
}

impl LiveParts for Entries {
    fn beginning(&self) -> Option<Bytes> {
        self.form.beginning()
    }

    fn reached(&self) -> Position {
        self.reached
    }

    fn is_within(&self) -> bool {
        self.feed.as_ref().is_some_and(Feed::is_within_entry)
    }

    /// The next part; none if the filter takes none of the entries looked at.
    async fn grown(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(feed) = self.feed.take() else { return Ok(None) };
        let (text, feed) = feed.next(&self.app).await?;
        self.reached = feed.reached();
        self.feed = Some(feed);
        Ok((!text.is_empty()).then(|| text.into()))
    }

    fn keep_alive(&self) -> Bytes {
        self.form.keep_alive(self.reached)
    }

    fn is_over(&self) -> bool {
        self.feed.as_ref().is_none_or(Feed::is_over)
    }
}
