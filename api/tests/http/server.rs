//! A server on loopback around a ledger in memory, and a client for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::{App, Authenticator, HttpOptions, ServeLimits, serve};
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, Response, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ingest::metrics::Metrics;
use ingest::{
    CheckpointPolicy, Clock, Handle, Keeping, PastOptions, Pipeline, PipelineOptions, ReadOnlyOptions, RunWriting,
    StartOptions, start, start_read_only,
};
use jsonwebtoken::EncodingKey;
use ledger::{LedgerOptions, MemoryStorage};
use projections::OneWorker;
use projections::query::Links;
use schemas::{Timestamp, Uid};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const SECRET: &[u8] = b"a secret of thirty-two bytes, at least";

/// A clock that stands at a moment, but for a microsecond each time it is asked.
struct Standing(AtomicI64);

impl Standing {
    fn new() -> Arc<Standing> {
        Standing::at(crate::history::NOW)
    }

    fn at(now: &str) -> Arc<Standing> {
        let now = Timestamp::parse(now).expect("a time");
        Arc::new(Standing(AtomicI64::new(now.0)))
    }
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A server that runs.
pub struct Server {
    pub address: SocketAddr,
    pub ledger: Handle,
    pub storage: MemoryStorage,
    pipeline: Option<Pipeline>,
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Server {
    /// Anyone is an operator, and the ledger holds the history.
    pub async fn start() -> Server {
        let server = Server::on(MemoryStorage::new(), Authenticator::open()).await;
        server.post_history().await;
        server
    }

    /// Tokens signed with [`SECRET`] are needed; the ledger holds the history.
    pub async fn with_tokens() -> Server {
        let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
        let server = Server::on(MemoryStorage::new(), keys).await;
        server.post_history().await;
        server
    }

    pub async fn on(storage: MemoryStorage, keys: Authenticator) -> Server {
        let ledger = LedgerOptions { segment_bytes: 1 << 20, ..LedgerOptions::default() };
        Server::written(storage, ledger, keys, HttpOptions::default(), ServeLimits::default()).await
    }

    /// Anyone is an operator, and a frame of the ledger, which is empty, has so many bytes at most.
    pub async fn narrow(frame_bytes_max: u64) -> Server {
        let ledger = LedgerOptions { frame_bytes_max, ..LedgerOptions::default() };
        let (http, limits) = (HttpOptions::default(), ServeLimits::default());
        Server::written(MemoryStorage::new(), ledger, Authenticator::open(), http, limits).await
    }

    /// Reached and bounded otherwise than by default; the ledger holds the history.
    pub async fn bounded(keys: Authenticator, options: HttpOptions, limits: ServeLimits) -> Server {
        let ledger = LedgerOptions { segment_bytes: 1 << 20, ..LedgerOptions::default() };
        let server = Server::written(MemoryStorage::new(), ledger, keys, options, limits).await;
        server.post_history().await;
        server
    }

    async fn written(
        storage: MemoryStorage,
        ledger: LedgerOptions,
        keys: Authenticator,
        http: HttpOptions,
        limits: ServeLimits,
    ) -> Server {
        let metrics = Arc::new(Metrics::new());
        let options = StartOptions {
            storage: Arc::new(storage.clone()),
            ledger,
            checkpoints: None,
            checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
            keeping: Keeping::Apart,
            runs: RunWriting::Apart,
            past: PastOptions::default(),
            clock: Standing::new(),
            links: links(),
            metrics: Arc::clone(&metrics),
            workers: Arc::new(OneWorker),
            inbox_bytes: 64 << 20,
        };
        let pipeline = Pipeline::start(start(options, &mut |_| {}).expect("started"), PipelineOptions::default())
            .expect("threads");
        Server::serve(pipeline.handle(), Some(pipeline), storage, App::with(keys, metrics, http), limits).await
    }

    /// A server that only reads the ledger that another one writes.
    pub async fn reading(storage: &MemoryStorage, keys: Authenticator) -> Server {
        Server::reading_at(storage, keys, crate::history::NOW).await
    }

    /// The same, by a clock that stands at another moment.
    pub async fn reading_at(storage: &MemoryStorage, keys: Authenticator, now: &str) -> Server {
        let metrics = Arc::new(Metrics::new());
        let options = ReadOnlyOptions {
            run_events: LedgerOptions::default().run_events,
            storage: Arc::new(storage.clone()),
            checkpoints: None,
            past: PastOptions::default(),
            clock: Standing::at(now),
            links: links(),
            metrics: Arc::clone(&metrics),
            refresh_micros: 0,
        };
        let (ledger, _) = start_read_only(options, &mut |_| {}).expect("started");
        Server::serve(ledger, None, storage.clone(), App::new(keys, metrics), ServeLimits::default()).await
    }

    async fn serve(
        ledger: Handle,
        pipeline: Option<Pipeline>,
        storage: MemoryStorage,
        app: App,
        limits: ServeLimits,
    ) -> Server {
        app.open(ledger.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(async move {
            let end = async move { drop(ended.await) };
            let router = crate::router(&app);
            serve(listener, app, router, limits, end).await.expect("served");
        });
        Server { address, ledger, storage, pipeline, end: Some(end), served }
    }

    /// These routes beside another server, whose ledger they ask.
    #[allow(dead_code, reason = "shared with the tests of the pages, which need it")]
    pub async fn of(other: &Server, routes: axum::Router) -> Server {
        let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
        let app = App::new(keys, Arc::new(Metrics::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(async move {
            let end = async move { drop(ended.await) };
            serve(listener, app, routes, ServeLimits::default(), end).await.expect("served");
        });
        let (ledger, storage) = (other.ledger.clone(), other.storage.clone());
        Server { address, ledger, storage, pipeline: None, end: Some(end), served }
    }

    async fn post_history(&self) {
        let reply = self.post_events(&format!("[{}]", crate::history::events().join(","))).await;
        for result in reply.json()["results"].as_array().expect("results") {
            assert_eq!(result["outcome"], "accepted", "{result}");
        }
    }

    pub async fn post_events(&self, body: &str) -> Reply {
        let request = self.request(Method::POST, "/v1/events").header(header::AUTHORIZATION, bearer("service", None));
        let request = request.header(header::CONTENT_TYPE, "application/cloudevents-batch+json");
        self.send(request.body(full(body)).expect("a request")).await
    }

    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(format!("http://{}{path}", self.address))
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Reply {
        Reply::of(client().request(request).await.expect("an answer")).await
    }

    /// The answer while it comes.
    pub async fn open(&self, request: Request<Full<Bytes>>) -> Response<hyper::body::Incoming> {
        client().request(request).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).body(full("")).expect("a request")).await
    }

    /// As the bearer of a token.
    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        let request = self.request(Method::GET, path).header(header::AUTHORIZATION, token);
        self.send(request.body(full("")).expect("a request")).await
    }

    /// A command with a JSON body.
    pub async fn command(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.command_with(method, path, &body.to_string(), &[]).await
    }

    pub async fn command_with(&self, method: Method, path: &str, body: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.request(method, path);
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(full(body)).expect("a request")).await
    }

    /// Tells it to end, and waits until it has. The ledger is stopped after it.
    pub async fn end(mut self) -> MemoryStorage {
        drop(self.end.take());
        (&mut self.served).await.expect("ended");
        if let Some(pipeline) = self.pipeline.take() {
            tokio::task::spawn_blocking(move || pipeline.stop().expect("stopped")).await.expect("stopped");
        }
        self.storage.clone()
    }
}

/// A server whose ledger is not there yet, and where it listens. Tokens signed with [`SECRET`] are needed.
pub async fn opening() -> (App, SocketAddr) {
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
    let app = App::new(keys, Arc::new(Metrics::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let served = app.clone();
    tokio::spawn(async move {
        let router = crate::router(&served);
        serve(listener, served, router, ServeLimits::default(), std::future::pending()).await.expect("served");
    });
    (app, address)
}

fn links() -> Links {
    Links { base: "https://exchange.example".to_owned() }
}

pub fn full(body: &str) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(body.as_bytes()))
}

fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

/// What `Authorization` says for a role.
pub fn bearer(role: &str, uid: Option<u64>) -> String {
    let mut claims = json!({"role": role});
    if let Some(uid) = uid {
        claims["sub"] = Uid(uid).to_string().into();
    }
    format!("Bearer {}", signed(&claims))
}

/// A token with these claims.
pub fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET);
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key).expect("a token")
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub async fn of<B: axum::body::HttpBody>(response: Response<B>) -> Reply
    where
        B::Error: std::fmt::Debug,
    {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// A problem of this status about this field.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, field: Option<&str>) {
        let problem = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["type"].as_str().is_some_and(|uri| uri.starts_with("/problems/")), "{problem}");
        for name in ["title", "detail"] {
            assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert_eq!(problem.get("field").and_then(Value::as_str), field, "{problem}");
    }
}

/// For a router without a socket.
pub async fn ask_router(router: axum::Router, path: &str) -> Reply {
    use tower_service::Service;
    let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
    let response = router.clone().call(request).await.unwrap_or_else(|never| match never {});
    Reply::of(response).await
}
