//! Answers that begin before it is known what they end with.

use axum::http::StatusCode;
use tokio::sync::watch;

/// Borne by an answer that began before it is known what it ends with: it is counted when that is.
#[derive(Clone)]
pub struct Unfinished(pub watch::Receiver<Option<StatusCode>>);

impl Unfinished {
    /// The status that it would have had; none if nobody waited for it.
    pub async fn status(mut self) -> Option<StatusCode> {
        self.0.wait_for(Option::is_some).await.ok().and_then(|status| *status)
    }
}
