//! Clients without a token that hold more connections than there are, of either version of HTTP, keep nobody from the
//! probes.

use std::io::Write;

use crate::daemon_support::daemon::Daemon;
use crate::raw_http::{ask, connect};

/// So many there may be.
const CONNECTIONS_MAX: usize = 64;

/// The preface of HTTP/2, empty settings, and a request for `/healthz`.
fn http2_request() -> Vec<u8> {
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).expect("short");
        [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
    };
    // GET, http, then the path and the authority as texts (RFC 7541).
    let fields = [&b"\x82\x86\x44\x08/healthz\x41\x09"[..], b"localhost"].concat();
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, b""), frame(1, 5, 1, &fields)].concat()
}

#[test]
fn connections_that_hold_on_keep_nobody_from_the_probes() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("tributary.toml");
    let limits = [
        ("connections_max", CONNECTIONS_MAX),
        ("connections_reserved", 8),
        ("live_pages_max", 8),
        ("live_feeds_max", 8),
    ];
    let lines: String = limits.iter().map(|(name, count)| format!("{name} = {count}\n")).collect();
    std::fs::write(&config, format!("[http]\n{lines}")).expect("written");
    let config = config.to_str().expect("a path");
    let (http2, half) = (http2_request(), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n".to_vec());
    for sent in [http2, half] {
        let daemon = Daemon::ready(&folder.path().join("ledger"), &["--config", config], &[]);
        let mut held = Vec::new();
        for _ in 0..2 * CONNECTIONS_MAX {
            let mut stream = connect(daemon.address());
            // One that was closed for another takes nothing.
            let _ = stream.write_all(&sent);
            held.push(stream);
        }
        for _ in 0..20 {
            let answer = ask(daemon.address(), "GET /healthz", "Host: localhost\r\n", "");
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        drop(held);
    }
}
