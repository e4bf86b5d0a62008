//! Who may ask a running daemon: keys by the address of a provider, which exchanges them; tokens that are revoked; how often.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{tributary, wait_for};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};
use ureq::Agent;

/// A key of a provider, by its name.
struct Key {
    kid: &'static str,
    pair: KeyPair,
}

impl Key {
    fn new(kid: &'static str) -> Key {
        Key { kid, pair: KeyPair::generate().expect("a key") }
    }

    fn public(&self) -> Value {
        // An uncompressed point: 4, x, y.
        let (x, y) = self.pair.der_bytes()[1..].split_at(32);
        let [x, y] = [x, y].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y})
    }

    fn token(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.kid.to_owned()), ..Header::new(Algorithm::ES256) };
        let key = EncodingKey::from_ec_der(&self.pair.serialize_der());
        jsonwebtoken::encode(&header, claims, &key).expect("a token")
    }
}

/// A provider that answers with its keys, whatever it is asked for; none: it closes the connection.
struct Provider {
    url: String,
    keys: Arc<Mutex<Option<String>>>,
}

impl Provider {
    fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
        let keys = Arc::<Mutex<Option<String>>>::default();
        let given = Arc::clone(&keys);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let head = BufReader::new(stream.try_clone().expect("a stream")).lines();
                let _ = head.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                let Some(body) = given.lock().expect("a lock").clone() else { continue };
                let length = body.len();
                let _ =
                    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            }
        });
        Provider { url, keys }
    }

    fn gives(&self, keys: Option<&[&Key]>) {
        let set = keys.map(|keys| json!({"keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>()}).to_string());
        *self.keys.lock().expect("a lock") = set;
    }
}

fn status_of(daemon: &Daemon, token: &str) -> u16 {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
    let agent: Agent = config.build().into();
    let asked = agent.get(daemon.url("/v1/status")).header("Authorization", &format!("Bearer {token}"));
    asked.call().expect("an answer").status().as_u16()
}

/// Signs a token with the secret of a file.
fn signed(secret: &Path) -> String {
    let output = tributary().args(["token", "--role", "operator", "--hs256-secret-file"]).arg(secret).output();
    let output = output.expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn keys_at_a_providers_address_are_exchanged_without_a_refusal_and_outlast_a_start_without_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (one, two, other) = (Key::new("one"), Key::new("two"), Key::new("one"));
    let operator = json!({"role": "operator", "iss": "https://id.example", "aud": "ledger"});
    let provider = Provider::start();
    let settings = [
        ("TRIBUTARY_AUTH_JWKS_URL", &*provider.url),
        ("TRIBUTARY_AUTH_JWKS_SECONDS", "1"),
        ("TRIBUTARY_AUTH_JWKS_PAUSE_SECONDS", "1"),
        ("TRIBUTARY_AUTH_ISSUER", "https://id.example"),
        ("TRIBUTARY_AUTH_AUDIENCE", "ledger"),
    ];
    let daemon = Daemon::ready(&data, &[], &settings);
    assert_eq!(status_of(&daemon, &one.token(&operator)), 503, "who cannot be judged yet is not refused for good");
    provider.gives(Some(&[&one]));
    wait_for("its keys", 60, || (status_of(&daemon, &one.token(&operator)) == 200).then_some(()));
    assert_eq!(status_of(&daemon, &other.token(&operator)), 401, "another key of that name");
    let for_others = json!({"role": "operator", "iss": "https://id.example", "aud": "shop"});
    assert_eq!(status_of(&daemon, &one.token(&for_others)), 401);
    // Both are there before anybody uses the new one, and the old one goes when nobody uses it any more.
    provider.gives(Some(&[&one, &two]));
    wait_for("the new key", 60, || (status_of(&daemon, &two.token(&operator)) == 200).then_some(()));
    assert_eq!(status_of(&daemon, &one.token(&operator)), 200);
    provider.gives(Some(&[&two]));
    wait_for("the old key goes", 60, || (status_of(&daemon, &one.token(&operator)) == 401).then_some(()));
    provider.gives(None);
    let metrics = wait_for("a failure is counted", 60, || {
        let metrics = daemon.try_get("/metrics").expect("an answer").body;
        let failed = "tributary_provider_keys_asked_total{outcome=\"failed\"} ";
        let is_counted = metrics.lines().any(|line| line.strip_prefix(failed).is_some_and(|count| count != "0"));
        is_counted.then_some(metrics)
    });
    assert!(metrics.contains("tributary_provider_keys_asked_total{outcome=\"taken\"}"));
    assert_eq!(status_of(&daemon, &two.token(&operator)), 200, "its last keys hold");
    assert_eq!(daemon.terminate().0, Some(0));
    let daemon = Daemon::ready(&data, &[], &settings);
    assert_eq!(status_of(&daemon, &two.token(&operator)), 200, "they are kept beside the ledger");
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
fn a_token_is_revoked_by_the_command_line_at_once_and_after_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, secret) = (folder.path().join("data"), folder.path().join("secret"));
    std::fs::write(&secret, "a secret of this test, of thirty-two bytes or more\n").expect("written");
    let arguments = ["--hs256-secret-file", secret.to_str().expect("UTF-8")];
    let daemon = Daemon::ready(&data, &arguments, &[]);
    let (mine, leaked) = (signed(&secret), signed(&secret));
    let run = |arguments: &[&str], input: &str| {
        let mut command = tributary();
        command.arg("token").args(arguments).args(["--url", &daemon.url("")]).env("TRIBUTARY_TOKEN", &mine);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("runs");
        process.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
        let output = process.wait_with_output().expect("ended");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    // As it stands in a log, whole.
    let (code, said, told) = run(&["revoke", "--leaked", "-", "--why", "in a log"], &format!("Bearer {leaked}\n"));
    assert_eq!((code, &*told), (Some(0), ""), "{said}");
    assert!(said.contains(" is revoked until "), "{said}");
    assert_eq!((status_of(&daemon, &leaked), status_of(&daemon, &mine)), (401, 200));
    let (code, said, _) = run(&["revoke", "--jti", "of-a-log", "--expires-at", "2090-01-01T00:00:00Z"], "");
    assert_eq!((code, &*said), (Some(0), "token of-a-log is revoked until 2090-01-01T00:00:01Z\n"));
    let (code, _, told) = run(&["revoke", "--leaked", "-"], "nonsense");
    assert_ne!(code, Some(0));
    assert!(told.contains("its header cannot be read"), "{told}");
    assert_eq!(daemon.terminate().0, Some(0));

    let daemon = Daemon::ready(&data, &arguments, &[]);
    assert_eq!((status_of(&daemon, &leaked), status_of(&daemon, &mine)), (401, 200));
    let listed = tributary()
        .args(["token", "revoked", "--json", "--url", &daemon.url("")])
        .env("TRIBUTARY_TOKEN", &mine)
        .output()
        .expect("runs");
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let rows = listed["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{listed}");
    assert!(rows.iter().any(|row| row["jti"] == "of-a-log") && rows.iter().any(|row| row["reason"] == "in a log"));
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
fn how_often_may_be_asked_is_read_again_at_sighup() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, settings) = (folder.path().join("data"), folder.path().join("tributary.toml"));
    let secret = "a secret of this test, of thirty-two bytes or more";
    let auth = format!("[auth]\nhs256_secret = \"{secret}\"\n");
    std::fs::write(&settings, &auth).expect("written");
    std::fs::write(folder.path().join("secret"), secret).expect("written");
    let token = signed(&folder.path().join("secret"));
    let daemon = Daemon::ready(&data, &["--config", settings.to_str().expect("UTF-8")], &[]);
    let refused = || (0..20).filter(|_| status_of(&daemon, &token) == 429).count();
    assert_eq!(refused(), 0);
    let hang_up = |times: usize| {
        let sent = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let told = "read again what can be";
        wait_for(told, 60, || (daemon.log().matches(told).count() >= times).then_some(()));
    };
    std::fs::write(&settings, format!("{auth}[http.rate]\ncaller_per_second = 1\ncaller_burst = 1\n"))
        .expect("written");
    hang_up(1);
    assert!(daemon.log().contains("taken=\"http.rate.caller_per_second, http.rate.caller_burst\""), "{}", daemon.log());
    wait_for("one asks too often", 60, || (refused() > 0).then_some(()));
    std::fs::write(&settings, &auth).expect("written");
    hang_up(2);
    assert_eq!(refused(), 0);
    assert_eq!(daemon.terminate().0, Some(0));
}
