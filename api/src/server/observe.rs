//! Around every request: how long it took, headers that every answer bears, and no panic out.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::traced::Traced;
use super::unfinished::Unfinished;
use super::unread;
use crate::app::App;
use crate::came::{REQUEST_ID, RequestId};
use crate::problem::Problem;

/// What a path that nothing is served at is counted under.
const NOWHERE: &str = "none";

/// Borne by every answer that does not say otherwise: answers are data of the asker's own, and no pages.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
];

pub(super) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let endpoint = request.extensions().get::<MatchedPath>().cloned();
    let traced = Traced::begin(&method, endpoint.as_ref(), request.headers(), &id);
    let answered = traced.around(next.run(unread::thrown_away(request)));
    let answered = AssertUnwindSafe(answered).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| Problem::internal(&"the handler panicked").into_response());
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::try_from(&*id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    traced.tell(response.headers_mut());
    let count = move |status: StatusCode| {
        let endpoint = endpoint.as_ref().map_or(NOWHERE, MatchedPath::as_str);
        traced.answered(status);
        let (status, elapsed) = (status.as_u16(), begun.elapsed());
        // Within its trace, so that what is observed is an exemplar.
        traced.log(|| {
            app.metrics().count_request(app.process_metrics(), endpoint, &method, status, elapsed.as_secs_f64());
        });
        let micros = elapsed.as_micros() as u64;
        traced.log(|| tracing::debug!(%method, endpoint, status, micros, "answered"));
    };
    match response.extensions_mut().remove::<Unfinished>() {
        None => count(response.status()),
        Some(unfinished) => {
            tokio::spawn(async move { unfinished.status().await.map(count) });
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use ingest::metrics::Metrics;
    use tower_service::Service;

    use super::*;
    use crate::auth::Authenticator;

    #[tokio::test]
    async fn no_panic_gets_out() {
        async fn panics() -> &'static str {
            panic!("on purpose")
        }
        let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
        let mut router = Router::new().route("/", get(panics)).layer(from_fn_with_state(app, observe));
        let response = router.call(Request::new(Body::empty())).await.unwrap_or_else(|never| match never {});
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[header::CONTENT_TYPE], crate::problem::PROBLEM_JSON);
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
