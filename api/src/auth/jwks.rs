//! The public keys of a JWK set (RFC 7517): Ed25519 for EdDSA, P-256 for ES256, RSA for RS256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Shorter RSA keys can be broken (RFC 7518, section 3.3).
const RSA_BITS_MIN: usize = 2_048;

/// Why a JWK set cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// It is no JWK set.
    #[error("no JWK set, an object with a list \"keys\": {cause}")]
    NotASet {
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// A key of a kind that is used is broken.
    #[error("key {number} of the JWK set cannot be used: {why}")]
    Unusable {
        /// Its place in the list, from 1.
        number: usize,
        /// Why.
        why: &'static str,
    },
    /// No key can be used.
    #[error("the JWK set holds no Ed25519 key for EdDSA, no P-256 key for ES256 and no RSA key for RS256")]
    Empty,
}

/// A key that tokens are checked with.
pub(super) struct PublicKey {
    pub(super) kid: Option<String>,
    /// The name of the one algorithm that it is for.
    pub(super) alg: &'static str,
    pub(super) key: DecodingKey,
}

impl PublicKey {
    pub(super) fn algorithm(&self) -> Algorithm {
        match self.alg {
            EDDSA => Algorithm::EdDSA,
            ES256 => Algorithm::ES256,
            _ => Algorithm::RS256,
        }
    }
}

/// What becomes of a set that holds a key which cannot be used, though it is of a kind that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The set is refused: who runs the server wrote it, and mends it.
    Refused,
    /// That key is passed over, with a warning: the set is another's, and its other keys are needed.
    PassedOver,
}

/// The algorithms that keys of a set are for.
pub(super) const ALGORITHMS: [&str; 3] = [EDDSA, ES256, RS256];

const EDDSA: &str = "EdDSA";
const ES256: &str = "ES256";
const RS256: &str = "RS256";

#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// Only a private key has one.
    d: Option<Value>,
}

/// Reads a JWK set. Keys for other purposes and algorithms may stand in it; they are passed over.
pub(super) fn read(text: &str, broken: Broken) -> Result<Vec<PublicKey>, JwksError> {
    let set: JwkSet = serde_json::from_str(text).map_err(|cause| JwksError::NotASet { cause })?;
    let mut keys = Vec::new();
    for (at, jwk) in set.keys.into_iter().enumerate() {
        let number = at + 1;
        match public_key(jwk) {
            Ok(Some(key)) => keys.push(key),
            Ok(None) => tracing::debug!(number, "a key of the JWK set is for another purpose or algorithm: not used"),
            Err(why) if broken == Broken::PassedOver => {
                tracing::warn!(number, why, "a key of the JWK set cannot be used, and is passed over");
            }
            Err(why) => return Err(JwksError::Unusable { number, why }),
        }
    }
    if keys.is_empty() { Err(JwksError::Empty) } else { Ok(keys) }
}

fn public_key(jwk: Jwk) -> Result<Option<PublicKey>, &'static str> {
    let is_for = |alg: &str| jwk.alg.as_deref().is_none_or(|said| said == alg);
    let verifies = jwk.usage.as_deref().is_none_or(|usage| usage == "sig")
        && jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
    let (alg, key) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        _ if !verifies => return Ok(None),
        ("OKP", Some("Ed25519")) if is_for(EDDSA) || is_for("Ed25519") => (EDDSA, ed25519(&jwk)?),
        ("EC", Some("P-256")) if is_for(ES256) => (ES256, p256(&jwk)?),
        ("RSA", _) if is_for(RS256) => (RS256, rsa(&jwk)?),
        _ => return Ok(None),
    };
    if jwk.d.is_some() {
        return Err("it is a private key, which has no place here");
    }
    Ok(Some(PublicKey { kid: jwk.kid, alg, key }))
}

fn ed25519(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let x = jwk.x.as_deref().ok_or("it has no x")?;
    let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| "its x is not base64url")?;
    if bytes.len() != 32 {
        return Err("its x has not 32 bytes");
    }
    DecodingKey::from_ed_components(x).map_err(|_| "its x is no key")
}

fn p256(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let (x, y) = (jwk.x.as_deref().ok_or("it has no x")?, jwk.y.as_deref().ok_or("it has no y")?);
    for coordinate in [x, y] {
        let bytes = URL_SAFE_NO_PAD.decode(coordinate).map_err(|_| "its x and y are not base64url")?;
        if bytes.len() != 32 {
            return Err("its x and y have not 32 bytes");
        }
    }
    DecodingKey::from_ec_components(x, y).map_err(|_| "its x and y are no key")
}

fn rsa(jwk: &Jwk) -> Result<DecodingKey, &'static str> {
    let (n, e) = (jwk.n.as_deref().ok_or("it has no n")?, jwk.e.as_deref().ok_or("it has no e")?);
    let modulus = URL_SAFE_NO_PAD.decode(n).map_err(|_| "its n is not base64url")?;
    let leading_zeros: usize = modulus.iter().take_while(|byte| **byte == 0).count();
    if (modulus.len() - leading_zeros) * 8 < RSA_BITS_MIN {
        return Err("it has fewer than 2048 bits");
    }
    DecodingKey::from_rsa_components(n, e).map_err(|_| "its n and e are no key")
}
