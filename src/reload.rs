//! SIGHUP: what can be read again is read again while everything goes on, and what the files of the listener's certificate
//! hold. The other settings hold from the next start on, which is said of each that changed. What cannot be taken leaves all
//! that was in force.

mod changes;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow};
use api::{App, Reread, Tls};
use ingest::metrics::Metrics;
use ingest::{Clock, SystemClock};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use self::changes::Changes;
use crate::config::{Auth, ConfigError, Layers, Settings};
use crate::daemon::frame_limits;
use crate::exit::{Failure, in_words};
use crate::keyring::Keyring;
use crate::logging::LogLevel;
use crate::place::checkpoint_policy;
use crate::service_manager;

/// Reads the settings as at the start, or says all that is wrong with them.
pub(crate) type ReadSettings = Box<dyn Fn() -> Result<(Settings, Layers), Vec<ConfigError>> + Send + Sync>;

/// Where it goes.
pub(crate) struct Reached {
    pub(crate) app: App,
    pub(crate) keyring: Keyring,
    pub(crate) tls: Option<Tls>,
    pub(crate) metrics: Arc<Metrics>,
    /// How long its end may take in all.
    pub(crate) stop: Arc<Mutex<Duration>>,
}

/// What is read again.
pub(crate) struct Reload {
    read: ReadSettings,
    level: LogLevel,
    in_force: Mutex<Layers>,
}

impl Reload {
    /// With what is in force from the start on.
    pub(crate) fn new(read: ReadSettings, level: LogLevel, in_force: Layers) -> Reload {
        Reload { read, level, in_force: Mutex::new(in_force) }
    }

    /// Hears SIGHUP from now on, and does not end at it.
    ///
    /// # Errors
    /// If signals cannot be heard.
    pub(crate) fn listen(self, runtime: &Runtime, reached: Reached) -> Result<(), Failure> {
        let entered = runtime.enter();
        let mut hangup = signal(SignalKind::hangup()).context("no signals")?;
        drop(entered);
        let (reload, reached) = (Arc::new(self), Arc::new(reached));
        runtime.spawn(async move {
            while hangup.recv().await.is_some() {
                let (reload, reached) = (Arc::clone(&reload), Arc::clone(&reached));
                // A panic there is told by itself, and what was in force stays.
                let _ = tokio::task::spawn_blocking(move || reload.again(&reached)).await;
            }
        });
        Ok(())
    }

    fn again(&self, reached: &Reached) {
        service_manager::reloading();
        match self.try_again(reached) {
            Ok((settings, changes)) => {
                reached.metrics.settings_taken(SystemClock::new().now());
                let (keys, level) = (in_force(&settings.auth), settings.log.level);
                let (taken, from_next_start) = (changes.taken.join(", "), changes.from_next_start.join(", "));
                tracing::info!(keys, level, taken, from_next_start, "read again what can be");
            }
            Err(error) => {
                reached.metrics.settings_refused();
                tracing::error!(error = in_words(&error), "nothing was read again: what was in force stays so");
            }
        }
        if let Some(tls) = &reached.tls {
            certificate_again(tls);
        }
        service_manager::ready();
    }

    /// All of it is read and made before any of it is taken.
    fn try_again(&self, Reached { app, keyring, stop, .. }: &Reached) -> Result<(Settings, Changes), anyhow::Error> {
        let (settings, read) = (self.read)().map_err(|problems| {
            anyhow!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        let keys = keyring.authenticator(&settings.auth)?;
        let level = self.level.prepare(&settings.log.level)?;
        app.exchange_keys(keys)?;
        level.take()?;
        app.exchange_limits(&settings.http.options, settings.http.limits.clone());
        *stop.lock().unwrap_or_else(PoisonError::into_inner) = settings.limits.stop;
        if let Some(ledger) = app.ledger_if_open() {
            ledger.set_checkpoint_policy(checkpoint_policy(&settings));
            ledger.set_frame_limits(frame_limits(&settings.limits));
        }
        let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        let (changes, then) = changes::take(&in_force, read);
        *in_force = then;
        Ok((settings, changes))
    }
}

/// What the files of the certificate hold, whatever became of the rest.
fn certificate_again(tls: &Tls) {
    match tls.reread() {
        Ok(Reread::Taken { expires }) => {
            tracing::info!(%expires, "read the certificate again: another one is in force")
        }
        Ok(Reread::Unchanged) => tracing::info!(expires = %tls.expires(), "read the certificate again: it is the same"),
        Err(error) => {
            tracing::error!(%error, "the certificate was not taken: the one before stays in force");
        }
    }
}

/// Which keys there are, without a word of them.
fn in_force(auth: &Auth) -> String {
    let kinds = [
        (auth.hs256_secret.is_some(), "a secret"),
        (auth.jwks_file.is_some(), "public keys"),
        (auth.jwks_url.is_some(), "a provider's keys"),
        (auth.oidc.is_some(), "a provider to sign in with"),
    ];
    let there: Vec<&str> = kinds.into_iter().filter(|(is_there, _)| *is_there).map(|(_, kind)| kind).collect();
    if there.is_empty() { "none".to_owned() } else { there.join(" and ") }
}
