//! Receiving a body: bounded in size and in time, decompressed where it comes so.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::BodyExt;

use super::encoding::{Broken, Encoding};
use crate::app::blocking;
use crate::problem::{Problem, ProblemKind};

/// A body has to be here after so long.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(60);

/// Receives a whole body of at most so many bytes; one that comes compressed as what it comes to.
///
/// # Errors
/// 408 if it does not come, 413 if it is too large, 415 if it is compressed in a way that is not known here, 400 if it
/// ends too early or is damaged.
pub async fn receive(headers: &HeaderMap, mut body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let encoding = Encoding::told(headers)?;
    let too_large = || Problem::new(ProblemKind::TooLarge, format!("the body may have {bytes_max} bytes at most"));
    if declared_length(headers).is_some_and(|length| length > bytes_max as u64) {
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
    let received = tokio::time::timeout(RECEIVE_TIMEOUT, received).await.unwrap_or_else(|_| {
        let detail = format!("the body was not here after {} s", RECEIVE_TIMEOUT.as_secs());
        Err(Problem::new(ProblemKind::Slow, detail))
    })?;
    let Some(encoding) = encoding else { return Ok(received) };
    match blocking(move || encoding.decode(&received, bytes_max)).await? {
        Ok(decoded) => Ok(decoded.into()),
        Err(Broken::TooLarge) => Err(too_large()),
        Err(Broken::Damaged(why)) => {
            let detail = format!("the body is no whole {}: {why}", encoding.as_str());
            Err(Problem::new(ProblemKind::InvalidBody, detail))
        }
    }
}

/// The length that the headers tell.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a body comes compressed, so that its length does not tell what it comes to.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use futures_util::stream;

    use super::*;

    fn in_parts(parts: &[&'static str]) -> Body {
        let parts: Vec<_> = parts.iter().map(|part| Ok::<_, std::io::Error>(*part)).collect();
        Body::from_stream(stream::iter(parts))
    }

    #[tokio::test]
    async fn a_body_has_at_most_so_many_bytes_told_or_not() {
        let none = HeaderMap::new();
        assert_eq!(receive(&none, in_parts(&["ab", "cd"]), 4).await, Ok(Bytes::from_static(b"abcd")));
        let more = receive(&none, in_parts(&["ab", "cde"]), 4).await.map_err(|problem| problem.status());
        assert_eq!(more, Err(413));
        let told = HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from(5))]);
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(receive(&told, never, 4).await.map_err(|problem| problem.status()), Err(413));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(receive(&HeaderMap::new(), never, 4).await.map_err(|problem| problem.status()), Err(408));
    }
}
