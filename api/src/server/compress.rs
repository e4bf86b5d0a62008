//! Answers are compressed for who takes that (gzip, zstd), where it is worth it: not small ones, nor what is
//! compressed in itself. A stream is written out as far as there is something to send, so nobody waits for a block to
//! be full.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Below it, the headers of a packet weigh as much as what is saved.
const BYTES_MIN: u16 = 1_024;

pub(super) fn layer() -> CompressionLayer<impl Predicate> {
    let is_worth_it = SizeAbove::new(BYTES_MIN)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("application/vnd.apache.parquet"));
    // A thread that serves others too does it.
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_worth_it)
}

/// A HEAD has no body to compress, so what a GET would come to is not known: it tells no length then (RFC 9110,
/// section 8.6).
pub(super) async fn head_without_a_length(request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD && request.headers().contains_key(header::ACCEPT_ENCODING);
    let mut response = next.run(request).await;
    if is_head {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// The same answer, whose body may be asked again after its end: compressing it asks for what may follow its data.
pub(super) async fn ended_once(response: Response) -> Response {
    response.map(|body| Body::new(EndedOnce(Some(body))))
}

/// A body until its end.
struct EndedOnce(Option<Body>);

impl HttpBody for EndedOnce {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
