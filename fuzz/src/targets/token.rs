//! Tokens: no other is taken than one that a key signed. An input is a token; or `sign HEADER PAYLOAD`, which is signed
//! with the secret, so that what stands behind the signature is reached.

use std::sync::Arc;

use api::{App, Authenticator};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ingest::metrics::Metrics;
use jsonwebtoken::{Algorithm, EncodingKey};
use tokio::runtime::{Builder, Runtime};

use super::{Target, corpus};

const SECRET: &[u8] = b"a secret of thirty-two bytes, and more";

pub(super) struct Tokens {
    inputs: Vec<Vec<u8>>,
    app: App,
    runtime: Runtime,
}

impl Tokens {
    pub(super) fn new() -> Tokens {
        let keys = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/tests/keys");
        let jwks = std::fs::read_to_string(keys.join("jwks.json")).expect("keys");
        let tokens = std::fs::read_to_string(keys.join("tokens.json")).expect("tokens");
        let tokens: std::collections::BTreeMap<String, String> = serde_json::from_str(&tokens).expect("tokens");
        let mut inputs = corpus("token");
        inputs.extend(tokens.into_values().map(String::into_bytes));
        let authenticator = Authenticator::new(Some(SECRET), Some(&jwks)).expect("keys");
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        Tokens { inputs, runtime, app: App::new(authenticator, Arc::new(Metrics::new())) }
    }
}

const WORDS: &[&[u8]] = &[
    b"\"alg\":\"HS256\"",
    b"\"alg\":\"none\"",
    b"\"kid\":\"ed\"",
    b"\"crit\":[]",
    b"\"sub\":\"7\"",
    b"\"role\":\"operator\"",
    b"\"role\":\"affiliate\"",
    b"\"exp\":",
    b"\"nbf\":",
    b"\"iat\":",
    b"\"aud\":",
    b".",
    b"=",
    b"eyJ",
    b"{",
    b"}",
    b"[",
    b"1e400",
    b"sign ",
    b"null",
];

impl Target for Tokens {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let token = match text.trim_end().strip_prefix("sign ").and_then(|text| text.split_once(' ')) {
            Some((header, payload)) => signed(header, payload),
            None => text.trim_end().to_owned(),
        };
        // No provider's keys are asked for: nothing is waited for.
        match self.runtime.block_on(self.app.bearer_of(&token)) {
            Err(problem) if problem.status() >= 500 => Err(format!("{}: {problem}", problem.status())),
            Ok(_) if !self.is_signed(&token) => Err(format!("a token that nobody signed was taken: {token}")),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl Tokens {
    /// Whether a token is one of those that were signed: by this target with the secret, or one of the samples.
    fn is_signed(&self, token: &str) -> bool {
        let by_secret = token.rsplit_once('.').is_some_and(|(message, signature)| {
            signature_of(message).is_some_and(|expected| same_signature(&expected, signature))
        });
        // Who signed a sample signed its two first parts, however the third is written.
        let message = |token: &str| token.rsplit_once('.').map(|(message, _)| message.to_owned());
        let is_sample = self.inputs.iter().any(|sample| message(&String::from_utf8_lossy(sample)) == message(token));
        by_secret || is_sample
    }
}

fn same_signature(expected: &str, given: &str) -> bool {
    expected == given.trim_end_matches('=')
}

fn signature_of(message: &str) -> Option<String> {
    jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(SECRET), Algorithm::HS256).ok()
}

fn signed(header: &str, payload: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = signature_of(&message).unwrap_or_default();
    format!("{message}.{signature}")
}
