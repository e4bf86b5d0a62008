//! Pages of other origins that the settings name may ask the API from a browser (CORS). None may by default. No cookie
//! goes along, so such a page can do what its token can and no more.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, Method, header};
use tower_http::cors::CorsLayer;

use super::wrong_method;
use crate::app::App;
use crate::feed::POSITION_HEADER;
use crate::reach::Origin;

/// A browser asks again after so long whether it may.
const MAX_AGE: Duration = Duration::from_secs(600);

/// The same routes, which these origins may ask.
pub(super) fn allowed(router: Router<App>, origins: &[Origin]) -> Router<App> {
    if origins.is_empty() {
        return router;
    }
    let layer = CorsLayer::new()
        .allow_origin(origins.iter().map(Origin::header).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            POSITION_HEADER,
            header::CONTENT_DISPOSITION,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
        ])
        .max_age(MAX_AGE);
    // What a path says to a method that it does not take is within, so that a preflight is answered before it.
    router.method_not_allowed_fallback(wrong_method).layer(layer)
}
