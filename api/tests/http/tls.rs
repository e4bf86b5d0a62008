//! The API over TLS: real handshakes, certificates of clients, one exchanged under load, and clients that make none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::{App, Authenticator, ClientAuth, HttpOptions, Listener, Reread, ServeLimits, Tls, TlsFiles, serve};
use axum::http::{Request, Version};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ingest::metrics::Metrics;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::certificates::{Authority, Issued, write};

const LONG: Duration = Duration::from_secs(600);

/// A server without a ledger: probes are all that it answers with 200, and that is enough to see what is spoken.
struct Secured {
    address: std::net::SocketAddr,
    tls: Tls,
    authority: Authority,
    folder: TempDir,
    end: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

/// How it is served.
struct Setting {
    clients: Option<(Authority, ClientAuth)>,
    look_every: Option<Duration>,
    limits: ServeLimits,
}

impl Default for Setting {
    fn default() -> Setting {
        let limits =
            ServeLimits { header_timeout: LONG, idle_timeout: LONG, stall_timeout: LONG, ..ServeLimits::default() };
        Setting { clients: None, look_every: None, limits }
    }
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles { certificate: folder.join("server.pem"), key: folder.join("server.key"), clients: None }
}

impl Secured {
    async fn start(setting: Setting) -> Secured {
        let (folder, authority) = (tempfile::tempdir().expect("a folder"), Authority::new("servers"));
        authority.issue().write(folder.path());
        let mut files = files(folder.path());
        if let Some((clients, auth)) = setting.clients {
            files.clients = Some((write(folder.path(), "clients.pem", &clients.pem), auth));
        }
        let tls = Tls::load(files, setting.look_every).expect("a certificate");
        let app = App::with(Authenticator::open(), Arc::new(Metrics::new()), HttpOptions::default());
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = tcp.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let listener = Listener::new(tcp, Some(tls.clone()));
        let served = tokio::spawn(async move {
            let router = app.router();
            serve(listener, app, router, setting.limits, async move { drop(ended.await) }).await.expect("served");
        });
        Secured { address, tls, authority, folder, end: Some(end), served }
    }

    async fn connect(&self, client: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        TlsConnector::from(Arc::new(client)).connect(name, stream).await
    }

    /// What a client answers to `GET` of this path, over HTTP/1.1.
    async fn ask(&self, client: ClientConfig, path: &str) -> std::io::Result<String> {
        let mut stream = self.connect(client).await?;
        ask_on(&mut stream, path).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    async fn metrics(&self, shown: Option<&Issued>) -> String {
        self.ask(client(&self.authority, shown), "/metrics").await.expect("metrics")
    }

    /// Asks until the metrics hold a line.
    async fn wait_for_metric(&self, line: &str) {
        self.wait_for_metric_as(None, line).await;
    }

    async fn wait_for_metric_as(&self, shown: Option<&Issued>, line: &str) {
        let until = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            let metrics = self.metrics(shown).await;
            if metrics.lines().any(|found| found == line) {
                return;
            }
            assert!(tokio::time::Instant::now() < until, "{line} is not in {metrics}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn ask_on(stream: &mut (impl AsyncWriteExt + Unpin), path: &str) -> std::io::Result<()> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await
}

fn client(authority: &Authority, shown: Option<&Issued>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = config.with_root_certificates(roots);
    match shown {
        None => config.with_no_client_auth(),
        Some(issued) => {
            let chain = vec![CertificateDer::from_pem_slice(issued.certificate.as_bytes()).expect("PEM")];
            let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("PEM");
            config.with_client_auth_cert(chain, key).expect("a pair")
        }
    }
}

/// A client that offers these protocols.
fn offering(authority: &Authority, protocols: &[&[u8]]) -> ClientConfig {
    let mut config = client(authority, None);
    config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
    config
}

/// The certificate that a server shows.
fn shown(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().expect("certificates")[0].to_vec()
}

fn der(issued: &Issued) -> Vec<u8> {
    CertificateDer::from_pem_slice(issued.certificate.as_bytes()).expect("PEM").to_vec()
}

#[tokio::test]
async fn http_2_and_1_are_agreed_on_in_the_handshake() {
    let server = Secured::start(Setting::default()).await;
    let stream = server.connect(offering(&server.authority, &[b"http/1.1", b"h2"])).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()), "HTTP/2 is preferred");
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = Request::get("https://127.0.0.1/healthz").body(Empty::<Bytes>::new()).expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert!(!answer.into_body().collect().await.expect("a body").to_bytes().is_empty());

    let stream = server.connect(offering(&server.authority, &[b"http/1.1"])).await.expect("a handshake");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let answer = server.ask(client(&server.authority, None), "/healthz").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(server.connect(offering(&server.authority, &[b"smtp"])).await.is_err(), "nothing in common");
    server.wait_for_metric("tributary_tls_handshakes_failed_total{reason=\"protocol\"} 1").await;
}

#[tokio::test]
async fn a_client_shows_a_certificate_where_it_has_to_and_only_one_of_the_authority() {
    for auth in [ClientAuth::Required, ClientAuth::Optional] {
        let clients = Authority::new("clients");
        let (known, stranger) = (clients.issue(), Authority::new("others").issue());
        let server = Secured::start(Setting { clients: Some((clients, auth)), ..Setting::default() }).await;
        let ask = async |shown: Option<&Issued>| {
            let answer = server.ask(client(&server.authority, shown), "/healthz").await;
            answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
        };
        assert!(ask(Some(&known)).await, "{auth:?}");
        assert!(!ask(Some(&stranger)).await, "{auth:?}");
        assert_eq!(ask(None).await, auth == ClientAuth::Optional, "{auth:?}");
        let without = u8::from(auth == ClientAuth::Required);
        for (reason, count) in [("bad_certificate", 1), ("no_certificate", without)] {
            let line = format!("tributary_tls_handshakes_failed_total{{reason=\"{reason}\"}} {count}");
            server.wait_for_metric_as(Some(&known), &line).await;
        }
    }
}

#[tokio::test]
async fn plain_http_gets_an_answer_that_says_what_is_spoken_and_nothing_else() {
    let server = Secured::start(Setting::default()).await;
    for path in ["/healthz", "/v1/status", "/"] {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        ask_on(&mut stream, path).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read to its end");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
        assert!(answer.contains("/problems/tls-needed") && answer.contains("https://"), "{path}: {answer}");
    }
    server.wait_for_metric("tributary_tls_handshakes_failed_total{reason=\"plain_http\"} 3").await;
}

#[tokio::test]
async fn what_is_no_tls_is_closed_and_counted() {
    let server = Secured::start(Setting::default()).await;
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(&[0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]).await.expect("written");
    stream.read_to_end(&mut Vec::new()).await.ok();
    server.wait_for_metric("tributary_tls_handshakes_failed_total{reason=\"protocol\"} 1").await;
    drop(TcpStream::connect(server.address).await.expect("connected"));
    server.wait_for_metric("tributary_tls_handshakes_failed_total{reason=\"gone\"} 1").await;
}

#[tokio::test]
async fn a_handshake_that_is_never_done_holds_its_place_for_so_long_and_no_longer() {
    let limits = ServeLimits { header_timeout: Duration::from_millis(200), ..Setting::default().limits };
    let server = Secured::start(Setting { limits, ..Setting::default() }).await;
    // Silence, and half a record.
    for said in [&b""[..], &[0x16, 3, 1, 1, 0, 1]] {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(said).await.expect("written");
        let closed = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut Vec::new())).await;
        closed.expect("it is closed").ok();
    }
    server.wait_for_metric("tributary_http_connections_closed_total{reason=\"handshake\"} 2").await;
}

#[tokio::test]
async fn handshakes_that_are_never_done_keep_nobody_out() {
    let limits = ServeLimits { connections_max: 4, connections_per_address: 100, ..Setting::default().limits };
    let server = Secured::start(Setting { limits, ..Setting::default() }).await;
    let mut held = Vec::new();
    for said in [&b""[..], &[0x16, 3, 1, 1, 0, 1]].repeat(20) {
        let mut stream = TcpStream::connect(server.address).await.expect("connected");
        stream.write_all(said).await.expect("written");
        held.push(stream);
    }
    let answer = server.ask(client(&server.authority, None), "/healthz").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn who_is_told_to_end_waits_for_no_handshake() {
    let mut server = Secured::start(Setting::default()).await;
    let _silent = TcpStream::connect(server.address).await.expect("connected");
    server.wait_for_metric("tributary_http_connections 2").await;
    drop(server.end.take());
    tokio::time::timeout(Duration::from_secs(15), server.served).await.expect("before it gives up").expect("ended");
}

#[tokio::test]
async fn another_certificate_is_taken_for_new_connections_and_what_is_damaged_is_not() {
    let server = Secured::start(Setting::default()).await;
    let connect = async || server.connect(client(&server.authority, None)).await.expect("a handshake");
    let mut before = connect().await;
    assert_eq!(server.tls.reread().expect("read"), Reread::Unchanged);

    let second = server.authority.issue_until(&["127.0.0.1"], 2090);
    second.write(server.folder.path());
    assert!(matches!(server.tls.reread().expect("taken"), Reread::Taken { .. }));
    assert_eq!(shown(&connect().await), der(&second));
    assert_ne!(shown(&before), der(&second));
    ask_on(&mut before, "/healthz").await.expect("what was open goes on");
    let mut answer = String::new();
    before.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let folder = server.folder.path();
    let refused = || server.tls.reread().expect_err("refused").to_string();
    write(folder, "server.key", &server.authority.issue().key);
    assert!(refused().contains("is not that of the first certificate"), "{}", refused());
    write(folder, "server.key", "-----BEGIN PRIVATE KEY-----\nAAAA");
    assert!(refused().contains("server.key"), "{}", refused());
    server.authority.issue_until(&["127.0.0.1"], 2021).write(folder);
    assert!(refused().contains("ended at 2021-01-01T00:00:00Z"), "{}", refused());
    std::fs::remove_file(folder.join("server.pem")).expect("removed");
    assert!(refused().contains("server.pem"), "{}", refused());
    assert_eq!(shown(&connect().await), der(&second), "what was in force stays so");
    let metrics = server.metrics(None).await;
    for line in [
        "tributary_tls_certificate_expiry_timestamp_seconds 3786912000",
        "tributary_tls_reloads_total 1",
        "tributary_tls_reload_failures_total 4",
    ] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn the_files_are_looked_at_by_themselves_and_one_failure_is_counted_once() {
    let setting = Setting { look_every: Some(Duration::from_millis(20)), ..Setting::default() };
    let server = Secured::start(setting).await;
    write(server.folder.path(), "server.key", "no key");
    server.wait_for_metric("tributary_tls_reload_failures_total 1").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.wait_for_metric("tributary_tls_reload_failures_total 1").await;
    let second = server.authority.issue_until(&["127.0.0.1"], 2090);
    second.write(server.folder.path());
    server.wait_for_metric("tributary_tls_reloads_total 1").await;
    assert_eq!(shown(&server.connect(client(&server.authority, None)).await.expect("a handshake")), der(&second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_exchanged_under_load_without_a_refused_request() {
    let server = Arc::new(Secured::start(Setting::default()).await);
    let is_over = Arc::new(AtomicBool::new(false));
    let asking: Vec<JoinHandle<usize>> = (0..4)
        .map(|_| {
            let (server, is_over) = (Arc::clone(&server), Arc::clone(&is_over));
            tokio::spawn(async move {
                let mut asked = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let answer = server.ask(client(&server.authority, None), "/healthz").await.expect("an answer");
                    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                    asked += 1;
                }
                asked
            })
        })
        .collect();
    let mut damaged = 0;
    for year in 2030..2070 {
        if year % 4 == 0 {
            write(server.folder.path(), "server.key", "damaged");
            damaged += usize::from(server.tls.reread().is_err());
        }
        server.authority.issue_until(&["127.0.0.1"], year).write(server.folder.path());
        server.tls.reread().expect("taken");
        tokio::task::yield_now().await;
    }
    is_over.store(true, Ordering::Relaxed);
    for asking in asking {
        assert!(asking.await.expect("no request was refused") > 0);
    }
    assert_eq!(damaged, 10);
}

#[test]
fn what_cannot_be_used_is_told_with_its_file_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new("servers");
    let good = authority.issue();
    let refusal = |certificate: &str, key: &str, clients: Option<&str>| {
        write(folder.path(), "server.pem", certificate);
        write(folder.path(), "server.key", key);
        let mut files = files(folder.path());
        files.clients = clients.map(|text| (write(folder.path(), "clients.pem", text), ClientAuth::Required));
        Tls::load(files, None).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(refusal(&good.certificate, &good.key, Some(&authority.pem)), "");
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let large = " ".repeat((1 << 20) + 1);
    let ended = authority.issue_until(&["localhost"], 2021);
    let early = authority.issue_between(&["localhost"], 2090, 2091);
    for (certificate, key, clients, told) in [
        (good.certificate.as_str(), authority.issue().key.as_str(), None, "server.key is not that of"),
        ("", &good.key, None, "server.pem: it holds no certificate in PEM"),
        (&good.certificate, "", None, "server.key: it holds no private key in PEM"),
        (&good.certificate, encrypted, None, "server.key: the key is encrypted"),
        (damaged, &good.key, None, "server.pem: the first certificate is damaged"),
        (&large, &good.key, None, "server.pem: it is larger than 1048576 bytes"),
        (&ended.certificate, &ended.key, None, "server.pem: the certificate ended at 2021-01-01T00:00:00Z"),
        (&early.certificate, &early.key, None, "valid from 2090-01-01T00:00:00Z on, and not yet"),
        (&good.certificate, &good.key, Some(""), "clients.pem: it holds no certificate in PEM"),
        (&good.certificate, &good.key, Some(damaged), "clients.pem: an authority in it cannot be taken"),
    ] {
        let refusal = refusal(certificate, key, clients);
        assert!(refusal.contains(told), "{told}: {refusal}");
    }
    let nowhere = TlsFiles { certificate: PathBuf::from("nowhere.pem"), ..files(folder.path()) };
    let refusal = Tls::load(nowhere, None).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refusal.starts_with("nowhere.pem: "), "{refusal}");
}
