//! The collector, asked over HTTP or https with the client and the TLS that all commands use.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ingest::traces::SpanBoard;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

use crate::config::{Key, Traces};
use crate::exit::{Failure, in_words};
use crate::proxy::NamedProxy;
use crate::trust::Trust;

/// No answer of a collector is as long.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Who takes spans.
pub(super) struct Collector {
    agent: ureq::Agent,
    trust: Trust,
    board: Arc<SpanBoard>,
}

impl Collector {
    /// # Errors
    /// If its authority cannot be used, or a variable names no proxy that can be: bad usage.
    pub(super) fn new(traces: &Traces, timeout: Duration, board: Arc<SpanBoard>) -> Result<Collector, Failure> {
        let ca_name = Key::TracesCaFile.name();
        let trust = Trust { ca: traces.ca_file.clone(), ca_name, cert: None, key: None };
        let proxy = NamedProxy::of_surroundings(&traces.endpoint)?.map(|named| named.proxy);
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .timeout_global(Some(timeout));
        let config = match trust.tls_config(&traces.endpoint)? {
            Some(tls) => config.tls_config(tls),
            None => config,
        };
        Ok(Collector { agent: config.build().into(), trust, board })
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.agent.run(Request::from_parts(parts, &body[..])).map_err(|error| {
            let why = self.trust.why_no_answer(error);
            self.board.in_vain(&in_words(&why));
            why
        })?;
        let (parts, body) = answer.into_parts();
        if !parts.status.is_success() {
            self.board.in_vain(&format!("it answers with status {}", parts.status.as_u16()));
        }
        let text = body.into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(Response::from_parts(parts, text.into()))
    }
}

/// It is asked on the queue's own thread, which may wait.
#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.send(request)
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Collector").finish_non_exhaustive()
    }
}
