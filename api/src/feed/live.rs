//! A feed that goes on: server-sent events, each with its position as id, so that a client that was cut off resumes
//! where it was. The next entries are read only when the last ones are on their way.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use ingest::{Handle, PositionWatch};
use ledger::Position;
use prometheus::IntGauge;
use tokio::sync::watch;

use super::{EVENT_STREAM, PART_ENTRIES_MAX, POSITION_HEADER, position_value, write_json};
use crate::app::{App, blocking};
use crate::problem::Problem;

/// A comment is sent where nothing else was for so long, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A ledger that another process writes is looked at so often.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// After so many milliseconds a client that was cut off comes again.
const BEGINNING: &[u8] = b"retry: 2000\n\n";

struct Live {
    app: App,
    ledger: Handle,
    watch: PositionWatch,
    stopping: watch::Receiver<bool>,
    after: Position,
    /// How many entries are still to be sent, if that is bounded.
    entries: Option<usize>,
    has_begun: bool,
    _counted: Counted,
}

/// Counts a live feed as long as there is one.
struct Counted(IntGauge);

impl Counted {
    fn new(gauge: &IntGauge) -> Counted {
        gauge.inc();
        Counted(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What happens next in a live feed.
enum Next {
    Entries,
    KeepAlive,
    Look,
    End,
}

pub(super) fn answer(app: App, after: Option<Position>, limit: Option<usize>) -> Result<Response, Problem> {
    let ledger = app.ledger()?.clone();
    let position = ledger.position();
    let live = Live {
        watch: ledger.subscribe(),
        stopping: app.stopping(),
        after: after.unwrap_or(position),
        entries: limit,
        has_begun: false,
        _counted: Counted::new(&app.metrics().live_feeds),
        ledger,
        app,
    };
    let parts = stream::unfold(live, |mut live| async {
        let part = live.next().await?;
        Some((part, live))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM)),
        (POSITION_HEADER, position_value(position)),
        // A proxy that gathers an answer before it passes it on would never pass this one on.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

impl Live {
    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return Some(Ok(Bytes::from_static(BEGINNING)));
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
                beyond = self.watch.beyond(self.after) => beyond.map_or(Next::End, |_| Next::Entries),
                () = &mut keep_alive => Next::KeepAlive,
                () = tokio::time::sleep(LOOK_EVERY), if self.ledger.is_read_only() => Next::Look,
            };
            match next {
                Next::Entries => return Some(self.entries().await),
                Next::KeepAlive => return Some(Ok(Bytes::from_static(b":\n\n"))),
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

    async fn entries(&mut self) -> Result<Bytes, Problem> {
        let (after, limit) = (self.after, self.entries.unwrap_or(usize::MAX).min(PART_ENTRIES_MAX));
        let read = self.app.ask(move |view, _| {
            let entries = view.feed(after, limit).map_err(|error| Problem::internal(&error))?;
            let mut part = Vec::new();
            for entry in &entries {
                // JSON on one line is one line of data.
                part.extend_from_slice(format!("id: {}\ndata: ", entry.position).as_bytes());
                write_json(entry, &mut part)?;
                part.extend_from_slice(b"\n\n");
            }
            Ok((part, entries.last().map(|entry| entry.position), entries.len()))
        });
        let (part, last, count) = read.await?;
        self.after = last.unwrap_or(self.after);
        self.entries = self.entries.map(|entries| entries - count);
        Ok(part.into())
    }
}
