//! Takes the connections of a listener, and sees each of them to its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tower_service::Service;

use super::arrived::{Arrived, Spoken};
use super::connections::{Closed, Connections, Place, watched};
use super::handshake::{Begun, UnfitLog, shake};
use super::limits::{LimitsInForce, ServeLimits};
use crate::app::App;
use crate::tls::{Tls, Unfit};

/// Bytes of a request's line and headers; larger ones are answered with 431 by the HTTP library itself.
const HEADER_BYTES_MAX: usize = 64 * 1024;
const HTTP2_STREAMS_MAX: u32 = 128;
const HTTP2_PING_EVERY: Duration = Duration::from_secs(30);
/// After an accept that failed, as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Accepts that go on failing are told of so often.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// A connection that is closed has so long to say so to its client.
const GOODBYE: Duration = Duration::from_millis(250);

/// The connections of one listener.
pub(super) struct Serving {
    app: App,
    router: Router,
    http: Builder<TokioExecutor>,
    tls: Option<Tls>,
    unfit: Arc<UnfitLog>,
    limits: LimitsInForce,
    connections: Connections,
    stopping: watch::Sender<bool>,
}

impl Serving {
    pub(super) fn new(app: App, router: Router, limits: LimitsInForce, tls: Option<Tls>) -> Serving {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).max_buf_size(HEADER_BYTES_MAX);
        http.http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEADER_BYTES_MAX as u32)
            .max_concurrent_streams(HTTP2_STREAMS_MAX)
            .keep_alive_interval(HTTP2_PING_EVERY);
        let connections = Connections::new(limits.clone(), app.metrics().connections.clone());
        let stopping = watch::Sender::new(false);
        Serving { app, router, http, tls, unfit: Arc::default(), limits, connections, stopping }
    }

    /// Takes connections until told to end. None waits to be taken.
    pub(super) async fn accept(&self, listener: TcpListener, end: impl Future<Output = ()>) {
        tokio::pin!(end);
        let mut told: Option<Instant> = None;
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut end => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.spawn(stream, peer),
                Err(error) => {
                    if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
                        told = Some(Instant::now());
                        tracing::warn!(%error, "connections cannot be taken: an idle one is closed for each");
                    }
                    // Where file descriptors are wanting, each connection that is closed gives one back.
                    self.connections.close_one();
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Waits until what is under way is answered; not for ever.
    pub(super) async fn finish(&self) {
        self.stopping.send_replace(true);
        if timeout(self.limits.now().end_timeout, self.connections.ended()).await.is_err() {
            tracing::warn!("requests that were still under way were cut off");
        }
    }

    fn spawn(&self, stream: TcpStream, peer: SocketAddr) {
        // Answers are written whole; waiting for more to send would only delay them.
        let _as_it_is = stream.set_nodelay(true);
        let stands_for_many = self.app.http().reach.is_trusted(peer.ip());
        let place = self.connections.admit(peer.ip().to_canonical(), stands_for_many);
        self.app.metrics().count_admission(place.admission);
        let (limits, mut http) = (self.limits.now(), self.http.clone());
        // Who has shown no token has less time: the connection's activity tells.
        http.http1().header_read_timeout(limits.idle_timeout.max(limits.header_timeout));
        let connection = Connection {
            app: self.app.clone(),
            router: self.router.clone(),
            http,
            limits,
            stopping: self.stopping.subscribe(),
            peer,
            place,
        };
        match &self.tls {
            None => drop(tokio::spawn(connection.serve(stream, Spoken::Plain))),
            Some(tls) => drop(tokio::spawn(connection.secure(stream, tls.clone(), Arc::clone(&self.unfit)))),
        }
    }
}

/// A connection that was taken.
struct Connection {
    app: App,
    router: Router,
    http: Builder<TokioExecutor>,
    limits: Arc<ServeLimits>,
    stopping: watch::Receiver<bool>,
    peer: SocketAddr,
    place: Place,
}

impl Connection {
    /// Makes the handshake, within the time that a first request has, and serves what follows. Who speaks plain HTTP is
    /// told of it.
    async fn secure(mut self, stream: TcpStream, tls: Tls, log: Arc<UnfitLog>) {
        let shaking = shake(stream, tls.config());
        tokio::pin!(shaking);
        let mut look = Instant::now();
        let begun = loop {
            tokio::select! {
                begun = &mut shaking => break begun,
                why = self.place.activity.told_to_close() => return self.app.metrics().count_closed(why),
                _ = self.stopping.wait_for(|stopping| *stopping) => return,
                () = sleep_until(look) => match self.place.activity.judge(Instant::now(), &self.limits) {
                    Ok(next) => look = next,
                    Err(_) => return self.app.metrics().count_closed(Closed::Handshake),
                }
            }
        };
        let unfit = |why, detail: &dyn std::fmt::Display| {
            tls.count_unfit(why);
            log.tell(why, self.peer.ip(), detail);
        };
        match begun {
            Ok(Begun::Secured(stream)) => self.serve(stream, Spoken::Tls).await,
            Ok(Begun::Plain(stream)) => {
                unfit(Unfit::PlainHttp, &"the client speaks plain http, and is told to speak https");
                self.serve(stream, Spoken::PlainToTls).await;
            }
            Err((why, error)) => unfit(why, &error),
        }
    }

    /// Answers what is asked on it, until it ends.
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, spoken: Spoken) {
        let Connection { app, router, http, limits, stopping, peer, place } = self;
        let arrived = Arrived { peer, spoken, admission: place.admission, activity: place.activity.clone() };
        let base = Arc::<str>::from(app.http().reach.base_path());
        let service = service_fn(move |mut request: axum::http::Request<Incoming>| {
            let under_way = arrived.activity.begin();
            if let Some(uri) = without_base(request.uri(), &base) {
                *request.uri_mut() = uri;
            }
            request.extensions_mut().insert(arrived.clone());
            let answer = router.clone().call(request);
            async move { Ok::<_, Infallible>(answer.await?.map(|body| watched(body, under_way))) }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
        see_to_its_end(connection, place, &limits, stopping, &app).await;
    }
}

/// Serves a connection until it ends by itself, has to be closed, or the server ends.
async fn see_to_its_end<C>(
    connection: C,
    place: Place,
    limits: &ServeLimits,
    mut stopping: watch::Receiver<bool>,
    app: &App,
) where
    C: GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>>,
{
    tokio::pin!(connection);
    let mut is_ending = false;
    let mut look = Instant::now();
    let why = loop {
        tokio::select! {
            served = connection.as_mut() => {
                if let Err(error) = served {
                    tracing::debug!(%error, "a connection ended");
                }
                return;
            }
            why = place.activity.told_to_close() => break why,
            _ = stopping.wait_for(|stopping| *stopping), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            () = sleep_until(look) => match place.activity.judge(Instant::now(), limits) {
                Ok(next) => look = next,
                Err(why) => break why,
            }
        }
    };
    app.metrics().count_closed(why);
    tracing::debug!(why = why.as_str(), "a connection is closed");
    connection.as_mut().graceful_shutdown();
    let _said_or_not = timeout(GOODBYE, connection).await;
}

/// The same address without the path that the server stands below, if it begins with it: some proxies leave it out
/// themselves, others do not.
fn without_base(uri: &Uri, base: &str) -> Option<Uri> {
    if base.is_empty() {
        return None;
    }
    let rest = uri.path().strip_prefix(base)?;
    let path = match rest.chars().next() {
        Some('/') => rest.to_owned(),
        None => "/".to_owned(),
        Some(_) => return None,
    };
    let path = uri.query().map_or(path.clone(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(path).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_that_the_server_stands_below_is_left_out_where_a_proxy_left_it_in() {
        let uri = |text: &'static str| Uri::from_static(text);
        for (given, base, rest) in [
            ("/ledger/v1/status?a=b", "/ledger", Some("/v1/status?a=b")),
            ("/ledger", "/ledger", Some("/")),
            ("/ledger?a", "/ledger", Some("/?a")),
            ("http://h:1/ledger/x", "/ledger", Some("http://h:1/x")),
            ("/ledgers", "/ledger", None),
            ("/v1/status", "/ledger", None),
            ("/v1/status", "", None),
        ] {
            assert_eq!(without_base(&uri(given), base), rest.map(uri), "{given}");
        }
    }
}
