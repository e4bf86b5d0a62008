//! Who bears a token: `Authorization: Bearer <JWT>` (SPEC 4). With no key set, everyone is an operator, and the
//! server listens on loopback only.
//!
//! A key takes tokens of its own algorithm alone: the secret HS256, an Ed25519 key EdDSA, an RSA key RS256. So a
//! public key never serves as a secret, and `none` fits no key.

mod claims;
mod jwks;

use axum::http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{Algorithm, DecodingKey};
use schemas::Timestamp;

pub use self::jwks::JwksError;

use self::claims::{Claims, JoseHeader};
use self::jwks::PublicKey;
use crate::caller::Caller;
use crate::problem::{Problem, ProblemKind};

/// RFC 7518 (3.2): a secret of HS256 has at least as many bytes as its digest. A shorter one may be guessed.
pub const SECRET_BYTES_MIN: usize = 32;

/// Tells who asks.
pub struct Authenticator {
    secret: Option<DecodingKey>,
    public_keys: Vec<PublicKey>,
}

/// Why keys cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The secret is too short.
    #[error("the HS256 secret has {bytes} bytes; fewer than {SECRET_BYTES_MIN} may be guessed")]
    ShortSecret {
        /// How many it has.
        bytes: usize,
    },
    /// The JWK set cannot be taken.
    #[error(transparent)]
    Jwks(#[from] JwksError),
}

impl Authenticator {
    /// Takes anyone for an operator. A server with it listens on loopback only.
    #[must_use]
    pub fn open() -> Authenticator {
        Authenticator { secret: None, public_keys: Vec::new() }
    }

    /// Takes the tokens of these keys: an HS256 secret, the text of a JWK set, or both. With neither, it is open.
    ///
    /// # Errors
    /// If a key cannot be taken.
    pub fn new(hs256_secret: Option<&[u8]>, jwks: Option<&str>) -> Result<Authenticator, AuthError> {
        if let Some(bytes) = hs256_secret.map(<[u8]>::len).filter(|bytes| *bytes < SECRET_BYTES_MIN) {
            return Err(AuthError::ShortSecret { bytes });
        }
        let public_keys = jwks.map(jwks::read).transpose()?.unwrap_or_default();
        Ok(Authenticator { secret: hs256_secret.map(DecodingKey::from_secret), public_keys })
    }

    /// Whether anyone is taken for an operator.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.secret.is_none() && self.public_keys.is_empty()
    }

    /// Who sends these headers, at this moment.
    pub(crate) fn caller(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Problem> {
        if self.is_open() {
            return Ok(Caller::operator());
        }
        self.bearer_of(bearer(headers)?, now)
    }

    /// Who bears a token at this moment.
    pub(crate) fn bearer_of(&self, token: &str, now: Timestamp) -> Result<Caller, Problem> {
        let invalid = |why: &str| refusal(&format!("the token is not valid: {why}"), true);
        let jose = JoseHeader::of(token).ok_or_else(|| invalid("its header cannot be read"))?;
        if jose.crit.is_some() {
            return Err(invalid("it has critical extensions"));
        }
        let keys = self.keys_for(&jose);
        if keys.is_empty() {
            return Err(invalid("no key here is of its algorithm and kid"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(|| invalid("it has not three parts"))?;
        let holds = |(key, algorithm): &(&DecodingKey, Algorithm)| {
            // What is no base64url does not hold either.
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, *algorithm).unwrap_or(false)
        };
        if !keys.iter().any(holds) {
            return Err(invalid("its signature does not hold"));
        }
        let claims = Claims::of(message).ok_or_else(|| invalid("its claims are no JSON object"))?;
        claims.caller(now).map_err(|why| invalid(&why))
    }

    /// The keys that a token may be signed with: those of its algorithm, and of its kid if it names one.
    fn keys_for(&self, jose: &JoseHeader) -> Vec<(&DecodingKey, Algorithm)> {
        match jose.alg.as_str() {
            "HS256" => self.secret.iter().map(|secret| (secret, Algorithm::HS256)).collect(),
            alg => {
                let of_alg = self.public_keys.iter().filter(|key| key.alg == alg);
                let of_kid = of_alg.filter(|key| jose.kid.is_none() || jose.kid == key.kid);
                of_kid.map(|key| (&key.key, key.algorithm())).collect()
            }
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let missing = || refusal("send Authorization: Bearer and a token, such as `tributary token` makes", false);
    let value = values.next().ok_or_else(missing)?;
    if values.next().is_some() {
        return Err(refusal("there are two Authorization headers", true));
    }
    let token = value.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| {
        // RFC 9110: the scheme is the same in any case.
        scheme.eq_ignore_ascii_case("bearer")
    });
    token.map(|(_, token)| token.trim()).filter(|token| !token.is_empty()).ok_or_else(missing)
}

fn refusal(detail: &str, was_given: bool) -> Problem {
    let challenge =
        if was_given { "Bearer realm=\"tributary\", error=\"invalid_token\"" } else { "Bearer realm=\"tributary\"" };
    Problem::new(ProblemKind::NotSignedIn, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

#[cfg(test)]
mod tests;
