//! A feed that goes on: server-sent events, each with its position as id, so that a client that was cut off resumes
//! where it was; or lines of JSON. The next entries are read only when the last ones are on their way, so a client
//! that stops reading holds nothing but its place; and that it loses after a while.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ingest::{Handle, PositionWatch};
use ledger::Position;
use projections::query::FeedFilter;
use projections::views::FeedEntry;
use tokio::sync::watch;

use super::{EVENT_STREAM, FeedRequest, PART_ENTRIES_MAX, POSITION_HEADER, ndjson, position_value, write_json};
use crate::app::{App, blocking};
use crate::live_places::LivePlace;
use crate::problem::Problem;

/// Something is sent where nothing else was for so long, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A ledger that another process writes is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As server-sent events.
    Events,
    /// As lines of JSON.
    Lines,
}

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

    /// What is sent where there is nothing to tell. A client of events that is cut off then goes on after this position.
    fn keep_alive(self, reached: Position) -> Bytes {
        match self {
            Form::Events => Bytes::from(format!("id: {reached}\n\n")),
            Form::Lines => Bytes::from_static(b"\n"),
        }
    }

    fn write(self, entry: FeedEntry, out: &mut Vec<u8>) -> Result<(), Problem> {
        match self {
            Form::Events => {
                // JSON on one line is one line of data.
                out.extend_from_slice(format!("id: {}\ndata: ", entry.position).as_bytes());
                write_json(entry, out)?;
                out.extend_from_slice(b"\n\n");
            }
            Form::Lines => {
                write_json(entry, out)?;
                out.push(b'\n');
            }
        }
        Ok(())
    }
}

struct Live {
    app: App,
    ledger: Handle,
    watch: PositionWatch,
    stopping: watch::Receiver<bool>,
    form: Form,
    filter: FeedFilter,
    after: Position,
    /// How many entries are still to be sent, if that is bounded.
    entries: Option<usize>,
    has_begun: bool,
    _place: LivePlace,
}

/// What happens next in a live feed.
enum Next {
    Entries,
    KeepAlive,
    Look,
    End,
}

pub(super) fn answer(app: App, request: FeedRequest, form: Form) -> Result<Response, Problem> {
    let ledger = app.ledger()?.clone();
    let place = app.live_feeds().take()?;
    let position = ledger.position();
    let live = Live {
        watch: ledger.subscribe(),
        stopping: app.stopping(),
        form,
        filter: request.filter,
        after: request.after.unwrap_or(position),
        entries: request.limit,
        has_begun: false,
        _place: place,
        ledger,
        app,
    };
    let parts = stream::unfold(live, |mut live| async {
        let part = live.next().await?;
        Some((part, live))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(form.media_type())),
        (POSITION_HEADER, position_value(position)),
        // A proxy that gathers an answer before it passes it on would never pass this one on.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

impl Live {
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if !std::mem::replace(&mut self.has_begun, true)
            && let Some(beginning) = self.form.beginning()
        {
            return Some(Ok(beginning));
        }
        if self.entries == Some(0) {
            return None;
        }
        let keep_alive = tokio::time::sleep(KEEP_ALIVE);
        tokio::pin!(keep_alive);
        loop {
            let next = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => Next::End,
                // Before the entries: a filter may take none of very many.
                () = &mut keep_alive => Next::KeepAlive,
                beyond = self.watch.beyond(self.after) => beyond.map_or(Next::End, |_| Next::Entries),
                () = tokio::time::sleep(LOOK_EVERY), if self.ledger.is_read_only() => Next::Look,
            };
            match next {
                Next::Entries => match self.entries().await {
                    Ok(None) => {}
                    Ok(Some(part)) => return Some(Ok(part)),
                    Err(problem) => return Some(Err(problem)),
                },
                Next::KeepAlive => return Some(Ok(self.form.keep_alive(self.after))),
                Next::Look => {
                    let ledger = self.ledger.clone();
                    if let Err(problem) = blocking(move || ledger.refresh()).await {
                        return Some(Err(problem));
                    }
                }
                Next::End => return None,
            }
        }
    }

    /// The next entries, in one look at the state; none if the filter takes none of those looked at.
    async fn entries(&mut self) -> Result<Option<Bytes>, Problem> {
        let (after, limit) = (self.after, self.entries.unwrap_or(usize::MAX).min(PART_ENTRIES_MAX));
        let (form, filter) = (self.form, self.filter.clone());
        let read = self.app.ask(move |view, _| {
            let part =
                view.feed_part(after, Position::MAX, limit, &filter).map_err(|error| Problem::internal(&error))?;
            let (reached, count) = (part.reached, part.entries.len());
            let mut text = Vec::new();
            for entry in part.entries {
                form.write(entry, &mut text)?;
            }
            Ok((text, reached, count))
        });
        let (text, reached, count) = read.await?;
        self.after = reached;
        self.entries = self.entries.map(|entries| entries - count);
        Ok((count > 0).then(|| text.into()))
    }
}
