//! The client that asks a server: over TLS as it is trusted, through the proxy that the surroundings name, and never sent
//! elsewhere, so that a token goes to who is named alone.

use std::time::Duration;

use ureq::Agent;

use crate::exit::Failure;
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// How long a server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// To take the connection; how long it may take from there on, each question says.
    ToConnect(Duration),
    /// To answer, all in all.
    ToAnswer(Duration),
}

/// A client for the server of an address; what it answers with is no error, whatever it is.
///
/// # Errors
/// If what is shown to it, or trusted, cannot be used.
pub(crate) fn agent(
    url: &str,
    trust: &Trust,
    proxy: Option<&NamedProxy>,
    patience: Patience,
) -> Result<Agent, Failure> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy.map(|named| named.proxy.clone()));
    let config = match patience {
        Patience::ToConnect(time) => config.timeout_connect(Some(time)),
        Patience::ToAnswer(time) => config.timeout_global(Some(time)),
    };
    let config = match trust.tls_config(url)? {
        Some(tls) => config.tls_config(tls),
        None => config,
    };
    Ok(config.build().into())
}
