//! Asks the daemon of these settings whether it is ready.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, anyhow};
use serde::Deserialize;
use ureq::Agent;

use crate::cli::{CommonFlags, ReadyArgs};
use crate::config::{Settings, load, surroundings};
use crate::exit::Failure;
use crate::output;
use crate::trust::unjudged;

/// How long an answer may take: who asks asks again.
const PATIENCE: Duration = Duration::from_secs(4);

/// The answer of `/readyz`, and of the problem that it is where something is missing.
#[derive(Deserialize)]
struct Answer {
    position: Option<u64>,
    #[serde(default)]
    missing: Vec<Missing>,
}

#[derive(Deserialize)]
struct Missing {
    what: String,
    detail: String,
}

/// Asks, and says what it answers.
pub(super) fn execute(common: &CommonFlags, args: &ReadyArgs) -> Result<(), Failure> {
    let (settings, _) = load(common.config.as_deref(), surroundings(), common.given())?;
    let address = where_asked(&settings);
    let is_over_tls = settings.http.tls.is_some() && settings.http.probes_listen.is_none();
    let scheme = if is_over_tls { "https" } else { "http" };
    let url = format!("{scheme}://{address}/readyz{}", if args.ingest { "?ingest=true" } else { "" });
    // The daemon is on this machine: no proxy is asked, and by which name its certificate is for others does not matter.
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None);
    let agent: Agent = config.tls_config(unjudged()).build().into();
    let mut response = agent.get(&url).call().with_context(|| {
        let advice = "a probe shows no certificate: where clients have to, http.probes_listen answers probes";
        if is_over_tls { format!("no answer from {address} ({advice})") } else { format!("no answer from {address}") }
    })?;
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().with_context(|| format!("no whole answer from {address}"))?;
    let answer: Answer = serde_json::from_str(&body)
        .with_context(|| format!("{address} answers with {status}, and not as the probes of a daemon do"))?;
    match answer.position.filter(|_| status == 200) {
        Some(position) => {
            output::print_raw(format!("ready, position {position}\n").as_bytes())?;
            Ok(())
        }
        None => {
            let missing: Vec<String> =
                answer.missing.iter().map(|missing| format!("{}: {}", missing.what, missing.detail)).collect();
            Err(Failure::failed(anyhow!("not ready: {}", missing.join("; "))))
        }
    }
}

/// Where probes are answered, as this machine reaches it.
fn where_asked(settings: &Settings) -> SocketAddr {
    let mut address = settings.http.probes_listen.unwrap_or(settings.listen);
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
