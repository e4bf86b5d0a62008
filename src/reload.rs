//! SIGHUP: what can be read again is read again while everything goes on, and what the files of the listener's certificate
//! hold. The other settings hold from the next start on, which is said of each that changed. What cannot be taken leaves all
//! that was in force.

mod changes;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use api::{App, Reread, Tls};
use ingest::metrics::Metrics;
use ingest::{Clock, SystemClock};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use self::changes::Changes;
use crate::config::{Auth, ConfigError, Layers, Settings};
use crate::daemon::authenticator;
use crate::exit::{Failure, in_words};
use crate::logging::LogLevel;
use crate::place::checkpoint_policy;
use crate::service_manager;

/// Reads the settings as at the start, or says all that is wrong with them.
pub(crate) type ReadSettings = Box<dyn Fn() -> Result<(Settings, Layers), Vec<ConfigError>> + Send + Sync>;

/// What is read again, and where it goes.
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
    pub(crate) fn listen(
        self,
        runtime: &Runtime,
        app: App,
        tls: Option<Tls>,
        metrics: Arc<Metrics>,
    ) -> Result<(), Failure> {
        let entered = runtime.enter();
        let mut hangup = signal(SignalKind::hangup()).context("no signals")?;
        drop(entered);
        let reload = Arc::new(self);
        runtime.spawn(async move {
            while hangup.recv().await.is_some() {
                let (reload, app, tls, metrics) = (Arc::clone(&reload), app.clone(), tls.clone(), Arc::clone(&metrics));
                // A panic there is told by itself, and what was in force stays.
                let _ = tokio::task::spawn_blocking(move || reload.again(&app, tls.as_ref(), &metrics)).await;
            }
        });
        Ok(())
    }

    fn again(&self, app: &App, tls: Option<&Tls>, metrics: &Metrics) {
        service_manager::reloading();
        match self.try_again(app) {
            Ok((settings, changes)) => {
                metrics.settings_taken(SystemClock::new().now());
                let (keys, level) = (in_force(&settings.auth), settings.log.level);
                let (taken, from_next_start) = (changes.taken.join(", "), changes.from_next_start.join(", "));
                tracing::info!(keys, level, taken, from_next_start, "read again what can be");
            }
            Err(error) => {
                metrics.settings_refused();
                tracing::error!(error = in_words(&error), "nothing was read again: what was in force stays so");
            }
        }
        if let Some(tls) = tls {
            certificate_again(tls);
        }
        service_manager::ready();
    }

    /// All of it is read and made before any of it is taken.
    fn try_again(&self, app: &App) -> Result<(Settings, Changes), anyhow::Error> {
        let (settings, read) = (self.read)().map_err(|problems| {
            anyhow!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?;
        let keys = authenticator(&settings.auth)?;
        let level = self.level.prepare(&settings.log.level)?;
        app.exchange_keys(keys)?;
        level.take()?;
        if let Some(ledger) = app.ledger_if_open() {
            ledger.set_checkpoint_policy(checkpoint_policy(&settings));
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
fn in_force(auth: &Auth) -> &'static str {
    match (&auth.hs256_secret, &auth.jwks_file) {
        (None, None) => "none",
        (Some(_), None) => "a secret",
        (None, Some(_)) => "public keys",
        (Some(_), Some(_)) => "a secret and public keys",
    }
}
