//! Answers are compressed for who takes that (gzip, zstd), where it is worth it: not small ones, nor what is
//! compressed in itself. A stream is written out as far as there is something to send, so nobody waits for a block to
//! be full.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
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
    response.map(|body| Body::new(body.fuse()))
}
