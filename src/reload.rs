//! SIGHUP: what can be read again is read again while everything goes on. That is the keys, the log level, and what the
//! files of the listener's certificate hold; the other settings hold from the next start on. What cannot be taken leaves
//! what was in force.

use std::sync::Arc;

use anyhow::Context;
use api::{App, Reread, Tls};
use ingest::metrics::Metrics;
use ingest::{Clock, SystemClock};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Auth, ConfigError, Settings};
use crate::daemon::authenticator;
use crate::exit::{Failure, in_words};
use crate::logging::LogLevel;
use crate::service_manager;

/// Reads the settings as at the start.
pub(crate) type ReadSettings = Box<dyn Fn() -> Result<Settings, ConfigError> + Send + Sync>;

/// What is read again, and where it goes.
pub(crate) struct Reload {
    pub(crate) read: ReadSettings,
    pub(crate) level: LogLevel,
}

impl Reload {
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
                let (reload, app, tls, metrics) =
                    (Arc::clone(&reload), app.clone(), tls.clone(), Arc::clone(&metrics));
                // A panic there is told by itself, and what was in force stays.
                let _ = tokio::task::spawn_blocking(move || reload.again(&app, tls.as_ref(), &metrics)).await;
            }
        });
        Ok(())
    }

    fn again(&self, app: &App, tls: Option<&Tls>, metrics: &Metrics) {
        service_manager::reloading();
        match self.try_again(app) {
            Ok((auth, level)) => {
                metrics.settings_taken(SystemClock::new().now());
                let keys = in_force(&auth);
                tracing::info!(keys, level, "read again what can be; other settings hold from the next start on");
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

    fn try_again(&self, app: &App) -> Result<(Auth, String), anyhow::Error> {
        let settings = (self.read)()?;
        app.exchange_keys(authenticator(&settings.auth)?)?;
        self.level.change(&settings.log.level)?;
        Ok((settings.auth, settings.log.level))
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
