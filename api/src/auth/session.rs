//! The server's own tokens: sessions of who signed in by a provider or by a link, and the links themselves. They are JWTs
//! as any other, signed with keys that nobody else has.

use std::sync::OnceLock;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::problem::Problem;

/// The `kid` of sessions.
pub(super) const SESSION_KID: &str = "tributary-session";

/// What sessions are signed with: made of the secret, so that they outlast a start; without one it is the process's own.
pub(super) struct SessionKey([u8; 32]);

/// What a session says.
#[derive(Serialize)]
struct SessionClaims<'s> {
    iss: &'static str,
    sub: &'s str,
    role: &'static str,
    jti: String,
    iat: i64,
    exp: i64,
}

/// A key that no other process has.
fn of_process() -> &'static [u8; 32] {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    KEY.get_or_init(rand::random)
}

/// A name that no other token has.
pub(crate) fn new_jti() -> String {
    format!("{:032x}", rand::random::<u128>())
}

impl SessionKey {
    /// The key beside a secret, or the process's own.
    pub(super) fn beside(secret: Option<&[u8]>) -> SessionKey {
        SessionKey(blake3::derive_key("tributary 2026 sessions", secret.unwrap_or(of_process())))
    }

    /// A key for what the pages' forms are sealed with, likewise: the same in every process of one secret.
    pub(super) fn of_forms(&self) -> [u8; 32] {
        blake3::derive_key("tributary 2026 forms", &self.0)
    }

    /// What sessions are checked with.
    pub(super) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_secret(&self.0)
    }

    /// A session of somebody, for so many seconds from this one on. An affiliate is named by its uid, anybody else as the
    /// provider does.
    pub(super) fn issue(&self, caller: &Caller, subject: &str, now: i64, seconds: i64) -> Result<String, Problem> {
        let uid = caller.own_data_of().map(|uid| uid.to_string());
        let claims = SessionClaims {
            iss: "tributary",
            sub: uid.as_deref().unwrap_or(subject),
            role: caller.role().as_str(),
            jti: new_jti(),
            iat: now,
            exp: now.saturating_add(seconds),
        };
        let header = Header { kid: Some(SESSION_KID.to_owned()), ..Header::new(Algorithm::HS256) };
        let signed = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&self.0));
        signed.map_err(|error| Problem::internal(&error))
    }
}

/// What a link to sign in by says.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LinkClaims {
    /// The uid, as text.
    pub(crate) sub: String,
    pub(crate) jti: String,
    pub(crate) exp: i64,
    /// Where it leads.
    pub(crate) next: String,
    /// Who asked for it, in words.
    pub(crate) by: String,
}

fn link_key() -> [u8; 32] {
    blake3::derive_key("tributary 2026 sign-in links", of_process())
}

/// Signs a link. It holds for this process alone, which alone knows whether it was used.
pub(crate) fn sign_link(claims: &LinkClaims) -> Result<String, Problem> {
    let key = EncodingKey::from_secret(&link_key());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(|error| Problem::internal(&error))
}

/// What a link says, if this process signed it. Whether it still holds is the asker's to judge.
pub(crate) fn read_link(token: &str) -> Option<LinkClaims> {
    let mut validation = jsonwebtoken::Validation::new(Algorithm::HS256);
    // Judged by the server's own clock.
    validation.validate_exp = false;
    let read = jsonwebtoken::decode::<LinkClaims>(token, &DecodingKey::from_secret(&link_key()), &validation);
    read.ok().map(|read| read.claims)
}
