//! On a name that is not loopback, over plain http, one can sign in or is told why not; behind a proxy that says https
//! the session is bound to https, whatever the name.

use std::process::Stdio;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::tributary;
use crate::raw_http::{Response, ask, is_secure};

/// Signs in under a name: the page, the answer to its form, and the page that comes then.
fn sign_in(daemon: &Daemon, token: &str, name: &str, proxy: &str) -> [Response; 3] {
    let host = format!("Host: {name}\r\n{proxy}");
    let page = ask(daemon.address(), "GET /sign-in", &host, "");
    let kept = |answer: &Response| format!("Cookie: {}\r\n", answer.cookies_kept().join("; "));
    let seal = page.body.split_once("name=\"_seal\" value=\"").and_then(|(_, rest)| rest.split('"').next());
    let body = format!("token={token}&_seal={}&next=/", seal.unwrap_or_default());
    // Behind a proxy a browser speaks https, and sends what is bound to it.
    let cookies = if proxy.is_empty() {
        kept(&page)
    } else {
        let all: Vec<_> = page.set_cookies().filter_map(|cookie| cookie.split(';').next()).collect();
        format!("Cookie: {}\r\n", all.join("; "))
    };
    let form = format!("{host}{cookies}Content-Type: application/x-www-form-urlencoded\r\n");
    let posted = ask(daemon.address(), "POST /sign-in", &form, &body);
    let home = ask(daemon.address(), "GET /", &format!("{host}{}", kept(&posted)), "");
    [page, posted, home]
}

#[test]
fn over_plain_http_one_is_signed_in_or_told_why_not_and_behind_https_the_session_is_bound_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret of this test alone, which is long enough").expect("written");
    let secret = secret.to_str().expect("a path");
    let daemon = Daemon::ready(&folder.path().join("ledger"), &["--hs256-secret-file", secret], &[]);
    let token = tributary()
        .args(["token", "--role", "affiliate", "--uid", "1", "--hs256-secret-file", secret])
        .stdin(Stdio::null())
        .output()
        .expect("the binary can be run");
    let token = String::from_utf8(token.stdout).expect("UTF-8");
    let token = token.trim();

    let [_, posted, home] = sign_in(&daemon, token, daemon.address(), "");
    assert_eq!((posted.status, home.status), (303, 200), "on loopback: {}", posted.body);

    let [page, posted, home] = sign_in(&daemon, token, "ledger.lan:8080", "");
    let is_told = |answer: &Response| answer.body.to_ascii_lowercase().contains("https");
    assert!(home.status == 200 || is_told(&page) || is_told(&posted), "{}: {}", posted.status, posted.body);

    for name in ["ledger.lan", "localhost", daemon.address()] {
        let [_, posted, _] = sign_in(&daemon, token, name, "X-Forwarded-Proto: https\r\n");
        assert_eq!(posted.status, 303, "{name}: {}", posted.body);
        let set: Vec<&str> = posted.set_cookies().collect();
        assert!(!set.is_empty() && set.iter().all(|cookie| is_secure(cookie)), "{name}: {set:?}");
    }
}
