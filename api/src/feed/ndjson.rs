//! A feed that ends: a line an entry.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ledger::Position;
use projections::query::FeedFilter;

use super::{FeedRequest, LIMIT_DEFAULT, PART_ENTRIES_MAX, POSITION_HEADER, lines, position_value};
use crate::app::App;
use crate::problem::Problem;

pub(super) const MEDIA_TYPE: &str = "application/x-ndjson";

/// What is still to be sent.
struct Rest {
    app: App,
    after: Position,
    /// No entry that comes while this is sent is told of: the answer reflects the position that it bears.
    upto: Position,
    entries: usize,
    filter: FeedFilter,
}

impl Rest {
    /// Whether there may be more.
    fn is_more(&self) -> bool {
        self.entries > 0 && self.after < self.upto
    }

    /// The next part: at least one entry, unless there is none any more.
    async fn next(&mut self) -> Result<Bytes, Problem> {
        let mut text = Vec::new();
        while text.is_empty() && self.is_more() {
            let (after, upto, limit) = (self.after, self.upto, self.entries.min(PART_ENTRIES_MAX));
            let filter = self.filter.clone();
            let read = self.app.ask(move |view, _| {
                let (reached, count) = lines(view, after, upto, limit, &filter, &mut text)?;
                Ok((text, count, reached))
            });
            let (read, count, reached) = read.await?;
            (text, self.after, self.entries) = (read, reached, self.entries - count);
        }
        Ok(text.into())
    }
}

pub(super) async fn answer(app: App, request: FeedRequest) -> Result<Response, Problem> {
    let position = app.ask(|view, _| Ok(view.as_of().position)).await?;
    let FeedRequest { after, limit, filter, follow: _ } = request;
    let (after, entries) = (after.unwrap_or(0), limit.unwrap_or(LIMIT_DEFAULT));
    let mut rest = Rest { app, after, upto: position, entries, filter };
    // What can be refused is refused before the answer begins.
    let first = rest.next().await?;
    let parts = stream::unfold(Some((Some(first), rest)), |state| async {
        let (first, mut rest) = state?;
        if let Some(first) = first {
            return Some((Ok(first), Some((None, rest))));
        }
        if !rest.is_more() {
            return None;
        }
        match rest.next().await {
            Ok(part) => Some((Ok(part), Some((None, rest)))),
            // The answer has begun; it is cut off, and so is seen not to be whole.
            Err(problem) => Some((Err(problem), None)),
        }
    });
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)), (POSITION_HEADER, position_value(position))];
    Ok((headers, Body::from_stream(parts)).into_response())
}
