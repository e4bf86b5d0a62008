//! Receiving a body: bounded in size and in time.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::problem::{Problem, ProblemKind};

/// A body has to be here after so long.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(60);
/// Of a body that is refused so much is thrown away, so that who sends it reads the refusal and no reset.
const THROWN_AWAY_BYTES_MAX: usize = 64 * 1024 * 1024;
const THROW_AWAY_TIMEOUT: Duration = Duration::from_secs(10);

/// Receives a whole body of at most so many bytes.
pub(crate) async fn receive(headers: &HeaderMap, mut body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let too_large = || Problem::new(ProblemKind::TooLarge, format!("the body may have {bytes_max} bytes at most"));
    if declared_length(headers).is_some_and(|length| length > bytes_max as u64) {
        refuse_unread(headers, body);
        return Err(too_large());
    }
    let received = async {
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame
                .map_err(|error| Problem::new(ProblemKind::InvalidBody, format!("the body ends too early: {error}")))?;
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > bytes_max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Bytes::from(bytes))
    };
    let received = tokio::time::timeout(RECEIVE_TIMEOUT, received).await;
    let received = received.unwrap_or_else(|_| {
        let detail = format!("the body was not here after {} s", RECEIVE_TIMEOUT.as_secs());
        Err(Problem::new(ProblemKind::Slow, detail))
    });
    if received.as_ref().is_err_and(|problem| problem.kind == ProblemKind::TooLarge) {
        refuse_unread(headers, body);
    }
    received
}

/// The length that the headers tell.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Throws away what is still to come of a body that is refused, behind the answer. A client that waits for leave to
/// send it has not sent it.
pub(crate) fn refuse_unread(headers: &HeaderMap, mut body: Body) {
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let thrown_away = async move {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > THROWN_AWAY_BYTES_MAX {
                break;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(THROW_AWAY_TIMEOUT, thrown_away));
}
