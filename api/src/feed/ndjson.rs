//! A feed that ends: a line an entry.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ledger::Position;

use super::{PART_ENTRIES_MAX, POSITION_HEADER, lines, position_value};
use crate::app::App;
use crate::problem::Problem;

pub(super) const MEDIA_TYPE: &str = "application/x-ndjson";

/// What is still to be sent.
struct Rest {
    app: App,
    after: Position,
    entries: usize,
}

impl Rest {
    /// The next part with the ledger's position; an empty one at the end of the ledger or of what was asked for.
    async fn next(&mut self) -> Result<(Bytes, Position), Problem> {
        let (after, limit) = (self.after, self.entries.min(PART_ENTRIES_MAX));
        let read = self.app.ask(move |view, _| {
            let mut part = Vec::new();
            let last = lines(view, after, limit, &mut part)?;
            Ok((part, last, view.as_of().position))
        });
        let (part, last, position) = read.await?;
        match last {
            Some(last) => {
                self.after = last;
                // Positions go up one by one.
                self.entries -= limit.min((last - after) as usize);
            }
            None => self.entries = 0,
        }
        Ok((part.into(), position))
    }
}

pub(super) async fn answer(app: App, after: Position, limit: usize) -> Result<Response, Problem> {
    let mut rest = Rest { app, after, entries: limit };
    let (first, position) = rest.next().await?;
    // No entry that comes while this is sent is told of: the answer reflects the position that it bears.
    rest.entries = rest.entries.min(position.saturating_sub(rest.after) as usize);
    let parts = stream::unfold(Some((Some(first), rest)), |state| async {
        let (first, mut rest) = state?;
        if let Some(first) = first {
            return Some((Ok(first), Some((None, rest))));
        }
        if rest.entries == 0 {
            return None;
        }
        match rest.next().await {
            Ok((part, _)) => Some((Ok(part), Some((None, rest)))),
            // The answer has begun; it is cut off, and so is seen not to be whole.
            Err(problem) => Some((Err(problem), None)),
        }
    });
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE.parse()), (POSITION_HEADER, Ok(position_value(position)))];
    let mut response = Body::from_stream(parts).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.map_err(|error| Problem::internal(&error))?);
    }
    Ok(response)
}
