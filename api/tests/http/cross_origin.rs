//! Pages of other origins that may ask, because the settings say so.

use api::{Authenticator, HttpOptions, Origin, Reach, ServeLimits};
use axum::http::{Method, header};
use serde_json::json;

use crate::server::{Reply, SECRET, Server, bearer, full};

const CONSOLE: &str = "https://console.example";

async fn with_console(keys: Authenticator) -> Server {
    let cors_origins = vec![Origin::parse(CONSOLE).expect("an origin")];
    let options = HttpOptions { reach: Reach { cors_origins, ..Reach::default() }, ..HttpOptions::default() };
    Server::bounded(keys, options, ServeLimits::default()).await
}

async fn asked(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = server.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request.body(full("")).expect("a request")).await
}

#[tokio::test]
async fn by_default_no_other_origin_may_ask() {
    let server = Server::start().await;
    let reply = asked(&server, Method::GET, "/v1/overview?uid=7", &[("origin", CONSOLE)]).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    let preflight = [("origin", CONSOLE), ("access-control-request-method", "GET")];
    let reply = asked(&server, Method::OPTIONS, "/v1/overview", &preflight).await;
    assert!(!reply.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn an_origin_that_is_listed_may_ask_with_a_token_and_no_cookie() {
    let server = with_console(Authenticator::new(Some(SECRET), None).expect("a secret")).await;
    let preflight = [
        ("origin", CONSOLE),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,content-type,idempotency-key"),
    ];
    let may = asked(&server, Method::OPTIONS, "/v1/referrals/100/note", &preflight).await;
    assert_eq!((may.status, may.header("access-control-allow-origin")), (200, CONSOLE));
    for (name, allowed) in [
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "authorization"),
        ("access-control-allow-headers", "idempotency-key"),
    ] {
        assert!(may.header(name).split(',').any(|one| one == allowed), "{allowed} in {}", may.header(name));
    }
    assert!(!may.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    let token = bearer("service", None);
    let feed = asked(&server, Method::GET, "/v1/feed", &[("origin", CONSOLE), ("authorization", &token)]).await;
    assert_eq!((feed.status, feed.header("access-control-allow-origin")), (200, CONSOLE));
    assert!(feed.header("access-control-expose-headers").contains("tributary-position"));
    assert!(feed.headers.get_all(header::VARY).iter().any(|vary| vary.to_str().is_ok_and(|v| v.contains("origin"))));
    // A page learns why it is refused, too.
    let refused = asked(&server, Method::GET, "/v1/feed", &[("origin", CONSOLE)]).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, CONSOLE));
}

#[tokio::test]
async fn another_origin_may_not() {
    let server = with_console(Authenticator::new(Some(SECRET), None).expect("a secret")).await;
    for origin in ["https://evil.example", "http://console.example", "https://console.example.evil.example", "null"] {
        let preflight = [("origin", origin), ("access-control-request-method", "GET")];
        for method in [Method::OPTIONS, Method::GET] {
            let reply = asked(&server, method, "/v1/overview?uid=7", &preflight).await;
            assert!(!reply.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}");
        }
    }
}

#[tokio::test]
async fn where_no_key_is_set_only_a_listed_origin_may_change_anything() {
    let server = with_console(Authenticator::open()).await;
    let note = |origin| {
        let note = json!({"note": "x"}).to_string();
        let server = &server;
        async move {
            let headers = [("origin", origin)];
            server.command_with(Method::PUT, "/v1/referrals/100/note?uid=7", &note, &headers).await
        }
    };
    assert_eq!(note(CONSOLE).await.status, 200);
    note("https://evil.example").await.expect_problem(403, Some("origin"));
}
