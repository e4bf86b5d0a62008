//! How often one address asks, whatever it asks for but the probes.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::arrived::Arrived;
use crate::app::App;
use crate::client_address::client_address;
use crate::probes::is_probe;

pub(super) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Arrived>().map(|arrived| arrived.peer.ip());
    if let Some(peer) = peer.filter(|_| !is_probe(request.uri().path())) {
        let address = client_address(&app.http().reach, request.headers(), peer);
        if let Err(problem) = app.count_address(address) {
            return problem.into_response();
        }
    }
    next.run(request).await
}
