//! Asks the API itself, within the process and with the visitor's own token: what comes is what a program gets, with the
//! same rights, bounds and refusals. So much of an answer is taken, however long it is.

use api::Problem;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt;
use tower_service::Service;

use super::super::visit::Visit;
use super::ordered::Json;

/// The most of an answer that is taken, in bytes.
pub(super) const BYTES_MAX: usize = 256 * 1024;

/// What came.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media_type: String,
    /// The beginning of the answer, or all of it.
    pub(super) bytes: Vec<u8>,
    /// Whether that is all.
    pub(super) is_whole: bool,
    /// Read, where it is all there and JSON.
    pub(super) json: Option<Json>,
}

impl Answer {
    /// Why a parameter was refused.
    pub(super) fn refusal_of(&self, name: &str) -> Option<&str> {
        let json = self.json.as_ref().filter(|json| !self.status.is_success() && json.text("field") == Some(name))?;
        json.text("detail")
    }
}

pub(super) async fn ask(visit: &Visit, target: &str) -> Result<Answer, Problem> {
    let mut request = Request::get(target).header(header::ACCEPT, "application/json, */*;q=0.5");
    if let Some(token) = visit.visitor.token.as_ref().filter(|_| !visit.site.app.is_open_to_anyone()) {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Body::empty()).map_err(|error| Problem::internal(&error))?;
    let answer = visit.site.api().call(request).await.unwrap_or_else(|never| match never {});
    let (parts, body) = answer.into_parts();
    let media_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_owned();
    let mut stream = body.into_data_stream();
    let (mut bytes, mut is_whole) = (Vec::new(), true);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| Problem::internal(&error))?;
        bytes.extend_from_slice(&piece);
        if bytes.len() > BYTES_MAX {
            bytes.truncate(BYTES_MAX);
            is_whole = false;
            break;
        }
    }
    let json = if is_whole && media_type.ends_with("json") { serde_json::from_slice(&bytes).ok() } else { None };
    Ok(Answer { status: parts.status, media_type, bytes, is_whole, json })
}
