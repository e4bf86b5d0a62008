//! Throws away what nobody read of a request's body, behind the answer: so a client that is refused while it still
//! sends reads the refusal, and no reset. Bounded in bytes and in time.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;

const BYTES_MAX: usize = 64 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The same request; of its body is thrown away what is not read.
pub(super) fn thrown_away(request: Request) -> Request {
    // A client that waits for leave to send its body has not sent it.
    if request.headers().contains_key(header::EXPECT) {
        return request;
    }
    request.map(|body| if body.is_end_stream() { body } else { Body::new(Rest(body)) })
}

struct Rest(Body);

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.0).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.0 = Body::empty();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        if self.0.is_end_stream() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let mut body = std::mem::take(&mut self.0);
        let thrown_away = async move {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > BYTES_MAX {
                    break;
                }
            }
        };
        // The timeout is made where there is a runtime for it.
        runtime.spawn(async move { tokio::time::timeout(TIMEOUT, thrown_away).await });
    }
}
