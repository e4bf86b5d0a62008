//! Serves the API over HTTP/1.1 and HTTP/2 on one port, plain or over TLS; ends gracefully.

pub(crate) mod arrived;
mod compress;
pub(crate) mod connections;
mod cross_origin;
mod guard;
mod handshake;
mod host;
mod limits;
mod listener;
mod observe;
mod rated;
mod serving;
mod traced;
mod unfinished;
mod unread;

pub use arrived::recognize;
pub(crate) use arrived::{Arrived, Spoken};
pub use guard::is_loopback;
pub use limits::ServeLimits;
pub use listener::Listener;
pub use unfinished::Unfinished;

use std::net::SocketAddr;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use tokio::net::TcpListener;

use self::limits::LimitsInForce;
use self::serving::Serving;
use crate::app::{App, HttpOptions};
use crate::endpoints;
use crate::key_care::look_after_keys;
use crate::problem::{Problem, ProblemKind};

/// Why the API is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No key is set, and others could reach it.
    #[error(
        "{address} can be reached by others, and no key is set to tell who asks: set auth.hs256_secret, \
         auth.jwks_file or auth.jwks_url, or listen on a loopback address such as 127.0.0.1:8080"
    )]
    OpenToOthers {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The socket failed.
    #[error("the listening socket cannot be used: {0}")]
    Socket(std::io::Error),
}

impl From<std::io::Error> for ServeError {
    fn from(cause: std::io::Error) -> ServeError {
        ServeError::Socket(cause)
    }
}

impl App {
    /// Takes what can be exchanged while it serves: how often callers and addresses may ask, how many live pages and feeds
    /// and connections are open. Of the times of connections, those that begin from now on; of everything else of these
    /// options nothing.
    pub fn exchange_limits(&self, options: &HttpOptions, limits: ServeLimits) {
        self.exchange_rates(options.rates);
        self.live_pages().exchange(options.live_pages_max);
        self.live_feeds().exchange(options.live_feeds_max);
        self.hold_connections_to(limits);
    }

    fn hold_connections_to(&self, limits: ServeLimits) {
        self.metrics().connections_max.set(i64::try_from(limits.connections_max).unwrap_or(i64::MAX));
        self.kept(LimitsInForce::default).exchange(limits);
    }

    /// Whether it may listen there: without a key only on loopback.
    ///
    /// # Errors
    /// If it may not.
    pub fn check_address(&self, address: SocketAddr) -> Result<(), ServeError> {
        if self.is_open_to_anyone() && !address.ip().to_canonical().is_loopback() {
            return Err(ServeError::OpenToOthers { address });
        }
        Ok(())
    }

    /// The API alone. Another room may merge its own routes with it.
    pub fn router(&self) -> Router {
        let api = cross_origin::allowed(endpoints::router(), &self.http().reach.cors_origins);
        api.fallback(nowhere).with_state(self.clone())
    }

    /// All that is served, guarded and counted, as a service without a socket: the API, with what stands beside it.
    pub fn service(&self, router: Router) -> Router {
        router
            .method_not_allowed_fallback(wrong_method)
            .layer(from_fn_with_state(self.clone(), guard::guard))
            .layer(map_response(compress::ended_once))
            .layer(compress::layer())
            .layer(from_fn(compress::head_without_a_length))
            .layer(from_fn(host::name_one))
            .layer(from_fn_with_state(self.clone(), rated::count))
            .layer(from_fn(arrived::admit))
            .layer(from_fn_with_state(self.clone(), observe::observe))
    }

    fn probes(&self) -> Router {
        self.as_probes(endpoints::probes().with_state(self.clone()))
    }

    fn as_probes(&self, probes: Router) -> Router {
        probes
            .fallback(nowhere)
            .layer(from_fn(host::name_one))
            .layer(from_fn(arrived::admit))
            .layer(from_fn_with_state(self.clone(), observe::observe))
    }
}

async fn wrong_method() -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed, "the header Allow names the methods that this path takes")
}

async fn nowhere() -> Problem {
    Problem::new(ProblemKind::NotFound, "there is nothing here: see /openapi.json")
}

/// Serves until told to end; then takes no more connections, and answers what is under way. `router` is
/// [`App::router`], alone or with other routes beside it. Over TLS, the files of its certificate are looked at meanwhile.
///
/// # Errors
/// If it would be open to others without a key, or the socket fails.
pub async fn serve(
    listener: impl Into<Listener>,
    app: App,
    router: Router,
    limits: ServeLimits,
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let Listener { tcp, tls } = listener.into();
    let address = tcp.local_addr()?;
    app.check_address(address)?;
    let speaks = if tls.is_some() { "https" } else { "http" };
    if app.is_open_to_anyone() {
        tracing::warn!(%address, speaks, "no key is set: listening on loopback only, and taking anyone for an operator");
    } else {
        tracing::info!(%address, speaks, "listening");
    }
    let looking_after = tokio::spawn(look_after_keys(app.clone()));
    let looking = tls.as_ref().map(|tls| {
        tls.register(app.process_metrics().registry());
        tokio::spawn(tls.clone().keep_looking())
    });
    app.hold_connections_to(limits);
    let serving = Serving::new(app.clone(), app.service(router), app.kept(LimitsInForce::default), tls);
    serving.accept(tcp, end).await;
    app.stop();
    looking_after.abort();
    serving.finish().await;
    if let Some(looking) = looking {
        looking.abort();
    }
    Ok(())
}

/// Serves nothing but the probes and the metrics, on a listener of their own, until told to end: whatever becomes of
/// the other, an orchestrator gets its answer. No token is asked for, as on the other, and no TLS is spoken.
///
/// # Errors
/// If the socket fails.
pub async fn serve_probes(
    listener: TcpListener,
    app: App,
    limits: ServeLimits,
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let probes = app.probes();
    serve_few(listener, app, probes, limits, end).await
}

/// The same of a process without a ledger: the probes and metrics are its own.
///
/// # Errors
/// If the socket fails.
pub async fn serve_own_probes(
    listener: TcpListener,
    app: App,
    probes: Router,
    limits: ServeLimits,
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let probes = app.as_probes(probes);
    serve_few(listener, app, probes, limits, end).await
}

async fn serve_few(
    listener: TcpListener,
    app: App,
    router: Router,
    limits: ServeLimits,
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening for probes");
    let limits = ServeLimits {
        connections_max: PROBE_CONNECTIONS_MAX,
        connections_per_address: PROBE_CONNECTIONS_MAX,
        idle_timeout: limits.header_timeout,
        ..limits
    };
    let serving = Serving::new(app, router, LimitsInForce::new(limits), None);
    serving.accept(listener, end).await;
    serving.finish().await;
    Ok(())
}

/// Few ask for probes, and the longest idle gives way.
const PROBE_CONNECTIONS_MAX: usize = 64;
