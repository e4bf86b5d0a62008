//! Who bears a token: `Authorization: Bearer <JWT>` (SPEC 4). With no key set, everyone is an operator, and the
//! server listens on loopback only.
//!
//! A key takes tokens of its own algorithm alone: the secret HS256, an Ed25519 key EdDSA, a P-256 key ES256, an RSA key
//! RS256. So a public key never serves as a secret, and `none` fits no key. What a token has to say besides, and where it
//! says who bears it, is told by [`TokenRules`] for those that public keys signed; those of the secret are the server's
//! own.

mod claims;
mod jwks;
#[cfg(test)]
mod of_tests;
mod openid;
mod provider_keys;
mod revoked;
mod rules;
mod session;
mod signed;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{Algorithm, DecodingKey};
use schemas::Timestamp;

pub use self::jwks::JwksError;
pub use self::openid::{Flow, OpenId, OpenIdOptions, said_by_provider};
pub use self::provider_keys::{Kept, ProviderKeys, RefreshLimits, Refreshed};
pub(crate) use self::revoked::{JTI_BYTES_MAX, RevokeError, RevokedToken};
pub use self::revoked::{REVOKED_MAX, RevokedTokens, RevokedUnreadable};
pub use self::rules::TokenRules;
pub(crate) use self::session::{LinkClaims, new_jti, read_link, sign_link};

use self::claims::{Claims, JoseHeader};
use self::jwks::{Broken, PublicKey};
use self::session::{SESSION_KID, SessionKey};
use self::signed::KeyOf;
use crate::caller::Caller;
use crate::problem::{Problem, ProblemKind};

/// RFC 7518 (3.2): a secret of HS256 has at least as many bytes as its digest. A shorter one may be guessed.
pub const SECRET_BYTES_MIN: usize = 32;

/// Tells who asks.
pub struct Authenticator {
    secret: Option<DecodingKey>,
    public_keys: Vec<PublicKey>,
    provider: Option<Arc<ProviderKeys>>,
    rules: TokenRules,
    /// Of the tokens that are the server's own.
    own_rules: TokenRules,
    sign_in: Option<Arc<OpenId>>,
    revoked: Arc<RevokedTokens>,
    session_key: SessionKey,
    sessions: DecodingKey,
}

/// Why somebody is not known.
#[derive(Debug)]
pub(crate) enum Unknown {
    /// The token is none, or does not hold.
    Refused(Problem),
    /// No key is known that it names. The provider may have a new one: then it is another question.
    NoSuchKey(Problem),
}

impl From<Unknown> for Problem {
    fn from(unknown: Unknown) -> Problem {
        match unknown {
            Unknown::Refused(problem) | Unknown::NoSuchKey(problem) => problem,
        }
    }
}

impl From<Problem> for Unknown {
    fn from(problem: Problem) -> Unknown {
        Unknown::Refused(problem)
    }
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
        Authenticator::of(None, Vec::new())
    }

    fn of(secret: Option<&[u8]>, public_keys: Vec<PublicKey>) -> Authenticator {
        let session_key = SessionKey::beside(secret);
        Authenticator {
            secret: secret.map(DecodingKey::from_secret),
            public_keys,
            provider: None,
            rules: TokenRules::default(),
            own_rules: TokenRules { ahead_max: 0, ..TokenRules::default() },
            sign_in: None,
            revoked: Arc::default(),
            sessions: session_key.decoding(),
            session_key,
        }
    }

    /// Takes the tokens of these keys: an HS256 secret, the text of a JWK set, or both. With neither, it is open.
    ///
    /// # Errors
    /// If a key cannot be taken.
    pub fn new(hs256_secret: Option<&[u8]>, jwks: Option<&str>) -> Result<Authenticator, AuthError> {
        if let Some(bytes) = hs256_secret.map(<[u8]>::len).filter(|bytes| *bytes < SECRET_BYTES_MIN) {
            return Err(AuthError::ShortSecret { bytes });
        }
        let public_keys = jwks.map(|text| jwks::read(text, Broken::Refused)).transpose()?.unwrap_or_default();
        Ok(Authenticator::of(hs256_secret, public_keys))
    }

    /// The same, which takes tokens of a provider's keys too.
    #[must_use]
    pub fn with_provider(self, keys: Arc<ProviderKeys>) -> Authenticator {
        Authenticator { provider: Some(keys), ..self }
    }

    /// The same, which holds the tokens of public keys to these rules.
    #[must_use]
    pub fn with_rules(self, rules: TokenRules) -> Authenticator {
        Authenticator { rules, ..self }
    }

    /// The same, with a provider that the users of the pages sign in with.
    #[must_use]
    pub fn with_sign_in(self, provider: Arc<OpenId>) -> Authenticator {
        Authenticator { sign_in: Some(provider), ..self }
    }

    /// The same, which takes none of these tokens.
    #[must_use]
    pub fn with_revoked(self, revoked: Arc<RevokedTokens>) -> Authenticator {
        Authenticator { revoked, ..self }
    }

    /// A key that the pages can seal their forms with: the same in every process of one secret.
    pub(crate) fn key_of_forms(&self) -> [u8; 32] {
        self.session_key.of_forms()
    }

    /// The tokens that were revoked.
    pub(crate) fn revoked(&self) -> &Arc<RevokedTokens> {
        &self.revoked
    }

    /// The provider that users sign in with, if there is one.
    pub(crate) fn sign_in(&self) -> Option<&Arc<OpenId>> {
        self.sign_in.as_ref()
    }

    /// What the tokens of public keys have to say.
    pub(crate) fn rules(&self) -> &TokenRules {
        &self.rules
    }

    /// A session of somebody who signed in, for so many seconds from now on.
    ///
    /// # Errors
    /// If it cannot be signed.
    pub(crate) fn session(
        &self,
        caller: &Caller,
        subject: &str,
        now: Timestamp,
        seconds: u32,
    ) -> Result<String, Problem> {
        self.session_key.issue(caller, subject, now.0.div_euclid(1_000_000), i64::from(seconds))
    }

    /// The provider whose keys are taken, if there is one.
    #[must_use]
    pub fn provider(&self) -> Option<&Arc<ProviderKeys>> {
        self.provider.as_ref()
    }

    /// Whether anyone is taken for an operator.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.secret.is_none() && self.public_keys.is_empty() && self.provider.is_none() && self.sign_in.is_none()
    }

    /// Who sends these headers, at this moment.
    pub(crate) fn caller(&self, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Unknown> {
        if self.is_open() {
            return Ok(Caller::operator());
        }
        self.bearer_of(bearer(headers)?, now)
    }

    /// Who bears a token at this moment.
    pub(crate) fn bearer_of(&self, token: &str, now: Timestamp) -> Result<Caller, Unknown> {
        let (claims, rules) = self.claims_of(token)?;
        let read = || -> Result<Caller, String> {
            claims.hold_at(now, rules.ahead_max)?;
            claims.are_for(rules)?;
            if claims.text("jti")?.is_some_and(|jti| self.revoked.holds(jti)) {
                return Err("it was revoked".to_owned());
            }
            claims.caller(rules)
        };
        read().map_err(|why| invalid(&why).into())
    }

    /// The `jti` of a token that some key here signed, and when it expires, whether it still holds or not.
    ///
    /// # Errors
    /// If no key here signed it.
    pub(crate) fn name_of(&self, token: &str) -> Result<(Option<String>, Option<i64>), Problem> {
        let (claims, _) = self.claims_of(token)?;
        let read = || -> Result<_, String> { Ok((claims.text("jti")?.map(str::to_owned), claims.expires()?)) };
        read().map_err(|why| invalid(&why))
    }

    /// The claims of a token whose signature holds, and the rules that it is held to.
    fn claims_of(&self, token: &str) -> Result<(Claims, &TokenRules), Unknown> {
        let jose = JoseHeader::of(token).ok_or_else(|| invalid("its header cannot be read"))?;
        if jose.crit.is_some() {
            return Err(invalid("it has critical extensions").into());
        }
        let of_provider = self.provider.as_ref().map(|keys| keys.known()).unwrap_or_default();
        let keys = self.keys_for(&jose, &of_provider);
        if keys.is_empty() {
            return Err(self.no_key(&jose, of_provider.is_empty()));
        }
        let claims = signed::claims(token, &keys).map_err(invalid)?;
        // Who has the secret, or a session, has it of this server.
        let rules = if jose.alg == HS256 { &self.own_rules } else { &self.rules };
        Ok((claims, rules))
    }

    /// The keys that a token may be signed with.
    fn keys_for<'k>(&'k self, jose: &JoseHeader, of_provider: &'k [PublicKey]) -> Vec<KeyOf<'k>> {
        match jose.alg.as_str() {
            HS256 if jose.kid.as_deref() == Some(SESSION_KID) => vec![(&self.sessions, Algorithm::HS256)],
            HS256 => self.secret.iter().map(|secret| (secret, Algorithm::HS256)).collect(),
            _ => signed::keys_of(jose, self.public_keys.iter().chain(of_provider)),
        }
    }

    /// Why there is no key for a token, and whether the provider may have one.
    fn no_key(&self, jose: &JoseHeader, is_none_known: bool) -> Unknown {
        if self.provider.is_none() || !jwks::ALGORITHMS.contains(&&*jose.alg) {
            return Unknown::Refused(invalid("no key here is of its algorithm and kid"));
        }
        if is_none_known {
            let detail = "the keys of who signs the tokens are not here yet: their provider has not answered";
            return Unknown::NoSuchKey(Problem::new(ProblemKind::Unavailable, detail));
        }
        Unknown::NoSuchKey(invalid("no key here, nor of the provider, is of its algorithm and kid"))
    }
}

/// The algorithm of the secret.
const HS256: &str = "HS256";

/// The token that headers bear.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
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

fn invalid(why: &str) -> Problem {
    refusal(&format!("the token is not valid: {why}"), true)
}

fn refusal(detail: &str, was_given: bool) -> Problem {
    let challenge =
        if was_given { "Bearer realm=\"tributary\", error=\"invalid_token\"" } else { "Bearer realm=\"tributary\"" };
    Problem::new(ProblemKind::NotSignedIn, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

#[cfg(test)]
mod tests;
