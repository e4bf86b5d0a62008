//! A token whose signature holds and whose claims are of another type is refused for the claim, by its name.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::daemon_support::daemon::Daemon;
use crate::raw_http::ask;

const SECRET: &str = "a secret of this test alone, which is long enough";

#[test]
fn claims_of_another_type_are_refused_by_their_name_and_not_for_the_signature() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    let secret = secret.to_str().expect("a path");
    let daemon = Daemon::ready(&folder.path().join("ledger"), &["--hs256-secret-file", secret], &[]);
    let answer = |claims: &Value, key: &str| {
        let token = encode(&Header::default(), claims, &EncodingKey::from_secret(key.as_bytes())).expect("a token");
        let headers = format!("Host: {0}\r\nAuthorization: Bearer {token}\r\n", daemon.address());
        ask(daemon.address(), "GET /v1/overview?uid=1", &headers, "")
    };
    for (claims, name) in [
        (json!({"sub": 1, "role": "affiliate"}), "sub"),
        (json!({"sub": ["1"], "role": "affiliate"}), "sub"),
        (json!({"sub": "1", "role": ["operator"]}), "role"),
        (json!({"sub": "1", "role": 7}), "role"),
        (json!({"sub": "1", "role": "operator", "exp": "4102444800"}), "exp"),
        (json!({"sub": "1", "role": "operator", "exp": null}), "exp"),
        (json!({"sub": "1", "role": "operator", "nbf": true}), "nbf"),
    ] {
        let answer = answer(&claims, SECRET);
        assert_eq!(answer.status, 401, "{claims}");
        assert!(answer.body.contains(name) && !answer.body.contains("signature"), "{claims}: {}", answer.body);
    }
    let held = answer(&json!({"sub": "1", "role": "operator", "exp": 4_102_444_800_u64}), SECRET);
    assert_eq!(held.status, 200, "{}", held.body);
    let forged = answer(&json!({"sub": "1", "role": "operator"}), "another secret, which is as long as the first");
    assert!(forged.status == 401 && forged.body.contains("signature"), "{}", forged.body);
}
