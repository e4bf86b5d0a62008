//! A feed that ends: a line an entry.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::text::{Feed, Form};
use super::{FeedRequest, LIMIT_DEFAULT, POSITION_HEADER, position_value};
use crate::app::App;
use crate::problem::Problem;

pub(super) const MEDIA_TYPE: &str = "application/x-ndjson";

/// What is still to be sent.
struct Rest {
    app: App,
    feed: Feed,
}

impl Rest {
    /// The next part, and what is behind it: something, unless there is nothing any more.
    async fn next(self) -> Result<(Bytes, Rest), Problem> {
        let Rest { app, mut feed } = self;
        let mut text = Vec::new();
        while text.is_empty() && feed.is_more() {
            (text, feed) = feed.next(&app).await?;
        }
        Ok((text.into(), Rest { app, feed }))
    }
}

pub(super) async fn answer(app: App, request: FeedRequest) -> Result<Response, Problem> {
    let position = app.ask(|view, _| Ok(view.as_of().position)).await?;
    let FeedRequest { after, limit, filter, follow: _ } = request;
    // No entry that comes while this is sent is told of: the answer reflects the position that it bears.
    let feed = Feed::new(Form::Lines, after.unwrap_or(0), position, limit.unwrap_or(LIMIT_DEFAULT), filter);
    // What can be refused is refused before the answer begins.
    let (first, rest) = Rest { app, feed }.next().await?;
    let rest = stream::unfold(Some(rest), |rest| async {
        let rest = rest.filter(|rest| rest.feed.is_more())?;
        match rest.next().await {
            Ok((part, rest)) => Some((Ok(part), Some(rest))),
            // The answer has begun; it is cut off, and so is seen not to be whole.
            Err(problem) => Some((Err(problem), None)),
        }
    });
    let parts = stream::once(std::future::ready(Ok(first))).chain(rest);
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)), (POSITION_HEADER, position_value(position))];
    Ok((headers, Body::from_stream(parts)).into_response())
}
