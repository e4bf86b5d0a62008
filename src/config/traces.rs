//! The settings of `[traces]`: who collects traces, and how many.

use std::num::NonZeroU64;
use std::path::PathBuf;

use super::read::{Read, is_http_address};
use super::{ConfigError, Key};

/// A collector of traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Traces {
    /// Where it takes them, by OTLP over HTTP.
    pub(crate) endpoint: String,
    /// Its authorities; none: those that this machine trusts.
    pub(crate) ca_file: Option<PathBuf>,
    /// Of so many traces that begin here, one is collected.
    pub(crate) one_in: NonZeroU64,
    /// So many spans wait for it at most.
    pub(crate) queue_spans: usize,
    /// As what this process is known to it.
    pub(crate) service_name: String,
}

impl Read<'_> {
    /// Who collects traces; nobody without an endpoint.
    pub(super) fn traces(&self) -> Result<Option<Traces>, ConfigError> {
        let expected = "an address such as http://collector.example:4318/v1/traces";
        let endpoint = self.text(Key::TracesEndpoint);
        if let Some(text) = endpoint.as_ref().filter(|text| !is_http_address(text)) {
            return Err(self.invalid(Key::TracesEndpoint, expected, text.clone()));
        }
        let ca_file = self.path(Key::TracesCaFile);
        if ca_file.is_some() && !endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("https://")) {
            let (key, origin) = (Key::TracesCaFile, self.origin(Key::TracesCaFile));
            return Err(ConfigError::Idle { origin, key: key.name(), needs: "a traces.endpoint of https://" });
        }
        // Judged also where nobody collects: a mistake is told when it is made, not when it is used.
        let one_in = self.at_least_one(Key::TracesOneIn)?;
        self.at_least_one(Key::TracesQueueSpans)?;
        let queue_spans = self.size(Key::TracesQueueSpans)?;
        let service_name = self.text(Key::TracesServiceName).unwrap_or_default();
        Ok(endpoint.map(|endpoint| Traces {
            endpoint,
            ca_file,
            one_in: NonZeroU64::new(one_in).unwrap_or(NonZeroU64::MIN),
            queue_spans,
            service_name,
        }))
    }
}
