//! A provider for tests: it holds keys that sign nothing but tests, and answers what it is told to.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::fetch::{Fetch, Fetched};

const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIL3R9ivlsZGVVZUOMwEKKcm6ugkGgdWgQE6Gtf1hXn+R";
const P256: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZk9GyYXoF2dCBI9m2J2hTjkDeV8iBuDtWf/krrZo9XihRANCAARa\
                    CzBt6gIycv4DPUzVy3+xga3/xwcHTe/MmsrR0LgcT/hrVBx5elqEvMLQ1Czg5Nvw/G/yXGNipkPgVdQCjQME";

/// The public halves: `ed` for EdDSA, `ec` for ES256.
pub(super) fn jwks() -> String {
    json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "wmL1ovyYy7uC_Glf3SCxZ_xevCuYCIXkCivybhLScU4"},
        {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "use": "sig",
         "x": "WgswbeoCMnL-Az1M1ct_sYGt_8cHB03vzJrK0dC4HE8", "y": "-GtUHHl6WoS8wtDULODk2_D8b_JcY2KmQ-BV1AKNAwQ"},
        {"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"},
    ]})
    .to_string()
}

/// A token that the key of this name signed.
pub(super) fn signed(kid: &str, claims: &Value) -> String {
    let der = STANDARD.decode(if kid == "ec" { P256 } else { ED25519 }).expect("base64");
    let (algorithm, key) = match kid {
        "ec" => (Algorithm::ES256, EncodingKey::from_ec_der(&der)),
        _ => (Algorithm::EdDSA, EncodingKey::from_ed_der(&der)),
    };
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &key).expect("a token")
}

/// What is posted: where, with which `Authorization`, which fields.
pub(super) type PostedForm = (String, Option<String>, Vec<(String, String)>);

/// A provider that answers each address with what it is told to.
#[derive(Default)]
pub(super) struct Provider {
    answers: Mutex<HashMap<String, Result<Fetched, String>>>,
    pub(super) asked: Mutex<Vec<String>>,
    pub(super) posted: Mutex<Vec<PostedForm>>,
}

impl Provider {
    /// Answers at this address from now on.
    pub(super) fn answers(&self, url: &str, status: u16, body: &str) {
        let fetched = Fetched { status, body: body.as_bytes().to_vec() };
        self.answers.lock().expect("a lock").insert(url.to_owned(), Ok(fetched));
    }

    /// Answers no more at this address.
    pub(super) fn is_silent_at(&self, url: &str) {
        self.answers.lock().expect("a lock").remove(url);
    }

    fn answer(&self, url: &str) -> Result<Fetched, String> {
        self.asked.lock().expect("a lock").push(url.to_owned());
        let answers = self.answers.lock().expect("a lock");
        answers.get(url).cloned().unwrap_or_else(|| Err("nobody answers".to_owned()))
    }
}

impl Fetch for Provider {
    fn get(&self, url: &str) -> Result<Fetched, String> {
        self.answer(url)
    }

    fn post_form(&self, url: &str, authorization: Option<&str>, fields: &[(&str, &str)]) -> Result<Fetched, String> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.posted.lock().expect("a lock").push((url.to_owned(), authorization.map(str::to_owned), fields));
        self.answer(url)
    }
}
