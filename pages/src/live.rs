//! Tells open pages that the ledger grew: server-sent events with its position, at most one a second. A page then
//! fetches itself, and changes only what is marked `data-live`.

use api::{LivePlace, Problem, blocking};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use ingest::{Handle, PositionWatch};
use ledger::Position;
use tokio::sync::watch;

use super::visit::Visit;
use crate::site::Site;

/// Between two events.
const PAUSE: Duration = Duration::from_secs(1);
/// A comment is sent where nothing else was for so long, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After so many milliseconds a page that was cut off comes again.
const BEGINNING: &str = "retry: 3000\n\n";

pub(super) fn router() -> Router<Site> {
    Router::new().route("/live", get(get_live))
}

struct Live {
    ledger: Handle,
    watch: PositionWatch,
    stopping: watch::Receiver<bool>,
    told: Position,
    has_begun: bool,
    _place: LivePlace,
}

async fn get_live(State(site): State<Site>, _visit: Visit) -> Result<Response, Problem> {
    let ledger = site.app.ledger()?.clone();
    let place = site.app.live_pages().take()?;
    let live = Live {
        watch: ledger.subscribe(),
        stopping: site.app.stopping(),
        told: ledger.position(),
        has_begun: false,
        _place: place,
        ledger,
    };
    let parts = stream::unfold(live, |mut live| async {
        let part = live.next().await?;
        Some((Ok::<_, Problem>(part), live))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // A proxy that gathers an answer before it passes it on would never pass this one on.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

impl Live {
    /// The next part; none when the server ends.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.has_begun, true) {
            return Some(Bytes::from(format!("{BEGINNING}{}", event(self.told))));
        }
        let keep_alive = tokio::time::Instant::now() + KEEP_ALIVE;
        loop {
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = tokio::time::sleep(PAUSE) => {}
            }
            let ledger = self.ledger.clone();
            // A ledger that another process writes has to be looked at.
            let position =
                if ledger.is_read_only() { blocking(move || ledger.refresh()).await.ok()? } else { ledger.position() };
            if position > self.told {
                self.told = position;
                return Some(Bytes::from(event(position)));
            }
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                beyond = self.watch.beyond(self.told), if !self.ledger.is_read_only() => { beyond?; }
                () = tokio::time::sleep_until(keep_alive) => return Some(Bytes::from_static(b":\n\n")),
                () = tokio::time::sleep(PAUSE), if self.ledger.is_read_only() => {}
            }
        }
    }
}

fn event(position: Position) -> String {
    format!("event: position\ndata: {position}\n\n")
}
