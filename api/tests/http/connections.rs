//! Connections that hold on to their places, and who gets through beside them.

use std::time::Duration;

use api::{App, Authenticator, HttpOptions, Reach, ServeLimits, serve_probes};
use axum::http::{Method, header};
use http_body_util::BodyExt;
use ingest::metrics::Metrics;
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::history::event;
use crate::server::{Reply, SECRET, Server, bearer, full};

const LONG: Duration = Duration::from_secs(600);

/// Nothing is closed for want of patience.
const PATIENT: ServeLimits = ServeLimits {
    connections_max: 8,
    connections_reserved: 2,
    connections_per_address: 100,
    header_timeout: LONG,
    idle_timeout: LONG,
    stall_timeout: LONG,
    end_timeout: Duration::from_secs(20),
};

async fn with(limits: ServeLimits, options: HttpOptions) -> Server {
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret");
    Server::bounded(keys, options, limits).await
}

/// One frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// What begins an HTTP/2 connection and asks for `/healthz` on it.
fn http2_probe() -> Vec<u8> {
    let headers = [b"\x82\x86\x44\x08/healthz".as_slice(), b"\x41\x09localhost"].concat();
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[]), frame(1, 5, 1, &headers)].concat()
}

async fn connected(server: &Server, said: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(said).await.expect("written");
    stream
}

/// Waits until the server has closed a connection.
async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut rest)).await;
    read.expect("it is closed").ok();
}

async fn get_as_operator(server: &Server, path: &str) -> Reply {
    server.get_as(&bearer("operator", None), path).await
}

/// A live feed, once it has begun.
async fn live_feed(server: &Server) -> axum::http::Response<hyper::body::Incoming> {
    let request = server.request(Method::GET, "/v1/feed").header(header::ACCEPT, "text/event-stream");
    let request = request.header(header::AUTHORIZATION, bearer("service", None)).body(full("")).expect("a request");
    let mut response = server.open(request).await;
    assert_eq!(response.status(), 200);
    response.body_mut().frame().await.expect("a part").expect("whole");
    response
}

#[tokio::test]
async fn connections_that_only_hold_on_keep_nobody_out() {
    let server = with(PATIENT, HttpOptions::default()).await;
    let mut held = Vec::new();
    for _ in 0..30 {
        let mut stream = connected(&server, &http2_probe()).await;
        // Its answer is there: from now on it is idle.
        assert!(stream.read(&mut [0; 4_096]).await.expect("read") > 0);
        held.push(stream);
    }
    // Half requests, and silence.
    for said in ["", "GET / HTTP/1.1\r\nHost: loc", "PRI * HTTP/2.0\r\n\r\nSM\r\n"].repeat(10) {
        held.push(connected(&server, said.as_bytes()).await);
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    get_as_operator(&server, "/v1/status").await.expect(200);
    closed(&mut held[0]).await;
}

#[tokio::test]
async fn idle_connections_are_closed_in_either_version() {
    let limits = ServeLimits { header_timeout: Duration::from_millis(100), ..PATIENT };
    let server = with(limits, HttpOptions::default()).await;
    let keep_alive = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let half = b"GET / HTTP/1.1\r\nHost: loc".to_vec();
    // Headers that are to go on and do not.
    let unfinished =
        [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[]), frame(1, 1, 1, b"\x82")].concat();
    for said in [http2_probe(), keep_alive, half, unfinished] {
        closed(&mut connected(&server, &said).await).await;
    }
    let metrics = server.get("/metrics").await;
    assert!(
        metrics.text().contains("tributary_http_connections_closed_total{reason=\"idle\"} 4"),
        "{}",
        metrics.text()
    );
}

#[tokio::test]
async fn where_all_are_at_work_probes_are_answered_and_the_rest_is_refused_with_a_word() {
    let limits = ServeLimits { connections_max: 2, ..PATIENT };
    let server = with(limits, HttpOptions::default()).await;
    let feeds = [live_feed(&server).await, live_feed(&server).await];
    for path in ["/healthz", "/metrics"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    let refused = get_as_operator(&server, "/v1/status").await;
    refused.expect_problem(503, None);
    assert_eq!((refused.header("retry-after"), refused.header("connection")), ("1", "close"));
    let metrics = server.get("/metrics").await;
    assert!(
        metrics.text().contains("tributary_http_connections_refused_total{reason=\"full\"} 4"),
        "{}",
        metrics.text()
    );
    drop(feeds);
    // The server sees them go when it next looks.
    while get_as_operator(&server, "/v1/status").await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_address_has_so_many_at_work_unless_it_is_a_trusted_proxy() {
    let limits = ServeLimits { connections_per_address: 1, ..PATIENT };
    let far = Reach { trusted_proxies: Vec::new(), ..Reach::default() };
    let server = with(limits.clone(), HttpOptions { reach: far, ..HttpOptions::default() }).await;
    let _feed = live_feed(&server).await;
    let refused = get_as_operator(&server, "/v1/status").await;
    refused.expect_problem(429, None);
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(server.get("/healthz").await.status, 200);
    let server = with(limits, HttpOptions::default()).await;
    let _feed = live_feed(&server).await;
    get_as_operator(&server, "/v1/status").await.expect(200);
}

#[tokio::test]
async fn live_feeds_are_bounded_by_themselves() {
    let options = HttpOptions { live_feeds_max: 1, ..HttpOptions::default() };
    let server = with(PATIENT, options).await;
    let feed = live_feed(&server).await;
    let service = bearer("service", None);
    let refused = server.get_as(&service, "/v1/feed?follow=true").await;
    refused.expect_problem(503, None);
    assert_eq!(refused.header("retry-after"), "1");
    // One that ends holds no place.
    assert_eq!(server.get_as(&service, "/v1/feed").await.status, 200);
    let metrics = server.get("/metrics").await;
    assert!(metrics.text().contains("tributary_live_refused_total{kind=\"feeds\"} 1"), "{}", metrics.text());
    drop(feed);
    while !server.get("/metrics").await.text().contains("\ntributary_live_feeds 0\n") {
        tokio::task::yield_now().await;
    }
    live_feed(&server).await;
}

/// Events that come to many times what lies between a server and a client that does not read.
fn bulky() -> String {
    let text = "\u{1f600}".repeat(2_000);
    let campaigns = (0..1_200).map(|number| {
        let data = json!({
            "id": format!("c{number}"), "visibility": "public", "title": text, "description": text, "url": "",
            "starts": "2026-03-01", "ends": "2026-03-31",
        });
        event("campaign", "begun", "2026-02-20T00:00:00Z", data)
    });
    format!("[{}]", campaigns.collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn a_client_that_stops_reading_is_given_up() {
    let limits = ServeLimits { stall_timeout: Duration::from_millis(200), ..PATIENT };
    let server = with(limits, HttpOptions::default()).await;
    let posted = server.post_events(&bulky()).await.expect(200);
    assert!(posted["results"].as_array().is_some_and(|all| all.iter().all(|one| one["outcome"] == "accepted")));
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let mut stream = socket.connect(server.address).await.expect("connected");
    let request = format!(
        "GET /v1/feed?after=0&follow=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n\r\n",
        bearer("service", None)
    );
    stream.write_all(request.as_bytes()).await.expect("written");
    while !server.get("/metrics").await.text().contains("connections_closed_total{reason=\"stalled\"} 1") {
        tokio::task::yield_now().await;
    }
    while !server.get("/metrics").await.text().contains("\ntributary_live_feeds 0\n") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn probes_have_a_listener_of_their_own() {
    let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve_probes(listener, app, PATIENT, std::future::pending()));
    for (path, status) in
        [("/healthz", "200"), ("/readyz", "503"), ("/metrics", "200"), ("/v1/status", "404"), ("/", "404")]
    {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer:.100}");
    }
}
