//! What Prometheus is told of the settings in force.

use prometheus::{GaugeVec, IntGauge};
use schemas::Timestamp;

use super::{Make, set_moment};

pub(super) struct SettingsMetrics {
    is_last_taken: IntGauge,
    at: GaugeVec,
}

impl SettingsMetrics {
    pub(super) fn new(make: &Make<'_>) -> SettingsMetrics {
        let is_last_taken = make.gauge(
            "tributary_config_last_reload_successful",
            "1 if the settings were taken when they were last read, at the start or at SIGHUP; else 0, and those before \
             are in force.",
        );
        is_last_taken.set(1);
        let at = make.moment(
            "tributary_config_last_reload_success_timestamp_seconds",
            "When settings were last read and taken, at the start or at SIGHUP.",
        );
        SettingsMetrics { is_last_taken, at }
    }

    /// Settings were taken at this moment.
    pub(super) fn taken(&self, at: Timestamp) {
        self.is_last_taken.set(1);
        set_moment(&self.at, at);
    }

    /// Settings were read and not taken.
    pub(super) fn refused(&self) {
        self.is_last_taken.set(0);
    }
}
