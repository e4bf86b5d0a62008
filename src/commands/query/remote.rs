//! Asks a daemon over HTTP.

use std::io::Read;
use std::time::Duration;

use anyhow::anyhow;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

use super::request::Request;
use super::{ApiResponse, refusal};
use crate::agent::{Patience, agent};
use crate::cli::ServerFlags;
use crate::elsewhere::{AskDaemon, NotGiven};
use crate::exit::Failure;
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// So long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// A daemon, and what is shown to it.
pub(in crate::commands) struct Daemon {
    url: String,
    token: Option<String>,
    trust: Trust,
}

impl Daemon {
    /// The daemon that the flags name, if they name one.
    pub(in crate::commands) fn of(flags: ServerFlags) -> Option<Daemon> {
        let ServerFlags { url, token, ca, cert, key } = flags;
        Some(Daemon { url: url?, token, trust: Trust { ca, ca_name: "--ca", cert, key } })
    }

    /// Sends the request. The token goes to the host that is named and nowhere else: no redirect is followed.
    pub(super) fn ask(&self, request: &Request) -> Result<ApiResponse, Failure> {
        self.send(&request.target, None)
    }

    /// Sends a GET, or a POST of a body with its media type.
    pub(in crate::commands) fn send(&self, target: &str, body: Option<(&str, &[u8])>) -> Result<ApiResponse, Failure> {
        let url = self.url.as_str();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(anyhow!("--url has to begin with http:// or https://, not \"{url}\"")));
        }
        let proxy = NamedProxy::of_surroundings(url)?;
        let agent = agent(url, &self.trust, proxy.as_ref(), Patience::ToConnect(CONNECT))?;
        let address = format!("{}{target}", url.trim_end_matches('/'));
        let token = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let response = match body {
            None => {
                let mut get = agent.get(&address).header(ACCEPT, "application/json, application/x-ndjson, */*;q=0.1");
                if let Some(token) = token {
                    get = get.header(AUTHORIZATION, token);
                }
                get.call()
            }
            Some((media_type, body)) => {
                let mut post = agent.post(&address).header(ACCEPT, "application/json").header(CONTENT_TYPE, media_type);
                if let Some(token) = token {
                    post = post.header(AUTHORIZATION, token);
                }
                post.send(body)
            }
        };
        let response = response.map_err(|error| {
            let through = proxy.as_ref().map(|proxy| format!(" through {}", proxy.name())).unwrap_or_default();
            self.trust.why_no_answer(error).context(format!("no answer from {url}{through}"))
        })?;
        let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(ApiResponse { status, media_type, body: Box::new(body) })
    }
}

impl AskDaemon for Daemon {
    fn get(&self, target: &str) -> Result<Box<dyn Read>, NotGiven> {
        let answer = self.send(target, None);
        let mut answer = answer.map_err(|failure| NotGiven { status: None, failure })?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        Err(NotGiven { status: Some(answer.status), failure: refusal(&mut answer) })
    }
}
