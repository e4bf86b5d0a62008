//! Whose tokens are taken: the section `[auth]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use api::{OpenIdOptions, RefreshLimits, Role, TokenRules, is_guarded};

use super::read::Read;
use super::{ConfigError, Key};

/// Whose tokens are taken. With no key, anyone on loopback is an operator.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Auth {
    /// The secret of HS256 tokens.
    pub(crate) hs256_secret: Option<Vec<u8>>,
    /// A file with public keys.
    pub(crate) jwks_file: Option<PathBuf>,
    /// Where a provider gives its public keys.
    pub(crate) jwks_url: Option<String>,
    /// How often it is asked for them.
    pub(crate) refresh: RefreshLimits,
    /// What the tokens of public keys have to say.
    pub(crate) rules: TokenRules,
    /// The provider that users of the pages sign in with.
    pub(crate) oidc: Option<OpenIdOptions>,
}

/// A secret must not get into a log.
impl std::fmt::Debug for Auth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secret = self.hs256_secret.as_ref().map(|_| super::listing::MASK);
        out.debug_struct("Auth")
            .field("hs256_secret", &secret)
            .field("jwks_file", &self.jwks_file)
            .field("jwks_url", &self.jwks_url)
            .field("rules", &self.rules)
            .field("oidc", &self.oidc)
            .finish_non_exhaustive()
    }
}

impl Read<'_> {
    pub(super) fn auth(&self) -> Result<Auth, ConfigError> {
        let auth = Auth {
            hs256_secret: self.hs256_secret()?,
            jwks_file: self.path(Key::AuthJwksFile),
            jwks_url: self.address(Key::AuthJwksUrl)?,
            refresh: RefreshLimits {
                every: Duration::from_secs(self.at_least_one(Key::AuthJwksSeconds)?),
                pause: Duration::from_secs(self.at_least_one(Key::AuthJwksPauseSeconds)?),
            },
            rules: self.token_rules()?,
            oidc: self.oidc()?,
        };
        if auth.jwks_file.is_none() && auth.jwks_url.is_none() {
            // What is demanded of no token protects nobody.
            let needs = Key::AuthJwksUrl.name();
            if let Some(key) = [Key::AuthIssuer, Key::AuthAudience].into_iter().find(|key| self.is_given(*key)) {
                return Err(ConfigError::Incomplete { origin: self.origin(key), key: key.name(), needs });
            }
        }
        Ok(auth)
    }

    fn hs256_secret(&self) -> Result<Option<Vec<u8>>, ConfigError> {
        let secret = self.secret(Key::AuthHs256Secret, Key::AuthHs256SecretFile)?;
        if secret.as_ref().is_some_and(|secret| secret.len() < api::SECRET_BYTES_MIN) {
            // Which of the two it came from.
            let is_of_file = self.origin(Key::AuthHs256SecretFile).rank() >= self.origin(Key::AuthHs256Secret).rank()
                && self.path(Key::AuthHs256SecretFile).is_some();
            let key = if is_of_file { Key::AuthHs256SecretFile } else { Key::AuthHs256Secret };
            let found = "fewer, which may be guessed".to_owned();
            return Err(self.invalid(key, "a secret of at least 32 bytes", found));
        }
        Ok(secret.map(String::into_bytes))
    }

    /// The address of a document of another server, if one is given. Who could change keys on their way could sign any token.
    fn address(&self, key: Key) -> Result<Option<String>, ConfigError> {
        let expected = "an address that begins with https://, or with http:// on this machine";
        match self.text(key) {
            Some(text) if !is_guarded(&text) || text.contains(char::is_whitespace) => {
                Err(self.invalid(key, expected, text))
            }
            text => Ok(text),
        }
    }

    fn oidc(&self) -> Result<Option<OpenIdOptions>, ConfigError> {
        let issuer = self.address(Key::AuthOidcIssuer)?;
        let client_secret = self.secret(Key::AuthOidcClientSecret, Key::AuthOidcClientSecretFile)?;
        let Some(issuer) = issuer else {
            let [needs, secret] = [Key::AuthOidcIssuer.name(), Key::AuthOidcClientSecret.name()];
            return match self.text(Key::AuthOidcClientId) {
                Some(_) => {
                    let (origin, key) = (self.origin(Key::AuthOidcClientId), Key::AuthOidcClientId.name());
                    Err(ConfigError::Incomplete { origin, key, needs })
                }
                None if client_secret.is_some() => {
                    let origin = self.origin(Key::AuthOidcClientSecret);
                    Err(ConfigError::Incomplete { origin, key: secret, needs })
                }
                None => Ok(None),
            };
        };
        let incomplete = || ConfigError::Incomplete {
            origin: self.origin(Key::AuthOidcIssuer),
            key: Key::AuthOidcIssuer.name(),
            needs: Key::AuthOidcClientId.name(),
        };
        let mut scopes = self.texts(Key::AuthOidcScopes);
        if !scopes.iter().any(|scope| scope == "openid") {
            // Without it a provider gives no ID token.
            scopes.insert(0, "openid".to_owned());
        }
        let expected = "from 60 to 2592000 seconds";
        Ok(Some(OpenIdOptions {
            issuer,
            client_id: self.text(Key::AuthOidcClientId).ok_or_else(incomplete)?,
            client_secret,
            scopes,
            name: self.text(Key::AuthOidcName).unwrap_or_default(),
            session_seconds: u32::try_from(self.within(Key::AuthOidcSessionSeconds, &(60..=2_592_000), expected)?)
                .unwrap_or(u32::MAX),
        }))
    }

    fn token_rules(&self) -> Result<TokenRules, ConfigError> {
        let expected = "a role: affiliate, analyst, operator, service or auditor";
        let roles = self.pairs(Key::AuthClaimsRoles).into_iter().map(|(value, role)| {
            let found =
                Role::parse(&role).ok_or_else(|| self.invalid_pair(Key::AuthClaimsRoles, &value, expected, role));
            Ok((value, found?))
        });
        let default_role = self
            .text(Key::AuthClaimsDefaultRole)
            .map(|role| Role::parse(&role).ok_or_else(|| self.invalid(Key::AuthClaimsDefaultRole, expected, role)));
        let claim = |key: Key| self.text(key).ok_or_else(|| self.invalid(key, "the name of a claim", String::new()));
        Ok(TokenRules {
            issuer: self.text(Key::AuthIssuer),
            audience: self.texts(Key::AuthAudience),
            role_claim: claim(Key::AuthClaimsRole)?,
            uid_claim: claim(Key::AuthClaimsUid)?,
            roles: roles.collect::<Result<BTreeMap<_, _>, ConfigError>>()?,
            default_role: default_role.transpose()?,
            ..TokenRules::default()
        })
    }
}
