//! While the ledger is being opened: no ledger, no command; and a token is judged by the clock's time.

use std::time::{SystemTime, UNIX_EPOCH};

use api::Authenticator;
use ledger::MemoryStorage;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Server, opening, signed};

fn token(seconds_from_now: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    signed(&json!({ "sub": "7", "role": "affiliate", "exp": now as i64 + seconds_from_now }))
}

fn head(path: &str, token: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// What is answered to these bytes, sent one after the other.
async fn answered(address: std::net::SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(bytes.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn an_expired_token_is_refused_while_there_is_no_ledger_too() {
    let (_app, address) = opening().await;
    for (token, status) in [(token(-3_600), "401"), (token(3_600), "503")] {
        let answer = answered(address, &head("/v1/account/apply", &token, 0)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[tokio::test]
async fn a_command_that_began_before_there_was_a_ledger_is_refused_whenever_its_body_comes() {
    let (app, address) = opening().await;
    let body = "{\"message\":\"please\"}";
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let begun = head("/v1/account/apply", &token(3_600), body.len());
    stream.write_all(begun.as_bytes()).await.expect("written");
    // The answer comes before the body does.
    let mut first = vec![0; 12];
    stream.read_exact(&mut first).await.expect("read");
    assert_eq!(String::from_utf8_lossy(&first), "HTTP/1.1 503");
    let other = Server::on(MemoryStorage::new(), Authenticator::open()).await;
    app.open(other.ledger.clone());
    // Whether it can still be written or not, nothing comes of it.
    let _ = stream.write_all(body.as_bytes()).await;
    let answer = answered(address, &(head("/v1/account/apply", &token(3_600), body.len()) + body)).await;
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(other.ledger.position(), 1, "the second one alone");
}

#[tokio::test]
async fn keys_are_exchanged_and_whether_they_are_needed_is_not() {
    let (app, address) = opening().await;
    let asked = head("/v1/account/apply", &token(3_600), 0);
    assert!(answered(address, &asked).await.starts_with("HTTP/1.1 503"), "the token is good");
    let others = || Authenticator::new(Some(b"another secret of thirty-two bytes or more"), None).expect("a secret");
    app.exchange_keys(others()).expect("exchanged");
    assert!(answered(address, &asked).await.starts_with("HTTP/1.1 401"), "and is no more");
    assert!(app.exchange_keys(Authenticator::open()).is_err(), "it does not become open");
    assert!(answered(address, &asked).await.starts_with("HTTP/1.1 401"));
}
