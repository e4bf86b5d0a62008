//! TLS of a listener: its certificate, read anew while everything goes on. What is damaged never takes the place of what
//! is whole, and is told.

mod certificate;
mod error;
mod files;
mod metrics;
mod pair;
mod pem;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use ingest::{Clock, SystemClock};
use prometheus::Registry;
use rustls::ServerConfig;
use schemas::Timestamp;

pub use self::certificate::{CertificateDates, read_dates};
pub use self::error::TlsError;
use self::files::Contents;
pub use self::files::{ClientAuth, TlsFiles};
use self::metrics::TlsMetrics;
pub(crate) use self::metrics::Unfit;
use self::pair::Pair;
pub use self::pem::{read_certificates, read_identity};

/// From so long before its end on, it is told of a certificate, once a day.
const WARN_BEFORE: Duration = Duration::from_secs(14 * 24 * 3_600);
const WARN_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// The TLS of a listener. Clones are the same.
#[derive(Clone)]
pub struct Tls {
    shared: Arc<Shared>,
}

struct Shared {
    files: TlsFiles,
    look_every: Option<Duration>,
    in_force: RwLock<Arc<Pair>>,
    /// Also what keeps two from reading anew at once.
    last: Mutex<Last>,
    metrics: TlsMetrics,
}

/// What was read last, and when somebody was warned.
struct Last {
    /// What was taken last.
    taken: Contents,
    /// Why what was read last could not be taken; none if it was.
    failure: Option<String>,
    warned: Option<Timestamp>,
}

/// What became of reading the files anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reread {
    /// They hold what is in force.
    Unchanged,
    /// What they hold is in force for every connection that begins from now on.
    Taken {
        /// Until when the certificate is valid.
        expires: Timestamp,
    },
}

impl Tls {
    /// Reads the files and judges them. They are looked at again at this interval, if one is given, once it is served.
    ///
    /// # Errors
    /// If a file cannot be read, holds no certificate, key or authority, the key is not that of the certificate, or the
    /// certificate is not valid now.
    pub fn load(files: TlsFiles, look_every: Option<Duration>) -> Result<Tls, TlsError> {
        let contents = Contents::read(&files)?;
        let pair = Pair::judge(&contents, &files, SystemClock::new().now())?;
        let metrics = TlsMetrics::new();
        metrics.expires(pair.expires());
        let last = Last { taken: contents, failure: None, warned: None };
        let shared =
            Shared { files, look_every, in_force: RwLock::new(Arc::new(pair)), last: Mutex::new(last), metrics };
        Ok(Tls { shared: Arc::new(shared) })
    }

    /// Reads the files anew. What is in force stays so if they cannot be taken.
    ///
    /// # Errors
    /// As [`Tls::load`].
    pub fn reread(&self) -> Result<Reread, TlsError> {
        let mut last = self.last();
        let taken = self.take(&mut last);
        if taken.is_err() {
            self.shared.metrics.failed();
        }
        taken
    }

    /// Until when the certificate in force is valid.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.in_force().expires()
    }

    /// What new connections are made with.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.in_force().config()
    }

    /// Shows its metrics.
    pub(crate) fn register(&self, registry: &Registry) {
        self.shared.metrics.register(registry);
    }

    /// Counts a handshake that came to nothing.
    pub(crate) fn count_unfit(&self, why: Unfit) {
        self.shared.metrics.count_unfit(why);
    }

    /// Looks at the files at the interval, for ever; at once, if the certificate in force ends soon, says so.
    pub(crate) async fn keep_looking(self) {
        loop {
            let tls = self.clone();
            // A panic there is told by itself, and what was in force stays.
            let _ = tokio::task::spawn_blocking(move || tls.look(SystemClock::new().now())).await;
            tokio::time::sleep(self.shared.look_every.unwrap_or(WARN_EVERY)).await;
        }
    }

    /// Takes what the files hold, and tells of what became of it if it is not as it was.
    fn look(&self, now: Timestamp) {
        let mut last = self.last();
        if self.shared.look_every.is_some() {
            let known = last.failure.clone();
            match self.take(&mut last) {
                Ok(Reread::Taken { expires }) => tracing::info!(%expires, "the certificate was exchanged"),
                Ok(Reread::Unchanged) if known.is_some() => {
                    tracing::info!("the files of the certificate hold what is in force again");
                }
                Ok(Reread::Unchanged) => {}
                // One failure is counted and told once, however often it is looked.
                Err(_) if last.failure == known => {}
                Err(error) => {
                    self.shared.metrics.failed();
                    tracing::error!(%error, "the files of the certificate cannot be taken: what was in force stays so");
                }
            }
        }
        let expires = self.expires();
        let is_told = last.warned.is_some_and(|warned| later(warned, WARN_EVERY) > now);
        if later(now, WARN_BEFORE) >= expires && !is_told {
            last.warned = Some(now);
            tracing::warn!(%expires, "the certificate ends soon, or has ended: put a new one in its place");
        }
    }

    fn take(&self, last: &mut Last) -> Result<Reread, TlsError> {
        let taken = Contents::read(&self.shared.files).and_then(|contents| {
            if contents == last.taken {
                return Ok(Reread::Unchanged);
            }
            let pair = Pair::judge(&contents, &self.shared.files, SystemClock::new().now())?;
            let expires = pair.expires();
            *self.shared.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
            self.shared.metrics.exchanged(expires);
            (last.taken, last.warned) = (contents, None);
            Ok(Reread::Taken { expires })
        });
        last.failure = taken.as_ref().err().map(ToString::to_string);
        taken
    }

    fn in_force(&self) -> Arc<Pair> {
        Arc::clone(&self.shared.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.shared.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    Timestamp(moment.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
}
