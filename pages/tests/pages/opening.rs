//! While the ledger is being opened: nothing is read of a form, so that it does not become a command later.

use api::Authenticator;
use ledger::MemoryStorage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Server, bearer, opening};

/// The beginning of a form whose body is still to come.
fn head(path: &str, length: usize) -> String {
    let token = bearer("affiliate", Some(7));
    let token = token.trim_start_matches("Bearer ");
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: tributary_session={token}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_form_that_began_before_there_was_a_ledger_is_refused_before_its_body_is_read() {
    let (app, address) = opening().await;
    let body = "message=please";
    for path in ["/account/apply", "/campaigns/join", "/referrals/100/note"] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(head(path, body.len()).as_bytes()).await.expect("written");
        // The answer comes before the body does.
        let mut first = vec![0; 12];
        stream.read_exact(&mut first).await.expect("read");
        assert_eq!(String::from_utf8_lossy(&first), "HTTP/1.1 503", "{path}");
    }
    let other = Server::on(MemoryStorage::new(), Authenticator::open()).await;
    app.open(other.ledger.clone());
    // With a ledger the body is read: it is the seal that is missing.
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all((head("/account/apply", body.len()) + body).as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(other.ledger.position(), 0, "nothing came of any");
}
