//! What Prometheus is told of a listener's TLS.

use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use schemas::Timestamp;

/// Why a handshake came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unfit {
    /// The client spoke plain HTTP.
    PlainHttp,
    /// The client showed no certificate, and has to.
    NoCertificate,
    /// The client's certificate cannot be taken.
    BadCertificate,
    /// The client broke it off with an alert: it may not trust the server's certificate.
    ToldByClient,
    /// They have no version, cipher or protocol in common, or what the client sent is no TLS.
    Protocol,
    /// The client was gone before it ended.
    Gone,
}

impl Unfit {
    pub(crate) const ALL: [Unfit; 6] = [
        Unfit::PlainHttp,
        Unfit::NoCertificate,
        Unfit::BadCertificate,
        Unfit::ToldByClient,
        Unfit::Protocol,
        Unfit::Gone,
    ];

    /// As the metrics name it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Unfit::PlainHttp => "plain_http",
            Unfit::NoCertificate => "no_certificate",
            Unfit::BadCertificate => "bad_certificate",
            Unfit::ToldByClient => "told_by_client",
            Unfit::Protocol => "protocol",
            Unfit::Gone => "gone",
        }
    }
}

/// The metrics of a listener's TLS.
pub(super) struct TlsMetrics {
    expires: IntGauge,
    reloads: IntCounter,
    reload_failures: IntCounter,
    failed: IntCounterVec,
}

impl TlsMetrics {
    pub(super) fn new() -> TlsMetrics {
        let failed =
            Opts::new("tributary_tls_handshakes_failed_total", "TLS handshakes that came to nothing, by reason.");
        let metrics = TlsMetrics {
            expires: gauge(
                "tributary_tls_certificate_expiry_timestamp_seconds",
                "When the certificate in force ends, in seconds since 1970.",
            ),
            reloads: counter("tributary_tls_reloads_total", "Certificates that took the place of another."),
            reload_failures: counter(
                "tributary_tls_reload_failures_total",
                "Certificates or keys that could not be taken, so that what was in force stayed.",
            ),
            failed: IntCounterVec::new(failed, &["reason"]).expect("well formed"),
        };
        for why in Unfit::ALL {
            metrics.failed.with_label_values(&[why.as_str()]);
        }
        metrics
    }

    pub(super) fn register(&self, registry: &Registry) {
        let collectors: [Box<dyn prometheus::core::Collector>; 4] = [
            Box::new(self.expires.clone()),
            Box::new(self.reloads.clone()),
            Box::new(self.reload_failures.clone()),
            Box::new(self.failed.clone()),
        ];
        for collector in collectors {
            if let Err(error) = registry.register(collector) {
                tracing::error!(%error, "a metric of TLS is not shown");
            }
        }
    }

    /// The certificate in force ends then.
    pub(super) fn expires(&self, moment: Timestamp) {
        self.expires.set(moment.0 / 1_000_000);
    }

    /// Another certificate is in force, which ends then.
    pub(super) fn exchanged(&self, expires: Timestamp) {
        self.reloads.inc();
        self.expires(expires);
    }

    /// What the files held was not taken.
    pub(super) fn failed(&self) {
        self.reload_failures.inc();
    }

    pub(super) fn count_unfit(&self, why: Unfit) {
        self.failed.with_label_values(&[why.as_str()]).inc();
    }
}

// Names and labels are written here in the source.

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("well formed")
}

fn counter(name: &str, help: &str) -> IntCounter {
    IntCounter::new(name, help).expect("well formed")
}
