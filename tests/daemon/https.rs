//! The daemon over TLS: asked by its own commands and by curl, its certificate read again at SIGHUP and by itself, and
//! settings that cannot be used, told at the start.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use crate::certificates::{Authority, write};
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{tributary, wait_for};
use tempfile::TempDir;

/// A daemon over TLS, with the authority that its certificate is of.
struct Https {
    daemon: Daemon,
    authority: Authority,
    folder: TempDir,
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path").to_owned()
}

impl Https {
    fn start(more: &[(&str, &str)]) -> Https {
        let (folder, authority) = (tempfile::tempdir().expect("a folder"), Authority::new("servers"));
        let (certificate, key) = authority.issue().write(folder.path());
        write(folder.path(), "ca.pem", &authority.pem);
        let (certificate, key) = (text(&certificate), text(&key));
        let mut variables =
            vec![("TRIBUTARY_HTTP_TLS_CERTIFICATE", certificate.as_str()), ("TRIBUTARY_HTTP_TLS_KEY", key.as_str())];
        variables.extend(more);
        let daemon = Daemon::start(&folder.path().join("data"), &[], &variables);
        let https = Https { daemon, authority, folder };
        https.wait();
        https
    }

    /// Waits until it is ready: each end of it speaks TLS, so that its log has to tell.
    fn wait(&self) {
        wait_for("the daemon is ready", 120, || self.daemon.log().contains("ready").then_some(()));
    }

    fn at(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }

    fn url(&self) -> String {
        format!("https://{}", self.daemon.address())
    }

    /// What `tributary` gives with these arguments, asking the daemon.
    fn run(&self, arguments: &[&str]) -> Output {
        tributary().args(arguments).args(["--url", &self.url()]).output().expect("the binary can be run")
    }

    fn hang_up(&self, told: &str) {
        let before = self.daemon.log().matches(told).count();
        let sent = Command::new("kill").args(["-HUP", &self.daemon.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "SIGHUP was not sent");
        wait_for(told, 60, || (self.daemon.log().matches(told).count() > before).then_some(()));
    }
}

fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn its_own_commands_ask_it_and_say_what_to_do_where_it_comes_to_nothing() {
    let https = Https::start(&[]);
    let ca = https.at("ca.pem");
    for arguments in [&["query", "status", "--json", "--ca", &ca][..], &["quarantine", "list", "--ca", &ca]] {
        let (code, told) = told(&https.run(arguments));
        assert_eq!(code, Some(0), "{arguments:?}: {told}");
    }
    let (code, unsigned) = told(&https.run(&["query", "status"]));
    assert_eq!(code, Some(1), "{unsigned}");
    assert!(unsigned.contains("--ca FILE"), "{unsigned}");

    // Plain http where https is spoken, and the other way round.
    let plain = https.url().replace("https://", "http://");
    let (code, refused) = told(&tributary().args(["query", "status", "--url", &plain]).output().expect("runs"));
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("begins with https://"), "{refused}");
    let folder = tempfile::tempdir().expect("a folder");
    let open = Daemon::ready(&folder.path().join("data"), &[], &[]);
    let secured = format!("https://{}", open.address());
    let (code, refused) =
        told(&tributary().args(["query", "status", "--ca", &ca, "--url", &secured]).output().expect("runs"));
    assert_eq!(code, Some(1), "{refused}");
    assert!(refused.contains("speaks no TLS"), "{refused}");
    for (arguments, said) in [
        (&["--cert", ca.as_str()][..], "--cert needs --key"),
        (&["--key", &ca], "--key needs --cert"),
        (&["--ca", "nowhere.pem"], "--ca: nowhere.pem"),
        (&["--cert", &ca, "--key", &ca], "it holds no private key in PEM"),
    ] {
        let (code, told) = told(&https.run(&[&["query", "status"][..], arguments].concat()));
        assert_eq!(code, Some(2), "{arguments:?}: {told}");
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
    let (code, told) =
        told(&tributary().args(["query", "status", "--ca", &ca, "--url", &open.url("")]).output().expect("runs"));
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("are for an address that begins with https://"), "{told}");

    https.authority.issue_until(&["elsewhere.example"], 2100).write(https.folder.path());
    https.hang_up("another one is in force");
    let elsewhere = https.run(&["query", "status", "--ca", &ca]);
    let told = String::from_utf8_lossy(&elsewhere.stderr);
    assert_eq!(elsewhere.status.code(), Some(1), "{told}");
    assert!(told.contains("its certificate is for another name"), "{told}");
    assert_eq!(https.daemon.terminate().0, Some(0));
}

#[test]
fn whether_it_is_ready_is_asked_over_tls_on_this_machine() {
    let https = Https::start(&[]);
    let ready = |probes: &[(&str, &str)]| {
        let mut ready = tributary();
        ready.arg("ready").env("TRIBUTARY_LISTEN", https.daemon.address()).envs(probes.iter().copied());
        let files = [("TRIBUTARY_HTTP_TLS_CERTIFICATE", "server.pem"), ("TRIBUTARY_HTTP_TLS_KEY", "server.key")];
        ready.envs(files.map(|(name, file)| (name, https.at(file))));
        told(&ready.output().expect("the binary can be run"))
    };
    assert_eq!(ready(&[]).0, Some(0), "{:?}", ready(&[]));
    let elsewhere = ready(&[("TRIBUTARY_HTTP_PROBES_LISTEN", "127.0.0.1:1")]);
    assert_eq!(elsewhere.0, Some(1), "probes that have a listener of their own are asked there: {elsewhere:?}");

    // So does an examination of the installation.
    let mut doctor = tributary();
    doctor.args(["doctor", "--json", "--listen", https.daemon.address(), "--data", &https.at("data")]);
    let files = [("TRIBUTARY_HTTP_TLS_CERTIFICATE", "server.pem"), ("TRIBUTARY_HTTP_TLS_KEY", "server.key")];
    let output = doctor.envs(files.map(|(name, file)| (name, https.at(file)))).output().expect("the binary can be run");
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(found.contains(" answers at "), "{found}");
    assert_eq!(output.status.code(), Some(0), "{found}");
}

#[test]
fn a_client_shows_its_certificate_where_it_has_to() {
    let clients = Authority::new("clients");
    let folder = tempfile::tempdir().expect("a folder");
    let authorities = text(&write(folder.path(), "clients.pem", &clients.pem));
    let https = Https::start(&[("TRIBUTARY_HTTP_TLS_CLIENT_CA", &authorities)]);
    let ca = https.at("ca.pem");
    let shown = |authority: &Authority, name: &str| {
        let issued = authority.issue();
        let at = folder.path();
        let (cert, key) = (format!("{name}.pem"), format!("{name}.key"));
        (text(&write(at, &cert, &issued.certificate)), text(&write(at, &key, &issued.key)))
    };
    let (cert, key) = shown(&clients, "known");
    let known = https.run(&["query", "status", "--ca", &ca, "--cert", &cert, "--key", &key]);
    assert_eq!(told(&known).0, Some(0), "{:?}", told(&known));
    let (code, without) = told(&https.run(&["query", "status", "--ca", &ca]));
    assert_eq!(code, Some(1), "{without}");
    assert!(without.contains("--cert FILE --key FILE"), "{without}");
    let (cert, key) = shown(&Authority::new("others"), "stranger");
    let (code, stranger) = told(&https.run(&["query", "status", "--ca", &ca, "--cert", &cert, "--key", &key]));
    assert_eq!(code, Some(1), "{stranger}");
    assert!(stranger.contains("does not take the certificate"), "{stranger}");
}

#[test]
fn curl_asks_it_by_http_2_and_a_session_is_bound_to_https_on_loopback_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = text(&write(folder.path(), "secret", "a secret of this test alone, which is long enough"));
    let https = Https::start(&[("TRIBUTARY_AUTH_HS256_SECRET_FILE", &secret)]);
    let jar = https.at("cookies");
    let curl = |arguments: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--http2", "--cacert", &https.at("ca.pem")]).args(arguments);
        let output = curl.output().expect("curl can be run: CI and this test need it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let health = format!("{}/healthz", https.url());
    assert_eq!(curl(&["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}", &health]), "2 200");

    let token =
        tributary().args(["token", "--role", "operator", "--hs256-secret-file", &secret]).output().expect("runs");
    let token = String::from_utf8(token.stdout).expect("UTF-8").trim().to_owned();
    let sign_in = format!("{}/sign-in", https.url());
    let page = curl(&["--cookie-jar", &jar, "--cookie", &jar, &sign_in]);
    let seal = page.split_once("name=\"_seal\" value=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a seal");
    let form = [format!("token={token}"), format!("_seal={seal}"), "next=/".to_owned()];
    let mut arguments = vec!["--include", "--cookie-jar", &jar, "--cookie", &jar];
    arguments.extend(form.iter().flat_map(|field| ["--data-urlencode", field.as_str()]));
    let answer = curl(&[&arguments[..], &[sign_in.as_str()]].concat());
    assert!(answer.starts_with("HTTP/2 303"), "{answer}");
    let session = answer.lines().find(|line| line.contains("__Host-tributary_session=")).expect("a session");
    assert!(session.contains("Secure"), "{session}");
    let home = curl(&["--cookie", &jar, "--output", "/dev/null", "--write-out", "%{http_code}", &https.url()]);
    assert_eq!(home, "200", "the session holds");
}

#[test]
fn at_sighup_another_certificate_is_in_force_and_a_broken_one_is_not() {
    let https = Https::start(&[("TRIBUTARY_HTTP_TLS_RELOAD_SECONDS", "0")]);
    let asks_well = |ca: &str| told(&https.run(&["query", "status", "--ca", ca])).0 == Some(0);
    let ca = https.at("ca.pem");
    write(https.folder.path(), "server.key", "broken");
    https.hang_up("the certificate was not taken: the one before stays in force");
    assert!(https.daemon.log().contains("server.key: it holds no private key in PEM"), "{}", https.daemon.log());
    assert!(asks_well(&ca), "what was in force stays so");

    // Of another authority: who trusts the one before alone asks in vain.
    let other = Authority::new("others");
    other.issue().write(https.folder.path());
    https.hang_up("read the certificate again: another one is in force");
    let other = text(&write(https.folder.path(), "other.pem", &other.pem));
    assert!(asks_well(&other));
    assert!(!asks_well(&ca));
    https.hang_up("read the certificate again: it is the same");
}

#[test]
fn the_files_are_looked_at_without_a_signal() {
    let https = Https::start(&[("TRIBUTARY_HTTP_TLS_RELOAD_SECONDS", "1")]);
    write(https.folder.path(), "server.pem", "broken");
    let failed = "the files of the certificate cannot be taken";
    wait_for(failed, 60, || https.daemon.log().contains(failed).then_some(()));
    https.authority.issue_until(&["127.0.0.1"], 2090).write(https.folder.path());
    let taken = "the certificate was exchanged";
    wait_for(taken, 60, || https.daemon.log().contains(taken).then_some(()));
    assert_eq!(https.daemon.log().matches(failed).count(), 1, "one failure is told once: {}", https.daemon.log());
    assert_eq!(told(&https.run(&["query", "status", "--ca", &https.at("ca.pem")])).0, Some(0));
}

#[test]
fn many_who_speak_plain_http_are_answered_and_told_of_once() {
    let https = Https::start(&[]);
    for _ in 0..20 {
        let mut stream = TcpStream::connect(https.daemon.address()).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer, and the end");
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
    }
    let log = https.daemon.log();
    let lines = log.lines().filter(|line| line.contains("a TLS handshake came to nothing")).count();
    // One a minute at most.
    assert!((1..=2).contains(&lines), "{log}");
}

#[test]
fn settings_that_cannot_be_used_are_told_at_the_start_with_exit_code_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let authority = Authority::new("servers");
    let (good, ended) = (authority.issue(), authority.issue_until(&["localhost"], 2021));
    let good_pem = text(&write(at, "good.pem", &good.certificate));
    let good_key = text(&write(at, "good.key", &good.key));
    let ended_pem = text(&write(at, "ended.pem", &ended.certificate));
    let ended_key = text(&write(at, "ended.key", &ended.key));
    let other_key = text(&write(at, "other.key", &authority.issue().key));
    let [good_pem, good_key, ended_pem, ended_key, other_key] =
        [&good_pem, &good_key, &ended_pem, &ended_key, &other_key].map(String::as_str);
    const CERTIFICATE: &str = "TRIBUTARY_HTTP_TLS_CERTIFICATE";
    const KEY: &str = "TRIBUTARY_HTTP_TLS_KEY";
    for (variables, said) in [
        (vec![(CERTIFICATE, good_pem), (KEY, other_key)], "is not that of the first certificate"),
        (vec![(CERTIFICATE, ended_pem), (KEY, ended_key)], "the certificate ended at 2021-01-01T00:00:00Z"),
        (vec![(CERTIFICATE, "/nowhere.pem"), (KEY, good_key)], "/nowhere.pem: No such file"),
        (vec![(CERTIFICATE, good_pem)], "\"http.tls.certificate\" needs \"http.tls.key\" too"),
        (vec![(KEY, good_key)], "\"http.tls.key\" needs \"http.tls.certificate\" too"),
        (vec![("TRIBUTARY_HTTP_TLS_CLIENT_CA", good_pem)], "\"http.tls.client_ca\" needs \"http.tls.certificate\" too"),
        (vec![("TRIBUTARY_HTTP_TLS_CLIENT_AUTH", "maybe")], "has to be required or optional, not \"maybe\""),
        (
            vec![(CERTIFICATE, good_pem), (KEY, good_key), ("TRIBUTARY_HTTP_TLS_CLIENT_CA", good_key)],
            "it holds no certificate in PEM",
        ),
        // TLS keeps what is said from others. It does not tell who asks.
        (vec![(CERTIFICATE, good_pem), (KEY, good_key), ("TRIBUTARY_LISTEN", "0.0.0.0:0")], "no key is set"),
    ] {
        let data = at.join("data");
        let run =
            tributary().args(["run", "--data"]).arg(&data).envs(variables.iter().copied()).output().expect("runs");
        let (code, told) = told(&run);
        assert_eq!(code, Some(2), "{variables:?}: {told}");
        assert!(told.contains(said), "{variables:?}: {told}");
        assert!(!data.exists(), "{variables:?}: it says so before anything is opened");
    }
}
