//! The files of a checkpoint, for a standby that is new: what is told of them, what is given, and to whom.

use std::sync::Arc;

use api::{App, Authenticator, serve};
use checkpoints::{KeepPolicy, KeptCheckpoints};
use ledger::{MemoryStorage, Storage};
use serde_json::json;

use crate::server::{Server, bearer};

#[tokio::test]
async fn what_is_given_is_what_stands_on_disk_and_a_file_that_is_gone_is_told_of_as_such() {
    let server = Server::start().await;
    let none = json!({ "position": null, "files": [] });
    assert_eq!(server.get("/v1/ledger/checkpoint").await.expect(200), none, "where none are kept");
    let storage = MemoryStorage::new();
    let kept = KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy { interval: 1, count: 16 });
    let place = server.ledger.reader().end();
    let state = server.ledger.read(|view| view.state.clone());
    let checkpoint = kept.write(&state, &place).expect("written");
    kept.keep(&checkpoint).expect("kept");

    // Another face of the same ledger, which gives them.
    let app = App::new(Authenticator::open(), Arc::new(ingest::metrics::Metrics::new()));
    app.open(server.ledger.clone());
    app.gives_checkpoints(Arc::new(kept), Arc::new(server.storage.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = crate::router(&app);
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(api::Listener::new(listener, None), app, router, Default::default(), async {
        let _ = ended.await;
    }));
    let other = Other(address);
    let told = other.get("/v1/ledger/checkpoint").await;
    let told: serde_json::Value = serde_json::from_slice(&told.1).expect("JSON");
    assert_eq!(told["position"], place.position());
    let files = told["files"].as_array().expect("files");
    assert!(files.len() >= 2, "{told}");
    for file in files {
        let name = file["file"].as_str().expect("a name");
        let (status, bytes) = other.get(&format!("/v1/ledger/checkpoint/{name}?standby=b")).await;
        assert_eq!(status, 200);
        assert!(bytes == storage.contents(name).expect("read").expect("a file") && file["bytes"] == bytes.len());
        storage.remove(name).expect("removed");
        assert_eq!(other.get(&format!("/v1/ledger/checkpoint/{name}")).await.0, 409);
    }
    let before = other.get(&format!("/v1/ledger/checkpoint?upto={}", place.position() - 1)).await;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&before.1).expect("JSON"), none);
    drop(end);
    serving.await.expect("no panic").expect("it served");
}

/// What is served at an address.
struct Other(std::net::SocketAddr);

impl Other {
    async fn get(&self, path: &str) -> (u16, Vec<u8>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(self.0).await.expect("connected");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("read");
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head") + 4;
        let status = std::str::from_utf8(&answer[9..12]).expect("digits").parse().expect("a status");
        (status, answer.split_off(end))
    }
}

#[tokio::test]
async fn who_may_not_see_it_is_refused_and_a_snapshot_is_an_operators() {
    let server = Server::with_tokens().await;
    let (operator, auditor) = (bearer("operator", Some(1)), bearer("auditor", None));
    for (path, status) in [
        ("/v1/ledger/checkpoint", 200),
        ("/v1/ledger/checkpoint/00000000000000000001.parts", 409),
        ("/v1/ledger/segments", 200),
        ("/v1/ledger/segments/1", 200),
    ] {
        server.get(path).await.expect_problem(401, None);
        for (role, uid) in [("affiliate", Some(7)), ("analyst", None), ("service", None)] {
            server.get_as(&bearer(role, uid), path).await.expect_problem(403, None);
        }
        let as_standby = format!("{path}?standby=b");
        assert_eq!(server.get_as(&operator, path).await.status, status, "{path}");
        assert_eq!(server.get_as(&operator, &as_standby).await.status, status, "{path}");
        assert_eq!(server.get_as(&auditor, path).await.status, status, "{path}");
        server.get_as(&auditor, &as_standby).await.expect_problem(403, None);
        server.get_as(&operator, &format!("{path}?standby=b/c")).await.expect_problem(400, Some("standby"));
    }
    for upto in ["-1", "x", "140737488355328"] {
        server.get_as(&operator, &format!("/v1/ledger/checkpoint?upto={upto}")).await.expect_problem(400, Some("upto"));
    }
}
