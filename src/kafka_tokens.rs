//! Where the tokens of SASL OAUTHBEARER come from: a file that somebody keeps fresh, or an authorization server.

use std::path::PathBuf;
use std::time::Duration;

use ingest::kafka::{BearerToken, TokenSource, Tokens};
use ingest::{Clock, SystemClock};
use serde::Deserialize;

use crate::config::{KafkaTokens, Key, TokenEndpoint};
use crate::exit::{Failure, in_words};
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// How long an authorization server may take: reading waits for it meanwhile.
const TIMEOUT: Duration = Duration::from_secs(10);
/// No token is as long.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// What the settings name.
///
/// # Errors
/// If a certificate for it cannot be used, which is bad usage.
pub(crate) fn token_source(tokens: &KafkaTokens) -> Result<TokenSource, Failure> {
    Ok(match tokens {
        KafkaTokens::File(path) => TokenSource::new(FileOfToken { path: path.clone() }),
        KafkaTokens::Endpoint(endpoint) => {
            let ca_name = Key::KafkaOauthCaFile.name();
            let trust = Trust { ca: endpoint.ca_file.clone(), ca_name, cert: None, key: None };
            let agent = agent(endpoint, &trust)?;
            TokenSource::new(Server { agent, trust, endpoint: endpoint.clone() })
        }
    })
}

/// A file that holds a token; it is read each time one is needed.
struct FileOfToken {
    path: PathBuf,
}

impl Tokens for FileOfToken {
    fn token(&self) -> Result<BearerToken, String> {
        let text = std::fs::read_to_string(&self.path).map_err(|error| format!("{}: {error}", self.path.display()))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(format!("{}: it holds no token", self.path.display()));
        }
        Ok(BearerToken { token: token.to_owned(), expires_millis: None, principal: "tributary".to_owned() })
    }
}

/// An authorization server, which is shown a client's id and secret (RFC 6749, section 4.4).
struct Server {
    agent: ureq::Agent,
    trust: Trust,
    endpoint: TokenEndpoint,
}

/// What it answers (RFC 6749, sections 5.1 and 5.2).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    access_token: Option<String>,
    expires_in: Option<u32>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Tokens for Server {
    fn token(&self) -> Result<BearerToken, String> {
        let TokenEndpoint { url, client_id, client_secret, scope, ca_file: _ } = &self.endpoint;
        let mut form = vec![("grant_type", "client_credentials"), ("client_id", client_id)];
        form.push(("client_secret", client_secret));
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let asked = SystemClock::new().now();
        let failed = |detail: &dyn std::fmt::Display| format!("no token from {url}: {detail}");
        let answer = self
            .agent
            .post(url)
            .send_form(form)
            .map_err(|error| failed(&in_words(&self.trust.why_no_answer(error))))?;
        let status = answer.status();
        let text = answer.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let answer: Answer = text.ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let Some(token) = answer.access_token.filter(|_| status.is_success()) else {
            let said = [answer.error, answer.error_description].into_iter().flatten().collect::<Vec<_>>().join(": ");
            return Err(failed(&format!("status {} {said}", status.as_u16()).trim_end()));
        };
        let expires_millis = answer.expires_in.map(|seconds| asked.0 / 1_000 + i64::from(seconds) * 1_000);
        Ok(BearerToken { token, expires_millis, principal: client_id.clone() })
    }
}

fn agent(endpoint: &TokenEndpoint, trust: &Trust) -> Result<ureq::Agent, Failure> {
    let proxy = NamedProxy::of_surroundings(&endpoint.url)?.map(|named| named.proxy);
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .timeout_global(Some(TIMEOUT));
    let config = match trust.tls_config(&endpoint.url)? {
        Some(tls) => config.tls_config(tls),
        None => config,
    };
    Ok(config.build().into())
}
