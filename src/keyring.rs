//! The keys of a daemon, as its settings name them, and what is kept of them in its directory: the provider's keys, and which
//! tokens were revoked. What is read again leaves what it need not change.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use api::{Authenticator, Kept, OpenId, ProviderKeys, RevokedTokens};
use ingest::{Clock, SystemClock};

use crate::config::{Auth, Key, Settings};
use crate::exit::Failure;
use crate::fetching::Fetcher;

/// The provider's keys, as they were last given.
const PROVIDER_KEYS_FILE: &str = "provider-keys.json";
/// The tokens that were revoked.
const REVOKED_FILE: &str = "revoked-tokens.json";

/// The keys of a daemon.
pub(crate) struct Keyring {
    kept: Kept,
    revoked: Arc<RevokedTokens>,
    provider: Mutex<Option<Arc<ProviderKeys>>>,
    sign_in: Mutex<Option<Arc<OpenId>>>,
}

impl Keyring {
    /// What is kept in the directory of these settings.
    ///
    /// # Errors
    /// If the list of revoked tokens cannot be read.
    pub(crate) fn open(settings: &Settings) -> Result<Keyring, Failure> {
        let (kept, revoked) = match settings.data.as_deref() {
            None => (Kept::Nowhere, RevokedTokens::default()),
            Some(folder) => (kept_in(folder, settings.read_only), revoked_in(folder)?),
        };
        Ok(Keyring { kept, revoked: Arc::new(revoked), provider: Mutex::default(), sign_in: Mutex::default() })
    }

    /// Who tells whose token is whose, by the keys that the settings name.
    ///
    /// # Errors
    /// If a key cannot be read or taken.
    pub(crate) fn authenticator(&self, auth: &Auth) -> Result<Authenticator, anyhow::Error> {
        let mut keys = of_settings(auth)?;
        if let Some(url) = &auth.jwks_url {
            if auth.rules.audience.is_empty() {
                let key = Key::AuthAudience.name();
                tracing::warn!(
                    key,
                    "is not set: any token that the provider signed is taken, for whomever it was made"
                );
            }
            keys = keys.with_provider(self.provider_at(url, auth));
        }
        if let Some(options) = &auth.oidc {
            let mut held = self.sign_in.lock().unwrap_or_else(PoisonError::into_inner);
            let same = held.take().filter(|held| held.options() == options);
            let provider = same.unwrap_or_else(|| Arc::new(OpenId::new(options.clone(), Arc::new(Fetcher))));
            *held = Some(Arc::clone(&provider));
            keys = keys.with_sign_in(provider);
        }
        Ok(keys.with_rules(auth.rules.clone()).with_revoked(Arc::clone(&self.revoked)))
    }

    /// The keys at an address: those that are known of it already, where it is the same.
    fn provider_at(&self, url: &str, auth: &Auth) -> Arc<ProviderKeys> {
        let mut held = self.provider.lock().unwrap_or_else(PoisonError::into_inner);
        let same = held.take().filter(|held| held.url() == url && held.limits() == auth.refresh);
        let made = || Arc::new(ProviderKeys::new(url.to_owned(), Arc::new(Fetcher), self.kept.clone(), auth.refresh));
        let provider = same.unwrap_or_else(made);
        *held = Some(Arc::clone(&provider));
        provider
    }
}

/// Whether keys are asked for, and those that stand in the settings and in files, judged: nobody is asked for others.
///
/// # Errors
/// If a key cannot be read or taken.
pub(crate) fn of_settings(auth: &Auth) -> Result<Authenticator, anyhow::Error> {
    let jwks = auth
        .jwks_file
        .as_ref()
        .map(|path| std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display())));
    let jwks = jwks.transpose()?;
    Ok(Authenticator::new(auth.hs256_secret.as_deref(), jwks.as_deref())?)
}

fn kept_in(folder: &Path, is_read_only: bool) -> Kept {
    let path = folder.join(PROVIDER_KEYS_FILE);
    if is_read_only { Kept::ByAnother(path) } else { Kept::Here(path) }
}

fn revoked_in(folder: &Path) -> Result<RevokedTokens, Failure> {
    let read = RevokedTokens::open(folder.join(REVOKED_FILE), SystemClock::new().now());
    read.map_err(|error| Failure::failed(error.into()))
}
