//! Asks a daemon over HTTP.

use std::time::Duration;

use anyhow::{Context, anyhow};
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

use super::ApiResponse;
use super::request::Request;
use crate::exit::Failure;
use crate::proxy::NamedProxy;

/// Sends the request. The token goes to the host that is named and nowhere else: no redirect is followed.
pub(super) fn ask(url: &str, token: Option<&str>, request: &Request) -> Result<ApiResponse, Failure> {
    send(url, token, &request.target, None)
}

/// Sends a GET, or a POST of a body with its media type.
pub(in crate::commands) fn send(
    url: &str,
    token: Option<&str>,
    target: &str,
    body: Option<(&str, &[u8])>,
) -> Result<ApiResponse, Failure> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Failure::usage(anyhow!("--url has to begin with http:// or https://, not \"{url}\"")));
    }
    if url.starts_with("https://") && !cfg!(feature = "tls") {
        return Err(Failure::usage(anyhow!("this tributary is built without TLS: build it with --features tls")));
    }
    let proxy = NamedProxy::of_surroundings(url)?;
    let agent: ureq::Agent = agent_config(proxy.as_ref().map(|named| named.proxy.clone())).into();
    let address = format!("{}{target}", url.trim_end_matches('/'));
    let token = token.map(|token| format!("Bearer {token}"));
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
    let response = response.with_context(|| match &proxy {
        Some(proxy) => format!("no answer from {url} through {}", proxy.name()),
        None => format!("no answer from {url}"),
    })?;
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let status = response.status().as_u16();
    let body = response.into_body().into_with_config().limit(u64::MAX).reader();
    Ok(ApiResponse { status, media_type, body: Box::new(body) })
}

fn agent_config(proxy: Option<ureq::Proxy>) -> ureq::config::Config {
    const CONNECT_SECONDS: u64 = 10;
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS)));
    #[cfg(feature = "tls")]
    let config = config.tls_config(
        ureq::tls::TlsConfig::builder()
            .provider(ureq::tls::TlsProvider::NativeTls)
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build(),
    );
    config.build()
}
