//! How the daemon asks other servers: through the proxy that the surroundings name, over TLS, and never for long.

use std::time::Duration;

use api::{ANSWER_BYTES_MAX, Fetch, Fetched};
use ureq::http::Response;
use ureq::http::header::{ACCEPT, AUTHORIZATION};
use ureq::{Agent, Body};

use crate::agent::{Patience, agent};
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// So long another server has for its answer, all in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks other servers.
pub(crate) struct Fetcher;

impl Fetch for Fetcher {
    fn get(&self, url: &str) -> Result<Fetched, String> {
        answer(asked(url)?.get(url).header(ACCEPT, "application/json").call())
    }

    fn post_form(&self, url: &str, authorization: Option<&str>, fields: &[(&str, &str)]) -> Result<Fetched, String> {
        let mut request = asked(url)?.post(url).header(ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        answer(request.send_form(fields.iter().copied()))
    }
}

fn asked(url: &str) -> Result<Agent, String> {
    let made = NamedProxy::of_surroundings(url).and_then(|proxy| {
        let trust = Trust { ca: None, ca_name: "the system's certificates", cert: None, key: None };
        agent(url, &trust, proxy.as_ref(), Patience::ToAnswer(PATIENCE))
    });
    made.map_err(|failure| failure.in_words())
}

fn answer(answered: Result<Response<Body>, ureq::Error>) -> Result<Fetched, String> {
    let mut response = answered.map_err(|error| error.to_string())?;
    let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
    Ok(Fetched { status: response.status().as_u16(), body: body.map_err(|error| error.to_string())? })
}
