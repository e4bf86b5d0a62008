//! HTTP itself: versions, HEAD, headers, hostile requests, the end.

use std::sync::Arc;
use std::time::Duration;

use api::{App, Authenticator, ServeError, ServeLimits, serve};
use axum::http::{Method, Version, header};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use ingest::metrics::Metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{Reply, Server, full};

#[tokio::test]
async fn http_2_is_spoken_with_prior_knowledge() {
    let server = Server::start().await;
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let request = server.request(Method::GET, "/v1/overview?uid=7").body(full("")).expect("a request");
    let response = client.request(request).await.expect("an answer");
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(Reply::of(response).await.expect(200)["uid"], 7);
    let request = server.request(Method::PUT, "/v1/overview").body(full("{}")).expect("a request");
    Reply::of(client.request(request).await.expect("an answer")).await.expect_problem(405, None);
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let server = Server::start().await;
    for path in ["/v1/overview?uid=7", "/v1/codes/NONE?uid=7", "/openapi.json", "/nowhere", "/v1/rewards/export?uid=7"]
    {
        let get = server.get(path).await;
        let head = server.send(server.request(Method::HEAD, path).body(full("")).expect("a request")).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["content-type", "content-length", "tributary-position"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn every_answer_bears_what_keeps_browsers_careful() {
    let server = Server::start().await;
    for path in ["/v1/overview?uid=7", "/v1/overview", "/nowhere", "/metrics", "/v1/feed"] {
        let reply = server.get(path).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.header(name), value, "{name} of {path}");
        }
        assert!(reply.header("content-security-policy").contains("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn pages_of_others_are_kept_away_from_a_server_without_keys() {
    let server = Server::start().await;
    let path = "/v1/campaigns/spring/join?uid=7";
    let across = server.command_with(Method::POST, path, "", &[("origin", "https://evil.example")]).await;
    across.expect_problem(403, Some("origin"));
    let rebound = server.request(Method::GET, "/v1/status").header(header::HOST, "evil.example:8080");
    server.send(rebound.body(full("")).expect("a request")).await.expect_problem(421, Some("host"));
    let own = format!("http://{}", server.address);
    assert_eq!(server.command_with(Method::POST, path, "", &[("origin", &own)]).await.status, 200);
    let with_tokens = Server::with_tokens().await;
    let named = with_tokens.request(Method::GET, "/healthz").header(header::HOST, "tributary.example");
    assert_eq!(with_tokens.send(named.body(full("")).expect("a request")).await.status, 200);
}

/// What comes back for bytes as they are, until the server closes.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(bytes).await.expect("written");
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.expect("closed").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn hostile_requests_are_refused_and_the_server_goes_on() {
    let server = Server::start().await;
    let close = "Host: localhost\r\nConnection: close\r\n";
    let long = "x".repeat(100_000);
    for (request, status) in [
        (format!("GET /v1/overview?uid=7 HTTP/1.1\r\n{close}\r\n"), "200"),
        (format!("GET /v1/overview?uid=%00 HTTP/1.1\r\n{close}\r\n"), "400"),
        (format!("GET /v1/codes/%2e%2e%2f?uid=7 HTTP/1.1\r\n{close}\r\n"), "404"),
        (format!("GET /../../etc/passwd HTTP/1.1\r\n{close}\r\n"), "404"),
        (format!("GET /v1/overview?uid=7#x HTTP/1.1\r\n{close}\r\n"), ""),
        (format!("GET * HTTP/1.1\r\n{close}\r\n"), "404"),
        (format!("GET /\0 HTTP/1.1\r\n{close}\r\n"), "400"),
        (format!("GET /{long} HTTP/1.1\r\n{close}\r\n"), "4"),
        (format!("GET / HTTP/1.1\r\n{close}X-Long: {long}\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\n{close}{}\r\n", "X-Many: 1\r\n".repeat(200)), "431"),
        (format!("POST /v1/events HTTP/1.1\r\n{close}Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), "400"),
        (format!("POST /v1/events HTTP/1.1\r\n{close}Content-Length: -5\r\n\r\n"), "400"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}".repeat(20), "400"),
    ] {
        let answer = raw(&server, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{:.60} gave {answer:.200}", request);
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer:.200}");
    }
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let close = "Connection: close\r\n";
    for server in [Server::start().await, Server::with_tokens().await] {
        for (request, status) in [
            (format!("GET /healthz HTTP/1.1\r\n{close}Host: localhost\r\n\r\n"), "200"),
            (format!("GET /healthz HTTP/1.0\r\n{close}\r\n"), "200"),
            (format!("GET /healthz HTTP/1.1\r\n{close}\r\n"), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{close}Host: localhost\r\nHost: localhost\r\n\r\n"), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{close}Host: localhost\r\nHost: evil.example\r\n\r\n"), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{close}Host:\r\n\r\n"), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{close}Host: a b\r\n\r\n"), "400"),
            (format!("GET /healthz HTTP/1.1\r\n{close}Host: user@localhost\r\n\r\n"), "400"),
        ] {
            let answer = raw(&server, request.as_bytes()).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")) || answer.starts_with(&format!("HTTP/1.0 {status}")),
                "{request:?} gave {answer:.200}"
            );
            if status == "400" {
                assert!(
                    answer.contains("application/problem+json") && answer.contains("\"field\":\"host\""),
                    "{answer}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_body_refused_by_its_type_is_not_waited_for() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let request = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\
                   Expect: 100-continue\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = vec![0; 4_096];
    let length = stream.read(&mut answer).await.expect("read");
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 415"), "{answer}");
}

#[tokio::test]
async fn a_client_that_sends_all_before_it_reads_reads_the_refusal() {
    let server = Server::with_tokens().await;
    let token = crate::server::bearer("service", None);
    let body = vec![b' '; 33 << 20];
    for (path, media_type, token, status) in [
        ("/v1/events", "application/cloudevents+json", token.as_str(), 413),
        ("/v1/events", "text/plain", &token, 415),
        ("/v1/events", "application/cloudevents+json", "", 401),
        ("/v1/codes", "application/json", &token, 403),
        ("/nowhere", "application/json", "", 404),
    ] {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {token}\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("written");
        stream.write_all(&body).await.unwrap_or_else(|error| panic!("{path} {media_type}: {error}"));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {media_type}: {answer:.200}");
    }
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let app = App::new(Authenticator::open(), Arc::new(Metrics::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let limits = ServeLimits { header_timeout: Duration::from_millis(100), ..ServeLimits::default() };
    tokio::spawn(serve(listener, app.clone(), app.router(), limits, std::future::pending()));
    for begun in ["", "P", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nHost:"] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(begun.as_bytes()).await.expect("written");
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{begun:?}");
    }
}

#[tokio::test]
async fn without_a_key_it_listens_on_loopback_only() {
    let open = || App::new(Authenticator::open(), Arc::new(Metrics::new()));
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let refused = serve(listener, open(), open().router(), ServeLimits::default(), std::future::pending())
        .await
        .expect_err("refused");
    assert!(matches!(refused, ServeError::OpenToOthers { .. }));
    assert!(refused.to_string().contains("auth.hs256_secret"), "{refused}");
    for (address, may) in [
        ("127.0.0.1:80", true),
        ("127.1.2.3:80", true),
        ("[::1]:80", true),
        ("[::ffff:127.0.0.1]:80", true),
        ("0.0.0.0:80", false),
        ("[::]:80", false),
        ("192.168.1.1:80", false),
    ] {
        let address = address.parse().expect("an address");
        assert_eq!(open().check_address(address).is_ok(), may, "{address}");
        let keys = Authenticator::new(Some(crate::server::SECRET), None).expect("a secret");
        assert!(App::new(keys, Arc::new(Metrics::new())).check_address(address).is_ok());
    }
}

#[tokio::test]
async fn what_is_under_way_is_answered_before_the_end() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    let event = crate::history::one_more(700, "2026-03-09T00:00:00Z");
    let (first, second) = event.split_at(40);
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        event.len()
    );
    stream.write_all(head.as_bytes()).await.expect("written");
    // The server asks for the body: so the request is under way.
    let mut go_on = vec![0; 64];
    let length = stream.read(&mut go_on).await.expect("read");
    assert!(String::from_utf8_lossy(&go_on[..length]).starts_with("HTTP/1.1 100"));
    stream.write_all(first.as_bytes()).await.expect("written");
    let ended = tokio::spawn(server.end());
    stream.write_all(second.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"accepted\""), "{answer}");
    ended.await.expect("ended");
}
