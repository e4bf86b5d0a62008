//! Tells open pages that the ledger grew: server-sent events with its position, at most one a second. A page then
//! fetches itself, and changes only what is marked `data-live`.

use std::time::Duration;

use api::{EVENT_STREAM, LiveParts, Problem, answer_live};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use ingest::Handle;
use ledger::Position;

use super::visit::Visit;
use crate::site::Site;

/// Between two events.
const PAUSE: Duration = Duration::from_secs(1);
/// After so many milliseconds a page that was cut off comes again.
const BEGINNING: &str = "retry: 3000\n\n";

pub(super) fn router() -> Router<Site> {
    Router::new().route("/live", get(get_live))
}

/// The positions that the ledger comes to.
struct Positions {
    ledger: Handle,
    told: Position,
}

async fn get_live(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let ledger = site.app.ledger()?.clone();
    let place = site.app.live_pages().take()?;
    let positions = Positions { told: ledger.position(), ledger };
    answer_live(&site.app, (place, visit.visitor.token), EVENT_STREAM, Some(PAUSE), positions)
}

impl LiveParts for Positions {
    fn beginning(&self) -> Option<Bytes> {
        Some(Bytes::from(format!("{BEGINNING}{}", event(self.told))))
    }

    fn reached(&self) -> Position {
        self.told
    }

    async fn grown(&mut self) -> Result<Option<Bytes>, Problem> {
        self.told = self.ledger.position();
        Ok(Some(Bytes::from(event(self.told))))
    }

    /// A comment.
    fn keep_alive(&self) -> Bytes {
        Bytes::from_static(b":\n\n")
    }
}

fn event(position: Position) -> String {
    format!("event: position\ndata: {position}\n\n")
}
