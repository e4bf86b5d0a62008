//! Serves the API over HTTP/1.1 and, with prior knowledge, HTTP/2 on one port; ends gracefully.

mod guard;
mod observe;
mod unfinished;
mod unread;

pub use guard::is_loopback;
pub use unfinished::Unfinished;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::middleware::from_fn_with_state;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::endpoints;
use crate::problem::{Problem, ProblemKind};

/// Why the API is not served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No key is set, and others could reach it.
    #[error(
        "{address} can be reached by others, and no key is set to tell who asks: set auth.hs256_secret or \
         auth.jwks_file, or listen on a loopback address such as 127.0.0.1:8080"
    )]
    OpenToOthers {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The socket failed.
    #[error("the listening socket cannot be used: {0}")]
    Socket(#[from] std::io::Error),
}

/// How connections are bounded.
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// So many connections are open at a time; more wait.
    pub connections_max: usize,
    /// A new connection, and an HTTP/1.1 connection between two requests, has so long to say what it wants.
    pub header_timeout: Duration,
    /// When it is told to end, what is under way has so long to be answered.
    pub end_timeout: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        ServeLimits {
            connections_max: 1_024,
            header_timeout: Duration::from_secs(60),
            end_timeout: Duration::from_secs(20),
        }
    }
}

/// Bytes of a request's line and headers; larger ones are answered with 431 by the HTTP library itself.
const HEADER_BYTES_MAX: usize = 64 * 1024;
const HTTP2_STREAMS_MAX: u32 = 128;
const HTTP2_PING_EVERY: Duration = Duration::from_secs(30);
/// After an accept that failed, as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl App {
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
        let nowhere = async || Problem::new(ProblemKind::NotFound, "there is nothing here: see /openapi.json");
        endpoints::router().fallback(nowhere).with_state(self.clone())
    }

    /// All that is served, guarded and counted, as a service without a socket: the API, with what stands beside it.
    pub fn service(&self, router: Router) -> Router {
        router
            .method_not_allowed_fallback(async || {
                Problem::new(ProblemKind::MethodNotAllowed, "the header Allow names the methods that this path takes")
            })
            .layer(from_fn_with_state(self.clone(), guard::guard))
            .layer(from_fn_with_state(self.clone(), observe::observe))
    }
}

/// Serves until told to end; then takes no more connections, and answers what is under way. `router` is
/// [`App::router`], alone or with other routes beside it.
///
/// # Errors
/// If it would be open to others without a key, or the socket fails.
pub async fn serve(
    listener: TcpListener,
    app: App,
    router: Router,
    limits: ServeLimits,
    end: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    app.check_address(address)?;
    if app.is_open_to_anyone() {
        tracing::warn!(%address, "no key is set: listening on loopback only, and taking anyone for an operator");
    } else {
        tracing::info!(%address, "listening");
    }
    let server = Server::new(app.clone(), router, limits.clone());
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            biased;
            () = &mut end => break,
            accepted = accepted => accepted,
        };
        match (slot, accepted) {
            (Ok(slot), Ok((stream, _))) => server.spawn(stream, slot, &graceful),
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
            (Err(_), Ok(_)) => {}
        }
    }
    drop(listener);
    app.stop();
    if tokio::time::timeout(limits.end_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that were still under way were cut off");
    }
    Ok(())
}

struct Server {
    app: App,
    router: Router,
    http: Builder<TokioExecutor>,
    limits: ServeLimits,
}

impl Server {
    fn new(app: App, router: Router, limits: ServeLimits) -> Server {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(HEADER_BYTES_MAX);
        http.http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEADER_BYTES_MAX as u32)
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .keep_alive_interval(HTTP2_PING_EVERY);
        Server { router: app.service(router), app, http, limits }
    }

    fn spawn(&self, stream: TcpStream, slot: OwnedSemaphorePermit, graceful: &GracefulShutdown) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _as_it_is = stream.set_nodelay(true);
        let has_asked = Arc::new(AtomicBool::new(false));
        let service = NotedService { has_asked: Arc::clone(&has_asked), router: self.router.clone() };
        let connection = self.http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection.into_owned());
        let (timeout, connections) = (self.limits.header_timeout, self.app.metrics().connections.clone());
        tokio::spawn(async move {
            connections.inc();
            // Before its first request the HTTP library waits for a connection as long as it stays silent.
            let silent = async {
                tokio::time::sleep(timeout).await;
                if has_asked.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                served = connection => {
                    if let Err(error) = served {
                        tracing::debug!(%error, "a connection ended");
                    }
                }
                () = silent => {}
            }
            connections.dec();
            drop(slot);
        });
    }
}

/// The router, noting that a request came.
#[derive(Clone)]
struct NotedService {
    has_asked: Arc<AtomicBool>,
    router: Router,
}

impl tower_service::Service<Request<hyper::body::Incoming>> for NotedService {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = <Router as tower_service::Service<Request<hyper::body::Incoming>>>::Future;

    fn poll_ready(&mut self, context: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        tower_service::Service::<Request<hyper::body::Incoming>>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, request: Request<hyper::body::Incoming>) -> Self::Future {
        self.has_asked.store(true, Ordering::Relaxed);
        self.router.call(request)
    }
}
