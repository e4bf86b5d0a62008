//! Tokens that are revoked, and links to sign in by.

use api::{Authenticator, HttpOptions, RevokedTokens, ServeLimits};
use axum::http::{Method, header};
use http_body_util::BodyExt;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::history::one_more;
use crate::server::{Reply, SECRET, Server, bearer, full};

fn signed(claims: &Value) -> String {
    jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(SECRET)).expect("a token")
}

/// A server whose list of revoked tokens is in a folder.
async fn server_in(folder: &tempfile::TempDir) -> Server {
    let now = schemas::Timestamp::parse(crate::history::NOW).expect("a time");
    let revoked = RevokedTokens::open(folder.path().join("revoked-tokens.json"), now).expect("a list");
    let keys = Authenticator::new(Some(SECRET), None).expect("a secret").with_revoked(Arc::new(revoked));
    Server::bounded(keys, HttpOptions::default(), ServeLimits::default()).await
}

async fn post(server: &Server, token: &str, path: &str, body: &Value) -> Reply {
    server.command_with(Method::POST, path, &body.to_string(), &[("authorization", token)]).await
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_after_a_start_and_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let operator = bearer("operator", None);
    let leaked = signed(&json!({"role": "analyst", "jti": "leaked-one", "exp": 4_102_444_800u64}));
    let (leaked_bearer, other) = (format!("Bearer {leaked}"), signed(&json!({"role": "analyst", "jti": "other"})));
    {
        let server = server_in(&folder).await;
        assert_eq!(server.get_as(&leaked_bearer, "/v1/overview").await.status, 200);
        let row = post(&server, &operator, "/v1/tokens/revoke", &json!({"token": leaked, "reason": "in a log"})).await;
        let row = row.expect(200);
        assert_eq!(row["jti"], "leaked-one");
        assert_eq!(row["expires_at"], "2100-01-01T00:00:00Z");
        assert_eq!((&row["by"], &row["reason"]), (&json!("operator"), &json!("in a log")));
        let refused = server.get_as(&leaked_bearer, "/v1/overview").await;
        assert!(refused.text().contains("it was revoked"), "{}", refused.text());
        assert_eq!(refused.status, 401);
        assert_eq!(server.get_as(&format!("Bearer {other}"), "/v1/overview").await.status, 200);
    }
    let server = server_in(&folder).await;
    assert_eq!(server.get_as(&leaked_bearer, "/v1/overview").await.status, 401);
    post(&server, &operator, "/v1/tokens/revoke", &json!({"jti": "by-name"})).await.expect(200);
    let until = json!({"jti": "soon", "expires_at": "2090-01-01T00:00:00Z"});
    post(&server, &operator, "/v1/tokens/revoke", &until).await.expect(200);
    // A date is the end of its day.
    let dated = json!({"jti": "soon", "expires_at": "2090-01-01"});
    let dated = post(&server, &operator, "/v1/tokens/revoke", &dated).await.expect(200);
    assert_eq!(dated["expires_at"], "2090-01-02T00:00:00Z");
    for role in ["operator", "auditor"] {
        let list = server.get_as(&bearer(role, None), "/v1/tokens/revoked?limit=2").await.expect(200);
        let of = |list: &Value| {
            let rows = list["rows"].as_array().expect("rows").iter();
            rows.map(|row| row["jti"].as_str().expect("a jti").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((of(&list), &list["total"]), (vec!["by-name".to_owned(), "leaked-one".to_owned()], &json!(3)));
        assert_eq!(list["rows"][0]["expires_at"], Value::Null);
        let cursor = list["next_cursor"].as_str().expect("a cursor");
        let rest = server.get_as(&bearer(role, None), &format!("/v1/tokens/revoked?limit=2&cursor={cursor}")).await;
        let rest = rest.expect(200);
        assert_eq!((of(&rest), &rest["next_cursor"]), (vec!["soon".to_owned()], &Value::Null));
    }
}

/// What goes on live would else be read for as long as its client likes.
#[tokio::test]
async fn a_live_feed_ends_when_the_token_that_opened_it_is_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = server_in(&folder).await;
    let opened = |jti: &str| {
        let token = format!("Bearer {}", signed(&json!({"role": "service", "jti": jti})));
        let request = server.request(Method::GET, "/v1/feed?follow=true").header(header::AUTHORIZATION, token);
        server.open(request.body(full("")).expect("a request"))
    };
    let (mut leaked, mut other) = (opened("leaked").await.into_body(), opened("other").await.into_body());
    post(&server, &bearer("operator", None), "/v1/tokens/revoke", &json!({"jti": "leaked"})).await.expect(200);
    let ended = async { while leaked.frame().await.is_some_and(|frame| frame.is_ok()) {} };
    let events = async {
        for number in 0..600 {
            server.post_events(&one_more(5_000 + number, "2026-03-09T00:00:00Z")).await.expect(200);
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        () = ended => {}
        () = events => panic!("it goes on"),
    }
    assert!(other.frame().await.is_some_and(|frame| frame.is_ok()), "that of another token goes on");
}

#[tokio::test]
async fn only_operators_revoke_and_what_names_no_token_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = server_in(&folder).await;
    for (role, uid) in [("affiliate", Some(7)), ("analyst", None), ("service", None), ("auditor", None)] {
        let token = bearer(role, uid);
        post(&server, &token, "/v1/tokens/revoke", &json!({"jti": "x"})).await.expect_problem(403, None);
        let status = if role == "auditor" { 200 } else { 403 };
        assert_eq!(server.get_as(&token, "/v1/tokens/revoked").await.status, status, "{role}");
    }
    let operator = bearer("operator", None);
    let nameless = signed(&json!({"role": "analyst"}));
    let foreign = jsonwebtoken::encode(&Header::default(), &json!({"jti": "x"}), &EncodingKey::from_secret(b"another"));
    for (body, status, field) in [
        (json!({}), 400, Some("jti")),
        (json!({"jti": 7}), 400, Some("jti")),
        (json!({"jti": ""}), 422, Some("jti")),
        (json!({"jti": "x".repeat(257)}), 422, Some("jti")),
        (json!({"jti": "x", "expires_at": "soon"}), 422, Some("expires_at")),
        (json!({"jti": "x", "token": nameless}), 422, Some("jti")),
        (json!({"token": nameless}), 422, Some("token")),
        (json!({"token": foreign.expect("a token")}), 422, Some("token")),
        (json!({"token": "nonsense"}), 422, Some("token")),
        (json!({"token": signed(&json!({"jti": "y"})), "expires_at": "2090-01-01T00:00:00Z"}), 422, Some("expires_at")),
    ] {
        post(&server, &operator, "/v1/tokens/revoke", &body).await.expect_problem(status, field);
    }
    let cursor = server.get_as(&operator, "/v1/tokens/revoked?cursor=none").await;
    cursor.expect_problem(400, Some("cursor"));
    let nowhere = Server::with_tokens().await;
    post(&nowhere, &operator, "/v1/tokens/revoke", &json!({"jti": "x"})).await.expect_problem(503, None);
}

#[tokio::test]
async fn services_and_operators_hand_a_user_over_by_a_link_and_to_nowhere_else() {
    let server = Server::with_tokens().await;
    for (role, uid, status) in
        [("service", None, 201), ("operator", None, 201), ("analyst", None, 403), ("auditor", None, 403)]
    {
        let made = post(&server, &bearer(role, uid), "/v1/sign-in-links?uid=7", &json!({"next": "/codes"})).await;
        assert_eq!(made.status, status, "{role}: {}", made.text());
        if status == 201 {
            let link = made.json()["url"].as_str().expect("a link").to_owned();
            assert_eq!(made.header("location"), link);
            assert!(link.starts_with("/sign-in/link?link="), "{link}");
            assert_eq!(made.json()["expires_at"], "2026-03-10T12:01:00Z");
        }
    }
    post(&server, &bearer("affiliate", Some(7)), "/v1/sign-in-links", &json!({})).await.expect_problem(403, None);
    let service = bearer("service", None);
    post(&server, &service, "/v1/sign-in-links", &json!({})).await.expect_problem(400, Some("uid"));
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "codes", "/a b", ""] {
        let asked = post(&server, &service, "/v1/sign-in-links?uid=7", &json!({"next": next})).await;
        asked.expect_problem(422, Some("next"));
    }
    let open = Server::start().await;
    open.command(Method::POST, "/v1/sign-in-links?uid=7", &json!({})).await.expect_problem(409, None);
    let request = server.request(Method::POST, "/v1/sign-in-links?uid=7").header(header::AUTHORIZATION, &service);
    let without_a_body = server.send(request.body(full("")).expect("a request")).await;
    assert_eq!(without_a_body.status, 201, "{}", without_a_body.text());
    // A link is no token of the API.
    let url = without_a_body.json()["url"].as_str().expect("a link").to_owned();
    let text = url.split("link=").nth(1).expect("a token");
    assert_eq!(server.get_as(&format!("Bearer {text}"), "/v1/overview").await.status, 401);
}
